"""Adjudication: who sees all answers, what is filed, what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from apps.accounts.models import Role, User
from apps.audit.models import Event, EventKind
from apps.audit.selectors import find_first_bad_position
from apps.reading.models import (
    Adjudication,
    Case,
    CaseState,
    Verdict,
)
from apps.reading.outcomes import outcome_of_case
from apps.reading.services.cases import claim_case
from tests.apps.reading.conftest import post
from tests.conftest import Hospital
from tests.factories import UserFactory, seal
from workers.tlog.canonical import canonical_json

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
JSON = "application/json"
RULING: dict[str, Any] = {
    "outcome": "suspicious",
    "reason_codes": ["uniform_grain"],
    "note": "RULINGCANARY The grain repeats.",
}


def test_the_adjudicator_sees_both_and_the_evidence_and_closes_the_case(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.lena)
    base = f"/api/v1/cases/{differing.pk}"
    queue = browser.get("/api/v1/worklists/emergency/cases", {"mine": "adjudication"})
    assert [row["id"] for row in queue.json()["items"]] == [str(differing.pk)]
    assert browser.get("/api/v1/worklists/emergency/queues").json()["adjudication"] == 1

    shown = browser.get(f"{base}/adjudication").json()
    said = [
        (both["read"]["reader"]["display_name"], both["read"]["answer"],
         both["verdict"]["decision"], both["verdict"]["outcome"])
        for both in shown["readers"]
    ]  # fmt: skip
    assert said == [
        ("Alice", "authentic", "overrule", "authentic"),
        ("Bob", "suspicious", "confirm", "suspicious"),
    ]
    assert (shown["ruling"], shown["reopenings"]) == (None, [])
    assert browser.get(f"{base}/evidence").json()["flagged"] is True

    filed = post(browser, differing, "adjudication", RULING)
    assert filed.status_code == 201, filed.content
    differing.refresh_from_db()
    assert differing.state == CaseState.DONE
    ended = outcome_of_case(case=differing)
    assert ended is not None
    assert (ended.outcome, ended.how) == ("suspicious", "adjudicated")
    assert browser.get(f"{base}/adjudication").json()["ruling"] == filed.json()
    closed = client_of(hospital.alice).get(base).json()["closed"]
    assert closed == {"outcome": "suspicious", "how": "adjudicated"}


def test_looking_at_the_answers_is_on_the_log_and_a_later_read_is_informed(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.lena)
    for _ in range(2):
        browser.get(f"/api/v1/cases/{differing.pk}/adjudication")
    assert Event.objects.filter(kind=EventKind.ANSWERS_SERVED).count() == 1
    assert not Event.objects.filter(kind=EventKind.EVIDENCE_SERVED).exists()
    assert seal(differing, hospital.lena).mode == "triage"


def test_the_ruling_on_the_log_is_recomputed_from_row_and_salt(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    shown = post(client_of(hospital.lena), differing, "adjudication", RULING).json()
    row = Adjudication.objects.get()
    verdicts = [
        Verdict.objects.get(pk=verdict_id).verdict_sha256 for verdict_id in row.verdicts
    ]
    committed = {
        "salt": row.salt,
        "case": str(differing.pk),
        "reader": str(hospital.lena.pk),
        "at": row.filed_at.isoformat(),
        "answer": {**RULING, "verdicts": verdicts},
    }
    event = Event.objects.get(position=shown["log_position"])
    assert event.kind == EventKind.CASE_ADJUDICATED
    digest = hashlib.sha256(canonical_json(committed)).hexdigest()
    assert event.data["adjudication_sha256"] == digest
    assert event.data["verdicts"] == verdicts
    assert "CANARY" not in event.leaf
    assert find_first_bad_position() is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_an_adjudicator_who_has_not_read_the_case_may_settle_it(
    method: str,
    differing: Case,
    hospital: Hospital,
    charlie: User,
    client_of: ClientOf,
) -> None:
    User.objects.filter(pk__in=[hospital.bob.pk, charlie.pk]).update(role=Role.LEAD)
    expected = {
        hospital.alice: (403, "denied"),
        hospital.bob: (403, "own_read"),
        hospital.max: (403, "denied"),
        charlie: (404, "not_found"),
    }
    for person, refusal in expected.items():
        person.refresh_from_db()
        browser = client_of(person)
        address = f"/api/v1/cases/{differing.pk}/adjudication"
        if method == "get":
            answer = browser.get(address)
        else:
            answer = post(browser, differing, "adjudication", RULING)
        assert (answer.status_code, answer.json()["code"]) == refusal
    assert not Adjudication.objects.exists()
    assert not Event.objects.filter(kind=EventKind.ANSWERS_SERVED).exists()


@pytest.mark.parametrize(
    "state", ["analysing", "ready", "sealed", "second_read", "done"]
)
def test_no_answer_opens_to_a_lead_while_a_case_does_not_wait_for_one(
    state: str, differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    Case.objects.filter(pk=differing.pk).update(state=state)
    browser = client_of(hospital.lena)
    for answer in (
        browser.get(f"/api/v1/cases/{differing.pk}/adjudication"),
        post(browser, differing, "adjudication", RULING),
    ):
        assert (answer.status_code, answer.json()["code"]) == (
            409, "not_in_adjudication",
        )  # fmt: skip
    evidence = browser.get(f"/api/v1/cases/{differing.pk}/evidence")
    assert (evidence.status_code, evidence.json()["code"]) == (403, "seal_first")


def test_a_second_ruling_is_refused_and_changes_nothing(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.lena)
    assert post(browser, differing, "adjudication", RULING).status_code == 201
    before, entries = Adjudication.objects.values().get(), Event.objects.count()
    again = post(browser, differing, "adjudication", {**RULING, "note": "Other."})
    assert (again.status_code, again.json()["code"]) == (409, "already_adjudicated")
    assert Adjudication.objects.values().get() == before
    assert Event.objects.count() == entries


def test_the_database_itself_refuses_a_second_ruling_of_a_round(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    post(client_of(hospital.lena), differing, "adjudication", RULING)
    row = Adjudication.objects.get()
    row.pk = None
    row._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_a_case_that_another_adjudicator_holds_is_not_settled(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    leon = UserFactory.create(username="leon", site=hospital.site, role=Role.LEAD)
    claim_case(case=differing, user=leon)
    answer = post(client_of(hospital.lena), differing, "adjudication", RULING)
    assert (answer.status_code, answer.json()["code"]) == (409, "claimed_by_other")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"note": "  "}, "reason_required"),
        ({"reason_codes": []}, "reason_required"),
        ({"reason_codes": ["no_such"]}, "unknown_reason"),
        ({"outcome": "maybe"}, "invalid"),
        ({"note": "x" * 1001}, "invalid"),
    ],
)
def test_a_malformed_ruling_is_refused_by_code(
    change: dict[str, Any],
    code: str,
    differing: Case,
    hospital: Hospital,
    client_of: ClientOf,
) -> None:
    body = {**RULING, **change}
    answer = post(client_of(hospital.lena), differing, "adjudication", body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Adjudication.objects.exists()
