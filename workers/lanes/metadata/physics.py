"""Rules of exposure and geometry."""

from __future__ import annotations

import math

from workers.decode.voi import read_numbers
from workers.lanes.metadata.rule import PROJECTION, RADIOGRAPH, Detail, Rule, Subject

# Tube voltages in use, kV: IAEA, Diagnostic Radiology Physics (2014), chapters 6, 9,
# 11, widened by 10 %.
_KVP_RANGES = {
    "MG": (18.0, 55.0),
    "CT": (60.0, 165.0),
    "IO": (45.0, 110.0),
    "PX": (45.0, 110.0),
}
_KVP_PROJECTION = (28.0, 165.0)
# Detectors: the smallest intra-oral sensor is 18 mm long; the largest stitched long
# films are about 1.25 m. Half and double of it is impossible.
_SHORTEST_SIDE_MM = 9.0
_LONGEST_SIDE_MM = 2500.0
_EXPOSURE_RATIO = 1.5
# IEC 62494-1 states DI to one decimal; devices round EI and its target first.
_DI_TOLERANCE = 0.6
_FIELD_RATIO = 1.3


def _check_kvp(subject: Subject) -> Detail | None:
    kvp = subject.number("KVP")
    if kvp is None or kvp == 0:
        return None
    low, high = _KVP_RANGES.get(subject.modality, _KVP_PROJECTION)
    return None if low <= kvp <= high else {"kvp": kvp, "range": [low, high]}


def _check_exposure(subject: Subject) -> Detail | None:
    """Compare Exposure with time x current, in the finest units present."""
    time_ms, current_ma = (
        subject.number("ExposureTime"),
        subject.number("XRayTubeCurrent"),
    )
    in_uas = subject.number("ExposureInuAs")
    stated_mas = in_uas / 1000 if in_uas else subject.number("Exposure")
    if not time_ms or not current_ma or not stated_mas:
        return None
    # Integers (VR IS): below 5 rounding alone explains any ratio.
    if min(time_ms, current_ma, stated_mas) < 5:
        return None
    ratio = time_ms * current_ma / 1000 / stated_mas
    if 1 / _EXPOSURE_RATIO <= ratio <= _EXPOSURE_RATIO:
        return None
    return {"time_times_current_over_exposure": round(ratio, 3)}


def _check_deviation(subject: Subject) -> Detail | None:
    index, target = (
        subject.number("ExposureIndex"),
        subject.number("TargetExposureIndex"),
    )
    stated = subject.number("DeviationIndex")
    if stated is None or not index or not target or index <= 0 or target <= 0:
        return None
    computed = 10 * math.log10(index / target)
    if abs(computed - stated) <= _DI_TOLERANCE:
        return None
    return {"stated": stated, "computed": round(computed, 2)}


def _check_distances(subject: Subject) -> Detail | None:
    detector = subject.number("DistanceSourceToDetector")
    patient = subject.number("DistanceSourceToPatient")
    if not detector or not patient or detector <= 0 or patient <= 0:
        return None
    if patient <= detector:
        return None
    return {"source_to_detector_mm": detector, "source_to_patient_mm": patient}


def _check_magnification(subject: Subject) -> Detail | None:
    stated = subject.number("EstimatedRadiographicMagnificationFactor")
    if stated is None:
        return None
    detector = subject.number("DistanceSourceToDetector")
    patient = subject.number("DistanceSourceToPatient")
    if stated < 0.99:
        return {"magnification": stated}
    if not detector or not patient or patient <= 0:
        return None
    computed = detector / patient
    if abs(computed - stated) <= 0.1 * computed:
        return None
    return {"magnification": stated, "computed": round(computed, 3)}


def _check_side(subject: Subject) -> Detail | None:
    spacing = read_numbers(subject.header, "ImagerPixelSpacing") or read_numbers(
        subject.header, "PixelSpacing"
    )
    if len(spacing) != 2 or min(spacing) <= 0:
        return None
    sides_mm = (
        subject.image.rows * spacing[0],
        subject.image.columns * spacing[1],
    )
    if max(sides_mm) <= _LONGEST_SIDE_MM and max(sides_mm) >= _SHORTEST_SIDE_MM:
        return None
    return {"sides_mm": [round(side, 1) for side in sides_mm]}


