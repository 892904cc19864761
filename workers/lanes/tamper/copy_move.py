"""Copy-move: a part of the film that is there twice, grain and all.

Anatomy repeats itself (ribs, symmetry, collimator edges), noise never does. So the
search looks at whitened grain only: tiles of it are correlated with the whole film by
FFT at a bounded size, and every peak must then hold at native resolution, where the
grain of both places has to agree over a connected, textured area.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from workers.types import Region

Float2D = NDArray[np.float32]

# Longest side for the search; 16 FFTs of about 1.3 k square are 1 s of one core.
SEARCH_SIDE_PX = 1024
_TILE_PX = 320
_STEP_PX = 256
_PEAKS_PER_TILE = 2

# Peak height over the spread of the correlation. The greatest of 10**6 independent
# Gaussian values lies near 5; only the cost of verification suffers from a low value.
_MIN_PEAK_SIGMA = 6.0

# Least move, search pixels: below it a film is like itself without any copying.
_MIN_MOVE_PX = 24

# Agreement asked of both grains over a window of 21 px, and the least connected area.
# Chosen on the training split (docs/models/tamper.md): JPEG 95 takes the agreement of
# true copies down to 0.55.
_WINDOW_PX = 21
MIN_AGREEMENT = 0.50
_MAX_COHERENCE = 0.6

# Smooth parts of a JPEG repeat the same few coefficients: of 13 false hits among 189
# untouched films 12 lay on its 8 px grid, at most 2976 px large and 0.87 in agreement,
# while a copy lands there by chance once in 64. So more is asked of such an offset.
_GRID_PX = 8
_ON_GRID_AGREEMENT = 0.93
_ON_GRID_AREA_PX = 4000

# Grain agrees in one place only. What still agrees four pixels further on is structure.
_NEIGHBOUR_STEP_PX = 4
_MAX_NEIGHBOUR_AGREEMENT = 0.35
MIN_AREA_PX = 24 * 24


@dataclass(frozen=True, eq=False)
class CopiedPart:
    """Two places with the same grain.

    offset_px: (row, column) from `source` to `target`, native pixels.
    agreement: mean correlation of the grain over the part, 0..1.
    area_px: size of the connected part, native pixels.
    mask: (height, width) of `target`, True on the part.
    """

    source: Region
    target: Region
    offset_px: tuple[int, int]
    agreement: float
    area_px: int
    mask: NDArray[np.bool_]


def whiten_grain(luma: Float2D) -> Float2D:
    """Return the film's grain, locally scaled to unit variance and clipped to +-3.

    0 where there is no grain to compare: burned-out, padded or perfectly flat areas and
    the surroundings of hard edges (text, markers, collimator, metal).
    """
    fine = luma - cv2.GaussianBlur(luma, (0, 0), 1.2)
    power = cv2.boxFilter(fine * fine, -1, (33, 33))
    usual = float(np.median(power))
    scaled = fine / np.sqrt(power + 1e-9)
    flat = cv2.boxFilter((np.abs(fine) < 1e-5).astype(np.float32), -1, (9, 9)) > 0.5
    hard = power > 60 * max(usual, 1e-9)
    scaled[flat | hard | (power < 1e-8)] = 0
    grain: Float2D = np.clip(scaled, -3, 3).astype(np.float32)
    grain[_has_direction(grain)] = 0
    return grain


def _has_direction(grain: Float2D) -> NDArray[np.bool_]:
    """Return where the grain runs one way: an edge or a line, like itself along it.

    Coherence of the structure tensor (Bigun and Granlund, ICCV 1987), 0 for noise.
    """
    down, right = cv2.Sobel(grain, -1, 0, 1), cv2.Sobel(grain, -1, 1, 0)
    size = (_WINDOW_PX, _WINDOW_PX)
    rr, dd = (
        cv2.boxFilter(right * right, -1, size),
        cv2.boxFilter(down * down, -1, size),
    )
    rd = cv2.boxFilter(right * down, -1, size)
    coherence = np.sqrt((rr - dd) ** 2 + 4 * rd**2) / (rr + dd + 1e-6)
    return np.asarray(coherence > _MAX_COHERENCE, dtype=np.bool_)


def find_copied_parts(luma: Float2D) -> tuple[CopiedPart, ...]:
    """Return the copied parts, largest first; empty for nearly every film."""
    scale = min(1.0, SEARCH_SIDE_PX / max(luma.shape))
    native = whiten_grain(luma)
    if scale < 1:
        small = cv2.resize(luma, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        searched = whiten_grain(np.asarray(small, dtype=np.float32))
    else:
        searched = native
    parts: list[CopiedPart] = []
    for window, offset in _propose(searched):
        part = _verify(native, window, offset, scale)
        if part is not None and not any(_is_same(part, known) for known in parts):
            parts.append(part)
    return tuple(sorted(parts, key=lambda part: -part.area_px))


def _propose(grain: Float2D) -> list[tuple[Region, tuple[int, int]]]:
    """Return (tile, offset) pairs worth verifying, in search pixels."""
    rows, columns = grain.shape
    shape = (
        fft.next_fast_len(rows + _TILE_PX, real=True),
        fft.next_fast_len(columns + _TILE_PX, real=True),
    )
    whole = fft.rfft2(grain, s=shape)
    proposals: list[tuple[Region, tuple[int, int]]] = []
    for row in range(0, max(rows - _TILE_PX // 4, 1), _STEP_PX):
        for column in range(0, max(columns - _TILE_PX // 4, 1), _STEP_PX):
            tile = grain[row : row + _TILE_PX, column : column + _TILE_PX]
            if np.count_nonzero(tile) < tile.size // 8:
                continue
            spectrum = whole * np.conj(fft.rfft2(tile, s=shape))
            correlation = fft.irfft2(spectrum, s=shape)[:rows, :columns]
            window = Region(row, column, *tile.shape)
            proposals += [
                (window, offset) for offset in _peaks(correlation, row, column)
            ]
    return proposals


def _peaks(correlation: Float2D, row: int, column: int) -> list[tuple[int, int]]:
    """Return offsets of sharp peaks that are not the tile found in its own place.

    Only whole placements: the tile's corner stays inside the film, and the mirror case
    (a move up or to the left) is the other tile's.
    """
    sharp = correlation - cv2.GaussianBlur(correlation, (0, 0), 3)
    spread = float(np.median(np.abs(sharp))) / 0.6745
    if spread <= 0:
        return []
    _blank(sharp, row, column)
    found: list[tuple[int, int]] = []
    for _ in range(_PEAKS_PER_TILE):
        _, height, _, (at_column, at_row) = cv2.minMaxLoc(sharp)
        if height < _MIN_PEAK_SIGMA * spread:
            break
        found.append((at_row - row, at_column - column))
        _blank(sharp, at_row, at_column)
    return found


def _blank(values: Float2D, row: int, column: int) -> None:
    top, left = max(row - _MIN_MOVE_PX, 0), max(column - _MIN_MOVE_PX, 0)
    values[top : row + _MIN_MOVE_PX + 1, left : column + _MIN_MOVE_PX + 1] = 0


def _verify(
    native: Float2D, window: Region, offset: tuple[int, int], scale: float
) -> CopiedPart | None:
    """Return the part on which both grains agree at native resolution, if any."""
    reach = 1 if scale == 1 else int(np.ceil(1 / scale)) + 1
    source = _clip_window(native.shape, window, scale, offset, reach)
    if source is None:
        return None
    rows, columns = source
    here = native[rows, columns]
    best, agreement = (0, 0), -1.0
    base = (round(offset[0] / scale), round(offset[1] / scale))
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            there = _shifted(native, rows, columns, base[0] + down, base[1] + right)
            value = float(np.vdot(here, there))
            if value > agreement:
                best, agreement = (base[0] + down, base[1] + right), value
    there = _shifted(native, rows, columns, *best)
    if _largest_part(here, there, (rows.start, columns.start), best) is None:
        return None
    part = _grow_over_film(native, best)
    if part is None or _may_be_jpeg(part):
        return None
    if _neighbour_agreement(native, part) > _MAX_NEIGHBOUR_AGREEMENT:
        return None
    return part


def _may_be_jpeg(part: CopiedPart) -> bool:
    """Whether alike JPEG blocks explain the part just as well."""
    on_grid = all(move % _GRID_PX == 0 for move in part.offset_px)
    firm = part.agreement >= _ON_GRID_AGREEMENT and part.area_px >= _ON_GRID_AREA_PX
    return on_grid and not firm


def _grow_over_film(native: Float2D, offset: tuple[int, int]) -> CopiedPart | None:
    """Return the part at `offset` over the whole film: tiles may have cut it."""
    spans = [
        slice(max(0, -move), min(length, length - move))
        for move, length in zip(offset, native.shape, strict=True)
    ]
    here = native[spans[0], spans[1]]
    there = _shifted(native, spans[0], spans[1], *offset)
    return _largest_part(here, there, (spans[0].start, spans[1].start), offset)


def _neighbour_agreement(native: Float2D, part: CopiedPart) -> float:
    """Return the greatest correlation of the part with places close to its twin."""
    source = part.source
    here = native[
        source.row : source.row + source.height,
        source.column : source.column + source.width,
    ][part.mask]
    step = _NEIGHBOUR_STEP_PX
    greatest = -1.0
    for down in (-step, 0, step):
        for right in (-step, 0, step):
            row, column = part.target.row + down, part.target.column + right
            inside = native[
                max(row, 0) : row + source.height,
                max(column, 0) : column + source.width,
            ]
            if (down, right) == (0, 0) or inside.shape != part.mask.shape:
                continue
            there = inside[part.mask]
            power = float(np.vdot(here, here) * np.vdot(there, there))
            greatest = max(greatest, float(np.vdot(here, there)) / (power**0.5 + 1e-6))
    return greatest


def _clip_window(
    shape: tuple[int, ...],
    window: Region,
    scale: float,
    offset: tuple[int, int],
    reach: int,
) -> tuple[slice, slice] | None:
    """Return the tile in native pixels, cut so that its shifted copy fits too."""
    spans = []
    for axis, (start, length) in enumerate(
        ((window.row, window.height), (window.column, window.width))
    ):
        move = round(offset[axis] / scale)
        low = max(int(start / scale), reach - move, 0)
        high = min(int((start + length) / scale), shape[axis] - reach - move)
        high = min(high, shape[axis])
        if high - low < _WINDOW_PX * 2:
            return None
        spans.append(slice(low, high))
    return spans[0], spans[1]


def _shifted(
    native: Float2D, rows: slice, columns: slice, down: int, right: int
) -> Float2D:
    return native[
        rows.start + down : rows.stop + down,
        columns.start + right : columns.stop + right,
    ]


def _largest_part(
    here: Float2D,
    there: Float2D,
    corner: tuple[int, int],
    offset: tuple[int, int],
) -> CopiedPart | None:
    size = (_WINDOW_PX, _WINDOW_PX)
    power_here = cv2.boxFilter(here * here, -1, size)
    power_there = cv2.boxFilter(there * there, -1, size)
    product = cv2.boxFilter(here * there, -1, size)
    # 0.3: at least about a third of the window must have grain in both places.
    textured = (power_here > 0.3) & (power_there > 0.3)
    map_ = np.where(textured, product / np.sqrt(power_here * power_there + 1e-6), 0)
    agrees = (map_ > MIN_AGREEMENT).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(agrees)
    if count < 2:
        return None
    label = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    left, top, width, height, area = (int(value) for value in stats[label])
    # A thin strip along one direction is an edge that runs on, not a copied part.
    if area < MIN_AREA_PX or min(width, height) < _WINDOW_PX * 3 // 4:
        return None
    row, column = corner[0] + top, corner[1] + left
    mask = labels[top : top + height, left : left + width] == label
    inside = map_[top : top + height, left : left + width][mask]
    return CopiedPart(
        source=Region(row, column, height, width),
        target=Region(row + offset[0], column + offset[1], height, width),
        offset_px=offset,
        agreement=float(inside.mean()),
        area_px=area,
        mask=mask,
    )


def _is_same(part: CopiedPart, known: CopiedPart) -> bool:
    """Whether two parts are one pair, seen from either side."""
    a, b = part.offset_px, known.offset_px
    forward = max(abs(a[0] - b[0]), abs(a[1] - b[1])) <= 2
    backward = max(abs(a[0] + b[0]), abs(a[1] + b[1])) <= 2
    return forward or backward
