"""Who has a case open."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.core.models import BaseModel


class Presence(BaseModel):
    """That a person has a case open in one tab of a browser.

    Never on the log: who opened a case is there already, as an event of its own.

    tab: a random id that the page makes when it is opened.
    live_until: the tab counts as closed from then on, unless it reports again.
    is_left: the page said that it is left. What it had sent before may come later than
        that, and then does nothing. keeps_claim: with entries still on their way.
    """

    case = models.ForeignKey(
        "reading.Case", on_delete=models.CASCADE, related_name="presences"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    tab = models.UUIDField()
    live_until = models.DateTimeField(db_index=True)
    is_left = models.BooleanField(default=False)
    keeps_claim = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user", "tab"], name="one_presence_per_tab"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
