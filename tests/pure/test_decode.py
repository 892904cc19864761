"""Bytes to films: what is read, and what the numbers are."""

from __future__ import annotations

import hashlib
import io
import struct
from pathlib import Path
from typing import Any

import gdcm
import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from tests import dicom
from tests.recode import recode_by_gdcm
from workers.decode import (
    decode_film,
    decode_frame,
    identify_format,
    read_header,
)
from workers.errors import (
    RejectedInput,
    UnreadableFile,
    UnsupportedImage,
)
from workers.types import FileFormat

SHARED = Path(__file__).parents[3] / "shared" / "data" / "dicom" / "nema-wg04"

LOSSLESS = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEG2000Lossless,
)


@pytest.mark.parametrize("signed", [False, True])
def test_pixel_hash_is_equal_in_every_lossless_syntax(
    tmp_path: Path, signed: bool
) -> None:
    films = [
        decode_film(
            dicom.write_film(
                tmp_path / "film.dcm", transfer_syntax=syntax, signed=signed, frames=2
            )
        )
        for syntax in LOSSLESS
    ]
    assert len({film.pixel_sha256 for film in films}) == 1
    assert len({film.sha256 for film in films}) == len(LOSSLESS)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["JPEGLosslessProcess14_1", "JPEGLSLossless"])
def test_codecs_decoded_elsewhere_give_the_same_pixels(
    tmp_path: Path, name: str
) -> None:
    source = dicom.write_film(tmp_path / "a.dcm")
    syntax = getattr(gdcm.TransferSyntax, name)
    film = decode_film(recode_by_gdcm(source, tmp_path / "b.dcm", syntax))
    assert film.header is not None
    assert film.header.file_meta.TransferSyntaxUID.is_compressed
    assert film.pixel_sha256 == decode_film(source).pixel_sha256


@pytest.mark.slow
@pytest.mark.parametrize("syntax", [JPEGLosslessSV1, JPEGLSLossless])
def test_codec_that_dies_takes_only_its_own_process(
    tmp_path: Path, syntax: Any
) -> None:
    marker = b"\xff\xf7" if syntax == JPEGLSLossless else b"\xff\xc3"
    header = marker + struct.pack(">HBHHB3B", 11, 12, 96, 64, 1, 1, 0x11, 0)
    scan = b"\xff\xda" + struct.pack(">HB2B3B", 8, 1, 1, 0, 1, 0, 0)
    noise = np.random.default_rng(1).integers(0, 255, 3000, np.uint8).tobytes()
    path = dicom.write_film(
        tmp_path / "film.dcm",
        transfer_syntax=syntax,
        encapsulated=[b"\xff\xd8" + header + scan + noise + b"\xff\xd9"],
    )
    with pytest.raises(UnreadableFile) as refused:
        decode_film(path)
    assert refused.value.code == "bad_pixel_data"


def test_damaged_jpeg2000_is_refused_and_the_process_lives(tmp_path: Path) -> None:
    path = tmp_path / "film.dcm"
    whole = dicom.write_film(path, transfer_syntax=JPEG2000Lossless).read_bytes()
    start = whole.index(b"\xff\x4f\xff\x51")
    for place in range(start + 24, start + 110):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            decode_film(path)
        except RejectedInput:
            continue


def test_pixel_hash_is_the_documented_one(tmp_path: Path) -> None:
    pixels = dicom.make_pixels()
    film = decode_film(dicom.write_film(tmp_path / "film.dcm", array=pixels))
    layout = b"truefilm-pixels-1\n1 96 64 1\n" + pixels.astype("<i4").tobytes()
    assert film.pixel_sha256 == hashlib.sha256(layout).hexdigest()
    png = decode_film(dicom.write_png(tmp_path / "film.png", pixels))
    assert png.pixel_sha256 == film.pixel_sha256


