"""What is refused before and while decoding, by name, and that nothing crashes."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.uid import (
    MPEG2MPML,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
)

from tests import dicom
from workers.decode import (
    DEFAULT_LIMITS,
    Limits,
    decode_film,
    read_header,
)
from workers.errors import (
    LimitExceeded,
    RejectedInput,
    UnreadableFile,
    UnsupportedImage,
)

LOSSLESS = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEG2000Lossless,
)


def write_float_pixels(path: Path) -> Path:
    dicom.write_film(path)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"\xe0\x7f\x10\x00OW", b"\xe0\x7f\x08\x00OF"))
    return path


def write_rows_missing(path: Path) -> Path:
    return dicom.write_film(path, overrides={"Rows": None})


def write_wrong_samples(path: Path) -> Path:
    return dicom.write_film(path, overrides={"SamplesPerPixel": 2})


def write_one_bit(path: Path) -> Path:
    return dicom.write_film(path, overrides={"BitsAllocated": 1, "BitsStored": 1})


def write_too_short(path: Path) -> Path:
    return dicom.write_film(path, overrides={"Rows": 200})


def write_many_frames(path: Path) -> Path:
    return dicom.write_film(path, overrides={"NumberOfFrames": 100_000})


def write_huge_rows(path: Path) -> Path:
    return dicom.write_film(path, overrides={"Rows": 60_000, "Columns": 60_000})


def write_video(path: Path) -> Path:
    return dicom.write_film(path, transfer_syntax=MPEG2MPML)


def write_not_encapsulated(path: Path) -> Path:
    return dicom.write_film(path, transfer_syntax=JPEGBaseline8Bit)


def write_hostile_codestream(path: Path) -> Path:
    """A 96 x 64 film whose JPEG 2000 frame declares 30,000 x 30,000."""
    dicom.write_film(path, transfer_syntax=JPEG2000Lossless)
    whole = bytearray(path.read_bytes())
    start = whole.index(b"\xff\x4f\xff\x51")
    whole[start + 8 : start + 16] = struct.pack(">II", 30_000, 30_000)
    path.write_bytes(whole)
    return path


def write_damaged_codestream(path: Path) -> Path:
    dicom.write_film(path, transfer_syntax=RLELossless)
    whole = bytearray(path.read_bytes())
    start = whole.rindex(b"\xfe\xff\x00\xe0") + 8
    whole[start + 64 : start + 2000] = bytes([0x7F]) * 1936
    path.write_bytes(whole)
    return path


def write_cut_png(path: Path) -> Path:
    dicom.write_png(path, dicom.make_pixels())
    path.write_bytes(path.read_bytes()[:-200])
    return path


def write_cut_jpeg(path: Path) -> Path:
    Image.fromarray(dicom.make_pixels(bits_stored=8)).save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:-200])
    return path


def write_cut_webp(path: Path) -> Path:
    Image.fromarray(dicom.make_pixels(bits_stored=8)).save(path, "WEBP")
    path.write_bytes(path.read_bytes()[:-40])
    return path


def write_cut_tiff(path: Path) -> Path:
    Image.fromarray(dicom.make_pixels(bits_stored=8)).save(
        path, "TIFF", compression="tiff_lzw"
    )
    path.write_bytes(path.read_bytes()[:400])
    return path


def write_webp_bomb(path: Path) -> Path:
    header = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    header += (29_999).to_bytes(3, "little") * 2
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(header)) + b"WEBP" + header)
    return path


def write_float_tiff(path: Path) -> Path:
    Image.fromarray(np.ones((40, 40), np.float32)).save(path, "TIFF")
    return path


REFUSALS: tuple[tuple[Callable[[Path], Path], type[RejectedInput], str], ...] = (
    (dicom.write_zero_byte, UnreadableFile, "empty"),
    (dicom.write_text, UnreadableFile, "not_a_film"),
    (dicom.write_zip_slip, UnreadableFile, "not_a_film"),
    (dicom.write_truncated, UnreadableFile, "truncated"),
    (dicom.write_truncated_header, UnreadableFile, "truncated"),
    (dicom.write_without_pixels, UnsupportedImage, "no_pixels"),
    (dicom.write_unknown_transfer_syntax, UnsupportedImage, "unknown_transfer_syntax"),
    (dicom.write_png_bomb, LimitExceeded, "too_many_pixels"),
    (write_video, UnsupportedImage, "unsupported_transfer_syntax"),
    (write_float_pixels, UnsupportedImage, "float_pixels"),
    (write_rows_missing, UnreadableFile, "missing_attributes"),
    (write_wrong_samples, UnsupportedImage, "unsupported_photometric"),
    (write_one_bit, UnsupportedImage, "unsupported_bits"),
    (write_too_short, UnreadableFile, "truncated"),
    (write_many_frames, LimitExceeded, "too_many_frames"),
    (write_huge_rows, LimitExceeded, "too_many_pixels"),
    (write_not_encapsulated, UnsupportedImage, "bad_pixel_data"),
    (write_hostile_codestream, UnreadableFile, "size_mismatch"),
    (write_damaged_codestream, UnreadableFile, "bad_pixel_data"),
    (write_cut_png, UnreadableFile, "truncated"),
    (write_cut_jpeg, UnreadableFile, "truncated"),
    (write_cut_webp, UnreadableFile, "truncated"),
    (write_cut_tiff, UnreadableFile, "truncated"),
    (write_webp_bomb, LimitExceeded, "too_many_pixels"),
    (write_float_tiff, UnsupportedImage, "float_pixels"),
)


@pytest.mark.parametrize(
    ("write", "error", "code"), REFUSALS, ids=[w.__name__ for w, _, _ in REFUSALS]
)
def test_bad_input_is_refused_by_name(
    tmp_path: Path,
    write: Callable[[Path], Path],
    error: type[RejectedInput],
    code: str,
) -> None:
    path = write(tmp_path / "film.dcm")
    with pytest.raises(error) as refused:
        decode_film(path)
    assert (type(refused.value), refused.value.code) == (error, code)
    assert refused.value.__cause__ is None
    assert "Test^Film" not in str(refused.value)


@pytest.mark.parametrize("keep", [0.05, 0.2, 0.35, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda uid: str(uid.name)[:24])
def test_cut_anywhere_is_refused_and_never_crashes(
    tmp_path: Path, keep: float, syntax: Any
) -> None:
    path = dicom.write_film(tmp_path / "film.dcm", transfer_syntax=syntax)
    whole = path.read_bytes()
    # The last bytes of compressed films are the closing delimiter, which may lack.
    path.write_bytes(whole[: min(int(len(whole) * keep), len(whole) - 12)])
    with pytest.raises(RejectedInput):
        decode_film(path)


@pytest.mark.slow
def test_random_bytes_after_the_header_are_refused_or_read(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    path = tmp_path / "film.dcm"
    for syntax in LOSSLESS:
        whole = dicom.write_film(path, transfer_syntax=syntax).read_bytes()
        for _ in range(40):
            damaged = bytearray(whole)
            for place in random.integers(132, len(whole), 12):
                damaged[place] = int(random.integers(256))
            path.write_bytes(damaged)
            try:
                film = decode_film(path)
            except RejectedInput:
                continue
            assert 0.0 <= film.luma.min() <= film.luma.max() <= 1.0


def test_deflate_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    path = dicom.write_deflate_bomb(tmp_path / "bomb.dcm", inflated_bytes=16 << 20)
    assert path.stat().st_size < 200_000
    with pytest.raises(LimitExceeded) as refused:
        read_header(path, limits=Limits(max_inflated_bytes=1 << 20))
    assert refused.value.code == "too_large_inflated"


def test_file_over_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = dicom.write_film(tmp_path / "film.dcm")
    with pytest.raises(LimitExceeded) as refused:
        read_header(path, limits=Limits(max_file_bytes=100))
    assert refused.value.code == "too_large"


def test_bomb_is_refused_without_a_warning(tmp_path: Path) -> None:
    path = dicom.write_png_bomb(tmp_path / "bomb.png", side=12_000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(LimitExceeded):
            read_header(path)


def test_default_limits_are_below_pillows_own(tmp_path: Path) -> None:
    assert Image.MAX_IMAGE_PIXELS is not None
    assert DEFAULT_LIMITS.max_pixels < Image.MAX_IMAGE_PIXELS
