"""Two sweeps, two leads: what happens once happens once."""

from __future__ import annotations

from functools import partial

import pytest

from apps.accounts.models import Membership
from apps.accounts.services import add_member, end_membership
from apps.audit.models import Event, EventKind
from apps.reading.models import Answer, Decision
from apps.reading.services.audits import open_due_audits
from tests.apps.reading.audit_room import draw, make_audit_room
from tests.apps.reading.conftest import read_fully
from tests.conftest import Hospital
from tests.factories import leave_room
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_sweeps_one_sends_a_case_over(hospital: Hospital) -> None:
    room = make_audit_room(hospital)
    case = draw(room)
    read_fully(case, hospital.alice, Answer.AUTHENTIC, Decision.CONFIRM)
    assert sorted(at_once(open_due_audits, open_due_audits)) == [0, 1]
    case.refresh_from_db()
    assert (case.department, case.round, case.readers_wanted) == (room.blind, 2, 2)
    assert Event.objects.filter(kind=EventKind.AUDIT_OPENED).count() == 1


def test_two_who_add_or_remove_a_person_make_one_change_each(
    hospital: Hospital,
) -> None:
    leave_room(hospital.alice, hospital.blind)
    add = partial(
        add_member,
        department=hospital.blind,
        person=hospital.alice,
        actor=hospital.lena,
    )
    first, second = at_once(add, add)
    assert first == second
    row = Membership.objects.get(
        user=hospital.alice, department=hospital.blind, ended_at=None
    )
    end = partial(end_membership, membership=row, actor=hospital.lena)
    at_once(end, end)
    changes = Event.objects.order_by("position").values_list("kind", flat=True)
    assert list(changes) == [EventKind.MEMBER_ADDED, EventKind.MEMBER_REMOVED]
