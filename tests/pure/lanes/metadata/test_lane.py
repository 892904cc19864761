"""The metadata lane as a whole: status, weights, what breaks together."""

from __future__ import annotations

from pathlib import Path

from tests import dicom
from tests.pure.lanes.metadata.films import assess, codes, film, received
from workers.lanes.metadata import RULES
from workers.lanes.metadata.detector import RULES as DETECTOR_RULES
from workers.types import LaneStatus


def test_sound_film_is_clear_and_gives_no_probability(tmp_path: Path) -> None:
    evidence = film("dx").assess(tmp_path)
    assert evidence.status is LaneStatus.CLEAR
    assert (evidence.findings, evidence.suspicion) == ((), None)
    assert str(len(RULES)) in evidence.reason


def test_picture_without_header_is_not_assessable(tmp_path: Path) -> None:
    path = dicom.write_png(tmp_path / "f.png", dicom.make_pixels(bits_stored=8))
    assert assess(path).status is LaneStatus.NOT_ASSESSABLE


def test_light_rule_is_told_and_leaves_the_lane_clear(tmp_path: Path) -> None:
    evidence = film(PatientAge="54").assess(tmp_path)
    assert codes(evidence) == {"age_malformed"}
    assert evidence.status is LaneStatus.CLEAR


def test_heaviest_rule_comes_first_and_gives_the_reason(tmp_path: Path) -> None:
    evidence = received("2023-12-30", PatientAge="54").assess(tmp_path)
    assert evidence.findings[0].code == "dated_in_future"
    assert evidence.findings[0].weight >= 0.7
    assert evidence.status is LaneStatus.FINDING
    assert evidence.reason == evidence.findings[0].text


def test_three_contradictions_of_different_kinds_are_strong(tmp_path: Path) -> None:
    evidence = film(
        KVP=400, Laterality="L", ImageLaterality="R", SoftwareVersions="GIMP"
    ).assess(tmp_path)
    assert evidence.findings[0].code == "several_contradictions"
    assert evidence.findings[0].weight >= 0.7


def test_contradictions_of_one_kind_count_once(tmp_path: Path) -> None:
    evidence = film(
        ImagerPixelSpacing=[50.0, 50.0],
        CassetteSize="18CMX24CM",
        DetectorActiveDimensions=[20, 20],
    ).assess(tmp_path)
    heavy = {f.code for f in evidence.findings if f.weight >= 0.5}
    assert len(heavy) >= 3
    assert heavy <= {rule.code for rule in DETECTOR_RULES}


def test_many_small_slips_make_a_finding(tmp_path: Path) -> None:
    slips = {
        "PatientAge": "012Y",
        "StudyInstanceUID": "1.2.3.4.5",
        "Manufacturer": "pydicom",
        "WindowCenter": 2000,
        "AcquisitionDate": "20230102",
        "HighBit": 15,
    }
    evidence = film(**slips).assess(tmp_path)
    assert evidence.findings[0].code == "several_slips"
    assert evidence.status is LaneStatus.FINDING
    del slips["HighBit"]
    assert film(**slips).assess(tmp_path).status is LaneStatus.CLEAR
