"""What the quantisation tables of a JPEG say about the program that wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import JpegPresets

from workers.decode.structure import Structure
from workers.lanes.container.findings import make
from workers.types import Finding

# ITU-T T.81 tables K.1 and K.2, in zigzag order (as in DQT).
_LUMINANCE_ZIGZAG = np.array(
    [
        16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40,
        26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51,
        56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87,
        95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
    ],
    dtype=np.int64,
)  # fmt: skip
_CHROMINANCE_ZIGZAG = np.array(
    [17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66] + [99] * 50,
    dtype=np.int64,
)
# The base table of mozjpeg and of ImageMagick's own writer (N. Robidoux), by rows.
_ROBIDOUX = np.array(
    [
        [16, 16, 16, 18, 25, 37, 56, 85], [16, 17, 20, 27, 34, 40, 53, 75],
        [16, 20, 24, 31, 43, 62, 91, 135], [18, 27, 31, 40, 53, 74, 106, 156],
        [25, 34, 43, 53, 69, 94, 131, 189], [37, 40, 62, 74, 94, 124, 169, 238],
        [56, 53, 91, 106, 131, 169, 226, 311], [85, 75, 135, 156, 189, 238, 311, 418],
    ],
    dtype=np.int64,
)  # fmt: skip
_COARSE_QUALITY = 50
# Of two tables scaled by one quality, rounding moves the estimate by less than this.
_QUALITY_TOLERANCE = 3


def _order_zigzag() -> NDArray[np.int64]:
    """Return, for each place in the zigzag, the index by rows (T.81 figure A.6)."""
    places = [(row, column) for row in range(8) for column in range(8)]
    places.sort(
        key=lambda p: (p[0] + p[1], p[0] if (p[0] + p[1]) % 2 else p[1]),
    )
    return np.array([8 * row + column for row, column in places], dtype=np.int64)


ZIGZAG = _order_zigzag()


@dataclass(frozen=True)
class TableEstimate:
    """The IJG quality whose table is nearest, and whether it is equal."""

    quality: int
    is_standard: bool
    largest_difference: int


def read_tables(structure: Structure) -> dict[int, NDArray[np.int64]]:
    """Return the quantisation tables by number, in zigzag order (T.81 B.2.4.1)."""
    tables: dict[int, NDArray[np.int64]] = {}
    for block in structure.blocks:
        if block.kind != "FFDB":
            continue
        content, position = block.content, 0
        while position < len(content):
            precision, identifier = content[position] >> 4, content[position] & 15
            width = 2 if precision else 1
            body = content[position + 1 : position + 1 + 64 * width]
            if len(body) < 64 * width:
                break
            layout = ">u2" if precision else "u1"
            tables.setdefault(identifier, np.frombuffer(body, layout).astype(np.int64))
            position += 1 + 64 * width
    return tables


def read_luminance_table(structure: Structure) -> NDArray[np.int64] | None:
    """Return quantisation table 0 in zigzag order, or None."""
    return read_tables(structure).get(0)


def estimate_quality(
    table: NDArray[np.int64], base: NDArray[np.int64] = _LUMINANCE_ZIGZAG
) -> TableEstimate:
    """Return the nearest quality of the IJG scaling rule (jcparam.c)."""
    qualities = np.arange(1, 101)
    scales = np.where(qualities < 50, 5000 // qualities, 200 - 2 * qualities)
    scaled = np.clip((base * scales[:, None] + 50) // 100, 1, 255)
    differences = np.abs(scaled - table).max(axis=1)
    best = int(differences.argmin())
    largest = int(differences[best])
    return TableEstimate(best + 1, largest == 0, largest)


def scale_table(quality: int) -> NDArray[np.int64]:
    """Return the luminance table of an IJG quality, in zigzag order (jcparam.c)."""
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    scaled: NDArray[np.int64] = np.clip((_LUMINANCE_ZIGZAG * scale + 50) // 100, 1, 255)
    return scaled


def name_family(table: NDArray[np.int64]) -> str | None:
    """Return whose tables these are, where that is known; `table`: zigzag order.

    Apple's tables depend on max(row - 1, 0) + max(column - 1, 0) alone, at every
    quality; Photoshop's are those that Pillow keeps as presets.
    """
    presets: dict[str, Any] = JpegPresets.presets
    for preset in presets.values():
        if list(preset["quantization"][0]) in (table.tolist(), _by_rows(table)):
            return "Photoshop"
    if estimate_quality(table, _ROBIDOUX.reshape(-1)[ZIGZAG]).is_standard:
        return "mozjpeg or ImageMagick"
    square = np.array(_by_rows(table)).reshape(8, 8)
    steps = np.maximum(np.arange(8) - 1, 0)
    distance = steps[:, None] + steps[None, :]
    groups = [square[distance == value] for value in range(13)]
    if all((group == group[0]).all() for group in groups) and np.ptp(square) > 0:
        return "Apple's picture library"
    return None


def _by_rows(table: NDArray[np.int64]) -> list[int]:
    square = np.zeros(64, np.int64)
    square[ZIGZAG] = table
    values: list[int] = square.tolist()
    return values


def judge_tables(structure: Structure) -> list[Finding]:
    """Return notes on the tables. Many honest programs have tables of their own, so
    none of these weighs much."""
    tables = read_tables(structure)
    if 0 not in tables:
        return []
    offset = next(b.offset for b in structure.blocks if b.kind == "FFDB")
    estimate = estimate_quality(tables[0])
    detail = {
        "offset": offset,
        "quality": estimate.quality,
        "largest_difference": estimate.largest_difference,
    }
    findings: list[Finding] = []
    family = None if estimate.is_standard else name_family(tables[0])
    if family is not None:
        weight = 0.25 if family == "Photoshop" else 0.1
        findings.append(
            make("jpeg_program_tables", weight=weight, family=family, detail=detail)
        )
    elif not estimate.is_standard:
        findings.append(
            make("jpeg_own_tables", quality=estimate.quality, detail=detail)
        )
    elif 1 in tables:
        findings += _compare_chroma(estimate, tables[1], detail)
    if estimate.quality <= _COARSE_QUALITY:
        findings.append(make("jpeg_coarse", quality=estimate.quality, detail=detail))
    return findings


def _compare_chroma(
    luma: TableEstimate, table: NDArray[np.int64], detail: dict[str, int]
) -> list[Finding]:
    chroma = estimate_quality(table, _CHROMINANCE_ZIGZAG)
    same_base = estimate_quality(table)
    if same_base.is_standard and same_base.quality == luma.quality:
        return []
    # Some writers cut the scaled value off where the common library rounds it.
    is_near = chroma.largest_difference <= 1
    if is_near and abs(chroma.quality - luma.quality) < _QUALITY_TOLERANCE:
        return []
    known = f"{chroma.quality}" if is_near else "none of the common library"
    return [
        make(
            "jpeg_mixed_tables",
            luma=luma.quality,
            chroma=known,
            detail={**detail, "chroma_quality": chroma.quality},
        )
    ]
