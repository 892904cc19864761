"""What the file states of its origin."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests import dicom
from tests.pure.signatures.keys import NOW, YEAR, make_signer
from workers.decode import decode_film
from workers.dicom.signatures.profiles import CREATOR
from workers.dicom.signatures.sign import FileSigner, sign_file
from workers.fusion import fuse
from workers.lanes.provenance import ProvenanceLane
from workers.types import (
    Context,
    EnrolledCertificate,
    EnrolledDevice,
    Evidence,
    FirstSeen,
    LaneName,
    LaneStatus,
    SignatureTrust,
)


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


def test_a_signature_without_substance_is_said_not_to_be_verifiable(
    tmp_path: Path,
) -> None:
    item = Dataset()
    item.DigitalSignatureUID = f"{dicom.UID_ROOT}.5"
    path = dicom.write_film(
        tmp_path / "f.dcm", overrides={"DigitalSignaturesSequence": [item]}
    )
    # Signatures lie behind the pixels; a reader that stops there must still see them.
    evidence = assess(path)
    assert [f.code for f in evidence.findings] == ["signature_unreadable"]
    assert evidence.status is LaneStatus.NOT_ASSESSABLE


def sign(path: Path, signer: FileSigner) -> Path:
    path.write_bytes(
        sign_file(path.read_bytes(), signer=signer, profile=CREATOR, at=NOW)
    )
    return path


def trust_in(signer: FileSigner) -> SignatureTrust:
    known = EnrolledCertificate(
        sha256=signer.certificate.fingerprint(SHA256()).hex(),
        valid_from=NOW - YEAR,
        valid_until=NOW + YEAR,
    )
    return SignatureTrust(
        devices=(EnrolledDevice("d-1", "Room 3", "", "", "ROOM3", (known,)),)
    )


def test_a_trusted_signature_over_the_pixels_clears_the_film(tmp_path: Path) -> None:
    signer = make_signer()
    path = sign(dicom.write_film(tmp_path / "f.dcm"), signer)
    evidence = assess(path, Context(signature_trust=trust_in(signer)))
    assert evidence.status is LaneStatus.CLEAR
    assert "Room 3" in evidence.reason
    generated = Evidence(
        LaneName.SYNTHESIS, "test", LaneStatus.FINDING, "Tiles look made.", 0.99
    )
    opinion = fuse([generated, evidence])
    assert not opinion.flagged
    assert opinion.override == "signature_trusted_device"
    # Without trust the same signature says nothing of the film.
    stranger = assess(path)
    assert stranger.status is LaneStatus.NOT_ASSESSABLE
    assert fuse([generated, stranger]).flagged


def test_a_film_changed_after_signing_is_a_finding_and_flagged(tmp_path: Path) -> None:
    signer = make_signer()
    path = sign(dicom.write_film(tmp_path / "f.dcm"), signer)
    data_set = dcmread(path)
    data_set.PatientID = "TEST-8"
    data_set.save_as(path)
    evidence = assess(path, Context(signature_trust=trust_in(signer)))
    assert evidence.status is LaneStatus.FINDING
    assert [f.code for f in evidence.findings] == ["signature_broken"]
    assert fuse([evidence]).flagged
