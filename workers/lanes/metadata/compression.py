"""Rules on loss: what the header admits against what the file shows."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import (
    JPEG2000,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
)

from workers.lanes.metadata.rule import Detail, Rule, Subject

_LOSSY = frozenset({JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless})
# JPEG 2000 of this syntax may be either.
MAYBE_LOSSY = _LOSSY | {JPEG2000}
# PS3.3 C.7.6.1.1.5.1, defined terms.
_METHODS: dict[str, str] = {
    JPEGBaseline8Bit: "ISO_10918_1",
    JPEGExtended12Bit: "ISO_10918_1",
    JPEGLSNearLossless: "ISO_14495_1",
    JPEG2000: "ISO_15444_1",
}
_ADMITS_LOSS = re.compile(
    r"\blossy\b|irreversibl|near[- ]lossless|jpeg baseline", re.IGNORECASE
)
_JPEG_BLOCK = 8
# Steps across the 8 x 8 grid against the other seven phases, in units of their spread.
# Of 28 genuine DICOM films that were kept without loss the highest has 0.9 (median
# -1.3); after JPEG at quality 75, 24 of the same 28 are at 5 and above, at quality 90,
# 12. So a score below the limit says nothing.
BLOCK_SCORE_LIMIT = 5.0
# The grid shows in a part as well; the whole of a large film costs memory.
_GRID_SIDE = 2048
_RATIO_FACTOR = 3.0


def admits_loss(subject: Subject) -> bool:
    """Return whether the header says that the pixels were compressed with loss."""
    return subject.code("LossyImageCompression") == "01"


def _check_undeclared(subject: Subject) -> Detail | None:
    if subject.transfer_syntax not in _LOSSY:
        return None
    return None if subject.text("LossyImageCompression") else {"flag": None}


def _check_denied(subject: Subject) -> Detail | None:
    if subject.transfer_syntax not in _LOSSY:
        return None
    return {"flag": "00"} if subject.code("LossyImageCompression") == "00" else None


def _check_words(subject: Subject) -> Detail | None:
    if admits_loss(subject):
        return None
    match = _ADMITS_LOSS.search(subject.text("DerivationDescription"))
    return {"word": match[0].lower()} if match else None


def _check_method(subject: Subject) -> Detail | None:
    wanted = _METHODS.get(subject.transfer_syntax)
    methods = subject.texts("LossyImageCompressionMethod")
    if wanted is None or not methods or wanted in methods:
        return None
    # JPEG 2000 may hold, without more loss, what another method had lost before.
    if subject.transfer_syntax == JPEG2000:
        return None
    return {"syntax_says": wanted}


def _check_method_alone(subject: Subject) -> Detail | None:
    if admits_loss(subject):
        return None
    named = [
        keyword
        for keyword in ("LossyImageCompressionMethod", "LossyImageCompressionRatio")
        if subject.text(keyword)
    ]
    return {"attributes": named} if named else None


def _check_ratio(subject: Subject) -> Detail | None:
    ratios = subject.numbers("LossyImageCompressionRatio")
    if len(ratios) != 1 or ratios[0] <= 1 or subject.transfer_syntax not in MAYBE_LOSSY:
        return None
    image = subject.image
    values = image.stored.size * image.frame_count
    plain_bytes = values * max(1, (image.bits_stored + 7) // 8)
    found = plain_bytes / max(1, image.size_bytes)
    # The header counts into the file, and the source may have had twice the bytes.
    if ratios[0] / _RATIO_FACTOR <= found <= ratios[0] * _RATIO_FACTOR:
        return None
    return {"stated": ratios[0], "found": round(found, 2)}


def measure_blocks(luma: NDArray[np.float32]) -> float:
    """Return how far the 8-pixel grid stands out, the smaller of both directions.

    Mean absolute step between neighbouring columns (rows), then the median over blocks
    by phase modulo 8 (so that one edge that happens to lie on the grid does not
    count): the grid's phase less the median of the others, over their median absolute
    deviation. Of the middle 2048 x 2048 pixels at most.
    The grid of a JPEG is anchored at the first pixel (T.81 A.2.1).
    """
    starts = [
        max(0, side - _GRID_SIDE) // 2 // _JPEG_BLOCK * _JPEG_BLOCK
        for side in luma.shape
    ]
    part = luma[starts[0] : starts[0] + _GRID_SIDE, starts[1] : starts[1] + _GRID_SIDE]
    scores = []
    for axis in (0, 1):
        steps = np.abs(np.diff(part, axis=axis)).mean(axis=1 - axis, dtype=np.float64)
        usable = len(steps) // _JPEG_BLOCK * _JPEG_BLOCK
        if usable < 8 * _JPEG_BLOCK:
            return 0.0
        phases = np.median(steps[:usable].reshape(-1, _JPEG_BLOCK), axis=0)
        others = phases[: _JPEG_BLOCK - 1]
        spread = np.median(np.abs(others - np.median(others)))
        floor = 0.005 * float(np.median(others)) + 1e-9
        excess = phases[_JPEG_BLOCK - 1] - np.median(others)
        scores.append(float(excess / max(float(spread), floor)))
    return min(scores)


def _check_blocks(subject: Subject) -> Detail | None:
    if subject.transfer_syntax in MAYBE_LOSSY or admits_loss(subject):
        return None
    score = measure_blocks(subject.image.luma)
    if score < BLOCK_SCORE_LIMIT:
        return None
    return {"score": round(score, 1), "limit": BLOCK_SCORE_LIMIT}


RULES = (
    Rule(
        "lossy_not_declared",
        "The frames are compressed with loss, and the header does not say so.",
        0.3,
        "PS3.3 C.7.6.1.1.5, Lossy Image Compression (0028,2110)",
        _check_undeclared,
        tolerated="Angiograms of the 1990s used the retired (0008,2110).",
    ),
    Rule(
        "lossy_denied",
        "The frames are compressed with loss, and the header denies it.",
        0.5,
        "PS3.3 C.7.6.1.1.5, Lossy Image Compression (0028,2110)",
        _check_denied,
    ),
    Rule(
        "lossy_in_words_only",
        "A description tells of loss that the header's own flag denies.",
        0.45,
        "PS3.3 C.7.6.1.1.5; C.12.4, Derivation Description (0008,2111)",
        _check_words,
    ),
    Rule(
        "lossy_method_of_other_syntax",
        "The method of compression stated is not that of the frames.",
        0.4,
        "PS3.3 C.7.6.1.1.5.1, (0028,2114); PS3.5 A.4",
        _check_method,
        tolerated="JPEG 2000 may keep what another method had lost before.",
    ),
    Rule(
        "lossy_method_without_loss",
        "A method or ratio of lossy compression stands beside a flag that denies loss.",
        0.4,
        "PS3.3 C.7.6.1.1.5, (0028,2110), (0028,2112), (0028,2114)",
        _check_method_alone,
    ),
    Rule(
        "lossy_ratio",
        "The file is far larger or smaller than its stated compression allows.",
        0.35,
        "PS3.3 C.7.6.1.1.5.2, Lossy Image Compression Ratio (0028,2112)",
        _check_ratio,
        tolerated="A factor of 3: bits allocated or stored, header or not.",
    ),
    Rule(
        "jpeg_grid_in_lossless",
        "The pixels show the block grid of a JPEG, which the header does not declare.",
        0.6,
        "PS3.3 C.7.6.1.1.5; ITU-T T.81 A.2.1; Fan and de Queiroz, IEEE Trans. Image "
        "Process. 12 (2003), 230",
        _check_blocks,
    ),
)
