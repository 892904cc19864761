"""Figures against values worked out by hand, and against other libraries."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from scipy.stats import binomtest, norm
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.metrics import roc_curve as sklearn_roc_curve

from workers.training.metrics import (
    Rate,
    area_under_curve,
    brier_score,
    calibration_error,
    draw_group_weights,
    measure_calibration,
    measure_separation,
    predictive_values,
    reliability_bins,
    roc_curve,
    tpr_at_fpr,
)


def make_scores(
    reals: int, fakes: int, *, seed: int, shift: float = 1.0, ties: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    is_fake = np.arange(reals + fakes) >= reals
    scores = rng.normal(size=is_fake.size) + shift * is_fake
    return (scores.round(1) if ties else scores), is_fake


def make_groups(is_fake: np.ndarray, size: int = 1) -> np.ndarray:
    return np.array([f"g{index // size}" for index in range(is_fake.size)])


def test_area_is_the_share_of_rightly_ordered_pairs() -> None:
    scores = np.array([0.1, 0.4, 0.35, 0.8])
    is_fake = np.array([False, False, True, True])
    assert area_under_curve(scores, is_fake) == pytest.approx(3 / 4)


def test_no_real_above_the_threshold_when_the_budget_is_less_than_one_film() -> None:
    scores = np.concatenate([np.linspace(0, 1, 50), [0.5, 0.99, 1.5, 2.0]])
    is_fake = np.arange(54) >= 50
    assert tpr_at_fpr(scores, is_fake, 0.01) == pytest.approx(2 / 4)
    assert tpr_at_fpr(scores, is_fake, 0.02) == pytest.approx(3 / 4)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("fpr", [0.001, 0.01, 0.05, 0.2, 1.0])
def test_tpr_at_fpr_is_the_highest_point_of_another_librarys_curve(
    fpr: float, ties: bool
) -> None:
    scores, is_fake = make_scores(100, 60, seed=3, ties=ties)
    rates, caught, _ = sklearn_roc_curve(is_fake, scores, drop_intermediate=False)
    expected = caught[rates <= fpr + 1e-9].max()
    assert tpr_at_fpr(scores, is_fake, fpr) == pytest.approx(expected)


@pytest.mark.parametrize("ties", [False, True])
def test_curve_is_that_of_another_library(ties: bool) -> None:
    scores, is_fake = make_scores(80, 50, seed=5, ties=ties)
    curve = roc_curve(scores, is_fake)
    rates, caught, _ = sklearn_roc_curve(is_fake, scores, drop_intermediate=False)
    np.testing.assert_allclose(curve.fpr, rates)
    np.testing.assert_allclose(curve.tpr, caught)


def test_weighted_rounds_equal_the_figures_of_the_pictures_drawn() -> None:
    scores, is_fake = make_scores(40, 30, seed=6, ties=True)
    groups = make_groups(is_fake, size=3)
    weights = draw_group_weights(groups, is_fake, seed=9, rounds=5)
    for weight in weights:
        drawn = np.repeat(np.arange(scores.size), weight.astype(int))
        one = measure_separation(scores, is_fake, weight[None])
        assert one.auc.low == pytest.approx(
            roc_auc_score(is_fake[drawn], scores[drawn])
        )
        for fpr, tpr in one.tpr.items():
            expected = tpr_at_fpr(scores[drawn], is_fake[drawn], fpr)
            assert tpr.low == pytest.approx(expected)


def test_groups_are_drawn_whole_and_each_class_by_itself() -> None:
    is_fake = np.arange(60) >= 40
    groups = np.array([f"g{index // 4}" for index in range(60)])
    groups[38:42] = "both"
    weights = draw_group_weights(groups, is_fake, seed=1, rounds=200)
    for label in (False, True):
        part, names = weights[:, is_fake == label], groups[is_fake == label]
        for name in np.unique(names):
            columns = part[:, names == name]
            assert (columns == columns[:, :1]).all()
    assert (weights[:, 38] != weights[:, 41]).any()
    # As many groups as there are: 10 or 11 of the reals, most of four pictures.
    assert weights[:, ~is_fake].sum(axis=1).min() >= 2 * 10


def test_interval_covers_the_known_area_about_as_often_as_it_says() -> None:
    truth = float(norm.cdf(1.0 / np.sqrt(2)))
    covered = 0
    for seed in range(100):
        scores, is_fake = make_scores(60, 60, seed=seed)
        weights = draw_group_weights(
            make_groups(is_fake), is_fake, seed=seed, rounds=200
        )
        auc = measure_separation(scores, is_fake, weights).auc
        covered += auc.low <= truth <= auc.high
    assert 86 <= covered <= 100


def test_interval_of_repeated_pictures_is_that_of_their_groups() -> None:
    scores, is_fake = make_scores(50, 50, seed=2)
    groups = make_groups(is_fake)
    order = np.repeat(np.arange(100), 10)

    def width(owners: np.ndarray) -> float:
        weights = draw_group_weights(owners, is_fake[order], seed=4, rounds=400)
        auc = measure_separation(scores[order], is_fake[order], weights).auc
        return auc.high - auc.low

    alone = draw_group_weights(groups, is_fake, seed=4, rounds=400)
    auc = measure_separation(scores, is_fake, alone).auc
    assert width(groups[order]) == pytest.approx(auc.high - auc.low, rel=0.01)
    assert width(make_groups(is_fake[order])) < 0.5 * (auc.high - auc.low)


def test_calibration_error_of_a_known_miscalibration() -> None:
    probability = np.full(200, 0.75)
    is_fake = np.arange(200) < 100
    assert calibration_error(probability, is_fake) == pytest.approx(0.25)


def test_calibration_error_does_not_depend_on_class_shares() -> None:
    probability = np.concatenate([np.full(10, 0.9), np.full(1000, 0.1)])
    is_fake = np.arange(1010) < 10
    assert calibration_error(probability, is_fake) == pytest.approx(0.1)


def test_calibration_error_of_two_bins_by_hand() -> None:
    # 0.2: 3 real, 1 fake; 0.8: 1 real, 3 fake. |0.25 - 0.2| and |0.75 - 0.8|.
    probability = np.array([0.2] * 4 + [0.8] * 4)
    is_fake = np.array([0, 0, 0, 1, 0, 1, 1, 1], bool)
    assert calibration_error(probability, is_fake) == pytest.approx(0.05)
    weights = draw_group_weights(make_groups(is_fake), is_fake, seed=0, rounds=50)
    found = measure_calibration(probability, is_fake, weights)
    assert found.value == pytest.approx(0.05)
    assert found.low < found.high


def test_reliability_is_brought_to_equal_class_shares() -> None:
    probability = np.array([0.15] * 90 + [0.85] * 20)
    is_fake = np.arange(110) >= 90
    is_fake[100:] = False
    low, high = reliability_bins(probability, is_fake)
    assert (low.real, low.fake, low.observed) == (90, 0, 0.0)
    # 10 of 100 reals and 10 of 10 fakes: 0.1 against 1.
    assert (high.real, high.fake) == (10, 10)
    assert high.observed == pytest.approx(1 / 1.1)
    assert high.low < high.observed < high.high
    assert high.stated == pytest.approx(0.85)


def test_brier_score_is_that_of_another_library_at_equal_shares() -> None:
    rng = np.random.default_rng(0)
    probability, is_fake = rng.random(120), np.arange(120) < 30
    weights = np.where(is_fake, 0.5 / 30, 0.5 / 90)
    expected = brier_score_loss(is_fake, probability, sample_weight=weights)
    assert brier_score(probability, is_fake) == pytest.approx(expected)


@pytest.mark.parametrize(("count", "total"), [(0, 20), (1, 30), (7, 9), (40, 40)])
def test_rate_interval_is_wilsons(count: int, total: int) -> None:
    expected = binomtest(count, total).proportion_ci(0.95, method="wilson")
    assert Rate(count, total).interval == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("count", "total"), [(0, 100), (3, 50)])
def test_upper_bound_is_the_exact_one(count: int, total: int) -> None:
    test = binomtest(count, total, alternative="less")
    expected = test.proportion_ci(0.95, method="exact").high
    assert Rate(count, total).upper_bound == pytest.approx(expected)


def test_rate_of_nothing_claims_nothing() -> None:
    nothing = Rate(0, 0)
    assert nothing.value is None
    assert nothing.interval == (0.0, 1.0)
    assert nothing.upper_bound == 1.0


def test_predictive_value_at_low_prevalence_is_bayes() -> None:
    # DESIGN section 10: 100 % sensitivity at 7.8 % FPR is 11.5 % PPV at 1 % prevalence.
    assert predictive_values(1.0, 0.078)["1.0%"] == pytest.approx(0.115, abs=0.001)
    assert predictive_values(0.0, 0.0) == {"0.1%": None, "1.0%": None, "5.0%": None}
