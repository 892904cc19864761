"""Reads on questions between colleagues; what may reach whom is decided here alone.

A reply may tell the system's opinion: it waits until the asker has answered. So may the
note of an asker who knew it: it waits until the colleague has.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import Q

from apps.accounts.models import ReadingMode, User
from apps.audit.models import Event
from apps.core.pagination import (
    clamp_limit,
    decode_time_cursor,
    encode_time_cursor,
)
from apps.reading.asking_models import Question, Reply
from apps.reading.models import Case, Read
from apps.reading.selectors import (
    cases_visible_to,
    may_adjudicate,
    unblinding_events,
    was_unblinded,
)


@dataclass(frozen=True)
class Told:
    """A question as one of the two is told it.

    note, reply: None where there is none, or it may not be told yet: the two look the
    same. is_first: this is the first time the person is told that note or reply.
    """

    question: Question
    note: str | None
    reply: Reply | None
    is_first: bool


def may_hear(*, case: Case, user: User) -> bool:
    """Return whether what others think of a case may reach this person.

    In triage always; blind first only to who has sealed an answer, and to an
    adjudicator who has looked at the readers' answers. At most 4 queries.
    """
    if case.department.reading_mode == ReadingMode.TRIAGE:
        return True
    if Read.objects.filter(case=case, reader=user).exists():
        return True
    return was_unblinded(case=case, user=user) and may_adjudicate(case=case, user=user)


def tell_questions(*, case: Case, user: User) -> list[Told]:
    """Return the questions a person asked or was asked, oldest first.

    The caller records what is told for the first time before it is served. The queries
    do not depend on whether there are replies. At most 7.
    """
    questions = list(
        Question.objects.filter(Q(asker=user) | Q(asked=user), case=case)
        .select_related("asker", "asked", "reply")
        .order_by("asked_at", "id")
    )
    hears = may_hear(case=case, user=user)
    informed = _informed_people(case)
    return [_tell(question, user, hears, informed) for question in questions]


def list_asked_of(
    *, user: User, cursor: str | None, limit: int
) -> tuple[list[Question], str | None]:
    """Return a page of the questions that wait for a person's reply, newest first;
    without their notes. 1 query."""
    waiting = (
        Question.objects.filter(
            asked=user, reply=None, case__in=cases_visible_to(user).values("pk")
        )
        .select_related("asker", "case__study__patient", "case__department")
        .defer("note")
        .order_by("-asked_at", "-id")
    )
    if cursor:
        asked_at, last_id = decode_time_cursor(cursor)
        waiting = waiting.filter(
            Q(asked_at__lt=asked_at) | Q(asked_at=asked_at, id__lt=last_id)
        )
    limit = clamp_limit(limit)
    page = list(waiting[: limit + 1])
    last = page[limit - 1] if len(page) > limit else None
    return page[:limit], encode_time_cursor(last.asked_at, last.pk) if last else None


def is_invited(*, case: Case, user: User) -> bool:
    """Return whether who holds a case has asked this person about it. 1 query."""
    return Question.objects.filter(
        case=case, asked=user, asker=case.claimed_by_id
    ).exists()


def _informed_people(case: Case) -> set[uuid.UUID]:
    """Return who has sealed, or was told the opinion or others' answers. 2 queries."""
    sealed = Read.objects.filter(case=case).values_list("reader", flat=True)
    told = Event.objects.filter(unblinding_events(), case_id=case.pk)
    return {*sealed, *(pk for pk in told.values_list("actor", flat=True) if pk)}


def _tell(
    question: Question, user: User, hears: bool, informed: set[uuid.UUID]
) -> Told:
    reply: Reply | None = getattr(question, "reply", None)
    if question.asker_id == user.pk:
        heard = reply if hears else None
        is_first = heard is not None and heard.read_at is None
        return Told(question, question.note, heard, is_first)
    # Only while both are blind is it no hint; what was read stays readable.
    is_blind = not question.asker_informed and question.asker_id not in informed
    is_told = hears or is_blind or question.read_at is not None
    is_first = is_told and question.note != "" and question.read_at is None
    return Told(question, question.note if is_told else None, reply, is_first)
