"""Small copies of the picture inside its own file, compared with the picture."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workers.decode.parsing import quiet_warnings
from workers.decode.structure import Structure
from workers.lanes.container.exif import EXIF_ERRORS, ExifBlock
from workers.lanes.container.findings import make
from workers.types import DecodedImage, Finding

_LEAST_SIDE, _MOST_SIDE = 32, 1024
_COMPARED_SIDE = 64
# Proportions of a copy of 160 px are rounded by up to 1 %; cameras add black bars to
# fill 4:3, so that other proportions with bars are no crop.
_ASPECT_TOLERANCE = 0.03
# The 57 copies in 47 genuine films have a correlation of 0.974 and more with their
# film; 565 pairs of a film and another's copy of the same proportions, 0.861 at most.
_LEAST_CORRELATION = 0.9
_LEAST_SPREAD = 4.0
# Rings of compression beside a bar reach about this far.
_FLAT = 24

_Grey = NDArray[np.float32] | NDArray[np.uint8]


def list_thumbnails(
    blocks: list[ExifBlock], structure: Structure
) -> list[tuple[str, int, bytes]]:
    """Return (where, offset of the block, JPEG bytes) of each small copy."""
    found = [("EXIF", b.offset, b.thumbnail) for b in blocks if b.thumbnail]
    for block in structure.blocks:
        if block.kind == "FFED":
            copy = _find_photoshop_copy(block.content)
            if copy:
                found.append(("Photoshop", block.offset, copy))
        elif block.kind == "FFE0" and block.content.startswith(b"JFXX\x00\x10"):
            found.append(("JFIF", block.offset, block.content[6:]))
    return found[:4]


def _find_photoshop_copy(content: bytes) -> bytes:
    """Return image resource 1036: a JPEG behind 28 bytes of header."""
    place = content.find(b"8BIM\x04\x0c")
    if place < 0:
        return b""
    start = content.find(b"\xff\xd8\xff", place, place + 64)
    length = int.from_bytes(content[place + 8 : place + 12], "big")
    return content[start : place + 12 + length] if start > 0 else b""


def judge_thumbnails(
    image: DecodedImage, found: list[tuple[str, int, bytes]]
) -> list[Finding]:
    """Return a finding for each small copy that shows something else."""
    findings: list[Finding] = []
    for where, offset, content in found:
        copy = _decode(content)
        detail = {"offset": offset, "field": where}
        if copy is None:
            findings.append(make("thumbnail_damaged", where=where, detail=detail))
            continue
        findings += compare_copy(image, copy, where, detail)
    return findings


def _decode(content: bytes) -> NDArray[np.uint8] | None:
    try:
        with (
            quiet_warnings(),
            Image.open(BytesIO(content), formats=["JPEG"]) as picture,
        ):
            if max(picture.size) > _MOST_SIDE:
                return None
            return np.asarray(picture.convert("L"))
    except EXIF_ERRORS:
        return None


def compare_copy(
    image: DecodedImage, copy: NDArray[np.uint8], where: str, detail: dict[str, Any]
) -> list[Finding]:
    """Return a finding if `copy` (rows, columns) is not a small copy of the film."""
    if min(copy.shape) < _LEAST_SIDE:
        return []
    film = _to_grey(image)
    bare_film, bare_copy = _cut_bars(film, _FLAT / 255), _cut_bars(copy, _FLAT)
    pairs = ((film, copy), (film, bare_copy), (bare_film, bare_copy))
    alike = [found for pair in pairs if (found := _compare_pair(*pair)) is not None]
    detail = {**detail, "size": [copy.shape[1], copy.shape[0]]}
    if not alike:
        return [make("thumbnail_shape", where=where, detail=detail)]
    if max(alike) >= _LEAST_CORRELATION:
        return []
    detail = {**detail, "correlation": round(max(alike), 3)}
    return [make("thumbnail_mismatch", where=where, detail=detail)]


def _compare_pair(film: _Grey, copy: _Grey) -> float | None:
    """Return the correlation in the better of all turns, None where no turn gives the
    same proportions."""
    if min(copy.shape) < 8 or min(film.shape) < 8:
        return None
    tolerance = _ASPECT_TOLERANCE + 1 / min(copy.shape)
    best = None
    for turned in (film, np.rot90(film)):
        ratio = copy.shape[1] * turned.shape[0] / (copy.shape[0] * turned.shape[1])
        if abs(ratio - 1) > tolerance:
            continue
        found = max(_correlate(turned, copy), _correlate(turned[::-1, ::-1], copy))
        best = found if best is None else max(best, found)
    return best


def _cut_bars(picture: _Grey, flat: float) -> _Grey:
    """Return the picture without rows and columns at its edges that vary by less than
    `flat`: the bars that fill a copy up to 4:3."""
    for axis in (0, 1):
        inside = np.flatnonzero(np.ptp(picture, axis=1 - axis) >= flat)
        if inside.size == 0:
            return picture[:0, :0]
        picture = picture.take(range(inside[0], inside[-1] + 1), axis=axis)
    return picture


def _to_grey(image: DecodedImage) -> _Grey:
    """Return the picture as any viewer shows it, small enough to compare."""
    scale = max(1, min(image.rows, image.columns) // (4 * _COMPARED_SIDE))
    luma = image.luma[::scale, ::scale] if scale > 1 else image.luma
    return np.ascontiguousarray(luma, dtype=np.float32)


def _correlate(film: _Grey, copy: _Grey) -> float:
    size = (_COMPARED_SIDE, _COMPARED_SIDE)
    first = cv2.resize(np.ascontiguousarray(film), size, interpolation=cv2.INTER_AREA)
    second = cv2.resize(
        np.ascontiguousarray(copy), size, interpolation=cv2.INTER_AREA
    ).astype(np.float32)
    if min(float(first.std()) * 255, float(second.std())) < _LEAST_SPREAD:
        return 1.0
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])
