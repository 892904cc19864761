"""From pictures to tile features: several post-processed views of each picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workers.lanes.synthesis.features import tile_features
from workers.lanes.synthesis.tiles import MIN_CONTENT, plan_grid, tile_content
from workers.training.data import Sample, load_luma
from workers.training.postprocess import apply_draw, draw_randomly

_MAX_REGION_PX = 720  # bounds the cost of a view; a tile needs 512 px at half scale
_HISTOGRAM_BINS = 16


@dataclass(frozen=True)
class ViewPlan:
    """How many views a picture gets, and how many tiles a view.

    fewest..most: views per picture; rare origins get more, towards `per_origin`.
    """

    fewest: int = 4
    most: int = 10
    per_origin: int = 160
    tiles: int = 5


@dataclass(frozen=True, eq=False)
class TileTable:
    """Features of tiles with what is needed to group them again.

    features: float32 (tiles, features).  histograms: float32 (tiles, bins + 2), shares
        of grey levels, mean and deviation: what the leak probe sees.
    is_fake, view, origins, kinds, groups: per tile; `view` numbers are unique over the
        table, so that the tiles of a view can be averaged.
    """

    features: NDArray[np.float32]
    histograms: NDArray[np.float32]
    is_fake: NDArray[np.bool_]
    view: NDArray[np.int64]
    origins: NDArray[np.str_]
    kinds: NDArray[np.str_]
    groups: NDArray[np.str_]

    def select(self, mask: NDArray[np.bool_]) -> TileTable:
        """Return the rows where `mask` holds."""
        return TileTable(*(values[mask] for values in vars(self).values()))

    def save(self, path: Path) -> None:
        """Write the table as `.npz` via `.part`."""
        part = path.with_suffix(".part.npz")
        np.savez(part, **vars(self))
        part.rename(path)


def load_tile_table(path: Path) -> TileTable:
    """Return the table that `TileTable.save` wrote."""
    with np.load(path, allow_pickle=False) as archive:
        return TileTable(**{name: archive[name] for name in archive.files})


def join_tile_tables(tables: Sequence[TileTable]) -> TileTable:
    """Return the rows of all tables, with view numbers kept apart."""
    offset, parts = 0, []
    for table in tables:
        values = dict(vars(table), view=table.view + offset)
        offset = int(values["view"].max(initial=offset)) + 1
        parts.append(values)
    return TileTable(
        **{key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    )


def histogram_features(tile: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what a model sees that is shown no texture: grey levels only."""
    bins = tile.ravel() // (256 // _HISTOGRAM_BINS)
    counts = np.bincount(bins, minlength=_HISTOGRAM_BINS)
    summary = [float(tile.mean()) / 255, float(tile.std()) / 128]
    return np.array([*(counts / tile.size), *summary], np.float32)


def cut_view_tiles(
    levels: NDArray[np.uint8], count: int, rng: np.random.Generator
) -> list[NDArray[np.uint8]]:
    """Return up to `count` tiles with content, drawn from the grid the lane uses."""
    grid = plan_grid(*levels.shape, max_tiles=25)
    rows, columns = grid.shape
    found: list[NDArray[np.uint8]] = []
    for cell in rng.permutation(rows * columns):
        tile = grid.cut(levels, int(cell) // columns, int(cell) % columns)
        if tile_content(tile) >= MIN_CONTENT:
            found.append(tile)
        if len(found) == count:
            break
    return found


def _cut_region(
    luma: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    corners = [int(rng.integers(0, max(s - _MAX_REGION_PX, 0) + 1)) for s in luma.shape]
    top, left = corners
    return luma[top : top + _MAX_REGION_PX, left : left + _MAX_REGION_PX]


def _views_per_sample(samples: Sequence[Sample], plan: ViewPlan) -> dict[str, int]:
    sizes = Counter(sample.origin for sample in samples)
    return {
        origin: int(np.clip(plan.per_origin // size, plan.fewest, plan.most))
        for origin, size in sizes.items()
    }


def extract_views(
    samples: Sequence[Sample],
    *,
    plan: ViewPlan,
    seed: int,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> TileTable:
    """Return tile features of random views of `samples`.

    The draw of a view depends on `seed` and the picture's place in the list alone, and
    comes from one distribution whatever the label. report: called with (done, total).
    """
    views_of = _views_per_sample(samples, plan)
    rows: list[tuple[NDArray[np.float32], NDArray[np.float32], int, int]] = []
    view_number = 0
    for index, sample in enumerate(samples):
        luma = load_luma(sample)
        if luma is None:
            continue
        for turn in range(views_of[sample.origin]):
            rng = np.random.default_rng([seed, index, turn])
            region = _cut_region(luma, rng)
            levels = apply_draw(region, draw_randomly(rng, min(region.shape)), rng)
            for tile in cut_view_tiles(levels, plan.tiles, rng):
                numbers = tile_features(tile), histogram_features(tile)
                rows.append((*numbers, index, view_number))
            view_number += 1
        report(index + 1, len(samples))
    owners = [samples[row[2]] for row in rows]
    return TileTable(
        features=np.stack([row[0] for row in rows]),
        histograms=np.stack([row[1] for row in rows]),
        is_fake=np.array([owner.is_fake for owner in owners], np.bool_),
        view=np.array([row[3] for row in rows], np.int64),
        origins=np.array([owner.origin for owner in owners], np.str_),
        kinds=np.array([owner.kind for owner in owners], np.str_),
        groups=np.array([owner.group for owner in owners], np.str_),
    )
