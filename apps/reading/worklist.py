"""The query behind a worklist page: at most 50 ms at a million studies.

Two ways to the ids of a page, both in the order of one index:

- walk: along the index of the wanted order, testing each case, until the page is full;
- gather: if one condition is met by few cases (a patient's name, the last hour, my
  claims), read the ids of those from that condition's index, then only those cases.

The rows themselves are read last, by id, for one page.
"""

from __future__ import annotations

import datetime as dt
import heapq
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BinaryField, F, Field, Func, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils import timezone

from apps.accounts.models import Department, ReadingMode, User
from apps.core.errors import Invalid
from apps.core.pagination import bad_cursor, clamp_limit, decode_cursor, encode_cursor
from apps.reading.conditions import CaseFilter, Ids, Plan, plan_query
from apps.reading.list_models import TriagePlace
from apps.reading.models import Case
from apps.reading.selectors import with_own_part

# What a row shows: making a hundred rows costs more than finding them.
ROW_COLUMNS = (
    "state",
    "priority",
    "version",
    "received_at",
    "image_count",
    "lanes_done",
    "lanes_total",
    "claim_expires_at",
    "department_id",
    "site_id",
    "claimed_by__username",
    "claimed_by__display_name",
    "study__modality",
    "study__description",
    "study__accession_number",
    "study__patient_age_years",
    "study__patient__name",
    "study__patient__patient_id",
    "study__patient__sex",
)
# Sort key -> (columns, descending); the id comes last, so pages are stable.
SORTS: dict[str, tuple[tuple[str, ...], bool]] = {
    "received": (("received_at",), False),
    "-received": (("received_at",), True),
    "patient": (("patient_key",), False),
    "modality": (("modality", "received_at"), False),
    "shuffled": (("shuffle_key",), False),
}
PLACE = ("place__suspicion_rank",)
TRIAGE_SORTS: dict[str, tuple[tuple[str, ...], bool]] = {
    "suspicion": (PLACE, False),
    "-suspicion": (PLACE, True),
}
# A condition met by more cases than this is cheaper to test while walking.
# At 1 % both cost some 25 ms (python -m bench.worklist, a million cases).
GATHER_LIMIT = 1500
# Counted no further: nobody reads on to see whether it is 10,000 or 40,000.
COUNT_LIMIT = 10_000


@dataclass(frozen=True)
class CasePage:
    """One page of a worklist.

    total: None on later pages; if it is not exact, there are more.
    """

    cases: Sequence[Case]
    next_cursor: str | None
    total: int | None
    is_total_exact: bool


def list_cases(
    *,
    user: User,
    department: Department,
    wanted: CaseFilter,
    cursor: str | None,
    limit: int,
) -> CasePage:
    """Return a page of a worklist, one of the user's.

    2 queries, one more to count a list longer than a page, for each condition that may
    be met by few cases, for open and done together.

    Blind first: the opinion is not joined; to sort or filter by it is refused.
    """
    columns, descending = _sort_of(department, wanted.sort)
    limit = clamp_limit(limit)
    found = _find(user, department, wanted)
    ids, next_cursor, seen = found.page(columns, descending, cursor, limit)
    total, exact = seen, found.is_few or next_cursor is None
    if not exact and not cursor and found.is_plain:
        total, exact = found.count()
    return CasePage(
        cases=_rows_in_order(user, department, ids),
        next_cursor=next_cursor,
        total=None if cursor else total,
        is_total_exact=exact and not cursor,
    )


def check_filter(*, user: User, department: Department, wanted: CaseFilter) -> None:
    """Raise what `list_cases` raises for a filter or an order that it refuses."""
    plan_query(user=user, department=department, wanted=wanted)
    _sort_of(department, wanted.sort)


def list_case_rows(
    *,
    user: User,
    department: Department,
    wanted: CaseFilter,
    case_ids: Sequence[uuid.UUID],
) -> tuple[list[Case], set[uuid.UUID]]:
    """Return the visible ones of these cases of a worklist, and the ids of those that
    the filter lets through: what a page on screen asks after news. 2 queries.
    """
    plan = plan_query(user=user, department=department, wanted=wanted)
    matching = (
        Case.objects.filter(pk__in=list(case_ids), department=department)
        .filter(plan.in_walks())
        .values_list("pk", flat=True)
    )
    return _rows_in_order(user, department, list(case_ids)), set(matching)


