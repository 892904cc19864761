"""Colour profiles (ICC) of picture files: whole, or damaged."""

from __future__ import annotations

import zlib

from workers.decode.structure import Structure
from workers.lanes.container.findings import make
from workers.types import Finding

_HEADER_BYTES = 128
_MOST_PROFILE_BYTES = 8 << 20
_MARK = b"ICC_PROFILE\x00"


def judge_profiles(structure: Structure) -> list[Finding]:
    """Return a finding if a colour profile is not one (ICC.1:2022, 7.2)."""
    parts: dict[int, bytes] = {}
    first = 0
    for block in structure.blocks:
        profile: bytes | None = None
        if block.kind == "iCCP":
            profile = _inflate(block.content)
        elif block.kind == "ICCP":
            profile = block.content
        elif block.kind == "FFE2" and block.content.startswith(_MARK):
            # ICC.1 annex B.4: chunks carry their number.
            number = block.content[12] if len(block.content) > 12 else 0
            parts.setdefault(number, block.content[14:])
            first = first or block.offset
        if profile is not None and not _is_whole(profile):
            return [make("profile_damaged", detail={"offset": block.offset})]
    if parts and not _is_whole(b"".join(parts[number] for number in sorted(parts))):
        return [make("profile_damaged", detail={"offset": first})]
    return []


def _is_whole(profile: bytes) -> bool:
    size = int.from_bytes(profile[:4], "big")
    return (
        len(profile) >= _HEADER_BYTES
        and profile[36:40] == b"acsp"
        # Padded to even lengths by some writers.
        and 0 <= len(profile) - size <= 3
    )


def _inflate(content: bytes) -> bytes:
    """Return the profile of an iCCP chunk (PNG 3rd edition 11.3.2.3)."""
    _, _, rest = content.partition(b"\x00")
    try:
        return zlib.decompressobj().decompress(rest[1:], _MOST_PROFILE_BYTES)
    except zlib.error:
        return b""
