"""Rules on the tube and its settings."""

from __future__ import annotations

from workers.lanes.metadata.rule import (
    MAMMOGRAMS,
    RADIOGRAPHS,
    X_RAY,
    Detail,
    Rule,
    Scope,
    Subject,
)

# Tube voltages in use, kV: IAEA, Diagnostic Radiology Physics (2014), chapters 6, 9,
# 11, widened by 10 %.
_KVP_RANGES = {
    "MG": (18.0, 55.0),
    "CT": (60.0, 165.0),
    "IO": (45.0, 110.0),
    "PX": (45.0, 110.0),
}
_KVP_PROJECTION = (28.0, 165.0)
_EXPOSURE_RATIO = 1.5
_UNIT_RATIO = 1.2
# The largest generators give 100 to 120 kW for a tenth of a second.
_MAX_POWER_KW = 150.0
_MAX_CURRENT_MA = 1600.0
_MAX_EXPOSURE_MAS = 2000.0
# A panoramic scan takes up to 20 s, the longest single exposure.
_MAX_TIME_MS = 30_000.0
_FOCUS_RANGE_MM = (0.02, 3.0)
_MG_ONLY_ANODES = frozenset({"MOLYBDENUM", "RHODIUM"})
_MG_ONLY_FILTERS = frozenset({"MOLYBDENUM", "RHODIUM", "SILVER"})
_BREAST_RANGE_MM = (3.0, 200.0)
_MAX_FORCE_N = 300.0
_HVL_MG_MM = (0.15, 1.2)
_HVL_OTHER_MM = (0.8, 20.0)

_NOT_MAMMOGRAMS = Scope(
    "projections other than mammograms (CR, DX, RG, IO, PX, XA, RF)",
    frozenset({"CR", "DX", "RG", "IO", "PX", "XA", "RF"}),
)


def _check_kvp(subject: Subject) -> Detail | None:
    kvp = subject.number("KVP")
    if kvp is None or kvp == 0:
        return None
    low, high = _KVP_RANGES.get(subject.modality, _KVP_PROJECTION)
    return None if low <= kvp <= high else {"kvp": kvp, "range": [low, high]}


def read_mas(subject: Subject) -> float | None:
    """Return the exposure in milliampere seconds, of the finer unit stated."""
    in_uas = subject.positive("ExposureInuAs")
    return in_uas / 1000 if in_uas else subject.positive("Exposure")


def read_time_ms(subject: Subject) -> float | None:
    """Return the exposure time in milliseconds, of the finer unit stated."""
    in_us = subject.positive("ExposureTimeInuS")
    return in_us / 1000 if in_us else subject.positive("ExposureTime")


def _read_current_ma(subject: Subject) -> float | None:
    in_ua = subject.positive("XRayTubeCurrentInuA")
    return in_ua / 1000 if in_ua else subject.positive("XRayTubeCurrent")


def _check_exposure(subject: Subject) -> Detail | None:
    """Compare Exposure with time x current, in the finest units present."""
    time_ms, current_ma = read_time_ms(subject), _read_current_ma(subject)
    stated_mas = read_mas(subject)
    if not time_ms or not current_ma or not stated_mas:
        return None
    # Integers (VR IS): below 5 rounding alone explains any ratio.
    if min(time_ms, current_ma, stated_mas) < 5:
        return None
    ratio = time_ms * current_ma / 1000 / stated_mas
    if 1 / _EXPOSURE_RATIO <= ratio <= _EXPOSURE_RATIO:
        return None
    return {"time_times_current_over_exposure": round(ratio, 3)}


def _check_units(subject: Subject) -> Detail | None:
    bad = []
    for coarse, fine in (
        ("Exposure", "ExposureInuAs"),
        ("ExposureTime", "ExposureTimeInuS"),
        ("XRayTubeCurrent", "XRayTubeCurrentInuA"),
    ):
        first, second = subject.positive(coarse), subject.positive(fine)
        # Integers: what rounds to 1 may be half of it or nearly 2.
        if first is None or second is None or abs(first - second / 1000) <= 1:
            continue
        if not 1 / _UNIT_RATIO <= first / (second / 1000) <= _UNIT_RATIO:
            bad.append(coarse)
    return {"stated_twice": bad} if bad else None


def _check_power(subject: Subject) -> Detail | None:
    kvp, current_ma = subject.positive("KVP"), _read_current_ma(subject)
    if kvp is None or current_ma is None:
        return None
    power_kw = kvp * current_ma / 1000
    return {"kw": round(power_kw, 1)} if power_kw > _MAX_POWER_KW else None


def _check_settings(subject: Subject) -> Detail | None:
    high = {
        name: round(number, 1)
        for name, number, limit in (
            ("current_ma", _read_current_ma(subject), _MAX_CURRENT_MA),
            ("exposure_mas", read_mas(subject), _MAX_EXPOSURE_MAS),
            ("time_ms", read_time_ms(subject), _MAX_TIME_MS),
        )
        if number is not None and number > limit
    }
    return high or None


