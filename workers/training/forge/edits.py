"""Edits of a film: parts copied or made anew, tone and side changed."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.types import Region

Float2D = NDArray[np.float32]

# A patch of 1/14 to 1/7 of the shorter side is the size of a nodule or a fracture gap
# on a chest or an extremity film; below 48 px nobody could see it.
_MIN_SIDE_PX = 48
_SIDE_FRACTIONS = (1 / 14, 1 / 7)
_TRIES = 400


def copy_move(
    film: NDArray[Any], seed: int, *, side_px: int | None = None
) -> tuple[NDArray[Any], Region]:
    """Return the film with one of its own patches pasted elsewhere, and the target box.

    The patch keeps its grain exactly; only a plane is added, so that its brightness
    runs on from its new surroundings, and its elliptical edge is feathered.
    Raises ValueError where the film is too small or too flat for a patch.
    """
    rng = np.random.default_rng(seed)
    work, grain = _to_float(film), _grain_map(film)
    side = side_px or _pick_side(film.shape, rng)
    source = _pick_patch(grain, side, rng)
    target = _pick_target(work, grain, source, side, rng)
    patch = work[_window(source, side)].copy()
    place = work[_window(target, side)]
    mask = _soft_ellipse(side)
    rim = (mask > 0.02) & (mask < 0.6)
    patch += _fit_plane(place - patch, rim)
    work[_window(target, side)] = place + mask * (patch - place)
    region = Region(row=target[0], column=target[1], height=side, width=side)
    return _to_type(work, film), region


def resynthesise_region(
    film: NDArray[Any], seed: int, *, side_px: int | None = None
) -> tuple[NDArray[Any], Region]:
    """Return the film with one part made anew, and the box of that part.

    What a local generator leaves: the course of brightness is right, fine detail is
    gone, and the grain put back has the right strength but the wrong spectrum. The seed
    chooses between an upsampled low-pass and inpainting from the surroundings.
    """
    rng = np.random.default_rng(seed)
    work, grain = _to_float(film), _grain_map(film)
    side = side_px or _pick_side(film.shape, rng)
    corner = _pick_patch(grain, side, rng)
    window = _window(corner, side)
    place = work[window].copy()
    made = _low_pass(place) if rng.random() < 0.5 else _inpaint(work, corner, side)
    strength = float(np.median(np.abs(_residual(place)))) / 0.6745
    made = made + strength * _blotchy_noise(side, rng)
    mask = _soft_ellipse(side)
    work[window] = place + mask * (made - place)
    region = Region(row=corner[0], column=corner[1], height=side, width=side)
    return _to_type(work, film), region


def rewindow(film: NDArray[Any], seed: int) -> NDArray[Any]:
    """Return the film in another tone: a narrower window, then a gamma curve."""
    rng = np.random.default_rng(seed)
    low, high = np.percentile(film, (rng.uniform(0.2, 1.0), rng.uniform(99, 99.8)))
    if high <= low:
        return film.copy()
    unit = np.clip((film.astype(np.float64) - low) / (high - low), 0, 1)
    gamma = rng.choice((rng.uniform(0.65, 0.85), rng.uniform(1.2, 1.5)))
    full = float(film.max()) - float(film.min())
    return _to_type(unit**gamma * full + float(film.min()), film)


def flip(film: NDArray[Any]) -> NDArray[Any]:
    """Return the film mirrored left to right."""
    return np.ascontiguousarray(film[:, ::-1])


def _to_float(film: NDArray[Any]) -> Float2D:
    if film.ndim != 2:
        raise ValueError("the forge works on one grey channel")
    return film.astype(np.float32)


def _to_type(work: NDArray[Any], film: NDArray[Any]) -> NDArray[Any]:
    """Return `work` in the type of `film` and inside its range."""
    bounded: NDArray[Any] = np.clip(work, film.min(), film.max())
    if np.issubdtype(film.dtype, np.integer):
        bounded = np.rint(bounded)
    typed: NDArray[Any] = bounded.astype(film.dtype)
    return typed


def _residual(work: Float2D) -> Float2D:
    return np.asarray(work - cv2.GaussianBlur(work, (0, 0), 1.5), dtype=np.float32)


def _grain_map(film: NDArray[Any]) -> Float2D:
    """Return 0..1 per pixel: how much natural grain there is, edges and flats left out.

    Patches are taken where grain is ordinary: neither burned out nor on a hard edge.
    """
    work = _to_float(film)
    energy = cv2.GaussianBlur(_residual(work) ** 2, (0, 0), 8)
    usual = float(np.median(energy[energy > 0])) if (energy > 0).any() else 0.0
    if usual <= 0:
        raise ValueError("the film has no texture to work with")
    span = float(np.ptp(work)) or 1.0
    level = (work - float(work.min())) / span
    inside = (level > 0.08) & (level < 0.92)
    ordinary = (energy > 0.25 * usual) & (energy < 6 * usual)
    return (inside & ordinary).astype(np.float32)


def _pick_side(shape: tuple[int, ...], rng: np.random.Generator) -> int:
    shorter = min(shape)
    low, high = (int(shorter * fraction) for fraction in _SIDE_FRACTIONS)
    side = int(rng.integers(max(low, _MIN_SIDE_PX), max(high, _MIN_SIDE_PX) + 1))
    if side * 3 > shorter:
        raise ValueError("the film is too small for a patch")
    return side


def _pick_patch(grain: Float2D, side: int, rng: np.random.Generator) -> tuple[int, int]:
    """Return the corner with most grain among random ones, well inside the film."""
    rows, columns = grain.shape
    share = cv2.boxFilter(grain, -1, (side, side), anchor=(0, 0))
    edge_row, edge_column = rows // 12, columns // 12
    best, best_share = None, 0.0
    for _ in range(_TRIES):
        row = int(rng.integers(edge_row, rows - side - edge_row))
        column = int(rng.integers(edge_column, columns - side - edge_column))
        value = float(share[row, column])
        if value > best_share:
            best, best_share = (row, column), value
        if value > 0.98:
            break
    if best is None or best_share < 0.5:
        raise ValueError("the film has no part with ordinary grain")
    return best


def _pick_target(
    work: Float2D,
    grain: Float2D,
    source: tuple[int, int],
    side: int,
    rng: np.random.Generator,
) -> tuple[int, int]:
    """Return the corner, clear of the source, whose brightness is nearest to it."""
    means = cv2.boxFilter(work, -1, (side, side), anchor=(0, 0))
    share = cv2.boxFilter(grain, -1, (side, side), anchor=(0, 0))
    rows, columns = work.shape
    best, best_cost = None, np.inf
    for _ in range(_TRIES):
        row = int(rng.integers(rows // 12, rows - side - rows // 12))
        column = int(rng.integers(columns // 12, columns - side - columns // 12))
        if max(abs(row - source[0]), abs(column - source[1])) < 1.5 * side:
            continue
        step = abs(float(means[row, column] - means[source])) / (np.ptp(work) or 1)
        cost = float(step) + 0.5 * (1 - float(share[row, column]))
        if cost < best_cost:
            best, best_cost = (row, column), cost
    if best is None:
        raise ValueError("the film is too small to move a patch")
    return best


def _window(corner: tuple[int, int], side: int) -> tuple[slice, slice]:
    return slice(corner[0], corner[0] + side), slice(corner[1], corner[1] + side)


def _soft_ellipse(side: int) -> Float2D:
    """Return a disc of weight 1 that falls to 0 over the outer sixth of its radius."""
    axis = (np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1
    radius = np.hypot(axis[:, None], axis[None, :])
    return np.asarray(np.clip((1 - radius) * 6, 0, 1), dtype=np.float32)


def _fit_plane(values: Float2D, where: NDArray[np.bool_]) -> Float2D:
    """Return the least-squares plane through `values[where]`, over the whole patch."""
    rows, columns = np.indices(values.shape, dtype=np.float64)
    terms = np.stack([np.ones(values.shape), rows, columns], axis=-1)
    factors, *_ = np.linalg.lstsq(terms[where], values[where], rcond=None)
    return np.asarray(terms @ factors, dtype=np.float32)


def _low_pass(place: Float2D) -> Float2D:
    height, width = place.shape
    small = cv2.resize(place, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))


def _inpaint(work: Float2D, corner: tuple[int, int], side: int) -> Float2D:
    """Return the disc filled from around it (Telea 2004), smoothed against streaks."""
    margin = side // 3
    top, left = max(corner[0] - margin, 0), max(corner[1] - margin, 0)
    area = work[top : corner[0] + side + margin, left : corner[1] + side + margin]
    low, span = float(area.min()), float(np.ptp(area)) or 1.0
    grey = np.rint((area - low) / span * 255).astype(np.uint8)
    hole = np.zeros(area.shape, dtype=np.uint8)
    row, column = corner[0] - top, corner[1] - left
    disc = (_soft_ellipse(side) > 0).astype(np.uint8)
    hole[row : row + side, column : column + side] = disc
    filled = cv2.inpaint(grey, hole, 5, cv2.INPAINT_TELEA).astype(np.float32)
    smooth = cv2.GaussianBlur(filled, (0, 0), 2.0) / 255 * span + low
    return np.asarray(smooth[row : row + side, column : column + side], np.float32)


def _blotchy_noise(side: int, rng: np.random.Generator) -> Float2D:
    """Return unit-variance noise made at half size: coarser than any detector's."""
    half = rng.standard_normal((side // 2 + 1, side // 2 + 1)).astype(np.float32)
    large = cv2.resize(half, (side, side), interpolation=cv2.INTER_CUBIC)
    noise = np.asarray(large, dtype=np.float32)
    return np.asarray(noise / (float(np.std(_residual(noise))) or 1.0), np.float32)
