"""The keys a person works with."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.core.models import BaseModel


class KeyMap(BaseModel):
    """What a person changed of the keys of the pages. Without a row: nothing.

    keys: {id of a shortcut: [its keys]}, as frontend/src/ui/keys.ts names both; an
        empty list turns a shortcut off.
    single_keys: whether keys that are one character work at all (WCAG 2.1.4: who
        speaks to the computer can turn them off).
    """

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    keys = models.JSONField(default=dict)
    single_keys = models.BooleanField(default=True)

    def __str__(self) -> str:
        return str(self.pk)
