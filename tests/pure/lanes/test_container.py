"""What the file itself shows."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydicom.uid import (
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
)

from tests import dicom
from workers.decode import decode_film
from workers.decode.structure import read_jpeg_structure
from workers.lanes.container import ContainerLane
from workers.lanes.container.dicom import is_near_lossless
from workers.lanes.container.jpeg import estimate_quality, read_luminance_table
from workers.types import Context, Evidence, Finding, LaneStatus

A1111 = "chest x-ray\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512"
COMFY = json.dumps({"3": {"class_type": "KSampler", "inputs": {"seed": 5}}})
SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def assess(path: Path) -> Evidence:
    return ContainerLane().assess(decode_film(path), Context())


def find(evidence: Evidence, code: str) -> Finding:
    return next(finding for finding in evidence.findings if finding.code == code)


def codes(evidence: Evidence) -> set[str]:
    return {finding.code for finding in evidence.findings}


def write_grey_png(path: Path, text: dict[str, str] | None = None) -> Path:
    info = PngInfo()
    for key, value in (text or {}).items():
        info.add_text(key, value)
    picture = Image.fromarray(dicom.make_pixels(bits_stored=8))
    picture.save(path, "PNG", pnginfo=info)
    return path


def test_plain_films_are_clear_without_a_score(tmp_path: Path) -> None:
    for path in (
        write_grey_png(tmp_path / "a.png"),
        dicom.write_film(tmp_path / "b.dcm"),
        dicom.write_film(tmp_path / "c.dcm", transfer_syntax=JPEG2000Lossless),
        dicom.write_film(tmp_path / "d.dcm", transfer_syntax=RLELossless, frames=3),
    ):
        evidence = assess(path)
        assert evidence.status is LaneStatus.CLEAR
        assert (evidence.findings, evidence.suspicion) == ((), None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ({"parameters": A1111}, "generator_parameters"),
        ({"prompt": COMFY}, "generator_workflow"),
        ({"workflow": json.dumps({"nodes": [], "links": []})}, "generator_workflow"),
        ({"invokeai_metadata": "{}"}, "generator_parameters"),
        ({"Software": "Midjourney v6"}, "generator_name"),
        (
            {"XML:com.adobe.xmp": f"<x>{SOURCE}trainedAlgorithmicMedia</x>"},
            "digital_source_type",
        ),
    ],
)
def test_generator_traces_in_png_are_strong_and_placed(
    tmp_path: Path, text: dict[str, str], code: str
) -> None:
    path = write_grey_png(tmp_path / "film.png", text)
    evidence = assess(path)
    assert evidence.status is LaneStatus.FINDING
    finding = find(evidence, code)
    assert finding.weight >= 0.7
    (place,) = finding.detail["places"]
    kind = path.read_bytes()[place["offset"] + 4 : place["offset"] + 8]
    assert kind in (b"tEXt", b"iTXt")


@pytest.mark.parametrize(
    "text",
    [
        {"prompt": "Please send this to the radiologist"},
        {"Software": "Fuji Console 3.1"},
        {"XML:com.adobe.xmp": f"<x>{SOURCE}digitalCapture</x>"},
        {"XML:com.adobe.xmp": '<x xmlns:photoshop="http://ns.adobe.com/photoshop/"/>'},
        {"parameters": "kVp 120, mAs 2"},
    ],
)
def test_innocent_text_is_no_finding(tmp_path: Path, text: dict[str, str]) -> None:
    assert assess(write_grey_png(tmp_path / "f.png", text)).findings == ()


def test_compressed_text_is_read_within_a_bound(tmp_path: Path) -> None:
    path = write_grey_png(tmp_path / "film.png")
    bomb = zlib.compress(b"\x00" * (8 << 20), 9)
    dicom.insert_png_chunk(
        path, b"zTXt", b"parameters\x00\x00" + zlib.compress(A1111.encode("latin-1"))
    )
    dicom.insert_png_chunk(path, b"iTXt", b"Comment\x00\x01\x00\x00\x00" + bomb[:20])
    assert "generator_parameters" in codes(assess(path))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_editor_in_exif_is_found_in_every_format(tmp_path: Path, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0131] = "Adobe Photoshop 25.0"
    path = tmp_path / "film"
    Image.fromarray(dicom.make_pixels(bits_stored=8)).save(path, kind, exif=exif)
    assert find(assess(path), "editor_name").weight == 0.25


def test_app13_mark_alone_does_not_name_an_editor(tmp_path: Path) -> None:
    path = tmp_path / "film.jpg"
    Image.fromarray(dicom.make_pixels(bits_stored=8)).save(path, "JPEG")
    whole = path.read_bytes()
    body = b"Photoshop 3.0\x008BIM\x04\x04" + bytes(8)
    segment = b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body
    path.write_bytes(whole[:2] + segment + whole[2:])
    assert assess(path).findings == ()


@pytest.mark.parametrize("quality", [20, 50, 75, 90, 96])
def test_jpeg_quality_is_the_one_it_was_saved_at(quality: int) -> None:
    encoded = io.BytesIO()
    pixels = dicom.make_pixels(bits_stored=8)
    Image.fromarray(pixels).save(encoded, "JPEG", quality=quality)
    table = read_luminance_table(read_jpeg_structure(encoded.getvalue()))
    assert table is not None
    estimate = estimate_quality(table)
    assert (estimate.quality, estimate.is_standard) == (quality, True)


def test_own_jpeg_tables_are_only_a_note(tmp_path: Path) -> None:
    path = tmp_path / "film.jpg"
    own = [list(range(1, 65))]
    picture = Image.fromarray(dicom.make_pixels(bits_stored=8))
    picture.save(path, "JPEG", qtables=own)
    evidence = assess(path)
    assert evidence.status is LaneStatus.CLEAR
    assert find(evidence, "jpeg_own_tables").weight < 0.5


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(
    ("tail", "status"),
    [
        (b"PK\x03\x04" + bytes(50) + b"x", LaneStatus.FINDING),
        (b"some note", LaneStatus.CLEAR),
        (bytes(64), LaneStatus.CLEAR),
    ],
)
def test_bytes_behind_the_end_are_placed(
    tmp_path: Path, kind: str, tail: bytes, status: LaneStatus
) -> None:
    path = tmp_path / "film"
    Image.fromarray(dicom.make_pixels(bits_stored=8)).save(path, kind)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes() + tail)
    evidence = assess(path)
    assert evidence.status is status
    if tail.strip(b"\x00"):
        code = "trailing_file" if tail.startswith(b"PK") else "trailing_data"
        detail = find(evidence, code).detail
        assert (detail["offset"], detail["bytes"]) == (size, len(tail))
    else:
        assert codes(evidence) <= {"webp_lossy"}


def test_end_marker_inside_an_exif_thumbnail_is_not_the_end(tmp_path: Path) -> None:
    path = tmp_path / "film.jpg"
    thumbnail = io.BytesIO()
    pixels = dicom.make_pixels(bits_stored=8)
    Image.fromarray(pixels[:16, :16]).save(thumbnail, "JPEG")
    Image.fromarray(pixels).save(path, "JPEG", comment=thumbnail.getvalue())
    assert "trailing_data" not in codes(assess(path))


def test_preset_size_is_only_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    dicom.write_png(path, np.tile(dicom.make_pixels(bits_stored=8), (8, 8))[:512, :512])
    evidence = assess(path)
    assert evidence.status is LaneStatus.CLEAR
    assert find(evidence, "generator_size").weight <= 0.1


def test_colour_in_a_grey_film_is_noted(tmp_path: Path) -> None:
    grey = np.repeat(dicom.make_pixels(bits_stored=8)[..., None], 3, axis=2)
    plain = assess(dicom.write_png(tmp_path / "grey.png", grey))
    assert codes(plain) == {"grey_as_colour"}
    grey[:10, :10] = (250, 30, 30)
    evidence = assess(dicom.write_png(tmp_path / "marked.png", grey))
    share = find(evidence, "colour_in_grey_film").detail["share"]
    assert share == pytest.approx(100 / (96 * 64), abs=1e-4)


@pytest.mark.parametrize(("kind", "weight"), [("tiff", 0.6), ("pe", 0.9), ("png", 0.7)])
def test_polyglot_preamble_is_a_finding(
    tmp_path: Path, kind: str, weight: float
) -> None:
    evidence = assess(dicom.write_polyglot(tmp_path / "film.dcm", kind=kind))
    assert evidence.status is LaneStatus.FINDING
    finding = find(evidence, "polyglot_preamble")
    assert (finding.weight, finding.detail["offset"]) == (weight, 0)
    assert "CVE-2019-11687" in finding.source


def test_tiff_preamble_over_the_same_pixels_is_only_a_note(tmp_path: Path) -> None:
    path = dicom.write_film(tmp_path / "film.dcm")
    whole = path.read_bytes()
    pixels = whole.index(b"\xe0\x7f\x10\x00OW") + 12
    for offset, code, status in (
        (pixels, "tiff_preamble", LaneStatus.CLEAR),
        (0x80, "polyglot_preamble", LaneStatus.FINDING),
    ):
        # The directory lies in trailing padding, as PS3.10 7.1 files keep it.
        directory = struct.pack("<HHHII", 1, 273, 4, 1, offset) + bytes(4)
        padding = b"\xfc\xff\xfc\xffOB\x00\x00" + struct.pack("<I", len(directory))
        place = len(whole) + len(padding)
        preamble = b"II*\x00" + struct.pack("<I", place) + bytes(120)
        path.write_bytes(preamble + whole[128:] + padding + directory)
        evidence = assess(path)
        assert (codes(evidence), evidence.status) == ({code}, status)


def test_tiff_preamble_that_lost_its_directory_is_only_a_note(tmp_path: Path) -> None:
    path = dicom.write_film(
        tmp_path / "film.dcm", preamble=b"II*\x00\x98\x03\x20\x00" + bytes(120)
    )
    evidence = assess(path)
    assert codes(evidence) == {"tiff_preamble_stale"}
    assert evidence.status is LaneStatus.CLEAR


def _encode_jpeg(pixels: Any) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, "JPEG")
    return encoded.getvalue()


def _encode_jpeg2000(pixels: Any, *, irreversible: bool) -> bytes:
    encoded = io.BytesIO()
    picture = Image.fromarray(pixels)
    picture.save(encoded, "JPEG2000", irreversible=irreversible, no_jp2=True)
    return encoded.getvalue()


def test_codestream_against_transfer_syntax_is_a_finding(tmp_path: Path) -> None:
    pixels = dicom.make_pixels(bits_stored=8)
    path = dicom.write_film(
        tmp_path / "film.dcm",
        array=pixels,
        bits_stored=8,
        transfer_syntax=JPEGBaseline8Bit,
        encapsulated=[_encode_jpeg(pixels)],
    )
    film = decode_film(path)
    assert ContainerLane().assess(film, Context()).findings == ()
    whole = path.read_bytes()
    # The same length of UID, padded: 1.2.840.10008.1.2.4.50 -> .70 (JPEG lossless).
    lie = whole.replace(JPEGBaseline8Bit.encode(), b"1.2.840.10008.1.2.4.70")
    path.write_bytes(lie)
    finding = find(ContainerLane().assess(film, Context()), "codestream_mismatch")
    assert finding.weight >= 0.7
    offset = finding.detail["offset"]
    assert lie[offset : offset + 3] == b"\xff\xd8\xff"


@pytest.mark.parametrize("irreversible", [False, True])
def test_lossy_wavelet_in_a_lossless_syntax_is_a_finding(
    tmp_path: Path, irreversible: bool
) -> None:
    pixels = dicom.make_pixels(bits_stored=8)
    path = dicom.write_film(
        tmp_path / "film.dcm",
        array=pixels,
        bits_stored=8,
        transfer_syntax=JPEG2000Lossless,
        encapsulated=[_encode_jpeg2000(pixels, irreversible=irreversible)],
    )
    assert ("lossy_in_lossless" in codes(assess(path))) is irreversible


def test_near_lossless_scan_is_told_from_lossless() -> None:
    scan = b"\xff\xda\x00\x08\x01\x01\x00"
    assert not is_near_lossless(scan + b"\x00\x00\x00")
    assert is_near_lossless(scan + b"\x02\x00\x00")


def test_eight_bit_picture_widened_to_twelve_bits_shows_a_comb(tmp_path: Path) -> None:
    eight = np.tile(dicom.make_pixels(bits_stored=8), (4, 5)).astype(np.uint16)
    comb = dicom.write_film(tmp_path / "comb.dcm", array=eight * 16)
    evidence = assess(comb)
    assert evidence.status is LaneStatus.FINDING
    detail = find(evidence, "depth_comb").detail
    assert detail["levels"] <= 256
    assert detail["median_gap"] == 16
    true = np.tile(dicom.make_pixels(), (4, 5))
    assert assess(dicom.write_film(tmp_path / "true.dcm", array=true)).findings == ()


def test_elements_behind_the_pixels_are_not_trailing_data(tmp_path: Path) -> None:
    path = dicom.write_film(
        tmp_path / "f.dcm", overrides={"DataSetTrailingPadding": b"\x01\x02\x03\x04"}
    )
    assert assess(path).findings == ()
    size = path.stat().st_size
    path.write_bytes(path.read_bytes() + b"MZ hidden program")
    detail = find(assess(path), "trailing_program").detail
    assert (detail["offset"], detail["bytes"]) == (size, 17)


def test_explicit_little_endian_is_the_default_of_the_builder(tmp_path: Path) -> None:
    film = decode_film(dicom.write_film(tmp_path / "film.dcm"))
    assert film.header is not None
    assert film.header.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian


def test_dicom_without_preamble_or_delimiter_is_noted(tmp_path: Path) -> None:
    path = dicom.write_film(tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes()[132:])
    assert find(assess(path), "no_preamble").detail["offset"] == 0
    packed = dicom.write_film(tmp_path / "b.dcm", transfer_syntax=RLELossless)
    whole = packed.read_bytes()
    assert whole.endswith(b"\xfe\xff\xdd\xe0" + bytes(4))
    packed.write_bytes(whole[:-8])
    assert codes(assess(packed)) == {"no_sequence_delimiter"}
