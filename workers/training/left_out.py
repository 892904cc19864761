"""Scores of pictures by models that never saw their family, and what follows from them:
how members are combined, calibration, and thresholds."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from workers.model_card import PlattCalibration
from workers.training.members import (
    NETWORK,
    OUTLIER,
    MemberPlan,
    fit_members,
    score_members,
    train_member_network,
)
from workers.training.residual_onnx import score_tiles
from workers.training.tables import RANDOM_VIEW, Pictures, TileTable

FOLDS = 5
# No single archive may have more than this many times the budget of false alarms.
_WORST_ORIGIN = 3.0
# Pictures of an archive below which its own rate says little: scores of one picture
# under several conditions go together.
_FEWEST_OF_ORIGIN = 30


@dataclass(frozen=True, eq=False)
class LeftOutScores:
    """Mean tile scores of pictures under conditions, a row each, by models that never
    saw the picture's family.

    picture, condition: indices.  members: score per member.
    """

    pictures: Pictures
    picture: NDArray[np.int64]
    condition: NDArray[np.int64]
    members: Mapping[str, NDArray[np.float64]]

    @property
    def is_fake(self) -> NDArray[np.bool_]:
        """Return the labels."""
        return self.pictures.is_fake[self.picture]

    @property
    def origin(self) -> NDArray[np.str_]:
        """Return the archives and generators."""
        return self.pictures.origin[self.picture]

    @property
    def is_film(self) -> NDArray[np.bool_]:
        """Return which rows are genuine radiographs."""
        return self.pictures.is_film[self.picture]

    @property
    def is_counted(self) -> NDArray[np.bool_]:
        """Return films and generated pictures: no photographs, none made to measure."""
        kind = self.pictures.kind[self.picture]
        return np.asarray(self.is_film | (self.is_fake & (kind != "aligned")))

    def select(self, mask: NDArray[np.bool_]) -> LeftOutScores:
        """Return the rows where `mask` holds."""
        return LeftOutScores(
            self.pictures,
            self.picture[mask],
            self.condition[mask],
            {name: values[mask] for name, values in self.members.items()},
        )


def assign_folds(pictures: Pictures, *, folds: int = FOLDS) -> NDArray[np.int64]:
    """Return a fold per picture such that no family of either class is split.

    Families go, largest first, into the fold that holds least of their class.
    """
    chosen = np.zeros(pictures.is_fake.size, np.int64)
    for label in (False, True):
        of_label = pictures.is_fake == label
        names, counts = np.unique(pictures.family[of_label], return_counts=True)
        loads = np.zeros(folds, np.int64)
        for index in np.lexsort((names, -counts)):
            fold = int(loads.argmin())
            loads[fold] += counts[index]
            chosen[of_label & (pictures.family == names[index])] = fold
    return chosen


def fitted_pictures(
    pictures: Pictures, fold_of: NDArray[np.int64], fold: int
) -> NDArray[np.bool_]:
    """Return what the model of a fold may see: no family of the fold, and nothing that
    shares a group (a patient, or the film that a fake was made from) with it."""
    held = fold_of == fold
    shared = np.isin(pictures.group, np.unique(pictures.group[held]))
    return np.asarray(~held & ~shared)


def judged_rows(
    table: TileTable, pictures: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Return the rows of set conditions, of all or of the chosen pictures."""
    judged = table.condition != RANDOM_VIEW
    if pictures is not None:
        judged &= pictures[table.owner]
    return np.flatnonzero(judged)


@dataclass(frozen=True)
class FoldTask:
    """What a process needs to train the network of one fold by itself."""

    load: Callable[[], TileTable]
    fold: int
    folds: int
    tiles: int
    seed: int
    folder: Path
    threads: int


def _score_network_fold(task: FoldTask) -> int:
    """Train the network of a fold and write its scores; nothing if they are there."""
    path = task.folder / f"fold-{task.fold}.npy"
    if not path.is_file():
        import torch

        from workers.training.residual_net import state_arrays

        torch.set_num_threads(task.threads)
        table = task.load()
        fold_of = assign_folds(table.pictures, folds=task.folds)
        network = train_member_network(
            table,
            fitted_pictures(table.pictures, fold_of, task.fold),
            tiles=task.tiles,
            seed=task.seed + task.fold,
            checkpoint=task.folder / f"fold-{task.fold}.checkpoint",
            stage=f"network without fold {task.fold + 1}",
        )
        rows = judged_rows(table, fold_of == task.fold)
        part = path.with_suffix(".part.npy")
        scores = score_tiles(state_arrays(network), table.tiles, table.place[rows])
        np.save(part, scores)
        part.replace(path)
    return task.fold


def train_fold_networks(tasks: Sequence[FoldTask], *, processes: int) -> None:
    """Train the networks of all folds, `processes` at a time."""
    if processes == 1:
        for task in tasks:
            _score_network_fold(task)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for _ in pool.imap_unordered(_score_network_fold, tasks):
            pass


