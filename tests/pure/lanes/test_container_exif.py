"""EXIF, XMP and small copies, held against the picture and each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.containers import codes, encode, find, make_film, segment, write

FILM = make_film()
ROWS, COLUMNS = FILM.shape
XMP = b"http://ns.adobe.com/xap/1.0/\x00"


def make_exif(main: dict[int, Any], details: dict[int, Any] | None = None) -> Any:
    exif = Image.Exif()
    exif.update(main)
    exif.get_ifd(0x8769).update(details or {})
    return exif


def save(path: Path, main: dict[int, Any], details: dict[int, Any], xmp: str) -> Path:
    whole = encode(FILM, exif=make_exif(main, details))
    if xmp:
        whole = whole[:2] + segment(0xE1, XMP + f"<x {xmp}/>".encode()) + whole[2:]
    return write(path, whole)


@pytest.mark.parametrize(
    ("main", "details", "xmp", "code"),
    [
        ({}, {0xA002: 900, 0xA003: 800}, "", "exif_size_conflict"),
        ({0x100: 900, 0x101: 800}, {}, "", "exif_size_conflict"),
        (
            {0x132: "2020:01:01 10:00:00"},
            {0x9003: "2021:01:01 10:00:00"},
            "",
            "exif_date_conflict",
        ),
        ({0x112: 6}, {}, "", "exif_orientation"),
        ({}, {0x829D: 2.8, 0x8827: 400}, "", "camera_exposure"),
        ({}, {0x9286: b"ASCII\x00\x00\x00Screenshot"}, "", "screenshot"),
        ({}, {}, 'exif:PixelXDimension="9" exif:PixelYDimension="8"',
         "xmp_size_conflict"),
        (
            {},
            {},
            'xmp:CreateDate="2021-05-01T10:00" xmp:ModifyDate="2020-05-01T10:00"',
            "xmp_date_conflict",
        ),
        ({}, {}, 'stEvt:action="saved" stEvt:action="converted"', "xmp_history"),
        ({}, {}, 'dcterms:provenance="https://a.example/x.c2pa"',
         "credentials_elsewhere"),
        ({}, {}, 'xmlns:c="https://contentauth.org/ns"', "credentials_remains"),
        ({0x112: 1}, {}, 'tiff:Orientation="6"', "orientation_conflict"),
        ({0x131: "Fuji FCR"}, {}, 'xmp:CreatorTool="Agfa NX"', "software_conflict"),
    ],
)  # fmt: skip
def test_conflict_is_told_with_its_field(
    tmp_path: Path, main: dict[int, Any], details: dict[int, Any], xmp: str, code: str
) -> None:
    path = save(tmp_path / "film.jpg", main, details, xmp)
    assert codes(path) == {code}
    assert find(path, code).weight <= 0.25


def test_fields_that_agree_are_no_finding(tmp_path: Path) -> None:
    main = {
        0x112: 1,
        0x131: "Fuji FCR",
        0x132: "2021:01:01 10:00:01",
        0x100: COLUMNS,
        0x101: ROWS,
    }
    # Turned by 90 degrees a picture keeps its size, the other way round.
    details = {0xA002: ROWS, 0xA003: COLUMNS, 0x9003: "2021:01:01 10:00:00"}
    xmp = (
        'tiff:Orientation="1" xmp:CreatorTool="Fuji FCR" '
        'xmp:CreateDate="2021-01-01T10:00" xmp:ModifyDate="2021-01-01T10:00"'
    )
    assert codes(save(tmp_path / "film.jpg", main, details, xmp)) == set()


def test_size_that_is_zero_or_no_number_is_no_conflict(tmp_path: Path) -> None:
    path = save(tmp_path / "film.jpg", {}, {0xA002: 0, 0xA003: 0}, "")
    assert codes(path) == set()


def test_place_on_earth_is_noted_but_not_repeated(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 7.5)})
    path = write(tmp_path / "film.jpg", encode(FILM, exif=exif))
    assert codes(path) == {"exif_place"}
    finding = find(path, "exif_place")
    assert set(finding.detail) == {"offset", "tag"}
    assert not any(character.isdigit() for character in finding.text)


def test_values_of_fields_are_never_repeated(tmp_path: Path) -> None:
    main = {0x131: "Jane Roe workstation", 0x13B: "Roe, Jane", 0x112: 1}
    xmp = 'xmp:CreatorTool="Doe, John" tiff:Orientation="6"'
    path = save(tmp_path / "film.jpg", main, {}, xmp)
    for code in codes(path):
        finding = find(path, code)
        said = finding.text + str(finding.detail)
        assert "Roe" not in said
        assert "Doe" not in said


def photoshop_copy(thumbnail: bytes) -> bytes:
    body = bytes(28) + thumbnail
    return (
        b"Photoshop 3.0\x008BIM\x04\x0c\x00\x00" + len(body).to_bytes(4, "big") + body
    )


def with_copy(path: Path, thumbnail: bytes) -> Path:
    whole = encode(FILM)
    return write(path, whole[:2] + segment(0xED, photoshop_copy(thumbnail)) + whole[2:])


def shrink(pixels: Any, size: tuple[int, int]) -> Any:
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def test_small_copy_of_the_same_film_is_no_finding(tmp_path: Path) -> None:
    copy = shrink(FILM, (COLUMNS // 2, ROWS // 2))
    barred = np.zeros((ROWS // 2, ROWS // 2 + 20), np.uint8)
    barred[:, 25 : 25 + copy.shape[1]] = copy
    for pixels in (copy, np.rot90(copy), copy[::-1, ::-1], barred):
        encoded = encode(np.ascontiguousarray(pixels), quality=60)
        assert codes(with_copy(tmp_path / "film.jpg", encoded)) == set()


def test_small_copy_of_another_film_is_a_finding(tmp_path: Path) -> None:
    other = shrink(make_film(seed=9), (COLUMNS // 2, ROWS // 2))
    path = with_copy(tmp_path / "film.jpg", encode(other))
    assert codes(path) == {"thumbnail_mismatch"}
    assert find(path, "thumbnail_mismatch").weight >= 0.5


def test_small_copy_of_other_proportions_is_a_note(tmp_path: Path) -> None:
    path = with_copy(tmp_path / "film.jpg", encode(shrink(FILM, (160, 90))))
    assert codes(path) == {"thumbnail_shape"}


def test_damaged_small_copy_is_a_note(tmp_path: Path) -> None:
    whole = b"\xff\xd8\xff\xe0 nothing that decodes"
    assert codes(with_copy(tmp_path / "a.jpg", whole)) == {"thumbnail_damaged"}


def test_small_copy_in_exif_is_found(tmp_path: Path) -> None:
    thumbnail = encode(shrink(make_film(seed=9), (80, 96)))
    ifd = b"\x02\x00" + b"".join(
        tag.to_bytes(2, "little")
        + b"\x04\x00\x01\x00\x00\x00"
        + n.to_bytes(4, "little")
        for tag, n in ((0x201, 44), (0x202, len(thumbnail)))
    )
    body = b"II*\x00\x08\x00\x00\x00" + b"\x00\x00" + b"\x0e\x00\x00\x00"
    body += ifd + bytes(4)
    content = b"Exif\x00\x00" + body.ljust(44, b"\x00") + thumbnail
    whole = encode(FILM)
    path = write(tmp_path / "a.jpg", whole[:2] + segment(0xE1, content) + whole[2:])
    assert codes(path) == {"thumbnail_mismatch"}
    assert find(path, "thumbnail_mismatch").detail["field"] == "EXIF"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_exif_of_other_formats_is_read_too(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "film"
    exif = make_exif({0x112: 6}, {0x829D: 2.8, 0x8827: 400})
    Image.fromarray(FILM).save(path, kind, exif=exif, lossless=True)
    # Pillow leaves the Exif directory out when it writes a TIFF.
    expected = {"exif_orientation"} | ({"camera_exposure"} if kind != "TIFF" else set())
    assert expected <= codes(path)


def test_second_exif_block_is_noted(tmp_path: Path) -> None:
    block = segment(0xE1, make_exif({0x112: 1}).tobytes())
    whole = encode(FILM)
    path = write(tmp_path / "a.jpg", whole[:2] + block * 2 + whole[2:])
    assert codes(path) == {"exif_repeated"}
    assert find(path, "exif_repeated").detail["offset"] == 2 + len(block)
