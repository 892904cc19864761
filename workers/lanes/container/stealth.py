"""Settings that image generators hide in the lowest bits of a picture.

NovelAI and tools after it write a second copy of the settings there, which outlives
the removal of all text, but no lossy save. Only the mark at the start is read.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workers.decode.parsing import quiet_warnings
from workers.types import DecodedImage, FileFormat, Finding

_MARKS = {
    b"stealth_pnginfo": "transparency",
    b"stealth_pngcomp": "transparency",
    b"stealth_rgbinfo": "colours",
    b"stealth_rgbcomp": "colours",
}
_MARK_BITS = 15 * 8
_WEIGHT = 0.9
_LOSSLESS = (FileFormat.PNG, FileFormat.WEBP, FileFormat.TIFF)
_ERRORS = (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError)


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
            where = _MARKS[mark]
            return [
                Finding(
                    "generator_hidden_settings",
                    f"The lowest bits of the {where} hold settings that an image"
                    " generator (NovelAI and tools after it) hides there.",
                    _WEIGHT,
                    "NovelAI image metadata, mark `stealth_pnginfo`",
                    detail={"offset_px": [0, 0], "mark": mark.decode()},
                )
            ]
    return []


def _read_alpha(image: DecodedImage) -> NDArray[np.uint8] | None:
    """Return the transparency, which decoding drops; None if there is none.

    Opened again only where the header says that there is one; its size was checked."""
    try:
        with quiet_warnings(), Image.open(image.path) as picture:
            if picture.mode not in ("RGBA", "LA"):
                return None
            alpha: NDArray[np.uint8] = np.asarray(picture.getchannel("A"))[..., None]
            return alpha
    except _ERRORS:
        return None


def _read_mark(plane: NDArray[np.uint8]) -> bytes:
    """Return the first 15 bytes of the lowest bits, down the columns one by one."""
    rows, _, samples = plane.shape
    columns = -(-_MARK_BITS // (rows * samples))
    bits = plane[:, :columns].transpose(1, 0, 2).reshape(-1)[:_MARK_BITS] & 1
    return np.packbits(bits).tobytes()
