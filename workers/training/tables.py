"""From pictures to tiles: random views to learn from, and set conditions to be judged.

Everything is written to one folder, picture by picture, by several processes; a run
that was cut off goes on where it stopped.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.lanes.synthesis.features import TILE_PX, feature_count, tile_features
from workers.lanes.synthesis.tiles import (
    MIN_CONTENT,
    TileGrid,
    choose_tiles,
    content_map,
    plan_grid,
)
from workers.training.conditions import CONDITIONS
from workers.training.data import Sample, load_luma
from workers.training.families import family_of
from workers.training.looks import LOOK_COUNT, measure_look
from workers.training.postprocess import apply_draw, draw_randomly
from workers.training.score_table import GREY_BINS, FilmFacts, measure_facts

_REGION_PX = 1024  # bounds the cost of a view and leaves room for smaller scales
_DRAWN_FROM = 40  # cells of the grid that tiles of a view are drawn from
RANDOM_VIEW = -1
_FACT_COUNT = GREY_BINS + 4


@dataclass(frozen=True)
class ViewPlan:
    """How many tiles of a picture are taken.

    fewest..most: random views per picture; rare origins get more, towards `per_origin`.
    tiles: per view.  judged_tiles: per condition, chosen as the lane chooses.
    """

    fewest: int = 8
    most: int = 14
    per_origin: int = 200
    tiles: int = 4
    judged_tiles: int = 6
    conditions: tuple[str, ...] = (
        *("as_is", "jpeg_70", "half_size", "half_size_jpeg_80"),
        *("rewindow", "zoom_crop_1.5", "screenshot"),
    )

    @property
    def slots(self) -> int:
        """Return how many tiles a picture can have at most."""
        return self.most * self.tiles + len(self.conditions) * self.judged_tiles


@dataclass(frozen=True, eq=False)
class Pictures:
    """What is known of the pictures, an entry each."""

    is_fake: NDArray[np.bool_]
    origin: NDArray[np.str_]
    family: NDArray[np.str_]
    kind: NDArray[np.str_]
    group: NDArray[np.str_]

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> Pictures:
        """Return the columns of `samples`."""
        return cls(
            np.array([s.is_fake for s in samples], np.bool_),
            np.array([s.origin for s in samples], np.str_),
            np.array([family_of(s.origin) for s in samples], np.str_),
            np.array([s.kind for s in samples], np.str_),
            np.array([s.group for s in samples], np.str_),
        )

    @property
    def is_film(self) -> NDArray[np.bool_]:
        """Return which pictures are genuine radiographs."""
        return np.asarray(~self.is_fake & (self.kind != "photo"), np.bool_)


@dataclass(frozen=True, eq=False)
class TileTable:
    """Tiles that were taken, a row each.

    features: float32 (rows, features).  looks: float32, what a tile looks like when its
    texture is averaged away (`looks.py`).  owner: index of the picture.  condition:
    index into the plan's conditions, RANDOM_VIEW for a view to learn from.  place: row
    of the tile in `tiles`, uint8 (slots, 256, 256), a file that is read as needed.
    facts: float64 (pictures, conditions, numbers), NaN where there is no picture.
    """

    pictures: Pictures
    features: NDArray[np.float32]
    looks: NDArray[np.float32]
    owner: NDArray[np.int64]
    condition: NDArray[np.int64]
    place: NDArray[np.int64]
    tiles: NDArray[np.uint8]
    facts: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0, 0)))

    def facts_of(self, picture: int, condition: int) -> FilmFacts | None:
        """Return the facts of a picture under a condition, None if there are none."""
        numbers = self.facts[picture, condition]
        if not np.isfinite(numbers).all():
            return None
        return FilmFacts(
            int(numbers[0]),
            int(numbers[1]),
            tuple(float(v) for v in numbers[2 : 2 + GREY_BINS]),
            float(numbers[-2]),
            float(numbers[-1]),
        )


def draw_tiles(
    levels: NDArray[np.uint8], count: int, rng: np.random.Generator
) -> list[NDArray[np.uint8]]:
    """Return up to `count` tiles with texture, drawn from a grid over the film."""
    if min(levels.shape) < TILE_PX:
        return []
    grid = plan_grid(*levels.shape, max_tiles=_DRAWN_FROM)
    cells = np.argwhere(content_map(levels, grid) >= MIN_CONTENT)
    return _cut(levels, grid, rng.permutation(cells)[:count])


def cut_judged_tiles(levels: NDArray[np.uint8], count: int) -> list[NDArray[np.uint8]]:
    """Return up to `count` tiles, chosen as the lane chooses."""
    if min(levels.shape) < TILE_PX:
        return []
    grid, _, chosen = choose_tiles(levels, count)
    return _cut(levels, grid, np.argwhere(chosen))


def _cut(
    levels: NDArray[np.uint8], grid: TileGrid, cells: NDArray[np.int64]
) -> list[NDArray[np.uint8]]:
    return [np.ascontiguousarray(grid.cut(levels, *map(int, cell))) for cell in cells]


class _Store:
    """The files of a folder, opened for writing by several processes at once."""

    def __init__(self, folder: Path, pictures: int, plan: ViewPlan) -> None:
        rows = pictures * plan.slots
        shapes: dict[str, tuple[tuple[int, ...], type[np.generic], float]] = {
            "tiles": ((rows, TILE_PX, TILE_PX), np.uint8, 0),
            "features": ((rows, feature_count()), np.float32, 0),
            "looks": ((rows, LOOK_COUNT), np.float32, 0),
            "condition": ((rows,), np.int64, 0),
            "used": ((rows,), np.bool_, 0),
            "facts": (
                (pictures, len(plan.conditions), _FACT_COUNT),
                np.float64,
                np.nan,
            ),
            "done": ((pictures,), np.bool_, 0),
        }
        folder.mkdir(parents=True, exist_ok=True)
        self.arrays: dict[str, NDArray[np.generic]] = {}
        for name, (shape, kind, empty) in shapes.items():
            path = folder / f"{name}.npy"
            if not path.is_file():
                # A sparse file: what is never written takes no room.
                part = path.with_name(f"{name}.part")
                made = np.lib.format.open_memmap(
                    part, mode="w+", dtype=kind, shape=shape
                )
                if empty:
                    made[:] = empty
                made.flush()
                part.replace(path)
            self.arrays[name] = np.load(path, mmap_mode="r+")


def _pack_facts(levels: NDArray[np.uint8]) -> NDArray[np.float64]:
    facts = measure_facts(levels)
    return np.array(
        [
            facts.rows_px,
            facts.columns_px,
            *facts.grey_shares,
            facts.grey_mean,
            facts.grey_deviation,
        ]
    )


def _fill(
    store: _Store, index: int, sample: Sample, *, views: int, plan: ViewPlan, seed: int
) -> None:
    """Write the tiles of one picture, and last that it is done."""
    arrays = store.arrays
    luma = load_luma(sample)
    row = index * plan.slots

    def put(tiles: Sequence[NDArray[np.uint8]], condition: int) -> None:
        nonlocal row
        for tile in tiles:
            arrays["tiles"][row] = tile
            arrays["features"][row] = tile_features(tile)
            arrays["looks"][row] = measure_look(tile)
            arrays["condition"][row] = condition
            arrays["used"][row] = True
            row += 1

    if luma is not None:
        for turn in range(views):
            rng = np.random.default_rng([seed, index, turn])
            top, left = (
                int(rng.integers(0, max(side - _REGION_PX, 0) + 1))
                for side in luma.shape
            )
            region = luma[top : top + _REGION_PX, left : left + _REGION_PX]
            levels = apply_draw(region, draw_randomly(rng, min(region.shape)), rng)
            put(draw_tiles(levels, plan.tiles, rng), RANDOM_VIEW)
        for number, name in enumerate(plan.conditions):
            rng = np.random.default_rng([seed, index, 1000 + number])
            levels = CONDITIONS[name](luma, rng)
            arrays["facts"][index, number] = _pack_facts(levels)
            put(cut_judged_tiles(levels, plan.judged_tiles), number)
    arrays["done"][index] = True


_Task = tuple[Path, int, int, Sample, int, ViewPlan, int]


def _fill_apart(task: _Task) -> int:
    folder, pictures, index, sample, views, plan, seed = task
    cv2.setNumThreads(1)
    _fill(
        _Store(folder, pictures, plan),
        index,
        sample,
        views=views,
        plan=plan,
        seed=seed,
    )
    return index


def extract_tiles(
    samples: Sequence[Sample],
    *,
    plan: ViewPlan,
    seed: int,
    folder: Path,
    processes: int = 1,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> TileTable:
    """Return the tiles of `samples`, from `folder` where they are there already.

    The draw of a view depends on `seed` and the picture's place in the list alone, and
    comes from one distribution whatever the label. report: called with (done, total).
    """
    store = _Store(folder, len(samples), plan)
    sizes = Counter(sample.origin for sample in samples)
    open_tasks: list[_Task] = [
        (
            folder,
            len(samples),
            index,
            sample,
            int(
                np.clip(plan.per_origin // sizes[sample.origin], plan.fewest, plan.most)
            ),
            plan,
            seed,
        )
        for index, sample in enumerate(samples)
        if not store.arrays["done"][index]
    ]
    finished = len(samples) - len(open_tasks)
    if processes > 1 and len(open_tasks) > 1:
        # Spawned, not forked: threads of OpenCV and ONNX Runtime do not survive that.
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            for count, _ in enumerate(pool.imap_unordered(_fill_apart, open_tasks), 1):
                report(finished + count, len(samples))
    else:
        for count, task in enumerate(open_tasks, 1):
            _fill_apart(task)
            report(finished + count, len(samples))
    arrays = store.arrays
    place = np.flatnonzero(arrays["used"])
    return TileTable(
        pictures=Pictures.of(samples),
        features=np.asarray(arrays["features"][place], np.float32),
        looks=np.asarray(arrays["looks"][place], np.float32),
        owner=place // plan.slots,
        condition=np.asarray(arrays["condition"][place], np.int64),
        place=place,
        tiles=np.load(folder / "tiles.npy", mmap_mode="r"),
        facts=np.asarray(arrays["facts"], np.float64),
    )
