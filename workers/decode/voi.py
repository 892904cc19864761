"""From stored values to luma as displayed (PS3.3 C.11.1, C.11.2; PS3.4 N.2)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from workers.decode.parsing import read_element

Floats = NDArray[np.float32]

# A window is taken as meant for these pixels unless it shows less than this share of
# them as anything but pure black or white. Of 33 genuine films with a window the lowest
# has 0.029 (brain window on a top slice of a head CT); a window of another scale has 0.
LEAST_SHOWN_SHARE = 0.002
# Clips dead pixels, and labels burned in at the extremes.
ROBUST_PERCENTILES = (0.1, 99.9)
_PERCENTILE_SAMPLES = 1_000_000


@dataclass(frozen=True)
class Window:
    """One window of the file; `label` is its explanation or empty."""

    center: float
    width: float
    label: str


@dataclass(frozen=True, eq=False)
class LookupTable:
    """A LUT: input `first_mapped` gives values[0]; beyond the ends, the end value."""

    first_mapped: int
    values: NDArray[np.uint16]
    bits: int

    def apply(self, stored: NDArray[Any]) -> NDArray[np.uint16]:
        index = np.rint(stored).astype(np.int64) - self.first_mapped
        mapped: NDArray[np.uint16] = self.values[
            np.clip(index, 0, len(self.values) - 1)
        ]
        return mapped


def read_numbers(data_set: Dataset, keyword: str) -> list[float]:
    """Return the finite numbers of an element; empty where absent or malformed."""
    value = read_element(data_set, keyword)
    if value is None or value == "":
        return []
    parts = [value] if isinstance(value, str | int | float) else list(value)
    numbers: list[float] = []
    for part in parts:
        try:
            number = float(part)
        except (TypeError, ValueError):
            return []
        if not math.isfinite(number):
            return []
        numbers.append(number)
    return numbers


def read_rescale(data_set: Dataset) -> tuple[float, float]:
    """Return (slope, intercept); (1, 0) where absent or not usable."""
    slope = read_numbers(data_set, "RescaleSlope") or [1.0]
    intercept = read_numbers(data_set, "RescaleIntercept") or [0.0]
    if slope[0] == 0:
        return 1.0, 0.0
    return slope[0], intercept[0]


def read_windows(data_set: Dataset) -> tuple[Window, ...]:
    """Return the file's windows with a usable width, in order."""
    centers = read_numbers(data_set, "WindowCenter")
    widths = read_numbers(data_set, "WindowWidth")
    labels = read_element(data_set, "WindowCenterWidthExplanation") or []
    labels = [labels] if isinstance(labels, str) else [str(part) for part in labels]
    least = 1.0 if read_voi_function(data_set) == "LINEAR" else 0.0
    return tuple(
        Window(center, width, labels[i].strip() if i < len(labels) else "")
        for i, (center, width) in enumerate(zip(centers, widths, strict=False))
        # SPEC PS3.3 C.11.2.1.2: Window Width shall always be >= 1 (LINEAR), > 0 else.
        if width >= least and width > 0
    )


def read_voi_function(data_set: Dataset) -> str:
    """Return LINEAR, LINEAR_EXACT or SIGMOID; LINEAR where absent or unknown."""
    value = str(read_element(data_set, "VOILUTFunction") or "LINEAR").strip().upper()
    return value if value in ("LINEAR", "LINEAR_EXACT", "SIGMOID") else "LINEAR"


