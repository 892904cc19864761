"""Re-opening: a closed case goes to one more blind reader, and may be ruled on aga"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Role, User
from apps.audit.models import Event, EventKind
from apps.reading.models import (
    Adjudication,
    Answer,
    Case,
    CaseState,
    Decision,
    Reopening,
)
from apps.reading.outcomes import outcome_of_case
from tests.apps.reading.conftest import post, read_fully
from tests.conftest import Hospital
from tests.factories import UserFactory, decide, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
JSON = "application/json"
RULING: dict[str, Any] = {
    "outcome": "suspicious",
    "reason_codes": ["uniform_grain"],
    "note": "RULINGCANARY The grain repeats.",
}


WHY = {"reason": "REOPENCANARY a prior film turned up."}


def test_a_lead_sends_a_closed_case_to_one_more_blind_reader(
    decided: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    answer = post(client_of(hospital.lena), decided, "reopen", WHY)
    assert answer.status_code == 201, answer.content
    decided.refresh_from_db()
    assert decided.state == CaseState.SECOND_READ
    event = Event.objects.get(kind=EventKind.CASE_REOPENED)
    assert (event.actor, event.data["round"]) == (hospital.lena, 2)
    assert "CANARY" not in "".join(Event.objects.values_list("leaf", flat=True))
    bob = client_of(hospital.bob)
    for path in ("", "/next", "/evidence"):
        shown = bob.get(f"/api/v1/cases/{decided.pk}{path}").content.decode()
        assert "CANARY" not in shown
    assert seal(decided, hospital.bob, Answer.AUTHENTIC).mode == "blind_first"
    decide(decided, hospital.bob, Decision.OVERRULE)
    decided.refresh_from_db()
    assert decided.state == CaseState.DONE


def test_a_reopened_case_can_be_adjudicated_again_with_all_readers_side_by_side(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    lena = client_of(hospital.lena)
    post(lena, differing, "adjudication", RULING)
    assert post(lena, differing, "reopen", WHY).status_code == 201
    refused = lena.get(f"/api/v1/cases/{differing.pk}/adjudication")
    assert refused.json()["code"] == "not_in_adjudication"
    dora = UserFactory.create(username="dora", site=hospital.site)
    read_fully(differing, dora, Answer.AUTHENTIC, Decision.OVERRULE)
    differing.refresh_from_db()
    assert differing.state == CaseState.ADJUDICATION
    shown = lena.get(f"/api/v1/cases/{differing.pk}/adjudication").json()
    assert len(shown["readers"]) == 3
    assert shown["ruling"] is None
    assert [row["reason"] for row in shown["reopenings"]] == [WHY["reason"]]
    second = {**RULING, "outcome": "authentic"}
    assert post(lena, differing, "adjudication", second).status_code == 201
    differing.refresh_from_db()
    ended = outcome_of_case(case=differing)
    assert ended is not None
    assert (differing.state, ended.outcome) == ("done", "authentic")
    assert Adjudication.objects.count() == 2


@pytest.mark.parametrize(
    "state", ["analysing", "ready", "sealed", "second_read", "adjudication"]
)
def test_only_a_closed_case_is_reopened(
    state: str, decided: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    Case.objects.filter(pk=decided.pk).update(state=state)
    answer = post(client_of(hospital.lena), decided, "reopen", WHY)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_done")
    assert not Reopening.objects.exists()


def test_reopening_needs_the_right_a_reason_and_the_site(
    decided: Case, hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    for person in (hospital.alice, hospital.max, hospital.ada):
        assert post(client_of(person), decided, "reopen", WHY).status_code == 403
    User.objects.filter(pk=charlie.pk).update(role=Role.LEAD)
    charlie.refresh_from_db()
    assert post(client_of(charlie), decided, "reopen", WHY).status_code == 404
    blank = post(client_of(hospital.lena), decided, "reopen", {"reason": " "})
    assert (blank.status_code, blank.json()["code"]) == (422, "reason_required")
    once = post(client_of(hospital.lena), decided, "reopen", WHY)
    again = post(client_of(hospital.lena), decided, "reopen", WHY)
    assert (once.status_code, again.status_code) == (201, 409)
    assert Reopening.objects.count() == 1
