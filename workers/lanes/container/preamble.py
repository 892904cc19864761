"""The 128 bytes in front of a DICOM file, which any content may fill."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from workers.decode import PixelElement
from workers.decode.formats import DICOM_PREFIX, PREAMBLE_BYTES
from workers.lanes.container.findings import make
from workers.types import Finding

# What the preamble opens as, and how odd that is.
_PREAMBLES: tuple[tuple[bytes, str, float], ...] = (
    (b"II*\x00", "a TIFF picture", 0.6),
    (b"MM\x00*", "a TIFF picture", 0.6),
    (b"MZ", "a Windows program", 0.9),
    (b"\x7fELF", "a Linux program", 0.9),
    (b"#!", "a script", 0.9),
    (b"\xcf\xfa\xed\xfe", "a macOS program", 0.9),
    (b"\x89PNG", "a PNG picture", 0.7),
    (b"\xff\xd8\xff", "a JPEG picture", 0.7),
    (b"GIF8", "a GIF picture", 0.7),
    (b"%PDF", "a PDF", 0.7),
    (b"PK\x03\x04", "a zip archive", 0.7),
    (b"<", "a web page", 0.7),
)
_TIFF_ORDERS = {b"II*\x00": "<", b"MM\x00*": ">"}
# TIFF 6.0: strip and tile offsets, and the sizes of SHORT and LONG.
_OFFSET_TAGS = (273, 324)
_OFFSET_FORMATS = {3: "H", 4: "I"}
_MOST_ENTRIES = 256
_MOST_OFFSETS = 65_536


def judge_preamble(path: Path, element: PixelElement | None) -> list[Finding]:
    """Return a finding if the preamble is missing or opens as another file."""
    with path.open("rb") as stream:
        head = stream.read(PREAMBLE_BYTES + 4)
        if head[PREAMBLE_BYTES:] != DICOM_PREFIX:
            return [make("no_preamble", detail={"offset": 0})]
        if head[:4] in _TIFF_ORDERS and element is not None:
            size_bytes = stream.seek(0, 2)
            if _points_beyond(head, size_bytes):
                return [make("tiff_preamble_stale", detail={"offset": 0})]
            if _shows_the_same_pixels(stream, head, element):
                return [make("tiff_preamble", detail={"offset": 0})]
    for mark, name, weight in _PREAMBLES:
        if head.startswith(mark):
            return [
                make(
                    "polyglot_preamble",
                    weight=weight,
                    name=name,
                    detail={"offset": 0, "starts_as": name},
                )
            ]
    return []


def _points_beyond(head: bytes, size_bytes: int) -> bool:
    """Return whether the TIFF directory lies behind the end (TIFF 6.0, 2)."""
    place = struct.unpack_from(f"{_TIFF_ORDERS[head[:4]]}I", head, 4)[0]
    return bool(place + 2 > size_bytes)


def _shows_the_same_pixels(
    stream: BinaryIO, head: bytes, element: PixelElement
) -> bool:
    """Return whether a TIFF preamble's strips all lie within the DICOM pixel data."""
    order = _TIFF_ORDERS[head[:4]]
    if element.is_inflated:
        return False
    stream.seek(struct.unpack_from(f"{order}I", head, 4)[0])
    count = stream.read(2)
    if len(count) < 2:
        return False
    entries = min(struct.unpack(f"{order}H", count)[0], _MOST_ENTRIES)
    directory = stream.read(12 * entries)
    for start in range(0, len(directory) - 11, 12):
        tag, kind, number = struct.unpack_from(f"{order}HHI", directory, start)
        if tag not in _OFFSET_TAGS or kind not in _OFFSET_FORMATS:
            continue
        layout = f"{order}{min(number, _MOST_OFFSETS)}{_OFFSET_FORMATS[kind]}"
        content = directory[start + 8 : start + 12]
        if struct.calcsize(layout) > 4:
            stream.seek(struct.unpack(f"{order}I", content)[0])
            content = stream.read(struct.calcsize(layout))
        if len(content) < struct.calcsize(layout):
            return False
        offsets = struct.unpack_from(layout, content)
        return bool(offsets) and all(
            element.offset <= offset < element.end_offset for offset in offsets
        )
    return False
