"""The segments of a JPEG file: starts, frames, gaps, and who writes such segments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workers.decode.structure import MAX_BLOCKS, MAX_CONTENT_BYTES
from workers.lanes.container.findings import make
from workers.types import Finding

_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_RESTARTS = range(0xD0, 0xD8)
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_APPLICATION = range(0xE0, 0xF0)

# Identifiers of APPn segments in honest files (ExifTool's list of JPEG segments).
_KNOWN = (
    b"JFIF\x00", b"JFXX\x00", b"Exif\x00", b"http://ns.adobe.com/", b"ICC_PROFILE\x00",
    b"MPF\x00", b"Adobe", b"Photoshop 3.0\x00", b"Ducky", b"FPXR\x00", b"JP", b"AROT",
    b"CIFF", b"AVI1", b"urn:iso:std:iso:ts:21496", b"SPIFF\x00", b"GRAPHIC CONVERTER",
    b"Meta\x00", b"META\x00", b"PIC\x00", b"SCALADO\x00", b"QVCI\x00", b"NITF\x00",
    b"HDR_RI", b"[picture info]", b"XMP\x00", b"HJPEG", b"Picasa", b"Kodak", b"KDC",
)  # fmt: skip
# Program libraries that sign their work in a comment, none of them a modality's.
_LIBRARY = re.compile(
    r"gd-jpeg|LEAD Technologies|Lavc\d|AccuSoft|Handmade Software|Intel\(R\) JPEG"
    r"|ImageMagick|GraphicsMagick|Optimized by JPEGmini|ACDSee|IrfanView|XnView"
    r"|FastStone|Paint Shop",
    re.IGNORECASE,
)
_STATED_QUALITY = re.compile(r"\bquality\s*=\s*(\d{1,3})\b")
# Two off: some writers round the quality before they scale the tables.
_QUALITY_TOLERANCE = 2


@dataclass(frozen=True)
class Segment:
    """One marker segment; marker 0 stands for bytes that belong to none.

    body: without marker and length; of a gap and of a scan's data, empty.
    """

    marker: int
    offset: int
    length: int
    body: bytes


def list_segments(content: bytes) -> list[Segment]:
    """Return the segments up to the end marker, it included (T.81 B.1.1)."""
    segments: list[Segment] = []
    for segment in _walk(content):
        segments.append(segment)
        if segment.marker == _EOI or len(segments) >= MAX_BLOCKS:
            break
    return segments


def _walk(content: bytes) -> Iterator[Segment]:
    offset, size, left = 0, len(content), MAX_CONTENT_BYTES
    while offset + 2 <= size:
        if content[offset] != 0xFF or content[offset + 1] == 0:
            following = _find_marker(content, offset)
            yield Segment(0, offset, following - offset, b"")
            offset = following
            continue
        marker = content[offset + 1]
        if marker == 0xFF:
            offset += 1
        elif marker in (_SOI, _EOI, 0x01) or marker in _RESTARTS:
            if marker not in _RESTARTS:
                yield Segment(marker, offset, 2, b"")
            offset += 2
        else:
            length = max(2, int.from_bytes(content[offset + 2 : offset + 4], "big"))
            body = content[offset + 4 : offset + 2 + length][:left]
            left -= len(body)
            yield Segment(marker, offset, 2 + length, body)
            offset += 2 + length
            if marker == _SOS:
                offset = _find_marker(content, offset)


def _find_marker(content: bytes, offset: int) -> int:
    """Return the offset of the next marker that is neither stuffing nor a restart."""
    while (offset := content.find(b"\xff", offset)) >= 0:
        following = content[offset + 1 : offset + 2]
        if not following:
            break
        if following[0] not in (0, 0x01) and following[0] not in _RESTARTS:
            return offset
        offset += 2
    return len(content)


def judge_segments(segments: list[Segment]) -> list[Finding]:
    """Return the findings about the order and kinds of segments.

    A second start or frame header, or no end, is refused when the film is decoded.
    """
    findings: list[Finding] = []
    gaps = [segment for segment in segments if segment.marker == 0]
    if gaps:
        count = sum(segment.length for segment in gaps)
        detail = {"offset": gaps[0].offset, "bytes": count}
        findings.append(make("jpeg_gap", count=count, detail=detail))
    frames = [segment for segment in segments if segment.marker in _FRAMES]
    if frames and frames[0].marker in _PROGRESSIVE:
        detail = {"offset": frames[0].offset}
        findings.append(make("jpeg_progressive", detail=detail))
    return findings + _judge_applications(segments)


def _judge_applications(segments: list[Segment]) -> list[Finding]:
    findings: list[Finding] = []
    own = [segment for segment in segments if segment.marker in _APPLICATION]
    unknown = [s for s in own if s.body.strip(b"\x00") and not _is_known(s.body)]
    if unknown:
        names = sorted({f"APP{segment.marker - 0xE0}" for segment in unknown})
        count = sum(segment.length for segment in unknown)
        detail = {"offset": unknown[0].offset, "segments": names, "bytes": count}
        words = ", ".join(names)
        findings.append(make("jpeg_unknown_segment", names=words, detail=detail))
    for segment in own:
        if segment.body.startswith(b"MPF\x00"):
            detail = {"offset": segment.offset}
            findings.append(make("jpeg_more_pictures", detail=detail))
        elif segment.body.startswith(b"Ducky"):
            detail = {"offset": segment.offset, "field": "APP12 Ducky"}
            findings.append(make("photoshop_save", detail=detail))
        elif (
            segment.body.startswith(b"Photoshop 3.0\x00")
            and b"8BIM\x04\x06" in segment.body
        ):
            # Image resource 1030: the quality chosen in Photoshop's own dialogue.
            detail = {"offset": segment.offset, "field": "8BIM 1030"}
            findings.append(make("photoshop_save", detail=detail))
    return findings


def _is_known(body: bytes) -> bool:
    return body.startswith(_KNOWN)


def judge_comments(segments: list[Segment], quality: int | None) -> list[Finding]:
    """Return findings about comments in which a program library names itself.

    quality: that of the tables (IJG scale), None where they are not the library's.
    """
    findings: list[Finding] = []
    for segment in segments:
        if segment.marker != _COM:
            continue
        text = segment.body[:1024].decode("latin-1")
        library = _LIBRARY.search(text)
        if library is not None:
            detail = {"offset": segment.offset, "field": "COM"}
            findings.append(make("jpeg_library", name=library[0], detail=detail))
        stated = _STATED_QUALITY.search(text)
        if library is None or stated is None:
            continue
        if quality is None or abs(int(stated[1]) - quality) > _QUALITY_TOLERANCE:
            detail = {"offset": segment.offset, "stated": int(stated[1])}
            detail["quality"] = quality
            findings.append(
                make("jpeg_comment_conflict", stated=stated[1], detail=detail)
            )
    return findings[:4]
