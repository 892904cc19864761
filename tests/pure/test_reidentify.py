"""A film under another identity: the same pixels, nobody's numbers, days in order."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from tests.dicom import NATIVE, UID_ROOT, write_film
from workers.decode import decode_film
from workers.dicom.identity import identify_film
from workers.dicom.reidentify import GivenIdentity, reidentify_film, vary_digits
from workers.errors import UnreadableFile, UnsupportedImage

NOW = dt.datetime.combine(dt.date(2026, 11, 23), dt.time(0, 20, 30))
IDENTITY = GivenIdentity("PID-0042", "Roe^Jane", "ACC-77", NOW)


def _given(path: Path, tmp_path: Path, seed: int = 1) -> Path:
    made = reidentify_film(path, IDENTITY, chance=random.Random(seed))
    copy = tmp_path / f"given{seed}.dcm"
    copy.write_bytes(made.content)
    assert made.sop_instance_uid == str(dcmread(copy).SOPInstanceUID)
    return copy


@pytest.mark.parametrize("syntax", [*NATIVE, RLELossless, JPEG2000Lossless])
def test_pixels_and_encoding_stay_in_every_transfer_syntax(
    syntax: str, tmp_path: Path
) -> None:
    film = write_film(tmp_path / "film.dcm", transfer_syntax=syntax)  # type: ignore[arg-type]
    given = _given(film, tmp_path)
    before, after = decode_film(film), decode_film(given)
    assert after.pixel_sha256 == before.pixel_sha256
    assert after.sha256 != before.sha256
    assert dcmread(given).file_meta.TransferSyntaxUID == syntax


def test_identity_is_the_given_one_and_sex_and_age_stay(tmp_path: Path) -> None:
    overrides = {
        "PatientSex": "F",
        "OtherPatientNames": "OLD^NAME",
        "PatientIdentityRemoved": "YES",
        "DeidentificationMethod": "OLDMETHOD",
        "PatientComments": "OLDCOMMENT",
    }
    film = write_film(tmp_path / "film.dcm", overrides=overrides)
    given = _given(film, tmp_path)
    new, old = (identify_film(dcmread(p), sha256="0" * 64) for p in (given, film))
    assert (new.patient_id, new.patient_name) == ("PID-0042", "Roe^Jane")
    assert new.accession_number == "ACC-77"
    assert (new.patient_sex, new.patient_age_years) == ("F", old.patient_age_years)
    assert new.study_date == NOW.date()
    content = given.read_bytes()
    for trace in (b"OLD", b"Test^Film", b"TEST-7", b"PatientIdentity", b"20240102"):
        assert trace not in content


def test_days_and_times_move_together_over_midnight(tmp_path: Path) -> None:
    # The study at 10:15, its picture a minute later.
    overrides = {
        "AcquisitionTime": "101559.250",
        "AcquisitionDateTime": "20240102101559.250",
        "DateOfLastCalibration": "20240101",
        "ContentDate": "20240102",
        "ContentTime": "235900",
    }
    film = write_film(tmp_path / "film.dcm", overrides=overrides)
    header = dcmread(_given(film, tmp_path))
    assert (header.StudyDate, header.StudyTime) == ("20261123", "002030")
    assert header.AcquisitionTime == "002129.250000"
    # 13 h 44 min after the study, as before: 10:15 to 23:59.
    assert (header.ContentDate, header.ContentTime) == ("20261123", "140430")
    assert header.PatientBirthDate != "19700101"
    moved = dt.date(2026, 11, 23) - dt.date(2024, 1, 2)
    # By whole days, rounded down: the study moved by ten hours less than `moved`.
    day = dt.date(2024, 1, 1) + moved - dt.timedelta(days=1)
    assert header.DateOfLastCalibration == f"{day:%Y%m%d}"
    assert header.AcquisitionDateTime[8:] == "101559.250"


def test_uids_are_new_below_their_roots_and_agree(tmp_path: Path) -> None:
    reference = Dataset()
    reference.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    reference.ReferencedSOPInstanceUID = f"{UID_ROOT}.2.7.1.1"
    film = write_film(
        tmp_path / "film.dcm",
        overrides={"SourceImageSequence": Sequence([reference])},
    )
    old, new = dcmread(film), dcmread(_given(film, tmp_path))
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        assert new[keyword].value != old[keyword].value
        assert new[keyword].value.is_valid
        assert new[keyword].value.startswith("1.2.826.0.1.3680043.8.498.")
    assert new.file_meta.MediaStorageSOPInstanceUID == new.SOPInstanceUID
    inner = new.SourceImageSequence[0]
    assert inner.ReferencedSOPInstanceUID == new.SOPInstanceUID
    assert inner.ReferencedSOPClassUID == reference.ReferencedSOPClassUID
    assert new.SOPClassUID == old.SOPClassUID
    implementation = new.file_meta.ImplementationClassUID
    assert implementation == old.file_meta.ImplementationClassUID
    other = dcmread(_given(film, tmp_path, seed=2))
    assert other.StudyInstanceUID != new.StudyInstanceUID


def test_what_could_not_pass_is_refused(tmp_path: Path) -> None:
    signed = write_film(tmp_path / "signed.dcm")
    header = dcmread(signed)
    header.DigitalSignaturesSequence = Sequence([Dataset()])
    header.save_as(signed)
    undated = write_film(tmp_path / "undated.dcm", overrides={"StudyDate": None})
    odd = write_film(tmp_path / "odd.dcm", transfer_syntax=ImplicitVRLittleEndian)
    header = dcmread(odd)
    header.StudyDate = "20241399"
    header.save_as(odd)
    for path, code in ((signed, "signed_film"), (undated, "undated_film")):
        with pytest.raises(UnsupportedImage) as refused:
            _given(path, tmp_path)
        assert refused.value.code == code
    with pytest.raises(UnreadableFile) as unreadable:
        _given(odd, tmp_path)
    assert "2024" not in unreadable.value.message


def test_numbers_keep_their_form_and_their_beginning() -> None:
    chance = random.Random(3)
    drawn = {vary_digits("AC-0012345", chance) for _ in range(200)}
    assert all(text and text.startswith("AC-0012") for text in drawn)
    assert len(drawn) > 150
    assert {len(text or "") for text in drawn} == {10}
    assert vary_digits("A12", chance) is None
    assert vary_digits("", chance) is None
