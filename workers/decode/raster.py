"""PNG, JPEG, TIFF and WebP films. Pixels stay as stored: orientation tags and colour
profiles are not applied, because a lane must see what the file holds."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import (
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from workers.decode.header import FilmHeader
from workers.decode.limits import Limits
from workers.decode.parsing import quiet_warnings, truncated
from workers.errors import (
    LimitExceeded,
    RejectedInput,
    UnreadableFile,
    UnsupportedImage,
)
from workers.types import FileFormat

# Pillow's plugin classes are used in place of Image.open: they open exactly the format
# that was identified, and neither warn nor fail on size before our own limit speaks.
_PLUGINS: dict[FileFormat, type[ImageFile.ImageFile]] = {
    FileFormat.PNG: PngImagePlugin.PngImageFile,
    FileFormat.JPEG: JpegImagePlugin.JpegImageFile,
    FileFormat.TIFF: TiffImagePlugin.TiffImageFile,
    FileFormat.WEBP: WebPImagePlugin.WebPImageFile,
}
_ERRORS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    Image.DecompressionBombError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    cv2.error,
    struct.error,
    zlib.error,
)
# mode: (samples, bits stored, signed)
_MODES = {
    "1": (1, 8, False),
    "L": (1, 8, False),
    "LA": (1, 8, False),
    "P": (3, 8, False),
    "PA": (3, 8, False),
    "RGB": (3, 8, False),
    "RGBA": (3, 8, False),
    "RGBX": (3, 8, False),
    "CMYK": (3, 8, False),
    "YCbCr": (3, 8, False),
    "I;16": (1, 16, False),
    "I;16B": (1, 16, False),
    "I;16L": (1, 16, False),
    "I": (1, 32, True),
}


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what Pillow raises on hostile bytes into our own refusals."""
    try:
        with quiet_warnings():
            yield
    except RejectedInput:
        raise
    except _ERRORS as error:
        # Pillow's sentences for short input, in PNG, JPEG, TIFF and WebP plugins.
        text = str(error).lower()
        if "truncated" in text or "end of file" in text or "cannot read" in text:
            raise truncated("its picture") from None
        raise UnreadableFile(
            "The picture is damaged and cannot be decoded.", code="bad_pixel_data"
        ) from None


def read_raster_header(
    path: Path, file_format: FileFormat, size_bytes: int, limits: Limits
) -> FilmHeader:
    """Return the header of a raster film; refusals as in `read_header`."""
    if file_format is FileFormat.WEBP:
        # The plugin allocates the canvas on opening.
        _check_pixels(*_read_webp_size(path), limits)
    _refuse_cut_tail(path, file_format, size_bytes)
    with _refusals(), _PLUGINS[file_format](path) as picture:
        columns, rows = picture.size
        _check_pixels(rows, columns, limits)
        samples, bits, is_signed = _read_mode(picture)
        frames = _count_pages(picture, file_format, limits)
    if rows * columns * frames > limits.max_total_pixels:
        raise LimitExceeded(
            f"The pages together have more than {limits.max_total_pixels:,} pixels.",
            code="too_many_pixels",
        )
    return FilmHeader(
        path=path,
        format=file_format,
        size_bytes=size_bytes,
        rows=rows,
        columns=columns,
        frame_count=frames,
        samples=samples,
        bits_allocated=bits,
        bits_stored=bits,
        is_signed=is_signed,
        photometric="RGB" if samples == 3 else "MONOCHROME2",
        transfer_syntax_uid=None,
        dataset=None,
        spacing_mm=None,
        spacing_note="A picture file states no distance on the patient.",
        pixel_element=None,
    )


def read_raster_frame(header: FilmHeader, index: int) -> NDArray[Any]:
    """Return page `index`: (rows, columns) or (rows, columns, 3), integers."""
    if (
        header.format is FileFormat.PNG
        and header.bits_stored == 16
        and header.samples > 1
    ):
        return _read_deep_png(header)
    with _refusals(), _PLUGINS[header.format](header.path) as picture:
        if index:
            picture.seek(index)
        return _to_array(picture, header)


def _check_pixels(rows: int, columns: int, limits: Limits) -> None:
    if rows < 1 or columns < 1:
        raise UnreadableFile("The picture has no pixels.", code="no_area")
    if rows * columns > limits.max_pixels:
        raise LimitExceeded(
            f"The picture has more than {limits.max_pixels:,} pixels.",
            code="too_many_pixels",
        )


def _read_mode(picture: ImageFile.ImageFile) -> tuple[int, int, bool]:
    if picture.mode == "F":
        raise UnsupportedImage(
            "The picture is stored as floating-point numbers.", code="float_pixels"
        )
    if picture.mode not in _MODES:
        raise UnsupportedImage(
            "This kind of pixel cannot be shown.", code="unsupported_photometric"
        )
    samples, bits, is_signed = _MODES[picture.mode]
    if picture.format == "PNG" and _png_bit_depth(picture) == 16:
        return samples, 16, False
    return samples, bits, is_signed


