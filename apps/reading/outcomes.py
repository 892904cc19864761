"""How a case ended, from its readers' newest verdicts and its adjudication."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.db.models import F

from apps.reading.models import Adjudication, Case, CaseState, Outcome, Verdict

How = Literal["single", "agreed", "adjudicated", "readers_differ"]


@dataclass(frozen=True)
class CaseOutcome:
    """What a closed case is taken to be.

    how: `readers_differ` where the department settles no differences; the outcome is
        then inconclusive.
    """

    outcome: Outcome
    how: How
    adjudication_id: str = ""


def outcome_of_case(*, case: Case) -> CaseOutcome | None:
    """Return how a case ended, or None while it is open. At most 2 queries."""
    if case.state != CaseState.DONE:
        return None
    return outcomes_of_cases(case_ids=[case.pk]).get(case.pk)


def outcomes_of_cases(*, case_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, CaseOutcome]:
    """Return how closed cases ended; open ones are left out. 2 queries."""
    ids = list(case_ids)
    rulings = Adjudication.objects.filter(
        case__in=ids, case__state=CaseState.DONE, round=F("case__round")
    )
    ruled = {
        ruling.case_id: CaseOutcome(
            Outcome(ruling.outcome), "adjudicated", str(ruling.pk)
        )
        for ruling in rulings
    }
    said: dict[uuid.UUID, list[str]] = {}
    verdicts = Verdict.objects.filter(
        read__case__in=ids,
        read__case__state=CaseState.DONE,
        replaced_by=None,
        counts=True,
    )
    for case_id, outcome in verdicts.values_list("read__case_id", "outcome"):
        said.setdefault(case_id, []).append(outcome)
    agreed = {case_id: _of_readers(outcomes) for case_id, outcomes in said.items()}
    return {**agreed, **ruled}


def _of_readers(outcomes: list[str]) -> CaseOutcome:
    if len(set(outcomes)) > 1:
        return CaseOutcome(Outcome.INCONCLUSIVE, "readers_differ")
    return CaseOutcome(
        Outcome(outcomes[0]), "agreed" if len(outcomes) > 1 else "single"
    )
