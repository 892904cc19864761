"""Sealing and deciding: refusals by their exact code, and what the rows then hold."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.reading.models import (
    Answer,
    Case,
    CaseState,
    Read,
    Verdict,
)
from apps.reading.services.cases import claim_case
from tests.apps.reading.conftest import post
from tests.conftest import Hospital
from tests.factories import (
    Said,
    decide,
    image_of,
    make_case,
    seal,
)
from workers.tlog.canonical import canonical_json

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
JSON = "application/json"
FLAGGED = Said(suspicion=0.9, flagged=True)
SEAL: dict[str, Any] = {"answer": "suspicious", "confidence": 4}
VERDICT: dict[str, Any] = {"decision": "confirm", "reason_codes": ["uniform_grain"]}
BOX = {"frame": 0, "kind": "box", "points": [[1, 2], [10, 20]]}


def _region(case: Case, **changes: Any) -> dict[str, Any]:
    return {"image_id": str(image_of(case).pk), **BOX, **changes}


# --- refusals -------------------------------------------------------------------------


def test_a_case_whose_lanes_run_cannot_be_sealed(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind, state=CaseState.ANALYSING)
    answer = post(client_of(hospital.alice), case, "seal", SEAL)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_case_that_a_colleague_holds_cannot_be_sealed(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    claim_case(case=case, user=hospital.bob)
    answer = post(client_of(hospital.alice), case, "seal", SEAL)
    assert (answer.status_code, answer.json()["code"]) == (409, "claimed_by_other")
    assert post(client_of(hospital.bob), case, "seal", SEAL).status_code == 201


def test_a_second_seal_is_refused_and_changes_nothing(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    browser = client_of(hospital.alice)
    assert post(browser, case, "seal", SEAL).status_code == 201
    before = Read.objects.values().get()
    entries = Event.objects.count()
    again = post(browser, case, "seal", {"answer": "authentic", "confidence": 1})
    assert (again.status_code, again.json()["code"]) == (409, "already_sealed")
    assert Read.objects.values().get() == before
    assert Event.objects.count() == entries


def test_a_verdict_before_the_seal_is_refused(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    seal(case, hospital.bob)
    answer = post(client_of(hospital.alice), case, "verdict", VERDICT)
    assert (answer.status_code, answer.json()["code"]) == (403, "seal_first")
    assert not Verdict.objects.exists()


def test_a_second_verdict_is_refused_and_changes_nothing(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind, said=FLAGGED)
    seal(case, hospital.alice, Answer.SUSPICIOUS)
    browser = client_of(hospital.alice)
    assert post(browser, case, "verdict", VERDICT).status_code == 201
    before = Verdict.objects.values().get()
    again = post(browser, case, "verdict", {**VERDICT, "decision": "inconclusive"})
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
    assert Verdict.objects.values().get() == before


SEAL_REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("an unknown reason", {"reason_codes": ["no_such"]}, "unknown_reason"),
    ("a reason for a changed mind", {"reason_codes": ["slip"]}, "unknown_reason"),
    ("an answer that is none", {"answer": "maybe"}, "invalid"),
    ("confidence 0", {"confidence": 0}, "invalid"),
    ("confidence 6", {"confidence": 6}, "invalid"),
    ("a note too long", {"note": "x" * 4001}, "invalid"),
]


@pytest.mark.parametrize(
    ("change", "code"),
    [row[1:] for row in SEAL_REFUSALS],
    ids=[row[0] for row in SEAL_REFUSALS],
)
def test_a_malformed_answer_is_refused_by_code(
    change: dict[str, Any], code: str, hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    answer = post(client_of(hospital.alice), case, "seal", {**SEAL, **change})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Read.objects.exists()
    assert not Event.objects.filter(kind=EventKind.READ_SEALED).exists()


REGION_REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("another case's image", {"image_id": str(uuid.uuid4())}, "bad_region"),
    ("a frame the film lacks", {"frame": 1}, "bad_region"),
    ("a negative frame", {"frame": -1}, "invalid"),
    ("a box of one point", {"points": [[1, 1]]}, "bad_region"),
    ("a box of three points", {"points": [[1, 1], [2, 2], [3, 3]]}, "bad_region"),
    (
        "a freehand of two points",
        {"kind": "freehand", "points": [[1, 1], [2, 2]]},
        "bad_region",
    ),
    ("a point right of the film", {"points": [[1, 1], [63.6, 2]]}, "bad_region"),
    ("a point below the film", {"points": [[1, 1], [2, 95.6]]}, "bad_region"),
    ("a point left of the film", {"points": [[-0.6, 1], [2, 2]]}, "bad_region"),
    ("an unknown kind", {"kind": "circle"}, "invalid"),
    (
        "too many points",
        {"kind": "freehand", "points": [[1, 1]] * 2001},
        "invalid",
    ),
]


@pytest.mark.parametrize(
    ("change", "code"),
    [row[1:] for row in REGION_REFUSALS],
    ids=[row[0] for row in REGION_REFUSALS],
)
@pytest.mark.parametrize("what", ["seal", "verdict"])
def test_a_region_that_lies_on_no_film_is_refused(
    what: str,
    change: dict[str, Any],
    code: str,
    hospital: Hospital,
    client_of: ClientOf,
) -> None:
    case = make_case(hospital.blind, said=FLAGGED)
    make_case(hospital.blind)
    body = SEAL if what == "seal" else VERDICT
    if what == "verdict":
        seal(case, hospital.alice, Answer.SUSPICIOUS)
    body = {**body, "regions": [_region(case, **change)]}
    answer = post(client_of(hospital.alice), case, what, body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_region_of_a_colleagues_case_is_refused(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case, other = make_case(hospital.blind), make_case(hospital.blind)
    body = {**SEAL, "regions": [_region(other)]}
    answer = post(client_of(hospital.alice), case, "seal", body)
    assert answer.json()["code"] == "bad_region"


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "1e999"])
def test_a_coordinate_that_is_no_number_is_refused(
    bad: str, hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    body = json.dumps({**SEAL, "regions": [_region(case, points="POINTS")]})
    answer = client_of(hospital.alice).post(
        f"/api/v1/cases/{case.pk}/seal",
        body.replace('"POINTS"', f"[[1, 1], [{bad}, 2]]"),
        content_type=JSON,
    )
    assert answer.status_code in (400, 422)
    assert not Read.objects.exists()


def test_regions_on_the_films_edge_are_kept_as_drawn(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    edge = _region(case, points=[[-0.5, -0.5], [63.5, 95.5]])
    freehand = _region(case, kind="freehand", points=[[1, 1], [2.25, 3], [4, 5]])
    body = {**SEAL, "regions": [edge, freehand]}
    answer = post(client_of(hospital.alice), case, "seal", body)
    assert answer.status_code == 201
    kept = client_of(hospital.alice).get(f"/api/v1/cases/{case.pk}").json()
    assert kept["first_read"]["regions"] == [edge, freehand]


VERDICT_REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("no reason", {"reason_codes": []}, "reason_required"),
    ("an unknown reason", {"reason_codes": ["no_such"]}, "unknown_reason"),
    ("a switch unexplained", {"decision": "overrule"}, "changed_mind_required"),
    (
        "a switch explained by a finding",
        {"decision": "overrule", "changed_mind_code": "uniform_grain"},
        "unknown_reason",
    ),
    ("a decision that is none", {"decision": "delete"}, "invalid"),
    ("a note too long", {"note": "x" * 4001}, "invalid"),
]


@pytest.mark.parametrize(
    ("change", "code"),
    [row[1:] for row in VERDICT_REFUSALS],
    ids=[row[0] for row in VERDICT_REFUSALS],
)
def test_a_malformed_verdict_is_refused_by_code(
    change: dict[str, Any], code: str, hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind, said=FLAGGED)
    seal(case, hospital.alice, Answer.SUSPICIOUS)
    answer = post(client_of(hospital.alice), case, "verdict", {**VERDICT, **change})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Verdict.objects.exists()
    assert Case.objects.get(pk=case.pk).state == CaseState.SEALED


@pytest.mark.parametrize("what", ["seal", "verdict"])
def test_other_methods_and_malformed_bodies_are_refused(
    what: str, hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    browser = client_of(hospital.alice)
    address = f"/api/v1/cases/{case.pk}/{what}"
    assert browser.get(address).status_code == 405
    assert browser.post(address, "{", content_type=JSON).status_code == 400
    assert browser.post(address, "[]", content_type=JSON).status_code == 422
    for role in (hospital.max, hospital.ada, hospital.script):
        body = SEAL if what == "seal" else VERDICT
        assert post(client_of(role), case, what, body).status_code == 403


# --- what is kept ---------------------------------------------------------------------


def test_the_commitment_on_the_log_is_recomputed_from_row_and_salt(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    body = {**SEAL, "note": "Grain like sand", "regions": [_region(case)]}
    shown = post(client_of(hospital.alice), case, "seal", body).json()
    read = Read.objects.get()
    answer = {
        "answer": read.answer,
        "confidence": read.confidence,
        "reason_codes": read.reason_codes,
        "note": read.note,
        "regions": [
            {
                "image_id": region["image_id"],
                "frame": region["frame"],
                "kind": region["kind"],
                "points_millipixel": [
                    [round(x * 1000), round(y * 1000)] for x, y in region["points"]
                ],
            }
            for region in read.regions
        ],
    }
    committed = {
        "salt": read.salt,
        "case": str(case.pk),
        "reader": str(hospital.alice.pk),
        "at": read.sealed_at.isoformat(),
        "answer": answer,
    }
    digest = hashlib.sha256(canonical_json(committed)).hexdigest()
    event = Event.objects.get(position=shown["log_position"])
    assert event.kind == EventKind.READ_SEALED
    assert digest == event.data["seal_sha256"] == shown["read"]["seal_sha256"]
    assert "Grain" not in event.leaf
    assert len(bytes.fromhex(read.salt)) == 32


def test_equal_answers_are_committed_to_differently(hospital: Hospital) -> None:
    digests = {
        seal(make_case(hospital.blind), hospital.alice).seal_sha256 for _ in range(3)
    }
    assert len(digests) == 3


def test_a_verdict_stands_beside_the_first_answer_and_ends_the_case(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind, said=FLAGGED)
    claim_case(case=case, user=hospital.alice)
    browser = client_of(hospital.alice)
    sealed = post(browser, case, "seal", {**SEAL, "answer": "authentic"}).json()
    body = {**VERDICT, "changed_mind_code": "saw_marked_region"}
    filed = post(browser, case, "verdict", body).json()
    assert filed["outcome"] == "suspicious"
    assert filed["changed_mind_code"] == "saw_marked_region"
    shown = browser.get(f"/api/v1/cases/{case.pk}").json()
    assert shown["first_read"] == sealed["read"]
    assert shown["verdict"] == filed
    assert (shown["state"], shown["read_phase"]) == ("done", "done")
    assert shown["claimed_by"] is None
    event = Event.objects.get(position=filed["log_position"])
    assert event.data["seal_sha256"] == sealed["read"]["seal_sha256"]
    assert Verdict.objects.get().models_digest == "d" * 64


def test_a_verdict_leaves_a_colleagues_claim_alone(hospital: Hospital) -> None:
    case = make_case(hospital.blind, said=FLAGGED)
    seal(case, hospital.alice, Answer.SUSPICIOUS)
    claim_case(case=case, user=hospital.bob)
    decide(case, hospital.alice)
    assert Case.objects.get(pk=case.pk).claimed_by == hospital.bob


def test_a_second_reader_reads_blind_after_the_first_has_decided(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind, said=FLAGGED)
    seal(case, hospital.alice, Answer.SUSPICIOUS)
    decide(case, hospital.alice)
    browser = client_of(hospital.bob)
    shown = browser.get(f"/api/v1/cases/{case.pk}").json()
    assert (shown["first_read"], shown["verdict"]) == (None, None)
    assert shown["read_phase"] == "unread"
    assert post(browser, case, "seal", SEAL).json()["read"]["mode"] == "blind_first"
    assert Read.objects.count() == 2


def test_the_database_itself_refuses_a_second_read_and_a_second_verdict(
    hospital: Hospital,
) -> None:
    case = make_case(hospital.blind, said=FLAGGED)
    read = seal(case, hospital.alice, Answer.SUSPICIOUS)
    verdict = decide(case, hospital.alice)
    for row in (read, verdict):
        row.pk = uuid.uuid4()
        row._state.adding = True
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_a_read_keeps_when_its_reader_opened_the_case(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    client_of(hospital.alice).get(f"/api/v1/cases/{case.pk}")
    look = Event.objects.get(kind=EventKind.CASE_VIEWED)
    # A colleague looks later; that is not this reader's time.
    client_of(hospital.bob).get(f"/api/v1/cases/{case.pk}")
    read = seal(case, hospital.alice)
    assert read.opened_at == look.occurred_at
    assert read.opened_at < read.sealed_at
    # Sealed by a script that never opened it: not known, and not made up.
    assert seal(make_case(hospital.blind), hospital.alice).opened_at is None
