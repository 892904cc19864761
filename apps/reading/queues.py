"""The queues of a worklist: which cases each holds for a person, and how many."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.accounts.models import Department, User
from apps.accounts.permissions import Permission, permissions_of
from apps.core.errors import Invalid
from apps.reading.asking_models import Question
from apps.reading.audits import audits_closed_to
from apps.reading.models import Case, CaseState, Read
from apps.reading.selectors import BoundedCount, ended_for

# Name in answers -> value of `mine`.
QUEUES = {
    "mine": "true",
    "unclaimed": "unclaimed",
    "second_reads": "second_reads",
    "adjudication": "adjudication",
    "asked": "asked",
}
# Counted no further: a tab says whether there is work, and about how much.
QUEUE_COUNT_LIMIT = 1000
WAITING_STATES = (CaseState.SECOND_READ, CaseState.ADJUDICATION)
# What makes a case of a queue an open one, said so that the index of what is rare in
# the queue (its state, its claims) serves the count, and not a walk of all open cases.
OPEN_IN_QUEUE = {
    "true": ~Q(state=CaseState.DONE),
    "unclaimed": Q(is_open=1),
    "second_reads": Q(),
    "adjudication": Q(),
    "asked": ~Q(state=CaseState.DONE),
}


def live_claim() -> Q:
    """Return which cases somebody holds now."""
    return Q(claimed_by__isnull=False, claim_expires_at__gt=timezone.now())


def queue_condition(*, user: User, name: str) -> Q:
    """Return which cases are in one of a person's queues, by its value of `mine`.

    What waits for a second reader or an adjudicator is never offered to who read it,
    nor an audit to who must not read it.
    Raises Invalid (`bad_queue`) for a name that is none.
    """
    live = live_claim()
    free_for_me = ~live | Q(claimed_by=user)
    read = Read.objects.filter(case=OuterRef("pk"), reader=user)
    if name == "true":
        return live & Q(claimed_by=user)
    if name == "unclaimed":
        return ~live & ~Q(state__in=(*WAITING_STATES, CaseState.DONE))
    if name == "second_reads":
        decided = Exists(read.filter(verdicts__isnull=False))
        closed = audits_closed_to(user=user)
        mine = ~Q(decided) & ~Q(pk__in=closed)
        return Q(state=CaseState.SECOND_READ) & free_for_me & mine
    if name == "adjudication":
        if Permission.ADJUDICATE not in permissions_of(user):
            return Q(pk__in=[])
        return Q(state=CaseState.ADJUDICATION) & free_for_me & ~Q(Exists(read))
    if name == "asked":
        return Q(pk__in=_asked(user))
    raise Invalid("There is no such queue.", code="bad_queue")


def _asked(user: User) -> QuerySet[Question, Any]:
    """Return the ids of the cases of which a person is asked and has not replied."""
    return Question.objects.filter(asked=user, reply=None).values("case")


def count_queues(*, user: User, department: Department) -> dict[str, int]:
    """Return how many open cases each of the caller's queues holds. 1 query.

    A count above QUEUE_COUNT_LIMIT means "more than the limit".
    """
    counts = {}
    ended = ended_for(user=user, department=department)
    for key, name in QUEUES.items():
        where = Q(queue_condition(user=user, name=name), department=department)
        if name == "asked":
            # Few, found by their questions: SQLite would walk the whole department.
            where = Q(pk__in=_asked(user).filter(case__department=department))
        held = Case.objects.filter(where, OPEN_IN_QUEUE[name])
        if ended is not None:
            held = held.exclude(pk__in=ended)
        # A department has a field "adjudication" of its own.
        counts[f"in_{key}"] = BoundedCount(held.values("pk")[: QUEUE_COUNT_LIMIT + 1])
    rooms = Department.objects.filter(pk=department.pk).annotate(**counts)
    found = rooms.values(*counts).get()
    return {key: found[f"in_{key}"] for key in QUEUES}
