"""The probe raises its voice where grey levels answer, and is silent where not."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from workers.training.leak_probe import cross_fit, facts_matrix, probe_leak
from workers.training.matching import match_classes, pair_by_propensity
from workers.training.score_table import measure_facts

pytestmark = pytest.mark.slow

_GROUPS = np.array([f"g{index // 4}" for index in range(800)])
_IS_FAKE = np.arange(800) // 4 % 2 == 0


def make_leak(count: int, shift: float, *, seed: int) -> tuple[np.ndarray, ...]:
    """Return 20 facts, four of them shifted for fakes; labels; groups."""
    rng = np.random.default_rng(seed)
    is_fake = np.arange(count) // 4 % 2 == 0
    facts = rng.normal(size=(count, 20)).astype(np.float32)
    facts[is_fake, :4] += shift
    return facts, is_fake, np.array([f"g{index}" for index in range(count)])


def test_histograms_that_tell_nothing_pass() -> None:
    histograms = np.random.default_rng(0).random((800, 18)).astype(np.float32)
    report = probe_leak(histograms, _IS_FAKE, _GROUPS, seed=1)
    assert report.is_valid
    assert report.auc == pytest.approx(0.5, abs=0.07)
    assert report.interval.low < report.auc < report.interval.high


def test_darker_fakes_are_caught_and_stamp_the_set_invalid() -> None:
    histograms = np.random.default_rng(0).random((800, 18)).astype(np.float32)
    histograms[_IS_FAKE, 16] -= 0.5
    report = probe_leak(histograms, _IS_FAKE, _GROUPS, seed=1)
    assert not report.is_valid
    assert report.auc > 0.8


def test_facts_tell_size_and_grey_levels_and_no_texture() -> None:
    levels = np.random.default_rng(0).integers(0, 256, (300, 600)).astype(np.uint8)
    shuffled = np.random.default_rng(1).permutation(levels.ravel()).reshape(300, 600)
    first, second = facts_matrix([measure_facts(levels), measure_facts(shuffled)])
    np.testing.assert_allclose(first, second)
    assert first[:3] == pytest.approx([np.log2(300), np.log2(600), 1.0])
    assert first[3:19].sum() == pytest.approx(1.0, abs=1e-4)


def test_a_picture_is_never_scored_by_a_probe_that_saw_its_group() -> None:
    rng = np.random.default_rng(0)
    is_fake = np.arange(80) // 4 % 2 == 0
    # Each group of four is one picture four times: seen once, it is known by heart.
    facts = np.repeat(rng.random((20, 6)), 4, axis=0).astype(np.float32)
    groups = np.array([f"g{index // 4}" for index in range(80)])
    apart = probe_leak(facts, is_fake, groups, seed=1, repeats=3).auc
    alone = np.array([f"g{index}" for index in range(80)])
    assert probe_leak(facts, is_fake, alone, seed=1).auc > 0.9
    assert apart < 0.75


def test_one_group_of_a_class_is_too_few_to_probe() -> None:
    facts = np.zeros((8, 2), np.float32)
    is_fake = np.arange(8) < 4
    with pytest.raises(ValueError, match="two groups of each class"):
        cross_fit(facts, is_fake, np.where(is_fake, "a", "b"), seed=1)


def test_pairs_are_as_many_and_as_near_as_can_be() -> None:
    logits = np.array([0.0, 1.0, 3.0, 0.05, 0.95, -3.0])
    is_fake = np.array([False, False, False, True, True, True])
    pairs = pair_by_propensity(logits, is_fake)
    assert sorted(map(tuple, pairs.tolist())) == [(0, 3), (1, 4)]


def test_no_pair_is_further_apart_than_the_caliper() -> None:
    rng = np.random.default_rng(1)
    is_fake = np.arange(200) < 100
    logits = rng.normal(size=200) + is_fake
    pairs = pair_by_propensity(logits, is_fake)
    spread = np.sqrt((logits[is_fake].var() + logits[~is_fake].var()) / 2)
    assert np.abs(logits[pairs[:, 0]] - logits[pairs[:, 1]]).max() <= 0.2 * spread
    assert (~is_fake[pairs[:, 0]]).all()
    assert is_fake[pairs[:, 1]].all()
    assert np.unique(pairs).size == pairs.size


def test_matching_makes_a_partly_overlapping_leak_valid() -> None:
    facts, is_fake, groups = make_leak(600, 0.8, seed=3)
    assert not probe_leak(facts, is_fake, groups, seed=1).is_valid
    found = match_classes(facts, is_fake, groups, seed=1)
    chosen = found.indices
    assert is_fake[chosen].sum() == (~is_fake[chosen]).sum() >= 60
    fresh = probe_leak(facts[chosen], is_fake[chosen], found.pair, seed=2, repeats=3)
    assert fresh.is_valid


def test_matched_pairs_hold_one_of_each_class_and_no_group_twice() -> None:
    facts, is_fake, _ = make_leak(300, 0.5, seed=6)
    groups = np.array([f"g{index // 3}" for index in range(300)])
    found = match_classes(facts, is_fake, groups, seed=1)
    assert np.unique(groups[found.indices]).size == found.indices.size > 0
    for name in np.unique(found.pair):
        assert sorted(is_fake[found.indices[found.pair == name]]) == [False, True]


def test_matching_finds_nothing_where_the_classes_do_not_overlap() -> None:
    facts, is_fake, groups = make_leak(400, 12.0, seed=4)
    assert match_classes(facts, is_fake, groups, seed=1).indices.size < 60


def test_matching_keeps_most_of_a_set_without_a_leak() -> None:
    facts, is_fake, groups = make_leak(400, 0.0, seed=5)
    found = match_classes(facts, is_fake, groups, seed=1)
    assert found.indices.size > 0.5 * 400
