"""The base of every row."""

from __future__ import annotations

import uuid

from django.db import models


class BaseModel(models.Model):
    """A row with a random UUID (ids in URLs tell nothing) and its birth time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
