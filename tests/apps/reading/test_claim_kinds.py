"""What ends a claim follows from how it was taken; a page that was left takes none."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.core.errors import Conflict
from apps.reading.models import Case, ClaimKind, Presence
from apps.reading.personal_models import DraftStep
from apps.reading.services.bulk import (
    assign_cases,
    release_cases,
    restore_cases,
)
from apps.reading.services.cases import CLAIM_DURATION, claim_case
from apps.reading.services.drafts import save_draft
from apps.reading.services.presence import MAX_UNHEARD, claim_in_tab
from tests.apps.reading.pages import HERE, THERE, at, in_, leave, let_pass, note
from tests.conftest import Hospital
from tests.factories import make_case
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], Client]


@pytest.fixture
def case(hospital: Hospital) -> Case:
    """Return a ready case of the blind department."""
    return make_case(hospital.blind)


def _holder(case: Case) -> User | None:
    return Case.objects.get(pk=case.pk).claimed_by


def _claim(browser: Client, case: Case, tab: uuid.UUID = HERE) -> Any:
    return browser.post(f"/api/v1/cases/{case.pk}/claim?tab={tab}")


def _assign(hospital: Hospital, case: Case, actor: User, person: User) -> Any:
    (row,) = assign_cases(
        actor=actor, department=hospital.blind, case_ids=[case.pk], person=person
    )
    return row


# --- a page that is left at once ------------------------------------------------------


def test_what_a_page_sent_before_it_was_left_and_comes_later_does_nothing(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    assert alice.delete(at(case)).status_code == 204
    before = (Event.objects.count(), Case.objects.get().version)
    late = (alice.put(at(case)), _claim(alice, case))
    for answer in late:
        assert (answer.status_code, answer.json()["code"]) == (409, "tab_left")
    assert _holder(case) is None
    assert (Event.objects.count(), Case.objects.get().version) == before
    assert client_of(hospital.bob).put(at(case)).json()["people"] == []


def test_a_claim_that_comes_before_the_first_beat_ends_with_the_page(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    claimed = _claim(alice, case)
    assert claimed.json()["claimed_by"]["display_name"] == "Alice"
    told = client_of(hospital.bob).put(at(case, THERE)).json()
    assert [person["display_name"] for person in told["people"]] == ["Alice"]
    assert alice.delete(at(case)).status_code == 204
    assert _holder(case) is None
    assert alice.put(at(case)).json()["code"] == "tab_left"
    assert Event.objects.filter(kind=EventKind.CASE_RELEASED).count() == 1


def test_of_beat_claim_and_leaving_at_once_no_claim_is_left(
    hospital: Hospital,
) -> None:
    alice = hospital.alice
    for _ in range(4):
        case = make_case(hospital.blind)
        at_once(
            partial(note, case, alice),
            partial(
                claim_in_tab, case=Case.objects.get(pk=case.pk), user=alice, tab=HERE
            ),
            partial(leave, case, alice),
        )
        assert _holder(case) is None
        live = Presence.objects.filter(case=case, is_left=False)
        assert not live.exists()


def test_a_late_claim_is_taken_where_something_else_speaks_for_it(
    hospital: Hospital,
) -> None:
    alice = hospital.alice
    unsaved, begun, elsewhere = (make_case(hospital.blind) for _ in range(3))
    save_draft(
        case=begun, reader=alice, step=DraftStep.READ, based_on=0, body={"note": "x"}
    )
    note(elsewhere, alice, THERE)
    for case in (unsaved, begun, elsewhere):
        leave(case, alice, keeps_claim=case is unsaved)
        claim_in_tab(case=case, user=alice, tab=HERE)
        assert _holder(case) == alice
    # As if it had come in time: the other page ends it.
    leave(elsewhere, alice, THERE)
    assert _holder(elsewhere) is None


def test_a_tab_that_was_left_is_forgotten_with_the_claim_it_could_hold(
    case: Case, hospital: Hospital
) -> None:
    leave(case, hospital.alice)
    let_pass(CLAIM_DURATION + dt.timedelta(seconds=1))
    note(case, hospital.bob)
    assert Presence.objects.get().user == hospital.bob


def test_leaving_tabs_that_never_were_fills_no_table(
    case: Case, hospital: Hospital
) -> None:
    for number in range(MAX_UNHEARD + 3):
        leave(case, hospital.alice, uuid.UUID(int=number))
    assert Presence.objects.count() == MAX_UNHEARD


def test_a_claim_that_is_refused_opens_no_page(case: Case, hospital: Hospital) -> None:
    claim_case(case=case, user=hospital.bob)
    with pytest.raises(Conflict) as refused:
        claim_in_tab(case=case, user=hospital.alice, tab=HERE)
    assert refused.value.code == "claimed_by_other"
    assert not Presence.objects.exists()


def test_a_tab_that_is_no_id_is_refused(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    assert alice.post(f"/api/v1/cases/{case.pk}/claim?tab=x").status_code == 422
    assert _holder(case) is None


# --- how it was taken -----------------------------------------------------------------


def test_leaving_ends_no_claim_that_no_page_took(
    hospital: Hospital, client_of: ClientOf
) -> None:
    alice = hospital.alice
    by_hand, chosen, given = (make_case(hospital.blind) for _ in range(3))
    client_of(alice).post(f"/api/v1/cases/{by_hand.pk}/claim")
    _assign(hospital, chosen, alice, alice)
    _assign(hospital, given, hospital.lena, alice)
    kinds = {by_hand: "taken", chosen: "taken", given: "assigned"}
    # The last minutes of a day's assignment look like a page's claim.
    Case.objects.update(claim_expires_at=in_(dt.timedelta(minutes=15)))
    for case, kind in kinds.items():
        # Its page asks for it too, as after a beat that named nobody.
        claim_in_tab(case=case, user=alice, tab=HERE)
        leave(case, alice)
        assert _holder(case) == alice
        assert Case.objects.get(pk=case.pk).claim_kind == kind


def test_a_claim_is_of_the_kind_of_who_took_it_last(
    case: Case, hospital: Hospital
) -> None:
    claim_in_tab(case=case, user=hospital.alice, tab=HERE)
    assert Case.objects.get().claim_kind == ClaimKind.OPENED
    claim_case(case=case, user=hospital.alice)
    assert Case.objects.get().claim_kind == ClaimKind.TAKEN
    let_pass(CLAIM_DURATION + dt.timedelta(seconds=1))
    claim_in_tab(case=case, user=hospital.bob, tab=HERE)
    assert Case.objects.get().claim_kind == ClaimKind.OPENED
    leave(case, hospital.bob)
    assert _holder(case) is None


def test_a_claim_from_before_kinds_were_kept_does_not_end_with_a_page(
    case: Case, hospital: Hospital
) -> None:
    Case.objects.update(
        claimed_by=hospital.alice, claim_expires_at=in_(dt.timedelta(hours=9))
    )
    claim_in_tab(case=case, user=hospital.alice, tab=HERE)
    leave(case, hospital.alice)
    assert _holder(case) == hospital.alice


def test_undoing_brings_a_claim_back_as_it_was(case: Case, hospital: Hospital) -> None:
    claim_in_tab(case=case, user=hospital.alice, tab=HERE)
    by: dict[str, Any] = {"actor": hospital.lena, "department": hospital.blind}
    for change in (
        partial(release_cases, **by, case_ids=[case.pk]),
        partial(assign_cases, **by, case_ids=[case.pk], person=hospital.bob),
    ):
        (row,) = change()
        before, after = row.before, row.after
        assert before is not None
        assert after is not None
        assert before.claim_kind == "opened"
        restore_cases(**by, standings={case.pk: replace(before, version=after.version)})
        assert _holder(case) == hospital.alice
    leave(case, hospital.alice)
    assert _holder(case) is None


def test_undoing_an_assignment_to_who_held_the_case_leaves_their_own_claim(
    case: Case, hospital: Hospital
) -> None:
    claim_in_tab(case=case, user=hospital.alice, tab=HERE)
    row = _assign(hospital, case, hospital.lena, hospital.alice)
    assert Case.objects.get().claim_kind == ClaimKind.ASSIGNED
    restore_cases(
        actor=hospital.lena,
        department=hospital.blind,
        standings={case.pk: replace(row.before, version=row.after.version)},
    )
    left = Case.objects.get()
    assert (left.claimed_by, left.claim_kind) == (hospital.alice, ClaimKind.OPENED)
    assert left.claim_expires_at == row.before.claim_expires_at
    leave(case, hospital.alice)
    assert _holder(case) is None
