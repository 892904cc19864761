"""A worklist as a file: who may take it, what stands in it, that it is on the log."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client

from apps.accounts.models import Role, User
from apps.audit.models import Event, EventKind
from apps.reading.exports import COLUMNS, OPINION_COLUMNS
from apps.reading.models import Case
from apps.reading.services.cases import claim_case
from tests.apps.reading.conftest import CANARY, FLAGGED, SUSPICION, Twins
from tests.conftest import Hospital
from tests.factories import make_case, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
JSON = "application/json"
BLIND = "/api/v1/worklists/emergency/cases/csv"
TRIAGE = "/api/v1/worklists/claims/cases/csv"


def _take(browser: Client, address: str = BLIND, **body: Any) -> list[dict[str, str]]:
    answer = browser.post(address, body, content_type=JSON)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.getvalue().decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _named(case: Case, name: str) -> Case:
    case.study.patient.name = name
    case.study.patient.save()
    return case


def test_the_file_holds_the_list_in_its_order(
    hospital: Hospital, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.reading.exports.PAGE", 2)
    cases = [make_case(hospital.blind) for _ in range(5)]
    claim_case(case=cases[1], user=hospital.bob)
    _named(cases[0], "Doe^Jörg, Dr.")
    lena = client_of(hospital.lena)
    rows = _take(lena, sort="received")
    assert [row["case_id"] for row in rows] == [str(case.pk) for case in cases]
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["patient"] == "Doe^Jörg, Dr."
    assert (rows[1]["with"], rows[1]["state"]) == ("Bob", "in_read")
    assert (rows[0]["modality"], rows[0]["priority"]) == ("DX", "routine")
    held = _take(lena, filter="with:bob")
    assert [row["case_id"] for row in held] == [str(cases[1].pk)]
    assert _take(lena, filter="patient:nobodyhere") == []


def test_the_file_ends_at_its_longest(
    hospital: Hospital, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.reading.exports.PAGE", 2)
    monkeypatch.setattr("apps.reading.exports.MAX_EXPORTED", 3)
    for _ in range(5):
        make_case(hospital.blind)
    assert len(_take(client_of(hospital.lena))) == 3


def test_the_file_of_a_blind_list_knows_no_opinion(
    twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    lena = client_of(hospital.lena)
    seal(twins.flagged, hospital.lena)
    content = lena.post(BLIND, {"state": "all"}, content_type=JSON).getvalue().decode()
    for word in (CANARY, str(SUSPICION), "tamper", *OPINION_COLUMNS):
        assert word not in content
    refused = lena.post(BLIND, {"filter": "flagged:yes"}, content_type=JSON)
    assert (refused.status_code, refused.json()["code"]) == (422, "opinion_filter")


def test_the_file_of_a_triage_list_has_the_opinion(
    hospital: Hospital, client_of: ClientOf
) -> None:
    make_case(hospital.triage, said=FLAGGED)
    (row,) = _take(client_of(hospital.lena), TRIAGE)
    assert tuple(row) == (*COLUMNS, *OPINION_COLUMNS)
    assert (row["suspicion"], row["flagged"], row["top_lane"]) == (
        str(SUSPICION), "yes", "tamper",
    )  # fmt: skip


def test_a_name_that_is_a_formula_is_a_text_in_the_file(
    hospital: Hospital, client_of: ClientOf
) -> None:
    _named(make_case(hospital.blind), '=HYPERLINK("http://x")')
    (row,) = _take(client_of(hospital.lena))
    assert row["patient"] == '\'=HYPERLINK("http://x")'


def test_only_a_lead_of_the_site_takes_the_file_and_that_is_on_the_log(
    hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    _named(make_case(hospital.blind), "Zyxwvut^Quentin")
    User.objects.filter(pk=charlie.pk).update(role=Role.LEAD)
    charlie.refresh_from_db()
    for person, status in ((hospital.alice, 403), (hospital.ada, 403), (charlie, 404)):
        answer = client_of(person).post(BLIND, {}, content_type=JSON)
        assert answer.status_code == status
    lena = client_of(hospital.lena)
    bad = lena.post(BLIND, {"filter": "colour:red"}, content_type=JSON)
    assert bad.status_code == 422
    assert not Event.objects.filter(kind=EventKind.WORKLIST_EXPORTED).exists()
    answer = lena.post(BLIND, {"filter": "patient:doe"}, content_type=JSON)
    # Before a byte has been taken from the answer.
    event = Event.objects.get(kind=EventKind.WORKLIST_EXPORTED)
    assert event.actor == hospital.lena
    assert event.data == {"department": "emergency", "format": "csv"}
    assert "doe" not in event.leaf.lower()
    assert b"Zyxwvut^Quentin" in answer.getvalue()


@pytest.mark.parametrize("pages", [1, 4])
def test_each_page_of_the_file_costs_the_same_queries(
    pages: int,
    hospital: Hospital,
    client_of: ClientOf,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
) -> None:
    monkeypatch.setattr("apps.reading.exports.PAGE", 2)
    for _ in range(2 * pages):
        make_case(hospital.blind)
    answer = client_of(hospital.lena).post(BLIND, {}, content_type=JSON)
    # Ids and rows; the first page of several is counted.
    with django_assert_num_queries(2 * pages + (pages > 1)):
        answer.getvalue()


@pytest.mark.django_db(transaction=True)
async def test_the_file_is_streamed_by_the_event_loop_too(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.reading.exports.PAGE", 1)
    for _ in range(3):
        await sync_to_async(make_case)(hospital.blind)
    browser = AsyncClient()
    await browser.aforce_login(
        hospital.lena, backend="django.contrib.auth.backends.ModelBackend"
    )
    answer: Any = await browser.post(BLIND, {}, content_type=JSON)
    assert answer.is_async
    chunks = [chunk async for chunk in answer]
    assert len(chunks) == 4
    assert b"".join(chunks).count(b"\r\n") == 4