@dataclass(frozen=True)
class _Found:
    """The cases of a worklist that a filter lets through, not read yet.

    cases: of any department, unless they are few.
    ended: open cases that come with the done ones; a handful, found by their ids.
    is_plain: the index of the order counts them.
    is_few: they are fetched whole, which counts them.
    """

    cases: QuerySet[Case]
    department: Department
    opens: tuple[int, ...]
    ended: QuerySet[Case] | None
    is_plain: bool
    is_few: bool

    def count(self) -> tuple[int, bool]:
        """Return how many of a plain list, and whether that is exact. 1 query, 2 of
        the done ones."""
        cases = self._in_room().filter(is_open__in=self.opens)
        total = cases.values("pk")[: COUNT_LIMIT + 1].count()
        if self.ended is not None:
            total += self.ended.count()
        return min(total, COUNT_LIMIT), total <= COUNT_LIMIT

    def page(
        self, columns: tuple[str, ...], descending: bool, cursor: str | None, limit: int
    ) -> tuple[list[uuid.UUID], str | None, int]:
        """Return a page's ids, the next cursor, and how many were met on the way: all
        of them if they are few. 1 query, 2 for open and done.
        """
        key = (*columns, "pk")
        if columns == PLACE:
            # The index of that order ends with its own copy of the id.
            key = (*columns, "place__case_id")
        order = [f"-{name}" if descending else name for name in key]
        walks = []
        for walk in self._walks(columns):
            if cursor:
                walk = _after_cursor(walk, key, cursor, descending)
            ordered = walk.order_by(*order).values_list(*key)
            walks.append(ordered if self.is_few else ordered[: limit + 1])
        met = list(heapq.merge(*walks, reverse=descending))
        rows = met[:limit]
        ids = [row[-1] for row in rows]
        if len(met) <= limit:
            return ids, None, len(ids)
        after = encode_cursor([_plain(value) for value in rows[-1]])
        return ids, after, len(met) if self.is_few else limit

    def _in_room(self) -> QuerySet[Case]:
        # No department with few ids: they have it, and only the key's index can serve.
        if self.is_few:
            return self.cases
        return self.cases.filter(department=self.department)

    def _walks(self, columns: tuple[str, ...]) -> Iterator[QuerySet[Case]]:
        for is_open in self.opens:
            if columns == PLACE:
                # The case's own department and state say the same once more: planners
                # would take the two for independent and expect next to no case.
                room = self.department
                yield self.cases.filter(place__department=room, place__is_open=is_open)
            else:
                yield self._in_room().filter(is_open=is_open)
        if self.ended is not None:
            yield self.ended


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, dt.datetime) else value


def _find(user: User, department: Department, wanted: CaseFilter) -> _Found:
    plan = plan_query(user=user, department=department, wanted=wanted)
    few = _gather(plan)
    cases = Case.objects.filter(plan.conditions)
    if few is not None:
        cases = cases.filter(pk__in=few)
    ended = None
    if plan.ended_too is not None:
        ended = Case.objects.filter(pk__in=plan.ended_too).filter(plan.conditions)
    return _Found(
        cases,
        department,
        plan.opens,
        ended,
        is_plain=plan.is_plain and few is None,
        is_few=few is not None,
    )


def _gather(plan: Plan) -> Ids | None:
    """Return the smallest set of candidates, or None if every one is large.

    1 query for each set, which counts no further than the smallest so far.
    """
    best, limit = None, GATHER_LIMIT
    for few in plan.few:
        size = few[: limit + 1].count()
        if size <= limit:
            best, limit = few[: size or 1], size
    return best


def _rows_in_order(
    user: User, department: Department, ids: Sequence[uuid.UUID]
) -> list[Case]:
    """Return cases by id with all a row shows, in the order of `ids`. 1 query."""
    related = ["study__patient", "claimed_by"]
    if department.reading_mode == ReadingMode.TRIAGE:
        related.append("opinion")
    # No department here either: SQLite, which knows no numbers, would take ten cases
    # for all of it and read half a million.
    cases = (
        with_own_part(Case.objects.filter(pk__in=list(ids)), user)
        .select_related(*related)
        .only(*ROW_COLUMNS, *related[2:])
    )
    by_id = {case.pk: case for case in cases if case.department_id == department.pk}
    for case in by_id.values():
        case.department = department
    return [by_id[case_id] for case_id in ids if case_id in by_id]


def _sort_of(department: Department, wanted: str) -> tuple[tuple[str, ...], bool]:
    is_triage = department.reading_mode == ReadingMode.TRIAGE
    allowed = {**SORTS, **TRIAGE_SORTS} if is_triage else SORTS
    key = wanted or ("-suspicion" if is_triage else "shuffled")
    if key not in allowed:
        raise Invalid("This worklist cannot be sorted so.", code="bad_sort")
    return allowed[key]


class _Tuple(Func):
    """A row value: `(a, b) < (?, ?)` is one range of an index on a, b."""

    template = "(%(expressions)s)"
    arg_joiner = ", "


def _after_cursor(
    cases: QuerySet[Case], key: tuple[str, ...], cursor: str, descending: bool
) -> QuerySet[Case]:
    values = decode_cursor(cursor, length=len(key))
    fields = [_field_of(name) for name in key]
    try:
        bounds = [
            Value(_checked(field, value), output_field=field)
            for field, value in zip(fields, values, strict=True)
        ]
    # What Django raises for a value that does not fit the column.
    except (TypeError, ValueError, OverflowError, ValidationError) as error:
        raise bad_cursor() from error
    here = _Tuple(*map(F, key), output_field=fields[0])
    there = _Tuple(*bounds, output_field=fields[0])
    return cases.filter((LessThan if descending else GreaterThan)(here, there))


def _field_of(name: str) -> Field[Any, Any]:
    model: Any = TriagePlace if name.startswith("place__") else Case
    field: Field[Any, Any] = model._meta.get_field(
        {"pk": "study", "place__case_id": "case"}.get(
            name, name.removeprefix("place__")
        )
    )
    while field.is_relation:
        field = field.target_field  # type: ignore[attr-defined]
    return field


def _checked(field: Field[Any, Any], value: Any) -> Any:
    """Return a cursor's value as its column holds it. Raises if it does not fit."""
    if value is None or isinstance(value, bool):
        raise ValidationError("not a value of a cursor")
    if isinstance(field, BinaryField):
        return bytes.fromhex(value)
    python = field.to_python(value)
    if isinstance(python, dt.datetime) and timezone.is_naive(python):
        raise ValidationError("a time without a zone")
    if isinstance(python, int) and not -(2**63) <= python < 2**63:
        raise ValidationError("not a key")
    if isinstance(python, str) and "\x00" in python:
        raise ValidationError("not a text")
    return python
