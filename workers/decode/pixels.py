"""Frames of a DICOM file as arrays."""

from __future__ import annotations

from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    UID,
    AllTransferSyntaxes,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from workers.decode.data_set import read_data_set
from workers.decode.header import FilmHeader, PixelElement
from workers.decode.limits import Limits
from workers.decode.parsing import (
    PARSE_ERRORS,
    bad_header,
    quiet_warnings,
    truncated,
)
from workers.decode.spacing import read_spacing
from workers.errors import LimitExceeded, UnreadableFile, UnsupportedImage
from workers.types import FileFormat

_MONOCHROME = ("MONOCHROME1", "MONOCHROME2")
_COLOUR = (
    "RGB",
    "YBR_FULL",
    "YBR_FULL_422",
    "YBR_ICT",
    "YBR_RCT",
    "YBR_PARTIAL_420",
)


def read_dicom_header(path: Path, size_bytes: int, limits: Limits) -> FilmHeader:
    """Return the header of a DICOM film; refusals as in `read_header`."""
    data_set, element, declared = read_data_set(path, limits)
    with quiet_warnings():
        try:
            header = _describe(path, size_bytes, data_set, element, declared)
        except PARSE_ERRORS:
            raise bad_header() from None
    _check_limits(header, limits)
    _check_layout(header)
    _check_length(header, element)
    return header


def _describe(
    path: Path,
    size_bytes: int,
    data_set: Dataset,
    element: PixelElement,
    declared: str | None,
) -> FilmHeader:
    missing = [
        keyword
        for keyword in ("Rows", "Columns", "BitsAllocated")
        if not isinstance(data_set.get(keyword), int)
    ]
    if missing:
        raise UnreadableFile(
            f"The DICOM header lacks {', '.join(missing)}.", code="missing_attributes"
        )
    spacing_mm, note = read_spacing(data_set)
    bits_allocated = int(data_set.BitsAllocated)
    bits_stored = data_set.get("BitsStored")
    samples = data_set.get("SamplesPerPixel")
    frames = data_set.get("NumberOfFrames")
    default = "MONOCHROME2" if samples in (None, "", 1) else "RGB"
    photometric = data_set.get("PhotometricInterpretation") or default
    return FilmHeader(
        path=path,
        format=FileFormat.DICOM,
        size_bytes=size_bytes,
        rows=int(data_set.Rows),
        columns=int(data_set.Columns),
        frame_count=int(frames) if frames not in (None, "") else 1,
        samples=int(samples) if samples not in (None, "") else 1,
        bits_allocated=bits_allocated,
        bits_stored=(
            int(bits_stored) if bits_stored not in (None, "") else bits_allocated
        ),
        is_signed=data_set.get("PixelRepresentation") == 1,
        photometric=str(photometric).strip().upper(),
        transfer_syntax_uid=declared,
        dataset=data_set,
        spacing_mm=spacing_mm,
        spacing_note=note,
        pixel_element=element,
    )


def _check_limits(header: FilmHeader, limits: Limits) -> None:
    if header.frame_count < 1 or header.rows < 1 or header.columns < 1:
        raise UnreadableFile("The picture has no pixels.", code="no_area")
    if header.frame_count > limits.max_frames:
        raise LimitExceeded(
            f"The film has more than {limits.max_frames:,} frames.",
            code="too_many_frames",
        )
    pixels = header.rows * header.columns
    if pixels > limits.max_pixels:
        raise LimitExceeded(
            f"A frame has more than {limits.max_pixels:,} pixels.",
            code="too_many_pixels",
        )
    if pixels * header.frame_count > limits.max_total_pixels:
        raise LimitExceeded(
            f"The frames together have more than {limits.max_total_pixels:,} pixels.",
            code="too_many_pixels",
        )


def _check_layout(header: FilmHeader) -> None:
    effective_syntax(header)
    if (
        header.bits_allocated not in (8, 16, 32)
        or not 1 <= header.bits_stored <= header.bits_allocated
    ):
        raise UnsupportedImage(
            "Only pictures of 8, 16 or 32 bits per sample can be shown.",
            code="unsupported_bits",
        )
    photometric, samples = header.photometric, header.samples
    if not (
        (samples == 1 and photometric in (*_MONOCHROME, "PALETTE COLOR"))
        or (samples == 3 and photometric in _COLOUR)
    ):
        raise UnsupportedImage(
            "The photometric interpretation does not fit the samples per pixel.",
            code="unsupported_photometric",
        )


def _check_length(header: FilmHeader, element: PixelElement) -> None:
    if element.length is None:
        if len(element.fragments) < header.frame_count:
            raise truncated("its pixel data")
        return
    if effective_syntax(header).is_encapsulated:
        raise UnsupportedImage(
            "The transfer syntax promises compressed frames, but the pixel data is"
            " not encapsulated.",
            code="bad_pixel_data",
        )
    per_pixel = header.samples * 8
    if header.photometric == "YBR_FULL_422":
        per_pixel = 16  # PS3.3 C.7.6.3.1.2: chroma for every second column only
    expected = header.rows * header.columns * header.frame_count * per_pixel // 8
    if element.length < expected * (header.bits_allocated // 8):
        raise truncated("its pixel data")


def effective_syntax(header: FilmHeader) -> UID:
    """Return the declared transfer syntax, or the one the bytes were read in.

    Raises UnsupportedImage `unknown_transfer_syntax`, `unsupported_transfer_syntax`.
    """
    declared = header.transfer_syntax_uid
    if declared is None:
        if header.pixel_element is not None and header.pixel_element.length is None:
            raise UnsupportedImage(
                "The file does not say how its frames are compressed.",
                code="unknown_transfer_syntax",
            )
        implicit, little = (
            header.dataset.original_encoding
            if header.dataset is not None
            else (True, True)
        )
        if implicit:
            return ImplicitVRLittleEndian
        return ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    uid = UID(declared)
    if uid not in AllTransferSyntaxes:
        raise UnsupportedImage(
            "The transfer syntax of the file is not one DICOM knows.",
            code="unknown_transfer_syntax",
        )
    try:
        is_decodable = not uid.is_compressed or get_decoder(uid).is_available
    except NotImplementedError:
        is_decodable = False
    if not is_decodable:
        raise UnsupportedImage(
            f"Pictures in {uid.name} cannot be decoded here.",
            code="unsupported_transfer_syntax",
        )
    return uid
