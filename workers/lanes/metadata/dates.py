"""Rules of the calendar."""

from __future__ import annotations

import datetime as dt
import re

from workers.lanes.metadata.rule import Detail, Rule, Subject

_DAY_KEYWORDS = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
# Films started before midnight end after it; clocks of two systems differ.
_TOLERANCE_DAYS = 1
_AGE = re.compile(r"(\d{3})([DWMY])")
_DAYS_PER_UNIT = {"D": 1.0, "W": 7.0, "M": 30.44, "Y": 365.25}
_AGE_TOLERANCE_YEARS = 2.0
_TIME = re.compile(
    r"([01]\d|2[0-3])(:?[0-5]\d(:?([0-5]\d|60)(\.\d{1,6})?)?)?", re.ASCII
)


def _check_birth(subject: Subject) -> Detail | None:
    birth = subject.date("PatientBirthDate")
    if birth is None:
        return None
    before = [
        keyword
        for keyword in _DAY_KEYWORDS
        if (day := subject.date(keyword)) is not None
        and (birth - day).days > _TOLERANCE_DAYS
    ]
    return {"before_birth": before} if before else None


def _check_future(subject: Subject) -> Detail | None:
    if subject.received_at is None:
        return None
    latest = subject.received_at.astimezone(dt.UTC).date() + dt.timedelta(
        days=_TOLERANCE_DAYS
    )
    late = [
        keyword
        for keyword in _DAY_KEYWORDS
        if (day := subject.date(keyword)) is not None and day > latest
    ]
    return {"after_receipt": late} if late else None


def _check_order(subject: Subject) -> Detail | None:
    study = subject.date("StudyDate")
    if study is None:
        return None
    early = [
        keyword
        for keyword in ("SeriesDate", "AcquisitionDate", "ContentDate")
        if (day := subject.date(keyword)) is not None
        and (study - day).days > _TOLERANCE_DAYS
    ]
    return {"before_study": early} if early else None


def _check_form(subject: Subject) -> Detail | None:
    bad = [
        keyword
        for keyword in (*_DAY_KEYWORDS, "PatientBirthDate")
        # ACR-NEMA wrote dots; readers still accept them (PS3.5 6.2).
        if (text := subject.text(keyword).replace(".", ""))
        and subject.date(keyword) is None
        and not (len(text) == 8 and text.isdecimal() and int(text[4:6]) in range(1, 13))
    ]
    bad += [
        keyword
        for keyword in ("StudyTime", "SeriesTime", "AcquisitionTime", "ContentTime")
        if (text := subject.text(keyword)) and not _TIME.fullmatch(text)
    ]
    return {"malformed": bad} if bad else None


def _check_age(subject: Subject) -> Detail | None:
    match = _AGE.fullmatch(subject.text("PatientAge"))
    birth, study = subject.date("PatientBirthDate"), subject.date("StudyDate")
    if match is None or birth is None or study is None:
        return None
    stated = int(match[1]) * _DAYS_PER_UNIT[match[2]] / 365.25
    difference = abs(stated - (study - birth).days / 365.25)
    if difference <= _AGE_TOLERANCE_YEARS:
        return None
    return {"difference_years": round(difference, 1)}


RULES = (
    Rule(
        "taken_before_birth",
        "The film is dated before the patient was born (or its dates were replaced).",
        0.6,
        "PS3.3 C.7.1.1, C.7.2.1, C.7.6.1: dates",
        _check_birth,
    ),
    Rule(
        "dated_in_future",
        "The film is dated later than the day on which it was received.",
        0.7,
        "PS3.3 C.7.2.1, C.7.6.1: dates",
        _check_future,
    ),
    Rule(
        "taken_before_study",
        "The film is dated before its study began, as in headers that were copied.",
        0.4,
        "PS3.3 C.7.2.1, C.7.3.1, C.7.6.1: dates",
        _check_order,
    ),
    Rule(
        "date_malformed",
        "A date or time is not one.",
        0.4,
        "PS3.5 6.2, DA and TM",
        _check_form,
    ),
    Rule(
        "age_against_birth",
        "The stated age does not fit the dates of birth and study.",
        0.5,
        "PS3.3 C.7.2.2, Patient's Age (0010,1010)",
        _check_age,
    ),
)
