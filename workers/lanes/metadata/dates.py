"""Rules of the calendar."""

from __future__ import annotations

import datetime as dt
import re

from workers.lanes.metadata.rule import (
    RADIOGRAPHS,
    X_RAY,
    Detail,
    Rule,
    Subject,
    parse_date,
    parse_time,
)

_DAY_KEYWORDS = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
_TAKEN_KEYWORDS = ("SeriesDate", "AcquisitionDate", "ContentDate")
_TIME_KEYWORDS = ("StudyTime", "SeriesTime", "AcquisitionTime", "ContentTime")
# Films started before midnight end after it; clocks of two systems differ.
_TOLERANCE_DAYS = 1
_CLOCK_TOLERANCE = dt.timedelta(hours=1)
_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})", re.ASCII)
_TIME = re.compile(
    r"([01]\d|2[0-3])(:?[0-5]\d(:?([0-5]\d|60)(\.\d{1,6})?)?)?", re.ASCII
)
# Roentgen's first observation, and the first commercial computed radiography.
_ROENTGEN = dt.date(1895, 11, 8)
_FIRST_DIGITAL = dt.date(1981, 1, 1)


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
        for keyword in _TAKEN_KEYWORDS
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
        for keyword in _TIME_KEYWORDS
        if (text := subject.text(keyword)) and not _TIME.fullmatch(text)
    ]
    return {"malformed": bad} if bad else None


def _check_roentgen(subject: Subject) -> Detail | None:
    early = [
        keyword
        for keyword in _DAY_KEYWORDS
        if (day := subject.date(keyword)) is not None and day < _ROENTGEN
    ]
    return {"before_roentgen": early} if early else None


def _check_digital(subject: Subject) -> Detail | None:
    early = [
        keyword
        for keyword in _DAY_KEYWORDS
        if (day := subject.date(keyword)) is not None
        and _ROENTGEN <= day < _FIRST_DIGITAL
    ]
    return {"before_digital": early} if early else None


def _check_acquired(subject: Subject) -> Detail | None:
    """Judged only where both say the time: midnight parts no pair by an hour."""
    acquired = subject.moment("AcquisitionDate", "AcquisitionTime")
    content = subject.moment("ContentDate", "ContentTime")
    if acquired is None or content is None or acquired - content <= _CLOCK_TOLERANCE:
        return None
    return {"hours": round((acquired - content).total_seconds() / 3600, 1)}


def _check_created(subject: Subject) -> Detail | None:
    created = subject.date("InstanceCreationDate")
    taken = subject.date("AcquisitionDate") or subject.date("ContentDate")
    if created is None or taken is None or (taken - created).days <= _TOLERANCE_DAYS:
        return None
    return {"days_before": (taken - created).days}


def _check_acquisition_twice(subject: Subject) -> Detail | None:
    whole = subject.text("AcquisitionDateTime")
    day, time = parse_date(whole[:8]), parse_time(whole[8:14])
    apart = subject.moment("AcquisitionDate", "AcquisitionTime")
    if day is None or time is None or apart is None:
        return None
    difference = abs(dt.datetime.combine(day, time) - apart)
    # The offset from UTC may be in one of them alone: up to 14 hours, in quarters.
    if difference <= dt.timedelta(hours=14):
        return None
    return {"hours": round(difference.total_seconds() / 3600, 1)}


def _check_calibration(subject: Subject) -> Detail | None:
    taken = subject.date("AcquisitionDate") or subject.date("ContentDate")
    if taken is None:
        return None
    late = [
        keyword
        for keyword in ("DateOfLastCalibration", "DateOfLastDetectorCalibration")
        if (day := subject.date(keyword)) is not None
        and (day - taken).days > _TOLERANCE_DAYS
    ]
    return {"after_picture": late} if late else None


def _check_built(subject: Subject) -> Detail | None:
    taken = subject.date("AcquisitionDate") or subject.date("ContentDate")
    if taken is None:
        return None
    late = [
        keyword
        for keyword in ("DateOfManufacture", "DateOfInstallation")
        if (day := subject.date(keyword)) is not None
        and (day - taken).days > _TOLERANCE_DAYS
    ]
    return {"after_picture": late} if late else None


def _check_offset(subject: Subject) -> Detail | None:
    offset = subject.text("TimezoneOffsetFromUTC")
    if not offset:
        return None
    match = _OFFSET.fullmatch(offset)
    minutes = int(match[2]) * 60 + int(match[3]) if match else None
    if match and minutes is not None:
        most = 12 * 60 if match[1] == "-" else 14 * 60
        if minutes <= most and int(match[3]) < 60:
            return None
    return {"malformed": True}


def _check_step(subject: Subject) -> Detail | None:
    start = subject.moment(
        "PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime"
    )
    end = subject.moment(
        "PerformedProcedureStepEndDate", "PerformedProcedureStepEndTime"
    )
    if start is None or end is None or end >= start:
        return None
    return {"minutes": round((start - end).total_seconds() / 60)}


