"""Which cases are audited, when they come over and in which order tells nothing of the
suspicion: measured, with measures that find it."""

from __future__ import annotations

import datetime as dt
import math
import random
import uuid

import pytest
from django.utils import timezone
from scipy.stats import spearmanr

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.reading.audit_models import CaseAudit
from apps.reading.conditions import CaseFilter
from apps.reading.models import (
    Case,
    CaseOpinion,
    CaseState,
    Priority,
    Read,
    Verdict,
)
from apps.reading.services.audits import draw_for_audit, open_due_audits
from apps.reading.worklist import list_cases
from tests.apps.reading.audit_room import AuditRoom, make_audit_room
from tests.conftest import Hospital
from tests.factories import Said, make_case

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# Two-sided 0.1 % of the normal distribution. The draws are seeded: no chance failure.
Z_LIMIT = 3.29
CASES = 120


class _Seeded:
    """Stands in for `secrets`."""

    def __init__(self, seed: int) -> None:
        self.randbelow = random.Random(seed).randrange


@pytest.fixture
def seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the same in every run."""
    monkeypatch.setattr("apps.reading.models.secrets", _Seeded(20261124))


def _rho_z(left: list[float], right: list[float]) -> float:
    """Return Spearman's rho over its standard error under chance."""
    return float(spearmanr(left, right).statistic) * math.sqrt(len(left) - 1)


def _fill(room: AuditRoom) -> list[Case]:
    """Return cases of a month: suspicion, flag, modality and hour differ freely."""
    chance = random.Random(7)
    now = timezone.now()
    cases = []
    for _ in range(CASES):
        suspicion = chance.random()
        case = make_case(
            room.triage, said=Said(suspicion=suspicion, flagged=suspicion > 0.7)
        )
        case.modality = chance.choice(["DX", "CR", "CT"])
        case.received_at = now - dt.timedelta(days=8 + 30 * chance.random())
        case.save()
        cases.append(case)
    return cases


def _suspicion() -> dict[object, float]:
    return {
        pk: float(value or 0)
        for pk, value in CaseOpinion.objects.values_list("case_id", "suspicion")
    }


def _close(case: Case, reader: User) -> None:
    """File a verdict in rows alone: hundreds by the service take a minute."""
    now = timezone.now()
    read = Read.objects.create(
        case=case,
        reader=reader,
        mode="triage",
        answer="cannot_tell",
        confidence=3,
        sealed_at=now,
        log_position=0,
    )
    Verdict.objects.create(
        read=read,
        decision="inconclusive",
        outcome="inconclusive",
        flagged=False,
        filed_at=now,
        log_position=0,
    )
    Case.objects.filter(pk=case.pk).update(state=CaseState.DONE)


def test_the_draw_asks_nothing_of_the_case(hospital: Hospital, seeded: None) -> None:
    room = make_audit_room(hospital, "0.3")
    cases = _fill(room)
    suspicion = _suspicion()
    drawn_at_all = [0.0] * CASES
    rounds = 20
    for _ in range(rounds):
        CaseAudit.objects.all().delete()
        for case in cases:
            draw_for_audit(case=case)
        chosen = set(CaseAudit.objects.values_list("case_id", flat=True))
        drawn = [float(case.pk in chosen) for case in cases]
        drawn_at_all = [a + b for a, b in zip(drawn_at_all, drawn, strict=True)]
    n = CASES * rounds
    share = sum(drawn_at_all) / n
    assert abs(share - 0.3) < Z_LIMIT * math.sqrt(0.3 * 0.7 / n)
    features = {
        "suspicion": [suspicion[case.pk] for case in cases],
        "flag": [float(suspicion[case.pk] > 0.7) for case in cases],
        "time": [case.received_at.timestamp() for case in cases],
        "hour": [float(case.received_at.hour) for case in cases],
        "modality": [float(case.modality == "DX") for case in cases],
    }
    for name, values in features.items():
        assert abs(_rho_z(drawn_at_all, values)) < Z_LIMIT, name


def test_when_a_case_comes_over_and_where_it_lies_tells_nothing(
    hospital: Hospital, seeded: None
) -> None:
    room = make_audit_room(hospital)
    cases = _fill(room)
    suspicion = _suspicion()
    # Triage reads by suspicion, claims what is suspicious more often and hurries it.
    cases.sort(key=lambda case: -suspicion[case.pk])
    for place, case in enumerate(cases):
        urgent = Priority.STAT if suspicion[case.pk] > 0.8 else Priority.ROUTINE
        Case.objects.filter(pk=case.pk).update(
            priority=urgent, version=1 + (CASES - place)
        )
        case.refresh_from_db()
        draw_for_audit(case=case)
        _close(case, room.site.alice)
    while open_due_audits():
        pass
    moved = list(
        Event.objects.filter(kind=EventKind.AUDIT_OPENED)
        .order_by("position")
        .values_list("case_id", flat=True)
    )
    listed: list[uuid.UUID] = []
    cursor: str | None = None
    while cursor or not listed:
        page = list_cases(
            user=room.carol,
            department=room.blind,
            wanted=CaseFilter(),
            cursor=cursor,
            limit=200,
        )
        listed += [case.pk for case in page.cases]
        cursor = page.next_cursor
    assert set(moved) == set(listed) == {case.pk for case in cases}
    assert len(moved) == len(listed) == CASES
    places = [float(place) for place in range(CASES)]
    orders = {"arrival": [pk for pk in moved if pk], "list": listed}
    for name, order in orders.items():
        ranks = [suspicion[pk] for pk in order]
        assert abs(_rho_z(ranks, places)) < Z_LIMIT, name
    # The measure finds the order in which the first readers filed.
    filed = [suspicion[case.pk] for case in cases]
    assert abs(_rho_z(filed, places)) > 2 * Z_LIMIT
    rows = Case.objects.filter(department=room.blind)
    assert set(rows.values_list("version", "priority", "state", "round")) == {
        (1_000_000, Priority.ROUTINE, "second_read", 2)
    }


def test_a_false_alarm_of_these_measures_is_as_rare_as_stated() -> None:
    chance = random.Random(3)
    places = [float(place) for place in range(CASES)]
    found = 0
    for _ in range(1000):
        shuffled = places[:]
        chance.shuffle(shuffled)
        found += abs(_rho_z(shuffled, places)) >= Z_LIMIT
    # 0.1 % of 1,000 is 1; six or more come by chance once in 1,700 times.
    assert found < 6