def test_one_changed_pixel_changes_the_pixel_hash(tmp_path: Path) -> None:
    pixels = dicom.make_pixels()
    before = decode_film(dicom.write_film(tmp_path / "a.dcm", array=pixels))
    pixels[5, 5] += 1
    after = decode_film(dicom.write_film(tmp_path / "b.dcm", array=pixels))
    assert before.pixel_sha256 != after.pixel_sha256


@pytest.mark.slow
@pytest.mark.parametrize(
    "group",
    [
        ("RG3_J2KR", "RG3_JLSL", "RG3_JPLL"),
        ("XA1_J2KR", "XA1_JLSL", "XA1_JPLL", "XA1_RLE"),
    ],
)
def test_genuine_films_hash_alike_in_four_codecs(group: tuple[str, ...]) -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared DICOM samples are not on this machine")
    hashes = {decode_film(SHARED / f"{name}.dcm").pixel_sha256 for name in group}
    assert len(hashes) == 1


@pytest.mark.parametrize(
    "overrides",
    [
        {"WindowCenter": 2000, "WindowWidth": 3000},
        {"WindowCenter": 2000, "WindowWidth": 3000, "VOILUTFunction": "LINEAR_EXACT"},
        {"WindowCenter": 2000, "WindowWidth": 3000, "VOILUTFunction": "SIGMOID"},
        {
            "WindowCenter": 100,
            "WindowWidth": 900,
            "RescaleSlope": 0.5,
            "RescaleIntercept": -700,
        },
    ],
)
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_luma_agrees_with_pydicom(
    tmp_path: Path, overrides: dict[str, Any], photometric: str
) -> None:
    path = dicom.write_film(
        tmp_path / "film.dcm", overrides=overrides, photometric=photometric
    )
    data_set = dcmread(path)
    values = apply_modality_lut(data_set.pixel_array, data_set)
    shown = np.asarray(apply_voi_lut(values, data_set), np.float64)
    # pydicom scales to the range of stored values, after rescale.
    slope = float(data_set.get("RescaleSlope", 1))
    intercept = float(data_set.get("RescaleIntercept", 0))
    low, high = intercept, 4095 * slope + intercept
    expected = (shown - low) / (high - low)
    if photometric == "MONOCHROME1":
        expected = 1 - expected
    np.testing.assert_allclose(decode_film(path).luma, expected, atol=2e-3)


def test_voi_lut_sequence_is_applied(tmp_path: Path) -> None:
    table = (np.linspace(0, 1, 4096) ** 2 * 255).astype(np.uint16)
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [4096, 0, 8])
    item.add_new("LUTData", "US", table.tolist())
    path = dicom.write_film(tmp_path / "f.dcm", overrides={"VOILUTSequence": [item]})
    expected = table[dicom.make_pixels()] / 255
    np.testing.assert_allclose(decode_film(path).luma, expected, atol=1e-6)


def test_window_that_hides_everything_is_not_used(tmp_path: Path) -> None:
    path = dicom.write_film(
        tmp_path / "film.dcm", overrides={"WindowCenter": -9000, "WindowWidth": 10}
    )
    luma = decode_film(path).luma
    assert luma.std() > 0.1


def test_monochrome1_is_inverted_and_signed_values_survive(tmp_path: Path) -> None:
    film = decode_film(dicom.write_signed_monochrome1(tmp_path / "film.dcm"))
    assert film.stored.dtype == np.int16
    assert film.stored.min() < 0 < film.stored.max()
    # The ramp rises to the right, so the film as shown darkens to the right.
    assert film.luma[50:, :8].mean() > film.luma[50:, -8:].mean() + 0.5


def test_padding_is_black_and_outside_the_stretch(tmp_path: Path) -> None:
    pixels = dicom.make_pixels()
    pixels[:20] = 4000
    path = dicom.write_film(
        tmp_path / "film.dcm",
        array=pixels,
        photometric="MONOCHROME1",
        overrides={"PixelPaddingValue": 4000},
    )
    luma = decode_film(path).luma
    assert not luma[:20].any()
    assert luma[40:, :4].mean() > 0.9


