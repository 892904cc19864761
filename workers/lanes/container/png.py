"""The chunks of a PNG: their order, checksums, kinds, and what hides between them."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workers.decode.structure import MAX_BLOCKS
from workers.lanes.container.findings import make
from workers.lanes.container.layout import has_generator_size
from workers.types import DecodedImage, Finding


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# PNG 3rd edition, table 7 (5.6), and the extensions it keeps registered.
_STANDARD = _names(
    "IHDR PLTE IDAT IEND acTL cHRM cICP gAMA iCCP mDCV cLLI mDCv cLLi sBIT sRGB bKGD"
    " hIST tRNS eXIf fcTL pHYs sPLT fdAT tIME iTXt tEXt zTXt oFFs pCAL sCAL gIFg gIFx"
    " gIFt sTER dSIG zxIf"
)
# Private chunks whose writers are known.
_PRIVATE = {
    "caBX": "",  # content credentials, told elsewhere
    "iDOT": "Apple's picture library",
    "CgBI": "Apple's tools for phones",
    "vpAg": "ImageMagick",
    "orNT": "ImageMagick",
    "caNv": "ImageMagick",
    "exIf": "ImageMagick",
    "prVW": "Fireworks",
    "mkBF": "Fireworks",
    "mkBS": "Fireworks",
    "mkBT": "Fireworks",
    "mkTS": "Fireworks",
    "cmOD": "Microsoft's picture library",
    "cpIp": "Microsoft's picture library",
    "msOG": "Microsoft Office",
    "skMf": "Evernote Skitch",
    "skRf": "Evernote Skitch",
    "npTc": "Android's build tools",
    "npOl": "Android's build tools",
    "npLb": "Android's build tools",
}
# Must come before PLTE and IDAT; and between PLTE and IDAT (table 7).
_BEFORE_PALETTE = _names("cHRM cICP gAMA iCCP mDCV cLLI sBIT sRGB")
_BEFORE_DATA = _names("PLTE bKGD hIST tRNS pHYs sPLT acTL")
_AFTER_PALETTE = _names("bKGD hIST tRNS")
_SINGLE = _names(
    "IHDR PLTE IEND acTL cHRM cICP gAMA iCCP mDCV cLLI sBIT sRGB bKGD hIST tRNS eXIf"
    " pHYs tIME"
)
_STEP_BYTES = 1 << 20
# Pictures whose data are more than this are not inflated a second time.
_MOST_RAW_BYTES = 48 << 20
# Length of the IDAT chunks in PNG of OpenAI's and Microsoft's generators, and Pillow's.
_GENERATOR_STEP = 65_536
# Table 12: samples by colour type; Adam7 (8.1): start and step of each pass.
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = (
    (0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4),
    (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1),
)  # fmt: skip


@dataclass(frozen=True)
class Chunk:
    """One chunk: offset of its length field, length of its content."""

    kind: str
    offset: int
    length: int
    is_intact: bool


def list_chunks(path: Path) -> list[Chunk]:
    """Return all chunks to IEND, checksums verified (PNG 3rd edition 5.3)."""
    chunks: list[Chunk] = []
    with path.open("rb") as stream:
        offset = 8
        while len(chunks) < MAX_BLOCKS:
            stream.seek(offset)
            head = stream.read(8)
            if len(head) < 8:
                break
            length, kind = int.from_bytes(head[:4], "big"), head[4:]
            checksum, left = zlib.crc32(kind), length
            while left > 0:
                part = stream.read(min(left, _STEP_BYTES))
                if not part:
                    break
                checksum, left = zlib.crc32(part, checksum), left - len(part)
            intact = stream.read(4) == checksum.to_bytes(4, "big")
            name = kind.decode("ascii", "replace")
            chunks.append(Chunk(name, offset, length, intact))
            offset += 12 + length
            if kind == b"IEND":
                break
    return chunks


def judge_png(image: DecodedImage) -> list[Finding]:
    """Return the findings about the chunks."""
    chunks = list_chunks(image.path)
    findings = _judge_integrity(chunks)
    findings += _judge_order(chunks)
    findings += _judge_kinds(chunks)
    with image.path.open("rb") as stream:
        header = stream.read(33)
    if len(header) == 33 and header[25] in _SAMPLES:
        findings += _judge_colour(header[25], chunks, image.path)
        findings += _judge_layout(header[24:26], chunks, image)
        findings += _judge_data(header, chunks, image)
    return findings


def _judge_integrity(chunks: list[Chunk]) -> list[Finding]:
    broken = [chunk for chunk in chunks if not chunk.is_intact]
    if not broken:
        return []
    detail = {"offset": broken[0].offset, "count": len(broken)}
    return [make("png_bad_checksum", kind=_show(broken[0].kind), detail=detail)]


def _judge_order(chunks: list[Chunk]) -> list[Finding]:
    findings = []
    kinds = [chunk.kind for chunk in chunks]
    first = {kind: kinds.index(kind) for kind in set(kinds)}
    data = first.get("IDAT", len(kinds))
    palette = first.get("PLTE", data)
    for index, chunk in enumerate(chunks):
        late = (chunk.kind in _BEFORE_PALETTE and index > min(palette, data)) or (
            chunk.kind in _BEFORE_DATA and index > data
        )
        early = chunk.kind in _AFTER_PALETTE and index < palette < data
        if late or early or (chunk.kind == "IHDR") is not (index == 0):
            detail = {"offset": chunk.offset}
            findings.append(
                make("png_chunk_order", kind=_show(chunk.kind), detail=detail)
            )
            break
    counts = Counter(kinds)
    repeated = [c for c in chunks if c.kind in _SINGLE and counts[c.kind] > 1]
    if repeated:
        detail = {"offset": repeated[1].offset}
        kind = _show(repeated[1].kind)
        findings.append(make("png_repeated_chunk", kind=kind, detail=detail))
    places = [index for index, kind in enumerate(kinds) if kind == "IDAT"]
    if places and places[-1] - places[0] + 1 != len(places):
        between = chunks[next(i for i in range(data, len(kinds)) if i not in places)]
        findings.append(make("png_split_data", detail={"offset": between.offset}))
    return findings


def _judge_kinds(chunks: list[Chunk]) -> list[Finding]:
    findings = []
    unknown = [c for c in chunks if c.kind not in _STANDARD and c.kind not in _PRIVATE]
    if unknown:
        kinds = sorted({_show(chunk.kind) for chunk in unknown})[:8]
        detail = {
            "offset": unknown[0].offset,
            "kinds": kinds,
            "bytes": sum(chunk.length for chunk in unknown),
        }
        findings.append(
            make("png_unknown_chunk", kinds=", ".join(kinds), detail=detail)
        )
    for chunk in chunks:
        program = _PRIVATE.get(chunk.kind)
        if program:
            detail = {"offset": chunk.offset, "kind": chunk.kind}
            findings.append(make("png_program_chunk", program=program, detail=detail))
            break
    frames = sum(chunk.kind == "fcTL" for chunk in chunks)
    animated = next((c for c in chunks if c.kind == "acTL"), None)
    if animated is not None and frames > 1:
        detail = {"offset": animated.offset, "frames": frames}
        findings.append(make("animation", frames=frames, detail=detail))
    return findings


def _judge_colour(colour: int, chunks: list[Chunk], path: Path) -> list[Finding]:
    place = next((chunk for chunk in chunks if chunk.kind == "tRNS"), None)
    findings = []
    if colour in (4, 6) or place is not None:
        offset = 25 if place is None else place.offset
        findings.append(make("alpha_channel", detail={"offset": offset}))
    palette = next((chunk for chunk in chunks if chunk.kind == "PLTE"), None)
    if colour == 3 and palette is not None:
        with path.open("rb") as stream:
            stream.seek(palette.offset + 8)
            entries = stream.read(min(palette.length, 768))
        is_grey = entries[0::3] == entries[1::3] == entries[2::3]
        detail = {"offset": palette.offset, "entries": len(entries) // 3}
        weight = 0.1 if is_grey else 0.25
        kind = "grey" if is_grey else "coloured"
        findings.append(make("palette", weight=weight, kind=kind, detail=detail))
    return findings


def _judge_layout(
    depth_and_colour: bytes, chunks: list[Chunk], image: DecodedImage
) -> list[Finding]:
    """Return a hint if the file is laid out as generators' output without the block of
    credentials."""
    data = [chunk for chunk in chunks if chunk.kind == "IDAT"]
    bare = [c.kind for c in chunks] == ["IHDR", *["IDAT"] * len(data), "IEND"]
    full = len(data) > 1 and all(c.length == _GENERATOR_STEP for c in data[:-1])
    if not (bare and full and depth_and_colour == b"\x08\x02"):
        return []
    if not has_generator_size(image):
        return []
    return [make("generator_layout", detail={"offset": data[0].offset})]


def _judge_data(
    header: bytes, chunks: list[Chunk], image: DecodedImage
) -> list[Finding]:
    """Return findings about data that no decoder shows: rows below the last one, and
    bytes behind the end of the compressed stream."""
    expected = _count_raw_bytes(header)
    if expected > _MOST_RAW_BYTES:
        return []
    inflater, total, after, offset = zlib.decompressobj(), 0, 0, 0
    try:
        for place, part in _read_data(image.path, chunks):
            if inflater.eof:
                after += len(part)
                offset = offset or place
                continue
            step = part
            while step and total <= expected:
                total += len(inflater.decompress(step, _STEP_BYTES))
                step = inflater.unconsumed_tail
            if total > expected:
                detail = {"offset": place, "expected_bytes": expected}
                return [make("png_hidden_rows", detail=detail)]
            if inflater.eof and inflater.unused_data:
                after += len(inflater.unused_data)
                offset = place + len(part) - len(inflater.unused_data)
    except zlib.error:
        return []
    if after == 0:
        return []
    detail = {"offset": offset, "bytes": after}
    return [make("png_hidden_bytes", count=after, detail=detail)]


def _read_data(path: Path, chunks: list[Chunk]) -> Iterator[tuple[int, bytes]]:
    """Yield (offset in the file, bytes) of the picture's data, in steps."""
    with path.open("rb") as stream:
        for chunk in chunks:
            if chunk.kind != "IDAT":
                continue
            stream.seek(chunk.offset + 8)
            left = chunk.length
            while left > 0 and (part := stream.read(min(left, _STEP_BYTES))):
                yield stream.tell() - len(part), part
                left -= len(part)


def _count_raw_bytes(header: bytes) -> int:
    """Return how many bytes the inflated data have: filter byte and samples a row."""
    columns, rows = (int.from_bytes(header[i : i + 4], "big") for i in (16, 20))
    bits = header[24] * _SAMPLES[header[25]]
    passes = _PASSES if header[28] else ((0, 0, 1, 1),)
    total = 0
    for row, column, row_step, column_step in passes:
        high = -(-(rows - row) // row_step) if rows > row else 0
        wide = -(-(columns - column) // column_step) if columns > column else 0
        total += high * (1 + -(-wide * bits // 8)) if wide else 0
    return total


def _show(kind: str) -> str:
    """Return a chunk's name with anything but letters replaced."""
    return "".join(c if c.isascii() and c.isalpha() else "?" for c in kind)
