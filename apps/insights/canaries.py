"""Figures on canaries: a reader's own, and those of departments for leads."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from apps.accounts.models import Department, ReadingMode, Site, User
from apps.accounts.selectors import departments_of
from apps.insights.selectors import Proportion, wilson_interval
from apps.reading.canaries import (
    FAKE,
    count_dropped,
    count_stock,
    list_closed_results,
    list_own_results,
)
from apps.reading.canary_models import CanaryResult
from apps.reading.models import Answer, Outcome

# A lead who watches the figures as cases close must not read one reader's result off
# them: they move by so many results at a time.
STEP = 5
# With fewer, the figures would be those of one other reader.
LEAST_READERS = 3
NEWEST = 50


@dataclass(frozen=True)
class CanaryFigures:
    """Misses: a fake taken for authentic. False alarms: the reverse.

    "Cannot tell" and inconclusive are neither, and count among the shown. first_*: of
    blind reads alone, before the evidence; final_*: of all verdicts.
    """

    first_missed: Proportion
    final_missed: Proportion
    first_alarms: Proportion
    final_alarms: Proportion


@dataclass(frozen=True)
class OwnCanary:
    """One closed canary that a reader read. first_answer, outcome: the reader's own."""

    case_id: uuid.UUID
    truth: str
    first_answer: str
    outcome: str
    is_blind: bool
    filed_at: dt.datetime


@dataclass(frozen=True)
class OwnCanaries:
    """A reader's results on closed canaries; `newest`: at most NEWEST of them."""

    figures: CanaryFigures
    newest: list[OwnCanary]


@dataclass(frozen=True)
class DepartmentCanaries:
    """A department's canaries, no reader named.

    share: the policy's, 0 to 1. in_stock: counts what is out until its case is closed.
    dropped: drawn and not sent in, as nothing in stock would have passed.
    results: how many the figures are of: a multiple of STEP, of LEAST_READERS or more
    readers; else 0.
    """

    department: Department
    share: float
    in_stock: int
    dropped: int
    results: int
    figures: CanaryFigures


def own_canaries(*, reader: User) -> OwnCanaries:
    """Return a reader's results on closed canaries. 1 query."""
    results = list_own_results(reader=reader)
    return OwnCanaries(
        figures=_figures(results),
        newest=[
            OwnCanary(
                case_id=result.read.case_id,
                truth=result.truth,
                first_answer=result.first_answer,
                outcome=result.outcome,
                is_blind=_is_blind(result),
                filed_at=result.created_at,
            )
            for result in results[:NEWEST]
        ],
    )


def list_department_canaries(*, user: User, site: Site) -> list[DepartmentCanaries]:
    """Return the figures of a lead's departments, in display order. 4 queries."""
    stock, dropped = count_stock(site=site), count_dropped(site=site)
    results: dict[uuid.UUID, list[CanaryResult]] = {}
    for result in list_closed_results(site=site):
        results.setdefault(result.release.department_id, []).append(result)
    return [
        DepartmentCanaries(
            department=department,
            share=float(department.canary_share),
            in_stock=stock.get(department.pk, 0),
            dropped=dropped.get(department.pk, 0),
            results=len(told),
            figures=_figures(told),
        )
        for department in departments_of(user)
        for told in [_as_told(results.get(department.pk, []))]
    ]


def _as_told(results: list[CanaryResult]) -> list[CanaryResult]:
    told = results[: len(results) // STEP * STEP]
    readers = {result.read.reader_id for result in told}
    return told if len(readers) >= LEAST_READERS else []


def _is_blind(result: CanaryResult) -> bool:
    return result.read.mode == ReadingMode.BLIND_FIRST


def _figures(results: Iterable[CanaryResult]) -> CanaryFigures:
    fakes = [result for result in results if result.truth in FAKE]
    reals = [result for result in results if result.truth not in FAKE]
    return CanaryFigures(
        first_missed=_first(fakes, Answer.AUTHENTIC),
        final_missed=_final(fakes, Outcome.AUTHENTIC),
        first_alarms=_first(reals, Answer.SUSPICIOUS),
        final_alarms=_final(reals, Outcome.SUSPICIOUS),
    )


def _first(results: list[CanaryResult], wrong: Answer) -> Proportion:
    blind = [result for result in results if _is_blind(result)]
    return wilson_interval(sum(r.first_answer == wrong for r in blind), len(blind))


def _final(results: list[CanaryResult], wrong: Outcome) -> Proportion:
    return wilson_interval(sum(r.outcome == wrong for r in results), len(results))