def _check_spacing(subject: Subject) -> Detail | None:
    bad = []
    for keyword in ("PixelSpacing", "ImagerPixelSpacing"):
        if not subject.text(keyword):
            continue
        numbers = read_numbers(subject.header, keyword)
        if len(numbers) != 2 or min(numbers) <= 0:
            bad.append(keyword)
    return {"unusable": bad} if bad else None


def _check_planes(subject: Subject) -> Detail | None:
    pixel = read_numbers(subject.header, "PixelSpacing")
    imager = read_numbers(subject.header, "ImagerPixelSpacing")
    if len(pixel) != 2 or len(imager) != 2 or min(pixel + imager) <= 0:
        return None
    if all(p <= i * 1.02 for p, i in zip(pixel, imager, strict=True)):
        return None
    return {"pixel_mm": pixel, "imager_mm": imager}


def _check_field(subject: Subject) -> Detail | None:
    field = read_numbers(subject.header, "FieldOfViewDimensions")
    imager = read_numbers(subject.header, "ImagerPixelSpacing")
    shape = subject.text("FieldOfViewShape").upper()
    if shape != "RECTANGLE" or len(field) != 2 or len(imager) != 2:
        return None
    if min(field + imager) <= 0:
        return None
    stated = max(field)
    found = max(subject.image.rows * imager[0], subject.image.columns * imager[1])
    if found <= stated * _FIELD_RATIO:
        return None
    return {"field_mm": stated, "picture_mm": round(found, 1)}


RULES = (
    Rule(
        "kvp_out_of_range",
        "The tube voltage is one that no such device uses.",
        0.6,
        "PS3.3 C.8.7.2, KVP (0018,0060); IAEA Diagnostic Radiology Physics 2014",
        _check_kvp,
        PROJECTION | {"CT"},
    ),
    Rule(
        "exposure_product",
        "Exposure is not the product of tube current and exposure time.",
        0.5,
        "PS3.3 C.8.7.2, (0018,1150) to (0018,1153)",
        _check_exposure,
        RADIOGRAPH,
    ),
    Rule(
        "deviation_index",
        "The deviation index does not follow from the exposure index and its target.",
        0.6,
        "IEC 62494-1, 5; PS3.3 C.8.7.2, (0018,1411) to (0018,1413)",
        _check_deviation,
        RADIOGRAPH,
    ),
    Rule(
        "patient_behind_detector",
        "The patient is stated to be farther from the tube than the detector.",
        0.7,
        "PS3.3 C.8.7.2, (0018,1110) and (0018,1111)",
        _check_distances,
        PROJECTION,
    ),
    Rule(
        "magnification",
        "The magnification does not follow from the distances, or is below one.",
        0.5,
        "PS3.3 C.8.7.2, (0018,1114)",
        _check_magnification,
        PROJECTION,
    ),
    Rule(
        "detector_size",
        "Pixel spacing times matrix gives a detector of a size no one builds.",
        0.6,
        "PS3.3 10.7.1.3, Imager Pixel Spacing (0018,1164)",
        _check_side,
        RADIOGRAPH,
    ),
    Rule(
        "spacing_unusable",
        "A pixel spacing is zero, negative or not a number.",
        0.3,
        "PS3.3 10.7.1.1 and 10.7.1.3",
        _check_spacing,
    ),
    Rule(
        "spacing_planes",
        "The spacing at the patient is larger than at the detector.",
        0.4,
        "PS3.3 10.7.1.3 and C.8.11.3.1.4 (magnification is above one)",
        _check_planes,
        RADIOGRAPH,
    ),
    Rule(
        "field_of_view",
        "The picture is larger than the field of view the header states.",
        0.4,
        "PS3.3 C.8.11.4, Field of View Dimensions (0018,1149)",
        _check_field,
        RADIOGRAPH,
    ),
)
