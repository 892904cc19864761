"""What EXIF, XMP and colour profiles say, against the picture and each other.

Values are compared, never repeated: names, dates and places in them may be a patient's.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, TiffImagePlugin

from workers.decode.parsing import quiet_warnings
from workers.decode.structure import Structure
from workers.lanes.container.findings import make
from workers.types import DecodedImage, FileFormat, Finding

EXIF_ERRORS = (
    ArithmeticError,
    AttributeError,
    Image.DecompressionBombError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)
_MOST_EXIF_BYTES = 1 << 22
_MOST_XMP_CHARACTERS = 1 << 19
_WIDTH, _HEIGHT, _ORIENTATION, _SOFTWARE, _MODIFIED = 0x100, 0x101, 0x112, 0x131, 0x132
_EXIF_WIDTH, _EXIF_HEIGHT, _TAKEN, _DIGITISED = 0xA002, 0xA003, 0x9003, 0x9004
# Exposure time, f-number, focal length, ISO speed, flash: only a camera knows them.
_CAMERA_TAGS = (0x829A, 0x829D, 0x920A, 0x8827, 0x9209)
_LEAST_CAMERA_TAGS = 2
_COMMENT = 0x9286

_XMP_NUMBER = re.compile(
    r"\b(PixelXDimension|PixelYDimension|ImageWidth|ImageLength|Orientation)"
    r"\s*(?:=\s*[\"']|>)\s*(\d{1,6})\b"
)
_XMP_DATE = re.compile(
    r"\bxmp:(CreateDate|ModifyDate)\s*(?:=\s*[\"']|>)\s*"
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d))?"
)
_XMP_TOOL = re.compile(r"\bCreatorTool\s*(?:=\s*[\"']|>)\s*([^<\"']{1,100})")
_XMP_STEP = re.compile(r"\bstEvt:action\s*(?:=\s*[\"']|>)\s*(\w{1,20})")
_EXIF_DATE = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d)")
# XMP of C2PA 2.1, 11.4: where a manifest lies that the file itself does not hold.
_REMOTE_CREDENTIALS = re.compile(r"\bdcterms:provenance\s*(?:=\s*[\"']|>)\s*[^\"'<\s]")
_REMAINS = re.compile(
    r"contentauth|contentcredentials|c2pa\.org|\bc2pa:", re.IGNORECASE
)


@dataclass(frozen=True)
class ExifBlock:
    """One EXIF block: its TIFF bytes, where it starts, its fields by directory.

    main, details: first directory and Exif directory; thumbnail: JPEG bytes of the
    second one.  is_damaged: it could not be read.
    """

    offset: int
    main: dict[int, Any] = field(default_factory=dict)
    details: dict[int, Any] = field(default_factory=dict)
    has_place: bool = False
    thumbnail: bytes = b""
    is_damaged: bool = False


def read_exif_blocks(image: DecodedImage, structure: Structure) -> list[ExifBlock]:
    """Return the EXIF blocks of a picture file, in order."""
    if image.format is FileFormat.TIFF:
        return _read_tiff(image.path)
    blocks = []
    for block in structure.blocks:
        content = block.content
        start = 6 if content.startswith(b"Exif\x00\x00") else 0
        if block.kind in ("eXIf", "EXIF") or (block.kind == "FFE1" and start):
            blocks.append(parse_exif(content[start:], block.offset))
    return blocks


def parse_exif(content: bytes, offset: int) -> ExifBlock:
    """Return the fields of an EXIF block (`content` starts with its byte order)."""
    if content[:4] not in (b"II*\x00", b"MM\x00*"):
        return ExifBlock(offset, is_damaged=True)
    exif = Image.Exif()
    try:
        with quiet_warnings():
            exif.load(b"Exif\x00\x00" + content[:_MOST_EXIF_BYTES])
            main = dict(exif)
            details = dict(exif.get_ifd(ExifTags.IFD.Exif))
            place = bool(exif.get_ifd(ExifTags.IFD.GPSInfo))
            second = dict(exif.get_ifd(ExifTags.IFD.IFD1))
    except EXIF_ERRORS:
        return ExifBlock(offset, is_damaged=True)
    start, length = second.get(0x201), second.get(0x202)
    thumbnail = b""
    if isinstance(start, int) and isinstance(length, int) and start > 0 < length:
        thumbnail = content[start : start + length]
    return ExifBlock(offset, main, details, place, thumbnail)


def _read_tiff(path: Path) -> list[ExifBlock]:
    try:
        with quiet_warnings(), TiffImagePlugin.TiffImageFile(path) as picture:
            exif = picture.getexif()
            main = dict(exif)
            details = dict(exif.get_ifd(ExifTags.IFD.Exif))
            place = bool(exif.get_ifd(ExifTags.IFD.GPSInfo))
    except EXIF_ERRORS:
        return []
    # The first directory is the picture's own here: its size cannot conflict.
    main.pop(_WIDTH, None)
    main.pop(_HEIGHT, None)
    return [ExifBlock(0, main, details, place)]


def judge_exif(
    image: DecodedImage, blocks: list[ExifBlock], texts: list[tuple[str, int]]
) -> list[Finding]:
    """Return what contradicts the picture, or shows a camera or an editor at work.

    texts: XMP packets with their offsets.
    """
    findings: list[Finding] = []
    for block in blocks[:2]:
        findings += _judge_block(image, block)
    for text, offset in texts[:4]:
        findings += _judge_xmp(image, text[:_MOST_XMP_CHARACTERS], offset)
    if len(blocks) > 1:
        detail = {"offset": blocks[1].offset, "blocks": len(blocks)}
        findings.append(make("exif_repeated", detail=detail))
    if blocks and texts:
        findings += _compare(blocks[0], texts[0])
    return findings


def _judge_block(image: DecodedImage, block: ExifBlock) -> list[Finding]:
    place = {"offset": block.offset}
    if block.is_damaged:
        return [make("exif_damaged", detail=place)]
    findings = []
    for source, width_tag, height_tag in (
        (block.details, _EXIF_WIDTH, _EXIF_HEIGHT),
        (block.main, _WIDTH, _HEIGHT),
    ):
        stated = source.get(width_tag), source.get(height_tag)
        if _differs(image, stated):
            detail = {**place, "tag": width_tag, "stated": list(stated)}
            findings.append(make("exif_size_conflict", detail=detail))
            break
    taken = _read_date(block.details.get(_TAKEN) or block.details.get(_DIGITISED))
    modified = _read_date(block.main.get(_MODIFIED))
    if taken and modified and modified < taken:
        detail = {**place, "tag": _MODIFIED}
        findings.append(make("exif_date_conflict", detail=detail))
    orientation = block.main.get(_ORIENTATION)
    if isinstance(orientation, int) and orientation in range(2, 9):
        detail = {**place, "tag": _ORIENTATION, "orientation": orientation}
        findings.append(make("exif_orientation", detail=detail))
    known = [tag for tag in _CAMERA_TAGS if tag in block.details]
    if len(known) >= _LEAST_CAMERA_TAGS:
        detail = {**place, "tags": known}
        findings.append(make("camera_exposure", detail=detail))
    if block.has_place:
        findings.append(make("exif_place", detail={**place, "tag": 0x8825}))
    comment = block.details.get(_COMMENT)
    if isinstance(comment, bytes) and comment[8:].strip(b"\x00 ") == b"Screenshot":
        detail = {**place, "tag": _COMMENT}
        findings.append(make("screenshot", detail=detail))
    return findings


def _differs(image: DecodedImage, stated: tuple[Any, Any]) -> bool:
    """Return whether (width, height) are numbers that are not the picture's, either
    way round: turning a picture keeps them."""
    if not all(isinstance(size, int) and size > 0 for size in stated):
        return False
    return sorted(stated) != sorted((image.columns, image.rows))


def _read_date(value: Any) -> tuple[int, ...] | None:
    match = _EXIF_DATE.match(value) if isinstance(value, str) else None
    numbers = tuple(map(int, match.groups())) if match else None
    return numbers if numbers and numbers[0] > 0 else None


def _judge_xmp(image: DecodedImage, text: str, offset: int) -> list[Finding]:
    findings = []
    numbers = {name: int(value) for name, value in _XMP_NUMBER.findall(text)}
    for width, height in (
        ("PixelXDimension", "PixelYDimension"),
        ("ImageWidth", "ImageLength"),
    ):
        stated = numbers.get(width), numbers.get(height)
        if _differs(image, stated):
            detail = {"offset": offset, "field": width, "stated": list(stated)}
            findings.append(make("xmp_size_conflict", detail=detail))
            break
    dates: dict[str, tuple[str, ...]] = {}
    for name, *parts in _XMP_DATE.findall(text):
        dates.setdefault(name, tuple(parts))
    # Time zones may differ by a day at most; so only the days are compared.
    created, modified = dates.get("CreateDate"), dates.get("ModifyDate")
    if created and modified and modified[:2] < created[:2]:
        detail = {"offset": offset, "field": "ModifyDate"}
        findings.append(make("xmp_date_conflict", detail=detail))
    steps = [step.lower() for step in _XMP_STEP.findall(text)]
    if steps:
        detail = {"offset": offset, "steps": steps[:16]}
        findings.append(make("xmp_history", count=len(steps), detail=detail))
    if _REMOTE_CREDENTIALS.search(text):
        detail = {"offset": offset, "field": "dcterms:provenance"}
        findings.append(make("credentials_elsewhere", detail=detail))
    elif _REMAINS.search(text):
        findings.append(make("credentials_remains", detail={"offset": offset}))
    return findings


def _compare(block: ExifBlock, packet: tuple[str, int]) -> list[Finding]:
    """Return findings on fields that EXIF and XMP tell differently."""
    text, offset = packet
    findings = []
    tool = _XMP_TOOL.search(text)
    software = block.main.get(_SOFTWARE)
    if tool and isinstance(software, str) and software.strip("\x00 "):
        first, second = _fold(software), _fold(tool[1])
        if first[:8] != second[:8]:
            detail = {"offset": offset, "field": "CreatorTool"}
            findings.append(make("software_conflict", detail=detail))
    numbers = {name: int(value) for name, value in _XMP_NUMBER.findall(text)}
    ours, theirs = block.main.get(_ORIENTATION), numbers.get("Orientation")
    if isinstance(ours, int) and theirs is not None and ours != theirs:
        detail = {"offset": offset, "field": "Orientation"}
        findings.append(make("orientation_conflict", detail=detail))
    return findings


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
