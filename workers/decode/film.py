"""From a path to a decoded film."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.processing import apply_color_lut, convert_color_space

from workers.decode.formats import HEAD_BYTES, identify_format
from workers.decode.frames import read_frames
from workers.decode.header import FilmHeader
from workers.decode.limits import DEFAULT_LIMITS, Limits
from workers.decode.parsing import PARSE_ERRORS, quiet_warnings
from workers.decode.pixels import read_dicom_header
from workers.decode.raster import read_raster_frame, read_raster_header
from workers.decode.voi import (
    luma_from_monochrome,
    luma_from_rgb,
    read_lookup_table,
    stretch_robust,
)
from workers.errors import LimitExceeded, UnreadableFile, UnsupportedImage
from workers.types import DecodedImage, FileFormat

_PIXEL_HASH_DOMAIN = b"truefilm-pixels-1\n"
_READ_STEP_BYTES = 1 << 20


@dataclass(frozen=True, eq=False)
class ViewerFrame:
    """One frame in a form a browser can draw.

    values: (rows, columns) stored values, or (rows, columns, 3) RGB: YBR and palette
        pictures are converted, colour is cut to 8 bits, and a Modality LUT, which a
        slope cannot express, is applied.
    photometric: MONOCHROME1, MONOCHROME2 or RGB.
    """

    values: NDArray[Any]
    photometric: str


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_READ_STEP_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def read_header(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> FilmHeader:
    """Return what is known of a film without decoding its picture.

    Raises UnreadableFile (`empty`, `not_a_film`, `truncated`, `bad_header`,
    `missing_attributes`, `no_area`), UnsupportedImage (`no_pixels`, `float_pixels`,
    `unknown_transfer_syntax`, `unsupported_transfer_syntax`, `unsupported_bits`,
    `unsupported_photometric`, `bad_pixel_data`), LimitExceeded (`too_large`,
    `too_many_pixels`, `too_many_frames`, `too_large_inflated`).
    """
    path = Path(path)
    size_bytes = path.stat().st_size
    if size_bytes > limits.max_file_bytes:
        raise LimitExceeded(
            f"The file is larger than {limits.max_file_bytes:,} bytes.",
            code="too_large",
        )
    with path.open("rb") as stream:
        file_format = identify_format(stream.read(HEAD_BYTES))
    if file_format is FileFormat.DICOM:
        return read_dicom_header(path, size_bytes, limits)
    return read_raster_header(path, file_format, size_bytes, limits)


def decode_film(
    path: Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    frame_index: int | None = None,
) -> DecodedImage:
    """Return the film with one frame decoded (default: the middle one).

    All frames are decoded once, for `pixel_sha256`; only one is kept.
    Raises as `read_header`, and UnreadableFile `bad_pixel_data`, `size_mismatch`,
    `truncated` where only decoding tells; UnsupportedImage `no_such_frame`.
    """
    header = read_header(path, limits=limits)
    wanted = header.frame_count // 2 if frame_index is None else frame_index
    _check_frame(header, wanted)
    hasher = _PixelHasher(header)
    kept: tuple[NDArray[Any], str] | None = None
    frames = _iterate_frames(header, limits)
    for index, (values, photometric) in enumerate(frames):
        hasher.update(values)
        if index == wanted:
            kept = values, photometric
    if kept is None:
        raise UnreadableFile("The frame cannot be read.", code="bad_pixel_data")
    stored, photometric = kept
    luma = _make_luma(header, stored, photometric)
    return DecodedImage(
        path=header.path,
        sha256=hash_file(header.path),
        size_bytes=header.size_bytes,
        format=header.format,
        luma=luma,
        stored=stored,
        frame_index=wanted,
        frame_count=header.frame_count,
        bits_stored=header.bits_stored,
        is_signed=header.is_signed,
        photometric=header.photometric,
        pixel_sha256=hasher.hexdigest(),
        header=header.dataset,
        spacing_mm=header.spacing_mm,
    )


def decode_frame(
    path: Path, frame_index: int, *, limits: Limits = DEFAULT_LIMITS
) -> ViewerFrame:
    """Return frame `frame_index` for the viewer; refusals as `decode_film`."""
    header = read_header(path, limits=limits)
    _check_frame(header, frame_index)
    values, photometric = _read_frame(header, frame_index, limits)
    data_set = header.dataset
    if data_set is not None and photometric in ("MONOCHROME1", "MONOCHROME2"):
        table = read_lookup_table(
            data_set, "ModalityLUTSequence", signed_input=header.is_signed
        )
        return ViewerFrame(
            values if table is None else table.apply(values), photometric
        )
    if values.ndim == 2 and data_set is None:
        return ViewerFrame(values, header.photometric)
    rgb = values if data_set is None else _to_rgb(header, values, photometric)
    if rgb.dtype != np.uint8:
        bits = 16 if photometric == "PALETTE COLOR" else header.bits_stored
        rgb = np.asarray(rgb >> max(0, bits - 8), np.uint8)
    return ViewerFrame(rgb, "RGB")


def render_luma(
    path: Path, frame_index: int | None = None, *, limits: Limits = DEFAULT_LIMITS
) -> NDArray[np.float32]:
    """Return luma of one frame as displayed, without hashing or the other frames."""
    header = read_header(path, limits=limits)
    wanted = header.frame_count // 2 if frame_index is None else frame_index
    _check_frame(header, wanted)
    values, photometric = _read_frame(header, wanted, limits)
    return _make_luma(header, values, photometric)


def _check_frame(header: FilmHeader, index: int) -> None:
    if not 0 <= index < header.frame_count:
        raise UnsupportedImage("The film has no such frame.", code="no_such_frame")


def _read_frame(
    header: FilmHeader, index: int, limits: Limits
) -> tuple[NDArray[Any], str]:
    if header.format is FileFormat.DICOM:
        return next(read_frames(header, [index], limits))
    return read_raster_frame(header, index), header.photometric


def _iterate_frames(
    header: FilmHeader, limits: Limits
) -> Iterable[tuple[NDArray[Any], str]]:
    if header.format is FileFormat.DICOM:
        return read_frames(header, range(header.frame_count), limits)
    return (
        (read_raster_frame(header, index), header.photometric)
        for index in range(header.frame_count)
    )


class _PixelHasher:
    """Hashes numbers, not bytes of a file.

    A line with frames, rows, columns, samples, then every value of every frame, row by
    row, samples interleaved, as little-endian int32 (int64 for unsigned 32-bit). Bits
    allocated, transfer syntax, byte order, planar configuration and photometric
    interpretation do not enter, so the same values give the same hash in a PNG, too.
    """

    def __init__(self, header: FilmHeader) -> None:
        self._wide = header.bits_stored == 32 and not header.is_signed
        self._digest = hashlib.sha256(_PIXEL_HASH_DOMAIN)
        shape = (header.frame_count, header.rows, header.columns, header.samples)
        self._digest.update((" ".join(map(str, shape)) + "\n").encode())

    def update(self, values: NDArray[Any]) -> None:
        layout = "<i8" if self._wide else "<i4"
        self._digest.update(np.ascontiguousarray(values).astype(layout).tobytes())

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _make_luma(
    header: FilmHeader, stored: NDArray[Any], photometric: str
) -> NDArray[np.float32]:
    data_set = header.dataset
    if stored.ndim == 3 or photometric == "PALETTE COLOR":
        rgb = stored
        if data_set is not None and photometric != "RGB":
            rgb = _to_rgb(header, stored, photometric)
        bits = 8 if rgb.dtype == np.uint8 else header.bits_stored
        return luma_from_rgb(rgb, 16 if bits > 8 and rgb is not stored else bits)
    if data_set is None:
        if header.bits_stored == 8:
            return stored.astype(np.float32) / np.float32(255.0)
        # Films of 10 to 15 bits are often kept in 16 without scaling.
        return stretch_robust(stored.astype(np.float32), None)
    try:
        with quiet_warnings():
            return luma_from_monochrome(
                stored,
                data_set,
                photometric=photometric,
                is_signed=header.is_signed,
                bits_stored=header.bits_stored,
            )
    except PARSE_ERRORS:
        raise UnreadableFile(
            "The grey-scale transformations of the header are damaged.",
            code="bad_header",
        ) from None


def _to_rgb(header: FilmHeader, stored: NDArray[Any], photometric: str) -> NDArray[Any]:
    """Return RGB as displayed of a palette or YBR frame."""
    try:
        with quiet_warnings():
            if photometric == "PALETTE COLOR":
                return np.asarray(apply_color_lut(stored, header.dataset))
            if photometric in ("YBR_FULL", "YBR_FULL_422"):
                return np.asarray(convert_color_space(stored, "YBR_FULL", "RGB"))
    except PARSE_ERRORS:
        raise UnreadableFile(
            "The colour tables of the header are damaged.", code="bad_header"
        ) from None
    # The codecs undo the JPEG 2000 transforms themselves.
    return stored
