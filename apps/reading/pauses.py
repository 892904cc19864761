"""How long a reader has read without a pause. Told to that reader alone."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from django.utils import timezone

from apps.accounts.models import Department, User
from apps.audit.models import Event, EventKind

# Nothing on the log for so long is a pause,
PAUSE = dt.timedelta(minutes=10)
# unless a case was on the screen and its answer came: a look and a seal may lie so far
# apart. Who came back to an open case later than this was away.
LONGEST_CASE = dt.timedelta(minutes=30)
# Looked back no further, and at no more entries.
LONGEST = dt.timedelta(hours=24)
MOST_ENTRIES = 3000
ANSWERS = (EventKind.READ_SEALED, EventKind.VERDICT_FILED)
ACTIVITY = (EventKind.CASE_VIEWED, *ANSWERS)


class Entry(NamedTuple):
    """What the log has of a reader at a moment."""

    occurred_at: dt.datetime
    kind: str
    case_id: uuid.UUID | None


def _was_read(entries: list[Entry]) -> bool:
    """Return whether a gap before the first of the entries, newest first, was spent on
    its case: it answers what lay on the screen as the gap began.

    Not only the very last look counts: another case may be open in another tab.
    """
    answer, before = entries[0], entries[1:]
    if (
        answer.kind not in ANSWERS
        or answer.occurred_at - before[0].occurred_at >= LONGEST_CASE
    ):
        return False
    on_screen = takewhile(
        lambda entry: before[0].occurred_at - entry.occurred_at < PAUSE, before
    )
    return any(entry.case_id == answer.case_id for entry in on_screen)


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
    entries = [
        Entry(*row)
        for row in Event.objects.filter(
            actor=reader, kind__in=ACTIVITY, occurred_at__gt=now - LONGEST
        )
        .order_by("-position")
        .values_list("occurred_at", "kind", "case_id")[:MOST_ENTRIES]
    ]
    reads, begun_at = 0, now
    for number, entry in enumerate(entries):
        is_gap = begun_at - entry.occurred_at >= PAUSE
        if is_gap and (number == 0 or not _was_read(entries[number - 1 :])):
            break
        begun_at = entry.occurred_at
        reads += entry.kind == EventKind.READ_SEALED
    minutes = int((now - begun_at).total_seconds() // 60)
    return Stretch(
        reads=reads,
        minutes=minutes,
        is_due=(0 < policy.pause_cases <= reads)
        or (0 < policy.pause_minutes <= minutes),
    )
