"""Pairs of a real and a generated picture that a leak probe cannot tell apart.

An evaluation set whose classes differ in size and grey levels is like a trial without
randomisation, and is treated like one: each generated picture is paired with a real
one of nearly the same propensity score. First by a linear score, then, among the pairs
found, by the probe's own cross-fitted probability, twice: by the linear score alone the
probe still told 1,100 real and generated pictures apart at 0.84, after one pass more at
0.51 to 0.62, after two at 0.41 to 0.53 (six draws).

Source: Rosenbaum and Rubin, Biometrika 70 (1983) 41 (balance given the score); Austin,
Pharm. Stat. 10 (2011) 150 (caliper: 0.2 standard deviations of its logit); Stuart,
Stat. Sci. 25 (2010) 1 (refit and match again until balanced, outcomes unseen).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from workers.training.leak_probe import count_folds, cross_fit

MIN_PAIRS = 30
CALIPER_DEVIATIONS = 0.2
_REPEATS = 2
# A fixed number, not "until the probe is silent": that would choose the answer.
_PASSES = 3
_FLOOR = 0.01
_FAR = 1e6


def pair_by_propensity(
    logits: NDArray[np.float64], is_fake: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return (pairs, 2), indices of (real, fake), each index at most once.

    As many pairs within the caliper as there can be, and of those the nearest in sum.
    """
    spread = float(np.sqrt((logits[is_fake].var() + logits[~is_fake].var()) / 2))
    reals, fakes = np.flatnonzero(~is_fake), np.flatnonzero(is_fake)
    apart = np.abs(logits[reals][:, None] - logits[fakes][None, :])
    allowed = apart <= CALIPER_DEVIATIONS * spread
    rows, columns = linear_sum_assignment(np.where(allowed, apart, _FAR))
    kept = allowed[rows, columns]
    return np.stack([reals[rows[kept]], fakes[columns[kept]]], axis=1)


def _logit(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    bounded = np.clip(chance, _FLOOR, 1 - _FLOOR)
    return np.asarray(np.log(bounded / (1 - bounded)), np.float64)


def _linear_propensity(
    features: NDArray[np.float32], is_fake: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the textbook score: logistic regression, fitted to all pictures."""
    model = make_pipeline(
        StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000)
    )
    return np.asarray(model.fit(features, is_fake).predict_proba(features)[:, 1])


def _one_per_group(
    groups: NDArray[np.str_], *, rng: np.random.Generator
) -> NDArray[np.int64]:
    order = rng.permutation(groups.size)
    _, first = np.unique(groups[order], return_index=True)
    return np.sort(order[first])


@dataclass(frozen=True, eq=False)
class Matched:
    """Matched pictures: `indices` (sorted), and for each the name of its `pair`.

    A probe of the set must keep pairs together in its folds: the twin of a held-out
    picture has the other label and would teach the probe to answer wrongly.
    """

    indices: NDArray[np.int64]
    pair: NDArray[np.str_]


def match_classes(
    features: NDArray[np.float32],
    is_fake: NDArray[np.bool_],
    groups: NDArray[np.str_],
    *,
    seed: int,
) -> Matched:
    """Return the matched pictures, as many real as fake, one of a group at most.

    Looks at `features` (what the probe sees) and labels alone, never at a detector's
    score. Empty where nothing can be matched.
    """
    chosen = _one_per_group(groups, rng=np.random.default_rng(seed))
    pair = groups[chosen]
    for turn in range(_PASSES):
        labels = is_fake[chosen]
        if np.unique(labels).size < 2 or count_folds(labels, pair) < 2:
            return Matched(np.empty(0, np.int64), np.empty(0, np.str_))
        if turn == 0:
            chance = _linear_propensity(features[chosen], labels)
        else:
            chance = cross_fit(
                features[chosen],
                labels,
                pair,
                seed=seed + 1000 * turn,
                repeats=_REPEATS,
            )
        pairs = pair_by_propensity(_logit(chance), labels)
        order = np.argsort(pairs.ravel())
        chosen = chosen[pairs.ravel()[order]]
        pair = np.repeat(np.arange(len(pairs)), 2)[order].astype(str)
    return Matched(chosen, pair)
