"""Files damaged on purpose: seeds of every format, and edits that break them."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydicom.uid import JPEGBaseline8Bit, RLELossless

from tests import dicom
from tests.containers import encode, make_film, segment

# Values that lengths, counts and offsets break on.
EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@dataclass(frozen=True)
class Edit:
    """One change. place: 0..1 of the file's length; its meaning depends on kind."""

    kind: str
    place: float
    number: int
    content: bytes = b""


KINDS = ("flip", "set16", "set32", "insert", "delete", "repeat", "cut", "move")


def apply_edits(whole: bytes, edits: Sequence[Edit]) -> bytes:
    """Return the file with all edits made, one after another."""
    for edit in edits:
        whole = _apply(whole, edit)
    return whole


def _apply(whole: bytes, edit: Edit) -> bytes:
    at = int(edit.place * max(0, len(whole) - 1))
    size = edit.number % 64 + 1
    if edit.kind == "flip":
        changed = bytearray(whole)
        for index in range(at, min(at + 1, len(changed))):
            changed[index] ^= 1 << (edit.number % 8)
        return bytes(changed)
    if edit.kind in ("set16", "set32"):
        width = 2 if edit.kind == "set16" else 4
        order = "<" if edit.number % 2 else ">"
        value = EDGES[edit.number % len(EDGES)] & ((1 << 8 * width) - 1)
        packed = struct.pack(f"{order}{'H' if width == 2 else 'I'}", value)
        return whole[:at] + packed + whole[at + width :]
    if edit.kind == "insert":
        return whole[:at] + edit.content + whole[at:]
    if edit.kind == "delete":
        return whole[:at] + whole[at + size :]
    if edit.kind == "repeat":
        return whole[:at] + whole[at : at + 8 * size] * 3 + whole[at + 8 * size :]
    if edit.kind == "cut":
        return whole[:at]
    target = edit.number % (len(whole) + 1)
    return whole[:target] + whole[at : at + size] + whole[target:]


def make_seeds(folder: Path) -> list[Path]:
    """Write and return small files of every format, rich in blocks and fields."""
    film = make_film(48, 40)
    exif = Image.Exif()
    exif.update({0x112: 6, 0x131: "Adobe Photoshop", 0x132: "2020:01:01 10:00:00"})
    exif.get_ifd(0x8769).update({0xA002: 9, 0xA003: 8, 0x829D: 2.8, 0x8827: 100})
    text = PngInfo()
    text.add_text("parameters", "Steps: 20, Sampler: Euler, CFG scale: 7")
    text.add_itxt("XML:com.adobe.xmp", "<x xmp:CreatorTool='GIMP'/>", zip=True)
    options = {"exif": exif}
    contents = {
        "a.png": encode(film, "PNG", pnginfo=text, **options),
        "b.png": encode(np.dstack([film] * 4), "PNG"),
        "c.jpg": _make_rich_jpeg(film, exif),
        "d.jpg": encode(np.dstack([film] * 3), progressive=True),
        "e.webp": encode(np.dstack([film] * 4), "WEBP", lossless=True, **options),
        "f.webp": encode(np.dstack([film] * 3), "WEBP", quality=70),
        "g.tif": encode(film, "TIFF", **options),
        "h.tif": encode(np.dstack([film] * 3), "TIFF", compression="jpeg"),
        "i.tif": encode(film, "TIFF", big_tiff=True),
    }
    paths = []
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        paths.append(folder / name)
    paths.append(dicom.write_film(folder / "j.dcm", preamble=b"II*\x00" + bytes(124)))
    paths.append(
        dicom.write_film(folder / "k.dcm", transfer_syntax=RLELossless, frames=3)
    )
    pixels = dicom.make_pixels(bits_stored=8)
    paths.append(
        dicom.write_film(
            folder / "l.dcm",
            array=pixels,
            bits_stored=8,
            transfer_syntax=JPEGBaseline8Bit,
            encapsulated=[_make_rich_jpeg(pixels, exif)],
        )
    )
    return paths


def _make_rich_jpeg(
    film: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], exif: Image.Exif
) -> bytes:
    whole = encode(film, exif=exif, comment="quality = 90 gd-jpeg")
    stream = io.BytesIO()
    Image.fromarray(film).resize((40, 40)).save(stream, "JPEG")
    copy = bytes(28) + stream.getvalue()
    resource = b"8BIM\x04\x0c\x00\x00" + len(copy).to_bytes(4, "big") + copy
    extra = segment(0xED, b"Photoshop 3.0\x00" + resource)
    extra += segment(0xE1, b"http://ns.adobe.com/xap/1.0\x00<x stEvt:action='a'/>")
    extra += segment(0xE2, b"ICC_PROFILE\x00\x01\x01" + bytes(128))
    return whole[:2] + extra + whole[2:]


def draw_edits(source: random.Random) -> list[Edit]:
    """Return some edits drawn at random, most of them near the start of the file."""
    edits = []
    for _ in range(source.choice((1, 1, 1, 2, 3, 6))):
        place = source.random() ** source.choice((1, 2, 4))
        content = source.choice(
            (b"PK\x05\x06", b"\xff\xd8\xff", b"\xff\xd9", b"IEND", b"%PDF-", bytes(9))
        ) + source.randbytes(source.randrange(24))
        number = source.randrange(1 << 32)
        edits.append(Edit(source.choice(KINDS), place, number, content))
    return edits
