"""What a compressed frame is, told from its own bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum


class Codec(StrEnum):
    """Compression families that a frame's first bytes can tell apart."""

    JPEG_BASELINE = "JPEG baseline"
    JPEG_EXTENDED = "JPEG extended"
    JPEG_PROGRESSIVE = "JPEG progressive"
    JPEG_LOSSLESS = "JPEG lossless"
    JPEG_LS = "JPEG-LS"
    JPEG_2000 = "JPEG 2000"
    HTJ2K = "HTJ2K"
    RLE = "RLE"
    PNG = "PNG"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Codestream:
    """The size a codestream declares; None where its kind does not say."""

    codec: Codec
    rows: int | None = None
    columns: int | None = None
    components: int | None = None
    precision_bits: int | None = None


# ITU-T T.81 table B.1 (SOF markers) and T.87 C.1.1 (SOF55).
_FRAME_MARKERS = {
    0xC0: Codec.JPEG_BASELINE,
    0xC1: Codec.JPEG_EXTENDED,
    0xC2: Codec.JPEG_PROGRESSIVE,
    0xC3: Codec.JPEG_LOSSLESS,
    0xF7: Codec.JPEG_LS,
}
_STANDALONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})


def read_codestream(frame: bytes) -> Codestream:
    """Return what `frame` says of itself, from its first bytes; never raises."""
    if frame.startswith(b"\xff\xd8"):
        return _read_jpeg(frame)
    if frame.startswith(b"\xff\x4f\xff\x51"):
        return _read_jpeg2000(frame)
    if frame[4:8] == b"jP  ":
        start = frame.find(b"\xff\x4f\xff\x51")
        return _read_jpeg2000(frame[start:]) if start > 0 else Codestream(Codec.UNKNOWN)
    if frame.startswith(b"\x89PNG"):
        return Codestream(Codec.PNG)
    if _is_rle(frame):
        return Codestream(Codec.RLE)
    return Codestream(Codec.UNKNOWN)


def _read_jpeg(frame: bytes) -> Codestream:
    position = 2
    while position + 4 <= len(frame):
        if frame[position] != 0xFF:
            break
        marker = frame[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in _STANDALONE_MARKERS:
            position += 2
            continue
        length = int.from_bytes(frame[position + 2 : position + 4], "big")
        if marker in _FRAME_MARKERS and position + 10 <= len(frame):
            precision, rows, columns, components = struct.unpack_from(
                ">BHHB", frame, position + 4
            )
            return Codestream(
                _FRAME_MARKERS[marker], rows, columns, components, precision
            )
        position += 2 + length
    return Codestream(Codec.UNKNOWN)


def _read_jpeg2000(frame: bytes) -> Codestream:
    # ITU-T T.800 A.5.1: SIZ follows SOC at once; Rsiz bit 14 announces HTJ2K (T.814).
    if len(frame) < 42:
        return Codestream(Codec.UNKNOWN)
    capabilities, x_size, y_size, x_offset, y_offset = struct.unpack_from(
        ">HIIII", frame, 6
    )
    components, precision = struct.unpack_from(">HB", frame, 40)
    codec = Codec.HTJ2K if capabilities & 0x4000 else Codec.JPEG_2000
    return Codestream(
        codec,
        y_size - y_offset,
        x_size - x_offset,
        components,
        (precision & 0x7F) + 1,
    )


def _is_rle(frame: bytes) -> bool:
    # PS3.5 G.5: 64-byte header, number of segments 1..15, the first at byte 64.
    if len(frame) < 64:
        return False
    segments, first = struct.unpack_from("<II", frame, 0)
    return bool(1 <= segments <= 15 and first == 64)
