"""TIFF directories and WebP chunks: what points where, and what was promised."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.containers import codes, encode, find, make_film, riff, webp, write
from workers.decode import decode_film
from workers.decode.structure import read_webp_structure
from workers.decode.tiff import MAX_DIRECTORIES, read_numbers, read_tiff_tree
from workers.lanes.container.webp import judge_webp

FILM = make_film(64, 48)
SHORT, LONG = 3, 4


def make_tiff(
    fields: dict[int, tuple[int, list[int]]] | None = None,
    *,
    order: str = "<",
    big: bool = False,
    tail: bytes = b"",
    following: int = 0,
    tags: list[int] | None = None,
    between: bytes = b"",
) -> bytes:
    """Return a grey TIFF of one strip: header, strip, `between`, directory, `tail`."""
    rows, columns = FILM.shape
    head = 16 if big else 8
    entries: dict[int, tuple[int, list[int]]] = {
        256: (SHORT, [columns]), 257: (SHORT, [rows]), 258: (SHORT, [8]),
        259: (SHORT, [1]), 262: (SHORT, [1]), 273: (LONG, [head]),
        277: (SHORT, [1]), 278: (SHORT, [rows]), 279: (LONG, [FILM.size]),
        **(fields or {}),
    }  # fmt: skip
    chosen = sorted(entries) if tags is None else tags
    place = head + FILM.size + len(between)
    body = struct.pack(f"{order}{'Q' if big else 'H'}", len(chosen))
    width = 8 if big else 4
    for tag in chosen:
        kind, values = entries[tag]
        content = b"".join(
            struct.pack(f"{order}{'H' if kind == SHORT else 'I'}", v) for v in values
        )
        body += struct.pack(f"{order}HH{'Q' if big else 'I'}", tag, kind, len(values))
        body += content.ljust(width, b"\x00")
    body += struct.pack(f"{order}{'Q' if big else 'I'}", following)
    mark = b"II" if order == "<" else b"MM"
    if big:
        header = mark + struct.pack(f"{order}HHHQ", 43, 8, 0, place)
    else:
        header = mark + struct.pack(f"{order}HI", 42, place)
    return header + FILM.tobytes() + between + body + tail


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_plain_tiff_is_walked_to_its_end(tmp_path: Path, order: str, big: bool) -> None:
    path = write(tmp_path / "a.tif", make_tiff(order=order, big=big))
    tree = read_tiff_tree(path, path.stat().st_size)
    assert tree is not None
    assert (tree.is_big, len(tree.directories), tree.beyond) == (big, 1, [])
    assert max(end for _, end in tree.extents) == path.stat().st_size
    entry = tree.directories[0].find(279)
    assert entry is not None
    assert read_numbers(path, tree, entry) == [FILM.size]
    if not (big and order == ">"):  # which Pillow does not read
        assert np.array_equal(np.asarray(Image.open(path)), FILM)
        assert codes(path) == set()


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}])
def test_tiff_of_a_library_has_no_findings(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    path = write(tmp_path / "a.tif", encode(make_film(400, 300), "TIFF", **options))
    assert codes(path) == set()


PLAIN = make_tiff()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (make_tiff(fields={37724: (LONG, [1])}), "tiff_layers"),
        (make_tiff(fields={60001: (LONG, [1])}), "tiff_private_tag"),
        (make_tiff(tags=[257, 256, 258, 259, 262, 273, 277, 278, 279]),
         "tiff_tag_order"),
        (make_tiff(tags=[256, 257, 258, 259, 262, 273, 277, 278, 279, 279]),
         "tiff_repeated_tag"),
        (make_tiff(following=8 + FILM.size), "tiff_loop"),
        (make_tiff(between=b"a secret " * 40), "tiff_unreferenced"),
        (make_tiff(tail=b"MZ program"), "trailing_program"),
        (make_tiff(tail=b"some note"), "trailing_data"),
    ],
)  # fmt: skip
def test_odd_directory_is_told(tmp_path: Path, content: bytes, code: str) -> None:
    path = write(tmp_path / "film.tif", content)
    assert codes(path) == {code}
    assert 0 < find(path, code).detail["offset"] < len(content)


@pytest.mark.filterwarnings("ignore")
def test_field_that_points_beyond_the_end_is_told(tmp_path: Path) -> None:
    whole = make_tiff(fields={60002: (LONG, [1 << 30])})
    entry = struct.pack("<HHI", 60002, LONG, 1)
    # Nine values no longer fit into the field; so it is read as a pointer.
    lying = whole.replace(entry, struct.pack("<HHI", 60002, LONG, 9))
    path = write(tmp_path / "film.tif", lying)
    assert {"tiff_pointer_beyond", "tiff_private_tag"} == codes(path)
    offset = find(path, "tiff_pointer_beyond").detail["offset"]
    assert lying[offset : offset + 2] == (60002).to_bytes(2, "little")


def test_colours_and_transparency_of_a_tiff_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "film.tif"
    Image.fromarray(np.dstack([FILM] * 3 + [FILM * 0 + 255]), "RGBA").save(path)
    assert codes(path) == {"alpha_channel", "grey_as_colour"}
    picture = Image.fromarray(FILM // 16, "P")
    picture.putpalette([value for n in range(16) for value in (n, 0, 16 * n)])
    picture.save(path)
    assert "palette" in codes(path)


def test_strips_that_share_bytes_are_told(tmp_path: Path) -> None:
    half = FILM.size // 2
    whole = make_tiff(
        fields={
            278: (SHORT, [32]),
            273: (SHORT, [8, 8]),
            279: (SHORT, [half, half]),
        }
    )
    path = write(tmp_path / "film.tif", whole)
    # The same strip twice is one extent, as writers of blank pages have it.
    assert "tiff_overlap" not in codes(path)
    shifted = whole.replace(
        struct.pack("<HHIHH", 273, SHORT, 2, 8, 8),
        struct.pack("<HHIHH", 273, SHORT, 2, 8, 208),
    )
    assert "tiff_overlap" in codes(write(path, shifted))


def test_short_gaps_and_padding_are_no_finding(tmp_path: Path) -> None:
    for between in (b"x" * 100, bytes(4000)):
        path = write(tmp_path / "a.tif", make_tiff(between=between, tail=bytes(30)))
        assert codes(path) == set()


def test_pages_and_lossy_parts_are_noted(tmp_path: Path) -> None:
    pages = [Image.fromarray(make_film(64, n)) for n in (48, 40, 56)]
    path = tmp_path / "film.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert find(path, "tiff_more_pages").detail["pages"] == 2
    pages[0].save(path, compression="jpeg")
    assert "tiff_lossy" in codes(path)


def test_directories_that_multiply_end_the_walk(tmp_path: Path) -> None:
    """Each directory names many others (SubIFDs); the walk stops at its limit."""
    count = 2000
    head = b"II*\x00\x08\x00\x00\x00"
    names = struct.pack(f"<{count}I", *(16_400 + 6 * n for n in range(count)))
    first = struct.pack("<HHHII", 1, 330, LONG, count, 100) + bytes(4)
    body = (head + first).ljust(100, b"\x00") + names
    path = write(tmp_path / "a.tif", body.ljust(40_000, b"\x00"))
    tree = read_tiff_tree(path, path.stat().st_size)
    assert tree is not None
    assert len(tree.directories) <= MAX_DIRECTORIES
    assert not tree.is_complete


def parts_of(path: Path, **options: Any) -> tuple[bytes, bytes]:
    """Return (kind, content) of the picture chunk that the library writes."""
    write(path, encode(np.dstack([FILM] * 3), "WEBP", **options))
    whole = path.read_bytes()
    (block,) = read_webp_structure(path).blocks
    length = int.from_bytes(whole[block.offset + 4 : block.offset + 8], "little")
    return whole[12:16], whole[block.offset + 8 : block.offset + 8 + length]


def extended(flags: int, columns: int = 48, rows: int = 64) -> bytes:
    sizes = (columns - 1).to_bytes(3, "little") + (rows - 1).to_bytes(3, "little")
    return riff(b"VP8X", bytes([flags, 0, 0, 0]) + sizes)


def test_webp_chunks_are_held_against_the_header(tmp_path: Path) -> None:
    path = tmp_path / "film.webp"
    kind, content = parts_of(path, lossless=True)
    picture = riff(kind, content)
    xmp = riff(b"XMP ", b"<x/>")
    cases = [
        (webp(picture), set()),
        (webp(extended(0), picture), set()),
        (webp(extended(4), picture, xmp), set()),
        (webp(extended(4), picture), {"webp_chunk_missing"}),
        (webp(extended(0), picture, xmp), {"webp_chunk_added"}),
        (webp(picture, riff(b"hide", b"secret")), {"webp_unknown_chunk"}),
        (webp(picture, picture), {"webp_second_picture"}),
    ]
    for whole, expected in cases:
        assert codes(write(path, whole)) == expected


def test_lossy_webp_is_noted(tmp_path: Path) -> None:
    parts_of(tmp_path / "a.webp", quality=80)
    assert codes(tmp_path / "a.webp") == {"webp_lossy"}


def test_canvas_of_another_size_is_a_finding(tmp_path: Path) -> None:
    path, plain = tmp_path / "film.webp", tmp_path / "film.png"
    Image.fromarray(FILM).save(plain)
    for options in ({"lossless": True}, {"quality": 80}):
        picture = riff(*parts_of(path, **options))
        write(path, webp(extended(0, 60, 64), picture))
        # Decoders refuse such a file; the lane is asked without them.
        film = replace(decode_film(plain), path=path)
        found = judge_webp(film, read_webp_structure(path))
        (conflict,) = (f for f in found if f.code == "webp_size_conflict")
        assert conflict.detail["canvas"] == [60, 64]
        assert conflict.detail["picture"] == [48, 64]


def test_animated_webp_is_a_finding(tmp_path: Path) -> None:
    frames = [Image.fromarray(make_film(seed=n)) for n in (1, 2, 3)]
    path = tmp_path / "film.webp"
    frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True)
    assert find(path, "animation").weight >= 0.5