def test_bits_above_bits_stored_are_not_part_of_the_value(tmp_path: Path) -> None:
    pixels = dicom.make_pixels()
    overlaid = pixels | np.uint16(0x8000)
    plain = decode_film(dicom.write_film(tmp_path / "a.dcm", array=pixels))
    marked = decode_film(dicom.write_film(tmp_path / "b.dcm", array=overlaid))
    assert marked.pixel_sha256 == plain.pixel_sha256


def test_middle_frame_is_shown_by_default(tmp_path: Path) -> None:
    path = dicom.write_multi_frame(tmp_path / "film.dcm", frames=5)
    film = decode_film(path)
    assert (film.frame_index, film.frame_count) == (2, 5)
    np.testing.assert_array_equal(film.stored, dicom.make_pixels(frames=5)[2])
    last = decode_frame(path, 4)
    np.testing.assert_array_equal(last.values, dicom.make_pixels(frames=5)[4])
    with pytest.raises(UnsupportedImage) as refused:
        decode_frame(path, 5)
    assert refused.value.code == "no_such_frame"


def test_rgb_ultrasound_becomes_rec601_luma(tmp_path: Path) -> None:
    film = decode_film(dicom.write_rgb_ultrasound(tmp_path / "film.dcm"))
    red, green, blue = (film.stored[..., i].astype(float) for i in range(3))
    expected = (0.299 * red + 0.587 * green + 0.114 * blue) / 255
    np.testing.assert_allclose(film.luma, expected, atol=1e-5)


def test_ybr_full_is_shown_as_rgb(tmp_path: Path) -> None:
    grey = np.full((40, 40, 3), 128, np.uint8)
    grey[..., 0] = 90
    path = dicom.write_film(
        tmp_path / "f.dcm", array=grey, bits_stored=8, photometric="YBR_FULL"
    )
    frame = decode_frame(path, 0)
    assert frame.photometric == "RGB"
    assert frame.values.reshape(-1, 3).tolist()[0] == [90, 90, 90]
    assert decode_film(path).luma[0, 0] == pytest.approx(90 / 255, abs=0.005)


def test_palette_is_shown_as_rgb(tmp_path: Path) -> None:
    ramp = bytes(range(256))
    overrides: dict[str, Any] = {"SamplesPerPixel": 1, "PlanarConfiguration": None}
    for name in ("Red", "Green", "Blue"):
        overrides[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, 8]
        overrides[f"{name}PaletteColorLookupTableData"] = ramp
    path = dicom.write_film(
        tmp_path / "film.dcm",
        array=dicom.make_pixels(bits_stored=8),
        bits_stored=8,
        photometric="PALETTE COLOR",
        overrides=overrides,
    )
    expected = dicom.make_pixels(bits_stored=8)
    np.testing.assert_array_equal(decode_frame(path, 0).values[..., 1], expected)
    np.testing.assert_allclose(decode_film(path).luma, expected / 255, atol=1e-5)


@pytest.mark.parametrize(
    "value",
    [["0", "0"], ["-0.2", "0.2"], ["0.2"], ["1e9", "0.2"], ["abc", "0.2"]],
)
def test_spacing_that_cannot_be_true_is_none(tmp_path: Path, value: list[str]) -> None:
    path = dicom.write_film(tmp_path / "film.dcm", spacing=None)
    whole = path.read_bytes()
    text = "\\".join(value)
    text += " " * (len(text) % 2)
    element = b"\x28\x00\x30\x00DS" + struct.pack("<H", len(text)) + text.encode()
    place = whole.index(b"\x28\x00\x00\x01US")  # Bits Allocated follows it
    path.write_bytes(whole[:place] + element + whole[place:])
    header = read_header(path)
    assert header.spacing_mm is None
    assert "PixelSpacing" in header.spacing_note


