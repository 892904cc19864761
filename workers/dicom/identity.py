"""Who and what a film says it is: identifying attributes, made safe to keep."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pydicom.valuerep import DA

UNKNOWN_PATIENT_NAME = "Unidentified"


@dataclass(frozen=True)
class FilmIdentity:
    """Attributes as text without control characters, cut to DICOM's lengths. PHI.

    Empty strings and None mean absent or unreadable. Instance UIDs are never empty.
    """

    patient_id: str
    patient_name: str
    patient_sex: str
    patient_birth_date: dt.date | None
    patient_age_years: int | None
    study_instance_uid: str
    series_instance_uid: str
    sop_class_uid: str
    sop_instance_uid: str
    accession_number: str
    study_description: str
    study_date: dt.date | None
    modality: str
    manufacturer: str
    body_part: str
    view_position: str
    laterality: str
    series_number: int | None
    instance_number: int | None
    is_demo: bool


def identify_film(header: Dataset | None, *, sha256: str) -> FilmIdentity:
    """Return the identity in `header`; missing UIDs are derived from the bytes.

    A film without header (PNG, JPEG, TIFF, WebP) is its own study of a patient of its
    own, so that two unknown films are never taken for one patient.
    """
    dataset = header if header is not None else Dataset()
    derived = _derived_uid(sha256)
    birth_date = _date(dataset, "PatientBirthDate")
    study_date = _date(dataset, "StudyDate")
    qualification = _text(dataset, "ContentQualification", 16)
    patient_id = _text(dataset, "PatientID", 64)
    return FilmIdentity(
        patient_id=patient_id or f"UNKNOWN-{sha256[:12]}",
        patient_name=_text(dataset, "PatientName", 324) or UNKNOWN_PATIENT_NAME,
        patient_sex=_text(dataset, "PatientSex", 16),
        patient_birth_date=birth_date,
        patient_age_years=_age_years(dataset, birth_date, study_date),
        study_instance_uid=_uid(dataset, "StudyInstanceUID") or f"{derived}.1",
        series_instance_uid=_uid(dataset, "SeriesInstanceUID") or f"{derived}.2",
        sop_class_uid=_uid(dataset, "SOPClassUID"),
        sop_instance_uid=_uid(dataset, "SOPInstanceUID") or f"{derived}.3",
        accession_number=_text(dataset, "AccessionNumber", 16),
        study_description=_text(dataset, "StudyDescription", 200)
        or _text(dataset, "SeriesDescription", 200),
        study_date=study_date,
        modality=_text(dataset, "Modality", 16) or ("" if header is not None else "OT"),
        manufacturer=_text(dataset, "Manufacturer", 120),
        body_part=_text(dataset, "BodyPartExamined", 64),
        view_position=_text(dataset, "ViewPosition", 16),
        laterality=_text(dataset, "ImageLaterality", 16)
        or _text(dataset, "Laterality", 16),
        series_number=_integer(dataset, "SeriesNumber"),
        instance_number=_integer(dataset, "InstanceNumber"),
        is_demo=qualification == "RESEARCH" and patient_id.startswith("DEMO-"),
    )


def _derived_uid(sha256: str) -> str:
    """Return a UID under the 2.25 root from the first 112 bits of a digest.

    SPEC PS3.5 B.2: 2.25 followed by an integer; two components fit into 64 characters.
    """
    return f"2.25.{int(sha256[:28], 16)}"


def _text(dataset: Dataset, keyword: str, length: int) -> str:
    value = dataset.get(keyword)
    if value is None:
        return ""
    text = str(value) if not isinstance(value, list) else "\\".join(map(str, value))
    return "".join(c for c in text if c.isprintable()).strip()[:length]


def _uid(dataset: Dataset, keyword: str) -> str:
    text = _text(dataset, keyword, 65)
    return text if text and UID(text).is_valid else ""


def _date(dataset: Dataset, keyword: str) -> dt.date | None:
    text = _text(dataset, keyword, 10)
    try:
        parsed = DA(text) if text else None
    except ValueError:
        return None
    return dt.date(parsed.year, parsed.month, parsed.day) if parsed else None


def _integer(dataset: Dataset, keyword: str) -> int | None:
    try:
        number = int(_text(dataset, keyword, 16))
    except ValueError:
        return None
    # SPEC PS3.5 6.2: IS lies within a 32-bit signed integer.
    return number if abs(number) < 2**31 else None


def _age_years(
    dataset: Dataset, birth_date: dt.date | None, study_date: dt.date | None
) -> int | None:
    """Return whole years, from Patient's Age (nnnY) or else from the two dates."""
    text = _text(dataset, "PatientAge", 4)
    if len(text) == 4 and text[:3].isdigit():
        years = {"Y": 1.0, "M": 1 / 12, "W": 1 / 52.18, "D": 1 / 365.25}.get(text[3])
        return int(int(text[:3]) * years) if years else None
    if birth_date is None or study_date is None or study_date < birth_date:
        return None
    had_birthday = (study_date.month, study_date.day) >= (
        birth_date.month,
        birth_date.day,
    )
    return study_date.year - birth_date.year - (0 if had_birthday else 1)
