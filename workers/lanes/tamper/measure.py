"""What the tamper lane measures on a film, and the probability read from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.lanes.tamper.copy_move import CopiedPart, find_copied_parts
from workers.lanes.tamper.noise import NoiseMap, map_noise, pool_blocks
from workers.types import Region

Float2D = NDArray[np.float32]

# Larger films are measured at this size: 12 million pixels take about 3 s of one core.
MAX_PIXELS = 12_000_000

# Blocks pooled on a side: 40 px on small films, 80 px on large ones, the size of the
# smallest part worth forging.
POOL_BLOCKS = 5

# Fitted by `python -m workers evaluate --lane tamper --fit` on the training split;
# docs/models/tamper.md has the figures. Terms: log(1 + slope), log(1 + strength), each
# the strongest pooled departure towards "too smooth".
_INTERCEPT = -4.0
_SLOPE_FACTOR = 1.0
_STRENGTH_FACTOR = 0.5

# A copied part that held at native resolution: hit rate over the false-hit rate, the
# latter at its 95 % upper bound, gives the odds. Same document.
COPY_MOVE_SUSPICION = 0.97


@dataclass(frozen=True, eq=False)
class TamperMeasures:
    """Measurements of one film.

    scale: measured size over native size; boxes are already in native pixels.
    slope, strength: greatest pooled departure towards "too smooth", robust units, >= 0.
    smooth_map: pooled departure per block, positive = smoother than the film's rule.
    hot_region: box of the connected blocks around the greatest departure, or None.
    """

    scale: float
    parts: tuple[CopiedPart, ...]
    noise: NoiseMap
    slope: float
    strength: float
    smooth_map: Float2D
    hot_region: Region | None


def measure_film(luma: Float2D) -> TamperMeasures:
    """Return the measurements of `luma`, float32 0..1, at least 256 px a side."""
    scale = min(1.0, math.sqrt(MAX_PIXELS / luma.size))
    measured = np.ascontiguousarray(luma, dtype=np.float32)
    if scale < 1:
        measured = cv2.resize(
            measured, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
        ).astype(np.float32)
    noise = map_noise(measured)
    slope_map = -pool_blocks(noise.slope_z, noise.assessable, POOL_BLOCKS)
    strength_map = -pool_blocks(noise.strength_z, noise.assessable, POOL_BLOCKS)
    return TamperMeasures(
        scale=scale,
        parts=find_copied_parts(measured),
        noise=noise,
        slope=max(float(slope_map.max()), 0.0),
        strength=max(float(strength_map.max()), 0.0),
        smooth_map=slope_map,
        hot_region=_hot_region(slope_map, noise.block_px, scale, luma.shape),
    )


def noise_suspicion(slope: float, strength: float) -> float:
    """Return the probability 0..1 that some part was smoothed or made anew."""
    log_odds = (
        _INTERCEPT
        + _SLOPE_FACTOR * math.log1p(slope)
        + _STRENGTH_FACTOR * math.log1p(strength)
    )
    return 1 / (1 + math.exp(-log_odds))


def film_suspicion(measures: TamperMeasures) -> float:
    """Return the probability 0..1 that the film was tampered with, by either sign."""
    by_noise = noise_suspicion(measures.slope, measures.strength)
    if not measures.parts:
        return by_noise
    return 1 - (1 - by_noise) * (1 - COPY_MOVE_SUSPICION)


def scale_region(region: Region, scale: float) -> Region:
    """Return the box in native pixels."""
    return Region(
        row=int(region.row / scale),
        column=int(region.column / scale),
        height=max(int(region.height / scale), 1),
        width=max(int(region.width / scale), 1),
    )


def _hot_region(
    smooth: Float2D, block_px: int, scale: float, shape: tuple[int, ...]
) -> Region | None:
    """Return the box of blocks above half of the greatest departure, around it."""
    peak = float(smooth.max())
    if peak <= 0:
        return None
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        (smooth > peak / 2).astype(np.uint8)
    )
    label = labels[np.unravel_index(int(smooth.argmax()), smooth.shape)]
    left, top, width, height = (int(value) for value in stats[label][:4])
    box = Region(top * block_px, left * block_px, height * block_px, width * block_px)
    native = scale_region(box, scale)
    return Region(
        native.row,
        native.column,
        min(native.height, shape[0] - native.row),
        min(native.width, shape[1] - native.column),
    )
