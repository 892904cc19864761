"""The figures a department needs: what is caught at a false-alarm rate it can bear.

Every curve is computed from weights per picture, so that a bootstrap round is a row of
a weight matrix and all rounds are done at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, norm
from sklearn.metrics import roc_auc_score

from workers.model_card import positive_predictive_value

FPR_LEVELS = (0.001, 0.01, 0.05)
PREVALENCES = (0.001, 0.01, 0.05)
_BINS = 10
# A rate of 1/3 is not reached by 0.333333: rates within this are the same.
_EPSILON = 1e-9

Floats = NDArray[np.float64]
Labels = NDArray[np.bool_]


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        """Return the figures, rounded."""
        return {key: round(value, 4) for key, value in vars(self).items()}


@dataclass(frozen=True)
class Rate:
    """`count` of `total`; the interval is Wilson's, 95 %."""

    count: int
    total: int

    @property
    def value(self) -> float | None:
        """Return the share, None of nothing."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """Return Wilson's score interval; 0..1 of nothing.

        Source: Wilson, J. Am. Stat. Assoc. 22 (1927) 209.
        """
        if not self.total:
            return 0.0, 1.0
        z = float(norm.ppf(0.975))
        share, n = self.count / self.total, self.total
        middle = share + z * z / (2 * n)
        reach = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        scale = 1 + z * z / n
        return max((middle - reach) / scale, 0.0), min((middle + reach) / scale, 1.0)

    @property
    def upper_bound(self) -> float:
        """Return the one-sided 95 % upper bound (Clopper-Pearson), 1 of nothing."""
        if self.count >= self.total:
            return 1.0
        return float(beta.ppf(0.95, self.count + 1, self.total - self.count))

    def as_json(self) -> dict[str, float | int | None]:
        """Return count, total, share and interval, rounded."""
        low, high = self.interval
        return {
            "count": self.count,
            "total": self.total,
            "value": None if self.value is None else round(self.value, 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }


def rate_of(flags: Labels) -> Rate:
    """Return how many of `flags` are set."""
    return Rate(int(flags.sum()), int(flags.size))


def predictive_values(tpr: float, fpr: float) -> dict[str, float | None]:
    """Return the share of flagged films that are fake, per prevalence (Bayes)."""
    values: dict[str, float | None] = {}
    for share in PREVALENCES:
        value = positive_predictive_value(
            sensitivity=tpr, false_alarms=fpr, prevalence=share
        )
        values[f"{share:.1%}"] = None if value is None else round(value, 4)
    return values


def tpr_at_fpr(scores: Floats, is_fake: Labels, fpr: float) -> float:
    """Return the share of fakes above the threshold that `fpr` of the reals exceed."""
    reals = np.sort(scores[~is_fake])[::-1]
    allowed = int(np.floor(fpr * reals.size + _EPSILON))
    if allowed >= reals.size:
        return 1.0
    return float((scores[is_fake] > reals[allowed]).mean())


def area_under_curve(scores: Floats, is_fake: Labels) -> float:
    """Return the area under the ROC curve."""
    return float(roc_auc_score(is_fake, scores))


def calibration_error(probability: Floats, is_fake: Labels) -> float:
    """Return the expected calibration error at equal class shares, ten equal bins."""
    weights = np.ones((1, is_fake.size))
    return float(_calibration_errors(probability, is_fake, weights)[0])


def brier_score(probability: Floats, is_fake: Labels) -> float:
    """Return the mean squared error of `probability` at equal class shares."""
    squares = (probability - is_fake) ** 2
    return float((squares[is_fake].mean() + squares[~is_fake].mean()) / 2)


@dataclass(frozen=True, eq=False)
class RocCurve:
    """fpr, tpr: float64, from (0, 0) to (1, 1), one point per score level."""

    fpr: Floats
    tpr: Floats


def roc_curve(scores: Floats, is_fake: Labels) -> RocCurve:
    """Return the curve of flagging from the highest score down."""
    fpr, tpr = _curves(scores, is_fake, np.ones((1, scores.size)))
    return RocCurve(np.append(0.0, fpr[0]), np.append(0.0, tpr[0]))


def _curves(scores: Floats, is_fake: Labels, weights: Floats) -> tuple[Floats, Floats]:
    """Return (fpr, tpr), (rounds, levels), for weights (rounds, pictures)."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), ordered.size - 1)
    rates = []
    for chosen in (~is_fake, is_fake):
        sums = np.cumsum(np.where(chosen, weights, 0.0)[:, order], axis=1)
        rates.append(sums[:, ends] / sums[:, -1:])
    return rates[0], rates[1]


