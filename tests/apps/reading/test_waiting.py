"""Who waits too long moves up, by the clock alone; the blind order tells nothing."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Department, User
from apps.audit.models import Event, EventKind
from apps.audit.selectors import find_first_bad_position
from apps.reading.conditions import CaseFilter
from apps.reading.models import SHUFFLE_SPAN, Case, CaseState, Priority
from apps.reading.selectors import get_case, next_case_id
from apps.reading.services import waiting
from apps.reading.services.bulk import prioritise_cases
from apps.reading.services.cases import follow_analysis
from apps.reading.services.waiting import promote_waiting
from apps.reading.tasks import promote_waiting_cases
from apps.reading.worklist import list_cases
from tests.conftest import Hospital
from tests.factories import Said, image_of, make_case, make_run

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
MAX_WAIT = 12


@pytest.fixture
def patient_room(hospital: Hospital) -> Hospital:
    """Return the hospital; no case of its two worklists may wait above 12 hours."""
    Department.objects.update(max_wait_hours=MAX_WAIT)
    hospital.blind.refresh_from_db()
    hospital.triage.refresh_from_db()
    return hospital


def _received(case: Case, hours_ago: float, key: int | None = None) -> Case:
    case.received_at = timezone.now() - dt.timedelta(hours=hours_ago)
    if key is not None:
        case.shuffle_key = key
    case.save(update_fields=["received_at", "shuffle_key"])
    return case


def _listed(hospital: Hospital) -> list[Case]:
    """Return the blind worklist in the order its readers get it."""
    cases: list[Case] = []
    cursor: str | None = None
    while True:
        page = list_cases(
            user=hospital.alice,
            department=hospital.blind,
            wanted=CaseFilter(),
            cursor=cursor,
            limit=200,
        )
        cases += page.cases
        cursor = page.next_cursor
        if cursor is None:
            return cases


def test_who_waited_longer_than_the_department_allows_comes_first(
    patient_room: Hospital,
) -> None:
    room = patient_room
    fresh = _received(make_case(room.blind), MAX_WAIT - 0.1, key=10)
    old = _received(make_case(room.blind), MAX_WAIT + 0.1, key=20)
    assert _listed(room) == [fresh, old]
    assert promote_waiting() == 1
    assert _listed(room) == [old, fresh]
    here = get_case(user=room.alice, case_id=fresh.pk)
    assert next_case_id(user=room.alice, case=here) == old.pk
    # People gave it no other class: rows, filters and the time it is due stay.
    old.refresh_from_db()
    assert (old.priority, old.version) == (Priority.ROUTINE, 2)


def test_the_log_says_that_a_case_moved_up_and_by_which_rule(
    patient_room: Hospital,
) -> None:
    old = _received(make_case(patient_room.blind), 13)
    promote_waiting()
    event = Event.objects.get(kind=EventKind.CASE_PROMOTED)
    assert (event.case_id, event.actor, event.site) == (old.pk, None, patient_room.site)
    assert event.data == {"max_wait_hours": MAX_WAIT}
    assert find_first_bad_position() is None


def test_moving_up_twice_is_moving_up_once(patient_room: Hospital) -> None:
    urgent = make_case(patient_room.blind)
    urgent.priority, urgent.shuffle_key = Priority.URGENT, 5 - SHUFFLE_SPAN
    urgent.save()
    cases = [_received(urgent, 13), _received(make_case(patient_room.blind), 13)]
    promote_waiting_cases()
    first = {case.pk: case.shuffle_key for case in Case.objects.all()}
    promote_waiting_cases()
    assert {case.pk: case.shuffle_key for case in Case.objects.all()} == first
    assert first[urgent.pk] == 5 - 2 * SHUFFLE_SPAN
    assert -SHUFFLE_SPAN <= first[cases[1].pk] < 0
    assert Event.objects.filter(kind=EventKind.CASE_PROMOTED).count() == 2


def test_what_is_stat_already_or_not_to_be_read_stays(patient_room: Hospital) -> None:
    stat = make_case(patient_room.blind)
    stat.priority, stat.shuffle_key = Priority.STAT, 5 - 2 * SHUFFLE_SPAN
    stat.save()
    _received(stat, 99)
    for state in (CaseState.ANALYSING, CaseState.DONE, CaseState.ADJUDICATION):
        _received(make_case(patient_room.blind, state=state), 99)
    _received(make_case(patient_room.triage), 99)
    assert promote_waiting() == 0
    assert not Event.objects.exists()


def test_no_longest_wait_no_moving_up(hospital: Hospital) -> None:
    _received(make_case(hospital.blind), 9999)
    assert promote_waiting() == 0


def test_a_sweep_takes_the_longest_waits_first_and_the_next_one_the_rest(
    patient_room: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MOST_AT_ONCE", 2)
    cases = [_received(make_case(patient_room.blind), 20 + n) for n in range(3)]
    assert promote_waiting() == 2
    assert Case.objects.get(shuffle_key__gte=0) == cases[0]
    assert (promote_waiting(), promote_waiting()) == (1, 0)


def test_a_case_that_moved_up_can_still_be_put_into_any_class(
    patient_room: Hospital,
) -> None:
    case = _received(make_case(patient_room.blind), 13, key=77)
    promote_waiting()
    for priority in (Priority.STAT, Priority.ROUTINE, Priority.URGENT):
        prioritise_cases(
            actor=patient_room.lena,
            department=patient_room.blind,
            case_ids=[case.pk],
            priority=priority,
        )
        case.refresh_from_db()
        assert case.shuffle_key == 77 - priority * SHUFFLE_SPAN


def test_the_longest_wait_is_set_by_the_lead_and_on_the_log(
    hospital: Hospital, client_of: ClientOf
) -> None:
    User.objects.filter(pk=hospital.lena.pk).update(is_staff=True)
    form = {
        "reading_mode": "blind_first",
        "second_reader": "never",
        "second_read_share": "0",
        "adjudication": "on",
        "canary_share": "0",
        "pause_cases": "0",
        "pause_minutes": "0",
        "audit_share": "0",
    }
    page = f"/admin/accounts/department/{hospital.blind.pk}/change/"
    browser = client_of(hospital.lena)
    refused = browser.post(page, {**form, "max_wait_hours": "8761"})
    assert "The longest wait is 0 hours to a year." in refused.content.decode()
    assert browser.post(page, {**form, "max_wait_hours": "48"}).status_code == 302
    assert Department.objects.get(pk=hospital.blind.pk).max_wait_hours == 48
    data = Event.objects.get(kind=EventKind.POLICY_CHANGED).data
    assert (data["max_wait_hours_was"], data["max_wait_hours"]) == (0, 48)


# --- the order and the suspicion ------------------------------------------------------

CASES = 200
# Two-sided 0.1 % of the normal distribution. The draws are seeded: no chance failure.
Z_LIMIT = 3.29


class _Seeded:
    """Stands in for `secrets` where places are drawn, the same in every run."""

    def __init__(self, seed: int) -> None:
        self.randbelow = random.Random(seed).randrange


@pytest.fixture
def analysed(
    patient_room: Hospital, monkeypatch: pytest.MonkeyPatch
) -> dict[Any, float]:
    """Return the suspicion of 200 blind cases by id, all brought there by their runs.

    Suspicion is uniform, flagged above 0.5; waits are 0 to 24 hours, so half of the
    cases have waited too long.
    """
    monkeypatch.setattr("apps.reading.models.secrets", _Seeded(20261123))
    chance = random.Random(4)
    suspicions = {}
    for _ in range(CASES):
        suspicion = chance.random()
        case = make_case(patient_room.blind, state=CaseState.ANALYSING)
        said = Said(suspicion=suspicion, flagged=suspicion > 0.5)
        follow_analysis(run=make_run(image_of(case), said))
        case.refresh_from_db()
        _received(case, 24 * chance.random())
        suspicions[case.pk] = suspicion
    return suspicions


def _rank_z(order: Sequence[float]) -> float:
    """Return Spearman's correlation of position and suspicion over its standard error
    under chance, 1 / sqrt(n - 1). Suspicions have no ties."""
    n = len(order)
    rank = {value: place for place, value in enumerate(sorted(order))}
    distance = sum((place - rank[value]) ** 2 for place, value in enumerate(order))
    return (1 - 6 * distance / (n * (n * n - 1))) * math.sqrt(n - 1)


def _flag_auc_z(order: Sequence[float]) -> float:
    """Return how far the AUC of position for the flag is from 1/2, over its standard
    error under chance (Mann and Whitney 1947)."""
    flagged = [place for place, value in enumerate(order) if value > 0.5]
    clear = [place for place, value in enumerate(order) if value <= 0.5]
    m, n = len(flagged), len(clear)
    later = sum(f > c for f in flagged for c in clear) / (m * n)
    return (later - 0.5) / math.sqrt((m + n + 1) / (12 * m * n))


def _order(hospital: Hospital, suspicions: dict[Any, float]) -> list[float]:
    return [suspicions[case.pk] for case in _listed(hospital)]


def _tells(order: Sequence[float]) -> bool:
    return max(abs(_rank_z(order)), abs(_flag_auc_z(order))) > Z_LIMIT


def test_the_measures_know_order_from_chance() -> None:
    ordered = [n / 100 for n in range(1, 100)]
    # Perfect order: the correlation is 1; the AUC is 1.
    assert _rank_z(ordered) == pytest.approx(math.sqrt(98))
    assert _flag_auc_z(ordered) == pytest.approx(0.5 / math.sqrt(100 / (12 * 49 * 50)))
    chance = random.Random(1)
    told = 0
    for _ in range(400):
        chance.shuffle(ordered)
        told += _tells(ordered)
    assert told <= 4


def test_positions_in_the_blind_order_tell_nothing_of_the_suspicion(
    patient_room: Hospital, analysed: dict[Any, float]
) -> None:
    order = _order(patient_room, analysed)
    assert len(order) == CASES
    assert not _tells(order)
    moved = promote_waiting()
    assert 70 <= moved <= 130
    promoted = _order(patient_room, analysed)
    assert promoted != order
    assert not _tells(promoted)

    # The same measure finds an order that leans only a little on the flag ...
    flagged = [pk for pk, suspicion in analysed.items() if suspicion > 0.5]
    for case in Case.objects.filter(pk__in=flagged):
        place = case.shuffle_key % SHUFFLE_SPAN
        case.shuffle_key += place // 2 - place
        case.save(update_fields=["shuffle_key"])
    assert _tells(_order(patient_room, analysed))


def test_the_measure_finds_a_wait_rule_that_looks_at_the_flag(
    patient_room: Hospital, analysed: dict[Any, float]
) -> None:
    for case in Case.objects.filter(opinion__flagged=False):
        _received(case, 1)
    assert promote_waiting() > 0
    assert _tells(_order(patient_room, analysed))


def test_moving_up_asks_as_often_whatever_the_lanes_said(
    patient_room: Hospital, django_assert_num_queries: Any
) -> None:
    _received(make_case(patient_room.blind), 13)
    promote_waiting()  # the first entry makes the head of the log
    for said in (Said(), Said(suspicion=0.99, flagged=True)):
        _received(make_case(patient_room.blind, said=said), 13)
        # Departments; for each of two classes its lock and savepoint and its cases;
        # the move and its entry.
        with django_assert_num_queries(13) as asked:
            promote_waiting()
        assert not any("opinion" in q["sql"] for q in asked.captured_queries)
