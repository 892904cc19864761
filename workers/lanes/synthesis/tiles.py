"""Where the tiles of a film lie, and whether a tile holds enough to be judged."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.lanes.synthesis.features import TILE_PX

MIN_CONTENT = 0.5  # share of live blocks below which a tile is skipped
_MIN_STRIDE_PX = TILE_PX // 2
_BLOCK_PX = 16
_CELLS_PER_TILE = 3  # cells of the grid per tile that is scored
# A block is live when its residual is above a bare 8-bit ramp and it is not clipped.
_MIN_RESIDUAL = 0.6
# Letters and rims on an empty ground are few strong steps; texture is many small ones.
_RESIDUAL_CAP = np.uint8(4)
_RESIDUAL_GAIN = 50  # 8-bit means of 16 px blocks keep steps of 1/50 level
_SECOND_ORDER = (np.array([1, -2, 1], np.float32),) * 2  # as `residual_square`
_UNCLIPPED = (3, 252)
# Mean difference in levels that rounding, and JPEG's rounding of its own, leave between
# a smooth area and its blurred self (measured: 0.25 and 0.4).
_ROUNDING_DETAIL = np.float32(0.45)
_MAX_CLIPPED = 0.5  # share of a block at or beyond the clip levels


@dataclass(frozen=True)
class TileGrid:
    """A regular grid of tiles: top rows and left columns, image pixels, real numbers.

    Cell (i, j) is the tile whose top-left pixel is the rounded (tops[i], lefts[j]).
    """

    tops: tuple[float, ...]
    lefts: tuple[float, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Return (rows, columns) of cells."""
        return len(self.tops), len(self.lefts)

    @property
    def spacing_px(self) -> tuple[float, float]:
        """Return the distance between cells; TILE_PX along an axis with one cell."""
        row, column = (
            values[1] - values[0] if len(values) > 1 else float(TILE_PX)
            for values in (self.tops, self.lefts)
        )
        return row, column

    @property
    def origin_px(self) -> tuple[float, float]:
        """Return the centre of cell [0, 0]."""
        middle = (TILE_PX - 1) / 2
        return self.tops[0] + middle, self.lefts[0] + middle

    def cut(
        self, levels: NDArray[np.uint8], row: int, column: int
    ) -> NDArray[np.uint8]:
        """Return the tile of cell (row, column)."""
        top, left = round(self.tops[row]), round(self.lefts[column])
        return levels[top : top + TILE_PX, left : left + TILE_PX]


def plan_grid(rows: int, columns: int, *, max_tiles: int) -> TileGrid:
    """Return an even grid over the whole film with at most `max_tiles` tiles.

    Tiles overlap by half where the film is small, and stand apart where it is large.
    rows, columns: at least TILE_PX.
    """
    stride = float(_MIN_STRIDE_PX)
    while True:
        counts = [
            int(np.ceil((side - TILE_PX) / stride)) + 1 for side in (rows, columns)
        ]
        if counts[0] * counts[1] <= max_tiles:
            break
        stride *= 1.05
    tops, lefts = (
        tuple(float(v) for v in np.linspace(0, side - TILE_PX, count))
        for side, count in zip((rows, columns), counts, strict=True)
    )
    return TileGrid(tops, lefts)


