"""What the file states of its origin."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from tests import dicom
from workers.decode import decode_film
from workers.lanes.provenance import ProvenanceLane
from workers.types import Context, Evidence, FirstSeen, LaneStatus


def assess(path: Path, context: Context | None = None) -> Evidence:
    return ProvenanceLane().assess(decode_film(path), context or Context())


def make_equipment(code: str, scheme: str, meaning: str) -> Dataset:
    purpose = Dataset()
    purpose.CodeValue = code
    purpose.CodingSchemeDesignator = scheme
    purpose.CodeMeaning = meaning
    item = Dataset()
    item.Manufacturer = "Test Works"
    item.PurposeOfReferenceCodeSequence = [purpose]
    return item


def test_plain_film_is_not_assessable_and_has_no_score(tmp_path: Path) -> None:
    evidence = assess(dicom.write_film(tmp_path / "film.dcm"))
    assert evidence.status is LaneStatus.NOT_ASSESSABLE
    assert (evidence.findings, evidence.suspicion) == ((), None)


def test_declared_synthetic_is_hard_evidence(tmp_path: Path) -> None:
    path = dicom.write_film(tmp_path / "f.dcm", overrides={"SyntheticData": "YES"})
    evidence = assess(path)
    assert evidence.status is LaneStatus.FINDING
    assert [(f.code, f.weight) for f in evidence.findings] == [
        ("declared_synthetic", 1.0)
    ]


@pytest.mark.parametrize(
    "overrides",
    [{"SyntheticData": "NO"}, {"ContentQualification": "RESEARCH"}],
)
def test_neither_no_nor_research_is_a_finding(
    tmp_path: Path, overrides: dict[str, Any]
) -> None:
    evidence = assess(dicom.write_film(tmp_path / "f.dcm", overrides=overrides))
    assert evidence.findings == ()


def test_synthesizing_equipment_is_told_by_its_code(tmp_path: Path) -> None:
    by_code = make_equipment("109100", "DCM", "anything")
    path = dicom.write_film(
        tmp_path / "a.dcm", overrides={"ContributingEquipmentSequence": [by_code]}
    )
    assert [f.code for f in assess(path).findings] == ["synthesizing_equipment"]
    other = make_equipment("109101", "DCM", "Acquisition Equipment")
    path = dicom.write_film(
        tmp_path / "b.dcm", overrides={"ContributingEquipmentSequence": [other]}
    )
    assert assess(path).findings == ()


def test_first_seen_is_stated_with_its_log_entry(tmp_path: Path) -> None:
    seen = FirstSeen(dt.datetime(2026, 3, 24, 8, 5, tzinfo=dt.UTC), 17)
    path = dicom.write_film(tmp_path / "film.dcm")
    evidence = assess(path, Context(first_seen=seen))
    assert evidence.status is LaneStatus.NOT_ASSESSABLE
    assert "2026-03-24 08:05 UTC, log entry 17" in evidence.reason
    assert evidence.findings[0].detail["log_position"] == 17


def test_signature_is_reported_as_not_verified(tmp_path: Path) -> None:
    item = Dataset()
    item.DigitalSignatureUID = f"{dicom.UID_ROOT}.5"
    path = dicom.write_film(
        tmp_path / "f.dcm", overrides={"DigitalSignaturesSequence": [item]}
    )
    # Signatures lie behind the pixels; a reader that stops there must still see them.
    assert [f.code for f in assess(path).findings] == ["signature_present"]
