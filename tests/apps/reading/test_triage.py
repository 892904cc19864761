"""Triage tells at once, except of cases that the same reader must still read blind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import ReadingMode, User
from apps.reading.models import Answer, Case, CaseState
from tests.apps.reading.conftest import FLAGGED, SUSPICION, Twins
from tests.conftest import Hospital
from tests.factories import Said, image_of, make_case, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]

# --- a triage case that matches a film of a blind one ---------------------------------


def _make_match(hospital: Hospital, blind: Case) -> Case:
    film_id = str(image_of(blind).pk)
    text = "Exactly these pixels were received on 2031-12-24 under another patient."
    said = Said(
        suspicion=0.99,
        flagged=True,
        top_lane="reuse",
        reason=text,
        finding_text=text,
        film_id=film_id,
    )
    return make_case(hospital.triage, said=said)


def _texts_about(case: Case, browser: Client) -> str:
    return "".join(
        browser.get(path).content.decode()
        for path in (
            "/api/v1/worklists/claims/cases",
            f"/api/v1/cases/{case.pk}",
            f"/api/v1/cases/{case.pk}/evidence",
        )
    )


def test_a_match_does_not_name_a_case_that_is_still_to_be_read_blind(
    twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    triage = _make_match(hospital, twins.flagged)
    texts = _texts_about(triage, client_of(hospital.alice))
    for hint in (str(image_of(twins.flagged).pk), str(twins.flagged.pk), "2031-12-24"):
        assert hint not in texts
    assert "under another patient" not in texts
    assert "a case not open to you yet" in texts


def test_a_match_is_named_once_the_other_case_was_read(
    twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    triage = _make_match(hospital, twins.flagged)
    seal(twins.flagged, hospital.alice)
    texts = _texts_about(triage, client_of(hospital.alice))
    assert str(image_of(twins.flagged).pk) in texts
    assert "received on 2031-12-24 under another patient" in texts
    # Bob has not read it.
    assert "2031-12-24" not in _texts_about(triage, client_of(hospital.bob))


def test_a_match_among_triage_cases_is_named_at_once(
    hospital: Hospital, client_of: ClientOf
) -> None:
    other = make_case(hospital.triage)
    texts = _texts_about(_make_match(hospital, other), client_of(hospital.alice))
    assert str(image_of(other).pk) in texts
    assert "2031-12-24" in texts


# --- triage ---------------------------------------------------------------------------


def test_a_triage_worklist_tells_at_once_and_the_read_counts_as_informed(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.triage, said=FLAGGED)
    browser = client_of(hospital.alice)
    (row,) = browser.get("/api/v1/worklists/claims/cases").json()["items"]
    assert row["triage"] == {
        "suspicion": SUSPICION,
        "flagged": True,
        "top_lane": "tamper",
        "reason": FLAGGED.reason,
    }
    assert browser.get(f"/api/v1/cases/{case.pk}/evidence").status_code == 200
    assert seal(case, hospital.alice).mode == ReadingMode.TRIAGE


@pytest.mark.parametrize("path", ["", "/evidence"])
def test_who_saw_an_opinion_in_triage_stays_informed_when_the_room_goes_blind(
    path: str, hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.triage, said=FLAGGED)
    client_of(hospital.alice).get(f"/api/v1/cases/{case.pk}{path}")
    hospital.triage.reading_mode = ReadingMode.BLIND_FIRST
    hospital.triage.save()
    case = Case.objects.get(pk=case.pk)
    assert seal(case, hospital.alice).mode == ReadingMode.TRIAGE
    assert seal(case, hospital.bob, Answer.CANNOT_TELL).mode == ReadingMode.BLIND_FIRST


def test_triage_is_sorted_by_suspicion_and_pages_past_cases_without_an_opinion(
    hospital: Hospital, client_of: ClientOf
) -> None:
    for suspicion in (0.2, 0.9, None, 0.5):
        make_case(hospital.triage, said=Said(suspicion=suspicion))
    for _ in range(3):
        make_case(hospital.triage, state=CaseState.ANALYSING)
    browser = client_of(hospital.alice)
    for sort, expected in (
        ("", [0.9, 0.5, 0.2, None, None, None, None]),
        ("-suspicion", [0.9, 0.5, 0.2, None, None, None, None]),
        ("suspicion", [None, None, None, None, 0.2, 0.5, 0.9]),
    ):
        seen, cursor = [], ""
        while True:
            query = {"sort": sort, "limit": "2"} | (
                {"cursor": cursor} if cursor else {}
            )
            page = browser.get("/api/v1/worklists/claims/cases", query).json()
            seen += [row["triage"]["suspicion"] for row in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert seen == expected
