"""From scores of tiles to a map of the film, how far to trust it, and whether it tells
a place at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.lanes.synthesis.features import TILE_PX
from workers.lanes.synthesis.scorer import TileScores
from workers.lanes.synthesis.tiles import MIN_CONTENT, TileGrid, choose_cells
from workers.model_card import ModelCard, PlattCalibration
from workers.types import Heatmap, Region

# Log-odds of one tile by itself, None where it holds too little to be judged.
ScoreTile = Callable[[NDArray[np.uint8]], float | None]

_PROBES = 4  # tiles scored a second time
_PROBE_QUALITY = 90
_FINEST_CELL_PX = 64.0
_LEAST_WEIGHT = 0.05  # of a judged tile, so that the most unstable still says something
_FEWEST_TILES = 5  # below this no tile can stand out from the others
_LEAST_SPREAD = 0.3  # log-odds; tiles of one film never agree better than that


@dataclass(frozen=True, eq=False)
class Placement:
    """Whether the finding has a place.

    hottest: grid cell (row, column) of the highest score.
    region: its tile, None where the finding is global.
    peak: log-odds by which the hottest tile exceeds the median tile.
    expected_peak: what the hottest of as many tiles without any finding would reach.
    """

    hottest: tuple[int, int]
    region: Region | None
    peak: float
    expected_peak: float


def tile_region(grid: TileGrid, cell: tuple[int, int]) -> Region:
    """Return the box of the tile of `cell`."""
    top, left = round(grid.tops[cell[0]]), round(grid.lefts[cell[1]])
    return Region(row=top, column=left, height=TILE_PX, width=TILE_PX)


def place_finding(scores: TileScores, card: ModelCard) -> Placement | None:
    """Return where the finding lies, None where no tile was judged.

    The rule: one standard deviation of tiles that carry nothing is read off the cooler
    half of the film (median less 16 % quantile, at least 0.3). Of n such tiles the
    hottest lies about sqrt(2 ln n) deviations above the median by chance. The finding
    has a place if the hottest tile exceeds that by one more deviation and lies above
    the threshold of the card, while the median tile lies below it. Otherwise, and with
    fewer than five tiles, it is global: the film as a whole, and no place in it.
    """
    judged = np.isfinite(scores.log_odds)
    values = scores.log_odds[judged]
    if not values.size:
        return None
    row, column = np.unravel_index(
        int(np.where(judged, scores.log_odds, -np.inf).argmax()), judged.shape
    )
    hottest = (int(row), int(column))
    low, middle = np.quantile(values, (0.16, 0.5))
    spread = max(float(middle - low), _LEAST_SPREAD)
    expected = spread * (float(np.sqrt(2 * np.log(max(values.size, 2)))) + 1.0)
    peak = float(values.max() - middle)
    typical, highest = (
        card.calibration.probability(float(v)) for v in (middle, values.max())
    )
    is_local = (
        values.size >= _FEWEST_TILES
        and peak > expected
        and typical < card.threshold <= highest
    )
    region = tile_region(scores.grid, hottest) if is_local else None
    return Placement(hottest, region, peak, expected)


def _centres(grid: TileGrid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return rows and columns of the tile centres, each of the grid's shape."""
    half = (TILE_PX - 1) / 2
    rows, columns = np.meshgrid(
        np.array(grid.tops) + half, np.array(grid.lefts) + half, indexing="ij"
    )
    return rows, columns


def measure_stability(
    levels: NDArray[np.uint8],
    scores: TileScores,
    score_tile: ScoreTile,
    calibration: PlattCalibration,
) -> NDArray[np.float32]:
    """Return per cell how little its suspicion moves under a mild JPEG, 0..1.

    At most four judged tiles, spread over the film, are coded at quality 90 and scored
    again: 1 is no change, 0 a change of suspicion by half or more. The other cells take
    the mean of the probed ones, weighted by nearness. 0 everywhere if none was judged.
    """
    judged = np.isfinite(scores.log_odds)
    probes = np.argwhere(
        choose_cells(
            scores.grid,
            np.where(judged, np.maximum(scores.content, MIN_CONTENT), 0.0).astype(
                np.float32
            ),
            _PROBES,
        )
    )
    if not len(probes):
        return np.zeros(judged.shape, np.float32)
    found = []
    for row, column in probes:
        tile = scores.grid.cut(levels, int(row), int(column))
        _, payload = cv2.imencode(
            ".jpg", tile, [cv2.IMWRITE_JPEG_QUALITY, _PROBE_QUALITY]
        )
        coded = np.asarray(cv2.imdecode(payload, cv2.IMREAD_GRAYSCALE), np.uint8)
        after = score_tile(coded)
        before = calibration.probability(float(scores.log_odds[row, column]))
        moved = 1.0 if after is None else abs(calibration.probability(after) - before)
        found.append(max(0.0, 1.0 - 2.0 * moved))
    rows, columns = _centres(scores.grid)
    near = np.array(
        [
            np.hypot(rows - rows[row, column], columns - columns[row, column])
            for row, column in probes
        ]
    )
    weight = 1.0 / (near + TILE_PX / 8) ** 2
    stability = np.tensordot(np.array(found), weight, axes=1) / weight.sum(axis=0)
    stability[tuple(probes.T)] = found
    return np.asarray(stability, np.float32)


