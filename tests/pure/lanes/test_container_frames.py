"""DICOM frames: how many, what made of, and what follows them."""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
)

from tests import dicom
from tests.containers import assess, codes, encode, find, segment
from workers.decode import decode_film
from workers.lanes.container import ContainerLane
from workers.lanes.container.elements import skip_elements
from workers.types import Context

PIXELS = dicom.make_pixels(bits_stored=8)
JPEG = encode(PIXELS, quality=90)


def write_jpeg(path: Path, frames: list[bytes], count: int = 1, **more: Any) -> Path:
    pixels = np.stack([PIXELS] * count) if count > 1 else PIXELS
    return dicom.write_film(
        path,
        array=pixels,
        bits_stored=8,
        frames=count,
        transfer_syntax=JPEGBaseline8Bit,
        encapsulated=frames,
        **more,
    )


def test_frames_as_announced_are_no_finding(tmp_path: Path) -> None:
    assert codes(write_jpeg(tmp_path / "a.dcm", [JPEG])) == set()
    assert codes(write_jpeg(tmp_path / "b.dcm", [JPEG] * 3, 3)) == set()


def test_frame_that_viewers_do_not_show_is_a_finding(tmp_path: Path) -> None:
    path = write_jpeg(tmp_path / "a.dcm", [JPEG, JPEG])
    finding = find(path, "hidden_frames")
    assert finding.weight >= 0.5
    offset = finding.detail["offset"]
    assert path.read_bytes()[offset : offset + 3] == b"\xff\xd8\xff"
    assert (finding.detail["frames"], finding.detail["codestreams"]) == (1, 2)


def test_frame_in_several_fragments_is_one_frame(tmp_path: Path) -> None:
    whole = write_jpeg(tmp_path / "a.dcm", [JPEG]).read_bytes()
    split = write_jpeg(tmp_path / "b.dcm", [JPEG[:600], JPEG[600:]])
    # The builder's offset table takes each fragment for a frame.
    assert tell_by_pixels_of(tmp_path, whole, split) == {"offset_table_conflict"}


def test_frames_of_two_kinds_are_a_finding(tmp_path: Path) -> None:
    progressive = encode(PIXELS, progressive=True)
    path = write_jpeg(tmp_path / "a.dcm", [JPEG, progressive], 2)
    assert {"mixed_codestreams", "codestream_mismatch"} & codes(path) == {
        "mixed_codestreams"
    }


def test_bytes_behind_a_frame_are_placed(tmp_path: Path) -> None:
    path = write_jpeg(tmp_path / "a.dcm", [JPEG + b"secret " * 20])
    detail = find(path, "frame_trailing_data").detail
    assert path.read_bytes()[detail["offset"] :].startswith(b"secret ")
    # What encoders leave of their buffers is no message.
    rest = write_jpeg(tmp_path / "b.dcm", [JPEG + b"\x8a\x28" * 4])
    assert codes(rest) == set()


def test_frame_that_was_a_picture_file_is_told(tmp_path: Path) -> None:
    exif = segment(0xE1, b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + bytes(6))
    comment = segment(0xFE, b"Created with GIMP")
    frame = JPEG[:2] + exif + comment + JPEG[2:]
    path = write_jpeg(tmp_path / "a.dcm", [frame])
    assert codes(path) == {"frame_was_picture", "editor_name"}
    offset = find(path, "frame_was_picture").detail["offset"]
    assert path.read_bytes()[offset : offset + 2] == b"\xff\xe1"


def test_recipe_of_a_generator_inside_a_frame_is_strong(tmp_path: Path) -> None:
    note = b"a film\nSteps: 20, Sampler: Euler, CFG scale: 7"
    frame = JPEG[:2] + segment(0xFE, note) + JPEG[2:]
    path = write_jpeg(tmp_path / "a.dcm", [frame])
    assert find(path, "generator_parameters").weight >= 0.7


def test_depth_of_the_codestream_is_held_against_the_header(tmp_path: Path) -> None:
    eight = encode(PIXELS, "JPEG2000", irreversible=False, no_jp2=True)
    path = dicom.write_film(
        tmp_path / "a.dcm",
        array=PIXELS.astype(np.uint16),
        bits_stored=12,
        transfer_syntax=JPEG2000Lossless,
        encapsulated=[eight],
    )
    detail = find(path, "codestream_depth").detail
    assert (detail["precision"], detail["bits_stored"]) == (8, 12)