def score_left_out(
    table: TileTable,
    *,
    plan: MemberPlan,
    seed: int,
    folds: int = FOLDS,
    network_folder: Path | None = None,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> LeftOutScores:
    """Return scores of all pictures, each by models that never saw its family.

    network_folder: where `train_fold_networks` left its scores, None without network.
    """
    fold_of = assign_folds(table.pictures, folds=folds)
    rows = judged_rows(table)
    scores: dict[str, NDArray[np.float64]] = {}
    for fold in range(folds):
        held = fold_of[table.owner[rows]] == fold
        if held.any():
            fitted = fitted_pictures(table.pictures, fold_of, fold)
            members = fit_members(table, fitted, plan=plan, seed=seed + fold)
            found = dict(score_members(members, table, rows[held]))
            if network_folder is not None:
                found[NETWORK] = np.load(network_folder / f"fold-{fold}.npy")
            for name, values in found.items():
                scores.setdefault(name, np.full(rows.size, np.nan))[held] = values
        report(fold + 1, folds)
    return average_tiles(table, rows, scores)


def average_tiles(
    table: TileTable,
    rows: NDArray[np.int64],
    scores: Mapping[str, NDArray[np.float64]],
) -> LeftOutScores:
    """Return the mean over the tiles of each picture and condition."""
    keys = np.stack([table.owner[rows], table.condition[rows]], axis=1)
    found, inverse = np.unique(keys, axis=0, return_inverse=True)
    inverse = inverse.ravel()
    counts = np.bincount(inverse)
    return LeftOutScores(
        table.pictures,
        found[:, 0],
        found[:, 1],
        {
            name: np.bincount(inverse, weights=values) / counts
            for name, values in scores.items()
        },
    )


def balanced_weights(scores: LeftOutScores) -> NDArray[np.float64]:
    """Return weights under which classes, and origins by root size, count alike."""
    _, inverse, counts = np.unique(
        scores.origin, return_inverse=True, return_counts=True
    )
    weights = 1.0 / np.sqrt(counts[inverse])
    for label in (False, True):
        mask = scores.is_fake == label
        weights[mask] /= weights[mask].sum()
    return np.asarray(weights * scores.is_fake.size / 2, np.float64)


def fit_mixture(scores: LeftOutScores) -> dict[str, float]:
    """Return a weight per member, none negative: a logistic model of left-out scores.

    The real-only member is compared, not combined: the shipped model has no place for
    it unless it earns one (docs/models/synthesis.md).
    """
    names = [name for name in sorted(scores.members) if name != OUTLIER]
    weights = balanced_weights(scores)
    while True:
        model = LogisticRegression(C=1e6)
        columns = np.stack([scores.members[name] for name in names], axis=1)
        model.fit(columns, scores.is_fake, sample_weight=weights)
        slopes = dict(zip(names, model.coef_[0], strict=True))
        if len(names) == 1:
            return {names[0]: 1.0}
        worst = min(slopes, key=lambda name: slopes[name])
        if slopes[worst] > 0:
            total = sum(slopes.values())
            return {name: float(slope / total) for name, slope in slopes.items()}
        names.remove(worst)


def mix(scores: LeftOutScores, mixture: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the weighted sum of the members' scores."""
    parts = [weight * scores.members[name] for name, weight in mixture.items()]
    return np.asarray(np.sum(parts, axis=0), np.float64)


def fit_calibration(
    mixed: NDArray[np.float64], scores: LeftOutScores
) -> PlattCalibration:
    """Return Platt's sigmoid over left-out scores, for equal class shares."""
    model = LogisticRegression(C=1e6)
    model.fit(mixed[:, None], scores.is_fake, sample_weight=balanced_weights(scores))
    return PlattCalibration(
        slope=float(model.coef_[0, 0]), intercept=float(model.intercept_[0])
    )


def _edge(
    scores: NDArray[np.float64], weights: NDArray[np.float64], fpr: float
) -> float:
    """Return the score above which `fpr` of the weight lies."""
    order = np.argsort(-scores)
    alarms = np.cumsum(weights[order]) / weights.sum()
    allowed = int(np.searchsorted(alarms, fpr, side="right"))
    return float(scores[order][min(allowed, scores.size - 1)])


def choose_threshold(
    mixed: NDArray[np.float64],
    scores: LeftOutScores,
    calibration: PlattCalibration,
    *,
    fpr: float,
) -> float:
    """Return the probability that keeps false alarms on left-out films within `fpr`.

    Films count by archive (root of its size), and no archive with pictures enough to
    tell may exceed three times the budget.
    """
    films = scores.is_film
    edge = _edge(mixed[films], balanced_weights(scores)[films], fpr)
    for origin in np.unique(scores.origin[films]):
        own = films & (scores.origin == origin)
        if np.unique(scores.picture[own]).size >= _FEWEST_OF_ORIGIN:
            even = np.ones(int(own.sum()))
            edge = max(edge, _edge(mixed[own], even, _WORST_ORIGIN * fpr))
    # Just above the highest score that must stay silent.
    return calibration.probability(float(np.nextafter(edge, np.inf)) + 1e-6)