@dataclass(frozen=True, eq=False)
class _Cells:
    """A regular grid of map cells that covers the film from edge to edge."""

    rows: NDArray[np.float64]
    columns: NDArray[np.float64]
    spacing_px: tuple[float, float]

    @classmethod
    def over(cls, shape: tuple[int, int], grid: TileGrid) -> _Cells:
        spacings, centres = [], []
        for side, tile_spacing in zip(shape, grid.spacing_px, strict=True):
            count = max(1, round(side / max(_FINEST_CELL_PX, tile_spacing / 2)))
            spacings.append(side / count)
            centres.append((np.arange(count) + 0.5) * side / count - 0.5)
        return cls(centres[0], centres[1], (spacings[0], spacings[1]))

    def wrap(self, values: NDArray[np.float64]) -> Heatmap:
        origin = float(self.rows[0]), float(self.columns[0])
        return Heatmap(values.astype(np.float32), self.spacing_px, origin)


def _sample_grid(
    grid: TileGrid, values: NDArray[np.float32], cells: _Cells
) -> NDArray[np.float64]:
    """Return `values` of the tile grid at the map cells, bilinear, held at the rim."""
    half = (TILE_PX - 1) / 2
    at = [
        np.interp(points, np.array(starts) + half, np.arange(len(starts)))
        for points, starts in (
            (cells.rows, grid.tops),
            (cells.columns, grid.lefts),
        )
    ]
    by_row = np.stack(
        [np.interp(at[1], np.arange(values.shape[1]), line) for line in values]
    )
    return np.stack(
        [np.interp(at[0], np.arange(values.shape[0]), line) for line in by_row.T],
        axis=1,
    )


def draw_maps(
    shape: tuple[int, int],
    scores: TileScores,
    stability: NDArray[np.float32],
    calibration: PlattCalibration,
) -> tuple[Heatmap, Heatmap]:
    """Return suspicion and reliability over the film of `shape`, both 0 where unjudged.

    Suspicion is the normalised convolution of the tiles' log-odds, weighted by content
    and stability, with a Gaussian as wide as the judged tiles lie apart, through the
    card's calibration. Reliability is content times stability times nearness, which is
    1 where a judged tile lies and less in between. A cell whose surroundings hold less
    content than a tile needs is not judged.
    """
    cells = _Cells.over(shape, scores.grid)
    judged = np.isfinite(scores.log_odds)
    rows, columns = (axis[judged] for axis in _centres(scores.grid))
    down = (cells.rows[:, None] - rows[None, :]) ** 2
    across = (cells.columns[:, None] - columns[None, :]) ** 2
    squared = down[:, None, :] + across[None, :, :]
    apart = float(np.sqrt(scores.grid.spacing_px[0] * scores.grid.spacing_px[1]))
    apart *= float(np.sqrt(judged.size / max(int(judged.sum()), 1)))
    reach_px = float(np.clip(0.6 * apart, TILE_PX / 4, 2 * TILE_PX))
    kernel = np.exp(-squared / (2 * reach_px**2))
    trust = scores.content[judged] * stability[judged]
    weight = kernel * np.maximum(trust, _LEAST_WEIGHT)
    total = weight.sum(axis=2)
    mean = (weight * scores.log_odds[judged]).sum(axis=2) / np.maximum(total, 1e-12)
    nearness = np.minimum(1.0, kernel.max(axis=2) / np.exp(-0.5))
    content = _sample_grid(scores.grid, scores.content, cells)
    steady = _sample_grid(scores.grid, stability, cells)
    usable = (content >= MIN_CONTENT) & (nearness > 0.05)
    reliability = np.where(usable, np.clip(content * steady * nearness, 0.01, 1.0), 0.0)
    exponent = np.clip(calibration.slope * mean + calibration.intercept, -60.0, 60.0)
    suspicion = np.where(usable, 1.0 / (1.0 + np.exp(-exponent)), 0.0)
    return cells.wrap(suspicion), cells.wrap(reliability)