def _areas(fpr: Floats, tpr: Floats) -> Floats:
    start = np.zeros((fpr.shape[0], 1))
    steps = np.diff(np.hstack([start, fpr]), axis=1)
    heights = np.hstack([start, tpr])
    return np.asarray((steps * (heights[:, 1:] + heights[:, :-1]) / 2).sum(axis=1))


def _caught_at(fpr: Floats, tpr: Floats, level: float) -> Floats:
    return np.asarray(np.where(fpr <= level + _EPSILON, tpr, 0.0).max(axis=1))


def _bin_masses(
    probability: Floats, is_fake: Labels, weights: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return mass, mass of fakes and mean stated probability, each (rounds, bins).

    Classes weigh the same in every round.
    """
    bins = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    member = np.eye(_BINS)[bins]
    masses = np.zeros((2, weights.shape[0], _BINS))
    stated = np.zeros((weights.shape[0], _BINS))
    for index, chosen in enumerate((~is_fake, is_fake)):
        part = np.where(chosen, weights, 0.0)
        part = 0.5 * part / part.sum(axis=1, keepdims=True)
        masses[index] = part @ member
        stated += part @ (member * probability[:, None])
    mass = masses.sum(axis=0)
    mean = np.divide(stated, mass, out=np.zeros_like(mass), where=mass > 0)
    return mass, masses[1], mean


def _calibration_errors(
    probability: Floats, is_fake: Labels, weights: Floats
) -> Floats:
    mass, fakes, stated = _bin_masses(probability, is_fake, weights)
    return np.asarray(np.abs(fakes - mass * stated).sum(axis=1))


@dataclass(frozen=True)
class ReliabilityBin:
    """Pictures whose stated probability lies in one tenth.

    stated: mean probability.  observed: share of fakes at equal class shares, with the
    95 % interval of the share as counted, carried over to equal shares.
    """

    real: int
    fake: int
    stated: float
    observed: float
    low: float
    high: float


def reliability_bins(
    probability: Floats, is_fake: Labels
) -> tuple[ReliabilityBin, ...]:
    """Return the bins that hold a picture, from low to high probability."""
    weights = np.ones((1, is_fake.size))
    mass, fakes, stated = _bin_masses(probability, is_fake, weights)
    bins = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    # Odds of the counted share times this are odds at equal class shares.
    tilt = float((~is_fake).sum() / is_fake.sum())
    found = []
    for index in range(_BINS):
        inside = bins == index
        if not inside.any():
            continue
        low, high = (
            edge * tilt / (edge * tilt + 1 - edge)
            for edge in rate_of(is_fake[inside]).interval
        )
        found.append(
            ReliabilityBin(
                real=int((inside & ~is_fake).sum()),
                fake=int((inside & is_fake).sum()),
                stated=float(stated[0, index]),
                observed=float(fakes[0, index] / mass[0, index]),
                low=low,
                high=high,
            )
        )
    return tuple(found)


def draw_group_weights(
    groups: NDArray[np.str_], is_fake: Labels, *, seed: int, rounds: int
) -> Floats:
    """Return how often each picture is drawn, (rounds, pictures).

    Whole groups (patients, prompts) are drawn with replacement, each class by itself:
    pictures of one group are not independent.
    """
    rng = np.random.default_rng(seed)
    weights = np.zeros((rounds, is_fake.size))
    for label in (False, True):
        members = np.flatnonzero(is_fake == label)
        names, owner = np.unique(groups[members], return_inverse=True)
        draws = rng.multinomial(names.size, np.full(names.size, 1 / names.size), rounds)
        weights[:, members] = draws[:, owner]
    return weights


@dataclass(frozen=True)
class Separation:
    """How well scores tell two classes apart; tpr: false-positive rate -> caught."""

    auc: Interval
    tpr: dict[float, Interval]


def _interval(value: float, rounds: Floats) -> Interval:
    low, high = np.percentile(rounds, [2.5, 97.5])
    return Interval(value, float(low), float(high))


def measure_separation(scores: Floats, is_fake: Labels, weights: Floats) -> Separation:
    """Return AUC and TPR with intervals over the rounds of `weights`."""
    fpr, tpr = _curves(scores, is_fake, weights)
    return Separation(
        auc=_interval(area_under_curve(scores, is_fake), _areas(fpr, tpr)),
        tpr={
            level: _interval(
                tpr_at_fpr(scores, is_fake, level), _caught_at(fpr, tpr, level)
            )
            for level in FPR_LEVELS
        },
    )


def measure_calibration(
    probability: Floats, is_fake: Labels, weights: Floats
) -> Interval:
    """Return the calibration error with its interval over the rounds of `weights`.

    Chance only adds to this error, so the interval may lie above the value.
    """
    rounds = _calibration_errors(probability, is_fake, weights)
    return _interval(calibration_error(probability, is_fake), rounds)