def _check_negative(subject: Subject) -> Detail | None:
    bad = [
        keyword
        for keyword in ("KVP", "Exposure", "ExposureTime", "XRayTubeCurrent")
        if (number := subject.number(keyword)) is not None and number < 0
    ]
    return {"negative": bad} if bad else None


def _check_focus(subject: Subject) -> Detail | None:
    focus = subject.numbers("FocalSpots")
    low, high = _FOCUS_RANGE_MM
    bad = [mm for mm in focus[:4] if mm and not low <= mm <= high]
    return {"focal_spots_mm": bad} if bad else None


def _check_anode(subject: Subject) -> Detail | None:
    anode = subject.code("AnodeTargetMaterial")
    filters = {part.upper() for part in subject.texts("FilterMaterial")}
    found = sorted({anode} & _MG_ONLY_ANODES | filters & _MG_ONLY_FILTERS)
    return {"materials": found} if found else None


def _check_breast(subject: Subject) -> Detail | None:
    thickness = subject.positive("BodyPartThickness")
    force = subject.positive("CompressionForce")
    low, high = _BREAST_RANGE_MM
    bad: Detail = {}
    if thickness is not None and not low <= thickness <= high:
        bad["thickness_mm"] = thickness
    if force is not None and force > _MAX_FORCE_N:
        bad["force_n"] = force
    return bad or None


def _check_half_value_layer(subject: Subject) -> Detail | None:
    layer = subject.positive("HalfValueLayer")
    low, high = _HVL_MG_MM if subject.modality == "MG" else _HVL_OTHER_MM
    return None if layer is None or low <= layer <= high else {"mm_al": layer}


RULES = (
    Rule(
        "kvp_out_of_range",
        "The tube voltage is one that no such device uses.",
        0.6,
        "PS3.3 C.8.7.2, KVP (0018,0060); IAEA, Diagnostic Radiology Physics 2014, "
        "6, 9, 11",
        _check_kvp,
        X_RAY,
        "Zero and empty stand for unknown.",
    ),
    Rule(
        "exposure_product",
        "Exposure is not the product of tube current and exposure time.",
        0.5,
        "PS3.3 C.8.7.2, (0018,1150) to (0018,1153)",
        _check_exposure,
        RADIOGRAPHS,
        "A factor of 1.5; below 5 units rounding explains all. CT states effective "
        "mAs and is not judged.",
    ),
    Rule(
        "exposure_units",
        "The same setting is stated in two units, and differently.",
        0.5,
        "PS3.3 C.8.7.2, (0018,1150) to (0018,1153), (0018,8150), (0018,8151)",
        _check_units,
        X_RAY,
        "One unit of the coarser one, for rounding.",
    ),
    Rule(
        "tube_power",
        "Voltage times current is more than any generator gives.",
        0.6,
        "IAEA, Diagnostic Radiology Physics 2014, 5: generators of 30 to 120 kW",
        _check_power,
        X_RAY,
    ),
    Rule(
        "settings_out_of_range",
        "Current, exposure or time is beyond what a single exposure takes.",
        0.45,
        "IAEA, Diagnostic Radiology Physics 2014, 5 and 6",
        _check_settings,
        RADIOGRAPHS,
    ),
    Rule(
        "settings_negative",
        "A setting of the tube is below zero.",
        0.6,
        "PS3.3 C.8.7.2, (0018,0060), (0018,1150) to (0018,1152)",
        _check_negative,
        X_RAY,
    ),
    Rule(
        "focal_spot",
        "The focal spot is larger or smaller than any tube's.",
        0.4,
        "IEC 60336; PS3.3 C.8.7.2, Focal Spot(s) (0018,1190)",
        _check_focus,
        X_RAY,
    ),
    Rule(
        "anode_of_mammography",
        "Anode or filter are of a metal that only mammography uses.",
        0.5,
        "IAEA, Diagnostic Radiology Physics 2014, 9; PS3.3 C.8.7.8, (0018,1191) and "
        "C.8.7.10, (0018,7050)",
        _check_anode,
        _NOT_MAMMOGRAMS,
    ),
    Rule(
        "breast_out_of_range",
        "Thickness or force of compression is beyond any breast or paddle.",
        0.4,
        "PS3.3 C.8.11.5, (0018,11A0) and (0018,11A2); IEC 60601-2-45: 300 N",
        _check_breast,
        MAMMOGRAMS,
    ),
    Rule(
        "half_value_layer",
        "The half value layer does not belong to such a beam.",
        0.4,
        "IEC 60601-1-3, 7.1; IAEA, Diagnostic Radiology Physics 2014, 6 and 9",
        _check_half_value_layer,
        X_RAY,
    ),
)
