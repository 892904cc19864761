"""Rules on bits and values: what the header promises against the histogram."""

from __future__ import annotations

import numpy as np

from workers.lanes.metadata.compression import MAYBE_LOSSY, admits_loss
from workers.lanes.metadata.rule import (
    RADIOGRAPHS,
    Detail,
    Rule,
    Scope,
    Subject,
)

# Fewer pixels do not fill a histogram: an icon is no evidence.
_LEAST_PIXELS = 100_000
_EIGHT_BIT_VALUES = 256
_DEEP_BITS = 10
# The middle of the histogram, where no value of a radiograph is rare.
_MIDDLE = (0.25, 0.75)
_LEAST_BINS = 64
_LEAST_PER_BIN = 20
# Share of empty bins in the middle half. Of the genuine radiographs at hand that were
# kept without loss two have 0.45 and 0.54 (processed for presentation) and the others
# 0.00; raising the contrast by a tenth leaves 0.09, by a fifth 0.16.
_COMB_LIMIT = 0.1
_BELOW_BITS = 3
_MEDICAL = Scope("CR, DX, MG and RG", frozenset({"CR", "DX", "MG", "RG"}))


def _check_high_bit(subject: Subject) -> Detail | None:
    high, stored = subject.number("HighBit"), subject.number("BitsStored")
    if high is None or stored is None or high == stored - 1:
        return None
    return {"high_bit": int(high), "bits_stored": int(stored)}


def _is_exact(subject: Subject) -> bool:
    """Return whether the values are those that the header was written for."""
    image = subject.image
    return (
        image.frame_count == 1
        and image.stored.ndim == 2
        and subject.transfer_syntax not in MAYBE_LOSSY
        and not admits_loss(subject)
    )


def _read_extremes(subject: Subject) -> tuple[int, int] | None:
    smallest = subject.number("SmallestImagePixelValue")
    largest = subject.number("LargestImagePixelValue")
    if smallest is None or largest is None or largest <= smallest:
        return None
    return int(smallest), int(largest)


def _are_equal(stated: tuple[int, int], found: tuple[int, int]) -> bool:
    # Writers mix up US and SS.
    return all((s - f) % (1 << 16) == 0 for s, f in zip(stated, found, strict=True))


def _check_extremes(subject: Subject) -> Detail | None:
    """Compare with the decoded values; only where loss cannot explain a difference."""
    stated = _read_extremes(subject)
    if stated is None or not _is_exact(subject):
        return None
    found = subject.extremes
    if _are_equal(stated, found) or (stated[0] <= found[0] and found[1] <= stated[1]):
        return None
    return {"stated": list(stated), "found": list(found)}


def _check_extremes_slack(subject: Subject) -> Detail | None:
    stated = _read_extremes(subject)
    if stated is None or not _is_exact(subject):
        return None
    found = subject.extremes
    if _are_equal(stated, found) or found[0] < stated[0] or found[1] > stated[1]:
        return None
    return {"stated": list(stated), "found": list(found)}


def _is_deep(subject: Subject) -> bool:
    image = subject.image
    return (
        image.stored.ndim == 2
        and image.stored.size >= _LEAST_PIXELS
        and image.bits_stored >= _DEEP_BITS
    )


def _check_eight_bits(subject: Subject) -> Detail | None:
    if not _is_deep(subject) or subject.histogram.size == 0:
        return None
    distinct = int(np.count_nonzero(subject.histogram))
    if distinct > _EIGHT_BIT_VALUES:
        return None
    return {"distinct_values": distinct, "bits_stored": subject.image.bits_stored}


def _check_original_depth(subject: Subject) -> Detail | None:
    bits = subject.image.bits_stored
    return {"bits_stored": bits} if subject.is_original and bits <= 8 else None


def _check_step(subject: Subject) -> Detail | None:
    if not _is_deep(subject) or subject.histogram.size == 0:
        return None
    used = np.flatnonzero(subject.histogram)
    step = int(np.gcd.reduce(used)) if used.size > 2 else 1
    return {"step": step} if step > 1 else None


