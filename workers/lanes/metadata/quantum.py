"""Rules on what a stated exposure lets the pixels and the other numbers be."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from workers.lanes.metadata.rule import (
    GENERAL_RADIOGRAPHS,
    PROJECTIONS,
    Detail,
    Rule,
    Scope,
    Subject,
)
from workers.lanes.metadata.tube import read_mas, read_time_ms

# X-ray quanta per square millimetre and microgray, beam RQA5: IEC 62220-1-1, table 2.
_QUANTA_PER_MM2_UGY = 30_174.0
# IEC 62494-1: EI = 100 x detector air kerma in micrograys.
_INDEX_PER_UGY = 100.0
_BLOCK = 8
_MOST_BLOCKS = 20_000
_LEAST_BLOCKS = 100
# Light that spreads in a scintillator evens out the noise of single pixels (variance by
# up to 5), and what is judged may have had three times the exposure of the index.
_NOISE_MARGIN = 16.0
# Output of tubes at 1 m, mGy per mAs at 100 kV, growing with the square of the voltage:
# 0.05 to 0.12 in IAEA TRS 457 and conformance statements. The upper one.
_OUTPUT_AT_100_KV = 0.12
_OUTPUT_MARGIN = 4.0
# Anodes of 10 to 17 degrees light a field of no more than 0.6 of the distance.
_FIELD_OVER_DISTANCE = 1.0
_ONE_SHOT = Scope("single shots (CR, DX, MG, RG)", frozenset({"CR", "DX", "MG", "RG"}))


def measure_snr(values: NDArray[np.generic]) -> float | None:
    """Return the median over blocks of 8 x 8 pixels of mean over noise, or None where
    fewer than 100 blocks can be judged.

    The noise is the standard deviation about the plane that fits the block best, so
    that slopes do not count. Blocks at the ends of the range (clipped) are left out.
    """
    rows, columns = (side // _BLOCK * _BLOCK for side in values.shape)
    if rows * columns == 0:
        return None
    blocks = values[:rows, :columns].reshape(rows // _BLOCK, _BLOCK, -1, _BLOCK)
    flat = blocks.swapaxes(1, 2).reshape(-1, _BLOCK, _BLOCK)
    flat = flat[:: -(-len(flat) // _MOST_BLOCKS)].astype(np.float64)
    low, high = float(values.min()), float(values.max())
    inside = (flat.min(axis=(1, 2)) > low) & (flat.max(axis=(1, 2)) < high)
    flat = flat[inside]
    mean = flat.mean(axis=(1, 2))
    if len(flat) < _LEAST_BLOCKS or mean.min() <= 0:
        return None
    axis = np.arange(_BLOCK) - (_BLOCK - 1) / 2
    norm = float((axis**2).sum()) * _BLOCK
    rest = flat - mean[:, None, None]
    for shape in ((1, _BLOCK, 1), (1, 1, _BLOCK)):
        along = axis.reshape(shape)
        slope = (rest * along).sum(axis=(1, 2)) / norm
        rest = rest - slope[:, None, None] * along
    # Three degrees of freedom go to the plane; rounding adds a twelfth of a step.
    variance = (rest**2).sum(axis=(1, 2)) / (_BLOCK**2 - 3)
    noise = np.sqrt(np.maximum(variance, 1 / 12))
    return float(np.median(mean / noise))


def _check_noise(subject: Subject) -> Detail | None:
    """Only raw values in proportion to exposure have the noise of its quanta."""
    index, pitch = subject.positive("ExposureIndex"), subject.pair("ImagerPixelSpacing")
    is_raw = (
        subject.code("PixelIntensityRelationship") == "LIN"
        and subject.code("PresentationIntentType") == "FOR PROCESSING"
    )
    if index is None or pitch is None or not is_raw or subject.image.stored.ndim != 2:
        return None
    snr = measure_snr(subject.image.stored)
    quanta = _QUANTA_PER_MM2_UGY * index / _INDEX_PER_UGY * pitch[0] * pitch[1]
    limit = math.sqrt(quanta * _NOISE_MARGIN)
    if snr is None or snr <= limit:
        return None
    return {"signal_over_noise": round(snr, 1), "limit": round(limit, 1)}


def _check_output(subject: Subject) -> Detail | None:
    """Compare the stated detector exposure with the beam that nothing weakened."""
    index, mas = subject.positive("ExposureIndex"), read_mas(subject)
    kvp = subject.positive("KVP")
    distance_mm = subject.positive("DistanceSourceToDetector")
    if index is None or mas is None or kvp is None or distance_mm is None:
        return None
    output_mgy = _OUTPUT_AT_100_KV * (kvp / 100) ** 2 * max(mas, 1.0)
    most_ugy = 1000 * output_mgy / (distance_mm / 1000) ** 2
    stated_ugy = index / _INDEX_PER_UGY
    if stated_ugy <= _OUTPUT_MARGIN * most_ugy:
        return None
    return {"stated_ugy": round(stated_ugy, 2), "beam_ugy": round(most_ugy, 2)}


def _check_beam(subject: Subject) -> Detail | None:
    distance = subject.positive("DistanceSourceToDetector")
    pitch = subject.pair("ImagerPixelSpacing")
    if distance is None or pitch is None:
        return None
    side = max(subject.image.rows * pitch[0], subject.image.columns * pitch[1])
    if side <= _FIELD_OVER_DISTANCE * distance:
        return None
    return {"picture_mm": round(side, 1), "source_to_detector_mm": distance}


def _check_detector_time(subject: Subject) -> Detail | None:
    active_ms, time_ms = subject.positive("DetectorActiveTime"), read_time_ms(subject)
    if active_ms is None or time_ms is None or time_ms <= 1.1 * active_ms + 1:
        return None
    return {"exposure_ms": time_ms, "detector_ms": active_ms}


def _check_counters(subject: Subject) -> Detail | None:
    since_calibration = subject.number("ExposuresOnDetectorSinceLastCalibration")
    in_all = subject.number("ExposuresOnDetectorSinceManufactured")
    # Zero stands for a counter that is not kept.
    if since_calibration is None or not in_all or since_calibration <= in_all:
        return None
    return {"since_calibration": int(since_calibration), "in_all": int(in_all)}


def _check_filter(subject: Subject) -> Detail | None:
    thinnest = subject.numbers("FilterThicknessMinimum")
    thickest = subject.numbers("FilterThicknessMaximum")
    if len(thinnest) != len(thickest):
        return None
    pairs = zip(thinnest, thickest, strict=True)
    bad = [[low, high] for low, high in pairs if low > high > 0]
    return {"mm": bad[:4]} if bad else None


RULES = (
    Rule(
        "less_noise_than_quanta",
        "The raw picture has less noise than its stated exposure has quanta for.",
        0.5,
        "IEC 62220-1-1: 30,174 quanta per mm2 and microgray (RQA5); IEC 62494-1, 4",
        _check_noise,
        GENERAL_RADIOGRAPHS,
        "A factor of 16, for blur and for parts exposed more. Only raw, linear values.",
    ),
    Rule(
        "index_beyond_output",
        "The detector is said to have had more exposure than the bare beam gives.",
        0.6,
        "IEC 62494-1, 4; IAEA TRS 457 (2007): tube output, inverse square law",
        _check_output,
        GENERAL_RADIOGRAPHS,
        "A factor of 4 above the strongest tubes.",
    ),
    Rule(
        "field_beyond_beam",
        "The picture is larger than the beam can be at that distance.",
        0.45,
        "IAEA, Diagnostic Radiology Physics 2014, 5: anode angle and field",
        _check_beam,
        _ONE_SHOT,
        "Stitched films, whose distance is stated for one part, up to their distance.",
    ),
    Rule(
        "exposed_longer_than_read",
        "The tube was on for longer than the detector took in.",
        0.4,
        "PS3.3 C.8.11.4, Detector Active Time (0018,7014)",
        _check_detector_time,
        PROJECTIONS,
        "A tenth.",
    ),
    Rule(
        "detector_counters",
        "The detector counts more exposures since its calibration than in all.",
        0.5,
        "PS3.3 C.8.11.4, (0018,7010) and (0018,7011)",
        _check_counters,
        PROJECTIONS,
        "Zero stands for a counter that is not kept.",
    ),
    Rule(
        "filter_thickness",
        "The filter's least thickness is above its greatest.",
        0.4,
        "PS3.3 C.8.7.10, (0018,7052) and (0018,7054)",
        _check_filter,
        PROJECTIONS,
    ),
)