def test_imager_spacing_stands_in_for_a_broken_pixel_spacing(tmp_path: Path) -> None:
    overrides = {"PixelSpacing": ["0", "0"], "ImagerPixelSpacing": ["0.15", "0.16"]}
    path = dicom.write_film(tmp_path / "f.dcm", spacing=None, overrides=overrides)
    assert read_header(path).spacing_mm == (0.15, 0.16)


@pytest.mark.parametrize("kind", ["tiff", "pe", "png"])
def test_polyglot_is_read_as_dicom(tmp_path: Path, kind: str) -> None:
    path = dicom.write_polyglot(tmp_path / "film.png", kind=kind)
    film = decode_film(path)
    assert film.format is FileFormat.DICOM
    np.testing.assert_array_equal(film.stored, dicom.make_pixels())


def test_data_set_without_preamble_is_read(tmp_path: Path) -> None:
    path = dicom.write_film(tmp_path / "a.dcm", transfer_syntax=ImplicitVRLittleEndian)
    whole = path.read_bytes()
    bare = tmp_path / "bare"
    # Group 8 starts behind the file meta: charset (0008,0005) is its first element.
    bare.write_bytes(whole[whole.index(b"\x08\x00\x05\x00") :])
    film = decode_film(bare)
    assert film.pixel_sha256 == decode_film(path).pixel_sha256


@pytest.mark.parametrize("name", ["film.png", "film.dcm", "film"])
def test_format_is_told_by_content_not_by_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.fromarray(dicom.make_pixels(bits_stored=8)).save(path, "TIFF")
    assert read_header(path).format is FileFormat.TIFF


def test_sixteen_bit_rasters_keep_their_values(tmp_path: Path) -> None:
    pixels = dicom.make_pixels(bits_stored=16)
    png = decode_film(dicom.write_png(tmp_path / "f.png", pixels))
    np.testing.assert_array_equal(png.stored, pixels)
    assert png.bits_stored == 16
    tiff = tmp_path / "f.tif"
    Image.fromarray(pixels).save(tiff)
    np.testing.assert_array_equal(decode_film(tiff).stored, pixels)


def test_twelve_bits_in_a_sixteen_bit_png_are_not_black(tmp_path: Path) -> None:
    film = decode_film(dicom.write_png(tmp_path / "f.png", dicom.make_pixels()))
    assert film.luma.max() == pytest.approx(1.0)


def test_exif_orientation_does_not_turn_the_pixels(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "turned.png"
    pixels = dicom.make_pixels(bits_stored=8)
    Image.fromarray(pixels).save(path, "PNG", exif=exif)
    np.testing.assert_array_equal(decode_film(path).stored, pixels)


def test_tiff_pages_of_one_size_are_frames(tmp_path: Path) -> None:
    pages = [Image.fromarray(p) for p in dicom.make_pixels(frames=3, bits_stored=8)]
    thumbnail = pages[0].resize((8, 8))
    path = tmp_path / "pages.tif"
    pages[0].save(path, save_all=True, append_images=[*pages[1:], thumbnail])
    assert decode_film(path).frame_count == 3


def test_odd_bytes_of_a_head_are_no_film() -> None:
    for head in (b"\x08\x00", b"PK\x03\x04" + bytes(300), b"%PDF-1.7" + bytes(300)):
        with pytest.raises(UnreadableFile):
            identify_format(head)


def test_jpeg_in_dicom_is_decoded(tmp_path: Path) -> None:
    grey = dicom.make_pixels(bits_stored=8)
    encoded = io.BytesIO()
    Image.fromarray(grey).save(encoded, "JPEG", quality=95)
    frame = encoded.getvalue()
    path = dicom.write_film(
        tmp_path / "a.dcm",
        array=grey,
        bits_stored=8,
        transfer_syntax=JPEGBaseline8Bit,
        encapsulated=[frame],
    )
    film = decode_film(path)
    with Image.open(io.BytesIO(frame)) as picture:
        np.testing.assert_array_equal(film.stored, np.asarray(picture))
