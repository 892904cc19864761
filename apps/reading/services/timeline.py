"""That a person read the log of a case goes on the log."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.audit.services import append_event
from apps.reading.models import Case

# A panel that refreshes itself is one look, not fifty.
READ_INTERVAL = dt.timedelta(minutes=15)


@transaction.atomic
def record_timeline_read(*, case: Case, user: User) -> None:
    """Put on the log that a person read a case's; once per quarter of an hour."""
    recent = Event.objects.filter(
        case_id=case.pk,
        actor=user,
        kind=EventKind.AUDIT_READ,
        occurred_at__gt=timezone.now() - READ_INTERVAL,
    )
    if not recent.exists():
        append_event(
            kind=EventKind.AUDIT_READ, site=case.site, actor=user, case_id=case.pk
        )
