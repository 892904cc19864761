"""What the quantisation tables of a JPEG say about the program that wrote it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.decode.structure import Structure
from workers.lanes.container.findings import make
from workers.types import Finding

# ITU-T T.81 table K.1, in zigzag order (as in DQT).
_LUMINANCE_ZIGZAG = np.array(
    [
        16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40,
        26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51,
        56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87,
        95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
    ],
    dtype=np.int64,
)  # fmt: skip
_COARSE_QUALITY = 50


@dataclass(frozen=True)
class TableEstimate:
    """The IJG quality whose luminance table is nearest, and whether it is equal."""

    quality: int
    is_standard: bool
    largest_difference: int


def read_luminance_table(structure: Structure) -> NDArray[np.int64] | None:
    """Return quantisation table 0 in zigzag order, or None (T.81 B.2.4.1)."""
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
            if identifier == 0:
                layout = ">u2" if precision else "u1"
                return np.frombuffer(body, layout).astype(np.int64)
            position += 1 + 64 * width
    return None


def estimate_quality(table: NDArray[np.int64]) -> TableEstimate:
    """Return the nearest quality of the IJG scaling rule (jcparam.c)."""
    best = TableEstimate(1, False, 1 << 16)
    for quality in range(1, 101):
        scale = 5000 // quality if quality < 50 else 200 - 2 * quality
        scaled = np.clip((_LUMINANCE_ZIGZAG * scale + 50) // 100, 1, 255)
        difference = int(np.abs(scaled - table).max())
        if difference < best.largest_difference:
            best = TableEstimate(quality, difference == 0, difference)
    return best


def judge_tables(structure: Structure) -> list[Finding]:
    """Return notes on the tables. Many honest programs have tables of their own, so
    none of these weighs much."""
    table = read_luminance_table(structure)
    if table is None:
        return []
    offset = next(b.offset for b in structure.blocks if b.kind == "FFDB")
    estimate = estimate_quality(table)
    detail = {
        "offset": offset,
        "quality": estimate.quality,
        "largest_difference": estimate.largest_difference,
    }
    findings: list[Finding] = []
    if not estimate.is_standard:
        findings.append(
            make("jpeg_own_tables", quality=estimate.quality, detail=detail)
        )
    if estimate.quality <= _COARSE_QUALITY:
        findings.append(make("jpeg_coarse", quality=estimate.quality, detail=detail))
    return findings
