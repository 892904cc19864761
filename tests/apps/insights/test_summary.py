"""The lead's figures: intervals against published values, counts on a known set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from scipy.stats import binomtest

from apps.accounts.models import User
from apps.detection.models import LaneResult
from apps.insights.selectors import Proportion, wilson_interval
from apps.reading.models import Answer, Case, CaseState, Decision
from tests.conftest import Hospital
from tests.factories import DepartmentFactory, Said, decide, make_case, seal

ClientOf = Callable[[User], Client]
SUMMARY = "/api/v1/insights/summary"
FLAGGED = Said(suspicion=0.9, flagged=True)

# Newcombe, Statistics in Medicine 1998;17:857-872, table I, method 3 (score, without
# continuity correction).
PUBLISHED = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]


@pytest.mark.parametrize(("successes", "n", "low", "high"), PUBLISHED)
def test_the_interval_is_the_published_one(
    successes: int, n: int, low: float, high: float
) -> None:
    found = wilson_interval(successes, n)
    assert found.value == successes / n
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize("n", [1, 2, 7, 50, 1000])
def test_the_interval_is_scipys(n: int) -> None:
    for successes in sorted({0, 1, n // 3, n - 1, n}):
        expected = binomtest(successes, n).proportion_ci(0.95, method="wilson")
        found = wilson_interval(successes, n)
        assert found.low == pytest.approx(expected.low, abs=1e-7)
        assert found.high == pytest.approx(expected.high, abs=1e-7)


def test_without_observations_there_is_no_share() -> None:
    assert wilson_interval(0, 0) == Proportion(None, None, None, 0)


def _judge(
    hospital: Hospital, *, flagged: bool, first: Answer, decision: Decision, mind: str
) -> Case:
    case = make_case(hospital.blind, said=FLAGGED if flagged else Said())
    seal(case, hospital.alice, first)
    decide(case, hospital.alice, decision, mind)
    return case


# flagged, first answer, decision, reason for a changed mind
KNOWN = [
    (True, Answer.SUSPICIOUS, Decision.CONFIRM, ""),
    (True, Answer.AUTHENTIC, Decision.CONFIRM, "looked_again"),
    (True, Answer.AUTHENTIC, Decision.OVERRULE, ""),
    (True, Answer.SUSPICIOUS, Decision.OVERRULE, "slip"),
    (True, Answer.CANNOT_TELL, Decision.OVERRULE, ""),
    (True, Answer.SUSPICIOUS, Decision.INCONCLUSIVE, ""),
    (False, Answer.AUTHENTIC, Decision.CONFIRM, ""),
    (False, Answer.SUSPICIOUS, Decision.CONFIRM, "hard_evidence"),
    (False, Answer.SUSPICIOUS, Decision.OVERRULE, ""),
    (False, Answer.CANNOT_TELL, Decision.INCONCLUSIVE, ""),
]


@pytest.mark.django_db
def test_the_figures_of_a_known_set(hospital: Hospital, client_of: ClientOf) -> None:
    for flagged, first, decision, mind in KNOWN:
        _judge(hospital, flagged=flagged, first=first, decision=decision, mind=mind)
    for state in (CaseState.READY, CaseState.ANALYSING):
        make_case(hospital.triage, said=FLAGGED, state=state)
    oldest = timezone.now() - dt.timedelta(minutes=90)
    waiting = Case.objects.filter(state=CaseState.READY)
    waiting.update(received_at=oldest)
    elsewhere = DepartmentFactory.create()
    make_case(elsewhere, said=FLAGGED)
    LaneResult.objects.filter(lane="tamper").update(seconds=2.5)

    shown = client_of(hospital.lena).get(SUMMARY).json()
    assert shown["open_cases"] == 2
    assert shown["oldest_open_minutes"] == pytest.approx(90, abs=0.5)
    assert shown["verdicts"] == 10
    assert (shown["flags_decided"], shown["flags_overruled"]) == (5, 3)
    assert shown["overrule_rate"]["value"] == 0.6
    assert shown["overrule_rate"]["n"] == 5
    assert (shown["agreement"]["value"], shown["agreement"]["n"]) == (0.5, 8)
    assert shown["switches"] == {
        "suspicious_to_authentic": 2,
        "authentic_to_suspicious": 1,
    }
    lanes = {lane.pop("lane"): lane for lane in shown["lanes"]}
    assert list(lanes) == [
        "container", "provenance", "metadata", "reuse", "synthesis", "tamper",
    ]  # fmt: skip
    assert lanes["tamper"] == {
        "runs": 10, "findings": 6, "not_assessable": 0, "median_seconds": 2.5,
    }  # fmt: skip
    assert lanes["reuse"]["findings"] == 0
    assert lanes["reuse"]["median_seconds"] == 0.5


@pytest.mark.django_db
def test_a_new_site_has_no_figures_and_no_error(
    hospital: Hospital, client_of: ClientOf
) -> None:
    shown = client_of(hospital.lena).get(SUMMARY).json()
    assert (shown["open_cases"], shown["oldest_open_minutes"]) == (0, None)
    assert shown["agreement"] == {"value": None, "low": None, "high": None, "n": 0}
    assert all(lane["median_seconds"] is None for lane in shown["lanes"])


@pytest.mark.django_db
def test_figures_are_for_the_lead_of_the_site(
    hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    make_case(hospital.blind)
    for who in (hospital.alice, hospital.max, hospital.ada, hospital.script, charlie):
        assert client_of(who).get(SUMMARY).status_code == 403
    charlie.role = "lead"
    charlie.save()
    assert client_of(charlie).get(SUMMARY).json()["open_cases"] == 0
    assert Client().get(SUMMARY).status_code == 401
    assert client_of(hospital.lena).post(SUMMARY).status_code == 405


@pytest.mark.django_db
def test_figures_cost_the_same_queries_whatever_their_number(
    hospital: Hospital, client_of: ClientOf, django_assert_num_queries: Any
) -> None:
    browser = client_of(hospital.lena)
    for cases in (1, 12):
        for _ in range(cases):
            _judge(
                hospital,
                flagged=True,
                first=Answer.SUSPICIOUS,
                decision=Decision.CONFIRM,
                mind="",
            )
        # Session, user, site; queue, verdicts, lanes.
        with django_assert_num_queries(6):
            browser.get(SUMMARY)
