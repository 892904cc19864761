"""What is known of a film before its picture is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from workers.types import FileFormat


@dataclass(frozen=True)
class PixelElement:
    """Where the picture lies in a DICOM file.

    offset, length: of the value, in bytes from the start of the file (of the inflated
        data set if `is_inflated`). length is None for encapsulated pixel data.
    fragments: (offset, length) of each fragment, without the basic offset table.
    end_offset: first byte after the element.
    is_delimited: False if the sequence delimiter of encapsulated data is missing.
    """

    tag: int
    offset: int
    length: int | None
    fragments: tuple[tuple[int, int], ...]
    end_offset: int
    is_delimited: bool
    is_inflated: bool


@dataclass(frozen=True, eq=False)
class FilmHeader:
    """A film read as far as its picture.

    photometric: as the file says (DICOM), or MONOCHROME2 / RGB (all others).
    transfer_syntax_uid: as declared; None if not DICOM or not declared.
    dataset: without pixel data, file_meta attached; None unless DICOM.
    spacing_mm, spacing_note: distance of pixels (row, column) or None and why.
    """

    path: Path
    format: FileFormat
    size_bytes: int
    rows: int
    columns: int
    frame_count: int
    samples: int
    bits_allocated: int
    bits_stored: int
    is_signed: bool
    photometric: str
    transfer_syntax_uid: str | None
    dataset: Dataset | None
    spacing_mm: tuple[float, float] | None
    spacing_note: str
    pixel_element: PixelElement | None
