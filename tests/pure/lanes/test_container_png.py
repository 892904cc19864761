"""PNG chunks: their order, checksums, and what lies between and behind them."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.containers import (
    chunk,
    codes,
    encode,
    find,
    join_png,
    make_film,
    split_png,
    write,
)
from workers.decode.structure import MAX_CONTENT_BYTES, read_png_structure

PLAIN = split_png(encode(make_film(), "PNG"))
HEADER, DATA, END = PLAIN[0], PLAIN[1:-1], PLAIN[-1]
RAW = zlib.decompress(b"".join(part[8:-4] for part in DATA))


def png(path: Path, *parts: bytes) -> Path:
    return write(path, join_png(list(parts)))


def test_plain_png_has_no_findings(tmp_path: Path) -> None:
    assert codes(png(tmp_path / "a.png", *PLAIN)) == set()


BROKEN_TEXT = chunk(b"tEXt", b"Title\x00film")[:-4] + b"\x00\x00\x00\x00"
HALF = len(RAW) // 2
WHOLE = zlib.compress(RAW)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([HEADER, *DATA, BROKEN_TEXT, END], "png_bad_checksum"),
        ([HEADER, *DATA, chunk(b"pHYs", bytes(9)), END], "png_chunk_order"),
        (
            [HEADER, chunk(b"gAMA", bytes([0, 0, 177, 143])) * 2, *DATA, END],
            "png_repeated_chunk",
        ),
        (
            [HEADER, *DATA, chunk(b"tEXt", b"Title\x00a"), chunk(b"IDAT", b""), END],
            "png_split_data",
        ),
        ([HEADER, chunk(b"prVt", b"hidden"), *DATA, END], "png_unknown_chunk"),
        ([HEADER, chunk(b"iDOT", bytes(28)), *DATA, END], "png_program_chunk"),
        (
            [HEADER, chunk(b"IDAT", zlib.compress(RAW + RAW[:HALF])), END],
            "png_hidden_rows",
        ),
        ([HEADER, chunk(b"IDAT", WHOLE + b"a secret"), END], "png_hidden_bytes"),
    ],
)
def test_odd_chunk_is_told_with_its_offset(
    tmp_path: Path, parts: list[bytes], code: str
) -> None:
    path = png(tmp_path / "film.png", *parts)
    assert codes(path) == {code}
    offset = find(path, code).detail["offset"]
    assert 8 <= offset < path.stat().st_size


def test_offset_of_an_unknown_chunk_is_where_it_starts(tmp_path: Path) -> None:
    path = png(tmp_path / "a.png", HEADER, chunk(b"prVt", b"hidden"), *DATA, END)
    detail = find(path, "png_unknown_chunk").detail
    place = detail["offset"]
    assert path.read_bytes()[place + 4 : place + 8] == b"prVt"
    assert (detail["kinds"], detail["bytes"]) == (["prVt"], 6)


def test_hidden_bytes_are_placed_exactly(tmp_path: Path) -> None:
    path = png(tmp_path / "a.png", HEADER, chunk(b"IDAT", WHOLE + b"a secret"), END)
    detail = find(path, "png_hidden_bytes").detail
    assert path.read_bytes()[detail["offset"] :][:8] == b"a secret"
    assert detail["bytes"] == 8


def test_known_chunks_in_order_are_no_finding(tmp_path: Path) -> None:
    extra = [
        chunk(b"gAMA", bytes([0, 0, 177, 143])),
        chunk(b"pHYs", bytes(9)),
        chunk(b"tEXt", b"Comment\x00taken at noon"),
        chunk(b"oFFs", bytes(9)),
    ]
    assert codes(png(tmp_path / "a.png", HEADER, *extra, *DATA, END)) == set()


def test_interlaced_png_is_measured_by_its_passes(tmp_path: Path) -> None:
    for rows, columns in ((1, 1), (3, 5), (8, 8), (33, 17)):
        film = make_film(rows, columns)
        passes = b""
        for row, column, down, across in (
            (0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4),
            (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1),
        ):  # fmt: skip
            for line in film[row::down, column::across]:
                passes += (b"\x00" + line.tobytes()) if line.size else b""
        size = columns.to_bytes(4, "big"), rows.to_bytes(4, "big")
        header = chunk(b"IHDR", b"".join(size) + b"\x08\x00\x00\x00\x01")
        data = chunk(b"IDAT", zlib.compress(passes))
        path = png(tmp_path / "a.png", header, data, END)
        assert np.array_equal(np.asarray(Image.open(path)), film)
        assert codes(path) == set()
        more = chunk(b"IDAT", zlib.compress(passes + b"\x00" * 9))
        assert codes(png(path, header, more, END)) == {"png_hidden_rows"}


@pytest.mark.parametrize(
    ("colours", "weight"), [(lambda v: (v, v, v), 0.1), (lambda v: (v, 0, 255), 0.25)]
)
def test_palette_weighs_by_its_colours(
    tmp_path: Path, colours: object, weight: float
) -> None:
    picture = Image.fromarray(make_film() // 16, "P")
    entries = [colours(16 * n) for n in range(16)]  # type: ignore[operator]
    picture.putpalette([value for entry in entries for value in entry])
    path = tmp_path / "film.png"
    picture.save(path)
    assert find(path, "palette").weight == weight


def test_animation_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    frames = [Image.fromarray(make_film(seed=n)) for n in (1, 2, 3)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert find(path, "animation").detail["frames"] == 3


def test_eight_bits_in_sixteen_are_noted(tmp_path: Path) -> None:
    film = make_film(300, 300).astype(np.uint16)
    Image.fromarray(film * 257).save(tmp_path / "a.png")
    assert find(tmp_path / "a.png", "depth_widened").weight < 0.5
    noise = np.random.default_rng(1).integers(0, 257, film.shape)
    Image.fromarray((film * 257 + noise).astype(np.uint16)).save(tmp_path / "b.png")
    assert codes(tmp_path / "b.png") == set()


def make_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("film.txt", "hidden")
    return stream.getvalue()


def test_zip_inside_a_chunk_or_behind_the_end_is_a_polyglot(tmp_path: Path) -> None:
    archive = make_zip()
    inside = png(tmp_path / "a.png", HEADER, *DATA, chunk(b"tEXt", b"a\x00" + archive))
    write(inside, inside.read_bytes() + END)
    # Readers of archives want the end record's comment to reach the end of the file.
    assert "polyglot_zip" not in codes(inside)
    behind = write(tmp_path / "b.png", join_png(PLAIN) + archive)
    assert zipfile.is_zipfile(behind)
    assert codes(behind) == {"polyglot_zip", "trailing_file"}
    offset = find(behind, "polyglot_zip").detail["offset"]
    assert behind.read_bytes()[offset : offset + 4] == b"PK\x05\x06"


def test_pdf_in_the_first_kilobyte_is_a_polyglot(tmp_path: Path) -> None:
    text = chunk(b"tEXt", b"a\x00%PDF-1.4\n1 0 obj")
    path = png(tmp_path / "a.png", HEADER, text, *DATA, END)
    assert "polyglot_pdf" in codes(path)
    plain = chunk(b"tEXt", b"Comment\x00see the PDF")
    assert codes(png(path, HEADER, plain, *DATA, END)) == set()


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        (b"MZ\x90\x00 program", "trailing_program"),
        (b"\x00\x00<?php system();", "trailing_program"),
        (b"%PDF-1.7", "trailing_file"),
        (b"\n<SCRIPT>alert(1)</SCRIPT>", "trailing_file"),
        (encode(make_film(40, 40)), "trailing_picture"),
        (join_png(PLAIN)[-900:], "trailing_remains"),
        (b"note to self", "trailing_data"),
    ],
)
def test_bytes_behind_the_end_are_told_by_what_they_are(
    tmp_path: Path, tail: bytes, code: str
) -> None:
    path = write(tmp_path / "film.png", join_png(PLAIN) + tail)
    assert codes(path) == {code}
    assert find(path, code).detail["offset"] == len(join_png(PLAIN))


@pytest.mark.parametrize("text", ["<?php echo 1; ?>", "<script src=x>", "<html >"])
def test_script_in_text_is_a_finding(tmp_path: Path, text: str) -> None:
    part = chunk(b"tEXt", b"Comment\x00" + text.encode())
    assert "script_in_text" in codes(png(tmp_path / "a.png", HEADER, part, *DATA, END))


def test_block_of_credentials_points_to_provenance(tmp_path: Path) -> None:
    box = chunk(b"caBX", b"\x00\x00\x00\x10jumb" + bytes(8))
    remains = b'XML:com.adobe.xmp\x00\x00\x00\x00\x00<x xmlns:c="https://c2pa.org/"/>'
    text = chunk(b"iTXt", remains)
    path = png(tmp_path / "a.png", HEADER, box, text, *DATA, END)
    assert codes(path) == {"credentials_block"}
    assert find(path, "credentials_block").detail["offset"] == 8 + len(HEADER)
    # What is left in XMP counts only where the block is gone.
    assert codes(png(path, HEADER, text, *DATA, END)) == {"credentials_remains"}


def test_bare_colour_png_of_a_preset_size_is_only_a_hint(tmp_path: Path) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (512, 512, 3), np.uint8)
    path = tmp_path / "film.png"
    Image.fromarray(noise).save(path)
    finding = find(path, "generator_layout")
    assert finding.weight == 0.1
    offset = finding.detail["offset"]
    assert path.read_bytes()[offset : offset + 8] == b"\x00\x01\x00\x00IDAT"
    parts = split_png(path.read_bytes())
    dated = [parts[0], chunk(b"tIME", bytes(7)), *parts[1:]]
    assert "generator_layout" not in codes(png(path, *dated))
    Image.fromarray(noise[:500]).save(path)
    assert "generator_layout" not in codes(path)


def test_content_of_blocks_is_kept_within_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    length = MAX_CONTENT_BYTES + 1000
    with path.open("wb") as stream:
        stream.write(b"\x89PNG\r\n\x1a\n" + HEADER)
        stream.write(length.to_bytes(4, "big") + b"prVt")
        stream.seek(length + 4, 1)  # a hole, which takes no room on disk
        stream.write(chunk(b"tEXt", b"Title\x00a") + END)
    structure = read_png_structure(path)
    sizes = [len(block.content) for block in structure.blocks]
    assert sizes == [13, MAX_CONTENT_BYTES - 13, 0, 0]
    assert structure.end_offset == path.stat().st_size
