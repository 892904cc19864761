"""Which family of generators a generated picture looks like, and when that may be said.

A linear discriminant over the committee's scaled features. Each family gets a margin of
its own: the smallest at which statements about generators left out were right often
enough. A family without such a margin is never named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from workers.lanes.synthesis.family import (
    FAMILY_NAMES,
    SCORE_FLOOR,
    UNKNOWN,
    name_family,
)
from workers.training.left_out import judged_rows
from workers.training.members import training_rows
from workers.training.perceptron import FEATURE_LIMIT
from workers.training.tables import TileTable

_SHRINKAGE = 0.1
_MARGINS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0)
_RIGHT = 0.9  # share of statements that must have been right, generators left out
_FEWEST = 30  # statements below which the share says little
# Families of `families.py` whose decoder is known to be of one kind. DALL-E is left out
# (three decoders under one name), and pixel-space diffusion, which has none.
_OTHER = "any other generator"
_KINDS = {
    "latent-diffusion-1": 0,
    "latent-diffusion-2": 0,
    "llm-image": 1,
    "medical-gan": 2,
}


@dataclass(frozen=True, eq=False)
class FamilyHint:
    """weight: float32 (features, families), of the scaled features.  bias: (families,).

    margins: per family, in log-probability, None where it may not be named.
    confusion: left-out pictures by true family and statement, as the card writes it.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    margins: tuple[float | None, ...]
    confusion: dict[str, dict[str, int]]

    def as_fields(self) -> dict[str, Any]:
        """Return what the card keeps; the weights are in the model."""
        return {
            "families": list(FAMILY_NAMES),
            "margins": list(self.margins),
            "protocol": "generators left out one by one; all generated pictures, all "
            "conditions; rows: true family, columns: statement",
            "confusion": self.confusion,
        }


def kinds_of(table: TileTable) -> NDArray[np.int64]:
    """Return the kind of decoder per picture, -1 where it is not known or real."""
    pictures = table.pictures
    kinds = np.array([_KINDS.get(str(family), -1) for family in pictures.family])
    return np.where(pictures.is_fake, kinds, -1).astype(np.int64)


def _scale(
    features: NDArray[np.float32], mean: NDArray[np.float32], scale: NDArray[np.float32]
) -> NDArray[np.float32]:
    scaled = np.clip((features - mean) / scale, -FEATURE_LIMIT, FEATURE_LIMIT)
    return np.asarray(scaled, np.float32)


def _fit(
    scaled: NDArray[np.float32], kinds: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return weight (features, families) and bias; -inf bias for a kind not seen."""
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=_SHRINKAGE)
    seen = np.unique(kinds)
    model.set_params(priors=np.full(seen.size, 1.0 / seen.size))
    model.fit(scaled, kinds)
    weight = np.zeros((scaled.shape[1], len(FAMILY_NAMES)), np.float32)
    bias = np.full(len(FAMILY_NAMES), -1e3, np.float32)
    if seen.size == 2:  # scikit-learn then keeps one row, for the second kind
        weight[:, seen[1]] = model.coef_[0]
        bias[seen] = [0.0, model.intercept_[0]]
    else:
        weight[:, seen] = model.coef_.T
        bias[seen] = model.intercept_
    return weight, bias


def _log_probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max(1, keepdims=True)
    normal = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return np.asarray(np.maximum(normal, SCORE_FLOOR), np.float64)


def _score_left_out(
    table: TileTable, scaled: NDArray[np.float32], kinds: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return true kinds and mean log-probabilities per picture and condition.

    Generators of no known kind are among them, as -1: all said of them is wrong.
    """
    learnt = training_rows(table, kinds >= 0)
    is_fake = table.pictures.is_fake
    judged = judged_rows(table, is_fake)
    truths: list[int] = []
    means: list[NDArray[np.float64]] = []
    for origin in np.unique(table.pictures.origin[is_fake]):
        own = (table.pictures.origin == origin) & is_fake
        fitted = learnt[~own[table.owner[learnt]]]
        held = judged[own[table.owner[judged]]]
        if held.size == 0 or np.unique(kinds[table.owner[fitted]]).size < 2:
            continue
        weight, bias = _fit(scaled[fitted], kinds[table.owner[fitted]])
        found = _log_probabilities((scaled[held] @ weight + bias).astype(np.float64))
        keys = np.stack([table.owner[held], table.condition[held]], axis=1)
        pictures, inverse = np.unique(keys, axis=0, return_inverse=True)
        for index, (owner, _) in enumerate(pictures):
            truths.append(int(kinds[owner]))
            means.append(found[inverse.ravel() == index].mean(0))
    return np.array(truths, np.int64), np.array(means).reshape(-1, len(FAMILY_NAMES))


def _choose_margin(
    family: int, truths: NDArray[np.int64], means: NDArray[np.float64]
) -> float | None:
    if truths.size == 0:
        return None
    ordered = np.sort(means, axis=1)
    apart = ordered[:, -1] - ordered[:, -2]
    for margin in _MARGINS:
        said = (means.argmax(1) == family) & (apart >= margin)
        right = float((truths[said] == family).mean()) if said.any() else 0.0
        if said.sum() >= _FEWEST and right >= _RIGHT:
            return margin
    return None


def fit_family_hint(
    table: TileTable, *, mean: NDArray[np.float32], scale: NDArray[np.float32]
) -> FamilyHint | None:
    """Return the hint fitted to generated pictures, None with fewer than two kinds.

    mean, scale: of the committee, whose scaled features are used.
    """
    kinds = kinds_of(table)
    rows = training_rows(table, kinds >= 0)
    if np.unique(kinds[table.owner[rows]]).size < 2:
        return None
    scaled = _scale(table.features, mean, scale)
    truths, means = _score_left_out(table, scaled, kinds)
    margins = tuple(
        _choose_margin(family, truths, means) for family in range(len(FAMILY_NAMES))
    )
    rows_of = (*FAMILY_NAMES, _OTHER)  # truth -1 is the last
    confusion = {truth: dict.fromkeys((*FAMILY_NAMES, UNKNOWN), 0) for truth in rows_of}
    for truth, values in zip(truths, means, strict=True):
        confusion[rows_of[truth]][name_family(values, margins) or UNKNOWN] += 1
    weight, bias = _fit(scaled[rows], kinds[table.owner[rows]])
    return FamilyHint(weight, bias, margins, confusion)
