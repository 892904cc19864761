"""Rules on unique identifiers: their form, their root, and what they say of time."""

from __future__ import annotations

import datetime as dt
import re

from workers.lanes.metadata.rule import Detail, Rule, Subject, parse_date, parse_time
from workers.lanes.metadata.vendors import find_root, find_toolkit, find_vendor

_INSTANCE = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
_CHARACTERS = re.compile(r"[0-9.]{1,64}")
_COMPONENTS = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+")
_UUID_ROOT = "2.25."
_STANDARD_ROOT = "1.2.840.10008."
_EXAMPLES = ("1.2.3.", "1.1.1", "9.9.9", "999.999.", "1.2.777.777.", "1.9.999.999.")
_TOLERANCE_DAYS = 1
_FIRST_YEAR = 1980
_MOMENT_DIGITS = 14


def _check_characters(subject: Subject) -> Detail | None:
    bad = [
        keyword
        for keyword in _INSTANCE
        if (uid := subject.text(keyword)) and not _CHARACTERS.fullmatch(uid)
    ]
    return {"malformed": bad} if bad else None


def _check_components(subject: Subject) -> Detail | None:
    bad = []
    for keyword in _INSTANCE:
        uid = subject.text(keyword)
        if not uid or not _CHARACTERS.fullmatch(uid):
            continue
        parts = uid.split(".")
        # ISO/IEC 9834-1: the top arcs are 0, 1 and 2; below 0 and 1 there are 40.
        is_sound = _COMPONENTS.fullmatch(uid) is not None and (
            int(parts[0]) == 2 or (int(parts[0]) < 2 and int(parts[1]) < 40)
        )
        if not is_sound:
            bad.append(keyword)
    return {"malformed": bad} if bad else None


def _uuid_numbers(subject: Subject) -> list[tuple[str, str]]:
    return [
        (keyword, uid.removeprefix(_UUID_ROOT))
        for keyword in _INSTANCE
        if (uid := subject.text(keyword)).startswith(_UUID_ROOT)
    ]


def _is_uuid_sized(number: str) -> bool:
    return number.isdecimal() and len(number) <= 39 and int(number) < 1 << 128


def _check_uuid_size(subject: Subject) -> Detail | None:
    bad = [key for key, number in _uuid_numbers(subject) if not _is_uuid_sized(number)]
    return {"malformed": bad} if bad else None


def _check_uuid_variant(subject: Subject) -> Detail | None:
    bad = []
    for keyword, number in _uuid_numbers(subject):
        if not _is_uuid_sized(number):
            continue
        variant, version = int(number) >> 62 & 3, int(number) >> 76 & 15
        if variant != 2 or version not in range(1, 9):
            bad.append(keyword)
    return {"not_a_uuid": bad} if bad else None


def _check_image_shared(subject: Subject) -> Detail | None:
    image = subject.text("SOPInstanceUID")
    shared = [key for key in _INSTANCE[:2] if image and subject.text(key) == image]
    return {"equal": shared} if shared else None


def _check_study_is_series(subject: Subject) -> Detail | None:
    study = subject.text("StudyInstanceUID")
    return {"equal": True} if study and study == subject.text(_INSTANCE[1]) else None


def _check_standard_root(subject: Subject) -> Detail | None:
    bad = [key for key in _INSTANCE if subject.text(key).startswith(_STANDARD_ROOT)]
    return {"below_standard": bad} if bad else None


def _check_example(subject: Subject) -> Detail | None:
    bad = [key for key in _INSTANCE if subject.text(key).startswith(_EXAMPLES)]
    return {"examples": bad} if bad else None


def find_moments(uid: str) -> list[dt.datetime]:
    """Return the moments that a UID spells out: components of 14 digits and more that
    open with a date and a time of day, from 1980 on."""
    found = []
    for part in uid.split("."):
        if len(part) < _MOMENT_DIGITS or not part.isdecimal():
            continue
        day, time = parse_date(part[:8]), parse_time(part[8:_MOMENT_DIGITS])
        if day is not None and time is not None and day.year >= _FIRST_YEAR:
            found.append(dt.datetime.combine(day, time))
    return found


def _check_made_before_picture(subject: Subject) -> Detail | None:
    days = [
        day
        for keyword in ("AcquisitionDate", "ContentDate")
        if (day := subject.date(keyword)) is not None
    ]
    made = find_moments(subject.text("SOPInstanceUID"))
    if not days or not made:
        return None
    early = (min(days) - max(made).date()).days
    return {"days_before": early} if early > _TOLERANCE_DAYS else None


