"""Writes of the audit desk."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Site, User
from apps.audit.models import Event, EventKind
from apps.audit.services import append_event

# A page that refreshes itself is one look, not fifty.
READ_INTERVAL = dt.timedelta(minutes=5)


@transaction.atomic
def record_audit_read(*, site: Site, user: User) -> None:
    """Put on the log that a person read it; once per five minutes."""
    recent = Event.objects.filter(
        actor=user,
        kind=EventKind.AUDIT_READ,
        # The log of one case, read beside it, is another look.
        case_id=None,
        occurred_at__gt=timezone.now() - READ_INTERVAL,
    )
    if not recent.exists():
        append_event(kind=EventKind.AUDIT_READ, site=site, actor=user)
