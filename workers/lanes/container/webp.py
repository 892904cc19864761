"""The chunks of a WebP: what its flags promise, and what it holds (RFC 9649)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workers.decode.structure import Block, Structure
from workers.lanes.container.findings import make
from workers.types import DecodedImage, Finding

_KNOWN = frozenset(
    ("VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP", "EXIF", "XMP ", "C2PA")
)
# RFC 9649 2.7.1: bits of the first byte of VP8X, and the chunk each promises.
_FLAGS = {0x20: "ICCP", 0x08: "EXIF", 0x04: "XMP ", 0x02: "ANIM"}


def judge_webp(image: DecodedImage, structure: Structure) -> list[Finding]:
    """Return the findings about the chunks."""
    blocks = structure.blocks
    findings: list[Finding] = []
    unknown = [block for block in blocks if block.kind not in _KNOWN]
    if unknown:
        detail = {"offset": unknown[0].offset, "count": len(unknown)}
        findings.append(make("webp_unknown_chunk", detail=detail))
    frames = [block for block in blocks if block.kind == "ANMF"]
    if len(frames) > 1:
        detail = {"offset": frames[0].offset, "frames": len(frames)}
        findings.append(make("animation", frames=len(frames), detail=detail))
    lossy = next((block for block in blocks if block.kind == "VP8 "), None)
    if lossy is not None:
        findings.append(make("webp_lossy", detail={"offset": lossy.offset}))
    pictures = [block for block in blocks if block.kind in ("VP8 ", "VP8L")]
    if len(pictures) > 1:
        detail = {"offset": pictures[1].offset}
        findings.append(make("webp_second_picture", detail=detail))
    extended = next((block for block in blocks if block.kind == "VP8X"), None)
    if extended is not None and len(extended.content) >= 10:
        findings += _judge_flags(extended, blocks)
        if pictures and not frames:
            findings += _judge_canvas(image.path, extended, pictures[0])
        if extended.content[0] & 0x10:
            findings.append(make("alpha_channel", detail={"offset": extended.offset}))
    return findings


def _judge_flags(extended: Block, blocks: Sequence[Block]) -> list[Finding]:
    present = {block.kind for block in blocks}
    for flag, kind in _FLAGS.items():
        promised = bool(extended.content[0] & flag)
        if promised and kind not in present:
            detail = {"offset": extended.offset + 8, "chunk": kind.strip()}
            return [make("webp_chunk_missing", kind=kind.strip(), detail=detail)]
        if not promised and kind in present:
            place = next(block.offset for block in blocks if block.kind == kind)
            detail = {"offset": place, "chunk": kind.strip()}
            return [make("webp_chunk_added", kind=kind.strip(), detail=detail)]
    return []


def _judge_canvas(path: Path, extended: Block, picture: Block) -> list[Finding]:
    """Compare the canvas with the picture's own size (RFC 9649 2.5, 2.6, 2.7.1)."""
    canvas = tuple(
        int.from_bytes(extended.content[start : start + 3], "little") + 1
        for start in (4, 7)
    )
    with path.open("rb") as stream:
        stream.seek(picture.offset + 8)
        head = stream.read(10)
    if len(head) < 10:
        return []
    if picture.kind == "VP8L":
        bits = int.from_bytes(head[1:5], "little")
        size = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        size = (
            int.from_bytes(head[6:8], "little") & 0x3FFF,
            int.from_bytes(head[8:10], "little") & 0x3FFF,
        )
    if size == canvas:
        return []
    detail = {"offset": picture.offset, "canvas": list(canvas), "picture": list(size)}
    return [make("webp_size_conflict", detail=detail)]
