"""A picture file as a file: everything the lane asks of PNG, JPEG, TIFF and WebP."""

from __future__ import annotations

from workers.decode.structure import (
    Structure,
    read_jpeg_structure,
    read_png_structure,
    read_webp_structure,
)
from workers.lanes.container.ends import describe_tail, judge_other_openings
from workers.lanes.container.exif import judge_exif, read_exif_blocks
from workers.lanes.container.jpeg import estimate_quality, judge_tables, read_tables
from workers.lanes.container.layout import (
    judge_chroma,
    judge_credentials,
    judge_depth,
    judge_size,
)
from workers.lanes.container.png import judge_png
from workers.lanes.container.profiles import judge_profiles
from workers.lanes.container.segments import (
    judge_comments,
    judge_segments,
    list_segments,
)
from workers.lanes.container.stealth import judge_hidden_settings
from workers.lanes.container.texts import read_texts
from workers.lanes.container.thumbnails import judge_thumbnails, list_thumbnails
from workers.lanes.container.tiff import judge_tiff
from workers.lanes.container.traces import judge_scripts, judge_texts
from workers.lanes.container.twice import judge_saved_twice
from workers.lanes.container.webp import judge_webp
from workers.types import DecodedImage, FileFormat, Finding


def judge_picture(image: DecodedImage) -> list[Finding]:
    """Return the findings about a picture file."""
    content = image.path.read_bytes() if image.format is FileFormat.JPEG else b""
    structure = _read_structure(image, content)
    texts = read_texts(image.path, image.format, structure)
    findings = judge_texts(texts)
    findings += judge_scripts(texts)
    blocks = read_exif_blocks(image, structure)
    packets = [(text.text, text.offset) for text in texts if "xmp" in text.key.lower()]
    credentials = judge_credentials(image, structure)
    said = judge_exif(image, blocks, packets)
    if credentials:
        said = [f for f in said if not f.code.startswith("credentials_")]
    findings += credentials + said
    findings += judge_thumbnails(image, list_thumbnails(blocks, structure))
    findings += judge_profiles(structure)
    findings += judge_size(image)
    findings += judge_hidden_settings(image)
    findings += judge_chroma(image, structure)
    findings += judge_depth(image)
    if structure.end_offset is not None:
        findings += describe_tail(image.path, structure.end_offset, image.size_bytes)
    findings += judge_other_openings(image.path, image.size_bytes)
    if image.format is FileFormat.JPEG:
        findings += _judge_jpeg(content, structure)
        findings += judge_saved_twice(image.path, image, structure)
    elif image.format is FileFormat.PNG:
        findings += judge_png(image)
    elif image.format is FileFormat.WEBP:
        findings += judge_webp(image, structure)
    else:
        findings += judge_tiff(image)
    return findings


def _judge_jpeg(content: bytes, structure: Structure) -> list[Finding]:
    segments = list_segments(content)
    table = read_tables(structure).get(0)
    estimate = None if table is None else estimate_quality(table)
    quality = estimate.quality if estimate and estimate.is_standard else None
    findings = judge_segments(segments)
    findings += judge_comments(segments, quality)
    return findings + judge_tables(structure)


def _read_structure(image: DecodedImage, content: bytes) -> Structure:
    if image.format is FileFormat.PNG:
        return read_png_structure(image.path)
    if image.format is FileFormat.JPEG:
        return read_jpeg_structure(content)
    if image.format is FileFormat.WEBP:
        return read_webp_structure(image.path)
    return Structure((), None)
