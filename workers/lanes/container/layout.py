"""Size, colour, transparency and bytes behind the end of a picture file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from workers.decode.structure import Structure
from workers.lanes.container.findings import make
from workers.types import DecodedImage, FileFormat, Finding

# Output sizes (longer, shorter side) that image generators offer as presets. A rule on
# size alone separates published sets almost perfectly because their real halves have
# other sizes (DESIGN, facts), so it must stay a mere hint.
_GENERATOR_SIZES = frozenset(
    {
        (512, 512),
        (768, 512),
        (768, 768),
        (1024, 1024),
        (1152, 896),
        (1216, 832),
        (1344, 768),
        (1402, 1122),
        (1408, 768),
        (1456, 816),
        (1536, 640),
        (1536, 1024),
        (1792, 1024),
        (2048, 2048),
    }
)

# Signatures of files that someone may have appended.
_SIGNATURES = (
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"PK\x03\x04", "a zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
)
_SNIFF_BYTES = 1 << 16

# Channels of a grey film saved as colour differ by chroma rounding only.
_TINT_LEVELS = 24
_TINT_SHARE = 0.0005


def judge_size(image: DecodedImage) -> list[Finding]:
    """Return a hint if the picture has a generator's preset size."""
    sides = max(image.rows, image.columns), min(image.rows, image.columns)
    if sides not in _GENERATOR_SIZES:
        return []
    return [
        make(
            "generator_size",
            rows=image.rows,
            columns=image.columns,
            detail={"rows": image.rows, "columns": image.columns},
        )
    ]


def judge_chroma(image: DecodedImage) -> list[Finding]:
    """Return a note if a film that should be grey holds colour."""
    if image.stored.ndim != 3 or image.stored.dtype != np.uint8:
        return []
    # On uint8 in three passes: a wider copy of a large film costs half a second.
    red, green, blue = (image.stored[..., index] for index in range(3))
    highest = np.maximum(np.maximum(red, green), blue)
    spread = highest - np.minimum(np.minimum(red, green), blue)
    share = float((spread > _TINT_LEVELS).mean())
    if share < _TINT_SHARE:
        return []
    return [make("colour_in_grey_film", share=share, detail={"share": round(share, 5)})]


def judge_tail(path: Path, structure: Structure, size_bytes: int) -> list[Finding]:
    """Return a finding if bytes other than zero follow the picture's end marker."""
    end = structure.end_offset
    if end is None or end >= size_bytes:
        return []
    return describe_tail(path, end, size_bytes)


def describe_tail(path: Path, end: int, size_bytes: int) -> list[Finding]:
    """Return a finding about the bytes from `end` on, unless they are padding."""
    with path.open("rb") as stream:
        stream.seek(end)
        tail = stream.read(_SNIFF_BYTES)
    if not tail.strip(b"\x00\xff\r\n "):
        return []
    named = next((name for mark, name in _SIGNATURES if tail.startswith(mark)), None)
    detail = {"offset": end, "bytes": size_bytes - end, "starts_as": named}
    count = size_bytes - end
    if named is not None and "picture" not in named:
        return [make("trailing_file", count=count, name=named, detail=detail)]
    about = f", starting as {named}" if named else ""
    return [make("trailing_data", count=count, about=about, detail=detail)]


def judge_credentials(image: DecodedImage, structure: Structure) -> list[Finding]:
    """Return a pointer to the provenance lane if credentials are embedded."""
    wanted = {FileFormat.PNG: "caBX", FileFormat.WEBP: "C2PA"}.get(image.format)
    for block in structure.blocks:
        is_box = block.kind == wanted or (
            block.kind == "FFEB" and b"jumb" in block.content[:32]
        )
        if is_box:
            return [
                make(
                    "credentials_block",
                    detail={"offset": block.offset, "bytes": len(block.content)},
                )
            ]
    return []
