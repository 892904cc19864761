"""Settings that image generators hide in the lowest bits of a picture.

NovelAI and tools after it write a second copy of the settings there, which outlives
the removal of all text, but no lossy save. Only the mark at the start is read.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workers.decode.parsing import quiet_warnings
from workers.decode.structure import MAX_BLOCKS
from workers.lanes.container.findings import make
from workers.types import DecodedImage, FileFormat, Finding

_MARKS = {
    b"stealth_pnginfo": "transparency",
    b"stealth_pngcomp": "transparency",
    b"stealth_rgbinfo": "colours",
    b"stealth_rgbcomp": "colours",
}
_MARK_BITS = 15 * 8
# PNG 3rd edition, table 12: colour types with transparency, and their samples.
_ALPHA_SAMPLES = {4: 2, 6: 4}
_STEP_BYTES = 1 << 16
_LOSSLESS = (FileFormat.PNG, FileFormat.WEBP, FileFormat.TIFF)
_ERRORS = (
    ArithmeticError,
    Image.DecompressionBombError,
    LookupError,
    MemoryError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def judge_hidden_settings(image: DecodedImage) -> list[Finding]:
    """Return a finding if the lowest bits start with a generator's mark.

    120 bits that agree by chance are one picture in 10^36.
    """
    if image.format not in _LOSSLESS:
        return []
    if image.stored.ndim == 3 and image.stored.dtype == np.uint8:
        planes = [image.stored[..., :3], _read_alpha(image)]
    else:
        planes = [_read_alpha(image)]
    for plane in planes:
        mark = None if plane is None else _read_mark(plane)
        if mark in _MARKS:
            return [
                make(
                    "generator_hidden_settings",
                    where=_MARKS[mark],
                    detail={"offset_px": [0, 0], "mark": mark.decode()},
                )
            ]
    return []


def _read_alpha(image: DecodedImage) -> NDArray[np.uint8] | None:
    """Return the transparency, which decoding drops; None if there is none.

    Opened again only where the header says that there is one; its size was checked.
    Of a PNG that is high enough only the first column, which holds the mark."""
    try:
        if image.format is FileFormat.PNG:
            column = _read_first_column(image.path)
            if column is not None:
                return column
        with quiet_warnings(), Image.open(image.path) as picture:
            is_same = picture.size == (image.columns, image.rows)
            if picture.mode not in ("RGBA", "LA") or not is_same:
                return None
            alpha: NDArray[np.uint8] = np.asarray(picture.getchannel("A"))[..., None]
            return alpha
    except _ERRORS:
        return None


def _read_first_column(path: Path) -> NDArray[np.uint8] | None:
    """Return the transparency (120, 1, 1) of the first pixels of the first rows; None
    if there is none, or the picture is interlaced, of 16 bits, low or damaged.

    Left of the first pixel all is zero, so that each filter needs only the pixel above
    (PNG 3rd edition 9.2): half of it for Average, all of it for Up and Paeth.
    """
    with path.open("rb") as stream:
        head = stream.read(33)
        if len(head) < 33:
            return None
        columns, rows, depth, colour = struct.unpack_from(">IIBB", head, 16)
        samples = _ALPHA_SAMPLES.get(colour)
        if head[28] or rows < _MARK_BITS or depth != 8 or samples is None:
            return None
        stride = columns * samples + 1
        lines = _inflate_start(stream, stride * _MARK_BITS)
    if len(lines) < stride * _MARK_BITS:
        return None
    values, above = np.zeros((_MARK_BITS, 1, 1), np.uint8), 0
    for row in range(_MARK_BITS):
        kind = lines[row * stride]
        gain = (0, 0, above, above // 2, above)[kind] if kind < 5 else 0
        above = (lines[row * stride + samples] + gain) & 0xFF
        values[row] = above
    return values


def _inflate_start(stream: BinaryIO, wanted: int) -> bytes:
    """Return the first `wanted` bytes of the picture's data; `stream` behind IHDR."""
    inflater, parts, total = zlib.decompressobj(), [], 0
    for _ in range(MAX_BLOCKS):
        head = stream.read(8)
        if len(head) < 8 or head[4:] == b"IEND":
            break
        length = int.from_bytes(head[:4], "big")
        if head[4:] != b"IDAT":
            stream.seek(length + 4, 1)
            continue
        end = stream.tell() + length + 4
        while length > 0 and total < wanted:
            part = stream.read(min(length, _STEP_BYTES))
            if not part:
                break
            length -= len(part)
            parts.append(inflater.decompress(part, wanted - total))
            total += len(parts[-1])
        if total >= wanted:
            break
        stream.seek(end)
    return b"".join(parts)


def _read_mark(plane: NDArray[np.uint8]) -> bytes:
    """Return the first 15 bytes of the lowest bits, down the columns one by one."""
    rows, _, samples = plane.shape
    columns = -(-_MARK_BITS // (rows * samples))
    bits = plane[:, :columns].transpose(1, 0, 2).reshape(-1)[:_MARK_BITS] & 1
    return np.packbits(bits).tobytes()
