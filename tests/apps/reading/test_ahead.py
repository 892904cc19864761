"""What a page fetches beside the case it shows is no look at it, and tells nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.reading.models import Case
from tests.conftest import Hospital
from tests.factories import Said, make_case, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def kinds_of(case: Case) -> list[str]:
    events = Event.objects.filter(case_id=case.pk).order_by("position")
    return list(events.values_list("kind", flat=True))


def test_a_case_fetched_ahead_is_on_the_log_and_not_as_looked_at(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    browser = client_of(hospital.alice)
    address = f"/api/v1/cases/{case.pk}"
    for _ in range(2):
        ahead = browser.get(address, {"ahead": "true"})
    assert kinds_of(case) == [EventKind.CASE_FETCHED]
    # A quarter of an hour later or less it is opened: from then on time is counted.
    early = timezone.now() - dt.timedelta(minutes=14)
    Event.objects.filter(case_id=case.pk).update(occurred_at=early)
    assert browser.get(address).json() == ahead.json()
    opened_at = seal(case, hospital.alice).opened_at
    assert opened_at is not None
    assert opened_at > early + dt.timedelta(minutes=10)


def test_a_triage_case_fetched_ahead_holds_no_opinion_and_leaves_its_reader_blind(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.triage, said=Said(suspicion=0.973125, flagged=True))
    browser = client_of(hospital.alice)
    address = f"/api/v1/cases/{case.pk}"
    ahead = browser.get(address, {"ahead": "true"})
    assert "triage" not in ahead.json()
    assert "0.973125" not in ahead.content.decode()
    assert EventKind.EVIDENCE_SERVED not in kinds_of(case)
    assert browser.get(address).json()["triage"]["suspicion"] == 0.973125
    assert EventKind.EVIDENCE_SERVED in kinds_of(case)


def test_the_answers_of_the_api_are_not_stored_anywhere(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.triage)
    browser = client_of(hospital.alice)
    for path in (
        f"/cases/{case.pk}",
        f"/cases/{case.pk}/evidence",
        f"/cases/{case.pk}/priors",
        f"/cases/{case.pk}/drafts",
        "/worklists/claims/cases",
        "/notifications",
        "/no-such-thing",
    ):
        answer = browser.get("/api/v1" + path)
        assert answer.headers["Cache-Control"] == "private, no-store", path


def test_a_second_look_at_the_evidence_waits_for_no_lock(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.triage)
    browser = client_of(hospital.alice)
    browser.get(f"/api/v1/cases/{case.pk}/evidence")
    with CaptureQueriesContext(connection) as queries:
        browser.get(f"/api/v1/cases/{case.pk}/evidence")
    assert [q for q in queries.captured_queries if "loghead" in q["sql"].lower()] == []
