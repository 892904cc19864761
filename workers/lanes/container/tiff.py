"""The directories of a TIFF: what nothing points at, and what should not be there."""

from __future__ import annotations

from pathlib import Path

from PIL import TiffTags

from workers.decode.tiff import (
    TiffDirectory,
    TiffTree,
    read_numbers,
    read_tiff_tree,
)
from workers.lanes.container.ends import describe_tail
from workers.lanes.container.findings import make
from workers.types import DecodedImage, Finding

_SUBFILE, _COMPRESSION, _PHOTOMETRIC, _EXTRA_SAMPLES = 254, 259, 262, 338
_LAYERS = 37724
_CREDENTIALS = 0xCD41
_JPEG_SCHEMES = (6, 7, 34892)
_PALETTE = 3
_FIRST_PRIVATE_TAG = 32768
# Alignment and rewritten directories leave short gaps in honest files.
_LEAST_GAP_BYTES = 256
_PADDING = b"\x00\xff"


def judge_tiff(image: DecodedImage) -> list[Finding]:
    """Return the findings about directories, fields and unreferenced bytes."""
    tree = read_tiff_tree(image.path, image.size_bytes)
    if tree is None or not tree.directories:
        return []
    findings = _judge_pointers(tree)
    for directory in tree.directories:
        findings += _judge_fields(directory)
    findings = _keep_first_of_each(findings)
    findings += _judge_pages(image.path, tree)
    findings += _judge_picture(image.path, tree)
    if tree.is_complete and not tree.beyond:
        findings += _judge_gaps(image.path, tree)
        end = max(end for _, end in tree.extents)
        findings += describe_tail(image.path, end, image.size_bytes)
    return findings


def _keep_first_of_each(findings: list[Finding]) -> list[Finding]:
    kept: dict[str, Finding] = {}
    for finding in findings:
        kept.setdefault(finding.code, finding)
    return list(kept.values())


def _judge_pointers(tree: TiffTree) -> list[Finding]:
    findings = []
    if tree.beyond:
        detail = {"offset": tree.beyond[0], "count": len(tree.beyond)}
        findings.append(make("tiff_pointer_beyond", detail=detail))
    if tree.loops:
        detail = {"offset": tree.loops[0], "count": len(tree.loops)}
        findings.append(make("tiff_loop", detail=detail))
    previous = 0
    for start, end in sorted(set(tree.data_extents)):
        if start < previous:
            findings.append(make("tiff_overlap", detail={"offset": start}))
            break
        previous = max(previous, end)
    return findings


def _judge_fields(directory: TiffDirectory) -> list[Finding]:
    findings = []
    previous = -1
    for entry in directory.entries:
        detail = {"offset": entry.offset, "tag": entry.tag}
        if entry.tag == previous:
            findings.append(make("tiff_repeated_tag", tag=entry.tag, detail=detail))
        elif entry.tag < previous:
            findings.append(make("tiff_tag_order", tag=entry.tag, detail=detail))
        previous = max(previous, entry.tag)
        is_main = directory.parent_tag in (0, 330)
        is_named = TiffTags.lookup(entry.tag).name != "unknown"
        known = is_named or entry.tag == _CREDENTIALS
        if entry.tag == _LAYERS:
            findings.append(make("tiff_layers", detail=detail))
        elif is_main and entry.tag >= _FIRST_PRIVATE_TAG and not known:
            findings.append(make("tiff_private_tag", tag=entry.tag, detail=detail))
    return findings


def _judge_pages(path: Path, tree: TiffTree) -> list[Finding]:
    """Return a note on pages that are neither reduced copies nor masks (TIFF 6.0 8)."""
    pages = [one for one in tree.directories if one.parent_tag == 0]
    further = []
    for page in pages[1:]:
        entry = page.find(_SUBFILE)
        kind = read_numbers(path, tree, entry, most=1) if entry else [0]
        if not kind or not kind[0] & 0b101:
            further.append(page.offset)
    if not further:
        return []
    detail = {"offset": further[0], "pages": len(further)}
    return [make("tiff_more_pages", count=len(further), detail=detail)]


def _judge_picture(path: Path, tree: TiffTree) -> list[Finding]:
    first = tree.directories[0]
    findings = []
    for tag, wanted, code in (
        (_COMPRESSION, _JPEG_SCHEMES, "tiff_lossy"),
        (_PHOTOMETRIC, (_PALETTE,), "palette"),
        (_EXTRA_SAMPLES, (1, 2), "alpha_channel"),
    ):
        entry = first.find(tag)
        numbers = read_numbers(path, tree, entry, most=1) if entry else []
        if entry is None or not numbers or numbers[0] not in wanted:
            continue
        detail = {"offset": entry.offset, "tag": tag}
        if tag == _PHOTOMETRIC:
            findings.append(make("palette", kind="coloured", detail=detail))
        else:
            findings.append(make(code, detail=detail))
    return findings


def _judge_gaps(path: Path, tree: TiffTree) -> list[Finding]:
    """Return a finding about the largest stretch that nothing points at."""
    gaps, reached = [], 0
    for start, end in sorted(tree.extents):
        if start - reached >= _LEAST_GAP_BYTES:
            gaps.append((reached, start))
        reached = max(reached, end)
    total, first = 0, 0
    with path.open("rb") as stream:
        for start, end in gaps:
            stream.seek(start)
            if stream.read(min(end - start, 1 << 20)).strip(_PADDING):
                first = first or start
                total += end - start
    if total == 0:
        return []
    detail = {"offset": first, "bytes": total}
    return [make("tiff_unreferenced", count=total, detail=detail)]
