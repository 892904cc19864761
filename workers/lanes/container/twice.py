"""Whether a JPEG was saved twice on one grid, the first time more coarsely.

The first save leaves only multiples of its step q1 in each DCT coefficient. Saved again
with a smaller step q2, the histogram of that coefficient has periodic gaps, which no
single save has: there it falls off on both sides of zero (Lukas and Fridrich 2003;
Popescu and Farid 2004).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workers.decode.parsing import quiet_warnings
from workers.decode.structure import Structure
from workers.lanes.container.exif import EXIF_ERRORS
from workers.lanes.container.findings import make
from workers.lanes.container.jpeg import ZIGZAG, read_tables, scale_table
from workers.types import DecodedImage, Finding

# The coefficients asked: the first ones in zigzag order, which vary most; not DC.
_FIRST, _LAST = 1, 20
_LEAST_BLOCKS = 200
_MOST_BLOCKS = 24_000
_MOST_LEVEL = 120
_MOST_FIRST_STEP = 100
# Rounding to whole pixels between both saves moves a coefficient by sqrt(1/12) on
# average; beyond four times that nothing lands.
_SPILL = 1.2
_LEAST_COUNT = 40
_MOST_FILL = 0.08
_LEAST_BESIDE = 3
_LEAST_COEFFICIENTS = 3
_LEAST_AGREEMENT = 0.6


@dataclass(frozen=True)
class Gaps:
    """One coefficient with gaps.

    place: in zigzag order.  first_step, step: of the first and of the last save.
    count: in the levels beside the gaps; filled: in the gaps themselves.
    """

    place: int
    first_step: int
    step: int
    count: int
    filled: int


def judge_saved_twice(
    path: Path, image: DecodedImage, structure: Structure
) -> list[Finding]:
    """Return a note if the luminance has the gaps of an earlier, coarser save."""
    tables = read_tables(structure)
    if 0 not in tables:
        return []
    luminance = _read_luminance(path, image)
    if luminance is None:
        return []
    gaps = find_gaps(luminance, tables[0])
    if len(gaps) < _LEAST_COEFFICIENTS:
        return []
    offset = next(b.offset for b in structure.blocks if b.kind == "FFDB")
    first = _estimate_first_quality(gaps)
    detail: dict[str, Any] = {
        "offset": offset,
        "coefficients": [gap.place for gap in gaps],
        "first_steps": [gap.first_step for gap in gaps],
        "steps": [gap.step for gap in gaps],
        "first_quality": first,
    }
    words = f" (about quality {first})" if first else ""
    return [make("jpeg_saved_twice", first=words, detail=detail)]


def _read_luminance(path: Path, image: DecodedImage) -> NDArray[np.uint8] | None:
    """Return the Y component, uint8 (rows, columns); None where there is none."""
    if image.stored.ndim == 2 and image.stored.dtype == np.uint8:
        plane: NDArray[np.uint8] = image.stored
        return plane
    try:
        with quiet_warnings(), Image.open(path, formats=["JPEG"]) as picture:
            if picture.mode != "RGB" or picture.info.get("adobe_transform") == 0:
                return None
            if picture.size != (image.columns, image.rows):
                return None
            # The decoder then gives Y as stored, without a way through RGB.
            picture.draft("L", picture.size)
            return np.asarray(picture) if picture.mode == "L" else None
    except EXIF_ERRORS:
        return None


def find_gaps(luminance: NDArray[np.uint8], table: NDArray[np.int64]) -> list[Gaps]:
    """Return the coefficients with gaps; `table`: zigzag order."""
    coefficients = _transform(luminance)
    if coefficients.shape[0] < _LEAST_BLOCKS:
        return []
    found = []
    for place in range(_FIRST, _LAST + 1):
        step = int(table[place])
        if step < 1:  # forbidden (T.81 B.2.4.1), and met in damaged files
            continue
        values = coefficients[:, ZIGZAG[place]]
        levels = np.abs(np.rint(values / step)).astype(np.int64)
        kept = levels[levels <= _MOST_LEVEL]
        counts = np.bincount(kept, minlength=_MOST_LEVEL + 1)
        gap = _find_in_histogram(counts, place, step)
        if gap is not None:
            found.append(gap)
    return found


def _transform(luminance: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return DCT coefficients (blocks, 64) by rows, of blocks that no edge of the range
    has clipped and that are not flat."""
    rows, columns = (size // 8 for size in luminance.shape)
    blocks = luminance[: 8 * rows, : 8 * columns].reshape(rows, 8, columns, 8)
    flat = blocks.transpose(0, 2, 1, 3).reshape(-1, 64)
    low, high = flat.min(axis=1), flat.max(axis=1)
    flat = flat[(low > 0) & (high < 255) & (high > low)]
    if flat.shape[0] > _MOST_BLOCKS:
        chosen = np.linspace(0, flat.shape[0] - 1, _MOST_BLOCKS).astype(np.int64)
        flat = flat[chosen]
    pixels = flat.astype(np.float32) - 128
    result: NDArray[np.float32] = pixels @ _BASIS
    return result


def _make_basis() -> NDArray[np.float32]:
    """Return the matrix (64, 64) from pixels to coefficients (T.81 A.3.3)."""
    index = np.arange(8)
    rows = np.cos((2 * index[None, :] + 1) * index[:, None] * np.pi / 16) / 2
    rows[0] /= np.sqrt(2)
    return np.kron(rows, rows).T.astype(np.float32)


_BASIS = _make_basis()


@lru_cache(maxsize=256)
def _list_gaps(step: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return, for each first step (rows) and level (columns), the next level outward
    that the first save can reach, and whether the level itself is a gap."""
    firsts = np.arange(step + 1, _MOST_FIRST_STEP + 1)[:, None]
    values = np.arange(_MOST_LEVEL + 1)[None, :] * step
    distance = np.abs(values - np.rint(values / firsts) * firsts)
    is_gap = distance > step / 2 + _SPILL
    outward = np.rint(np.ceil(values / firsts) * firsts / step).astype(np.int64)
    is_gap &= outward <= _MOST_LEVEL
    return np.minimum(outward, _MOST_LEVEL), is_gap


def _find_in_histogram(counts: NDArray[np.int64], place: int, step: int) -> Gaps | None:
    """Return the first step whose gaps the histogram has, None if there is none.

    counts: of the levels 0, 1, ... of the last save, both signs together. Each gap is
    held against the next level outward that the first save can reach: in a histogram
    that falls off, there is less in it than in the gap.
    """
    if step >= _MOST_FIRST_STEP:
        return None
    outward, is_gap = _list_gaps(step)
    beside = counts[outward]
    # Only as far out as the picture reaches.
    used = is_gap & (beside >= _LEAST_BESIDE)
    count = np.where(used, beside, 0).sum(axis=1)
    filled = np.where(used, counts[None, :], 0).sum(axis=1)
    farthest = np.where(used, outward, 0).max(axis=1)
    nearest = np.where(used, outward, _MOST_LEVEL + 1).min(axis=1)
    fits = (count >= _LEAST_COUNT) & (filled <= _MOST_FILL * count)
    fits &= farthest > nearest
    if not fits.any():
        return None
    best = int(np.where(fits, count - filled, -1).argmax())
    return Gaps(place, step + 1 + best, step, int(count[best]), int(filled[best]))


def _estimate_first_quality(gaps: list[Gaps]) -> int | None:
    """Return the IJG quality whose table has most of the first steps, if one has."""
    places = [gap.place for gap in gaps]
    steps = np.array([gap.first_step for gap in gaps])
    agreed = {
        quality: int((scale_table(quality)[places] == steps).sum())
        for quality in range(1, 100)
    }
    quality = max(agreed, key=agreed.__getitem__)
    enough = agreed[quality] >= max(_LEAST_COEFFICIENTS, _LEAST_AGREEMENT * len(gaps))
    return quality if enough else None
