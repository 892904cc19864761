"""What one entry of the table of findings is."""

from __future__ import annotations

from dataclasses import dataclass

from workers.types import FileFormat

JPEG = (FileFormat.JPEG,)
PNG = (FileFormat.PNG,)
TIFF = (FileFormat.TIFF,)
WEBP = (FileFormat.WEBP,)
DICOM = (FileFormat.DICOM,)
PICTURES = (FileFormat.PNG, FileFormat.JPEG, FileFormat.TIFF, FileFormat.WEBP)
ALL = (*PICTURES, FileFormat.DICOM)


@dataclass(frozen=True)
class Kind:
    """One thing the lane can say.

    weights: the usual one first; others only where the sentence says why.
    sentence: with the names of what is filled in, in braces.
    """

    code: str
    weights: tuple[float, ...]
    sentence: str
    source: str
    applies_to: tuple[FileFormat, ...] = ALL
