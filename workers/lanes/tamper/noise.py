"""Grain that does not belong: blocks whose noise departs from the film's own rule.

In one exposure the strength of the grain follows brightness and structure, and its
spectrum follows the detector. A region that was smoothed, inpainted or made by a
generator breaks that rule in its own blocks. Per block the log-ratio of the finest to
the next octave is predicted from brightness, gradient and the coarse octave by a robust
regression on the film itself; what is left over is the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float2D = NDArray[np.float32]

# Films below this size get 8 px blocks, so that a part of 48 px still holds some.
_FINE_BLOCKS_BELOW_PX = 1024

# Second difference in both directions: blind to planes and straight edges along the
# axes (Immerkaer, Fast noise variance estimation, CVIU 1996).
_SECOND_DIFFERENCE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6

_FLOOR = 1e-10


@dataclass(frozen=True, eq=False)
class NoiseMap:
    """Departure of each block's grain from the film's own rule.

    slope_z: robust z of finest against next octave (negative: fine grain missing).
    assessable: blocks with grain to judge, neither flat, burned out nor at an edge.
    """

    slope_z: Float2D
    assessable: NDArray[np.bool_]
    block_px: int


def map_noise(luma: Float2D) -> NoiseMap:
    """Return the block map of `luma`, (rows // block_px, columns // block_px)."""
    block = 8 if min(luma.shape) < _FINE_BLOCKS_BELOW_PX else 16
    rows, columns = luma.shape[0] // block, luma.shape[1] // block
    cut = np.ascontiguousarray(luma[: rows * block, : columns * block])
    grid = (columns, rows)
    level = _shrink(cut, grid)
    fine = _octave(cut, grid)
    half = _shrink(cut, (cut.shape[1] // 2, cut.shape[0] // 2))
    middle = _octave(half, grid)
    quarter = _shrink(half, (half.shape[1] // 2, half.shape[0] // 2))
    coarse = _octave(quarter, grid)
    slopes = np.hypot(cv2.Sobel(level, -1, 1, 0), cv2.Sobel(level, -1, 0, 1))
    gradient = np.log(slopes + 1e-4)
    usable = _assessable(cut, level, fine, grid)
    terms = [level, level**2, level**3, gradient, gradient**2]
    slope = _leftover(fine - middle, [*terms, coarse], usable)
    return NoiseMap(slope, usable, block)


def pool_blocks(values: Float2D, assessable: NDArray[np.bool_], side: int) -> Float2D:
    """Return the mean over `side` x `side` blocks, in units of the map's own spread.

    0 where fewer than half of the blocks can be judged. A part that was made anew is
    many blocks that depart together; pooling keeps those and averages chance out.
    """
    weight = cv2.boxFilter(assessable.astype(np.float32), -1, (side, side))
    total = cv2.boxFilter(np.where(assessable, values, 0), -1, (side, side))
    pooled = np.where(weight > 0.5, total / np.maximum(weight, 1e-6), 0)
    known = pooled[weight > 0.5]
    if known.size < 16:
        return np.zeros_like(values)
    centre = float(np.median(known))
    spread = float(np.median(np.abs(known - centre))) / 0.6745
    scaled = np.where(weight > 0.5, (pooled - centre) / max(spread, 0.05), 0)
    return scaled.astype(np.float32)


def _shrink(image: Float2D, size: tuple[int, int]) -> Float2D:
    """Return the area average at `size` (columns, rows)."""
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32)


def _octave(image: Float2D, grid: tuple[int, int]) -> Float2D:
    """Return the log-energy of the finest octave of `image` per block.

    Clipped at 4 robust spreads: one edge pixel must not drown a block of grain.
    """
    detail = cv2.filter2D(image, -1, _SECOND_DIFFERENCE)
    limit = 8 * float(np.median(np.abs(detail))) + 1e-6
    bounded = np.clip(detail, -limit, limit)
    energy = cv2.resize(bounded * bounded, grid, interpolation=cv2.INTER_AREA)
    return np.asarray(np.log(energy + _FLOOR), dtype=np.float32)


def _assessable(
    luma: Float2D, level: Float2D, fine: Float2D, grid: tuple[int, int]
) -> NDArray[np.bool_]:
    extreme = ((luma < 0.004) | (luma > 0.996)).astype(np.float32)
    burned = cv2.resize(extreme, grid, interpolation=cv2.INTER_AREA) > 0.02
    near_burned = cv2.dilate(burned.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    usable = ~near_burned & (fine > np.log(_FLOOR) + 1) & np.isfinite(level)
    usable[[0, -1], :] = False
    usable[:, [0, -1]] = False
    return np.asarray(usable, dtype=np.bool_)


def _leftover(
    target: Float2D, terms: list[Float2D], usable: NDArray[np.bool_]
) -> Float2D:
    """Return robust z of what a reweighted linear fit of `terms` leaves of `target`."""
    if np.count_nonzero(usable) < 64:
        return np.zeros_like(target)
    design = np.stack([np.ones_like(target), *terms], axis=-1).astype(np.float64)
    known, wanted = design[usable], target[usable].astype(np.float64)
    weights = np.ones(len(wanted))
    for _ in range(4):
        root = np.sqrt(weights)[:, None]
        factors, *_ = np.linalg.lstsq(known * root, wanted * root[:, 0], rcond=None)
        rest = wanted - known @ factors
        spread = float(np.median(np.abs(rest))) / 0.6745 + 1e-6
        # Tukey's biweight, 4.685 for 95 % efficiency under Gaussian noise.
        inside = np.clip(1 - (rest / (4.685 * spread)) ** 2, 0, None)
        weights = inside**2
    z = np.where(usable, (target - design @ factors) / spread, 0)
    return np.clip(z, -8, 8).astype(np.float32)
