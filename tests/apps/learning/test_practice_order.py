"""The order of a practice: the seed's alone, and it tells nothing of the films."""

from __future__ import annotations

import uuid
from collections import Counter

from apps.learning.services.practice import draw_order


def test_the_order_is_the_seeds_alone() -> None:
    ids = [uuid.UUID(int=n) for n in range(8)]
    first = draw_order(seed="a", film_ids=ids, seen=set(), size=8)
    again = draw_order(seed="a", film_ids=ids[::-1], seen=set(), size=8)
    other = draw_order(seed="b", film_ids=ids, seen=set(), size=8)
    assert first == again
    assert sorted(first) == ids
    assert other != first


def test_every_film_is_as_likely_in_every_place() -> None:
    ids = [uuid.UUID(int=n) for n in range(4)]
    rounds = 2000
    counts: Counter[tuple[int, uuid.UUID]] = Counter()
    for n in range(rounds):
        order = draw_order(seed=str(n), film_ids=ids, seen=set(), size=4)
        counts.update(enumerate(order))
    # Chi-square of 16 cells with 9 degrees of freedom: 27.9 is its 99.9 % point.
    expected = rounds / 4
    chi2 = sum(
        (counts[(p, i)] - expected) ** 2 / expected for p in range(4) for i in ids
    )
    assert chi2 < 27.9


def test_films_not_seen_yet_are_drawn_before_others_and_mixed_with_them() -> None:
    ids = [uuid.UUID(int=n) for n in range(6)]
    seen = set(ids[:4])
    drawn = [
        draw_order(seed=str(n), film_ids=ids, seen=seen, size=3) for n in range(60)
    ]
    assert all(set(ids[4:]) < set(order) for order in drawn)
    assert {order.index(ids[5]) for order in drawn} == {0, 1, 2}
