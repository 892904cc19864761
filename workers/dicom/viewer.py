"""What the browser's viewer has to know of a film (docs/api.md, ImageMeta)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset

from workers.decode import (
    DEFAULT_LIMITS,
    FilmHeader,
    Limits,
    ViewerFrame,
    decode_frame,
    read_header,
    render_luma,
)
from workers.decode.voi import (
    Window,
    read_lookup_table,
    read_rescale,
    read_voi_function,
    read_windows,
)
from workers.dicom.display import DisplayFacts, read_display

_SMALLEST_PREVIEW_PX = 64
_LARGEST_PREVIEW_PX = 2048
_PREVIEW_QUALITY = 80
# A film without a window is shown at its full range; a reader must not take that for
# the file's own choice. The viewer knows this label (frontend/src/imaging/window.ts).
NO_WINDOW_LABEL = "Full range, no window in the file"

# A VOI LUT is offered as the window that spans this part of its output.
_LUT_OUTPUT_SPAN = (0.02, 0.98)


@dataclass(frozen=True)
class ViewerMeta:
    """Facts of one film for a viewer; windows are in values after slope and intercept.

    dtype: of the frames served, see `ViewerFrame`.
    spacing_mm: (row, column) or None, where lengths must not be shown in mm.
    pixel_min, pixel_max: of the frame given, or of the range of the type.
    """

    rows: int
    columns: int
    frame_count: int
    samples: int
    bits_stored: int
    is_signed: bool
    dtype: str
    photometric: str
    slope: float
    intercept: float
    windows: tuple[Window, ...]
    voi_function: str
    spacing_mm: tuple[float, float] | None
    spacing_note: str
    pixel_min: int
    pixel_max: int
    display: DisplayFacts


def viewer_meta(header: FilmHeader, frame: ViewerFrame | None = None) -> ViewerMeta:
    """Return the facts of a film; give `frame` for the true range of its values."""
    data_set = header.dataset if header.dataset is not None else Dataset()
    is_grey = header.photometric in ("MONOCHROME1", "MONOCHROME2")
    modality = (
        read_lookup_table(
            data_set, "ModalityLUTSequence", signed_input=header.is_signed
        )
        if is_grey
        else None
    )
    dtype, is_signed, bits = _describe_type(header)
    if modality is not None:
        dtype, is_signed, bits = "uint16", False, modality.bits
    if frame is not None:
        dtype = frame.values.dtype.name
    slope, intercept = (
        read_rescale(data_set) if is_grey and modality is None else (1.0, 0.0)
    )
    low, high = _find_range(frame, bits, is_signed)
    windows = read_windows(data_set) if is_grey else ()
    function = read_voi_function(data_set) if windows else "LINEAR"
    if is_grey and not windows:
        windows = _approximate_window(data_set, slope * low + intercept)
    if is_grey and not windows:
        ends = sorted((slope * low + intercept, slope * high + intercept))
        center, width = (ends[0] + ends[1] + 1) / 2, max(1.0, ends[1] - ends[0] + 1)
        windows = (Window(center, width, NO_WINDOW_LABEL),)
    return ViewerMeta(
        rows=header.rows,
        columns=header.columns,
        frame_count=header.frame_count,
        samples=1 if is_grey else 3,
        bits_stored=bits,
        is_signed=is_signed,
        dtype=dtype,
        photometric=header.photometric if is_grey else "RGB",
        slope=slope,
        intercept=intercept,
        windows=windows,
        voi_function=function,
        spacing_mm=header.spacing_mm,
        spacing_note=header.spacing_note,
        pixel_min=low,
        pixel_max=high,
        display=read_display(data_set, has_spacing=header.spacing_mm is not None),
    )


def read_viewer_meta(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> ViewerMeta:
    """Return the facts of a film, with the value range of its middle frame."""
    header = read_header(path, limits=limits)
    frame = decode_frame(path, header.frame_count // 2, limits=limits)
    return viewer_meta(header, frame)


def _describe_type(header: FilmHeader) -> tuple[str, bool, int]:
    width = next(size for size in (8, 16, 32) if header.bits_allocated <= size)
    prefix = "int" if header.is_signed else "uint"
    return f"{prefix}{width}", header.is_signed, header.bits_stored


def _find_range(
    frame: ViewerFrame | None, bits: int, is_signed: bool
) -> tuple[int, int]:
    if frame is not None and frame.values.size:
        return int(frame.values.min()), int(frame.values.max())
    if is_signed:
        return -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    return 0, (1 << bits) - 1


def _approximate_window(data_set: Dataset, lowest: float) -> tuple[Window, ...]:
    """Return the window nearest to the file's VOI LUT, or nothing."""
    table = read_lookup_table(data_set, "VOILUTSequence", signed_input=lowest < 0)
    if table is None:
        return ()
    output = table.values.astype(np.float64) / ((1 << table.bits) - 1)
    first = int(np.argmax(output > _LUT_OUTPUT_SPAN[0]))
    above = np.flatnonzero(output < _LUT_OUTPUT_SPAN[1])
    last = int(above[-1]) if above.size else first
    if last <= first:
        return ()
    center = table.first_mapped + (first + last + 1) / 2
    return (Window(center, float(last - first + 1), "VOI LUT, approximated"),)


def render_preview(
    path: Path, *, size: int = 256, limits: Limits = DEFAULT_LIMITS
) -> bytes:
    """Return WebP of the film as displayed, its longest side `size` pixels at most.

    Small films are not enlarged. `size` is held within 64..2048.
    """
    size_px = min(max(size, _SMALLEST_PREVIEW_PX), _LARGEST_PREVIEW_PX)
    luma = render_luma(path, limits=limits)
    picture = Image.fromarray(np.rint(luma * 255.0).astype(np.uint8))
    picture.thumbnail((size_px, size_px), Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    picture.save(encoded, "WEBP", quality=_PREVIEW_QUALITY)
    return encoded.getvalue()
