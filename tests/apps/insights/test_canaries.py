"""Who is told what of canaries: readers their own, leads departments, labels none."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client

from apps.accounts.models import Department, SecondReader, User
from apps.learning.exports import COLUMNS
from apps.reading.canary_models import CanaryRelease, ReleaseStage, Truth
from apps.reading.models import Answer, Case, CaseState, Decision, ReasonCode
from apps.reading.selectors import overruled_of_last_flags
from apps.reading.services.adjudication import reopen_case
from tests.apps.reading.canary_room import make_canary
from tests.conftest import Hospital
from tests.factories import Said, UserFactory, decide, make_case, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
OWN = "/api/v1/me/reading"
ROOMS = "/api/v1/insights/canaries"
FLAG = Said(suspicion=0.9, flagged=True)
REAL, FAKE, UNSURE = Answer.AUTHENTIC, Answer.SUSPICIOUS, Answer.CANNOT_TELL


def _read(case: Case, reader: User, first: Answer, final: Answer) -> None:
    """Seal and decide; every case here is flagged."""
    decisions = {
        REAL: Decision.OVERRULE,
        FAKE: Decision.CONFIRM,
        UNSURE: Decision.INCONCLUSIVE,
    }
    switched = UNSURE not in (first, final) and first != final
    code = ReasonCode.objects.filter(group="changed_mind")[0].code if switched else ""
    seal(case, reader, first)
    decide(case, reader, decisions[final], code)


def _canary(hospital: Hospital, truth: Truth, **more: Any) -> Case:
    return make_canary(hospital, truth, said=FLAG, **more)


# --- the reader -----------------------------------------------------------------------


def test_a_reader_is_told_own_misses_and_alarms_of_closed_canaries(
    hospital: Hospital, client_of: ClientOf
) -> None:
    cases = []
    for truth, first, final in (
        (Truth.GENERATED, REAL, FAKE),  # missed, then helped
        (Truth.ALTERED, REAL, REAL),  # missed for good
        (Truth.GENERATED, FAKE, FAKE),
        (Truth.ALTERED, UNSURE, UNSURE),  # neither
        (Truth.AUTHENTIC, FAKE, FAKE),  # a false alarm
        (Truth.AUTHENTIC, REAL, REAL),
    ):
        case = _canary(hospital, truth)
        _read(case, hospital.alice, first, final)
        cases.append(case)
    ordinary = make_case(hospital.blind, said=FLAG)
    _read(ordinary, hospital.alice, REAL, REAL)
    told = client_of(hospital.alice).get(OWN).json()
    assert told["reads"] == 7
    figures = told["canaries"]["figures"]
    counted = {
        name: (round((row["value"] or 0) * row["n"]), row["n"])
        for name, row in figures.items()
    }
    assert counted == {
        "first_missed": (2, 4),
        "final_missed": (1, 4),
        "first_alarms": (1, 2),
        "final_alarms": (1, 2),
    }
    # Wilson 1927 for 2 of 4, by Newcombe's formula by hand.
    assert figures["first_missed"]["low"] == pytest.approx(0.1500, abs=1e-4)
    assert figures["first_missed"]["high"] == pytest.approx(0.8500, abs=1e-4)
    newest = told["canaries"]["newest"]
    assert [row["case_id"] for row in newest] == [str(c.pk) for c in reversed(cases)]
    assert newest[-1] == {
        "case_id": str(cases[0].pk),
        "truth": "generated",
        "first_answer": "authentic",
        "outcome": "suspicious",
        "is_blind": True,
        "filed_at": newest[-1]["filed_at"],
    }


def test_nothing_is_told_while_another_reader_may_still_read_it(
    hospital: Hospital, client_of: ClientOf
) -> None:
    Department.objects.update(second_reader=SecondReader.ALWAYS)
    hospital.blind.refresh_from_db()
    case = _canary(hospital, Truth.GENERATED)
    alice = client_of(hospital.alice)

    def told() -> list[str]:
        rows = alice.get(OWN).json()["canaries"]["newest"]
        return [row["case_id"] for row in rows]

    _read(case, hospital.alice, REAL, REAL)
    assert told() == []
    _read(case, hospital.bob, FAKE, FAKE)
    case.refresh_from_db()
    assert case.state == CaseState.ADJUDICATION
    assert told() == []
    Case.objects.filter(pk=case.pk).update(state=CaseState.DONE)
    assert told() == [str(case.pk)]
    case.refresh_from_db()
    reopen_case(case=case, lead=hospital.lena, reason="Look once more.")
    assert told() == []


def test_an_informed_read_counts_by_its_verdict_alone(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = _canary(hospital, Truth.GENERATED, department=hospital.triage)
    _read(case, hospital.alice, REAL, REAL)
    told = client_of(hospital.alice).get(OWN).json()["canaries"]
    assert told["figures"]["first_missed"]["n"] == 0
    assert told["figures"]["final_missed"]["n"] == 1
    assert told["newest"][0]["is_blind"] is False


def test_nobody_is_told_of_another_readers_canaries(
    hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    _read(_canary(hospital, Truth.GENERATED), hospital.alice, REAL, REAL)
    for person in (hospital.bob, hospital.lena, charlie):
        assert client_of(person).get(OWN).json()["canaries"]["newest"] == []


# --- the lead -------------------------------------------------------------------------


def _rooms(browser: Client) -> dict[str, Any]:
    return {row["slug"]: row for row in browser.get(ROOMS).json()}


def test_leads_are_told_departments_by_fives_and_of_three_readers(
    hospital: Hospital, client_of: ClientOf
) -> None:
    lena = client_of(hospital.lena)
    carol = UserFactory.create(username="carol", site=hospital.site)
    order = [hospital.alice, hospital.bob, hospital.alice, hospital.bob, hospital.bob]
    for reader in order:
        _read(_canary(hospital, Truth.GENERATED), reader, REAL, FAKE)
        assert _rooms(lena)["emergency"]["results"] == 0
    # Five results of two readers: their figures would be those of one other reader.
    for number in range(5):
        before = _rooms(lena)["emergency"]
        assert (before["results"], before["figures"]["first_missed"]["n"]) == (0, 0)
        _read(_canary(hospital, Truth.GENERATED), carol, FAKE, FAKE)
        told = _rooms(lena)["emergency"]["results"]
        assert told == (10 if number == 4 else 0)
    row = _rooms(lena)["emergency"]
    assert row["figures"]["first_missed"]["value"] == 0.5
    assert row["figures"]["final_missed"]["value"] == 0
    assert "alice" not in lena.get(ROOMS).content.decode().lower()


def test_the_stock_that_leads_see_does_not_move_when_a_canary_comes_in(
    hospital: Hospital, client_of: ClientOf
) -> None:
    lena = client_of(hospital.lena)
    case = _canary(hospital, Truth.GENERATED)
    release = CanaryRelease.objects.get(case=case)
    CanaryRelease.objects.filter(pk=release.pk).update(
        film=None, case=None, stage=ReleaseStage.DRAWN
    )
    assert _rooms(lena)["emergency"]["in_stock"] == 1
    CanaryRelease.objects.filter(pk=release.pk).update(
        film=release.film, stage=ReleaseStage.RELEASED
    )
    assert _rooms(lena)["emergency"]["in_stock"] == 1
    CanaryRelease.objects.filter(pk=release.pk).update(case=case)
    assert _rooms(lena)["emergency"]["in_stock"] == 1
    _read(case, hospital.alice, REAL, FAKE)
    assert _rooms(lena)["emergency"]["in_stock"] == 0
    assert _rooms(lena)["claims"]["in_stock"] == 0


def test_another_site_is_told_nothing_and_who_leads_nothing_is_refused(
    hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    _read(_canary(hospital, Truth.GENERATED), hospital.alice, REAL, FAKE)
    CanaryRelease.objects.create(
        after=make_case(hospital.blind),
        department=hospital.blind,
        due_at="2026-01-01T00:00Z",
        stage=ReleaseStage.DROPPED,
    )
    assert _rooms(client_of(hospital.lena))["emergency"]["dropped"] == 1
    User.objects.filter(pk=charlie.pk).update(role="lead")
    assert _rooms(client_of(charlie)) == {}
    for person in (hospital.alice, hospital.max, hospital.ada, hospital.script):
        assert client_of(person).get(ROOMS).status_code == 403
    assert Client().get(ROOMS).status_code == 401
    assert client_of(hospital.lena).post(ROOMS).status_code == 405


def test_the_figures_of_departments_cost_the_same_queries(
    hospital: Hospital, client_of: ClientOf, django_assert_num_queries: Any
) -> None:
    lena = client_of(hospital.lena)
    for reader in (hospital.alice, hospital.bob):
        for room in (hospital.blind, hospital.triage):
            case = _canary(hospital, Truth.GENERATED, department=room)
            _read(case, reader, FAKE, FAKE)
        # Session, user, site; departments, stock, dropped, results.
        with django_assert_num_queries(7):
            lena.get(ROOMS)


# --- everything else ------------------------------------------------------------------


def test_labels_and_the_summary_leave_canaries_out_and_open_cases_count_them(
    hospital: Hospital, client_of: ClientOf
) -> None:
    ordinary = make_case(hospital.blind, said=FLAG)
    canary = _canary(hospital, Truth.AUTHENTIC)
    max_, lena = client_of(hospital.max), client_of(hospital.lena)
    # One more: what the canary was drawn after.
    assert lena.get("/api/v1/insights/summary").json()["open_cases"] == 3
    _read(ordinary, hospital.alice, REAL, REAL)
    alone = lena.get("/api/v1/insights/summary").json()
    _read(canary, hospital.alice, REAL, FAKE)
    with_canary = lena.get("/api/v1/insights/summary").json()
    for moving in ("open_cases", "oldest_open_minutes"):
        alone.pop(moving), with_canary.pop(moving)
    assert with_canary == alone
    assert with_canary["verdicts"] == 1
    labels = max_.get("/api/v1/learning/labels").json()
    assert {row["case_id"] for row in labels["items"]} == {str(ordinary.pk)}
    assert labels["total"] == 1
    lines = max_.get("/api/v1/learning/labels.csv").content.decode().splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == [str(ordinary.pk)]
    assert not any("canar" in column for column in COLUMNS)
    parquet = max_.get("/api/v1/learning/labels.parquet").content
    table = pq.read_table(io.BytesIO(parquet))
    assert table["case_id"].to_pylist() == [str(ordinary.pk)]


def test_what_readers_see_of_the_last_flags_counts_canaries(
    hospital: Hospital,
) -> None:
    _read(make_case(hospital.blind, said=FLAG), hospital.alice, FAKE, FAKE)
    _read(_canary(hospital, Truth.AUTHENTIC), hospital.alice, REAL, REAL)
    # Who overruled and sees the number stay would know.
    assert overruled_of_last_flags(department=hospital.blind) == (2, 1)
