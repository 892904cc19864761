"""A claim lives as long as its page, unless something else speaks for it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.reading.models import Case, CaseState, Presence
from apps.reading.personal_models import DraftStep
from apps.reading.services.cases import CLAIM_DURATION, claim_case, release_case
from apps.reading.services.drafts import save_draft
from tests.apps.reading.pages import (
    HERE,
    THERE,
    at,
    claim,
    in_,
    leave,
    let_pass,
    note,
    stay,
)
from tests.conftest import Hospital
from tests.factories import decide, make_case, seal
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], Client]
DAY = dt.timedelta(hours=24)


@pytest.fixture
def case(hospital: Hospital) -> Case:
    """Return a ready case of the blind department."""
    return make_case(hospital.blind)


def _holder(case: Case) -> User | None:
    return Case.objects.get(pk=case.pk).claimed_by


def test_an_open_page_renews_its_readers_claim_without_news_or_entry(
    case: Case, hospital: Hospital
) -> None:
    claim_case(case=case, user=hospital.alice)
    let_pass(dt.timedelta(minutes=15))
    before = (Event.objects.count(), Case.objects.get().version)
    note(case, hospital.bob)
    left = Case.objects.get().claim_expires_at
    assert left is not None
    assert left < in_(dt.timedelta(minutes=6))
    note(case, hospital.alice)
    renewed = Case.objects.get().claim_expires_at
    assert renewed is not None
    assert renewed > in_(dt.timedelta(minutes=19))
    assert (Event.objects.count(), Case.objects.get().version) == before


def test_an_open_page_never_shortens_an_assignment(
    case: Case, hospital: Hospital
) -> None:
    tomorrow = in_(DAY)
    Case.objects.update(claimed_by=hospital.alice, claim_expires_at=tomorrow)
    note(case, hospital.alice)
    assert Case.objects.get().claim_expires_at == tomorrow


def test_an_open_page_takes_no_claim_and_does_not_bring_one_back(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    assert stay(alice, case)["claimed_by"] is None
    claim_case(case=case, user=hospital.alice)
    assert stay(alice, case)["claimed_by"]["display_name"] == "Alice"
    let_pass(CLAIM_DURATION + dt.timedelta(seconds=1))
    assert stay(alice, case)["claimed_by"] is None
    claim_case(case=case, user=hospital.bob)
    assert stay(alice, case)["claimed_by"]["display_name"] == "Bob"
    assert _holder(case) == hospital.bob


def test_leaving_gives_the_case_back_once(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    stay(alice, case)
    claim(case, hospital.alice)
    assert alice.delete(at(case)).status_code == 204
    assert _holder(case) is None
    assert not Presence.objects.filter(is_left=False).exists()
    # The same again, as when its answer was lost: not even what was claimed since.
    claim(case, hospital.alice)
    assert alice.delete(at(case)).status_code == 204
    assert _holder(case) == hospital.alice
    assert Event.objects.filter(kind=EventKind.CASE_RELEASED).count() == 1


def test_a_tab_that_had_gone_quiet_still_gives_the_case_back(
    case: Case, hospital: Hospital
) -> None:
    claim(case, hospital.alice)
    note(case, hospital.alice)
    let_pass(dt.timedelta(minutes=19))
    note(case, hospital.bob)
    leave(case, hospital.alice)
    assert _holder(case) is None


def test_the_claim_stays_while_another_tab_of_the_reader_is_open(
    case: Case, hospital: Hospital
) -> None:
    claim(case, hospital.alice)
    note(case, hospital.alice, HERE)
    note(case, hospital.alice, THERE)
    note(case, hospital.bob, uuid.UUID(int=3))
    leave(case, hospital.alice, HERE)
    assert _holder(case) == hospital.alice
    leave(case, hospital.alice, THERE)
    assert _holder(case) is None


def _begin_draft(case: Case, reader: User) -> None:
    save_draft(
        case=case, reader=reader, step=DraftStep.READ, based_on=0, body={"note": "x"}
    )


def test_leaving_keeps_a_claim_that_something_else_speaks_for(
    hospital: Hospital,
) -> None:
    alice = hospital.alice
    begun, sealed, unsaved = (make_case(hospital.blind) for _ in range(3))
    for case in (begun, sealed, unsaved):
        claim(case, alice)
        note(case, alice)
    _begin_draft(begun, alice)
    seal(sealed, alice)
    for case in (begun, sealed):
        leave(case, alice)
    leave(unsaved, alice, keeps_claim=True)
    for case in (begun, sealed, unsaved):
        assert _holder(case) == alice
    assert not Event.objects.filter(kind=EventKind.CASE_RELEASED).exists()


def test_a_colleagues_draft_does_not_hold_my_claim(
    case: Case, hospital: Hospital
) -> None:
    _begin_draft(case, hospital.bob)
    seal(case, hospital.lena)
    claim(case, hospital.alice)
    note(case, hospital.alice)
    leave(case, hospital.alice)
    assert _holder(case) is None


def test_leaving_takes_no_claim_from_a_colleague(
    case: Case, hospital: Hospital
) -> None:
    note(case, hospital.alice)
    claim_case(case=case, user=hospital.bob)
    leave(case, hospital.alice)
    assert _holder(case) == hospital.bob


def test_leaving_after_the_verdict_changes_nothing(
    case: Case, hospital: Hospital
) -> None:
    note(case, hospital.alice)
    seal(case, hospital.alice)
    decide(case, hospital.alice)
    before = (Event.objects.count(), Case.objects.get().version)
    leave(case, hospital.alice)
    assert (Event.objects.count(), Case.objects.get().version) == before
    assert Case.objects.get().state == CaseState.DONE


def test_two_tabs_left_at_once_give_the_case_back_once(hospital: Hospital) -> None:
    for round_ in range(1, 4):
        case = make_case(hospital.blind)
        claim(case, hospital.alice)
        for tab in (HERE, THERE):
            note(case, hospital.alice, tab)
        at_once(*[partial(leave, case, hospital.alice, t) for t in (HERE, THERE)])
        assert _holder(case) is None
        released = Event.objects.filter(kind=EventKind.CASE_RELEASED)
        assert released.count() == round_


def test_a_page_opened_while_a_colleague_leaves_finds_the_claim_whole(
    case: Case, hospital: Hospital
) -> None:
    for _ in range(3):
        tab = uuid.uuid4()
        claim(case, hospital.alice)
        note(case, hospital.alice, tab)
        taking = partial(claim_case, case=Case.objects.get(), user=hospital.bob)
        results = at_once(partial(leave, case, hospital.alice, tab), taking)
        # Bob came after Alice had left and holds it, or before and was refused.
        refused = "claimed_by_other" in results
        assert _holder(case) == (None if refused else hospital.bob)
        release_case(case=case, user=hospital.bob)


def test_one_tab_reported_twice_at_once_is_one_tab(
    case: Case, hospital: Hospital
) -> None:
    at_once(*[partial(note, case, hospital.alice)] * 3)
    assert Presence.objects.get().tab == HERE
