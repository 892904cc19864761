"""The directories of a TIFF or BigTIFF file, walked without decoding anything.

Source: TIFF 6.0 section 2; BigTIFF as libtiff documents it (magic 43, 8-byte offsets).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

# What a hostile file may cost. Honest ones stay far below.
MAX_DIRECTORIES = 512
MAX_ENTRIES = 4_096
MAX_VALUES = 1 << 20

# TIFF 6.0 section 2 and the Exif types; 13: IFD; 16 to 18: BigTIFF.
_TYPES = {
    1: ("u1", 1), 2: ("u1", 1), 3: ("u2", 2), 4: ("u4", 4), 5: ("u4", 8),
    6: ("i1", 1), 7: ("u1", 1), 8: ("i2", 2), 9: ("i4", 4), 10: ("i4", 8),
    11: ("f4", 4), 12: ("f8", 8), 13: ("u4", 4), 16: ("u8", 8), 17: ("i8", 8),
    18: ("u8", 8),
}  # fmt: skip
_WHOLE_NUMBERS = frozenset({1, 3, 4, 13, 16, 18})

STRIP_OFFSETS, STRIP_BYTES = 273, 279
TILE_OFFSETS, TILE_BYTES = 324, 325
_DATA_TAGS = (
    (STRIP_OFFSETS, STRIP_BYTES),
    (TILE_OFFSETS, TILE_BYTES),
    (513, 514),  # JPEGInterchangeFormat and its length
)
# SubIFDs, Exif, GPS, Interoperability.
_DIRECTORY_TAGS = (330, 34665, 34853, 40965)


@dataclass(frozen=True)
class TiffEntry:
    """One field: offset of its 12 (or 20) bytes, and of its value."""

    tag: int
    kind: int
    count: int
    offset: int
    value_offset: int
    value_bytes: int


@dataclass(frozen=True)
class TiffDirectory:
    """One directory. parent_tag: 0 in the main chain, else the field that points."""

    offset: int
    parent_tag: int
    entries: tuple[TiffEntry, ...]

    def find(self, tag: int) -> TiffEntry | None:
        """Return the first field with `tag`."""
        return next((entry for entry in self.entries if entry.tag == tag), None)


@dataclass
class TiffTree:
    """All directories, in the order met.

    extents: (start, end) of everything that something points at, unsorted.
    data_extents: those of strips, tiles and embedded pictures alone.
    beyond: offsets of fields and pointers that lead outside the file.
    loops: offsets of pointers to a directory already met.
    is_complete: False where a limit ended the walk.
    """

    order: str
    is_big: bool
    directories: list[TiffDirectory] = field(default_factory=list)
    extents: list[tuple[int, int]] = field(default_factory=list)
    data_extents: list[tuple[int, int]] = field(default_factory=list)
    beyond: list[int] = field(default_factory=list)
    loops: list[int] = field(default_factory=list)
    is_complete: bool = True


def read_tiff_tree(path: Path, size_bytes: int) -> TiffTree | None:
    """Return the directories of a TIFF file, None if it does not start as one."""
    with path.open("rb") as stream:
        head = stream.read(16)
        order = {b"II": "<", b"MM": ">"}.get(head[:2])
        if order is None or len(head) < 8:
            return None
        is_big = struct.unpack(f"{order}H", head[2:4])[0] == 43
        tree = TiffTree(order, is_big)
        tree.extents.append((0, 16 if is_big else 8))
        if is_big and len(head) < 16:
            return tree
        layout, place = ("Q", 8) if is_big else ("I", 4)
        first = struct.unpack_from(f"{order}{layout}", head, place)[0]
        _Walk(stream, size_bytes, tree).follow(first, place)
    return tree


def read_numbers(
    path: Path, tree: TiffTree, entry: TiffEntry, *, most: int = MAX_VALUES
) -> list[int]:
    """Return the whole numbers of a field, at most `most`; empty for other types."""
    with path.open("rb") as stream:
        return [int(n) for n in _read_values(stream, tree, entry, most)]


def _read_values(
    stream: BinaryIO, tree: TiffTree, entry: TiffEntry, most: int
) -> NDArray[np.int64]:
    if entry.kind not in _WHOLE_NUMBERS or entry.value_bytes <= 0:
        return np.zeros(0, np.int64)
    name, width = _TYPES[entry.kind]
    stream.seek(entry.value_offset)
    content = stream.read(min(entry.count, most, entry.value_bytes // width) * width)
    content = content[: len(content) // width * width]
    values = np.frombuffer(content, f"{tree.order}{name}")
    # Offsets from 2^61 on lead nowhere; so they, and their sums, stay positive.
    bound = np.uint64(1 << 61)
    return np.minimum(values.astype(np.uint64), bound).astype(np.int64)


class _Walk:
    """Follows the chain of directories and those that fields point at."""

    def __init__(self, stream: BinaryIO, size_bytes: int, tree: TiffTree) -> None:
        self._stream = stream
        self._size = size_bytes
        self._tree = tree
        self._met: set[int] = set()
        self._entries = 0

    def follow(self, first: int, pointer: int) -> None:
        waiting = [(first, pointer, 0)]
        while waiting:
            offset, pointer, parent = waiting.pop(0)
            if offset == 0:
                continue
            if offset in self._met:
                self._tree.loops.append(pointer)
                continue
            if len(self._met) >= MAX_DIRECTORIES or self._entries > MAX_VALUES:
                self._tree.is_complete = False
                return
            self._met.add(offset)
            waiting += self._read_directory(offset, pointer, parent)

    def _read_directory(
        self, offset: int, pointer: int, parent: int
    ) -> list[tuple[int, int, int]]:
        """Return (offset, where that stands, tag) of the directories this one names."""
        tree, big = self._tree, self._tree.is_big
        count_bytes, entry_bytes, next_bytes = (8, 20, 8) if big else (2, 12, 4)
        if offset + count_bytes > self._size:
            tree.beyond.append(pointer)
            return []
        self._stream.seek(offset)
        layout = f"{tree.order}{'Q' if big else 'H'}"
        count = struct.unpack(layout, self._stream.read(count_bytes))[0]
        start = offset + count_bytes
        body = self._stream.read(min(count, MAX_ENTRIES) * entry_bytes)
        end = min(start + count * entry_bytes, self._size)
        if count > MAX_ENTRIES or end + next_bytes > self._size:
            tree.beyond.append(offset)
        entries = tuple(
            self._read_entry(body[at : at + entry_bytes], start + at)
            for at in range(0, len(body) - entry_bytes + 1, entry_bytes)
        )
        self._entries += len(entries)
        directory = TiffDirectory(offset, parent, entries)
        tree.directories.append(directory)
        tree.extents.append((offset, min(end + next_bytes, self._size)))
        named = self._measure(directory)
        self._stream.seek(end)
        tail = self._stream.read(next_bytes)
        if parent in (0, 330) and len(tail) == next_bytes:
            following = struct.unpack(f"{tree.order}{'Q' if big else 'I'}", tail)[0]
            named.append((following, end, parent))
        return named

    def _read_entry(self, content: bytes, offset: int) -> TiffEntry:
        order, big = self._tree.order, self._tree.is_big
        tag, kind, count = struct.unpack_from(
            f"{order}HH{'Q' if big else 'I'}", content
        )
        inline = 8 if big else 4
        place = offset + len(content) - inline
        size = count * _TYPES.get(kind, ("u1", 1))[1]
        if size > inline:
            layout = f"{order}{'Q' if big else 'I'}"
            place = struct.unpack(layout, content[-inline:])[0]
            if place + size > self._size:
                self._tree.beyond.append(offset)
                size = max(0, self._size - place)
            self._tree.extents.append((place, place + size))
        return TiffEntry(tag, kind, count, offset, place, size)

    def _measure(self, directory: TiffDirectory) -> list[tuple[int, int, int]]:
        """Note what the directory's data take up; return the directories it names."""
        named: list[tuple[int, int, int]] = []
        for entry in directory.entries:
            if entry.tag in _DIRECTORY_TAGS:
                places = _read_values(self._stream, self._tree, entry, MAX_DIRECTORIES)
                named += [(int(p), entry.offset, entry.tag) for p in places]
        for offsets_tag, bytes_tag in _DATA_TAGS:
            starts, sizes = directory.find(offsets_tag), directory.find(bytes_tag)
            if starts is None or sizes is None:
                continue
            begin = _read_values(self._stream, self._tree, starts, MAX_VALUES)
            length = _read_values(self._stream, self._tree, sizes, MAX_VALUES)
            self._entries += len(begin)
            known = min(len(begin), len(length))
            stops = (begin[:known] + length[:known]).tolist()
            found = list(zip(begin[:known].tolist(), stops, strict=True))
            if any(stop > self._size for _, stop in found):
                self._tree.beyond.append(starts.offset)
            self._tree.extents += found
            self._tree.data_extents += found
        return named
