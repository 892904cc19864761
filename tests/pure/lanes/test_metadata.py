"""Rules over the header: each fires on its breach, and not on a sound film."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.uid import JPEGBaseline8Bit

from tests import dicom
from workers.decode import decode_film
from workers.errors import RejectedInput
from workers.lanes.metadata import RULES, MetadataLane
from workers.lanes.metadata.picture import BLOCK_SCORE_LIMIT, measure_blocks
from workers.types import Context, Evidence, FirstSeen, LaneStatus

GENUINE = Path(__file__).parents[4] / "shared" / "data" / "dicom"
GE_UID = "1.2.840.113619.2.1.1.1"
DX_CLASS = "1.2.840.10008.5.1.4.1.1.1.1"


def assess(path: Path, context: Context | None = None) -> Evidence:
    return MetadataLane().assess(decode_film(path), context or Context())


def assess_with(tmp_path: Path, overrides: dict[str, Any]) -> Evidence:
    return assess(dicom.write_film(tmp_path / "film.dcm", overrides=overrides))


def codes(evidence: Evidence) -> set[str]:
    return {finding.code for finding in evidence.findings}


def test_sound_film_breaks_no_rule(tmp_path: Path) -> None:
    evidence = assess(dicom.write_film(tmp_path / "film.dcm"))
    assert evidence.status is LaneStatus.CLEAR
    assert (evidence.findings, evidence.suspicion) == ((), None)


def test_picture_without_header_is_not_assessable(tmp_path: Path) -> None:
    path = dicom.write_png(tmp_path / "f.png", dicom.make_pixels(bits_stored=8))
    assert assess(path).status is LaneStatus.NOT_ASSESSABLE


BREACHES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("required_missing", {"Modality": None}),
    ("uid_malformed", {"StudyInstanceUID": "1.2.03.4"}),
    ("uids_equal", {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3"}),
    (
        "uid_root_of_other_vendor",
        {"SOPInstanceUID": GE_UID, "Manufacturer": "SIEMENS"},
    ),
    ("uid_of_toolkit", {"Manufacturer": "GE Healthcare"}),
    ("written_by_toolkit", {"Manufacturer": "GE Healthcare"}),
    ("class_against_modality", {"Modality": "MG"}),
    ("editing_software", {"SoftwareVersions": "Adobe Photoshop 25"}),
    ("research_content", {"ContentQualification": "RESEARCH"}),
    ("taken_before_birth", {"PatientBirthDate": "20250101"}),
    ("taken_before_study", {"AcquisitionDate": "20230102"}),
    ("date_malformed", {"ContentTime": "250000"}),
    ("age_against_birth", {"PatientAge": "012Y"}),
    ("high_bit", {"HighBit": 15}),
    (
        "extreme_values",
        {"SmallestImagePixelValue": 0, "LargestImagePixelValue": 100},
    ),
    ("presentation_against_photometric", {"PresentationLUTShape": "INVERSE"}),
    ("window_off_values", {"WindowCenter": -9000, "WindowWidth": 10}),
    ("window_off_values", {"WindowCenter": 100, "WindowWidth": 0}),
    (
        "dx_rescaled",
        {"SOPClassUID": DX_CLASS, "Modality": "DX", "RescaleIntercept": -1024},
    ),
    ("secondary_capture", {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}),
    ("kvp_out_of_range", {"KVP": 400}),
    ("exposure_product", {"ExposureTime": 100, "XRayTubeCurrent": 200, "Exposure": 50}),
    (
        "deviation_index",
        {"ExposureIndex": 800, "TargetExposureIndex": 400, "DeviationIndex": -3.0},
    ),
    (
        "patient_behind_detector",
        {"DistanceSourceToDetector": 1000, "DistanceSourceToPatient": 1800},
    ),
    ("magnification", {"EstimatedRadiographicMagnificationFactor": 0.5}),
    ("detector_size", {"ImagerPixelSpacing": [50.0, 50.0]}),
    ("spacing_unusable", {"PixelSpacing": ["0.000", "0.000"]}),
    ("spacing_planes", {"PixelSpacing": [0.4, 0.4]}),
    (
        "field_of_view",
        {"FieldOfViewShape": "RECTANGLE", "FieldOfViewDimensions": [10, 10]},
    ),
)


@pytest.mark.parametrize(
    ("code", "overrides"),
    BREACHES,
    ids=[f"{c}-{i}" for i, (c, _) in enumerate(BREACHES)],
)
def test_each_breach_is_named(
    tmp_path: Path, code: str, overrides: dict[str, Any]
) -> None:
    evidence = assess_with(tmp_path, overrides)
    assert code in codes(evidence)
    assert all(f.source and f.text.endswith(".") for f in evidence.findings)
    assert "Test^Film" not in repr(evidence.findings)


SOUND: tuple[dict[str, Any], ...] = (
    {"PatientAge": "053Y"},
    {"SmallestImagePixelValue": 0, "LargestImagePixelValue": 4095},
    {"ExposureTime": 100, "XRayTubeCurrent": 200, "Exposure": 20},
    # IEC 62494-1: DI = 10 log10(EI / EI_T): 10 log10(2) = 3.0.
    {"ExposureIndex": 800, "TargetExposureIndex": 400, "DeviationIndex": 3.0},
    {"DistanceSourceToDetector": 1800, "DistanceSourceToPatient": 1600},
    {"Exposure": 1, "ExposureTime": 3, "XRayTubeCurrent": 200},
    {"StudyDate": "2024.01.02", "ContentTime": "101600.123456"},
    {"PresentationLUTShape": "IDENTITY"},
    {"WindowCenter": 2048, "WindowWidth": 4096},
)


@pytest.mark.parametrize("overrides", SOUND, ids=range(len(SOUND)))
def test_consistent_headers_are_clear(
    tmp_path: Path, overrides: dict[str, Any]
) -> None:
    assert assess_with(tmp_path, overrides).findings == ()


def test_every_rule_but_those_of_the_file_has_a_breach_here() -> None:
    elsewhere = {
        "file_meta_differs",
        "charset_unknown",
        "dated_in_future",
        "lossy_not_declared",
        "jpeg_grid_in_lossless",
        "colour_radiograph",
        "several_frames",
    }
    assert {rule.code for rule in RULES} == {c for c, _ in BREACHES} | elsewhere
    assert len({rule.code for rule in RULES}) == len(RULES)


def test_file_meta_of_another_object_is_found(tmp_path: Path) -> None:
    path = dicom.write_film(tmp_path / "film.dcm")
    whole = path.read_bytes()
    uid = b"8.498.77.2.7.1.1"
    first = whole.index(uid)
    path.write_bytes(whole[:first] + b"8.498.77.2.7.1.9" + whole[first + len(uid) :])
    assert codes(assess(path)) == {"file_meta_differs"}


def test_unknown_character_set_is_noted(tmp_path: Path) -> None:
    path = dicom.write_film(tmp_path / "film.dcm")
    path.write_bytes(path.read_bytes().replace(b"ISO_IR 100", b"ISO_IR 999"))
    assert codes(assess(path)) == {"charset_unknown"}


def test_date_after_receipt_is_strong(tmp_path: Path) -> None:
    path = dicom.write_film(tmp_path / "film.dcm")
    early = FirstSeen(dt.datetime(2023, 12, 30, tzinfo=dt.UTC), None)
    evidence = assess(path, Context(first_seen=early))
    assert evidence.findings[0].code == "dated_in_future"
    assert evidence.findings[0].weight >= 0.7
    later = FirstSeen(dt.datetime(2024, 1, 2, tzinfo=dt.UTC), None)
    assert assess(path, Context(first_seen=later)).findings == ()


def test_colour_and_several_frames_do_not_fit_a_radiograph(tmp_path: Path) -> None:
    path = dicom.write_film(tmp_path / "a.dcm", bits_stored=8, photometric="RGB")
    assert "colour_radiograph" in codes(assess(path))
    path = dicom.write_film(tmp_path / "b.dcm", frames=3)
    assert "several_frames" in codes(assess(path))


def test_three_contradictions_together_are_strong(tmp_path: Path) -> None:
    evidence = assess_with(
        tmp_path,
        {"Modality": "MG", "KVP": 120, "PatientBirthDate": "20250101"},
    )
    assert evidence.findings[0].code == "several_contradictions"
    assert evidence.findings[0].weight >= 0.7


def test_jpeg_grid_under_a_lossless_header_is_found(tmp_path: Path) -> None:
    grey = np.tile(dicom.make_pixels(256, 256, bits_stored=8), (2, 2))
    encoded = io.BytesIO()
    Image.fromarray(grey).save(encoded, "JPEG", quality=40)
    with Image.open(encoded) as picture:
        pressed = np.asarray(picture)
    assert measure_blocks(np.asarray(grey / 255, np.float32)) < BLOCK_SCORE_LIMIT / 2
    path = dicom.write_film(tmp_path / "f.dcm", array=pressed, bits_stored=8)
    assert "jpeg_grid_in_lossless" in codes(assess(path))
    declared = dicom.write_film(
        tmp_path / "g.dcm",
        array=pressed,
        bits_stored=8,
        overrides={"LossyImageCompression": "01"},
    )
    assert "jpeg_grid_in_lossless" not in codes(assess(declared))


def test_lossy_syntax_without_its_flag_is_noted(tmp_path: Path) -> None:
    grey = dicom.make_pixels(bits_stored=8)
    encoded = io.BytesIO()
    Image.fromarray(grey).save(encoded, "JPEG")
    path = dicom.write_film(
        tmp_path / "film.dcm",
        array=grey,
        bits_stored=8,
        transfer_syntax=JPEGBaseline8Bit,
        encapsulated=[encoded.getvalue()],
    )
    assert codes(assess(path)) == {"lossy_not_declared"}


@pytest.mark.slow
def test_no_strong_finding_on_any_genuine_film() -> None:
    if not GENUINE.is_dir():
        pytest.skip("the shared DICOM samples are not on this machine")
    judged = 0
    for path in sorted(GENUINE.rglob("*.dcm")):
        # The same films and headers as their JPEG 2000 twins, slow to decode.
        if path.stem.endswith(("_JLSL", "_JLSN", "_JPLL")):
            continue
        try:
            film = decode_film(path)
        except RejectedInput:
            continue
        judged += 1
        strong = [
            finding.code
            for finding in MetadataLane().assess(film, Context()).findings
            if finding.weight >= 0.7
        ]
        assert strong == [], path.name
    assert judged >= 48
