"""Size, colour and credentials of a picture file."""

from __future__ import annotations

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

# Channels of a grey film saved as colour differ by chroma rounding only.
_TINT_LEVELS = 24

# A film of 10 bits and more that uses at most as many levels as 8 bits have, spread
# over more than four times that range, was widened from an 8-bit picture.
_EIGHT_BIT_LEVELS = 256
_LEAST_BITS = 10
_LEAST_SPREAD = 4

_FRAMES = ("FFC0", "FFC1", "FFC2")
_SAMPLINGS = {
    (0x11, 0x11): "4:4:4",
    (0x21, 0x11): "4:2:2",
    (0x22, 0x11): "4:2:0",
    (0x12, 0x11): "4:4:0",
    (0x41, 0x11): "4:1:1",
}
_TINT_SHARE = 0.0005


def judge_size(image: DecodedImage) -> list[Finding]:
    """Return a hint if the picture has a generator's preset size."""
    if not has_generator_size(image):
        return []
    return [
        make(
            "generator_size",
            rows=image.rows,
            columns=image.columns,
            detail={"rows": image.rows, "columns": image.columns},
        )
    ]


def has_generator_size(image: DecodedImage) -> bool:
    """Return whether the picture has a generator's preset size."""
    sides = max(image.rows, image.columns), min(image.rows, image.columns)
    return sides in _GENERATOR_SIZES


def judge_chroma(image: DecodedImage, structure: Structure) -> list[Finding]:
    """Return a note if a film that should be grey holds colour, or room for it."""
    if image.stored.ndim != 3 or image.stored.dtype != np.uint8:
        return []
    # On uint8 in three passes: a wider copy of a large film costs half a second.
    red, green, blue = (image.stored[..., index] for index in range(3))
    highest = np.maximum(np.maximum(red, green), blue)
    spread = highest - np.minimum(np.minimum(red, green), blue)
    share = float((spread > _TINT_LEVELS).mean())
    if share >= _TINT_SHARE:
        detail = {"share": round(share, 5), "field": "pixels"}
        return [make("colour_in_grey_film", share=share, detail=detail)]
    if image.format in (FileFormat.DICOM, FileFormat.WEBP):
        return []  # WebP has no grey
    sampling = _read_sampling(structure)
    words = f" ({sampling})" if sampling else ""
    detail = {"field": "components", "sampling": sampling}
    return [make("grey_as_colour", sampling=words, detail=detail)]


def _read_sampling(structure: Structure) -> str | None:
    """Return how much coarser colour is stored than grey in a JPEG (T.81 B.2.2)."""
    for block in structure.blocks:
        if block.kind in _FRAMES and len(block.content) >= 15:
            factors = [block.content[7 + 3 * index] for index in range(3)]
            return _SAMPLINGS.get((factors[0], factors[1]))
    return None


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


def judge_depth(image: DecodedImage) -> list[Finding]:
    """Return a finding if a deep picture holds no more levels than 8 bits give."""
    if image.stored.ndim != 2 or image.bits_stored < _LEAST_BITS:
        return []
    if image.stored.size < _EIGHT_BIT_LEVELS * _EIGHT_BIT_LEVELS:
        return []
    levels = np.unique(image.stored)
    spread = int(levels[-1]) - int(levels[0]) + 1
    if not 2 < len(levels) <= _EIGHT_BIT_LEVELS:
        return []
    if spread < _LEAST_SPREAD * len(levels) or spread < 1 << (_LEAST_BITS - 1):
        return []
    gaps = np.diff(levels.astype(np.int64))
    # Converters of picture files widen 8 bits as a matter of course.
    code = "depth_comb" if image.format is FileFormat.DICOM else "depth_widened"
    return [
        make(
            code,
            bits=image.bits_stored,
            levels=len(levels),
            detail={
                "field": "histogram",
                "bits_stored": image.bits_stored,
                "levels": len(levels),
                "median_gap": float(np.median(gaps)),
            },
        )
    ]
