"""The blocks a picture file is made of, with their offsets; pixels are not decoded."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

# Beyond this many blocks a file is hostile or broken; what follows is not listed.
MAX_BLOCKS = 20_000
# So much content is kept of all blocks together; that of later ones is cut off.
MAX_CONTENT_BYTES = 128 << 20

_SOS = 0xDA
_EOI = 0xD9
_STANDALONE = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})


@dataclass(frozen=True)
class Block:
    """One PNG chunk, JPEG segment or RIFF chunk.

    kind: four letters (PNG, WebP) or the marker as "FFE1" (JPEG).
    offset: of the block's first byte in the file.  content: without its framing.
    """

    kind: str
    offset: int
    content: bytes


@dataclass(frozen=True)
class Structure:
    """Blocks in order; end_offset is the first byte after the picture's own end
    marker, or None if there is no such marker."""

    blocks: tuple[Block, ...]
    end_offset: int | None


def read_png_structure(path: Path) -> Structure:
    """Return the chunks but IDAT, whose content is left empty (PNG 3rd ed. 5.3)."""
    blocks: list[Block] = []
    left = MAX_CONTENT_BYTES
    with path.open("rb") as stream:
        offset = 8
        while len(blocks) < MAX_BLOCKS:
            stream.seek(offset)
            head = stream.read(8)
            if len(head) < 8:
                return Structure(tuple(blocks), None)
            length, kind = struct.unpack(">I4s", head)
            skips = kind in (b"IDAT", b"fdAT")
            content = b"" if skips else stream.read(min(length, left))
            left -= len(content)
            name = kind.decode("ascii", "replace")
            if not skips or not blocks or blocks[-1].kind != name:
                blocks.append(Block(name, offset, content))
            offset += 12 + length
            if kind == b"IEND":
                return Structure(tuple(blocks), offset)
    return Structure(tuple(blocks), None)


def read_jpeg_structure(content: bytes) -> Structure:
    """Return the segments of a JPEG file, scans without content (T.81 B.1)."""
    blocks: list[Block] = []
    left = MAX_CONTENT_BYTES
    offset = 2
    while offset + 2 <= len(content) and len(blocks) < MAX_BLOCKS:
        if content[offset] != 0xFF:
            return Structure(tuple(blocks), None)
        marker = content[offset + 1]
        if marker == 0xFF:
            offset += 1
            continue
        if marker == _EOI:
            return Structure(tuple(blocks), offset + 2)
        if marker in _STANDALONE:
            offset += 2
            continue
        length = int.from_bytes(content[offset + 2 : offset + 4], "big")
        body = content[offset + 4 : offset + 2 + length][:left]
        left -= len(body)
        blocks.append(Block(f"FF{marker:02X}", offset, body))
        offset += 2 + max(2, length)
        if marker == _SOS:
            offset = _skip_scan(content, offset)
    return Structure(tuple(blocks), None)


def _skip_scan(content: bytes, offset: int) -> int:
    """Return the offset of the first marker after entropy-coded data."""
    while True:
        offset = content.find(b"\xff", offset)
        if offset < 0 or offset + 1 >= len(content):
            return len(content)
        following = content[offset + 1]
        if following == 0x00 or following in _STANDALONE or following == 0xFF:
            offset += 1 if following == 0xFF else 2
            continue
        return offset


def read_webp_structure(path: Path) -> Structure:
    """Return the RIFF chunks, picture chunks without content (RFC 9649 2.3)."""
    blocks: list[Block] = []
    left = MAX_CONTENT_BYTES
    with path.open("rb") as stream:
        end = int.from_bytes(stream.read(12)[4:8], "little") + 8
        offset = 12
        while offset + 8 <= end and len(blocks) < MAX_BLOCKS:
            stream.seek(offset)
            head = stream.read(8)
            if len(head) < 8:
                break
            kind, length = struct.unpack("<4sI", head)
            is_picture = kind in (b"VP8 ", b"VP8L", b"ALPH", b"ANMF")
            content = b"" if is_picture else stream.read(min(length, left))
            left -= len(content)
            blocks.append(Block(kind.decode("ascii", "replace"), offset, content))
            offset += 8 + length + length % 2
    return Structure(tuple(blocks), end)