def read_lookup_table(
    data_set: Dataset, keyword: str, *, signed_input: bool
) -> LookupTable | None:
    """Return the first LUT of a Modality or VOI LUT sequence, or None."""
    sequence = read_element(data_set, keyword)
    if not sequence:
        return None
    item = sequence[0]
    descriptor = read_element(item, "LUTDescriptor")
    content = read_element(item, "LUTData")
    if content is None or not isinstance(descriptor, MultiValue | list):
        return None
    if len(descriptor) != 3:
        return None
    entries, first, bits = (int(part) for part in descriptor)
    # SPEC PS3.3 C.11.1.1.1: the first value 0 means 2^16 entries.
    entries = entries & 0xFFFF or 1 << 16
    if isinstance(content, bytes):
        values = np.frombuffer(content[: len(content) // 2 * 2], "<u2")
        if len(content) == entries:
            values = np.frombuffer(content, np.uint8).astype(np.uint16)
    else:
        values = np.asarray(content, dtype=np.int64).astype(np.uint16)
    if not 1 <= bits <= 16 or len(values) < entries or entries < 2:
        return None
    if signed_input and first > 0x7FFF:
        first -= 1 << 16
    elif not signed_input and first < 0:
        first += 1 << 16
    return LookupTable(first, values[:entries].astype(np.uint16), bits)


def apply_window(values: Floats, window: Window, function: str) -> Floats:
    """Return 0..1 per PS3.3 C.11.2.1.2.1 (LINEAR), C.11.2.1.3.1 and .2."""
    center, width = window.center, window.width
    if function == "SIGMOID":
        exponent = np.clip(-4.0 * (values - center) / width, -80.0, 80.0)
        return np.asarray(1.0 / (1.0 + np.exp(exponent)), np.float32)
    if function == "LINEAR":
        if width <= 1:
            return np.asarray(values > center - 0.5, np.float32)
        shown = (values - (center - 0.5)) / (width - 1.0) + 0.5
    else:
        shown = (values - center) / width + 0.5
    return np.asarray(np.clip(shown, 0.0, 1.0), np.float32)


def stretch_robust(values: Floats, valid: NDArray[np.bool_] | None) -> Floats:
    """Return 0..1 between the robust minimum and maximum of the valid values."""
    flat = values[valid] if valid is not None else values.ravel()
    if flat.size == 0:
        return np.zeros_like(values)
    step = max(1, flat.size // _PERCENTILE_SAMPLES)
    low, high = np.percentile(flat[::step], ROBUST_PERCENTILES)
    if high <= low:
        low, high = float(flat.min()), float(flat.max())
    if high <= low:
        return np.zeros_like(values)
    return np.asarray(np.clip((values - low) / (high - low), 0.0, 1.0), np.float32)


def is_sane(shown: Floats, valid: NDArray[np.bool_] | None) -> bool:
    """Return whether a window leaves something to see (LEAST_SHOWN_SHARE)."""
    flat = shown[valid] if valid is not None else shown
    if flat.size == 0:
        return False
    between = np.count_nonzero((flat > 0.001) & (flat < 0.999))
    if between / flat.size >= LEAST_SHOWN_SHARE:
        return True
    # A two-tone picture (phantom, line art) may be shown at the two ends.
    return bool(flat.min() < 0.001 and flat.max() > 0.999)


def find_padding(
    stored: NDArray[Any], data_set: Dataset, *, is_signed: bool, bits_stored: int
) -> NDArray[np.bool_] | None:
    """Return where the picture is padding, or None if nowhere.

    PS3.3 C.7.5.1.1.2: padding values are not part of the picture.
    """
    first = read_numbers(data_set, "PixelPaddingValue")
    if not first:
        return None
    last = read_numbers(data_set, "PixelPaddingRangeLimit") or first

    def correct(number: float) -> float:
        # The value is US or SS by Pixel Representation; writers mix them up.
        if is_signed and number >= 1 << (bits_stored - 1):
            return number - (1 << max(16, bits_stored))
        if not is_signed and number < 0:
            return number + (1 << max(16, bits_stored))
        return number

    low, high = sorted((correct(first[0]), correct(last[0])))
    padding = (stored >= low) & (stored <= high)
    # A padding value that covers nearly everything is a slip of the header.
    if not padding.any() or padding.mean() > 0.98:
        return None
    return np.asarray(padding, dtype=np.bool_)


def luma_from_monochrome(
    stored: NDArray[Any],
    data_set: Dataset,
    *,
    photometric: str,
    is_signed: bool,
    bits_stored: int,
) -> Floats:
    """Return luma 0..1 as displayed, float32, of a MONOCHROME1 or 2 frame."""
    padding = find_padding(
        stored, data_set, is_signed=is_signed, bits_stored=bits_stored
    )
    valid = None if padding is None else ~padding
    modality = read_lookup_table(
        data_set, "ModalityLUTSequence", signed_input=is_signed
    )
    if modality is not None:
        values = modality.apply(stored).astype(np.float32)
    else:
        slope, intercept = read_rescale(data_set)
        values = (stored.astype(np.float64) * slope + intercept).astype(np.float32)
    luma = _apply_voi(values, data_set, valid, stored, is_signed, bits_stored)
    if photometric == "MONOCHROME1":
        luma = np.float32(1.0) - luma
    if padding is not None:
        luma[padding] = 0.0
    return np.ascontiguousarray(luma, dtype=np.float32)


def _apply_voi(
    values: Floats,
    data_set: Dataset,
    valid: NDArray[np.bool_] | None,
    stored: NDArray[Any],
    is_signed: bool,
    bits_stored: int,
) -> Floats:
    # SPEC PS3.3 C.11.2: if both are present, either may be used; a window is what most
    # viewers show first.
    function = read_voi_function(data_set)
    for window in read_windows(data_set)[:1]:
        shown = apply_window(values, window, function)
        if is_sane(shown, valid):
            return shown
    signed_values = bool(values.size) and float(values.min()) < 0
    table = read_lookup_table(data_set, "VOILUTSequence", signed_input=signed_values)
    if table is not None:
        top = float((1 << table.bits) - 1)
        shown = np.minimum(table.apply(values) / np.float32(top), 1.0)
        if is_sane(shown.astype(np.float32), valid):
            return shown.astype(np.float32)
    plain = not read_element(data_set, "ModalityLUTSequence") and read_rescale(
        data_set
    ) == (1, 0)
    if bits_stored == 8 and not is_signed and plain:
        return stored.astype(np.float32) / np.float32(255.0)
    return stretch_robust(values, valid)


def luma_from_rgb(rgb: NDArray[Any], bits_stored: int) -> Floats:
    """Return ITU-R BT.601 luma, 0..1, of (rows, columns, 3) unsigned values."""
    weights = np.array([0.299, 0.587, 0.114], dtype=np.float32)
    top = np.float32((1 << bits_stored) - 1)
    luma = rgb[..., :3].astype(np.float32) @ weights / top
    return np.asarray(np.clip(luma, 0.0, 1.0), np.float32)
