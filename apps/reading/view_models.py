"""How people keep their worklists: saved views and the columns they chose."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.accounts.models import Department, ReadingMode
from apps.core.models import BaseModel


class SavedView(BaseModel):
    """A filter and an order of one worklist under a name.

    Holds no words a patient is found by: it is shown in a menu, and may be shared.

    is_shared: everyone who reads the worklist sees it; only a lead sets it.
    columns: as in `ColumnChoice`; empty: the view says nothing of them.
    The other fields are as in `CaseFilter`; empty ones do not filter.
    """

    department = models.ForeignKey(
        Department, on_delete=models.CASCADE, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(max_length=60)
    is_shared = models.BooleanField(default=False)
    state = models.CharField(max_length=16, default="open")
    modality = models.CharField(max_length=50, blank=True)
    mine = models.CharField(max_length=16, blank=True)
    query = models.CharField(max_length=500, blank=True)
    sort = models.CharField(max_length=16, blank=True)
    columns = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["department", "owner", "name"], name="view_name_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ColumnChoice(BaseModel):
    """Which columns a person's worklists of one mode show, in which order.

    By mode: what is chosen for triage is never asked about on a list that is read
    blind. Without a row a person has the columns of the mode.

    columns: [{"name": as in apps/reading/columns.py, "width_px": int or None}].
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    mode = models.CharField(max_length=16, choices=ReadingMode.choices)
    columns = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "mode"], name="columns_once_per_mode"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
