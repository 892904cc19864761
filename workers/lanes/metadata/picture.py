"""Rules on how the header describes the pixels."""

from __future__ import annotations

import numpy as np
from pydicom.uid import (
    JPEG2000,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
)

from workers.decode.voi import read_rescale
from workers.lanes.metadata.rule import RADIOGRAPH, Detail, Rule, Subject

_LOSSY = frozenset({JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless})
_MAYBE_LOSSY = _LOSSY | {JPEG2000}
_DX_CLASSES = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.1.1",
        "1.2.840.10008.5.1.4.1.1.1.2",
        "1.2.840.10008.5.1.4.1.1.1.3",
    }
)
_CR_CLASS = "1.2.840.10008.5.1.4.1.1.1"
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_JPEG_BLOCK = 8
# Steps across the 8 x 8 grid against the other seven phases, in units of their spread.
# Of 28 genuine DICOM films that were kept without loss the highest has 0.9 (median
# -1.3); after JPEG at quality 75, 24 of the same 28 are at 5 and above, at quality 90,
# 12. So a score below the limit says nothing.
BLOCK_SCORE_LIMIT = 5.0


def _check_high_bit(subject: Subject) -> Detail | None:
    high, stored = subject.number("HighBit"), subject.number("BitsStored")
    if high is None or stored is None or high == stored - 1:
        return None
    return {"high_bit": int(high), "bits_stored": int(stored)}


def _check_extremes(subject: Subject) -> Detail | None:
    """Compare with the decoded values; only where loss cannot explain a difference."""
    image = subject.image
    if image.frame_count != 1 or image.stored.ndim != 2:
        return None
    if subject.transfer_syntax in _MAYBE_LOSSY:
        return None
    if subject.text("LossyImageCompression") == "01":
        return None
    # The series-wide attributes bound it, the image's own must be equal.
    smallest = subject.number("SmallestImagePixelValue")
    largest = subject.number("LargestImagePixelValue")
    if smallest is None or largest is None or largest <= smallest:
        return None
    low, high = int(image.stored.min()), int(image.stored.max())
    wrap = 1 << 16
    if (int(smallest) - low) % wrap == 0 and (int(largest) - high) % wrap == 0:
        return None
    if low >= smallest and high <= largest:
        return None
    return {
        "stated": [int(smallest), int(largest)],
        "found": [low, high],
    }


def _check_lossy_flag(subject: Subject) -> Detail | None:
    if subject.transfer_syntax not in _LOSSY:
        return None
    if subject.text("LossyImageCompression") == "01":
        return None
    return {"flag": subject.text("LossyImageCompression") or None}


