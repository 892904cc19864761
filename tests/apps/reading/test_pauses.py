"""The cue for a pause: by policy, of one's own reading, and told to nobody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Department, ReadingPolicy, User
from apps.accounts.services import change_policy
from apps.audit.models import Event, EventKind
from apps.core.errors import Invalid
from apps.reading.models import Case
from apps.reading.pauses import Stretch, stretch_of
from apps.reading.services.cases import record_case_viewed
from tests.conftest import Hospital
from tests.factories import decide, make_case, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
URL = "/api/v1/worklists/emergency/stretch"
OFF = {"reads": 0, "minutes": 0, "is_due": False}


@pytest.fixture
def careful(hospital: Hospital) -> Hospital:
    """Return the hospital; a pause is due after three reads or 40 minutes."""
    Department.objects.update(pause_cases=3, pause_minutes=40)
    hospital.blind.refresh_from_db()
    hospital.triage.refresh_from_db()
    return hospital


def _read_at(hospital: Hospital, reader: User, *minutes_ago: float) -> None:
    """Seal one case at each of these moments, in that order."""
    for minutes in minutes_ago:
        seal(make_case(hospital.blind), reader)
        newest = Event.objects.order_by("-position")[0]
        _move(newest, minutes)


def _move(event: Event, minutes_ago: float) -> None:
    assert event.kind in (EventKind.READ_SEALED, EventKind.CASE_VIEWED)
    at = timezone.now() - dt.timedelta(minutes=minutes_ago)
    Event.objects.filter(pk=event.pk).update(occurred_at=at)


@pytest.mark.parametrize(
    ("minutes_ago", "told"),
    [
        ((), Stretch()),
        ((9, 5), Stretch(reads=2, minutes=9)),
        ((9, 5, 1), Stretch(reads=3, minutes=9, is_due=True)),
        ((39.5, 30), Stretch()),
        # A pause before the last two; then one after the last.
        ((60, 50, 40, 30, 9, 5), Stretch(reads=2, minutes=9)),
        ((31, 22, 13), Stretch()),
    ],
    ids=["none", "two", "three", "long ago", "after a pause", "in a pause"],
)
def test_reads_are_counted_since_the_last_pause(
    minutes_ago: tuple[float, ...], told: Stretch, careful: Hospital
) -> None:
    _read_at(careful, careful.alice, *minutes_ago)
    assert stretch_of(reader=careful.alice, department=careful.blind) == told


@pytest.mark.parametrize(("first", "is_due"), [(39.5, False), (40.5, True)])
def test_minutes_count_from_the_first_look_though_little_was_sealed(
    first: float, is_due: bool, careful: Hospital
) -> None:
    for minutes in (first, 31, 22, 13, 4):
        record_case_viewed(case=make_case(careful.blind), user=careful.alice)
        _move(Event.objects.order_by("-position")[0], minutes)
    told = stretch_of(reader=careful.alice, department=careful.blind)
    assert told == Stretch(reads=0, minutes=int(first), is_due=is_due)


def _look_and_seal(
    hospital: Hospital, looked: float, sealed: float, also_open: Case | None = None
) -> None:
    """Open a case so many minutes ago, and seal it later."""
    case = make_case(hospital.blind)
    for seen in (case, also_open):
        if seen is not None:
            record_case_viewed(case=seen, user=hospital.alice)
            _move(Event.objects.order_by("-position")[0], looked)
    seal(case, hospital.alice)
    _move(
        Event.objects.filter(kind=EventKind.READ_SEALED).order_by("-position")[0],
        sealed,
    )


@pytest.mark.parametrize("is_other_open", [False, True])
def test_a_long_look_at_one_case_is_no_pause(
    is_other_open: bool, careful: Hospital
) -> None:
    # An hour of cases that take twelve minutes each.
    for looked in (60, 48, 36, 24, 12):
        other = make_case(careful.blind) if is_other_open else None
        _look_and_seal(careful, looked, looked - 11.5, other)
    told = stretch_of(reader=careful.alice, department=careful.blind)
    assert told == Stretch(reads=5, minutes=60, is_due=True)


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        # Twelve minutes after a seal, another case is opened: away between the two.
        (((45, 41), (29, 25), (13, 2)), Stretch(reads=1, minutes=13)),
        # Opened, then left alone for longer than anybody looks at a film.
        (((45, 44), (41, 5)), Stretch(reads=1, minutes=5)),
    ],
    ids=["between two cases", "over an open case"],
)
def test_being_away_is_a_pause_though_a_case_is_answered_after_it(
    looks: tuple[tuple[float, float], ...], told: Stretch, careful: Hospital
) -> None:
    for looked, sealed in looks:
        _look_and_seal(careful, looked, sealed)
    assert stretch_of(reader=careful.alice, department=careful.blind) == told


def test_a_case_answered_after_others_were_looked_at_for_long_does_not_bridge_a_pause(
    careful: Hospital,
) -> None:
    first, other = make_case(careful.blind), make_case(careful.blind)
    for case, minutes in ((first, 40), (other, 26), (other, 17)):
        record_case_viewed(case=case, user=careful.alice)
        _move(Event.objects.order_by("-position")[0], minutes)
    seal(first, careful.alice)
    _move(Event.objects.order_by("-position")[0], 4)
    told = stretch_of(reader=careful.alice, department=careful.blind)
    assert told == Stretch(reads=1, minutes=4)


def test_it_is_off_by_default_and_then_asks_nothing(
    hospital: Hospital, django_assert_num_queries: Any
) -> None:
    _read_at(hospital, hospital.alice, 5, 4, 3)
    with django_assert_num_queries(0):
        told = stretch_of(reader=hospital.alice, department=hospital.blind)
    assert told == Stretch()


def test_each_is_told_their_own_on_all_worklists_together(
    careful: Hospital, charlie: User, client_of: ClientOf
) -> None:
    for room in (careful.blind, careful.triage, careful.blind):
        case = make_case(room)
        seal(case, careful.alice)
        decide(case, careful.alice)
    due = {"reads": 3, "minutes": 0, "is_due": True}
    alice = client_of(careful.alice)
    assert alice.get(URL).json() == due
    assert alice.get(URL.replace("emergency", "claims")).json() == due
    assert alice.get(URL).headers["Cache-Control"] == "private, no-store"
    for person in (careful.bob, careful.lena):
        for query in ("", f"?reader={careful.alice.pk}"):
            assert client_of(person).get(URL + query).json() == OFF
    assert client_of(charlie).get(URL).status_code == 404
    for person in (careful.max, careful.ada, careful.script):
        assert client_of(person).get(URL).status_code == 403
    assert Client().get(URL).status_code == 401
    assert alice.post(URL).status_code == 405
    assert alice.get(URL.replace("emergency", "nowhere")).status_code == 404


def test_asking_leaves_nothing_on_the_log_and_costs_the_same(
    careful: Hospital, client_of: ClientOf, django_assert_num_queries: Any
) -> None:
    browser = client_of(careful.alice)
    for _ in range(2):
        _read_at(careful, careful.alice, 3, 2)
        before = Event.objects.count()
        # Session, user, site; department, entries.
        with django_assert_num_queries(5):
            browser.get(URL)
        assert Event.objects.count() == before


@pytest.mark.parametrize(
    "change",
    [{"pause_cases": -1}, {"pause_cases": 1001}, {"pause_minutes": 1441}],
    ids=str,
)
def test_a_cue_that_cannot_be_is_refused(
    change: dict[str, int], hospital: Hospital
) -> None:
    policy = ReadingPolicy(**{**vars(hospital.blind.policy), **change})
    with pytest.raises(Invalid) as refused:
        change_policy(department=hospital.blind, actor=hospital.lena, policy=policy)
    assert refused.value.code == "bad_pause"
