"""Blind first: nothing that a reader can reach before the seal tells of the opinion."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.http import HttpResponseBase
from django.test import Client
from scipy.stats import spearmanr

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.reading.filters import STATES
from apps.reading.models import Answer, Case, CaseOpinion, CaseState
from apps.reading.queues import QUEUES
from apps.reading.services.cases import follow_analysis
from apps.reading.worklist import SORTS
from tests.apps.reading.conftest import CANARY, FLAGGED, SUSPICION, Twins
from tests.apps.reading.crawl import (
    OWN,
    TELL_TALES,
    TIME,
    UUID,
    fill_path,
    give_film,
    list_operations,
)
from tests.conftest import Hospital
from tests.factories import (
    Said,
    image_of,
    make_case,
    make_image,
    make_run,
    make_upload,
    seal,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
JSON = "application/json"
# Answers of other roles, whose fields may be named so; no case may be in them.
ABOUT_DECIDED_CASES = ("/api/v1/learning/", "/api/v1/insights/")
WORKLIST = "/api/v1/worklists/emergency/cases"
SEARCH = f"{WORKLIST}/search"


def _assert_tells_nothing(answer: HttpResponseBase, what: str) -> None:
    body = answer.getvalue().decode("utf-8", "replace")
    headers = json.dumps(dict(answer.headers))
    words = TELL_TALES[:2] if what.startswith(ABOUT_DECIDED_CASES) else TELL_TALES
    found = [word for word in words if word in body + headers]
    assert not found, f"{what} answered {answer.status_code} with {found}"


@pytest.mark.parametrize("who", ["alice", "bob", "lena", "max", "ada"])
def test_no_operation_of_the_api_tells_before_the_seal(
    who: str, hospital: Hospital, twins: Twins, client_of: ClientOf, tmp_path: Path
) -> None:
    # Bob has sealed and has seen: that must open nothing for anyone else, nor for him
    # on another case.
    seal(twins.flagged, hospital.bob)
    client_of(hospital.bob).get(f"/api/v1/cases/{twins.flagged.pk}/evidence")
    case = twins.flagged
    if who == "bob":
        case = make_case(hospital.blind, said=FLAGGED)
    give_film(case, tmp_path)
    browser = client_of(getattr(hospital, who))
    upload = make_upload(hospital.blind, getattr(hospital, who))
    asked = []
    for method, path in list_operations():
        # Asked last, below: it ends the crawl for this reader.
        if path.endswith("/seal"):
            continue
        address = fill_path(path, case, str(upload.pk))
        answer = browser.generic(
            method.upper(), address, "{}", content_type="application/json"
        )
        _assert_tells_nothing(answer, path)
        assert answer.status_code < 500, f"{method} {path}: {answer.status_code}"
        asked.append(path)
    assert len(asked) >= 30
    reads = who in ("alice", "bob", "lena")
    opened = browser.get(f"/api/v1/cases/{case.pk}").status_code
    assert opened == (200 if reads else 403)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("sort", ["", *SORTS])
def test_no_sort_or_filter_of_the_worklist_tells(
    sort: str, state: str, twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    for mine in ("", *QUEUES.values()):
        query = {"sort": sort, "state": state, "mine": mine}
        found = browser.post(SEARCH, {**query, "q": "doe"}, content_type=JSON)
        for answer in (browser.get(WORKLIST, query), found):
            assert answer.status_code == 200
            _assert_tells_nothing(answer, f"{sort} {state} {mine}")


@pytest.mark.parametrize("sort", ["suspicion", "-suspicion", "flagged", "top_lane"])
def test_a_blind_worklist_refuses_to_be_sorted_by_the_opinion(
    sort: str, twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    body = {"sort": sort, "q": "doe"}
    for answer in (
        browser.get(WORKLIST, {"sort": sort}),
        browser.post(SEARCH, body, content_type=JSON),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_sort")


@pytest.mark.parametrize("text", [CANARY, "moved", str(SUSPICION), "tamper"])
def test_searching_for_the_opinion_finds_nothing(
    text: str, twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    found = browser.post(SEARCH, {"q": text}, content_type=JSON)
    assert found.json()["total"] == 0
    found = browser.post(SEARCH, {"q": "doe^"}, content_type=JSON)
    assert found.json()["total"] == 2


def test_the_page_shell_and_the_sign_in_page_tell_nothing(
    twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    for path in ("/", f"/cases/{twins.flagged.pk}", "/worklists/emergency"):
        _assert_tells_nothing(browser.get(path), path)
    _assert_tells_nothing(Client().get("/login/"), "/login/")


def _plain(answer: HttpResponseBase) -> bytes:
    text = answer.getvalue().decode()
    return OWN.sub("OWN", TIME.sub("TIME", UUID.sub("ID", text))).encode()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("get", "/next"),
        ("post", "/claim"),
        ("delete", "/claim"),
        ("get", "/evidence"),
        ("get", "/evidence/IMAGE/tamper/heatmap"),
        ("get", "/matches"),
        ("get", "/priors"),
        ("get", "/timeline"),
        ("post", "/verdict"),
        ("post", "/seal"),
    ],
)
def test_a_flagged_case_and_its_clear_twin_answer_byte_for_byte_alike(
    method: str, path: str, twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    answers = []
    for case in (twins.flagged, twins.clear):
        address = f"/api/v1/cases/{case.pk}{path}"
        answer = browser.generic(
            method.upper(),
            address.replace("IMAGE", str(image_of(case).pk)),
            json.dumps(
                {
                    "answer": "authentic",
                    "confidence": 3,
                    "decision": "confirm",
                    "reason_codes": ["natural_noise"],
                }
            ),
            content_type=JSON,
        )
        body = re.sub(rb'"log_position": ?\d+', b'"log_position": N', _plain(answer))
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name != "Content-Length"
        }
        answers.append((answer.status_code, headers, body))
    assert answers[0] == answers[1]


def test_twins_differ_in_nothing_on_the_worklist(
    twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    rows = client_of(hospital.alice).get(WORKLIST).json()["items"]
    first, second = (
        OWN.sub("OWN", TIME.sub("TIME", UUID.sub("ID", json.dumps(row))))
        for row in rows
    )
    assert first == second


def test_the_blind_order_does_not_follow_the_opinion(
    hospital: Hospital, client_of: ClientOf
) -> None:
    for step in range(200):
        make_case(hospital.blind, said=Said(suspicion=step / 200, flagged=step > 120))
    rows = client_of(hospital.alice).get(WORKLIST, {"limit": 200}).json()["items"]
    ranks = dict(CaseOpinion.objects.values_list("case_id", "suspicion"))
    order = [ranks[case_id] for case_id in (uuid.UUID(row["id"]) for row in rows)]
    assert len(order) == 200
    # Random orders exceed 0.35 once in two million runs (normal, sd 1 / sqrt(199)).
    assert abs(spearmanr(order, range(200)).statistic) < 0.35


def test_the_order_is_the_same_before_and_after_the_analysis(
    hospital: Hospital, client_of: ClientOf
) -> None:
    cases = [
        make_case(hospital.blind, state=CaseState.ANALYSING, image=image)
        for image in (make_image(hospital.blind) for _ in range(8))
    ]
    browser = client_of(hospital.alice)
    before = [row["id"] for row in browser.get(WORKLIST).json()["items"]]
    for step, case in enumerate(cases):
        said = Said(suspicion=step / 10, flagged=step > 4)
        follow_analysis(run=make_run(image_of(case), said))
    after = [row["id"] for row in browser.get(WORKLIST).json()["items"]]
    assert before == after
    assert CaseOpinion.objects.count() == 8


def test_the_evidence_opens_for_who_sealed_and_for_nobody_else(
    twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    seal(twins.flagged, hospital.alice)
    base = f"/api/v1/cases/{twins.flagged.pk}"
    evidence = client_of(hospital.alice).get(f"{base}/evidence")
    assert evidence.status_code == 200
    assert evidence.json()["suspicion"] == SUSPICION
    assert CANARY in evidence.content.decode()
    for blind in (hospital.bob, hospital.lena):
        for path in ("", "/evidence"):
            answer = client_of(blind).get(base + path)
            _assert_tells_nothing(answer, path)
        assert answer.status_code == 403
        assert answer.json()["code"] == "seal_first"
    other = client_of(hospital.alice).get(f"/api/v1/cases/{twins.clear.pk}/evidence")
    assert other.status_code == 403


def test_even_after_the_seal_no_worklist_line_tells(
    twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    seal(twins.flagged, hospital.alice)
    browser = client_of(hospital.alice)
    browser.get(f"/api/v1/cases/{twins.flagged.pk}/evidence")
    _assert_tells_nothing(browser.get(WORKLIST), "worklist")


def test_the_seal_is_on_the_log_before_the_evidence(
    twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    base = f"/api/v1/cases/{twins.flagged.pk}"
    assert browser.get(f"{base}/evidence").status_code == 403
    assert not Event.objects.filter(kind=EventKind.EVIDENCE_SERVED).exists()
    seal(twins.flagged, hospital.alice)
    browser.get(f"{base}/evidence")
    browser.get(f"{base}/evidence")
    kinds = list(
        Event.objects.filter(case_id=twins.flagged.pk)
        .order_by("position")
        .values_list("kind", flat=True)
    )
    assert kinds == ["read_sealed", "evidence_served"]


def test_a_stranger_finds_no_case(
    twins: Twins, charlie: User, client_of: ClientOf
) -> None:
    browser = client_of(charlie)
    for path in ("", "/next", "/evidence"):
        address = f"/api/v1/cases/{twins.flagged.pk}{path}"
        assert browser.get(address).status_code == 404
    assert browser.get(WORKLIST).status_code == 404
    image = image_of(twins.flagged)
    assert browser.get(f"/api/v1/images/{image.pk}").status_code == 404
    assert Event.objects.filter(actor=charlie).count() == 1  # signed in


# --- the lead's pages -----------------------------------------------------------------


def test_the_figures_of_the_lead_do_not_change_with_undecided_cases(
    hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.lena)
    make_case(hospital.blind)
    before = browser.get("/api/v1/insights/summary").json()
    Case.objects.update(received_at=dt.datetime(2031, 1, 1, tzinfo=dt.UTC))
    case = make_case(hospital.blind, said=FLAGGED)
    seal(case, hospital.bob, Answer.SUSPICIOUS)
    after = browser.get("/api/v1/insights/summary").json()
    assert after["open_cases"] == before["open_cases"] + 1
    for figure in ("open_cases", "oldest_open_minutes"):
        del before[figure], after[figure]
    assert after == before


def test_the_audit_desk_tells_the_same_of_twins(
    hospital: Hospital, client_of: ClientOf
) -> None:
    shown = []
    for said in (FLAGGED, Said()):
        case = make_case(hospital.blind, said=said)
        seal(case, hospital.bob)
        events = client_of(hospital.lena).get(f"/api/v1/audit/events?case={case.pk}")
        _assert_tells_nothing(events, "audit")
        shown.append([(e["kind"], len(e["text"])) for e in events.json()["items"]])
    assert shown[0] == shown[1]