def _png_bit_depth(picture: ImageFile.ImageFile) -> int:
    stream = picture.fp
    if stream is None:
        return 8
    position = stream.tell()
    stream.seek(24)
    depth = stream.read(1)
    stream.seek(position)
    return depth[0] if depth else 8


def _count_pages(
    picture: ImageFile.ImageFile, file_format: FileFormat, limits: Limits
) -> int:
    """Return the number of leading TIFF pages like the first; 1 for other formats.

    Later pages of another size are thumbnails or masks, not frames of the film.
    Animations and the second picture of a camera's JPEG are not frames either.
    """
    if file_format is not FileFormat.TIFF:
        return 1
    size, mode, count = picture.size, picture.mode, 1
    while count <= limits.max_frames:
        try:
            picture.seek(count)
        except EOFError:
            break
        if (picture.size, picture.mode) != (size, mode):
            break
        count += 1
    if count > limits.max_frames:
        raise LimitExceeded(
            f"The film has more than {limits.max_frames:,} pages.",
            code="too_many_frames",
        )
    return count


def _refuse_cut_tail(path: Path, file_format: FileFormat, size_bytes: int) -> None:
    """Refuse a file that visibly ends too early, without decoding it.

    PNG walks its chunks to IEND (PNG spec 5.6), WebP compares the RIFF size, JPEG
    must hold an EOI marker (T.81 B.1.1.3), TIFF its first directory.
    """
    with path.open("rb") as stream:
        if file_format is FileFormat.PNG:
            position = 8
            while position + 12 <= size_bytes:
                stream.seek(position)
                length, kind = struct.unpack(">I4s", stream.read(8))
                position += 12 + length
                if kind == b"IEND":
                    break
            else:
                raise truncated("its picture")
            if position > size_bytes:
                raise truncated("its picture")
        elif file_format is FileFormat.WEBP:
            stream.seek(4)
            if int.from_bytes(stream.read(4), "little") + 8 > size_bytes:
                raise truncated("its picture")
        elif file_format is FileFormat.TIFF:
            _refuse_cut_directory(stream, size_bytes)
        elif file_format is FileFormat.JPEG and b"\xff\xd9" not in stream.read():
            raise truncated("its picture")


def _refuse_cut_directory(stream: BinaryIO, size_bytes: int) -> None:
    """Refuse a TIFF file whose first directory lies beyond its end (TIFF 6.0, 2)."""
    head = stream.read(8)
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    if int.from_bytes(head[2:4], order) != 42:
        return  # BigTIFF, found out when decoded
    directory = int.from_bytes(head[4:8], order)
    stream.seek(directory)
    entries = int.from_bytes(stream.read(2), order)
    if len(head) < 8 or directory + 2 + 12 * entries + 4 > size_bytes:
        raise truncated("its header")


def _read_webp_size(path: Path) -> tuple[int, int]:
    """Return (rows, columns) of a WebP file (RFC 9649 2.5, 2.6, 2.7)."""
    with path.open("rb") as stream:
        head = stream.read(30)
    if len(head) < 30:
        raise truncated("its header")
    kind = head[12:16]
    if kind == b"VP8X":
        columns = int.from_bytes(head[24:27], "little") + 1
        rows = int.from_bytes(head[27:30], "little") + 1
    elif kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        columns, rows = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        columns, rows = (part & 0x3FFF for part in struct.unpack("<HH", head[26:30]))
    else:
        raise UnreadableFile("The WebP header is damaged.", code="bad_header")
    return rows, columns


def _to_array(picture: ImageFile.ImageFile, header: FilmHeader) -> NDArray[Any]:
    mode = picture.mode
    loaded: Image.Image = picture
    if mode in ("1", "LA"):
        loaded = picture.convert("L")
    elif header.samples == 3 and mode != "RGB":
        loaded = picture.convert("RGB")
    values = np.asarray(loaded)
    if header.bits_stored == 16:
        return np.ascontiguousarray(values, dtype=np.uint16)
    if header.bits_stored == 32:
        return np.ascontiguousarray(values, dtype=np.int32)
    return np.ascontiguousarray(values, dtype=np.uint8)


def _read_deep_png(header: FilmHeader) -> NDArray[Any]:
    """Return a 16-bit colour PNG, of which Pillow keeps only the upper byte."""
    with _refusals():
        encoded = np.frombuffer(header.path.read_bytes(), np.uint8)
        decoded = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.shape[:2] != (header.rows, header.columns):
        raise UnreadableFile(
            "The picture is damaged and cannot be decoded.", code="bad_pixel_data"
        )
    return np.ascontiguousarray(decoded[..., 2::-1])
