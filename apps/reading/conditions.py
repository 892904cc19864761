"""A worklist's filter as conditions on cases, and what may be few enough to gather."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.accounts.models import Department, ReadingMode, User
from apps.core.errors import Invalid
from apps.reading.filters import Term, parse_filter
from apps.reading.list_models import CaseWord, TriagePlace, WordField
from apps.reading.models import SHUFFLE_SPAN, Case, CaseState, Priority
from apps.reading.queues import live_claim, queue_condition
from apps.reading.selectors import ended_for
from apps.reading.words import prefix_range, split_words

EITHER = (1, 0)
AGE_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
COMPARISONS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
OPPOSITE = {"<": "gt", "<=": "gte", ">": "lt", ">=": "lte"}
RARE_STATES = frozenset(
    {"analysing", "sealed", "in_read", "second_read", "adjudication"}
)
Ids = QuerySet[Any, uuid.UUID]
Condition = tuple[Q, Ids | None]


@dataclass(frozen=True)
class CaseFilter:
    """What a worklist page may ask for; empty fields do not filter.

    text: words of a patient or study. query: the filter language.
    """

    state: str = "open"
    modality: str = ""
    text: str = ""
    mine: str = ""
    query: str = ""
    sort: str = ""


@dataclass
class Plan:
    """A filter taken apart.

    opens: which values of Case.is_open are wanted; each is walked by itself.
    ended: open cases that the caller is shown as done; None: there can be none.
    few: sets of ids, each of which holds all matches and may be small.
    """

    conditions: Q = field(default_factory=Q)
    opens: tuple[int, ...] = EITHER
    ended: Ids | None = None
    few: list[Ids] = field(default_factory=list)
    is_plain: bool = True

    def add(self, condition: Q, few: Ids | None = None) -> None:
        """Add a condition that every match meets."""
        self.conditions &= condition
        self.is_plain = False
        if few is not None:
            self.few.append(few)

    @property
    def ended_too(self) -> Ids | None:
        """Return which open cases come with the done ones, if only those are wanted."""
        return self.ended if self.opens == (0,) else None

    def in_walks(self) -> Q:
        """Return the conditions, and that a case is in one of the walks."""
        walked = Q(is_open__in=self.opens)
        if self.ended_too is not None:
            walked |= Q(pk__in=self.ended_too)
        return self.conditions & walked

    def narrow(self, states: Iterable[str]) -> None:
        """Leave out open or closed cases where none of `states` wants them."""
        wanted = {
            is_open
            for state in states
            for is_open in {"all": (1, 0), "done": (0,)}.get(state, (1,))
        }
        self.opens = tuple(value for value in self.opens if value in wanted)


@dataclass(frozen=True)
class Viewer:
    """Whose list of which worklist it is; `ended` as in Plan."""

    user: User
    department: Department
    ended: Ids | None

    def not_ended(self) -> Q:
        """Return which cases have not ended for this person though they are open."""
        return Q() if self.ended is None else ~Q(pk__in=self.ended)


def plan_query(*, user: User, department: Department, wanted: CaseFilter) -> Plan:
    """Return a filter as conditions. Raises FilterFault or Invalid. No query, but one
    for each person named.
    """
    is_triage = department.reading_mode == ReadingMode.TRIAGE
    terms = parse_filter(wanted.query, allow_opinion=is_triage)
    view = Viewer(user, department, ended_for(user=user, department=department))
    plan = Plan(ended=view.ended)
    # A state in the filter is the one that counts.
    states = [t for t in terms if t.field == "state" and not t.is_negated]
    if not states:
        _add_term(plan, view, _term("state", wanted.state))
    if wanted.modality:
        _add_term(plan, view, _term("modality", wanted.modality.upper()))
    if wanted.mine:
        queue = queue_condition(user=user, name=wanted.mine)
        is_large = wanted.mine == "unclaimed"
        plan.add(queue, None if is_large else _ids(department, queue))
    if wanted.text:
        _add_term(plan, view, _term("text", wanted.text))
    for term in terms:
        _add_term(plan, view, term)
    return plan


def _term(field: str, value: str) -> Term:
    return Term(field, ":", (value,), is_negated=False, start=0, end=0)


def _state_condition(view: Viewer, state: str) -> Q:
    live = live_claim()
    ended = Q(pk__in=[]) if view.ended is None else Q(pk__in=view.ended)
    states = {
        "open": Q(is_open=1) & view.not_ended(),
        "all": Q(is_open__in=EITHER),
        "done": Q(state=CaseState.DONE) | ended,
        "adjudication": Q(state=CaseState.ADJUDICATION) & view.not_ended(),
        "in_read": Q(state=CaseState.READY) & live,
        "ready": Q(state=CaseState.READY) & ~live,
        **{
            known.value: Q(state=known.value)
            for known in (CaseState.ANALYSING, CaseState.SEALED, CaseState.SECOND_READ)
        },
    }
    if state not in states:
        raise Invalid("There is no such state.", code="bad_state")
    return states[state]


def _ids(department: Department, condition: Q) -> Ids:
    return Case.objects.filter(condition, department=department).values_list(
        "pk", flat=True
    )


def _add_term(plan: Plan, view: Viewer, term: Term) -> None:
    if term.field == "state" and not term.is_negated:
        plan.narrow(term.values)
        # What a walk is of needs no condition: the index of the order counts it, and a
        # planner is not led astray by the index of the states.
        if "all" in term.values or set(term.values) == {"done"}:
            return
        if set(term.values) == {"open"}:
            plan.conditions &= view.not_ended()
            return
    makers = {
        "modality": _by_modality,
        "site": _by_site,
        "state": _by_state,
        "priority": _by_priority,
        "age": _by_age,
        "with": _by_holder,
        "patient": _by_words,
        "text": _by_words,
        "suspicion": _by_suspicion,
        "flagged": _by_flag,
        "lane": _by_lane,
    }
    condition, few = makers[term.field](term, view)
    if term.is_negated:
        plan.add(~condition)
    else:
        plan.add(condition, few)


def _by_modality(term: Term, view: Viewer) -> Condition:
    condition = Q(modality__in=term.values)
    if len(term.values) == 1:
        condition = Q(modality=term.values[0])
    opened = condition & Q(is_open__in=EITHER)
    return condition, _ids(view.department, opened)


def _by_site(term: Term, view: Viewer) -> Condition:
    # A list never holds another site's cases: the answer is all of them, or none.
    is_ours = view.department.site.slug in term.values
    return (Q(is_open__in=EITHER) if is_ours else Q(pk__in=[])), None


def _by_state(term: Term, view: Viewer) -> Condition:
    condition = Q(pk__in=[])
    for state in term.values:
        condition |= _state_condition(view, state)
    rare = RARE_STATES.issuperset(term.values)
    return condition, _ids(view.department, condition) if rare else None


def _by_priority(term: Term, view: Viewer) -> Condition:
    classes = [p.value for p in Priority if p.label in term.values]
    condition = Q(priority__in=classes)
    if Priority.ROUTINE in classes:
        return condition, None
    # The few that are ahead of routine have keys below 0.
    ahead = Q(is_open__in=EITHER, shuffle_key__lt=0, shuffle_key__gte=-2 * SHUFFLE_SPAN)
    return condition, _ids(view.department, ahead)


def _by_age(term: Term, view: Viewer) -> Condition:
    (age,) = term.values
    since = timezone.now() - dt.timedelta(**{AGE_UNITS[age[-1]]: int(age[:-1])})
    # Younger than a day is received after yesterday.
    condition = Q(**{f"received_at__{OPPOSITE[term.operator]}": since})
    return condition, _ids(view.department, condition & Q(is_open__in=EITHER))


def _by_holder(term: Term, view: Viewer) -> Condition:
    live = live_claim() & view.not_ended()
    condition = Q(pk__in=[])
    for who in term.values:
        if who.lower() == "nobody":
            condition |= ~live
        elif who.lower() == "me":
            condition |= live & Q(claimed_by=view.user)
        else:
            named = User.objects.filter(site=view.department.site).filter(
                Q(display_name__icontains=who) | Q(username__icontains=who)
            )
            condition |= live & Q(
                claimed_by__in=list(named.values_list("pk", flat=True))
            )
    if any(who.lower() == "nobody" for who in term.values):
        return condition, None
    return condition, _ids(view.department, condition & live)


def _by_words(term: Term, view: Viewer) -> Condition:
    """A case has every word of one of the values, each by its beginning."""
    fields = [WordField.PATIENT] if term.field == "patient" else list(WordField.values)
    condition = Q(pk__in=[])
    rarest: Ids | None = None
    for value in term.values:
        words = split_words(value)
        every = Q() if words else Q(pk__in=[])
        for word in words:
            low, high = prefix_range(word)
            found = CaseWord.objects.filter(
                field__in=fields, word__gte=low, word__lt=high
            )
            every &= Q(Exists(found.filter(case=OuterRef("pk"))))
        condition |= every
        if words:
            # The longest word is the likeliest to be rare.
            low, high = prefix_range(max(words, key=len))
            rarest = (
                CaseWord.objects.filter(
                    department=view.department,
                    field__in=fields,
                    word__gte=low,
                    word__lt=high,
                )
                .values_list("case_id", flat=True)
                .distinct()
            )
    return condition, rarest if len(term.values) == 1 else None


def _by_suspicion(term: Term, view: Viewer) -> Condition:
    # No opinion ranks below 0 and is neither above nor below any suspicion.
    bound = {f"suspicion_rank__{COMPARISONS[term.operator]}": float(term.values[0])}
    places = TriagePlace.objects.filter(
        department=view.department, is_open__in=EITHER, suspicion_rank__gte=0, **bound
    )
    named = {f"place__{name}": value for name, value in bound.items()}
    return (
        Q(place__suspicion_rank__gte=0, **named),
        places.values_list("case_id", flat=True),
    )


def _by_flag(term: Term, view: Viewer) -> Condition:
    if set(term.values) == {"yes", "no"}:
        return Q(is_open__in=EITHER), None
    if term.values[0] == "no":
        return Q(place__is_flagged=0), None
    flagged = TriagePlace.objects.filter(
        department=view.department, is_open__in=EITHER, is_flagged=1
    )
    return Q(place__is_flagged=1), flagged.values_list("case_id", flat=True)


def _by_lane(term: Term, view: Viewer) -> Condition:
    return Q(opinion__top_lane__in=term.values), None