def test_pixel_data_longer_than_the_picture_are_a_finding(tmp_path: Path) -> None:
    path = dicom.write_film(tmp_path / "a.dcm")
    data_set = pydicom.dcmread(path)
    end = len(data_set.PixelData)
    data_set.PixelData += b"secret" * 20
    data_set.save_as(path)
    detail = find(path, "pixel_data_excess").detail
    assert detail["bytes"] == 120
    assert path.read_bytes()[detail["offset"] :].startswith(b"secret")
    data_set.PixelData = data_set.PixelData[:end]
    data_set.save_as(path)
    assert codes(path) == set()


def test_offset_table_that_does_not_fit_is_told(tmp_path: Path) -> None:
    path = write_jpeg(tmp_path / "a.dcm", [JPEG] * 2, 2)
    whole = path.read_bytes()
    assert codes(path) == set()
    table = b"\xfe\xff\x00\xe0\x08\x00\x00\x00"
    start = whole.index(table) + len(table)
    true = struct.unpack_from("<2I", whole, start)
    assert true[0] == 0
    wrong = struct.pack("<2I", 0, true[1] + 2)
    path.write_bytes(whole[:start] + wrong + whole[start + 8 :])
    assert tell_by_pixels_of(tmp_path, whole, path) == {"offset_table_conflict"}


def tell_by_pixels_of(folder: Path, whole: bytes, path: Path) -> set[str]:
    """Return the codes of a file that decoding refuses, with the pixels of `whole`."""
    good = folder / "good.dcm"
    good.write_bytes(whole)
    film = replace(decode_film(good), path=path, size_bytes=path.stat().st_size)
    found = ContainerLane().assess(film, Context()).findings
    return {finding.code for finding in found}


def write_element(
    group: int, element: int, vr: bytes, value: bytes, *, implicit: bool, order: str
) -> bytes:
    head = struct.pack(f"{order}HH", group, element)
    if implicit:
        return head + struct.pack("<I", len(value)) + value
    if vr in (b"OB", b"SQ", b"UN"):
        return head + vr + bytes(2) + struct.pack(f"{order}I", len(value)) + value
    return head + vr + struct.pack(f"{order}H", len(value)) + value


@pytest.mark.parametrize(
    ("implicit", "order"), [(False, "<"), (True, "<"), (False, ">")]
)
def test_elements_are_skipped_in_every_encoding(implicit: bool, order: str) -> None:
    def one(*parts: Any) -> bytes:
        return write_element(*parts, implicit=implicit, order=order)

    first = one(0x7FE1, 0x0010, b"LO", b"MAKER ")
    inner = one(0x0008, 0x0100, b"SH", b"A1")
    item = struct.pack(f"{order}HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + inner
    item += struct.pack(f"{order}HHI", 0xFFFE, 0xE00D, 0)
    head = struct.pack(f"{order}HH", 0xFFFA, 0xFFFA)
    head += (
        struct.pack("<I", 0xFFFFFFFF)
        if implicit
        else (b"SQ" + bytes(2) + struct.pack(f"{order}I", 0xFFFFFFFF))
    )
    sequence = head + item * 2 + struct.pack(f"{order}HHI", 0xFFFE, 0xE0DD, 0)
    padding = one(0xFFFC, 0xFFFC, b"OB", bytes(10))
    body = b"pixels" + first + sequence + padding
    for tail in (b"", b"PK\x03\x04 appended zip", bytes(7)):
        stream = io.BytesIO(body + tail)
        end = skip_elements(
            stream, 6, len(body + tail), implicit=implicit, little=order == "<"
        )
        assert end == len(body)


def test_value_that_reaches_beyond_the_end_is_not_skipped() -> None:
    head = struct.pack("<HH2sHI", 0xFFFC, 0xFFFC, b"OB", 0, 1000)
    end = skip_elements(io.BytesIO(head), 0, len(head), implicit=False, little=True)
    assert end == 0


def test_sequences_nested_without_end_are_given_up() -> None:
    nested = struct.pack("<HH2sHI", 0xFFFA, 0xFFFA, b"SQ", 0, 0xFFFFFFFF)
    nested += struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    whole = nested * 5000
    end = skip_elements(io.BytesIO(whole), 0, len(whole), implicit=False, little=True)
    assert end == 0


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_padding_element_is_no_trailing_data_in_any_syntax(
    tmp_path: Path, syntax: pydicom.uid.UID
) -> None:
    path = dicom.write_film(
        tmp_path / "a.dcm",
        transfer_syntax=syntax,
        overrides={"DataSetTrailingPadding": b"\x01\x02\x03\x04"},
    )
    assert assess(path).findings == ()
    path.write_bytes(path.read_bytes() + b"a note behind the end")
    assert codes(path) == {"trailing_data"}
