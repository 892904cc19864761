"""A case that waited too long moves up one class of a blind worklist's order.

By the clock and the class that people gave it, nothing else. The case keeps its random
place within the class it moves to, so the order tells no more than before.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.models import Department, ReadingMode
from apps.audit.models import EventKind
from apps.audit.services import append_event, lock_log
from apps.reading.models import SHUFFLE_SPAN, Case, Priority
from apps.reading.selectors import READABLE_STATES
from apps.reading.services.cases import announce_case

# Of one class of a department at once, so that the log is not held for long; the next
# sweep takes more.
MOST_AT_ONCE = 200
# Nothing lies above stat.
MOVABLE = (Priority.ROUTINE, Priority.URGENT)


def promote_waiting() -> int:
    """Return how many cases moved up; at most MOST_AT_ONCE of a class at once."""
    departments = Department.objects.filter(
        reading_mode=ReadingMode.BLIND_FIRST, max_wait_hours__gt=0
    ).order_by("pk")
    return sum(
        _promote_class(department, priority)
        for department in departments
        for priority in MOVABLE
    )


@transaction.atomic
def _promote_class(department: Department, priority: Priority) -> int:
    lock_log()
    latest = timezone.now() - dt.timedelta(hours=department.max_wait_hours)
    waiting = (
        Case.objects.filter(
            department=department,
            is_open=1,
            received_at__lt=latest,
            priority=priority,
            state__in=READABLE_STATES,
            # Still among its own class: one that moved up before lies below this.
            shuffle_key__gte=-priority.value * SHUFFLE_SPAN,
        )
        .select_for_update(of=("self",))
        .select_related("site", "department")
        .order_by("received_at", "pk")[:MOST_AT_ONCE]
    )
    cases = list(waiting)
    for case in cases:
        _promote(case)
    return len(cases)


def _promote(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(
        shuffle_key=F("shuffle_key") - SHUFFLE_SPAN, version=F("version") + 1
    )
    append_event(
        kind=EventKind.CASE_PROMOTED,
        site=case.site,
        actor=None,
        case_id=case.pk,
        data={"max_wait_hours": case.department.max_wait_hours},
    )
    case.version += 1
    announce_case(case)
