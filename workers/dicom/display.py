"""What a viewer prints beside a film: units, orientation, technique. No PHI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydicom.dataset import Dataset

from workers.decode.parsing import read_element
from workers.decode.voi import read_numbers

# SPEC PS3.3 10.7.1.3: in these modalities Pixel Spacing is in the patient.
_CROSS_SECTIONAL = frozenset({"CT", "MR", "PT", "NM", "US"})
_OPPOSITE = str.maketrans("LRAPHF", "RLPAFH")
SpacingFrame = Literal["patient", "calibrated", "detector", "unstated", "none"]
# A direction this far from the axis (cosine) is no longer named after it.
_LEAST_COSINE = 0.3
# Names that mean another thing than one letter per axis are not parsed.
_ANATOMY = frozenset("LRAPHF")
_LONGEST_VALUE = 24

# (keyword, label, unit)
_TECHNIQUE = (
    ("KVP", "kV", ""),
    ("Exposure", "mAs", ""),
    ("XRayTubeCurrent", "mA", ""),
    ("ExposureTime", "exposure", " ms"),
    ("ExposureIndex", "EI", ""),
    ("DeviationIndex", "DI", ""),
    ("SliceThickness", "slice", " mm"),
    ("SliceLocation", "at", " mm"),
    ("ConvolutionKernel", "kernel", ""),
    ("RepetitionTime", "TR", " ms"),
    ("EchoTime", "TE", " ms"),
)


@dataclass(frozen=True)
class DisplayFacts:
    """Facts of one film for the corners of a viewer.

    modality: as the file says, empty where it does not.
    value_unit: of slope x stored + intercept ("HU"), empty where the file gives none.
    orientation: where columns and rows run to in the patient, as letters of
        L R A P H F ("L", "F"), or None where the file does not say.
    spacing_frame: where `spacing_mm` holds: "patient" (cross-sections), "calibrated"
        (a projection corrected for magnification), "detector" (not corrected),
        "unstated" (a projection that does not say which), "none".
    technique: label and value of what the device noted, in order.
    """

    modality: str
    value_unit: str
    orientation: tuple[str, str] | None
    spacing_frame: SpacingFrame
    technique: tuple[tuple[str, str], ...]


def read_display(data_set: Dataset, *, has_spacing: bool) -> DisplayFacts:
    """Return the facts; an empty data set (not DICOM) gives empty ones."""
    modality = _read_text(data_set, "Modality").upper()
    return DisplayFacts(
        modality=modality,
        value_unit=_read_unit(data_set, modality),
        orientation=_read_orientation(data_set),
        spacing_frame=_find_spacing_frame(data_set, modality)
        if has_spacing
        else "none",
        technique=_read_technique(data_set),
    )


def _read_text(data_set: Dataset, keyword: str) -> str:
    value = read_element(data_set, keyword)
    text = "" if value is None else str(value).strip()
    return text if text.isprintable() and len(text) <= _LONGEST_VALUE else ""


def _read_unit(data_set: Dataset, modality: str) -> str:
    """SPEC PS3.3 C.11.1.1.2: Rescale Type; absent in CT means HU."""
    kind = _read_text(data_set, "RescaleType").upper()
    if kind and kind != "US":
        return kind
    has_rescale = bool(read_numbers(data_set, "RescaleSlope"))
    is_localizer = "LOCALIZER" in str(read_element(data_set, "ImageType") or "")
    if not kind and modality == "CT" and has_rescale and not is_localizer:
        return "HU"
    return ""


def _read_orientation(data_set: Dataset) -> tuple[str, str] | None:
    cosines = read_numbers(_find_plane(data_set), "ImageOrientationPatient")
    if len(cosines) == 6:
        named = _name_direction(cosines[:3]), _name_direction(cosines[3:])
        return named if all(named) else None
    value = read_element(data_set, "PatientOrientation")
    parts = [] if value is None or isinstance(value, str) else [str(p) for p in value]
    if len(parts) != 2:
        return None
    columns, rows = (part.strip().upper() for part in parts)
    for name in (columns, rows):
        if not 1 <= len(name) <= 3 or not set(name) <= _ANATOMY:
            return None
    # Both along one axis is a slip of the header, and markers from it would mislead.
    if columns[0] in (rows[0], rows[0].translate(_OPPOSITE)):
        return None
    return columns, rows


def _find_plane(data_set: Dataset) -> Dataset:
    """Return where the plane is stated: the image, or all frames of an enhanced one."""
    shared = read_element(data_set, "SharedFunctionalGroupsSequence")
    plane = read_element(shared[0], "PlaneOrientationSequence") if shared else None
    return plane[0] if plane else data_set


def _name_direction(cosines: list[float]) -> str:
    """Return up to three letters, the strongest axis first; empty if not a direction.

    SPEC PS3.3 C.7.6.2.1.1: x runs to the patient's left, y to the back, z to the head.
    """
    if abs(float(np.linalg.norm(cosines)) - 1) > 0.05:
        return ""
    axes = zip(cosines, ("LR", "PA", "HF"), strict=True)
    by_size = sorted(axes, key=lambda axis: -abs(axis[0]))
    return "".join(
        letters[0] if cosine > 0 else letters[1]
        for cosine, letters in by_size
        if abs(cosine) >= _LEAST_COSINE
    )


def _find_spacing_frame(data_set: Dataset, modality: str) -> SpacingFrame:
    if modality in _CROSS_SECTIONAL:
        return "patient"
    spacing = read_numbers(data_set, "PixelSpacing")
    if not spacing:
        return "detector"
    # SPEC PS3.3 10.7.1.3: GEOMETRY or FIDUCIAL, in words only where it was corrected.
    if _read_text(data_set, "PixelSpacingCalibrationType").upper() in (
        "GEOMETRY",
        "FIDUCIAL",
    ):
        return "calibrated"
    detector = read_numbers(data_set, "ImagerPixelSpacing")
    if len(detector) != 2 or len(spacing) != 2:
        return "unstated"
    # SPEC PS3.3 10.7.1.3: equal values mean that nothing was corrected.
    return "detector" if np.allclose(spacing, detector, rtol=1e-3) else "calibrated"


def _read_technique(data_set: Dataset) -> tuple[tuple[str, str], ...]:
    found = []
    for keyword, label, unit in _TECHNIQUE:
        numbers = read_numbers(data_set, keyword)
        text = f"{numbers[0]:.6g}" if numbers else _read_text(data_set, keyword)
        if text:
            found.append((label, f"{text}{unit}"))
    return tuple(found)
