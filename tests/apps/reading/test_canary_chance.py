"""When and where a canary comes tells nothing: measured, with measures that find it."""

from __future__ import annotations

import datetime as dt
import math
import random
from bisect import bisect_left
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest

from apps.reading.canary_models import CanaryRelease, Truth
from apps.reading.conditions import CaseFilter
from apps.reading.models import SHUFFLE_SPAN, Case
from apps.reading.services import canaries
from apps.reading.services.canaries import draw_delay
from apps.reading.worklist import list_cases
from tests.apps.reading.canary_room import make_canary
from tests.conftest import Hospital
from tests.factories import make_case

# Two-sided 0.1 % of the normal distribution. The draws are seeded: no chance failure.
Z_LIMIT = 3.29
HOUR = 3600.0
DAY = 24 * HOUR
WEEK = 7 * DAY
SHARE = Decimal("0.05")
# The first weeks have no canaries yet: those are drawn some weeks ahead.
WARM, WEEKS = 5, 17
Delay = Callable[[], float | None]


class _Seeded:
    """Stands in for `secrets` and for the system's random numbers."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.randbelow = self._random.randrange

    def SystemRandom(self) -> random.Random:
        return self._random


@pytest.fixture
def seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the same in every run."""
    chance = _Seeded(20261123)
    monkeypatch.setattr("apps.reading.models.secrets", chance)
    monkeypatch.setattr(canaries, "secrets", chance)
    monkeypatch.setattr(canaries, "random", chance)


def _arrivals(seed: int) -> list[float]:
    """Return when ordinary cases come, in seconds: by day many, at night and on
    Sundays few, as an inhomogeneous Poisson process (thinned)."""
    chance = random.Random(seed)
    most_per_s = 6 / HOUR
    found, now = [], 0.0
    while (now := now + chance.expovariate(most_per_s)) < WEEKS * WEEK:
        hour, weekday = now % DAY / HOUR, int(now % WEEK / DAY)
        rate = 1.0 if 7 <= hour < 19 else 0.1
        if chance.random() < rate * (0.2 if weekday == 6 else 1.0):
            found.append(now)
    return found


def _follow(ordinary: Sequence[float], delay: Delay) -> list[float]:
    drawn = ((at, delay()) for at in ordinary)
    times = (at + wait for at, wait in drawn if wait is not None)
    return sorted(t for t in times if WARM * WEEK <= t < WEEKS * WEEK)


def _auc_z(ours: Sequence[float], others: Sequence[float]) -> float:
    """Return how far the AUC of a feature for being a canary is from 1/2, over its
    standard error under chance (Mann and Whitney 1947)."""
    ranked = sorted(others)
    m, n = len(ours), len(ranked)
    below = sum(bisect_left(ranked, value) for value in ours) / (m * n)
    return (below - 0.5) / math.sqrt((m + n + 1) / (12 * m * n))


def _features(at: float, everything: Sequence[float]) -> dict[str, float]:
    place = bisect_left(everything, at)
    return {
        "gap before": at - everything[place - 1],
        "gap after": everything[place + 1] - at,
        "hour of the day": at % DAY,
        "day of the week": at % WEEK,
        "second of the beat": at % 30,
    }


def _most_telling(
    ordinary: Sequence[float], ours: Sequence[float]
) -> tuple[str, float]:
    """Return the feature that tells canaries best, and its |z|."""
    everything = sorted([*ordinary, *ours])
    recent = [t for t in ordinary if t >= WARM * WEEK][1:-1]
    mine = [_features(t, everything) for t in ours[1:-1]]
    theirs = [_features(t, everything) for t in recent]
    scores = {
        name: abs(_auc_z([f[name] for f in mine], [f[name] for f in theirs]))
        for name in theirs[0]
    }
    # Spread is told by no rank: how far from the middle of the day.
    scores["distance from noon"] = abs(
        _auc_z(
            [abs(f["hour of the day"] - 13 * HOUR) for f in mine],
            [abs(f["hour of the day"] - 13 * HOUR) for f in theirs],
        )
    )
    name = max(scores, key=scores.__getitem__)
    return name, scores[name]


def _drawn() -> float | None:
    delay = draw_delay(SHARE)
    return None if delay is None else delay.total_seconds()


def test_when_a_canary_comes_tells_nothing(seeded: None) -> None:
    ordinary = _arrivals(1)
    ours = _follow(ordinary, _drawn)
    # 12 weeks of some 500 cases, of which a twentieth.
    assert 220 <= len(ours) <= 400
    name, z = _most_telling(ordinary, ours)
    assert z < Z_LIMIT, name


@pytest.mark.parametrize(
    ("longest_s", "what"),
    [(60.0, "gap before"), (DAY, "distance from noon")],
    ids=["within a minute", "at any hour"],
)
def test_the_measure_finds_delays_that_tell(longest_s: float, what: str) -> None:
    chance = random.Random(5)
    share = float(SHARE)
    ordinary = _arrivals(1)
    ours = _follow(
        ordinary,
        lambda: chance.uniform(0, longest_s) if chance.random() < share else None,
    )
    name, z = _most_telling(ordinary, ours)
    assert name == what
    assert z > 2 * Z_LIMIT


def test_the_measure_finds_releases_on_a_beat(seeded: None) -> None:
    ordinary = _arrivals(1)
    ours = [t // 30 * 30 for t in _follow(ordinary, _drawn)]
    assert _most_telling(ordinary, ours)[0] == "second of the beat"


def test_a_draw_asks_the_share_alone(seeded: None) -> None:
    assert [draw_delay(Decimal(0)) for _ in range(100)] == [None] * 100
    delays = [draw_delay(Decimal(1)) for _ in range(2000)]
    weeks = [round(d / dt.timedelta(weeks=1)) for d in delays if d is not None]
    assert len(weeks) == 2000
    counts = [weeks.count(n) for n in range(6)]
    assert counts[0] == counts[5] == 0
    # Binomial(2000, 1/4): within 4 standard deviations.
    assert all(abs(count - 500) < 4 * math.sqrt(375) for count in counts[1:5])
    few = sum(draw_delay(SHARE) is not None for _ in range(4000))
    assert abs(few - 200) < 4 * math.sqrt(190)


@pytest.mark.django_db
def test_where_a_canary_stands_in_the_blind_order_tells_nothing(
    hospital: Hospital, seeded: None
) -> None:
    chance = random.Random(3)
    ours = {
        make_canary(hospital, Truth.GENERATED).pk
        if chance.random() < 0.3
        else make_case(hospital.blind).pk
        for _ in range(120)
    }
    canary_ids = set(CanaryRelease.objects.values_list("case", flat=True))
    assert 20 <= len(canary_ids) <= 60
    assert canary_ids < ours

    def places() -> tuple[list[float], list[float]]:
        page = list_cases(
            user=hospital.alice,
            department=hospital.blind,
            wanted=CaseFilter(),
            cursor=None,
            limit=200,
        )
        order = [case.pk for case in page.cases]
        mine = [float(n) for n, pk in enumerate(order) if pk in canary_ids]
        theirs = [float(n) for n, pk in enumerate(order) if pk not in canary_ids]
        return mine, theirs

    assert abs(_auc_z(*places())) < Z_LIMIT
    for case in Case.objects.filter(pk__in=canary_ids):
        case.shuffle_key = case.shuffle_key % SHUFFLE_SPAN // 4
        case.save(update_fields=["shuffle_key"])
    assert abs(_auc_z(*places())) > Z_LIMIT
