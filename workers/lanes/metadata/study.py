"""Rules on one film against the other films of its study."""

from __future__ import annotations

import datetime as dt
import hashlib

from pydicom.dataset import Dataset

from workers.decode.parsing import read_element
from workers.lanes.metadata.rule import Detail, Rule, Subject, parse_date
from workers.types import HeaderFacts

_LONGEST = 64
_TOLERANCE_DAYS = 1


def read_facts(header: Dataset) -> HeaderFacts:
    """Return what is held against the other films of a study, at most 64 characters
    each; patient and birth date only as digests."""
    return HeaderFacts(
        series_key=_read(header, "SeriesInstanceUID"),
        modality=_read(header, "Modality").upper(),
        manufacturer=_read(header, "Manufacturer").upper(),
        model=_read(header, "ManufacturerModelName").upper(),
        serial_number=_read(header, "DeviceSerialNumber").upper(),
        study_date=_read(header, "StudyDate"),
        patient_digest=_digest("id", _read(header, "PatientID")),
        birth_digest=_digest("birth", _read(header, "PatientBirthDate")),
    )


def _read(header: Dataset, keyword: str) -> str:
    value = read_element(header, keyword)
    return "" if value is None else str(value).strip(" \x00")[:_LONGEST]


def _digest(kind: str, text: str) -> str:
    # Kept beside the same facts in the clear: against mix-ups, not against guessing.
    if not text:
        return ""
    return hashlib.sha256(f"truefilm {kind} {text}".encode()).hexdigest()[:32]


def _differ(mine: str, other: str) -> bool:
    return bool(mine and other) and mine != other


def _same_series(subject: Subject) -> list[tuple[HeaderFacts, HeaderFacts]]:
    facts = read_facts(subject.header)
    return [
        (facts, other)
        for other in subject.study_headers
        if facts.series_key and other.series_key == facts.series_key
    ]


def _check_series_device(subject: Subject) -> Detail | None:
    fields = ("manufacturer", "model", "serial_number")
    differing = sorted(
        {
            field
            for facts, other in _same_series(subject)
            for field in fields
            if _differ(getattr(facts, field), getattr(other, field))
        }
    )
    return {"differ": differing} if differing else None


def _check_series_modality(subject: Subject) -> Detail | None:
    found = {
        other.modality
        for facts, other in _same_series(subject)
        if _differ(facts.modality, other.modality)
    }
    return {"modalities": sorted(found)[:4]} if found else None


def _check_patient(subject: Subject) -> Detail | None:
    facts = read_facts(subject.header)
    differing = sorted(
        {
            name
            for other in subject.study_headers
            for name, mine, theirs in (
                ("PatientID", facts.patient_digest, other.patient_digest),
                ("PatientBirthDate", facts.birth_digest, other.birth_digest),
            )
            if _differ(mine, theirs)
        }
    )
    return {"differ": differing} if differing else None


def _check_date(subject: Subject) -> Detail | None:
    mine = subject.date("StudyDate")
    days = [
        abs((mine - day).days)
        for other in subject.study_headers
        if mine is not None and (day := _parse(other)) is not None
    ]
    worst = max(days, default=0)
    return {"days_apart": worst} if worst > _TOLERANCE_DAYS else None


def _parse(other: HeaderFacts) -> dt.date | None:
    return parse_date(other.study_date)


def _check_serial(subject: Subject) -> Detail | None:
    facts = read_facts(subject.header)
    for other in subject.study_headers:
        if (
            facts.serial_number
            and facts.serial_number == other.serial_number
            and facts.manufacturer == other.manufacturer
            and _differ(facts.model, other.model)
        ):
            return {"same_serial_number": True}
    return None


RULES = (
    Rule(
        "series_of_several_devices",
        "Another film of the same series names another device.",
        0.5,
        "PS3.3 A.1.2.3 (a series is made by one equipment)",
        _check_series_device,
        tolerated="What one of the two leaves empty is not held against it.",
    ),
    Rule(
        "series_of_several_modalities",
        "Another film of the same series is of another modality.",
        0.6,
        "PS3.3 A.1.2.3 and C.7.3.1, Modality (0008,0060)",
        _check_series_modality,
    ),
    Rule(
        "study_of_several_patients",
        "Another film of the same study names another patient or birth date.",
        0.5,
        "PS3.3 A.1.2.1 and A.1.2.2 (a study is of one patient)",
        _check_patient,
        tolerated="What one of the two leaves empty is not held against it.",
    ),
    Rule(
        "study_dated_differently",
        "Another film of the same study dates the study differently.",
        0.4,
        "PS3.3 A.1.2.2 and C.7.2.1, Study Date (0008,0020)",
        _check_date,
        tolerated="A day, for examinations around midnight.",
    ),
    Rule(
        "serial_of_several_models",
        "Another film of the study gives the same device another model.",
        0.5,
        "PS3.3 C.7.5.1, (0008,1090) and (0018,1000)",
        _check_serial,
    ),
)
