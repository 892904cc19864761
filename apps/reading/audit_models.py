"""Cases of a triage department that are read once more, blind, in another one."""

from __future__ import annotations

from django.db import models

from apps.accounts.models import Department
from apps.core.models import BaseModel


class AuditStage(models.TextChoices):
    """Where a drawn case stands."""

    DRAWN = "drawn", "Drawn"
    OPEN = "open", "In the audit department"
    ENDED = "ended", "Back"
    # Not read in time: before it was sent (no room), or there.
    DROPPED = "dropped", "Dropped"


class CaseAudit(BaseModel):
    """That a case was drawn when it was opened, and what became of that.

    A row of its own, as of canaries: a list of cases cannot leak a column that it does
    not have. Nothing but the share and a secret decided.

    department: the triage department. room: where it was sent, once it was.
    due_at: when it is to be sent there. opened_at: when it was. closed_at: when it was
    found closed there.
    """

    case = models.OneToOneField(
        "reading.Case", on_delete=models.PROTECT, related_name="+"
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="+"
    )
    room = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, related_name="+"
    )
    stage = models.CharField(
        max_length=7, choices=AuditStage.choices, default=AuditStage.DRAWN
    )
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="audit_drawn",
                condition=models.Q(stage="drawn"),
            ),
            models.Index(
                fields=["room"], name="audit_open", condition=models.Q(stage="open")
            ),
            models.Index(fields=["department", "stage"], name="audit_stage"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
