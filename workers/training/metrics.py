"""The figures a department needs: what is caught at a false-alarm rate it can bear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

_BINS = 10


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        """Return the figures, rounded."""
        return {key: round(value, 4) for key, value in vars(self).items()}


def tpr_at_fpr(
    scores: NDArray[np.float64], is_fake: NDArray[np.bool_], fpr: float
) -> float:
    """Return the share of fakes above the threshold that `fpr` of the reals exceed."""
    reals = np.sort(scores[~is_fake])[::-1]
    allowed = int(np.floor(fpr * reals.size))
    threshold = reals[allowed]
    return float((scores[is_fake] > threshold).mean())


def area_under_curve(scores: NDArray[np.float64], is_fake: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve."""
    return float(roc_auc_score(is_fake, scores))


def calibration_error(
    probability: NDArray[np.float64], is_fake: NDArray[np.bool_]
) -> float:
    """Return the expected calibration error at equal class shares, ten equal bins."""
    weights = np.where(is_fake, 0.5 / is_fake.sum(), 0.5 / (~is_fake).sum())
    bins = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    error = 0.0
    for index in range(_BINS):
        mask = bins == index
        mass = weights[mask].sum()
        if mass > 0:
            observed = weights[mask & is_fake].sum() / mass
            stated = float(np.average(probability[mask], weights=weights[mask]))
            error += mass * abs(observed - stated)
    return float(error)


def bootstrap(
    scores: NDArray[np.float64],
    is_fake: NDArray[np.bool_],
    *,
    seed: int,
    rounds: int = 500,
) -> tuple[Interval, Interval]:
    """Return AUC and TPR at 1 % FPR with intervals from resampling each class."""
    rng = np.random.default_rng(seed)
    reals, fakes = np.flatnonzero(~is_fake), np.flatnonzero(is_fake)
    figures = np.empty((rounds, 2))
    for turn in range(rounds):
        pick = np.concatenate(
            [rng.choice(reals, reals.size), rng.choice(fakes, fakes.size)]
        )
        figures[turn] = (
            area_under_curve(scores[pick], is_fake[pick]),
            tpr_at_fpr(scores[pick], is_fake[pick], 0.01),
        )
    low, high = np.percentile(figures, [2.5, 97.5], axis=0)
    return (
        Interval(area_under_curve(scores, is_fake), float(low[0]), float(high[0])),
        Interval(tpr_at_fpr(scores, is_fake, 0.01), float(low[1]), float(high[1])),
    )
