"""The families of detectors that are compared and combined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workers.errors import ModelError
from workers.training.looks import weigh_looks
from workers.training.outlier import OutlierModel, fit_outlier_model
from workers.training.perceptron import Committee, CommitteePlan, fit_committee
from workers.training.residual_onnx import score_tiles
from workers.training.tables import RANDOM_VIEW, TileTable

if TYPE_CHECKING:
    from workers.training.residual_net import ResidualNet

COMMITTEE, NETWORK, OUTLIER = "perceptrons", "residual_network", "real_only"
# Photographs keep a model from learning "bone = real"; the films are what it is for.
_PHOTO_SHARE = 0.25
_ALIGNED_SHARE = 0.05


@dataclass(frozen=True)
class MemberPlan:
    """How the members are trained. network_tiles: 0 leaves the network out."""

    committee: CommitteePlan = field(default_factory=CommitteePlan)
    network_tiles: int = 0


@dataclass(frozen=True, eq=False)
class Members:
    """Fitted members; `network` is None where the plan has none."""

    committee: Committee
    outlier: OutlierModel
    network: ResidualNet | None = None


def tile_weights(
    table: TileTable, rows: NDArray[np.int64], *, seed: int
) -> NDArray[np.float64]:
    """Return weights of `rows`: classes count alike, origins by the root of their size.

    Within a class, pictures that are no films count by how much they look like one.
    """
    pictures, owner = table.pictures, table.owner[rows]
    origins = pictures.origin[owner]
    _, inverse, counts = np.unique(origins, return_inverse=True, return_counts=True)
    weights = 1.0 / np.sqrt(counts[inverse])
    weights *= weigh_looks(
        table.looks[rows], pictures.is_film[owner], pictures.group[owner], seed=seed
    )
    is_fake, kind = pictures.is_fake[owner], pictures.kind[owner]
    minor = {False: ("photo", _PHOTO_SHARE), True: ("aligned", _ALIGNED_SHARE)}
    for label, (name, share) in minor.items():
        is_minor = (is_fake == label) & (kind == name)
        is_major = (is_fake == label) & (kind != name)
        both = is_minor.any() and is_major.any()
        shares = (share, 1.0 - share) if both else (1.0, 1.0)
        for mask, part in zip((is_minor, is_major), shares, strict=True):
            if mask.any():
                weights[mask] *= part / weights[mask].sum()
    return weights * rows.size / 2.0


def training_rows(table: TileTable, pictures: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the rows of random views of the chosen `pictures`."""
    return np.flatnonzero((table.condition == RANDOM_VIEW) & pictures[table.owner])


def fit_members(
    table: TileTable, chosen: NDArray[np.bool_], *, plan: MemberPlan, seed: int
) -> Members:
    """Return the members that need no network, fitted to the `chosen` pictures.

    Raises ValueError unless both classes are among them.
    """
    rows = training_rows(table, chosen)
    owner = table.owner[rows]
    is_fake = table.pictures.is_fake[owner]
    if np.unique(is_fake).size < 2:
        raise ValueError("leaving a family out needs two families of each class")
    origins = table.pictures.origin[owner]
    films = table.pictures.is_film[owner]
    genuine = films if films.any() else ~is_fake
    return Members(
        committee=fit_committee(
            table.features[rows],
            is_fake,
            origins,
            tile_weights(table, rows, seed=seed),
            plan=plan.committee,
            seed=seed,
        ),
        outlier=fit_outlier_model(table.features[rows][genuine], origins[genuine]),
    )


def train_member_network(
    table: TileTable,
    chosen: NDArray[np.bool_],
    *,
    tiles: int,
    seed: int,
    checkpoint: Path,
    stage: str,
) -> ResidualNet:
    """Return the residual network fitted to the `chosen` pictures, resumable.

    Raises ModelError where PyTorch is not installed.
    """
    try:
        from workers.training.residual_net import NetPlan, train_network
    except ImportError as error:
        raise ModelError(
            "PyTorch is not installed: install torch, or pass --network-tiles 0"
        ) from error
    from workers.training.progress import Progress

    rows = training_rows(table, chosen)
    owner = table.owner[rows]
    weights = tile_weights(table, rows, seed=seed)
    return train_network(
        table.tiles,
        table.place[rows],
        table.pictures.is_fake[owner],
        weights,
        plan=NetPlan(tiles=tiles),
        seed=seed,
        checkpoint=checkpoint,
        report=Progress(stage),
    )


def score_members(
    members: Members, table: TileTable, rows: NDArray[np.int64]
) -> Mapping[str, NDArray[np.float64]]:
    """Return the score of each member per row."""
    features = table.features[rows]
    scores = {
        COMMITTEE: members.committee.score(features),
        OUTLIER: members.outlier.score(features),
    }
    if members.network is not None:
        from workers.training.residual_net import state_arrays

        scores[NETWORK] = score_tiles(
            state_arrays(members.network), table.tiles, table.place[rows]
        )
    return scores
