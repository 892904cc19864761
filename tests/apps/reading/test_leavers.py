"""Who is removed from a department holds nothing there from that moment."""

from __future__ import annotations

from functools import partial

import pytest
from asgiref.sync import sync_to_async

from apps.accounts.models import Membership, User
from apps.accounts.services import end_membership
from apps.audit.models import Event, EventKind
from apps.core.errors import Invalid, NotFound
from apps.reading.models import Case, Presence
from apps.reading.notification_models import Notification
from apps.reading.services.bulk import assign_cases
from apps.reading.services.cases import claim_case
from tests.apps.reading.pages import HERE, note
from tests.apps.reading.sockets import open_socket
from tests.conftest import Hospital
from tests.factories import make_case
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def _remove(person: User, hospital: Hospital) -> None:
    row = Membership.objects.get(user=person, department=hospital.blind, ended_at=None)
    end_membership(membership=row, actor=hospital.lena)


def _give(case: Case, hospital: Hospital, person: User) -> None:
    assign_cases(
        actor=hospital.lena,
        department=hospital.blind,
        case_ids=[case.pk],
        person=person,
    )


def test_claims_end_with_the_membership_each_as_an_event(hospital: Hospital) -> None:
    mine, given, elsewhere, bobs = (
        make_case(room)
        for room in (hospital.blind, hospital.blind, hospital.triage, hospital.blind)
    )
    claim_case(case=mine, user=hospital.alice)
    _give(given, hospital, hospital.alice)
    claim_case(case=elsewhere, user=hospital.alice)
    claim_case(case=bobs, user=hospital.bob)
    version = Case.objects.get(pk=mine.pk).version
    before = Event.objects.count()
    _remove(hospital.alice, hospital)
    holders = {case.pk: case.claimed_by for case in Case.objects.all()}
    assert holders == {
        mine.pk: None,
        given.pk: None,
        elsewhere.pk: hospital.alice,
        bobs.pk: hospital.bob,
    }
    told = Event.objects.filter(position__gte=before).order_by("position")
    assert [event.kind for event in told] == [
        EventKind.MEMBER_REMOVED,
        EventKind.CASE_RELEASED,
        EventKind.CASE_RELEASED,
    ]
    assert {event.actor_id for event in told} == {hospital.lena.pk}
    assert {event.case_id for event in told} == {None, mine.pk, given.pk}
    assert Case.objects.get(pk=mine.pk).version == version + 1
    # What they were told of it is told no more.
    assert not Notification.objects.filter(user=hospital.alice).exists()


def test_an_open_page_of_theirs_is_shown_no_more(hospital: Hospital) -> None:
    case, elsewhere = make_case(hospital.blind), make_case(hospital.triage)
    note(case, hospital.alice, HERE)
    note(elsewhere, hospital.alice, HERE)
    note(case, hospital.bob, HERE)
    _remove(hospital.alice, hospital)
    left = Presence.objects.values_list("case_id", "user_id")
    assert set(left) == {
        (elsewhere.pk, hospital.alice.pk),
        (case.pk, hospital.bob.pk),
    }


async def test_it_is_news_to_who_looks_at_the_list(hospital: Hospital) -> None:
    case = await sync_to_async(make_case)(hospital.blind)
    await sync_to_async(claim_case)(case=case, user=hospital.alice)
    await sync_to_async(note)(case, hospital.alice, HERE)
    async with open_socket(hospital.bob) as socket:
        await sync_to_async(_remove)(hospital.alice, hospital)
        heard = {(each["kind"], each["id"]) for each in await socket.hear(2)}
    assert heard == {
        ("case.changed", str(case.pk)),
        ("presence.changed", str(case.pk)),
    }


def test_what_fails_leaves_membership_and_claims(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_case(hospital.blind)
    claim_case(case=case, user=hospital.alice)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no news today")

    monkeypatch.setattr("apps.reading.services.leavers.save_and_announce", fail)
    with pytest.raises(RuntimeError):
        _remove(hospital.alice, hospital)
    case.refresh_from_db()
    assert case.claimed_by == hospital.alice
    assert Membership.objects.filter(
        user=hospital.alice, department=hospital.blind, ended_at=None
    ).exists()


def test_whoever_claims_or_is_given_a_case_while_removed_holds_nothing(
    hospital: Hospital,
) -> None:
    for person in (hospital.alice, hospital.bob):
        mine, given = make_case(hospital.blind), make_case(hospital.blind)

        def claim(case: Case = mine, person: User = person) -> None:
            try:
                claim_case(case=Case.objects.get(pk=case.pk), user=person)
            except NotFound:
                return

        def give(case: Case = given, person: User = person) -> None:
            try:
                _give(case, hospital, person)
            except Invalid:
                return

        at_once(claim, give, partial(_remove, person, hospital))
        for case in (mine, given):
            case.refresh_from_db()
            assert case.claimed_by is None
