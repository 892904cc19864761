"""What leads are told of audits: misses with their intervals, of closed ones alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Department, User
from apps.core.proportions import wilson_interval
from apps.insights.audits import list_department_audits
from apps.reading.canary_models import CanaryRelease
from apps.reading.models import Answer, Case, Decision
from apps.reading.selectors import current_verdicts
from tests.apps.reading.audit_room import (
    AuditRoom,
    audit,
    draw,
    let_wait,
    make_audit_room,
    send_back,
)
from tests.conftest import Hospital
from tests.factories import Said, decide, leave_room, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
ADDRESS = "/api/v1/insights/audits"
FLAG = Said(suspicion=0.9, flagged=True)


@pytest.fixture
def room(hospital: Hospital) -> AuditRoom:
    """Return a department all of whose cases are audited; it settles no differences."""
    made = make_audit_room(hospital)
    Department.objects.filter(pk=made.blind.pk).update(adjudication=False)
    return made


def _read(room: AuditRoom, case: Case, answer: Answer, decision: Decision) -> None:
    seal(case, room.carol, answer)
    decide(case, room.carol, decision)


def _told(browser: Client) -> list[dict[str, Any]]:
    answer = browser.get(ADDRESS)
    assert answer.status_code == 200
    rows: list[dict[str, Any]] = answer.json()
    return rows


def test_misses_are_told_by_department_with_wilson_intervals(
    room: AuditRoom, client_of: ClientOf
) -> None:
    lena = client_of(room.site.lena)
    # Found by both, though not flagged: the system's miss, not the reader's.
    first = audit(room, None, Answer.SUSPICIOUS, Decision.OVERRULE)
    _read(room, first, Answer.SUSPICIOUS, Decision.OVERRULE)
    for _ in range(2):
        _read(room, audit(room), Answer.AUTHENTIC, Decision.CONFIRM)
    flagged = audit(room, FLAG, Answer.SUSPICIOUS)
    _read(room, flagged, Answer.SUSPICIOUS, Decision.CONFIRM)
    differing = audit(room)
    _read(room, differing, Answer.SUSPICIOUS, Decision.OVERRULE)
    (row,) = _told(lena)
    assert (row["slug"], row["share"]) == ("claims", 1.0)
    # Who differ and are not settled leave it open what the film is.
    assert (row["open"], row["dropped"], row["closed"]) == (0, 0, 5)
    system, readers = row["missed_by_system"], row["missed_by_readers"]
    # Wilson, 1 of 3 and 0 of 2 at 95 %: as published tables have them.
    assert [round(system[k], 4) for k in ("value", "low", "high")] == [
        0.3333, 0.0615, 0.7923,
    ]  # fmt: skip
    assert [round(readers[k], 4) for k in ("value", "low", "high")] == [0, 0, 0.6576]
    assert (system["n"], readers["n"]) == (3, 2)
    for case in (first, flagged):
        case.refresh_from_db()
    assert send_back(first) >= 1
    assert _told(lena) == [row]


def test_a_miss_of_the_first_reader_is_what_the_adjudicator_ruled(
    hospital: Hospital, client_of: ClientOf
) -> None:
    room = make_audit_room(hospital)
    lena = client_of(room.site.lena)
    case = audit(room)
    _read(room, case, Answer.SUSPICIOUS, Decision.OVERRULE)
    (open_row,) = _told(lena)
    assert (open_row["open"], open_row["closed"]) == (1, 0)
    assert open_row["missed_by_readers"]["value"] is None
    verdicts = [str(row.pk) for row in current_verdicts(case=case)]
    body = {
        "verdicts": verdicts,
        "outcome": "suspicious",
        "reason_codes": ["natural_noise"],
        "note": "A.",
    }
    address = f"/api/v1/cases/{case.pk}/adjudication"
    assert lena.post(address, body, content_type="application/json").status_code == 201
    (row,) = _told(lena)
    for share in (row["missed_by_readers"], row["missed_by_system"]):
        assert (share["value"], share["n"]) == (1.0, 1)
        assert share["low"] == wilson_interval(1, 1).low


def test_what_was_dropped_is_counted_and_canaries_are_not(room: AuditRoom) -> None:
    late = draw(room)
    canary = audit(room)
    CanaryRelease.objects.create(
        after=late, department=room.triage, due_at=late.received_at, case=canary
    )
    _read(room, canary, Answer.AUTHENTIC, Decision.CONFIRM)
    (row,) = list_department_audits(user=room.site.lena)
    assert (row.open, row.dropped, row.closed) == (0, 1, 0)


def test_a_department_is_shown_to_its_own_leads_and_only_if_audited(
    hospital: Hospital, client_of: ClientOf
) -> None:
    lena = client_of(hospital.lena)
    assert _told(lena) == []
    make_audit_room(hospital, "0.05")
    (row,) = _told(lena)
    assert (row["share"], row["closed"]) == (0.05, 0)
    leave_room(hospital.lena, hospital.triage)
    assert _told(lena) == []


def test_the_queries_do_not_grow_with_audits(
    room: AuditRoom, django_assert_num_queries: Any
) -> None:
    for _ in range(2):
        _read(room, audit(room), Answer.AUTHENTIC, Decision.CONFIRM)
    with django_assert_num_queries(6):
        list_department_audits(user=room.site.lena)


def test_an_audit_that_nobody_read_is_counted_as_dropped_and_in_no_share(
    room: AuditRoom, client_of: ClientOf
) -> None:
    lena = client_of(room.site.lena)
    case = audit(room)
    assert _told(lena)[0]["open"] == 1
    assert let_wait(case) == 1
    (row,) = _told(lena)
    assert (row["open"], row["dropped"], row["closed"]) == (0, 1, 0)
    assert row["missed_by_system"]["n"] == 0
