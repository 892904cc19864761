"""The elements behind the picture of a DICOM file, skipped one by one."""

from __future__ import annotations

import struct
from typing import BinaryIO

from workers.decode.formats import VALUE_REPRESENTATIONS

_PIXEL_GROUP = 0x7FE0
_UNDEFINED_LENGTH = 0xFFFFFFFF
# PS3.5 7.1.2: two reserved bytes, then a 32-bit length.
_LONG_VALUE_REPRESENTATIONS = frozenset(
    b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split()
)
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_MOST_DEPTH = 16
_MOST_ELEMENTS = 100_000


def skip_elements(
    stream: BinaryIO, offset: int, size_bytes: int, *, implicit: bool, little: bool
) -> int:
    """Return the offset behind the elements that may follow the picture.

    Tags ascend (PS3.5 7.1), so only groups above 7FE0 may: private ones, signatures
    and trailing padding. What does not read as an element is not skipped.
    """
    walk = _Walk(stream, size_bytes, implicit, "<" if little else ">")
    previous = 0
    for _ in range(_MOST_ELEMENTS):
        head = walk.read_head(offset)
        if head is None or head[0] >> 16 <= _PIXEL_GROUP or head[0] <= previous:
            return offset
        following = walk.skip_value(head, 0)
        if following is None:
            return offset
        previous, offset = head[0], following
    return offset


class _Walk:
    def __init__(
        self, stream: BinaryIO, size_bytes: int, implicit: bool, order: str
    ) -> None:
        self._stream = stream
        self._size = size_bytes
        self._implicit = implicit
        self._order = order
        self._left = _MOST_ELEMENTS

    def read_head(self, offset: int) -> tuple[int, int, int, bytes] | None:
        """Return (tag, length, offset of the value, VR), None if it is no element."""
        self._stream.seek(offset)
        head = self._stream.read(12)
        self._left -= 1
        if len(head) < 8 or self._left < 0:
            return None
        group, number = struct.unpack_from(f"{self._order}HH", head)
        tag, vr = group << 16 | number, head[4:6]
        if self._implicit or group == 0xFFFE:
            length = struct.unpack_from(f"{self._order}I", head, 4)[0]
            return tag, length, offset + 8, b"UN"
        if vr not in VALUE_REPRESENTATIONS:
            return None
        if vr not in _LONG_VALUE_REPRESENTATIONS:
            return (
                tag,
                struct.unpack_from(f"{self._order}H", head, 6)[0],
                offset + 8,
                vr,
            )
        if len(head) < 12:
            return None
        length = struct.unpack_from(f"{self._order}I", head, 8)[0]
        return tag, length, offset + 12, vr

    def skip_value(self, head: tuple[int, int, int, bytes], depth: int) -> int | None:
        """Return the offset behind an element's value, None where it does not fit."""
        _, length, start, _ = head
        if length != _UNDEFINED_LENGTH:
            end = start + length
            return end if end <= self._size else None
        return self._skip_items(start, depth + 1)

    def _skip_items(self, offset: int, depth: int) -> int | None:
        while depth <= _MOST_DEPTH:
            item = self.read_head(offset)
            if item is None or item[0] not in (_ITEM, _SEQUENCE_END):
                return None
            tag, length, start, _ = item
            if tag == _SEQUENCE_END:
                return start
            if length != _UNDEFINED_LENGTH:
                following: int | None = start + length
            else:
                following = self._skip_item(start, depth)
            if following is None or following > self._size:
                return None
            offset = following
        return None

    def _skip_item(self, offset: int, depth: int) -> int | None:
        while (head := self.read_head(offset)) is not None:
            if head[0] == _ITEM_END:
                return head[2]
            following = self.skip_value(head, depth)
            if following is None:
                return None
            offset = following
        return None
