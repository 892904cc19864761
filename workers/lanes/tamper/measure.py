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

# Side of the neighbourhood against which a part must stand out. Trabecular bone and
# lung differ from the rest of a film over wide areas: taking the neighbourhood's mean
# off raised detection at 1.5 % false alarms from 0.31 to 0.38 (200 films, training
# split). 25 blocks did as well; 17 also kept the demo's untouched films unflagged.
SURROUND_BLOCKS = 17

# Departure, robust units, from which blocks count as one smooth part. Pools of 3 to 9
# blocks, maxima and sums were tried on 150 to 200 films of the training split (AUC 0.59
# to 0.74); the departure summed over the connected part was best.
PART_Z = 3.0

# Fitted by `python -m workers evaluate --lane tamper --fit` on the training split;
# docs/models/tamper.md has the figures. Term: log(1 + mass of the smooth part).
_INTERCEPT = -1.064
_MASS_FACTOR = 0.522

# A copied part that held at native resolution. Odds = hit rate (124 of 189) over the
# 95 % upper bound of the false-hit rate (1 of 189, so 2.5 %), training split.
COPY_MOVE_SUSPICION = 0.96


@dataclass(frozen=True, eq=False)
class TamperMeasures:
    """Measurements of one film.

    scale: measured size over native size; boxes are already in native pixels.
    smooth_map: departure per block beyond its surroundings, positive = finer grain is
        missing.
    smooth_mass: departure summed over the connected part where it is greatest, >= 0.
    smooth_region: box of that part, or None.
    """

    scale: float
    parts: tuple[CopiedPart, ...]
    noise: NoiseMap
    smooth_map: Float2D
    smooth_mass: float
    smooth_region: Region | None


def measure_film(luma: Float2D) -> TamperMeasures:
    """Return the measurements of `luma`, float32 0..1, at least 256 px a side."""
    scale = min(1.0, math.sqrt(MAX_PIXELS / luma.size))
    measured = np.ascontiguousarray(luma, dtype=np.float32)
    if scale < 1:
        measured = cv2.resize(
            measured, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
        ).astype(np.float32)
    noise = map_noise(measured)
    pooled = -pool_blocks(noise.slope_z, noise.assessable, POOL_BLOCKS)
    smooth = _stand_out(pooled, noise.assessable)
    mass, box = _find_smooth_part(smooth, noise.block_px)
    return TamperMeasures(
        scale=scale,
        parts=find_copied_parts(measured),
        noise=noise,
        smooth_map=smooth,
        smooth_mass=mass,
        smooth_region=None if box is None else scale_region(box, scale),
    )


def noise_suspicion(smooth_mass: float) -> float:
    """Return the probability 0..1 that some part was smoothed or made anew."""
    log_odds = _INTERCEPT + _MASS_FACTOR * math.log1p(smooth_mass)
    return 1 / (1 + math.exp(-log_odds))


def film_suspicion(measures: TamperMeasures) -> float:
    """Return the probability 0..1 that the film was tampered with, by either sign."""
    by_noise = noise_suspicion(measures.smooth_mass)
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


def _stand_out(pooled: Float2D, assessable: NDArray[np.bool_]) -> Float2D:
    """Return each block's departure beyond that of its wider neighbourhood."""
    known = assessable.astype(np.float32)
    size = (SURROUND_BLOCKS, SURROUND_BLOCKS)
    share = np.maximum(cv2.boxFilter(known, -1, size), 0.05)
    around = np.maximum(cv2.boxFilter(pooled * known, -1, size) / share, 0)
    return np.where(assessable, pooled - around, 0).astype(np.float32)


def _find_smooth_part(smooth: Float2D, block_px: int) -> tuple[float, Region | None]:
    """Return mass and box (measured pixels) of the heaviest connected smooth part."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (smooth > PART_Z).astype(np.uint8)
    )
    if count < 2:
        return 0.0, None
    masses = np.bincount(labels.ravel(), np.maximum(smooth, 0).ravel())
    masses[0] = 0
    label = int(masses.argmax())
    left, top, width, height = (int(value) * block_px for value in stats[label][:4])
    return float(masses[label]), Region(top, left, height, width)
