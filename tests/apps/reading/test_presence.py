"""Presence: who is on a case is told at once, as far as one may know."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Role, User
from apps.reading.models import Case, Presence
from apps.reading.services.cases import CLAIM_DURATION, claim_case
from apps.reading.services.presence import (
    LIVE_DURATION,
    MAX_TABS,
)
from tests.apps.reading.pages import at, in_, let_pass, note, stay
from tests.conftest import Hospital
from tests.factories import UserFactory, make_case, seal

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], Client]
# session, person, site; the case, begun, its lock, closed tabs, own tabs, the own one
# kept, the claim, committed; the case as it is now, the others.
STAY_QUERIES = 13
LEAVE_QUERIES = 10


@pytest.fixture
def case(hospital: Hospital) -> Case:
    """Return a ready case of the blind department."""
    return make_case(hospital.blind)


def _names(told: dict[str, Any]) -> list[str]:
    return [person["display_name"] for person in told["people"]]


def test_two_people_on_one_case_see_each_other(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice, bob = client_of(hospital.alice), client_of(hospital.bob)
    assert stay(alice, case) == {
        "people": [],
        "claimed_by": None,
        "claim_expires_at": None,
    }
    claim_case(case=case, user=hospital.alice)
    told = stay(bob, case)
    person = {"id": str(hospital.alice.pk), "display_name": "Alice"}
    assert (told["people"], told["claimed_by"]) == ([person], person)
    assert _names(stay(alice, case)) == ["Bob"]


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
        note(case, hospital.alice)
        told[phase] = stay(client_of(hospital.bob), case)
    assert told["opened"] == told["sealed"]
    assert set(told["opened"]) == {"people", "claimed_by", "claim_expires_at"}


def test_a_second_reader_sees_who_is_on_the_case_when_opening_it(
    waiting: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    note(waiting, hospital.alice)
    assert _names(stay(client_of(hospital.bob), waiting)) == ["Alice"]


def test_strangers_and_others_without_the_right_are_refused(
    case: Case, hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    note(case, hospital.alice)
    for person, status in ((charlie, 404), (hospital.max, 403), (hospital.ada, 403)):
        browser = client_of(person)
        assert browser.put(at(case)).status_code == status
        assert browser.delete(at(case)).status_code == status
    assert Client().put(at(case)).status_code == 401
    assert Client().delete(at(case)).status_code == 401
    browser = client_of(hospital.bob)
    assert browser.get(at(case)).status_code == 405
    assert browser.put(f"/api/v1/cases/{case.pk}/presence/tab").status_code == 422
    # Nor does anyone's leaving close a colleague's tab.
    assert browser.delete(at(case)).status_code == 204
    assert Presence.objects.get(is_left=False).user == hospital.alice


def test_who_left_the_site_or_was_deactivated_is_not_shown(
    case: Case, hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    note(case, hospital.alice)
    note(case, hospital.lena)
    User.objects.filter(pk=hospital.alice.pk).update(site=charlie.site)
    User.objects.filter(pk=hospital.lena.pk).update(is_active=False)
    assert _names(stay(client_of(hospital.bob), case)) == []


def test_an_adjudicator_is_shown_to_those_alone_who_know_that_readers_differ(
    decided: Case, differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    dora = UserFactory.create(site=hospital.site, role=Role.RADIOLOGIST)
    for case in (differing, decided):
        claim = {"claimed_by": hospital.lena, "claim_expires_at": in_(CLAIM_DURATION)}
        Case.objects.filter(pk=case.pk).update(**claim)
        note(case, hospital.lena)
    assert _names(stay(client_of(hospital.alice), differing)) == ["Lena"]
    # To whom a case is told as done, one whose readers differ looks like any other.
    told = stay(client_of(dora), differing)
    assert told == {"people": [], "claimed_by": None, "claim_expires_at": None}
    assert _names(stay(client_of(dora), decided)) == []


def test_a_page_that_fell_silent_is_not_shown_any_more(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    note(case, hospital.alice)
    bob = client_of(hospital.bob)
    let_pass(LIVE_DURATION - dt.timedelta(seconds=5))
    assert _names(stay(bob, case)) == ["Alice"]
    let_pass(dt.timedelta(seconds=6))
    assert _names(stay(bob, case)) == []


def test_rows_of_closed_tabs_do_not_pile_up(case: Case, hospital: Hospital) -> None:
    for number in range(5):
        note(make_case(hospital.blind), hospital.alice, uuid.UUID(int=number))
    let_pass(LIVE_DURATION + CLAIM_DURATION)
    note(case, hospital.bob)
    assert Presence.objects.get().user == hospital.bob


def test_one_person_has_a_bounded_number_of_tabs(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    for number in range(MAX_TABS):
        stay(alice, case, uuid.UUID(int=number))
    late = alice.put(at(case, uuid.UUID(int=99)))
    assert (late.status_code, late.json()["code"]) == (409, "too_many_tabs")
    stay(alice, case, uuid.UUID(int=0))
    stay(client_of(hospital.bob), case)


def test_presence_costs_a_fixed_number_of_queries(
    case: Case,
    hospital: Hospital,
    client_of: ClientOf,
    django_assert_num_queries: Any,
) -> None:
    alice = client_of(hospital.alice)
    stay(alice, case)
    for number in range(6):
        other = UserFactory.create(site=hospital.site, role=Role.RADIOLOGIST)
        note(case, other, uuid.UUID(int=number))
    with django_assert_num_queries(STAY_QUERIES):
        assert len(stay(alice, case)["people"]) == 6
    with django_assert_num_queries(LEAVE_QUERIES):
        alice.delete(at(case))
