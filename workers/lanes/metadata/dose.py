"""Rules on dose and exposure index, against each other and the tube's settings."""

from __future__ import annotations

import math

from workers.lanes.metadata.rule import (
    GENERAL_RADIOGRAPHS,
    RADIOGRAPHS,
    Detail,
    Rule,
    Subject,
)
from workers.lanes.metadata.tube import read_mas

# IEC 62494-1 states DI to one decimal; devices round EI and its target first.
_DI_TOLERANCE = 0.6
# EI = 100 x detector air kerma in micrograys: 0.01 to 1000 of them.
_EI_RANGE = (1.0, 100_000.0)
_TARGET_RANGE = (10.0, 20_000.0)
_DI_LIMIT = 20.0
_MAX_ENTRANCE_MGY = 1000.0
# Tube output at 1 m, mGy per mAs: 0.005 (mammography, molybdenum, 24 kV) to 0.25
# (150 kV, little filter), widened by a factor of 4.
_OUTPUT_RANGE = (0.001, 1.0)


def _check_deviation(subject: Subject) -> Detail | None:
    index, target = (
        subject.positive("ExposureIndex"),
        subject.positive("TargetExposureIndex"),
    )
    stated = subject.number("DeviationIndex")
    if stated is None or index is None or target is None:
        return None
    computed = 10 * math.log10(index / target)
    if abs(computed - stated) <= _DI_TOLERANCE:
        return None
    return {"stated": stated, "computed": round(computed, 2)}


def _check_index_range(subject: Subject) -> Detail | None:
    bad = []
    for keyword, (low, high) in (
        ("ExposureIndex", _EI_RANGE),
        ("TargetExposureIndex", _TARGET_RANGE),
    ):
        number = subject.number(keyword)
        # Zero stands for unknown.
        if number and not low <= number <= high:
            bad.append(keyword)
    return {"out_of_range": bad} if bad else None


def _check_deviation_size(subject: Subject) -> Detail | None:
    stated = subject.number("DeviationIndex")
    return (
        {"stated": stated} if stated is not None and abs(stated) > _DI_LIMIT else None
    )


def _check_deviation_alone(subject: Subject) -> Detail | None:
    if subject.number("DeviationIndex") is None:
        return None
    missing = [
        keyword
        for keyword in ("ExposureIndex", "TargetExposureIndex")
        if subject.number(keyword) is None
    ]
    return {"missing": missing} if missing else None


def _check_index_in_unexposed(subject: Subject) -> Detail | None:
    """A stated index of detector exposure, and a tube that was not switched on."""
    index = subject.positive("ExposureIndex")
    zero = [
        keyword
        for keyword in ("KVP", "Exposure", "ExposureInuAs")
        if subject.number(keyword) == 0
    ]
    return {"zero": zero} if index is not None and len(zero) > 1 else None


def _check_output(subject: Subject) -> Detail | None:
    """Entrance dose over mAs, brought to 1 m by the inverse square law."""
    dose_mgy, mas = subject.positive("EntranceDoseInmGy"), read_mas(subject)
    distance_mm = subject.positive("DistanceSourceToEntrance") or subject.positive(
        "DistanceSourceToPatient"
    )
    if dose_mgy is None or mas is None or distance_mm is None:
        return None
    output = dose_mgy / mas * (distance_mm / 1000) ** 2
    low, high = _OUTPUT_RANGE
    return None if low <= output <= high else {"mgy_per_mas_at_1m": round(output, 5)}


def _check_entrance(subject: Subject) -> Detail | None:
    dose = subject.positive("EntranceDoseInmGy")
    return {"mgy": dose} if dose is not None and dose > _MAX_ENTRANCE_MGY else None


def _check_organ(subject: Subject) -> Detail | None:
    organ_dgy = subject.positive("OrganDose")
    entrance_mgy = subject.positive("EntranceDoseInmGy")
    if organ_dgy is None or entrance_mgy is None:
        return None
    # SPEC PS3.3 C.8.7.8: organ dose is in dGy, entrance dose here in mGy. Backscatter
    # and averages leave room for a fifth.
    if organ_dgy * 100 <= entrance_mgy * 1.2:
        return None
    return {"organ_mgy": round(organ_dgy * 100, 3), "entrance_mgy": entrance_mgy}


RULES = (
    Rule(
        "deviation_index",
        "The deviation index does not follow from the exposure index and its target.",
        0.6,
        "IEC 62494-1, 5: DI = 10 log10(EI / EI_T); PS3.3 C.8.1.2 and C.8.11.4, "
        "(0018,1411) to (0018,1413)",
        _check_deviation,
        RADIOGRAPHS,
        "0.6, for rounding.",
    ),
    Rule(
        "exposure_index_range",
        "The exposure index or its target is no detector exposure that can be.",
        0.4,
        "IEC 62494-1, 4: EI = 100 per microgray; AAPM Report 116",
        _check_index_range,
        GENERAL_RADIOGRAPHS,
        "Zero stands for unknown. Makers' own indices use other attributes.",
    ),
    Rule(
        "deviation_index_size",
        "The deviation index tells of an exposure a hundred times off.",
        0.4,
        "IEC 62494-1, 5; AAPM Report 116 (beyond 3 a film is repeated)",
        _check_deviation_size,
        RADIOGRAPHS,
    ),
    Rule(
        "deviation_index_alone",
        "A deviation index stands without the two numbers it is computed from.",
        0.25,
        "PS3.3 C.8.1.2 and C.8.11.4, (0018,1411) to (0018,1413)",
        _check_deviation_alone,
        RADIOGRAPHS,
        "De-identifiers and gateways that keep a list of attributes.",
    ),
    Rule(
        "index_without_exposure",
        "The detector is said to have been exposed by a tube that gave nothing.",
        0.45,
        "IEC 62494-1, 4; PS3.3 C.8.7.2, (0018,0060), (0018,1152), (0018,1153)",
        _check_index_in_unexposed,
        GENERAL_RADIOGRAPHS,
        "Plates read apart from the generator leave the settings empty, not zero.",
    ),
    Rule(
        "dose_against_exposure",
        "The entrance dose does not follow from exposure and distance.",
        0.45,
        "IAEA TRS 457 (2007): tube output, inverse square law; PS3.3 C.8.7.8, "
        "(0040,8302)",
        _check_output,
        RADIOGRAPHS,
        "A factor of 4 on both sides of the outputs of all tubes.",
    ),
    Rule(
        "entrance_dose",
        "The entrance dose is beyond what a radiograph takes.",
        0.4,
        "IAEA, Diagnostic Radiology Physics 2014, 22; PS3.3 C.8.7.8, (0040,8302)",
        _check_entrance,
        RADIOGRAPHS,
    ),
    Rule(
        "organ_dose_above_entrance",
        "The organ took more dose than the skin before it.",
        0.5,
        "PS3.3 C.8.7.8, (0040,0316) in dGy and (0040,8302) in mGy",
        _check_organ,
        RADIOGRAPHS,
        "A fifth, for backscatter.",
    ),
)
