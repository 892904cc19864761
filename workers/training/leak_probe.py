"""The leak probe: a model shown no texture must not be able to tell the classes apart.

It sees size and grey-level histogram. Where it scores above chance, the set lets
content answer, and a good score on it proves little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from workers.training.metrics import (
    Interval,
    draw_group_weights,
    measure_separation,
)
from workers.training.score_table import FilmFacts

TOLERANCE = 0.07  # DESIGN section 4: about 0.5, else the set is rejected
FOLDS = 5
SIZE_FEATURES = 3  # the first columns of facts_matrix; the rest are grey levels
_ROUNDS = 500


@dataclass(frozen=True)
class LeakReport:
    """auc: of the probe, cross-validated by group; is_valid: 0.5 +- TOLERANCE.

    interval: 95 %, resampled by group, of the same scores.
    """

    auc: float
    is_valid: bool
    interval: Interval


def facts_matrix(facts: Sequence[FilmFacts]) -> NDArray[np.float32]:
    """Return (films, features): size, shape and grey levels, no texture."""
    return np.array(
        [
            [
                np.log2(film.rows_px),
                np.log2(film.columns_px),
                np.log2(film.columns_px / film.rows_px),
                *film.grey_shares,
                film.grey_mean,
                film.grey_deviation,
            ]
            for film in facts
        ],
        np.float32,
    )


def count_folds(is_fake: NDArray[np.bool_], groups: NDArray[np.str_]) -> int:
    """Return how many folds the smaller class allows; below 2 nothing can be fitted."""
    return min(
        FOLDS, *(np.unique(groups[is_fake == label]).size for label in (False, True))
    )


def cross_fit(
    features: NDArray[np.float32],
    is_fake: NDArray[np.bool_],
    groups: NDArray[np.str_],
    *,
    seed: int,
    repeats: int = 1,
) -> NDArray[np.float64]:
    """Return the probe's probability of 'fake' per row, from folds it did not fit.

    repeats: other ways to cut the folds, averaged. Classes weigh the same. Raises
    ValueError where a class has fewer than two groups.
    """
    count = count_folds(is_fake, groups)
    if count < 2:
        raise ValueError("the leak probe needs two groups of each class")
    scores = np.zeros(is_fake.size)
    for turn in range(repeats):
        folds = StratifiedGroupKFold(
            n_splits=count, shuffle=True, random_state=seed + turn
        )
        for fitted, held in folds.split(features, is_fake, groups):
            probe = ExtraTreesClassifier(
                n_estimators=100,
                min_samples_leaf=5,
                class_weight="balanced",
                random_state=seed + turn,
            )
            probe.fit(features[fitted], is_fake[fitted])
            # A fold may, by its groups, be left without one class.
            found = list(probe.classes_)
            if True in found:
                column = probe.predict_proba(features[held])[:, found.index(True)]
                scores[held] += column / repeats
    return scores


def probe_leak(
    features: NDArray[np.float32],
    is_fake: NDArray[np.bool_],
    groups: NDArray[np.str_],
    *,
    seed: int,
    repeats: int = 1,
) -> LeakReport:
    """Return how well `features` alone tell `is_fake`, on groups not fitted to."""
    scores = cross_fit(features, is_fake, groups, seed=seed, repeats=repeats)
    auc = float(roc_auc_score(is_fake, scores))
    weights = draw_group_weights(groups, is_fake, seed=seed, rounds=_ROUNDS)
    return LeakReport(
        auc=auc,
        is_valid=abs(auc - 0.5) <= TOLERANCE,
        interval=measure_separation(scores, is_fake, weights).auc,
    )
