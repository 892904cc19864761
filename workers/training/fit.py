"""Fitting, left-out calibration and thresholds of the tile model."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from workers.lanes.synthesis.scorer import log_odds
from workers.model_card import PlattCalibration
from workers.training.families import family_of
from workers.training.views import TileTable

# Photographs keep the model from learning "bone = real"; the films are what it is for.
_PHOTO_SHARE = 0.25
_ALIGNED_SHARE = 0.2
FOLDS = 5


@dataclass(frozen=True)
class NetworkSize:
    """A committee of small perceptrons, averaged (docs/models/synthesis.md, choice).

    hidden: units of the one hidden layer.  penalty: L2, strong, because unseen
        generators and sources are what counts.  rounds: passes over the tiles.
    """

    members: int = 3
    hidden: int = 64
    penalty: float = 3.0
    rounds: int = 12


@dataclass(frozen=True, eq=False)
class ViewScores:
    """Mean tile log-odds per view, with labels, origins and kinds."""

    scores: NDArray[np.float64]
    is_fake: NDArray[np.bool_]
    origins: NDArray[np.str_]
    kinds: NDArray[np.str_]
    groups: NDArray[np.str_]


def tile_weights(table: TileTable) -> NDArray[np.float64]:
    """Return weights that balance classes, and origins by the root of their size."""
    _, inverse, counts = np.unique(
        table.origins, return_inverse=True, return_counts=True
    )
    weights = 1.0 / np.sqrt(counts[inverse])
    minor = {False: ("photo", _PHOTO_SHARE), True: ("aligned", _ALIGNED_SHARE)}
    for label, (kind, share) in minor.items():
        of_label = table.is_fake == label
        is_minor = of_label & (table.kinds == kind)
        is_major = of_label & (table.kinds != kind)
        split = share if is_minor.any() and is_major.any() else 1.0
        for mask, part in ((is_minor, split), (is_major, 1.0 - split)):
            if mask.any():
                weights[mask] *= (part or 1.0) / weights[mask].sum()
    return weights * table.is_fake.size / 2.0


def fit_network(table: TileTable, *, size: NetworkSize, seed: int) -> Pipeline:
    """Return the committee fitted to the tiles of `table`.

    The perceptron takes no weights, so the tiles are drawn with replacement instead.
    """
    weights = tile_weights(table)
    rng = np.random.default_rng(seed)
    picks = rng.choice(weights.size, weights.size, p=weights / weights.sum())
    members = [
        (
            f"member{number}",
            MLPClassifier(
                (size.hidden,),
                alpha=size.penalty,
                batch_size=min(256, weights.size),
                max_iter=size.rounds,
                random_state=seed * 100 + number,
            ),
        )
        for number in range(size.members)
    ]
    model = make_pipeline(
        StandardScaler(),
        VotingClassifier(members, voting="soft", flatten_transform=False),
    )
    with warnings.catch_warnings():
        # A fixed number of rounds is the plan, not a failure.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(table.features[picks], table.is_fake[picks])
    return model


def score_views(table: TileTable, probability: NDArray[np.float32]) -> ViewScores:
    """Return the mean log-odds per view of `table`, given a probability per tile."""
    _, first, inverse = np.unique(table.view, return_index=True, return_inverse=True)
    sums = np.bincount(inverse, weights=log_odds(probability))
    return ViewScores(
        scores=sums / np.bincount(inverse),
        is_fake=table.is_fake[first],
        origins=table.origins[first],
        kinds=table.kinds[first],
        groups=table.groups[first],
    )


def assign_folds(table: TileTable, *, folds: int) -> NDArray[np.int64]:
    """Return a fold per tile such that no family of sources or generators is split.

    Families go, largest first, into the fold that holds least of their class.
    """
    families = np.array([family_of(origin) for origin in table.origins])
    chosen = np.empty(families.size, np.int64)
    for label in (False, True):
        of_label = table.is_fake == label
        names, counts = np.unique(families[of_label], return_counts=True)
        loads = np.zeros(folds, np.int64)
        for index in np.lexsort((names, -counts)):
            fold = int(loads.argmin())
            loads[fold] += counts[index]
            chosen[of_label & (families == names[index])] = fold
    return chosen


def score_left_out(
    table: TileTable, *, size: NetworkSize, seed: int, folds: int = FOLDS
) -> Iterator[ViewScores]:
    """Yield, fold by fold, scores of views whose families the model never saw.

    A made fake of a left-out real film is left out of fitting too, and a real film
    whose made fake is being scored: content must not travel between the sides.
    """
    fold_of = assign_folds(table, folds=folds)
    for fold in range(folds):
        held = fold_of == fold
        if not held.any():
            continue
        shared = np.isin(table.groups, np.unique(table.groups[held]))
        fitted = table.select(~held & ~shared)
        if np.unique(fitted.is_fake).size < 2:
            raise ValueError("leaving a family out needs two families of each class")
        model = fit_network(fitted, size=size, seed=seed + fold)
        rest = table.select(held)
        probability = model.predict_proba(rest.features)[:, 1]
        yield score_views(rest, probability.astype(np.float32))


def join_view_scores(parts: list[ViewScores]) -> ViewScores:
    """Return the views of all parts."""
    return ViewScores(
        *(np.concatenate([vars(part)[key] for part in parts]) for key in vars(parts[0]))
    )


def balanced_view_weights(views: ViewScores) -> NDArray[np.float64]:
    """Return weights under which classes, and origins by root size, count alike."""
    _, inverse, counts = np.unique(
        views.origins, return_inverse=True, return_counts=True
    )
    weights = 1.0 / np.sqrt(counts[inverse])
    for label in (False, True):
        mask = views.is_fake == label
        weights[mask] /= weights[mask].sum()
    return np.asarray(weights * views.is_fake.size / 2, np.float64)


def fit_calibration(views: ViewScores) -> PlattCalibration:
    """Return Platt's sigmoid over left-out view scores, for equal class shares."""
    model = LogisticRegression(C=1e6)
    model.fit(
        views.scores[:, None], views.is_fake, sample_weight=balanced_view_weights(views)
    )
    return PlattCalibration(
        slope=float(model.coef_[0, 0]), intercept=float(model.intercept_[0])
    )


def choose_threshold(
    views: ViewScores, calibration: PlattCalibration, *, fpr: float
) -> float:
    """Return the probability that keeps false alarms on left-out films within `fpr`.

    Films count by source (root of its size), photographs not at all: the budget is for
    radiographs, and no single large source may set it.
    """
    films = ~views.is_fake & (views.kinds != "photo")
    if not films.any():
        films = ~views.is_fake
    scores = views.scores[films]
    weights = balanced_view_weights(views)[films]
    order = np.argsort(-scores)
    alarms = np.cumsum(weights[order]) / weights.sum()
    allowed = int(np.searchsorted(alarms, fpr, side="right"))
    edge = scores[order][min(allowed, scores.size - 1)]
    # Just above the highest score that must stay silent.
    return calibration.probability(float(np.nextafter(edge, np.inf)) + 1e-6)
