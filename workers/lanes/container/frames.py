"""The frames of a DICOM file: how many there are, and what each is made of."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

from workers.decode import FilmHeader, PixelElement
from workers.decode.codestream import Codec, read_codestream
from workers.decode.parsing import read_element
from workers.decode.structure import Structure, read_jpeg_structure
from workers.lanes.container.findings import make
from workers.lanes.container.jpeg import judge_tables
from workers.lanes.container.segments import list_segments
from workers.lanes.container.texts import read_jpeg_texts
from workers.lanes.container.traces import judge_texts
from workers.types import Finding

_RLE = "1.2.840.10008.1.2.5"
_HEAD_BYTES = 1 << 12
_MOST_FRAME_BYTES = 64 << 20
_MOST_FRAGMENTS = 4_096
_DCT = (Codec.JPEG_BASELINE, Codec.JPEG_EXTENDED, Codec.JPEG_PROGRESSIVE)
# Encoders that reuse a buffer leave some bytes of it: 6 in a genuine film.
_LEAST_REST_BYTES = 32
_END_MARKER = b"\xff\xd9"
_ENDED_BY_MARKER = (
    *_DCT,
    Codec.JPEG_LOSSLESS,
    Codec.JPEG_LS,
    Codec.JPEG_2000,
    Codec.HTJ2K,
)
# Identifiers of segments that picture files have and frames of modalities do not.
_PICTURE_MARKS = (b"Exif\x00", b"http://ns.adobe.com/", b"Photoshop 3.0\x00", b"Ducky")


def judge_frames(path: Path, header: FilmHeader) -> list[Finding]:
    """Return the findings about the frames, as many and such as the header says."""
    element = header.pixel_element
    if element is None or element.is_inflated:
        return []
    if not element.fragments:
        return _judge_length(header, element)
    heads = _read_heads(path, element)
    findings = _judge_count(header, element, heads)
    findings += _judge_offsets(path, header, element)
    findings += _judge_codecs(header, element, heads)
    frame = _read_last_fragment(path, element)
    codec = read_codestream(heads[0]).codec
    findings += _judge_frame_end(element, frame, codec)
    if codec in _DCT and len(element.fragments) == 1:
        findings += _judge_jpeg(frame, element.fragments[0][0])
    return findings


def _judge_length(header: FilmHeader, element: PixelElement) -> list[Finding]:
    """Compare the length of uncompressed pixels with what the header asks for."""
    bits = header.rows * header.columns * header.samples * header.bits_allocated
    if header.photometric == "YBR_FULL_422":
        bits = bits * 2 // 3
    expected = -(-bits * header.frame_count // 8)
    # PS3.5 7.1.1: one byte of padding makes lengths even.
    excess = (element.length or 0) - expected - 1
    if excess <= 0:
        return []
    offset = element.offset + expected
    detail = {"offset": offset, "bytes": excess + 1}
    return [make("pixel_data_excess", count=excess + 1, detail=detail)]


def _read_heads(path: Path, element: PixelElement) -> list[bytes]:
    with path.open("rb") as stream:
        heads = []
        for offset, length in element.fragments[:_MOST_FRAGMENTS]:
            stream.seek(offset)
            heads.append(stream.read(min(length, _HEAD_BYTES)))
    return heads


def _judge_count(
    header: FilmHeader, element: PixelElement, heads: list[bytes]
) -> list[Finding]:
    """Compare the number of codestreams with that of the frames (PS3.5 A.4).

    Too few are refused when the film is decoded.
    """
    frames = header.frame_count
    starts = [index for index, head in enumerate(heads) if _starts_a_frame(head)]
    if header.transfer_syntax_uid == _RLE:
        starts = list(range(len(heads)))
    if len(starts) > frames:
        offset = element.fragments[starts[frames]][0]
        detail = {"offset": offset, "frames": frames, "codestreams": len(starts)}
        return [make("hidden_frames", frames=frames, count=len(starts), detail=detail)]
    return []


def _starts_a_frame(head: bytes) -> bool:
    """Return whether a fragment opens with a start marker and a second marker, which
    the inside of a codestream does not (T.81 B.1.1.2, T.800 A.4.1)."""
    return head.startswith((b"\xff\xd8\xff", b"\xff\x4f\xff\x51"))


def _judge_offsets(
    path: Path, header: FilmHeader, element: PixelElement
) -> list[Finding]:
    """Hold the offset tables against where the fragments lie (PS3.5 A.4)."""
    first = element.fragments[0][0] - 8
    items = {offset - 8 - first for offset, _ in element.fragments}
    for name, offsets in (
        ("basic", _read_basic_table(path, element)),
        ("extended", _read_extended_table(header)),
    ):
        if not offsets:
            continue
        if len(offsets) != header.frame_count or not items.issuperset(offsets):
            detail = {
                "offset": element.offset,
                "field": f"{name} offset table",
                "entries": len(offsets),
                "frames": header.frame_count,
            }
            return [make("offset_table_conflict", name=name, detail=detail)]
    return []


def _read_basic_table(path: Path, element: PixelElement) -> list[int]:
    with path.open("rb") as stream:
        stream.seek(element.offset)
        head = stream.read(8)
        order = "<" if head[:2] == b"\xfe\xff" else ">"
        length = struct.unpack(f"{order}I", head[4:8])[0] if len(head) == 8 else 0
        content = stream.read(min(length, 4 * _MOST_FRAGMENTS))
    entries = len(content) // 4
    return list(struct.unpack(f"{order}{entries}I", content[: 4 * entries]))


def _read_extended_table(header: FilmHeader) -> list[int]:
    if header.dataset is None:
        return []
    value = read_element(header.dataset, "ExtendedOffsetTable")
    if not isinstance(value, bytes):
        return []
    content = value[: min(len(value), 8 * _MOST_FRAGMENTS) // 8 * 8]
    return list(struct.unpack(f"<{len(content) // 8}Q", content))


def _judge_codecs(
    header: FilmHeader, element: PixelElement, heads: list[bytes]
) -> list[Finding]:
    findings = []
    known = [
        (offset, read_codestream(head))
        for (offset, _), head in zip(element.fragments, heads, strict=False)
        if _starts_a_frame(head)
    ]
    codecs = list(dict.fromkeys(stream.codec for _, stream in known))
    if len(codecs) > 1:
        offset = next(at for at, stream in known if stream.codec is codecs[1])
        names = " and ".join(codecs[:2])
        detail = {"offset": offset, "codecs": [str(codec) for codec in codecs]}
        findings.append(make("mixed_codestreams", names=names, detail=detail))
    for offset, stream in known[:1]:
        bits = stream.precision_bits
        if bits is not None and bits < header.bits_stored:
            detail = {
                "offset": offset,
                "precision": bits,
                "bits_stored": header.bits_stored,
            }
            findings.append(
                make(
                    "codestream_depth",
                    bits=bits,
                    stored=header.bits_stored,
                    detail=detail,
                )
            )
    return findings


def _read_last_fragment(path: Path, element: PixelElement) -> bytes:
    """Return the last fragment: what ends with it ends the last frame."""
    offset, length = element.fragments[-1]
    with path.open("rb") as stream:
        stream.seek(offset)
        return stream.read(min(length, _MOST_FRAME_BYTES))


def _judge_frame_end(
    element: PixelElement, frame: bytes, codec: Codec
) -> list[Finding]:
    """Return a finding about bytes behind the end marker of the last frame."""
    if codec not in _ENDED_BY_MARKER or len(frame) >= _MOST_FRAME_BYTES:
        return []
    end = frame.rfind(_END_MARKER) + 2
    if codec in _DCT and frame.startswith(b"\xff\xd8"):
        last = list_segments(frame)[-1]
        end = last.offset + 2 if last.marker == 0xD9 else end
    rest = frame[end:]
    if end < 2 or len(rest) < _LEAST_REST_BYTES or not rest.strip(b"\x00\xff"):
        return []
    detail = {"offset": element.fragments[-1][0] + end, "bytes": len(rest)}
    return [make("frame_trailing_data", count=len(rest), detail=detail)]


def _judge_jpeg(frame: bytes, offset: int) -> list[Finding]:
    """Return what a JPEG frame shows of a life as a picture file."""
    structure = read_jpeg_structure(frame)
    moved = Structure(
        tuple(
            replace(block, offset=offset + block.offset) for block in structure.blocks
        ),
        structure.end_offset,
    )
    findings: list[Finding] = []
    for block in moved.blocks:
        if block.kind.startswith("FFE") and block.content.startswith(_PICTURE_MARKS):
            detail = {"offset": block.offset, "field": block.kind}
            findings.append(make("frame_was_picture", detail=detail))
            break
    findings += judge_texts(read_jpeg_texts(moved))
    return findings + judge_tables(moved)