def live_blocks(levels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which 16 px blocks of `levels` carry usable texture.

    Shape (rows // 16, columns // 16); what is left over at the right and bottom edge is
    not looked at. Padding, borders, clipped areas and bare ramps are not live, nor are
    burned-in letters on them: a strong edge counts no more than `_RESIDUAL_CAP`.
    """
    rows, columns = (side // _BLOCK_PX for side in levels.shape)
    whole = levels[: rows * _BLOCK_PX, : columns * _BLOCK_PX]
    residual = cv2.convertScaleAbs(cv2.sepFilter2D(whole, cv2.CV_16S, *_SECOND_ORDER))
    capped = np.minimum(residual, _RESIDUAL_CAP) * np.uint8(_RESIDUAL_GAIN)
    clipped = cv2.bitwise_not(cv2.inRange(whole, *_UNCLIPPED))  # 255 where clipped
    energy, lost = (
        cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA)
        for plane in (capped, clipped)
    )
    live = (energy > _MIN_RESIDUAL * _RESIDUAL_GAIN) & (lost < 255 * _MAX_CLIPPED)
    return np.asarray(live, np.bool_)


def tile_content(tile: NDArray[np.uint8]) -> float:
    """Return the share of 16 px blocks of `tile` that carry texture, 0..1."""
    return float(live_blocks(tile).mean())


def content_map(levels: NDArray[np.uint8], grid: TileGrid) -> NDArray[np.float32]:
    """Return `tile_content` of every cell of `grid`, float32 (rows, columns).

    The blocks are measured once for the whole film; a tile takes the 16 x 16 blocks
    nearest to it, so the answer may differ from `tile_content` by half a block's shift.
    """
    live = live_blocks(levels)
    side = TILE_PX // _BLOCK_PX
    sums = np.pad(live.astype(np.int64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    top, left = (
        np.clip(np.rint(np.array(starts) / _BLOCK_PX).astype(int), 0, blocks - side)
        for starts, blocks in zip((grid.tops, grid.lefts), live.shape, strict=True)
    )
    bottom, right = top + side, left + side
    count = (
        sums[np.ix_(bottom, right)]
        - sums[np.ix_(top, right)]
        - sums[np.ix_(bottom, left)]
        + sums[np.ix_(top, left)]
    )
    return np.asarray(count / side**2, np.float32)


def choose_cells(
    grid: TileGrid, content: NDArray[np.float32], budget: int
) -> NDArray[np.bool_]:
    """Return which cells to score: at most `budget`, rich in texture and spread out.

    content: as `content_map` gives it; cells below MIN_CONTENT are never chosen. Each
    next cell is the one with the largest product of its content and its distance to the
    nearest cell already chosen, so that no corner of the film takes the whole budget.
    """
    usable = content >= MIN_CONTENT
    if usable.sum() <= budget:
        return np.asarray(usable, np.bool_)
    rows, columns = np.meshgrid(grid.tops, grid.lefts, indexing="ij")
    middle = np.hypot(rows - rows.mean(), columns - columns.mean())
    chosen = np.zeros(grid.shape, np.bool_)
    # The first is the richest cell, of several the one nearest to the film's centre.
    worth = np.where(usable, content - 1e-3 * middle / (middle.max() + 1.0), -1.0)
    nearest = np.full(grid.shape, np.inf)
    for _ in range(budget):
        cell = np.unravel_index(int(worth.argmax()), grid.shape)
        chosen[cell] = True
        apart = np.hypot(rows - rows[cell], columns - columns[cell])
        nearest = np.minimum(nearest, apart)
        worth = np.where(usable & ~chosen, content * nearest, -1.0)
    return chosen


def choose_tiles(
    levels: NDArray[np.uint8], budget: int
) -> tuple[TileGrid, NDArray[np.float32], NDArray[np.bool_]]:
    """Return a grid over the film, its content, and which cells to score.

    levels: both sides at least TILE_PX.  budget: how many cells are chosen at most, out
    of about three times as many.
    """
    grid = plan_grid(*levels.shape, max_tiles=_CELLS_PER_TILE * budget)
    content = content_map(levels, grid)
    return grid, content, choose_cells(grid, content, budget)


def measure_sharpness(
    levels: NDArray[np.uint8],
    grid: TileGrid,
    content: NDArray[np.float32],
    *,
    max_tiles: int = 12,
) -> float | None:
    """Return how sharp the sharpest parts of a film are, None without usable tiles.

    The 97 % quantile over 16 px blocks of fine detail (below about 4 px), less what
    rounding to 8 bits makes by itself, per coarse detail (about 4 to 16 px). A film
    blurred by a Gaussian of 1 px keeps about 0.3, of 4 px less than 0.1. Noise counts
    as detail: what is judged is whether anything fine is left to look at.
    """
    ratios: list[NDArray[np.float32]] = []
    for row, column in np.argwhere(choose_cells(grid, content, max_tiles)):
        tile = grid.cut(levels, int(row), int(column))
        plane = tile.astype(np.float32)
        soft = cv2.GaussianBlur(plane, (0, 0), 1.5)
        softer = cv2.GaussianBlur(plane, (0, 0), 6.0)
        clipped = cv2.bitwise_not(cv2.inRange(tile, *_UNCLIPPED))
        side = TILE_PX // _BLOCK_PX
        fine, coarse, lost = (
            cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA)
            for part in (np.abs(plane - soft), np.abs(soft - softer), clipped)
        )
        kept = lost < 255 * _MAX_CLIPPED
        excess = np.maximum(fine[kept] - _ROUNDING_DETAIL, 0.0)
        ratios.append(excess / (coarse[kept] + np.float32(0.3)))
    if not ratios:
        return None
    return float(np.percentile(np.concatenate(ratios), 97))
