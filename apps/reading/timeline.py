"""The log of one case as a reader of it may know it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import Q

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.core.pagination import clamp_limit, decode_time_cursor, encode_time_cursor
from apps.reading.models import Case, CaseState

# What people do with any case before somebody has answered. No run of the lanes: a film
# that lay in stock before it came in would have its runs at other times.
HANDLING = (
    EventKind.CASE_OPENED,
    EventKind.CASE_VIEWED,
    EventKind.CASE_CLAIMED,
    EventKind.CASE_RELEASED,
    EventKind.CASE_ASSIGNED,
    EventKind.CASE_PRIORITISED,
    EventKind.CASE_PROMOTED,
)
# Who asks whom is between the two.
BETWEEN_TWO = (
    EventKind.COLLEAGUE_ASKED,
    EventKind.QUESTION_READ,
    EventKind.COLLEAGUE_REPLIED,
    EventKind.REPLY_READ,
)


def list_timeline(
    *, case: Case, user: User, cursor: str | None, limit: int
) -> tuple[list[Event], str | None]:
    """Return a page of what happened to a case, newest first, and the next cursor.

    A person is told what they did themself, and how the case was handled until another
    person sealed an answer: whoever comes to it after that may be its second reader or
    its adjudicator. Who filed a verdict is told the rest once the case is done.

    Ordered and paged by time, not by position: gaps between positions would count the
    entries that are kept back. case: with the annotations of `cases_visible_to`.
    2 queries, 1 where the whole is told.
    """
    events = Event.objects.filter(case_id=case.pk, site_id=case.site_id)
    events = events.exclude(kind=EventKind.AUDIT_READ).filter(_told(case, user))
    if cursor:
        at, last_id = decode_time_cursor(cursor)
        events = events.filter(
            Q(occurred_at__lt=at) | Q(occurred_at=at, pk__lt=last_id)
        )
    limit = clamp_limit(limit)
    rows = events.select_related("actor").order_by("-occurred_at", "-pk")
    page = list(rows[: limit + 1])
    more, page = len(page) > limit, page[:limit]
    last = page[-1] if page else None
    after = encode_time_cursor(last.occurred_at, last.pk) if more and last else None
    return page, after


def _told(case: Case, user: User) -> Q:
    own = Q(actor=user)
    if case.state == CaseState.DONE and getattr(case, "decided_by_me", False):
        return own | ~Q(kind__in=BETWEEN_TWO)
    others = Event.objects.filter(case_id=case.pk, kind=EventKind.READ_SEALED)
    sealed_at = (
        others.exclude(actor=user)
        .order_by("position")
        .values_list("position", flat=True)
        .first()
    )
    handled = Q(kind__in=HANDLING)
    if sealed_at is not None:
        handled &= Q(position__lt=sealed_at)
    return own | handled


def people_given(events: Sequence[Event]) -> dict[uuid.UUID, User]:
    """Return who got a case, by the id of the event that gave it. 1 query, none where
    nothing was given."""
    ids = {
        event.pk: uuid.UUID(event.subject.removeprefix("user:"))
        for event in events
        if event.kind == EventKind.CASE_ASSIGNED and event.subject.startswith("user:")
    }
    if not ids:
        return {}
    people = User.objects.in_bulk(list(set(ids.values())))
    return {event: people[person] for event, person in ids.items() if person in people}
