"""A reader's own figures: right, and served to that reader alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Department, SecondReader, User
from apps.audit.models import Event
from apps.reading.models import (
    Answer,
    Case,
    CaseState,
    Decision,
    Outcome,
    Read,
    ReasonCode,
)
from apps.reading.services.adjudication import reopen_case
from apps.reading.services.cases import record_case_viewed
from tests.conftest import Hospital
from tests.factories import Said, decide, make_case, rule, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
URL = "/api/v1/me/reading"
NOTHING = {"value": None, "low": None, "high": None, "n": 0}


@pytest.fixture
def pairs(hospital: Hospital) -> Hospital:
    """Return the hospital; two readers read each blind case, a judge settles them."""
    Department.objects.update(second_reader=SecondReader.ALWAYS, adjudication=True)
    hospital.blind.refresh_from_db()
    return hospital


def _settled(
    hospital: Hospital, first: Answer, final: Outcome, truth: Outcome, mind: str
) -> Case:
    """Return a closed, flagged case: Alice's answers, Bob's opposite, Lena's truth."""
    case = make_case(hospital.blind, said=Said(suspicion=0.9, flagged=True))
    ends = {Outcome.SUSPICIOUS: Decision.CONFIRM, Outcome.AUTHENTIC: Decision.OVERRULE}
    switched = mind if first.value != final.value else ""
    seal(case, hospital.alice, first)
    decide(case, hospital.alice, ends[final], switched)
    other = next(outcome for outcome in ends if outcome != final)
    seal(case, hospital.bob, Answer(other.value))
    decide(case, hospital.bob, ends[other])
    case.refresh_from_db()
    assert case.state == CaseState.ADJUDICATION
    rule(case, hospital.lena, truth)
    return case


def _mind() -> str:
    return ReasonCode.objects.filter(group="changed_mind")[0].code


def test_switches_are_counted_against_the_adjudicated_truth(
    pairs: Hospital, client_of: ClientOf
) -> None:
    real, fake = Outcome.AUTHENTIC, Outcome.SUSPICIOUS
    for first, final, truth in (
        (Answer.AUTHENTIC, fake, real),  # right, talked out of it
        (Answer.AUTHENTIC, real, real),  # right, and stayed
        (Answer.AUTHENTIC, real, real),
        (Answer.AUTHENTIC, fake, fake),  # wrong, helped
        (Answer.SUSPICIOUS, fake, real),  # wrong, and stayed
        (Answer.CANNOT_TELL, fake, fake),  # neither at first
    ):
        _settled(pairs, first, final, truth, _mind())
    found = client_of(pairs.alice).get(URL).json()
    assert (found["reads"], found["blind_reads"], found["verdicts"]) == (6, 6, 6)
    truth_of = found["against_truth"]
    counted = {name: (row["value"], row["n"]) for name, row in truth_of.items()}
    assert counted == {
        "first_right": (pytest.approx(3 / 6), 6),
        "final_right": (pytest.approx(4 / 6), 6),
        "right_to_wrong": (pytest.approx(1 / 3), 3),
        "wrong_to_right": (pytest.approx(1 / 2), 2),
    }
    # Wilson 1927 for 1 of 3, from an independent table (Newcombe's formula by hand).
    row = truth_of["right_to_wrong"]
    assert (row["low"], row["high"]) == (
        pytest.approx(0.0615, abs=1e-4),
        pytest.approx(0.7923, abs=1e-4),
    )


def test_a_case_that_is_open_again_or_was_read_informed_tells_no_truth(
    pairs: Hospital, client_of: ClientOf
) -> None:
    real = Outcome.AUTHENTIC
    again = _settled(pairs, Answer.AUTHENTIC, real, real, "")
    informed = _settled(pairs, Answer.AUTHENTIC, real, real, "")
    reopen_case(case=again, lead=pairs.lena, reason="Look once more.")
    Read.objects.filter(case=informed).update(mode="triage")
    found = client_of(pairs.alice).get(URL).json()
    assert set(map(str, found["against_truth"].values())) == {str(NOTHING)}
    assert (found["reads"], found["blind_reads"]) == (2, 1)


def test_times_are_medians_from_look_to_seal_to_verdict(
    hospital: Hospital, client_of: ClientOf
) -> None:
    for look_s, verdict_s in ((10, 4), (30, 6), (200, 80)):
        case = make_case(hospital.blind)
        record_case_viewed(case=case, user=hospital.alice)
        read = seal(case, hospital.alice)
        verdict = decide(case, hospital.alice)
        seen = Event.objects.get(kind="case_viewed", case_id=case.pk)
        sealed_at = seen.occurred_at + dt.timedelta(seconds=look_s)
        Read.objects.filter(pk=read.pk).update(sealed_at=sealed_at)
        type(verdict).objects.filter(pk=verdict.pk).update(
            filed_at=sealed_at + dt.timedelta(seconds=verdict_s)
        )
    found = client_of(hospital.alice).get(URL).json()
    assert (found["seconds_to_seal"], found["seconds_to_verdict"]) == (30, 6)


def test_a_reader_who_read_nothing_has_no_figures(
    hospital: Hospital, client_of: ClientOf
) -> None:
    decide_by = make_case(hospital.blind)
    seal(decide_by, hospital.bob)
    found = client_of(hospital.alice).get(URL).json()
    assert found == {
        "reads": 0,
        "blind_reads": 0,
        "verdicts": 0,
        "seconds_to_seal": None,
        "seconds_to_verdict": None,
        "against_truth": dict.fromkeys(
            ("first_right", "final_right", "right_to_wrong", "wrong_to_right"), NOTHING
        ),
        "canaries": {
            "figures": dict.fromkeys(
                ("first_missed", "final_missed", "first_alarms", "final_alarms"),
                NOTHING,
            ),
            "newest": [],
        },
    }


def test_nobody_sees_the_figures_of_another(
    hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    seal(make_case(hospital.blind), hospital.alice)
    assert client_of(hospital.alice).get(URL).json()["reads"] == 1
    # A lead and a stranger get their own, whatever they ask for.
    for person in (hospital.lena, hospital.bob, charlie):
        for query in ("", f"?reader={hospital.alice.pk}", "?user=alice"):
            assert client_of(person).get(URL + query).json()["reads"] == 0
        for path in (hospital.alice.pk, "alice"):
            assert client_of(person).get(f"{URL}/{path}").status_code == 404
    for person in (hospital.max, hospital.ada, hospital.script):
        assert client_of(person).get(URL).status_code == 403
    assert Client().get(URL).status_code == 401
    assert client_of(hospital.alice).post(URL).status_code == 405


def test_the_figures_cost_the_same_queries_and_are_kept_by_no_cache(
    hospital: Hospital, client_of: ClientOf, django_assert_num_queries: Any
) -> None:
    browser = client_of(hospital.alice)
    for _ in range(2):
        for _ in range(3):
            case = make_case(hospital.blind)
            seal(case, hospital.alice)
            decide(case, hospital.alice)
        # Session, user, site; three counts, times, truth, canaries.
        with django_assert_num_queries(9):
            answer = browser.get(URL)
    assert answer.headers["Cache-Control"] == "private, no-store"