def measure_blocks(luma: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    """Return how far the 8-pixel grid stands out, the smaller of both directions.

    Mean absolute step between neighbouring columns (rows), then the median over blocks
    by phase modulo 8 (so that one edge that happens to lie on the grid does not
    count): the grid's phase less the median of the others, over their median absolute
    deviation.
    The grid of a JPEG is anchored at the first pixel (T.81 A.2.1).
    """
    scores = []
    for axis in (0, 1):
        steps = np.abs(np.diff(luma.astype(np.float64), axis=axis)).mean(axis=1 - axis)
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
    if subject.transfer_syntax in _MAYBE_LOSSY:
        return None
    if subject.text("LossyImageCompression") == "01":
        return None
    score = measure_blocks(subject.image.luma)
    if score < BLOCK_SCORE_LIMIT:
        return None
    return {"score": round(score, 1), "limit": BLOCK_SCORE_LIMIT}


def _check_shape(subject: Subject) -> Detail | None:
    shape = subject.text("PresentationLUTShape").upper()
    wanted = {"MONOCHROME1": "INVERSE", "MONOCHROME2": "IDENTITY"}.get(
        subject.image.photometric
    )
    if not shape or wanted is None or shape == wanted:
        return None
    return {"photometric": subject.image.photometric, "shape": shape[:16]}


def _check_colour(subject: Subject) -> Detail | None:
    if subject.text("SOPClassUID") not in {_CR_CLASS, *_DX_CLASSES}:
        return None
    if subject.image.photometric in ("MONOCHROME1", "MONOCHROME2"):
        return None
    return {"photometric": subject.image.photometric[:16]}


def _check_window(subject: Subject) -> Detail | None:
    center = subject.number("WindowCenter")
    width = subject.number("WindowWidth")
    image = subject.image
    if center is None or width is None or image.stored.ndim != 2:
        return None
    if width <= 0:
        return {"width": width}
    if "ModalityLUTSequence" in subject.header:
        return None
    slope, intercept = read_rescale(subject.header)
    ends = sorted(
        float(end) * slope + intercept
        for end in (image.stored.min(), image.stored.max())
    )
    if center + width / 2 >= ends[0] and center - width / 2 <= ends[1]:
        return None
    return {"window": [center, width], "values": ends}


def _check_rescale(subject: Subject) -> Detail | None:
    if subject.text("SOPClassUID") not in _DX_CLASSES:
        return None
    slope, intercept = read_rescale(subject.header)
    if (slope, intercept) == (1.0, 0.0):
        return None
    return {"slope": slope, "intercept": intercept}


def _check_frames(subject: Subject) -> Detail | None:
    single = {_CR_CLASS, *_DX_CLASSES}
    if subject.text("SOPClassUID") not in single or subject.image.frame_count == 1:
        return None
    return {"frames": subject.image.frame_count}


def _check_secondary(subject: Subject) -> Detail | None:
    if not subject.text("SOPClassUID").startswith(_SECONDARY_CAPTURE):
        return None
    return {"conversion": subject.text("ConversionType")[:16]}


RULES = (
    Rule(
        "high_bit",
        "High Bit does not fit Bits Stored.",
        0.4,
        "PS3.5 8.1.1",
        _check_high_bit,
    ),
    Rule(
        "extreme_values",
        "The pixels lie outside the smallest and largest value the header states.",
        0.6,
        "PS3.3 C.7.6.3, (0028,0106) and (0028,0107)",
        _check_extremes,
    ),
    Rule(
        "lossy_not_declared",
        "The frames are compressed with loss, and the header does not say so.",
        0.3,
        "PS3.3 C.7.6.1.1.5, Lossy Image Compression (0028,2110)",
        _check_lossy_flag,
    ),
    Rule(
        "jpeg_grid_in_lossless",
        "The pixels show the block grid of a JPEG, which the header does not declare.",
        0.6,
        "PS3.3 C.7.6.1.1.5; ITU-T T.81 A.2.1; Fan and de Queiroz 2003",
        _check_blocks,
    ),
    Rule(
        "presentation_against_photometric",
        "Presentation LUT Shape contradicts the photometric interpretation.",
        0.5,
        "PS3.3 C.8.11.3.1.2",
        _check_shape,
    ),
    Rule(
        "colour_radiograph",
        "The storage class is a radiograph's, but the picture is stored in colour.",
        0.4,
        "PS3.3 C.8.2.1 and C.8.11.3, Photometric Interpretation",
        _check_colour,
    ),
    Rule(
        "window_off_values",
        "The window lies outside the values of the picture or has no width.",
        0.5,
        "PS3.3 C.11.2.1.2",
        _check_window,
    ),
    Rule(
        "dx_rescaled",
        "A digital X-ray must not be rescaled, and this one is.",
        0.3,
        "PS3.3 C.8.11.3, Rescale Intercept 0 and Slope 1",
        _check_rescale,
    ),
    Rule(
        "several_frames",
        "The storage class allows one frame, and there are several.",
        0.5,
        "PS3.3 A.2.3 and A.26.3 (no Multi-frame module)",
        _check_frames,
    ),
    Rule(
        "secondary_capture",
        "The film is a secondary capture: not what a detector wrote.",
        0.4,
        "PS3.3 A.8.1",
        _check_secondary,
        RADIOGRAPH,
    ),
)
