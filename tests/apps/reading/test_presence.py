"""Presence: who is on a case is told at once, as far as one may know, and a claim
ends with the page unless something else speaks for it."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Role, User
from apps.audit.models import Event, EventKind
from apps.core.errors import Conflict
from apps.reading.models import Case, CaseState, Presence
from apps.reading.personal_models import DraftStep
from apps.reading.services.cases import CLAIM_DURATION, claim_case, release_case
from apps.reading.services.drafts import save_draft
from apps.reading.services.presence import (
    LIVE_DURATION,
    MAX_TABS,
    leave_case,
    note_presence,
)
from tests.conftest import Hospital
from tests.factories import UserFactory, decide, make_case, seal

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], Client]
HERE, THERE = uuid.UUID(int=1), uuid.UUID(int=2)
DAY = dt.timedelta(hours=24)
# session, person, site; the case, its lock, closed tabs, own tabs, the own one found,
# told apart in a savepoint and kept, the claim; the case as it is now, the others.
STAY_QUERIES = 16
LEAVE_QUERIES = 10


@pytest.fixture
def case(hospital: Hospital) -> Case:
    """Return a ready case of the blind department."""
    return make_case(hospital.blind)


def _at(case: Case, tab: uuid.UUID = HERE) -> str:
    return f"/api/v1/cases/{case.pk}/presence/{tab}"


def _stay(browser: Client, case: Case, tab: uuid.UUID = HERE) -> dict[str, Any]:
    answer = browser.put(_at(case, tab))
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def _names(told: dict[str, Any]) -> list[str]:
    return [person["display_name"] for person in told["people"]]


def _note(case: Case, user: User, tab: uuid.UUID = HERE) -> None:
    note_presence(case=case, user=user, tab=tab)


def _leave(
    case: Case, user: User, tab: uuid.UUID = HERE, *, keeps_claim: bool = False
) -> None:
    leave_case(case=case, user=user, tab=tab, keeps_claim=keeps_claim)


def _holder(case: Case) -> User | None:
    return Case.objects.get(pk=case.pk).claimed_by


def _let_pass(span: dt.timedelta) -> None:
    """Let the pages be silent, and the claims grow older, for a while."""
    for row in Presence.objects.all():
        row.live_until -= span
        row.save()
    for case in Case.objects.exclude(claim_expires_at=None):
        Case.objects.filter(pk=case.pk).update(
            claim_expires_at=case.claim_expires_at - span  # type: ignore[operator]
        )


def test_two_people_on_one_case_see_each_other(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice, bob = client_of(hospital.alice), client_of(hospital.bob)
    assert _stay(alice, case) == {
        "people": [],
        "claimed_by": None,
        "claim_expires_at": None,
    }
    claim_case(case=case, user=hospital.alice)
    told = _stay(bob, case)
    person = {"id": str(hospital.alice.pk), "display_name": "Alice"}
    assert (told["people"], told["claimed_by"]) == ([person], person)
    assert _names(_stay(alice, case)) == ["Bob"]


def test_nothing_but_names_and_the_holder_is_told(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    told = {}
    steps: dict[str, Callable[[], object]] = {
        "opened": lambda: None,
        "sealed": partial(seal, case, hospital.alice),
    }
    for phase, step in steps.items():
        step()
        _note(case, hospital.alice)
        told[phase] = _stay(client_of(hospital.bob), case)
    assert told["opened"] == told["sealed"]
    assert set(told["opened"]) == {"people", "claimed_by", "claim_expires_at"}


def test_a_second_reader_sees_who_is_on_the_case_when_opening_it(
    waiting: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    _note(waiting, hospital.alice)
    assert _names(_stay(client_of(hospital.bob), waiting)) == ["Alice"]


def test_strangers_and_others_without_the_right_are_refused(
    case: Case, hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    _note(case, hospital.alice)
    for person, status in ((charlie, 404), (hospital.max, 403), (hospital.ada, 403)):
        browser = client_of(person)
        assert browser.put(_at(case)).status_code == status
        assert browser.delete(_at(case)).status_code == status
    assert Client().put(_at(case)).status_code == 401
    assert Client().delete(_at(case)).status_code == 401
    browser = client_of(hospital.bob)
    assert browser.get(_at(case)).status_code == 405
    assert browser.put(f"/api/v1/cases/{case.pk}/presence/tab").status_code == 422
    # Nor does anyone's leaving close a colleague's tab.
    assert browser.delete(_at(case)).status_code == 204
    assert Presence.objects.get().user == hospital.alice


def test_who_left_the_site_or_was_deactivated_is_not_shown(
    case: Case, hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    _note(case, hospital.alice)
    _note(case, hospital.lena)
    User.objects.filter(pk=hospital.alice.pk).update(site=charlie.site)
    User.objects.filter(pk=hospital.lena.pk).update(is_active=False)
    assert _names(_stay(client_of(hospital.bob), case)) == []


def test_an_adjudicator_is_shown_to_those_alone_who_know_that_readers_differ(
    decided: Case, differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    dora = UserFactory.create(site=hospital.site, role=Role.RADIOLOGIST)
    for case in (differing, decided):
        claim = {"claimed_by": hospital.lena, "claim_expires_at": _in(CLAIM_DURATION)}
        Case.objects.filter(pk=case.pk).update(**claim)
        _note(case, hospital.lena)
    assert _names(_stay(client_of(hospital.alice), differing)) == ["Lena"]
    # To whom a case is told as done, one whose readers differ looks like any other.
    told = _stay(client_of(dora), differing)
    assert told == {"people": [], "claimed_by": None, "claim_expires_at": None}
    assert _names(_stay(client_of(dora), decided)) == []


def test_a_page_that_fell_silent_is_not_shown_any_more(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    _note(case, hospital.alice)
    bob = client_of(hospital.bob)
    _let_pass(LIVE_DURATION - dt.timedelta(seconds=5))
    assert _names(_stay(bob, case)) == ["Alice"]
    _let_pass(dt.timedelta(seconds=6))
    assert _names(_stay(bob, case)) == []


def test_rows_of_closed_tabs_do_not_pile_up(case: Case, hospital: Hospital) -> None:
    for number in range(5):
        _note(make_case(hospital.blind), hospital.alice, uuid.UUID(int=number))
    _let_pass(LIVE_DURATION + CLAIM_DURATION)
    _note(case, hospital.bob)
    assert Presence.objects.get().user == hospital.bob


def test_one_person_has_a_bounded_number_of_tabs(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    for number in range(MAX_TABS):
        _stay(alice, case, uuid.UUID(int=number))
    late = alice.put(_at(case, uuid.UUID(int=99)))
    assert (late.status_code, late.json()["code"]) == (409, "too_many_tabs")
    _stay(alice, case, uuid.UUID(int=0))
    _stay(client_of(hospital.bob), case)


def test_an_open_page_renews_its_readers_claim_without_news_or_entry(
    case: Case, hospital: Hospital
) -> None:
    claim_case(case=case, user=hospital.alice)
    _let_pass(dt.timedelta(minutes=15))
    before = (Event.objects.count(), Case.objects.get().version)
    _note(case, hospital.bob)
    left = Case.objects.get().claim_expires_at
    assert left is not None
    assert left < _in(dt.timedelta(minutes=6))
    _note(case, hospital.alice)
    renewed = Case.objects.get().claim_expires_at
    assert renewed is not None
    assert renewed > _in(dt.timedelta(minutes=19))
    assert (Event.objects.count(), Case.objects.get().version) == before


def test_an_open_page_never_shortens_an_assignment(
    case: Case, hospital: Hospital
) -> None:
    tomorrow = _in(DAY)
    Case.objects.update(claimed_by=hospital.alice, claim_expires_at=tomorrow)
    _note(case, hospital.alice)
    assert Case.objects.get().claim_expires_at == tomorrow


def test_an_open_page_takes_no_claim_and_does_not_bring_one_back(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    assert _stay(alice, case)["claimed_by"] is None
    claim_case(case=case, user=hospital.alice)
    assert _stay(alice, case)["claimed_by"]["display_name"] == "Alice"
    _let_pass(CLAIM_DURATION + dt.timedelta(seconds=1))
    assert _stay(alice, case)["claimed_by"] is None
    claim_case(case=case, user=hospital.bob)
    assert _stay(alice, case)["claimed_by"]["display_name"] == "Bob"
    assert _holder(case) == hospital.bob


def test_leaving_gives_the_case_back_once(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    _stay(alice, case)
    claim_case(case=case, user=hospital.alice)
    assert alice.delete(_at(case)).status_code == 204
    assert _holder(case) is None
    assert not Presence.objects.exists()
    # The same again, as when its answer was lost: not even what was claimed since.
    claim_case(case=case, user=hospital.alice)
    assert alice.delete(_at(case)).status_code == 204
    assert _holder(case) == hospital.alice
    assert Event.objects.filter(kind=EventKind.CASE_RELEASED).count() == 1


def test_a_tab_that_had_gone_quiet_still_gives_the_case_back(
    case: Case, hospital: Hospital
) -> None:
    claim_case(case=case, user=hospital.alice)
    _note(case, hospital.alice)
    _let_pass(dt.timedelta(minutes=19))
    _note(case, hospital.bob)
    _leave(case, hospital.alice)
    assert _holder(case) is None


def test_the_claim_stays_while_another_tab_of_the_reader_is_open(
    case: Case, hospital: Hospital
) -> None:
    claim_case(case=case, user=hospital.alice)
    _note(case, hospital.alice, HERE)
    _note(case, hospital.alice, THERE)
    _note(case, hospital.bob, uuid.UUID(int=3))
    _leave(case, hospital.alice, HERE)
    assert _holder(case) == hospital.alice
    _leave(case, hospital.alice, THERE)
    assert _holder(case) is None


def _in(span: dt.timedelta) -> dt.datetime:
    return timezone.now() + span


def _begin_draft(case: Case, reader: User) -> None:
    save_draft(
        case=case, reader=reader, step=DraftStep.READ, based_on=0, body={"note": "x"}
    )


def test_leaving_keeps_a_claim_that_something_else_speaks_for(
    hospital: Hospital,
) -> None:
    alice = hospital.alice
    begun, sealed, unsaved, assigned = (make_case(hospital.blind) for _ in range(4))
    for case in (begun, sealed, unsaved, assigned):
        claim_case(case=case, user=alice)
        _note(case, alice)
    _begin_draft(begun, alice)
    seal(sealed, alice)
    Case.objects.filter(pk=assigned.pk).update(claim_expires_at=_in(DAY))
    for case in (begun, sealed, assigned):
        _leave(case, alice)
    _leave(unsaved, alice, keeps_claim=True)
    for case in (begun, sealed, unsaved, assigned):
        assert _holder(case) == alice
    assert not Event.objects.filter(kind=EventKind.CASE_RELEASED).exists()


def test_a_colleagues_draft_does_not_hold_my_claim(
    case: Case, hospital: Hospital
) -> None:
    _begin_draft(case, hospital.bob)
    seal(case, hospital.lena)
    claim_case(case=case, user=hospital.alice)
    _note(case, hospital.alice)
    _leave(case, hospital.alice)
    assert _holder(case) is None


def test_leaving_takes_no_claim_from_a_colleague(
    case: Case, hospital: Hospital
) -> None:
    _note(case, hospital.alice)
    claim_case(case=case, user=hospital.bob)
    _leave(case, hospital.alice)
    assert _holder(case) == hospital.bob


def test_leaving_after_the_verdict_changes_nothing(
    case: Case, hospital: Hospital
) -> None:
    _note(case, hospital.alice)
    seal(case, hospital.alice)
    decide(case, hospital.alice)
    before = (Event.objects.count(), Case.objects.get().version)
    _leave(case, hospital.alice)
    assert (Event.objects.count(), Case.objects.get().version) == before
    assert Case.objects.get().state == CaseState.DONE


def _at_once(*calls: Callable[[], object]) -> list[object]:
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        try:
            gate.wait(timeout=20)
            return call()
        except Conflict as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(40) for future in [pool.submit(run, c) for c in calls]]


def test_two_tabs_left_at_once_give_the_case_back_once(hospital: Hospital) -> None:
    for round_ in range(1, 4):
        case = make_case(hospital.blind)
        claim_case(case=case, user=hospital.alice)
        for tab in (HERE, THERE):
            _note(case, hospital.alice, tab)
        _at_once(*[partial(_leave, case, hospital.alice, t) for t in (HERE, THERE)])
        assert _holder(case) is None
        released = Event.objects.filter(kind=EventKind.CASE_RELEASED)
        assert released.count() == round_


def test_a_page_opened_while_a_colleague_leaves_finds_the_claim_whole(
    case: Case, hospital: Hospital
) -> None:
    for _ in range(3):
        claim_case(case=case, user=hospital.alice)
        _note(case, hospital.alice)
        claim = partial(claim_case, case=Case.objects.get(), user=hospital.bob)
        results = _at_once(partial(_leave, case, hospital.alice), claim)
        # Bob came after Alice had left and holds it, or before and was refused.
        refused = "claimed_by_other" in results
        assert _holder(case) == (None if refused else hospital.bob)
        release_case(case=case, user=hospital.bob)


def test_one_tab_reported_twice_at_once_is_one_tab(
    case: Case, hospital: Hospital
) -> None:
    _at_once(*[partial(_note, case, hospital.alice)] * 3)
    assert Presence.objects.get().tab == HERE


def test_presence_costs_a_fixed_number_of_queries(
    case: Case,
    hospital: Hospital,
    client_of: ClientOf,
    django_assert_num_queries: Any,
) -> None:
    alice = client_of(hospital.alice)
    _stay(alice, case)
    for number in range(6):
        other = UserFactory.create(site=hospital.site, role=Role.RADIOLOGIST)
        _note(case, other, uuid.UUID(int=number))
    with django_assert_num_queries(STAY_QUERIES):
        assert len(_stay(alice, case)["people"]) == 6
    with django_assert_num_queries(LEAVE_QUERIES):
        alice.delete(_at(case))
