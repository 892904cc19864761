"""How long a reader has read without a pause. Told to that reader alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from apps.accounts.models import Department, User
from apps.audit.models import Event, EventKind

# Nothing on the log for so long is a pause.
PAUSE = dt.timedelta(minutes=10)
# Looked back no further, and at no more entries.
LONGEST = dt.timedelta(hours=24)
MOST_ENTRIES = 3000
ACTIVITY = (EventKind.CASE_VIEWED, EventKind.READ_SEALED, EventKind.VERDICT_FILED)


@dataclass(frozen=True)
class Stretch:
    """What a reader did since the last pause.

    reads: answers sealed. minutes: since its first look or answer, whole ones.
    is_due: whether the department's policy says that it is time for a pause.
    """

    reads: int = 0
    minutes: int = 0
    is_due: bool = False


def stretch_of(*, reader: User, department: Department) -> Stretch:
    """Return a reader's stretch, on all worklists together. At most 1 query.

    Empty where the department's policy asks for no cue.
    """
    policy = department.policy
    if not policy.pause_cases and not policy.pause_minutes:
        return Stretch()
    now = timezone.now()
    entries = (
        Event.objects.filter(
            actor=reader, kind__in=ACTIVITY, occurred_at__gt=now - LONGEST
        )
        .order_by("-position")
        .values_list("occurred_at", "kind")[:MOST_ENTRIES]
    )
    reads, begun_at = 0, now
    for occurred_at, kind in entries:
        if begun_at - occurred_at >= PAUSE:
            break
        begun_at = occurred_at
        reads += kind == EventKind.READ_SEALED
    minutes = int((now - begun_at).total_seconds() // 60)
    return Stretch(
        reads=reads,
        minutes=minutes,
        is_due=(0 < policy.pause_cases <= reads)
        or (0 < policy.pause_minutes <= minutes),
    )
