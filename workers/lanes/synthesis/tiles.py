"""Where the tiles of a film lie, and whether a tile holds enough to be judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.lanes.synthesis.features import TILE_PX, residual_square

MIN_CONTENT = 0.5  # share of live blocks below which a tile is skipped
_MIN_STRIDE_PX = TILE_PX // 2
_BLOCK_PX = 16
# A block is live when its residual is above a bare 8-bit ramp and it is not clipped.
_MIN_RESIDUAL = 0.6
_CLIP_LEVELS = (2.0, 253.0)


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


def tile_content(tile: NDArray[np.uint8]) -> float:
    """Return the share of 16 px blocks of `tile` that carry texture, 0..1."""
    rows, columns = (side // _BLOCK_PX for side in tile.shape)
    shape = (rows, _BLOCK_PX, columns, _BLOCK_PX)
    residual = np.abs(residual_square(tile)).reshape(shape).mean(axis=(1, 3))
    level = tile.astype(np.float32).reshape(shape).mean(axis=(1, 3))
    low, high = _CLIP_LEVELS
    live = (residual > _MIN_RESIDUAL) & (level > low) & (level < high)
    return float(live.mean())
