"""A case's timeline: who did what, and nothing of others' answers before its time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from apps.accounts.models import SecondReader, User
from apps.audit.models import Event, EventKind
from apps.audit.services import append_event
from apps.reading.models import Answer, Case, CaseState
from apps.reading.services.cases import follow_analysis
from apps.reading.timeline import BETWEEN_TWO, HANDLING
from tests.apps.reading.conftest import FLAGGED, set_policy
from tests.conftest import Hospital
from tests.factories import Said, decide, image_of, make_case, make_run, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def _timeline(browser: Client, case: Case, **query: Any) -> list[dict[str, Any]]:
    answer = browser.get(f"/api/v1/cases/{case.pk}/timeline", query)
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def _told(browser: Client, case: Case) -> list[tuple[str, str | None]]:
    """Return (kind, who), oldest first."""
    return [
        (item["kind"], item["actor"] and item["actor"]["display_name"])
        for item in reversed(_timeline(browser, case))
    ]


def _put_on_log(
    case: Case, kind: EventKind, actor: User | None, subject: str = ""
) -> None:
    with transaction.atomic():
        append_event(
            kind=kind, site=case.site, actor=actor, case_id=case.pk, subject=subject
        )


def test_before_any_seal_it_tells_how_the_case_was_handled(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind, said=FLAGGED)
    alice, bob = client_of(hospital.alice), client_of(hospital.bob)
    bob.get(f"/api/v1/cases/{case.pk}")
    bob.post(f"/api/v1/cases/{case.pk}/claim")
    bob.delete(f"/api/v1/cases/{case.pk}/claim")
    client_of(hospital.lena).post(
        "/api/v1/worklists/emergency/cases/bulk",
        {"action": "assign", "ids": [case.pk], "person_id": hospital.alice.pk},
        content_type="application/json",
    )
    assert _told(alice, case) == [
        ("case_viewed", "Bob"),
        ("case_claimed", "Bob"),
        ("case_released", "Bob"),
        ("case_assigned", "Lena"),
    ]
    given = _timeline(alice, case)[0]
    assert given["given_to"]["display_name"] == "Alice"


def test_no_kind_but_handling_is_told_of_others_while_the_case_is_open(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind, said=FLAGGED)
    for kind in EventKind:
        _put_on_log(case, kind, hospital.bob)
        _put_on_log(case, kind, None)
    # The seal among them ends what is told of the others.
    before = [kind for kind in EventKind if kind in HANDLING]
    seal_at = list(EventKind).index(EventKind.READ_SEALED)
    assert all(list(EventKind).index(kind) < seal_at for kind in before)
    told = _told(client_of(hospital.alice), case)
    assert sorted({kind for kind, _ in told}) == sorted(before)
    assert len(told) == 2 * len(before)


@pytest.mark.parametrize("room", ["blind", "triage"])
def test_after_another_readers_seal_nothing_more_is_told_of_others(
    room: str, hospital: Hospital, client_of: ClientOf
) -> None:
    department = getattr(hospital, room)
    set_policy(department, SecondReader.ALWAYS)
    case = make_case(department, said=FLAGGED)
    client_of(hospital.bob).get(f"/api/v1/cases/{case.pk}")
    seal(case, hospital.bob, Answer.SUSPICIOUS)
    decide(case, hospital.bob)
    # Whoever comes now may be its adjudicator.
    client_of(hospital.lena).get(f"/api/v1/cases/{case.pk}")
    alice = client_of(hospital.alice)
    alice.post(f"/api/v1/cases/{case.pk}/claim")
    told = _told(alice, case)
    assert ("case_viewed", "Bob") in told
    assert ("case_claimed", "Alice") in told
    assert {who for _, who in told[1:]} == {"Alice"}
    # Sealing opens what one did oneself, and nothing of the first reader.
    seal(Case.objects.get(pk=case.pk), hospital.alice)
    told = _told(alice, case)
    assert ("read_sealed", "Alice") in told
    assert "Bob" not in {who for kind, who in told if kind != "case_viewed"}


def test_runs_are_told_to_nobody_before_the_case_is_done(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind, said=FLAGGED)
    _put_on_log(case, EventKind.RUN_FINISHED, None)
    alice = client_of(hospital.alice)
    assert _told(alice, case) == []
    seal(case, hospital.alice, Answer.SUSPICIOUS)
    assert _told(alice, case) == [("read_sealed", "Alice")]
    decide(case, hospital.alice)
    assert Case.objects.get(pk=case.pk).state == CaseState.DONE
    assert ("run_finished", None) in _told(alice, case)
    # Bob filed nothing: done or not, the case tells him no more than before.
    assert _told(client_of(hospital.bob), case) == []


def test_a_case_that_is_done_tells_its_readers_all_but_what_is_between_others(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind, said=FLAGGED)
    seal(case, hospital.alice, Answer.SUSPICIOUS)
    decide(case, hospital.alice)
    for kind in EventKind:
        _put_on_log(case, kind, hospital.bob)
    alice = client_of(hospital.alice)
    told = {kind for kind, who in _told(alice, case) if who == "Bob"}
    assert told == set(EventKind) - {*BETWEEN_TWO, EventKind.AUDIT_READ}
    # Opened again, it waits for an adjudicator: nothing of that is told any more.
    Case.objects.filter(pk=case.pk).update(state=CaseState.ADJUDICATION, is_open=1)
    told = {kind for kind, who in _told(alice, case) if who == "Bob"}
    assert told <= set(HANDLING)


def test_twins_have_the_same_timeline(hospital: Hospital, client_of: ClientOf) -> None:
    told = []
    for said in (FLAGGED, Said()):
        case = make_case(hospital.blind, state=CaseState.ANALYSING)
        follow_analysis(run=make_run(image_of(case), said))
        client_of(hospital.bob).get(f"/api/v1/cases/{case.pk}")
        told.append(_told(client_of(hospital.alice), case))
    assert told[0] == told[1]


def test_it_comes_in_pages_that_meet(hospital: Hospital, client_of: ClientOf) -> None:
    case = make_case(hospital.blind)
    for _ in range(5):
        _put_on_log(case, EventKind.CASE_CLAIMED, hospital.bob)
    # Two at one moment: the id decides.
    Event.objects.filter(case_id=case.pk).update(occurred_at=timezone.now())
    alice = client_of(hospital.alice)
    address = f"/api/v1/cases/{case.pk}/timeline"
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = alice.get(
            address, {"limit": 2, **({"cursor": cursor} if cursor else {})}
        )
        seen += [item["id"] for item in page.json()["items"]]
        cursor = page.json()["next_cursor"]
    assert cursor is None
    assert len(seen) == len(set(seen)) == 5
    bad = alice.get(address, {"cursor": "nonsense"})
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_cursor")


def test_it_costs_the_same_queries_whatever_its_length(
    hospital: Hospital, client_of: ClientOf, django_assert_num_queries: Any
) -> None:
    case = make_case(hospital.blind)
    alice = client_of(hospital.alice)
    _put_on_log(case, EventKind.CASE_ASSIGNED, hospital.lena, f"user:{hospital.bob.pk}")
    _timeline(alice, case)
    for number in (1, 20):
        for _ in range(number):
            _put_on_log(
                case, EventKind.CASE_ASSIGNED, hospital.lena, f"user:{hospital.bob.pk}"
            )
        # Session, user, site, case, savepoint and its end, whether it was read before,
        # the first seal, the entries, who got the case.
        with django_assert_num_queries(10):
            _timeline(alice, case)


def test_reading_it_is_on_the_log_once_per_quarter_of_an_hour(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    alice, lena = client_of(hospital.alice), client_of(hospital.lena)
    reads = Event.objects.filter(kind=EventKind.AUDIT_READ, actor=hospital.alice)
    for _ in range(3):
        _timeline(alice, case)
    assert [event.case_id for event in reads] == [case.pk]
    reads.update(occurred_at=timezone.now() - dt.timedelta(minutes=16))
    _timeline(alice, case)
    assert reads.count() == 2
    # The desk's own record is not spared by a look at one case.
    _timeline(lena, case)
    lena.get("/api/v1/audit/events")
    looks = Event.objects.filter(kind=EventKind.AUDIT_READ, actor=hospital.lena)
    assert {event.case_id for event in looks} == {case.pk, None}


def test_it_names_no_patient_and_no_place_in_the_log(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    _put_on_log(case, EventKind.CASE_OPENED, None, f"study:{case.pk}")
    (item,) = _timeline(client_of(hospital.alice), case)
    assert set(item) == {"id", "kind", "label", "occurred_at", "actor", "given_to"}


def test_a_stranger_finds_no_timeline(
    hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    address = f"/api/v1/cases/{case.pk}/timeline"
    assert client_of(charlie).get(address).status_code == 404
    assert client_of(hospital.max).get(address).status_code == 403
    assert not Event.objects.filter(kind=EventKind.AUDIT_READ).exists()
