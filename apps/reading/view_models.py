"""Views of a worklist that people keep."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.accounts.models import Department
from apps.core.models import BaseModel


class SavedView(BaseModel):
    """A filter and an order of one worklist under a name.

    Holds no words a patient is found by: it is shown in a menu, and may be shared.

    is_shared: everyone who reads the worklist sees it; only a lead sets it.
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

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["department", "owner", "name"], name="view_name_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
