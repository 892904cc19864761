"""Who belongs to a department: who may change it, that it is on the log, the staff
pages, and what the migration made of the people who were there."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest
from django.apps import apps as installed
from django.db import IntegrityError, transaction
from django.test import Client

from apps.accounts.models import Department, Membership, Role, Site, User
from apps.accounts.selectors import departments_of, is_member, list_readers
from apps.accounts.services import add_member, end_membership
from apps.audit.models import Event, EventKind
from apps.audit.selectors import find_first_bad_position
from apps.core.errors import Denied, Invalid
from tests.conftest import Hospital
from tests.factories import DepartmentFactory, SiteFactory, UserFactory, leave_room

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
ADD = "/admin/accounts/membership/add/"
LIST = "/admin/accounts/membership/"
CHANGES = (EventKind.MEMBER_ADDED, EventKind.MEMBER_REMOVED)


def _live(user: User, room: Department) -> Membership:
    return Membership.objects.get(user=user, department=room, ended_at=None)


def _events() -> list[tuple[str, User | None, str, object]]:
    rows = Event.objects.filter(kind__in=CHANGES).order_by("position")
    return [(row.kind, row.actor, row.subject, row.data) for row in rows]


def test_every_change_is_one_event_and_ended_rows_stay(hospital: Hospital) -> None:
    alice, room, lena = hospital.alice, hospital.blind, hospital.lena
    first = _live(alice, room)
    for _ in range(2):
        end_membership(membership=first, actor=lena)
    assert not is_member(user=alice, department=room)
    again = [add_member(department=room, person=alice, actor=lena) for _ in range(2)]
    assert again[0] == again[1]
    assert is_member(user=alice, department=room)
    first.refresh_from_db()
    assert first.ended_at is not None
    about = (lena, f"user:{alice.pk}", {"department": "emergency"})
    assert _events() == [("member_removed", *about), ("member_added", *about)]
    assert find_first_bad_position() is None


def test_a_person_has_one_membership_of_a_department_at_a_time(
    hospital: Hospital,
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=hospital.alice, department=hospital.blind)


@pytest.mark.parametrize("who", ["alice", "max", "script"])
def test_who_may_not_set_members_changes_none(who: str, hospital: Hospital) -> None:
    actor = getattr(hospital, who)
    with pytest.raises(Denied):
        add_member(department=hospital.blind, person=hospital.alice, actor=actor)
    with pytest.raises(Denied):
        end_membership(membership=_live(hospital.bob, hospital.blind), actor=actor)
    assert _events() == []


def test_a_lead_of_another_site_changes_none_and_strangers_do_not_join(
    hospital: Hospital, charlie: User
) -> None:
    far = UserFactory.create(site=charlie.site, role=Role.LEAD)
    with pytest.raises(Denied):
        end_membership(membership=_live(hospital.bob, hospital.blind), actor=far)
    with pytest.raises(Denied):
        add_member(department=hospital.blind, person=charlie, actor=far)
    with pytest.raises(Invalid) as refused:
        add_member(department=hospital.blind, person=charlie, actor=hospital.lena)
    assert refused.value.code == "bad_person"
    assert _events() == []


def test_a_membership_at_a_former_site_counts_for_nothing(
    hospital: Hospital, charlie: User
) -> None:
    assert departments_of(hospital.alice).count() == 2
    User.objects.filter(pk=hospital.alice.pk).update(site=charlie.site)
    hospital.alice.refresh_from_db()
    assert not departments_of(hospital.alice).exists()
    assert hospital.alice not in list_readers(department=hospital.blind)


def test_the_readers_of_a_department_are_its_members_who_read(
    hospital: Hospital,
) -> None:
    leave_room(hospital.bob, hospital.blind)
    assert list_readers(department=hospital.blind) == [hospital.alice, hospital.lena]
    everyone = [hospital.alice, hospital.bob, hospital.lena]
    assert list_readers(department=hospital.triage) == everyone


# --- the staff pages ------------------------------------------------------------------


@pytest.fixture
def staff(hospital: Hospital) -> Hospital:
    """Return the hospital with everyone on the staff, nobody a superuser."""
    User.objects.filter(site=hospital.site).update(is_staff=True)
    return hospital


@pytest.mark.parametrize("who", ["lena", "ada"])
def test_leads_and_administrators_add_and_remove_people_of_the_own_site(
    who: str, staff: Hospital, charlie: User, client_of: ClientOf
) -> None:
    leave_room(staff.alice, staff.blind)
    browser = client_of(getattr(staff, who))
    page = browser.get(ADD).content.decode()
    assert str(staff.alice.pk) in page
    assert str(charlie.pk) not in page
    form = {"department": str(staff.blind.pk), "user": str(staff.alice.pk)}
    assert browser.post(ADD, form).status_code == 302
    row = _live(staff.alice, staff.blind)
    assert str(row.pk) in browser.get(LIST).content.decode()
    # Who is a member stays one; that is no event.
    assert browser.post(ADD, form).status_code == 302
    gone = browser.post(f"{LIST}{row.pk}/delete/", {"post": "yes"})
    assert gone.status_code == 302
    assert not is_member(user=staff.alice, department=staff.blind)
    assert Membership.objects.filter(pk=row.pk).exists()
    assert [(kind, actor) for kind, actor, _, _ in _events()] == [
        ("member_added", getattr(staff, who)),
        ("member_removed", getattr(staff, who)),
    ]


def test_several_are_removed_at_once_each_with_its_event(
    staff: Hospital, client_of: ClientOf
) -> None:
    rows = [_live(person, staff.blind) for person in (staff.alice, staff.bob)]
    answer = client_of(staff.lena).post(
        LIST,
        {
            "action": "delete_selected",
            "_selected_action": [str(row.pk) for row in rows],
            "post": "yes",
        },
    )
    assert answer.status_code == 302
    assert [kind for kind, *_ in _events()] == ["member_removed"] * 2
    assert list_readers(department=staff.blind) == [staff.lena]


@pytest.mark.parametrize("who", ["alice", "max"])
def test_others_on_the_staff_see_no_members(
    who: str, staff: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(getattr(staff, who))
    row = _live(staff.bob, staff.blind)
    for path in (LIST, ADD, f"{LIST}{row.pk}/delete/"):
        assert browser.get(path).status_code == 403
    assert browser.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert is_member(user=staff.bob, department=staff.blind)


def test_a_lead_touches_no_other_site(
    staff: Hospital, charlie: User, client_of: ClientOf
) -> None:
    far = DepartmentFactory.create(site=charlie.site)
    row = _live(charlie, far)
    browser = client_of(staff.lena)
    assert str(row.pk) not in browser.get(LIST).content.decode()
    # To the index: there is no such thing.
    gone = browser.post(f"{LIST}{row.pk}/delete/", {"post": "yes"})
    assert gone.status_code == 302
    form = {"department": str(far.pk), "user": str(charlie.pk)}
    assert browser.post(ADD, form).status_code == 200
    form = {"department": str(staff.blind.pk), "user": str(charlie.pk)}
    assert browser.post(ADD, form).status_code == 200
    row.refresh_from_db()
    assert row.ended_at is None
    assert _events() == []


def test_people_of_two_sites_are_refused_with_words_even_to_a_superuser(
    staff: Hospital, charlie: User, client_of: ClientOf
) -> None:
    User.objects.filter(pk=staff.ada.pk).update(is_superuser=True)
    form = {"department": str(staff.blind.pk), "user": str(charlie.pk)}
    answer = client_of(staff.ada).post(ADD, form)
    assert "Members are people of the same site." in answer.content.decode()
    assert _events() == []


# --- the migration --------------------------------------------------------------------


def test_the_migration_makes_everyone_a_member_of_their_own_sites_departments() -> None:
    sites = [SiteFactory.create() for _ in range(2)]
    rooms = {site: DepartmentFactory.create_batch(2, site=site) for site in sites}
    people = {site: UserFactory.create_batch(3, site=site) for site in sites}
    nobody = UserFactory.create(site=None)
    Membership.objects.all().delete()
    migration = importlib.import_module("apps.accounts.migrations.0005_membership")
    migration.join_everyone(installed, None)
    for site in sites:
        for person in people[site]:
            assert list(departments_of(person)) == sorted(
                rooms[site], key=lambda room: room.name
            )
    assert not departments_of(nobody).exists()
    assert Membership.objects.count() == 12
    assert Site.objects.count() == 2