def _check_made_after_receipt(subject: Subject) -> Detail | None:
    if subject.received_at is None:
        return None
    received = subject.received_at.astimezone(dt.UTC).date()
    late = [
        keyword
        for keyword in _INSTANCE
        for moment in find_moments(subject.text(keyword))
        # A random number may open like a date; one of another century is such a one.
        if 0 < (moment.date() - received).days - _TOLERANCE_DAYS < 3653
    ]
    return {"after_receipt": late} if late else None


def _check_vendor_root(subject: Subject) -> Detail | None:
    vendor = find_vendor(subject)
    root = find_root(subject.text("SOPInstanceUID"))
    if vendor is None or root is None or root[1] == vendor or subject.is_derived:
        return None
    return {"uid_root": root[0], "root_of": root[1], "manufacturer": vendor}


def _check_toolkit_uid(subject: Subject) -> Detail | None:
    toolkit = find_toolkit(subject.text("SOPInstanceUID"))
    if toolkit is None or find_vendor(subject) is None or subject.is_derived:
        return None
    return {"toolkit": toolkit}


RULES = (
    Rule(
        "uid_malformed",
        "A UID is too long or holds other signs than digits and dots.",
        0.6,
        "PS3.5 9.1; PS3.5 6.2, UI",
        _check_characters,
    ),
    Rule(
        "uid_components",
        "A component of a UID has a leading zero, or its first ones do not exist.",
        0.3,
        "PS3.5 9.1; ISO/IEC 9834-1 (arcs 0, 1 and 2)",
        _check_components,
        tolerated="De-identifiers write roots such as 999.999, and parts such as 01.",
    ),
    Rule(
        "uuid_too_large",
        "A UID below 2.25 is not a number of 128 bits.",
        0.5,
        "PS3.5 B.2; ITU-T X.667 (ISO/IEC 9834-8), 6.3",
        _check_uuid_size,
    ),
    Rule(
        "uuid_of_no_version",
        "A UID below 2.25 is not a UUID of any version.",
        0.25,
        "PS3.5 B.2; RFC 9562, 4.1 and 4.2",
        _check_uuid_variant,
        tolerated="Some programs take any random number of 128 bits.",
    ),
    Rule(
        "uid_of_image_shared",
        "The image has the UID of its study or series, which must be its own.",
        0.6,
        "PS3.5 9; PS3.3 C.7.2.1, C.7.3.1, C.12.1",
        _check_image_shared,
    ),
    Rule(
        "uid_of_study_is_series",
        "Study and series have the same UID.",
        0.25,
        "PS3.5 9; PS3.3 C.7.2.1, C.7.3.1",
        _check_study_is_series,
        tolerated="Fuji's computed radiography of the 1990s numbered both alike.",
    ),
    Rule(
        "uid_below_standard",
        "A UID of the image, series or study lies below the standard's own root.",
        0.6,
        "PS3.5 9 (1.2.840.10008 is reserved for the standard); PS3.6 A",
        _check_standard_root,
    ),
    Rule(
        "uid_example",
        "A UID is one of those that examples and tests use.",
        0.3,
        "PS3.5 9.1 (a root must be registered)",
        _check_example,
        tolerated="De-identified samples carry such UIDs.",
    ),
    Rule(
        "uid_before_picture",
        "The image's UID spells a moment before the picture was taken.",
        0.45,
        "PS3.5 B.1 (UIDs built of time); PS3.3 C.7.6.1",
        _check_made_before_picture,
        tolerated="De-identifiers move dates and keep UIDs, mostly into the past.",
    ),
    Rule(
        "uid_after_receipt",
        "A UID spells a moment later than the day on which the film was received.",
        0.6,
        "PS3.5 B.1 (UIDs built of time)",
        _check_made_after_receipt,
    ),
    Rule(
        "uid_root_of_other_vendor",
        "The image's UID comes from another manufacturer than the header names.",
        0.5,
        "PS3.5 9.1 and B.1; roots as in the manufacturers' conformance statements",
        _check_vendor_root,
        tolerated="Derived images: a workstation of another maker gives them a UID.",
    ),
    Rule(
        "uid_of_toolkit",
        "The image's UID was made by a program library, not by the device named.",
        0.5,
        "PS3.5 9.1; roots as documented by the libraries",
        _check_toolkit_uid,
        tolerated="Derived images (PS3.3 C.7.6.1.1.2): compressing with loss makes a "
        "new UID, and libraries do that.",
    ),
)
