"""Writes about labels."""

from __future__ import annotations

import hashlib

from django.db import transaction

from apps.accounts.models import Site, User
from apps.audit.models import EventKind
from apps.audit.services import append_event


@transaction.atomic
def record_export(
    *, site: Site, user: User, file_format: str, rows: int, content: bytes
) -> None:
    """Put an export on the log with the digest of what left."""
    append_event(
        kind=EventKind.LABELS_EXPORTED,
        site=site,
        actor=user,
        data={
            "format": file_format,
            "rows": rows,
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    )
