"""HTTP doorway of a case's timeline."""

from __future__ import annotations

import datetime as dt
import uuid

from django.http import HttpRequest
from ninja import Router, Schema

from apps.accounts.auth import user_of
from apps.accounts.models import User
from apps.accounts.permissions import Permission, require
from apps.audit.models import Event, EventKind
from apps.core.schemas import Page, PersonOut
from apps.reading.selectors import get_case
from apps.reading.services.timeline import record_timeline_read
from apps.reading.shapes import shape_person
from apps.reading.timeline import list_timeline, people_given

router = Router(tags=["reading"])


class TimelineEntry(Schema):
    """Something that happened to the case; `actor` null: Truefilm itself.

    given_to: who got the case, where it was given to somebody.
    """

    id: uuid.UUID
    kind: str
    label: str
    occurred_at: dt.datetime
    actor: PersonOut | None
    given_to: PersonOut | None


@router.get("/cases/{case_id}/timeline", response=Page[TimelineEntry])
def read_timeline(
    request: HttpRequest,
    case_id: uuid.UUID,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[TimelineEntry]:
    """List what the caller may know of what happened to a case, newest first."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    case = get_case(user=user, case_id=case_id)
    record_timeline_read(case=case, user=user)
    events, next_cursor = list_timeline(
        case=case, user=user, cursor=cursor, limit=limit
    )
    given = people_given(events)
    return Page[TimelineEntry](
        items=[_shape(event, given.get(event.pk)) for event in events],
        next_cursor=next_cursor,
    )


def _shape(event: Event, given_to: User | None) -> TimelineEntry:
    return TimelineEntry(
        id=event.pk,
        kind=event.kind,
        label=EventKind(event.kind).label,
        occurred_at=event.occurred_at,
        actor=shape_person(event.actor) if event.actor else None,
        given_to=shape_person(given_to) if given_to else None,
    )
