"""All text of a picture file, by format, with offsets."""

from __future__ import annotations

import zlib
from pathlib import Path

from PIL import ExifTags, Image, TiffImagePlugin

from workers.decode.parsing import quiet_warnings
from workers.decode.structure import Block, Structure
from workers.lanes.container.exif import EXIF_ERRORS
from workers.lanes.container.traces import TextEntry
from workers.types import FileFormat

_MOST_INFLATED_BYTES = 1 << 20
_EXIF_KEYS = {
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x013B: "Author",
    0x02BC: "XMP",
    0x83BB: "IPTC",
}


def read_texts(path: Path, kind: FileFormat, structure: Structure) -> list[TextEntry]:
    """Return every text entry of a raster file that may name a program."""
    if kind is FileFormat.PNG:
        return _read_png(structure)
    if kind is FileFormat.JPEG:
        return read_jpeg_texts(structure)
    if kind is FileFormat.WEBP:
        return _read_webp(structure)
    return _read_tiff(path)


def _read_png(structure: Structure) -> list[TextEntry]:
    entries: list[TextEntry] = []
    for block in structure.blocks:
        if block.kind == "eXIf":
            entries += read_exif(block.content, block.offset)
        elif block.kind in ("tEXt", "zTXt", "iTXt"):
            entry = _read_png_text(block)
            if entry is not None:
                entries.append(entry)
    return entries


def _read_png_text(block: Block) -> TextEntry | None:
    """Return one text chunk (PNG 3rd edition, 11.3.3), inflated within a bound."""
    key, _, rest = block.content.partition(b"\x00")
    name = key.decode("latin-1")
    if block.kind == "tEXt":
        return TextEntry(name, rest.decode("latin-1"), block.offset)
    if block.kind == "zTXt":
        return TextEntry(name, _inflate(rest[1:]).decode("latin-1"), block.offset)
    is_compressed = rest[:1] == b"\x01"
    _, _, tail = rest[2:].partition(b"\x00")  # language tag
    _, _, text = tail.partition(b"\x00")  # translated keyword
    if is_compressed:
        text = _inflate(text)
    return TextEntry(name, text.decode("utf-8", "replace"), block.offset)


def _inflate(content: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(content, _MOST_INFLATED_BYTES)
    except zlib.error:
        return b""


def read_jpeg_texts(structure: Structure) -> list[TextEntry]:
    """Return the text entries of a JPEG file or frame."""
    entries: list[TextEntry] = []
    for block in structure.blocks:
        body, offset = block.content, block.offset
        if block.kind == "FFE1" and body.startswith(b"Exif\x00\x00"):
            entries += read_exif(body[6:], offset)
        elif block.kind == "FFE1" and b"ns.adobe.com/x" in body[:40]:
            entries.append(TextEntry("XMP", body.decode("utf-8", "replace"), offset))
        elif block.kind == "FFED":
            entries.append(TextEntry("IPTC", _strip_resource_mark(body), offset))
        elif block.kind == "FFFE":
            entries.append(TextEntry("COM", body.decode("latin-1"), offset))
    return entries


def _strip_resource_mark(body: bytes) -> str:
    """Return APP13 text without the mark that names the format, whoever wrote it."""
    return body.removeprefix(b"Photoshop 3.0\x00").decode("latin-1")


def _read_webp(structure: Structure) -> list[TextEntry]:
    entries: list[TextEntry] = []
    for block in structure.blocks:
        if block.kind == "EXIF":
            content = block.content
            start = 6 if content.startswith(b"Exif\x00\x00") else 0
            entries += read_exif(content[start:], block.offset)
        elif block.kind == "XMP ":
            text = block.content.decode("utf-8", "replace")
            entries.append(TextEntry("XMP", text, block.offset))
    return entries


def _read_tiff(path: Path) -> list[TextEntry]:
    try:
        with quiet_warnings(), TiffImagePlugin.TiffImageFile(path) as picture:
            tags = dict(picture.tag_v2)
    except EXIF_ERRORS:
        return []
    return _entries_from_tags(tags, 0)


def read_exif(content: bytes, offset: int) -> list[TextEntry]:
    """Return the texts of an EXIF block; empty if it is damaged."""
    exif = Image.Exif()
    try:
        with quiet_warnings():
            exif.load(b"Exif\x00\x00" + content)
            tags: dict[int, object] = dict(exif)
            comment = exif.get_ifd(ExifTags.IFD.Exif).get(0x9286)
    except EXIF_ERRORS:
        return []
    entries = _entries_from_tags(tags, offset)
    if isinstance(comment, bytes):
        entries.append(TextEntry("UserComment", _decode_comment(comment), offset))
    elif isinstance(comment, str):
        entries.append(TextEntry("UserComment", comment, offset))
    return entries


def _decode_comment(comment: bytes) -> str:
    """Return a UserComment without its 8-byte character code (EXIF 3.0, 4.6.6)."""
    code, text = comment[:8], comment[8:]
    if code.startswith(b"UNICODE"):
        order = "utf-16-be" if text[:1] == b"\x00" else "utf-16-le"
        return text.decode(order, "replace")
    return text.decode("utf-8", "replace")


def _entries_from_tags(tags: dict[int, object], offset: int) -> list[TextEntry]:
    entries: list[TextEntry] = []
    for tag, key in _EXIF_KEYS.items():
        value = tags.get(tag)
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if isinstance(value, str) and value:
            entries.append(TextEntry(key, value, offset))
    return entries