def measure_comb(histogram: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> float:
    """Return the share of empty bins in the middle half of the values, 0 where too few
    pixels or bins lie there."""
    total = int(histogram.sum())
    if total == 0:
        return 0.0
    rank = np.cumsum(histogram) / total
    first, last = (int(np.searchsorted(rank, part)) for part in _MIDDLE)
    middle = histogram[first : last + 1]
    if middle.size < _LEAST_BINS or middle.sum() < _LEAST_PER_BIN * middle.size:
        return 0.0
    return float(np.count_nonzero(middle == 0) / middle.size)


def _check_comb(subject: Subject) -> Detail | None:
    if subject.image.stored.size < _LEAST_PIXELS:
        return None
    share = measure_comb(subject.histogram)
    if share <= _COMB_LIMIT:
        return None
    return {"empty_share": round(share, 3), "limit": _COMB_LIMIT}


def _check_unused(subject: Subject) -> Detail | None:
    if not _is_deep(subject) or subject.image.is_signed:
        return None
    top = subject.extremes[1]
    if top >= 1 << (subject.image.bits_stored - _BELOW_BITS):
        return None
    return {"largest": top, "bits_stored": subject.image.bits_stored}


def _check_empty(subject: Subject) -> Detail | None:
    low, high = subject.extremes
    return {"value": low} if low == high else None


def _check_two_tone(subject: Subject) -> Detail | None:
    if subject.image.stored.size < _LEAST_PIXELS or subject.histogram.size == 0:
        return None
    distinct = int(np.count_nonzero(subject.histogram))
    return {"distinct_values": distinct} if 1 < distinct <= 16 else None


RULES = (
    Rule(
        "high_bit",
        "High Bit does not fit Bits Stored.",
        0.4,
        "PS3.5 8.1.1",
        _check_high_bit,
        tolerated="Left-aligned pixels of ACR-NEMA times.",
    ),
    Rule(
        "extreme_values",
        "The pixels lie outside the smallest and largest value the header states.",
        0.6,
        "PS3.3 C.7.6.3, (0028,0106) and (0028,0107)",
        _check_extremes,
        tolerated="Signed and unsigned readings of the same 16 bits are one.",
    ),
    Rule(
        "extreme_values_not_reached",
        "The pixels do not reach the smallest and largest value the header states.",
        0.3,
        "PS3.3 C.7.6.3, (0028,0106) and (0028,0107)",
        _check_extremes_slack,
        tolerated="Devices that state the range possible instead of the range found.",
    ),
    Rule(
        "eight_bits_in_deep",
        "The picture has no more values than 8 bits, and claims 10 bits or more.",
        0.5,
        "PS3.3 C.7.6.3, Bits Stored (0028,0101)",
        _check_eight_bits,
        RADIOGRAPHS,
        "Films of fewer than 100,000 pixels are not judged.",
    ),
    Rule(
        "original_in_eight_bits",
        "An original exposure holds no more than 8 bits; detectors digitise more.",
        0.3,
        "IAEA, Diagnostic Radiology Physics 2014, 7: receptors of 10 to 16 bits",
        _check_original_depth,
        _MEDICAL,
        "Dental sensors are not judged; exports for display.",
    ),
    Rule(
        "values_stepped",
        "Every pixel is a multiple of the same step: values were multiplied.",
        0.45,
        "PS3.3 C.7.6.3, Bits Stored (0028,0101); Stamm and Liu, IEEE Trans. Inf. "
        "Forensics Secur. 5 (2010), 492",
        _check_step,
        RADIOGRAPHS,
        "Films of fewer than 100,000 pixels are not judged.",
    ),
    Rule(
        "comb_histogram",
        "Values are missing at regular places: contrast was changed after digitising.",
        0.2,
        "Stamm and Liu, IEEE Trans. Inf. Forensics Secur. 5 (2010), 492",
        _check_comb,
        RADIOGRAPHS,
        "Devices that process for presentation in few bits leave such gaps.",
    ),
    Rule(
        "bits_unused",
        "The picture uses less than an eighth of the values that it claims to have.",
        0.25,
        "PS3.3 C.7.6.3, Bits Stored (0028,0101)",
        _check_unused,
        RADIOGRAPHS,
        "Raw data of a low exposure.",
    ),
    Rule(
        "picture_empty",
        "Every pixel has the same value.",
        0.5,
        "PS3.3 C.7.6.3; an exposure has quantum noise (IAEA, Diagnostic Radiology "
        "Physics 2014, 4)",
        _check_empty,
    ),
    Rule(
        "picture_without_tones",
        "The picture has no more than 16 different values: a drawing, not an exposure.",
        0.5,
        "An exposure has quantum noise (IAEA, Diagnostic Radiology Physics 2014, 4)",
        _check_two_tone,
        RADIOGRAPHS,
        "Films of fewer than 100,000 pixels are not judged.",
    ),
)
