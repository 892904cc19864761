"""Rules on tube, patient and detector: distances and magnification."""

from __future__ import annotations

from workers.lanes.metadata.rule import (
    PROJECTIONS,
    RADIOGRAPHS,
    Detail,
    Rule,
    Subject,
)

_DISTANCES_MM = {"MG": (400.0, 1000.0), "IO": (100.0, 1000.0), "PX": (200.0, 1500.0)}
_DISTANCE_MM = (300.0, 5000.0)


def _check_distances(subject: Subject) -> Detail | None:
    detector = subject.positive("DistanceSourceToDetector")
    patient = subject.positive("DistanceSourceToPatient")
    if detector is None or patient is None or patient <= detector:
        return None
    return {"source_to_detector_mm": detector, "source_to_patient_mm": patient}


def _check_distance_range(subject: Subject) -> Detail | None:
    distance = subject.positive("DistanceSourceToDetector")
    low, high = _DISTANCES_MM.get(subject.modality, _DISTANCE_MM)
    if distance is None or low <= distance <= high:
        return None
    return {"source_to_detector_mm": distance, "range": [low, high]}


def _check_magnification(subject: Subject) -> Detail | None:
    stated = subject.number("EstimatedRadiographicMagnificationFactor")
    if stated is None or stated == 0:
        return None
    if stated < 0.99:
        return {"magnification": stated}
    detector = subject.positive("DistanceSourceToDetector")
    patient = subject.positive("DistanceSourceToPatient")
    if detector is None or patient is None:
        return None
    computed = detector / patient
    if abs(computed - stated) <= 0.1 * computed:
        return None
    return {"magnification": stated, "computed": round(computed, 3)}


def _check_planes(subject: Subject) -> Detail | None:
    pixel, imager = subject.pair("PixelSpacing"), subject.pair("ImagerPixelSpacing")
    if pixel is None or imager is None:
        return None
    if all(p <= i * 1.02 for p, i in zip(pixel, imager, strict=True)):
        return None
    return {"pixel_mm": list(pixel), "imager_mm": list(imager)}


def _check_calibration(subject: Subject) -> Detail | None:
    if subject.code("PixelSpacingCalibrationType") != "GEOMETRY":
        return None
    pixel, imager = subject.pair("PixelSpacing"), subject.pair("ImagerPixelSpacing")
    factor = subject.positive("EstimatedRadiographicMagnificationFactor")
    if pixel is None or imager is None or factor is None:
        return None
    found = imager[0] / pixel[0]
    # The detector's plane and that of the patient may be told apart by a tenth.
    if abs(found - factor) <= 0.1 * factor or abs(found - 1) <= 0.02:
        return None
    return {"stated": factor, "found": round(found, 3)}


RULES = (
    Rule(
        "patient_behind_detector",
        "The patient is stated to be farther from the tube than the detector.",
        0.7,
        "PS3.3 C.8.7.8 and C.8.11.5, (0018,1110) and (0018,1111)",
        _check_distances,
        PROJECTIONS,
    ),
    Rule(
        "distance_out_of_range",
        "The detector is nearer to the tube, or farther from it, than rooms allow.",
        0.45,
        "IAEA, Diagnostic Radiology Physics 2014, 6, 9 and 10; PS3.3 C.8.11.5, "
        "(0018,1110)",
        _check_distance_range,
        PROJECTIONS,
        "Zero stands for unknown.",
    ),
    Rule(
        "magnification",
        "The magnification does not follow from the distances, or is below one.",
        0.5,
        "PS3.3 C.8.11.5, (0018,1114): SID over SOD",
        _check_magnification,
        PROJECTIONS,
        "A tenth; zero stands for unknown.",
    ),
    Rule(
        "spacing_planes",
        "The spacing at the patient is larger than at the detector.",
        0.4,
        "PS3.3 10.7.1.3 (magnification is above one)",
        _check_planes,
        RADIOGRAPHS,
        "Two hundredths, for rounding.",
    ),
    Rule(
        "spacing_against_magnification",
        "The two spacings do not differ by the magnification that calibrated them.",
        0.45,
        "PS3.3 10.7.1.3 and 10.7.1.2, Pixel Spacing Calibration Type (0028,0A02)",
        _check_calibration,
        RADIOGRAPHS,
        "A tenth.",
    ),
)
