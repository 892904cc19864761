"""Rows that belong to one reader and are served to nobody else."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models

from apps.core.models import BaseModel


class DraftStep(models.TextChoices):
    """Which answer a draft is of."""

    READ = "read", "First answer"
    VERDICT = "verdict", "Verdict"
    RULING = "ruling", "Ruling"


def first_revision() -> int:
    """Return where the revisions of a new draft begin.

    Random: a draft that was discarded and begun anew never has a revision that another
    tab still holds of the old one.
    """
    return secrets.randbelow(2**31) + 1


class Draft(BaseModel):
    """An answer that is not sealed yet, or a verdict or ruling that is not filed yet.

    Never on the log, in no list and in no news; gone once the answer is sealed, and
    those of a ruling once the case waits for none.

    revision: counts up with each save, so that two tabs cannot overwrite each other.
    body: the fields of `DraftFields` in apps/reading/draft_schemas.py.
    """

    case = models.ForeignKey(
        "reading.Case", on_delete=models.CASCADE, related_name="drafts"
    )
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    step = models.CharField(max_length=7, choices=DraftStep.choices)
    revision = models.PositiveBigIntegerField(default=first_revision)
    body = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "reader", "step"], name="one_draft_per_step"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
