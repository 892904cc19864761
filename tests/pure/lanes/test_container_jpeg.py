"""JPEG segments, tables, comments; EXIF and XMP against the picture; small copies."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.containers import codes, encode, find, make_film, segment, write
from workers.decode.structure import read_jpeg_structure
from workers.lanes.container.jpeg import name_family, read_tables
from workers.lanes.container.segments import list_segments

FILM = make_film()
PLAIN = encode(FILM, quality=90)
XMP = b"http://ns.adobe.com/xap/1.0/\x00"


def with_segment(marker: int, body: bytes, whole: bytes = PLAIN) -> bytes:
    return whole[:2] + segment(marker, body) + whole[2:]


def xmp(text: str) -> bytes:
    return with_segment(0xE1, XMP + f"<x {text}/>".encode())


def test_plain_jpeg_has_no_findings(tmp_path: Path) -> None:
    assert codes(write(tmp_path / "a.jpg", PLAIN)) == set()


def test_segments_cover_the_file_without_a_gap() -> None:
    segments = list_segments(PLAIN)
    assert [part.marker for part in segments[:2]] == [0xD8, 0xE0]
    assert (segments[-1].marker, segments[-1].offset) == (0xD9, len(PLAIN) - 2)
    for part, following in itertools.pairwise(segments):
        if part.marker != 0xDA:
            assert part.offset + part.length == following.offset


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (PLAIN[:-2] + segment(0xFE, b"x") + b"gap!" + b"\xff\xd9", "jpeg_gap"),
        (encode(FILM, progressive=True), "jpeg_progressive"),
        (with_segment(0xE7, b"hidden things"), "jpeg_unknown_segment"),
        (with_segment(0xE2, b"MPF\x00II*\x00"), "jpeg_more_pictures"),
        (with_segment(0xEC, b"Ducky\x00\x01"), "photoshop_save"),
        (
            with_segment(0xED, b"Photoshop 3.0\x008BIM\x04\x06" + bytes(12)),
            "photoshop_save",
        ),
        (with_segment(0xE2, b"ICC_PROFILE\x00\x01\x01hidden"), "profile_damaged"),
        (with_segment(0xE1, b"Exif\x00\x00nonsense"), "exif_damaged"),
        (encode(np.dstack([FILM] * 3)), "grey_as_colour"),
    ],
)
def test_odd_segment_is_told(tmp_path: Path, content: bytes, code: str) -> None:
    path = write(tmp_path / "film.jpg", content)
    assert code in codes(path)
    detail = find(path, code).detail
    assert "offset" in detail or "field" in detail


def test_chroma_sampling_of_a_grey_film_is_named(tmp_path: Path) -> None:
    pixels = np.dstack([FILM] * 3)
    for option, name in ((0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")):
        path = write(tmp_path / "a.jpg", encode(pixels, subsampling=option))
        assert find(path, "grey_as_colour").detail["sampling"] == name


def test_known_segments_are_no_finding(tmp_path: Path) -> None:
    whole = with_segment(0xE3, b"Meta\x00\x00II")
    whole = with_segment(0xEE, b"Adobe\x00\x64" + bytes(5), whole)
    assert codes(write(tmp_path / "a.jpg", whole)) == set()


@pytest.mark.parametrize(("stated", "conflict"), [(90, False), (91, False), (60, True)])
def test_quality_in_a_comment_is_held_against_the_tables(
    tmp_path: Path, stated: int, conflict: bool
) -> None:
    text = f"CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = {stated}\n"
    path = write(tmp_path / "a.jpg", with_segment(0xFE, text.encode()))
    assert ("jpeg_comment_conflict" in codes(path)) is conflict
    assert "jpeg_library" in codes(path)


def table_of(content: bytes) -> Any:
    return read_tables(read_jpeg_structure(content))[0]


def test_families_of_tables_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    photoshop = encode(FILM, quality="maximum")
    assert name_family(table_of(photoshop)) == "Photoshop"
    assert find(write(path, photoshop), "jpeg_program_tables").weight == 0.25
    # A table of Apple's library as it stands in genuine films.
    steps = [4, 4, 7, 10, 13, 16, 20, 24, 28, 31, 31, 31, 31]
    side = [max(n - 1, 0) for n in range(8)]
    apple = [[4, *steps[1:]][a + b] for a in side for b in side]
    whole = encode(FILM, qtables=[apple])
    assert name_family(table_of(whole)) == "Apple's picture library"
    flat = encode(FILM, qtables=[[7] * 64])
    assert name_family(table_of(flat)) is None
    assert codes(write(path, flat)) == {"jpeg_own_tables"}
    assert name_family(table_of(PLAIN)) is None


def test_tables_of_two_qualities_are_noted(tmp_path: Path) -> None:
    pixels = np.dstack([FILM] * 3)
    low, high = (
        read_tables(read_jpeg_structure(encode(pixels, quality=q))) for q in (60, 95)
    )
    square = [order_by_rows(low[0]), order_by_rows(high[1])]
    path = write(tmp_path / "a.jpg", encode(pixels, qtables=square))
    detail = find(path, "jpeg_mixed_tables").detail
    assert (detail["quality"], detail["chroma_quality"]) == (60, 95)


def order_by_rows(zigzag: Any) -> list[int]:
    places = sorted(
        ((row, column) for row in range(8) for column in range(8)),
        key=lambda p: (p[0] + p[1], p[0] if (p[0] + p[1]) % 2 else p[1]),
    )
    square = np.zeros((8, 8), int)
    for value, place in zip(zigzag, places, strict=True):
        square[place] = value
    return [int(value) for value in square.ravel()]


def test_low_quality_is_noted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jpg", encode(FILM, quality=30))
    assert codes(path) == {"jpeg_coarse"}
    assert find(path, "jpeg_coarse").detail["quality"] == 30
