"""Rules on what the header says of the patient; findings quote none of it."""

from __future__ import annotations

import re

from workers.lanes.metadata.rule import Detail, Rule, Subject

_AGE = re.compile(r"(\d{3})([DWMY])", re.ASCII)
_DAYS_PER_UNIT = {"D": 1.0, "W": 7.0, "M": 30.44, "Y": 365.25}
_AGE_TOLERANCE_YEARS = 2.0
# The oldest person on record lived 122 years.
_OLDEST_YEARS = 123.0
_ADULT_YEARS = 18.0
# The shortest adult on record measured 0.546 m; the tallest person 2.72 m, the
# heaviest 635 kg. The smallest newborns who lived weighed 0.21 kg at 0.24 m.
_SHORTEST_ADULT_M = 0.5
_SIZE_RANGE_M = (0.2, 2.8)
_WEIGHT_RANGE_KG = (0.15, 650.0)


def _read_age_years(subject: Subject) -> float | None:
    match = _AGE.fullmatch(subject.text("PatientAge"))
    return int(match[1]) * _DAYS_PER_UNIT[match[2]] / 365.25 if match else None


def _years_since_birth(subject: Subject) -> float | None:
    birth, study = subject.date("PatientBirthDate"), subject.date("StudyDate")
    return None if birth is None or study is None else (study - birth).days / 365.25


def _check_age(subject: Subject) -> Detail | None:
    stated, computed = _read_age_years(subject), _years_since_birth(subject)
    if stated is None or computed is None:
        return None
    difference = abs(stated - computed)
    if difference <= _AGE_TOLERANCE_YEARS:
        return None
    return {"difference_years": round(difference, 1)}


def _check_age_form(subject: Subject) -> Detail | None:
    age = subject.text("PatientAge")
    return {"malformed": True} if age and not _AGE.fullmatch(age) else None


def _check_oldest(subject: Subject) -> Detail | None:
    ages = (_read_age_years(subject), _years_since_birth(subject))
    if all(age is None or age <= _OLDEST_YEARS for age in ages):
        return None
    return {"older_than_years": _OLDEST_YEARS}


def _check_sex(subject: Subject) -> Detail | None:
    sex = subject.text("PatientSex")
    return {"malformed": True} if sex and sex.upper() not in ("M", "F", "O") else None


def _check_build(subject: Subject) -> Detail | None:
    bad = [
        keyword
        for keyword, (low, high) in (
            ("PatientSize", _SIZE_RANGE_M),
            ("PatientWeight", _WEIGHT_RANGE_KG),
        )
        # Zero stands for unknown.
        if (number := subject.number(keyword)) and not low <= number <= high
    ]
    return {"out_of_range": bad} if bad else None


def _check_adult(subject: Subject) -> Detail | None:
    size_m = subject.positive("PatientSize")
    age = _read_age_years(subject) or _years_since_birth(subject)
    if size_m is None or age is None or age < _ADULT_YEARS:
        return None
    return {"adult_below_m": _SHORTEST_ADULT_M} if size_m < _SHORTEST_ADULT_M else None


RULES = (
    Rule(
        "age_against_birth",
        "The stated age does not fit the dates of birth and study.",
        0.3,
        "PS3.3 C.7.2.2, Patient's Age (0010,1010)",
        _check_age,
        tolerated="De-identifiers round ages and replace birth dates apart.",
    ),
    Rule(
        "age_malformed",
        "The age is not three digits and a unit.",
        0.2,
        "PS3.5 6.2, AS",
        _check_age_form,
        tolerated="Published data sets write plain years.",
    ),
    Rule(
        "age_impossible",
        "The patient would be older than any person on record.",
        0.45,
        "Robine and Allard, The oldest human, Science 279 (1998): 122 years",
        _check_oldest,
        tolerated="Placeholder birth dates such as 1900-01-01.",
    ),
    Rule(
        "sex_malformed",
        "The sex is not one of the three values that the standard has.",
        0.2,
        "PS3.3 C.7.1.1, Patient's Sex (0010,0040)",
        _check_sex,
        tolerated="Old devices wrote their own sign for unknown.",
    ),
    Rule(
        "build_out_of_range",
        "Height or weight is out of all human range, or in another unit.",
        0.25,
        "PS3.3 C.7.2.2, (0010,1020) in metres and (0010,1030) in kilograms",
        _check_build,
        tolerated="Heights typed in centimetres.",
    ),
    Rule(
        "adult_of_infant_size",
        "A grown-up is stated to be as small as a newborn.",
        0.3,
        "PS3.3 C.7.2.2, (0010,1010) and (0010,1020)",
        _check_adult,
        tolerated="De-identifiers replace age, height and weight one by one.",
    ),
)