def _check_step_start(subject: Subject) -> Detail | None:
    start = subject.date("PerformedProcedureStepStartDate")
    taken = subject.date("AcquisitionDate") or subject.date("ContentDate")
    if start is None or taken is None or (start - taken).days <= _TOLERANCE_DAYS:
        return None
    return {"days_before": (start - taken).days}


def _check_midnight(subject: Subject) -> Detail | None:
    times = [subject.text(keyword) for keyword in _TIME_KEYWORDS]
    told = [time for time in times if time]
    # Placeholders of de-identifiers; one film at midnight sharp has fractions.
    if not told or any(time.strip("0.:") for time in told):
        return None
    return {"times": len(told)}


RULES = (
    Rule(
        "taken_before_birth",
        "The film is dated before the patient was born.",
        0.45,
        "PS3.3 C.7.1.1, C.7.2.1, C.7.3.1, C.7.6.1: dates",
        _check_birth,
        tolerated="De-identifiers and demonstrations invent birth dates.",
    ),
    Rule(
        "dated_in_future",
        "The film is dated later than the day on which it was received.",
        0.7,
        "PS3.3 C.7.2.1, C.7.3.1, C.7.6.1: dates",
        _check_future,
    ),
    Rule(
        "dated_before_x_rays",
        "The film is dated before X-rays were known.",
        0.7,
        "W. C. Roentgen, Über eine neue Art von Strahlen, 1895",
        _check_roentgen,
        X_RAY,
    ),
    Rule(
        "dated_before_digital",
        "The film is dated before digital radiography existed.",
        0.3,
        "Sonoda et al., Radiology 148 (1983), 833: the first computed radiography",
        _check_digital,
        RADIOGRAPHS,
        "Placeholders such as 1901-01-01; films digitised later.",
    ),
    Rule(
        "taken_before_study",
        "The film is dated before its study began, as in headers that were copied.",
        0.4,
        "PS3.3 C.7.2.1, C.7.3.1, C.7.6.1: dates",
        _check_order,
        tolerated="Samples imported into a new study keep their own dates.",
    ),
    Rule(
        "date_malformed",
        "A date or time is not one.",
        0.4,
        "PS3.5 6.2, DA and TM",
        _check_form,
        tolerated="ACR-NEMA's dots and colons pass.",
    ),
    Rule(
        "acquired_after_content",
        "The exposure is dated after the picture that came of it.",
        0.45,
        "PS3.3 C.7.10.1, (0008,0022), (0008,0032); C.7.6.1, (0008,0023), (0008,0033)",
        _check_acquired,
        tolerated="An hour, for the clocks of two systems.",
    ),
    Rule(
        "created_before_picture",
        "The object was created before the film in it was taken.",
        0.45,
        "PS3.3 C.12.1, Instance Creation Date (0008,0012)",
        _check_created,
        tolerated="A day, for time zones.",
    ),
    Rule(
        "acquisition_dated_twice",
        "The moment of exposure is stated twice, and differently.",
        0.45,
        "PS3.3 C.7.10.1, (0008,002A) against (0008,0022) and (0008,0032)",
        _check_acquisition_twice,
        tolerated="14 hours, for an offset from UTC told in one of them alone.",
    ),
    Rule(
        "calibrated_after_picture",
        "The device's last calibration is dated after the film.",
        0.4,
        "PS3.3 C.7.5.1, (0018,1200); C.8.11.4, (0018,700C)",
        _check_calibration,
        tolerated="De-identifiers move some dates and forget others.",
    ),
    Rule(
        "device_younger_than_film",
        "The device was built or installed after the film was taken.",
        0.45,
        "PS3.3 C.7.5.1, (0018,1204) and (0018,1205)",
        _check_built,
        tolerated="De-identifiers move some dates and forget others.",
    ),
    Rule(
        "offset_impossible",
        "The offset from UTC is that of no time zone.",
        0.3,
        "PS3.3 C.12.1, Timezone Offset From UTC (0008,0201): -1200 to +1400",
        _check_offset,
    ),
    Rule(
        "step_ends_before_start",
        "The procedure step ends before it starts.",
        0.45,
        "PS3.3 10.6 and C.7.3.1, (0040,0244), (0040,0245), (0040,0250), (0040,0251)",
        _check_step,
    ),
    Rule(
        "taken_before_step",
        "The film is dated before the procedure step in which it was taken.",
        0.4,
        "PS3.3 C.7.3.1, Performed Procedure Step Start Date (0040,0244)",
        _check_step_start,
        tolerated="De-identifiers move some dates and forget others.",
    ),
    Rule(
        "times_all_zero",
        "Every time of day in the header is midnight sharp.",
        0.15,
        "PS3.3 C.7.2.1, C.7.3.1, C.7.6.1: times; PS3.15 E.1 (dummy values)",
        _check_midnight,
        tolerated="Placeholders of de-identifiers.",
    ),
)
