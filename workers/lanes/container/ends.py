"""Bytes behind the end of a picture, and files that open as something else, too."""

from __future__ import annotations

import struct
from pathlib import Path

from workers.lanes.container.findings import make
from workers.types import Finding

# Signatures of files that someone may have appended: what runs, what holds other
# files, what is read, and what is shown.
_PROGRAMS = (
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"\xcf\xfa\xed\xfe", "a macOS program"),
    (b"#!", "a script"),
    (b"<?php", "a PHP script"),
)
_ARCHIVES = (
    (b"PK\x03\x04", "a zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
)
_DOCUMENTS = (
    (b"%PDF", "a PDF"),
    (b"<html", "a web page"),
    (b"<!DOCTYPE", "a web page"),
    (b"<script", "a script of a web page"),
    (b"<svg", "an SVG drawing"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
)
_PICTURES = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"RIFF", "a WebP picture or another RIFF file"),
)
_GROUPS = (
    ("trailing_program", _PROGRAMS),
    ("trailing_file", _ARCHIVES),
    ("trailing_file", _DOCUMENTS),
    ("trailing_picture", _PICTURES),
)
_SNIFF_BYTES = 1 << 16
_BLANKS = b"\x00\r\n\t "
_PADDING = _BLANKS + b"\xff"

# APPNOTE 4.3.16: the end record of a zip archive, and its comment of at most 64 KiB.
_ZIP_END = b"PK\x05\x06"
_ZIP_END_BYTES = 22
_ZIP_REACH_BYTES = _ZIP_END_BYTES + 0xFFFF
# Readers of PDF accept the mark anywhere in the first kilobyte (ISO 32000-1, annex H).
_PDF_REACH_BYTES = 1024


def describe_tail(path: Path, end: int, size_bytes: int) -> list[Finding]:
    """Return a finding about the bytes from `end` on, unless they are padding."""
    if end >= size_bytes:
        return []
    with path.open("rb") as stream:
        stream.seek(end)
        tail = stream.read(_SNIFF_BYTES)
    if not tail.strip(_PADDING):
        return []
    opening = tail.lstrip(_BLANKS)
    offset, count = end, size_bytes - end
    detail = {"offset": offset, "bytes": count, "starts_as": None}
    for code, marks in _GROUPS:
        for mark, name in marks:
            if opening[: len(mark)].lower() == mark.lower():
                named = {**detail, "starts_as": name}
                return [make(code, count=count, name=name, detail=named)]
    if _is_rest_of_a_picture(tail):
        return [make("trailing_remains", count=count, detail=detail)]
    return [make("trailing_data", count=count, detail=detail)]


def _is_rest_of_a_picture(tail: bytes) -> bool:
    """Return whether the tail ends as a longer picture did that was overwritten: an
    end chunk behind picture data (PNG), an end marker behind scan data (JPEG)."""
    if tail.endswith(b"IEND\xaeB`\x82"):
        return True
    return tail.endswith(b"\xff\xd9") and tail.count(b"\xff\x00") > 2


def judge_other_openings(path: Path, size_bytes: int) -> list[Finding]:
    """Return findings about archives and documents that the whole file opens as."""
    findings = []
    with path.open("rb") as stream:
        head = stream.read(_PDF_REACH_BYTES)
        start = max(0, size_bytes - _ZIP_REACH_BYTES)
        stream.seek(start)
        tail = stream.read(_ZIP_REACH_BYTES)
    place = head.find(b"%PDF-")
    if place > 0:
        findings.append(make("polyglot_pdf", detail={"offset": place}))
    record = _find_zip_end(tail)
    if record is not None:
        findings.append(make("polyglot_zip", detail={"offset": start + record}))
    return findings


def _find_zip_end(tail: bytes) -> int | None:
    """Return where a zip archive's end record lies; its comment must reach the end and
    its directory lie before it, so that no chance match counts."""
    place = tail.rfind(_ZIP_END)
    while place >= 0:
        if place + _ZIP_END_BYTES <= len(tail):
            entries, directory, _, comment = struct.unpack_from(
                "<HIIH", tail, place + 10
            )
            fits = place + _ZIP_END_BYTES + comment == len(tail)
            # At least 46 bytes an entry (APPNOTE 4.3.12).
            if fits and entries > 0 and directory >= 46 * entries:
                return place
        place = tail.rfind(_ZIP_END, 0, place)
    return None
