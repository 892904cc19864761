"""Amendments: a new record beside the old one; labels and figures follow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.audit.selectors import find_first_bad_position
from apps.reading.models import (
    Case,
    CaseState,
    Decision,
    Verdict,
)
from tests.apps.reading.conftest import post
from tests.conftest import Hospital
from tests.factories import decide, seal
from workers.tlog.canonical import canonical_json

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
JSON = "application/json"
RULING: dict[str, Any] = {
    "outcome": "suspicious",
    "reason_codes": ["uniform_grain"],
    "note": "RULINGCANARY The grain repeats.",
}
AMENDMENT: dict[str, Any] = {
    "decision": "confirm",
    "reason_codes": ["uniform_grain"],
    "changed_mind_code": "looked_again",
    "reason": "AMENDCANARY I mixed up two films.",
}


def _amend(browser: Client, case: Case, verdict: Verdict, **changes: Any) -> Any:
    body = {**AMENDMENT, "replaces": str(verdict.pk), **changes}
    return post(browser, case, "verdict/amend", body)


def test_an_amendment_stands_beside_the_verdict_it_replaces(
    decided: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    old = Verdict.objects.get()
    kept = Verdict.objects.values().get()
    browser = client_of(hospital.alice)
    answer = _amend(browser, decided, old)
    assert answer.status_code == 201, answer.content
    filed = answer.json()
    assert filed["replaces"] == str(old.pk)
    assert (filed["outcome"], filed["amend_reason"]) == (
        "suspicious", AMENDMENT["reason"],
    )  # fmt: skip
    assert Verdict.objects.filter(pk=old.pk).values().get() == kept
    assert browser.get(f"/api/v1/cases/{decided.pk}").json()["verdict"] == filed
    event = Event.objects.get(kind=EventKind.VERDICT_AMENDED)
    assert event.data["replaces_sha256"] == old.verdict_sha256
    assert "CANARY" not in event.leaf
    assert find_first_bad_position() is None


def test_the_commitment_of_an_amendment_covers_what_it_replaces_and_why(
    decided: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    old = Verdict.objects.get()
    _amend(client_of(hospital.alice), decided, old)
    new = Verdict.objects.get(replaces=old)
    committed = {
        "salt": new.salt,
        "case": str(decided.pk),
        "reader": str(hospital.alice.pk),
        "at": new.filed_at.isoformat(),
        "answer": {
            "decision": "confirm",
            "reason_codes": ["uniform_grain"],
            "regions": [],
            "note": "",
            "changed_mind_code": "looked_again",
            "replaces": old.verdict_sha256,
            "amend_reason": AMENDMENT["reason"],
        },
    }
    digest = hashlib.sha256(canonical_json(committed)).hexdigest()
    assert Event.objects.get(position=new.log_position).data["verdict_sha256"] == digest


def test_an_amendment_judges_the_opinion_that_the_reader_saw(
    decided: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    old = Verdict.objects.get()
    decided.opinion.flagged = False
    decided.opinion.suspicion = 0.01
    decided.opinion.save()
    answer = _amend(client_of(hospital.alice), decided, old).json()
    assert answer["outcome"] == "suspicious"  # "confirm" of the flag that was shown
    new = Verdict.objects.get(replaces=old)
    assert (new.flagged, new.suspicion) == (True, 0.9)


def test_of_two_amendments_of_one_verdict_the_second_is_refused(
    decided: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    old = Verdict.objects.get()
    browser = client_of(hospital.alice)
    assert _amend(browser, decided, old).status_code == 201
    again = _amend(browser, decided, old)
    assert (again.status_code, again.json()["code"]) == (409, "amended_before")
    newest = Verdict.objects.get(replaced_by=None)
    assert _amend(browser, decided, newest).status_code == 201
    assert Verdict.objects.count() == 3
    assert Verdict.objects.filter(replaced_by=None).count() == 1


def test_the_database_itself_keeps_the_chain_single(
    decided: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    _amend(client_of(hospital.alice), decided, Verdict.objects.get())
    row = Verdict.objects.get(replaced_by=None)
    row.pk = None
    row._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": " "}, "reason_required"),
        ({"reason": "x" * 1001}, "invalid"),
        ({"reason_codes": []}, "reason_required"),
        ({"changed_mind_code": None}, "changed_mind_required"),
        ({"replaces": "no-id"}, "invalid"),
    ],
)
def test_a_malformed_amendment_is_refused_by_code(
    change: dict[str, Any],
    code: str,
    decided: Case,
    hospital: Hospital,
    client_of: ClientOf,
) -> None:
    old = Verdict.objects.get()
    answer = _amend(client_of(hospital.alice), decided, old, **change)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert Verdict.objects.count() == 1


def test_nobody_amends_anothers_verdict(
    decided: Case, hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    old = Verdict.objects.get()
    bob = client_of(hospital.bob)
    answer = _amend(bob, decided, old)
    assert (answer.status_code, answer.json()["code"]) == (403, "seal_first")
    seal(decided, hospital.bob)
    answer = _amend(bob, decided, old)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_amend")
    decide(decided, hospital.bob, Decision.OVERRULE)
    answer = _amend(bob, decided, old)
    assert (answer.status_code, answer.json()["code"]) == (409, "amended_before")
    assert _amend(client_of(charlie), decided, old).status_code == 404
    assert not Verdict.objects.exclude(replaces=None).exists()


def test_an_amendment_settles_the_case_anew(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    own = Verdict.objects.get(read__reader=hospital.alice)
    _amend(browser, differing, own)
    differing.refresh_from_db()
    assert differing.state == CaseState.DONE  # now both say suspicious
    own = Verdict.objects.get(read__reader=hospital.alice, replaced_by=None)
    back = {"decision": "overrule", "changed_mind_code": None}
    assert _amend(browser, differing, own, **back).status_code == 201
    differing.refresh_from_db()
    assert differing.state == CaseState.ADJUDICATION


def test_labels_and_figures_take_the_newest_verdict_and_name_the_old_one(
    decided: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    old = Verdict.objects.get()
    _amend(client_of(hospital.alice), decided, old)
    labels = client_of(hospital.max).get("/api/v1/learning/labels").json()
    assert labels["total"] == 1
    (label,) = labels["items"]
    assert (label["outcome"], label["case_outcome"]) == ("suspicious", "suspicious")
    assert label["replaces"].split(":")[0] == str(old.pk)
    assert "AMENDCANARY" not in json.dumps(label)
    figures = client_of(hospital.lena).get("/api/v1/insights/summary").json()
    assert (figures["verdicts"], figures["flags_overruled"]) == (1, 0)


def test_labels_wait_for_the_end_of_a_case_and_carry_it(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    learner = client_of(hospital.max)
    assert learner.get("/api/v1/learning/labels").json()["items"] == []
    post(client_of(hospital.lena), differing, "adjudication", RULING)
    labels = learner.get("/api/v1/learning/labels").json()["items"]
    assert sorted((row["read_kind"], row["outcome"]) for row in labels) == [
        ("first", "authentic"), ("second", "suspicious"),
    ]  # fmt: skip
    ended = {(row["case_outcome"], row["case_outcome_by"]) for row in labels}
    assert ended == {("suspicious", "adjudicated")}
