"""The second reader gets no byte of the first reader's answer, nor a figure of it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import SecondReader, User
from apps.audit.models import Event
from apps.reading.models import (
    Answer,
    Case,
    CaseState,
    Decision,
    Read,
)
from tests.apps.reading.conftest import MARK_EDGE, read_fully, set_policy
from tests.apps.reading.crawl import fill_path, list_operations
from tests.conftest import Hospital
from tests.factories import Said, make_case, make_upload, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
JSON = "application/json"
FLAGGED = Said(suspicion=0.9, flagged=True)
FIRST_READERS_BYTES = (
    "FIRSTREADERCANARY",
    "FINALCANARY",
    "acquisition_artefact",
    "processing_artefact",
    str(MARK_EDGE),
    "overrule",
    "disagreement",
    "second_read_reason",
)
# The vocabulary itself, the same for everyone.
VOCABULARY = "/api/v1/reason-codes"


@pytest.mark.parametrize("who", ["bob", "lena", "ada"])
def test_no_operation_gives_the_second_reader_a_byte_of_the_first_answer(
    who: str, waiting: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(getattr(hospital, who))
    read = Read.objects.get()
    secret = (*FIRST_READERS_BYTES, read.salt, str(read.pk))
    asked = 0
    upload = make_upload(hospital.blind, hospital.alice)
    for method, path in list_operations():
        if path.endswith(("/seal", VOCABULARY)):
            continue
        last = Event.objects.count() if "{position}" in path else 1
        for position in range(last):
            filled = fill_path(
                path.replace("{position}", str(position)), waiting, str(upload.pk)
            )
            assert "{" not in filled
            answer = browser.generic(method.upper(), filled, "{}", content_type=JSON)
            body = answer.getvalue().decode("utf-8", "replace")
            # Every figure of the lead's page has a name; its numbers come below.
            if path != "/api/v1/insights/summary":
                found = [word for word in secret if word in body]
                assert not found, f"{method} {filled}: {found}"
            asked += 1
    assert asked > 35


def test_the_first_reader_sees_the_bytes_the_second_must_not(
    waiting: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    body = client_of(hospital.alice).get(f"/api/v1/cases/{waiting.pk}").getvalue()
    # The last two words name what no answer of this case says of itself.
    assert [
        word for word in FIRST_READERS_BYTES[:-2] if word.encode() not in body
    ] == []


def test_two_first_answers_look_alike_to_the_second_reader(
    hospital: Hospital, client_of: ClientOf
) -> None:
    set_policy(hospital.blind, SecondReader.ALWAYS)
    shown = []
    for answer, decision in (
        (Answer.SUSPICIOUS, Decision.CONFIRM),
        (Answer.AUTHENTIC, Decision.OVERRULE),
    ):
        case = make_case(hospital.blind, said=FLAGGED)
        read_fully(case, hospital.alice, answer, decision)
        row = client_of(hospital.bob).get(f"/api/v1/cases/{case.pk}").json()
        events = client_of(hospital.lena).get(f"/api/v1/audit/events?case={case.pk}")
        log = [
            {"kind": event["kind"], "length": len(event["text"])}
            for event in events.json()["items"]
        ]
        for own in ("id", "patient", "received_at", "due_at", "images"):
            del row[own]
        shown.append(json.dumps([row, log]))
    assert shown[0] == shown[1]


def test_the_leads_figures_wait_until_the_case_is_closed(
    hospital: Hospital, client_of: ClientOf
) -> None:
    set_policy(hospital.blind, SecondReader.ALWAYS)
    browser = client_of(hospital.lena)
    case = make_case(hospital.blind, said=FLAGGED)
    before = browser.get("/api/v1/insights/summary").json()
    read_fully(case, hospital.alice, Answer.AUTHENTIC, Decision.OVERRULE)
    during = browser.get("/api/v1/insights/summary").json()
    for figures in (before, during):
        del figures["oldest_open_minutes"]
    assert during == before
    read_fully(case, hospital.bob, Answer.AUTHENTIC, Decision.OVERRULE)
    after = browser.get("/api/v1/insights/summary").json()
    assert (after["verdicts"], after["flags_overruled"]) == (2, 2)


def test_the_record_of_past_flags_waits_until_the_case_is_closed(
    waiting: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    seal(waiting, hospital.bob)
    evidence = client_of(hospital.bob).get(f"/api/v1/cases/{waiting.pk}/evidence")
    assert evidence.json()["overruled_of_last"] == {"flags": 0, "overruled": 0}


def test_the_second_reader_reads_blind_and_is_recorded_so(
    waiting: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.bob)
    base = f"/api/v1/cases/{waiting.pk}"
    assert browser.get(f"{base}/evidence").status_code == 403
    sealed = browser.post(
        f"{base}/seal", {"answer": "authentic", "confidence": 2}, content_type=JSON
    ).json()["read"]
    assert (sealed["mode"], sealed["kind"]) == ("blind_first", "second")
    assert browser.get(f"{base}/evidence").status_code == 200
    waiting.refresh_from_db()
    assert waiting.state == CaseState.SECOND_READ
