"""The distance of pixels, only where it can be trusted."""

from __future__ import annotations

import math

from pydicom.dataset import Dataset

# Finer than any detector (dental CCDs reach 0.0075 mm), coarser than any radiograph.
_FINEST_MM = 0.001
_COARSEST_MM = 20.0


def read_spacing(data_set: Dataset) -> tuple[tuple[float, float] | None, str]:
    """Return (row, column) spacing in mm, or None, and one sentence about it.

    PixelSpacing first, then ImagerPixelSpacing (PS3.3 10.7.1.3: the latter is at the
    detector plane, so lengths on the patient are over-stated by the magnification).
    """
    refused = ""
    for keyword, note in (
        ("PixelSpacing", "As stated by the file."),
        (
            "ImagerPixelSpacing",
            "At the detector plane; the patient was nearer to the tube, so true lengths"
            " are shorter.",
        ),
    ):
        value = data_set.get(keyword)
        if value in (None, ""):
            continue
        spacing = _parse_pair(value)
        if spacing is not None:
            return spacing, note
        refused = refused or keyword
    if refused:
        return None, f"{refused} is not usable, so lengths cannot be given."
    return None, "The file states no pixel spacing."


def _parse_pair(value: object) -> tuple[float, float] | None:
    try:
        row_mm, column_mm = (float(part) for part in value)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return None
    for mm in (row_mm, column_mm):
        if not math.isfinite(mm) or not _FINEST_MM <= mm <= _COARSEST_MM:
            return None
    return row_mm, column_mm
