"""Figures against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from workers.training.metrics import (
    area_under_curve,
    bootstrap,
    calibration_error,
    tpr_at_fpr,
)


def test_area_is_the_share_of_rightly_ordered_pairs() -> None:
    scores = np.array([0.1, 0.4, 0.35, 0.8])
    is_fake = np.array([False, False, True, True])
    assert area_under_curve(scores, is_fake) == pytest.approx(3 / 4)


def test_no_real_above_the_threshold_when_the_budget_is_less_than_one_film() -> None:
    scores = np.concatenate([np.linspace(0, 1, 50), [0.5, 0.99, 1.5, 2.0]])
    is_fake = np.arange(54) >= 50
    assert tpr_at_fpr(scores, is_fake, 0.01) == pytest.approx(2 / 4)
    assert tpr_at_fpr(scores, is_fake, 0.02) == pytest.approx(3 / 4)


def test_calibration_error_of_a_known_miscalibration() -> None:
    probability = np.full(200, 0.75)
    is_fake = np.arange(200) < 100
    assert calibration_error(probability, is_fake) == pytest.approx(0.25)


def test_calibration_error_does_not_depend_on_class_shares() -> None:
    probability = np.concatenate([np.full(10, 0.9), np.full(1000, 0.1)])
    is_fake = np.arange(1010) < 10
    assert calibration_error(probability, is_fake) == pytest.approx(0.1)


def test_bootstrap_interval_holds_the_figure_and_repeats() -> None:
    rng = np.random.default_rng(0)
    is_fake = np.arange(200) < 100
    scores = rng.normal(size=200) + is_fake
    auc, tpr = bootstrap(scores, is_fake, seed=4, rounds=100)
    assert auc.low < auc.value < auc.high
    assert tpr.low <= tpr.value <= tpr.high
    assert bootstrap(scores, is_fake, seed=4, rounds=100) == (auc, tpr)
