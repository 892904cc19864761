"""A DICOM film under another identity: same pixels and device, another patient and day.

For films of known truth that are to pass among others. Not a de-identification: what a
film carries in private elements or burnt into its pixels stays.
"""

from __future__ import annotations

import datetime as dt
import io
import random
from dataclasses import dataclass
from pathlib import Path

from pydicom import dcmread
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.uid import UID
from pydicom.valuerep import DA, TM

from workers.decode.parsing import PARSE_ERRORS, quiet_warnings
from workers.errors import UnreadableFile, UnsupportedImage

# Other ways to name the patient, and marks of a film that was published.
_DROPPED = (
    "OtherPatientIDs",
    "OtherPatientIDsSequence",
    "OtherPatientNames",
    "PatientBirthName",
    "PatientMotherBirthName",
    "PatientAddress",
    "PatientTelephoneNumbers",
    "PatientComments",
    "IssuerOfPatientID",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
    "LongitudinalTemporalInformationModified",
)
_DATE_TIME_PAIRS = tuple(
    (f"{name}Date", f"{name}Time")
    for name in ("Study", "Series", "Acquisition", "Content", "InstanceCreation")
)
_PAIRED = frozenset(word for pair in _DATE_TIME_PAIRS for word in pair)
# SPEC PS3.6 annex A: UIDs under this root are the standard's own and name no instance.
_STANDARD_ROOT = "1.2.840.10008."
_LEAST_VARIED_DIGITS = 10
_LONGEST_UID = 64


@dataclass(frozen=True)
class GivenIdentity:
    """Who and when a film is to be of. PHI by its looks, of nobody by its making.

    acquired_at: local time of the study, without an offset as in DICOM.
    """

    patient_id: str
    patient_name: str
    accession_number: str
    acquired_at: dt.datetime


@dataclass(frozen=True)
class ReidentifiedFilm:
    """The bytes of a DICOM file, and the SOP Instance UID in them."""

    content: bytes
    sop_instance_uid: str


def reidentify_film(
    path: Path, identity: GivenIdentity, *, chance: random.Random
) -> ReidentifiedFilm:
    """Return the DICOM file at `path` under another identity; pixels bit for bit.

    All dates and times move by what brings the study to `identity.acquired_at`, so that
    ages and orders hold. UIDs of instances are drawn anew below their own roots.
    Raises UnsupportedImage (`signed_film`: a signature would break; `undated_film`),
    UnreadableFile (`bad_header`).
    """
    try:
        with quiet_warnings():
            data_set = dcmread(path)
            _refuse(data_set)
            _move_dates(data_set, identity.acquired_at)
            _change_uids(data_set, chance)
            _rename(data_set, identity)
            out = io.BytesIO()
            data_set.save_as(out, enforce_file_format=False)
    except PARSE_ERRORS:
        raise UnreadableFile(
            "The header of this film cannot be written anew.", code="bad_header"
        ) from None
    return ReidentifiedFilm(out.getvalue(), str(data_set.get("SOPInstanceUID", "")))


def vary_digits(text: str, chance: random.Random) -> str | None:
    """Return `text` with its last digits drawn anew; None if it has fewer than three.

    Numbers are handed out in order, so the beginning is kept: half of the digits are
    drawn, at least three.
    """
    places = [place for place, letter in enumerate(text) if letter in "0123456789"]
    if len(places) < 3:
        return None
    letters = list(text)
    for place in places[-max(3, len(places) // 2) :]:
        letters[place] = str(chance.randrange(10))
    return "".join(letters)


def _refuse(data_set: Dataset) -> None:
    # Digital Signatures Sequence
    if (0xFFFA, 0xFFFA) in data_set:
        raise UnsupportedImage(
            "The film carries a digital signature, which another header would break.",
            code="signed_film",
        )
    if not data_set.get("StudyDate"):
        raise UnsupportedImage("The film has no study date.", code="undated_film")


def _rename(data_set: Dataset, identity: GivenIdentity) -> None:
    data_set.PatientID = identity.patient_id
    data_set.PatientName = identity.patient_name
    data_set.AccessionNumber = identity.accession_number
    for keyword in _DROPPED:
        if keyword in data_set:
            delattr(data_set, keyword)


def _move_dates(data_set: Dataset, acquired_at: dt.datetime) -> None:
    moved = acquired_at - _moment(data_set, "StudyDate", "StudyTime")
    for day, time in _DATE_TIME_PAIRS:
        if not data_set.get(day):
            continue
        moment = _moment(data_set, day, time) + moved
        setattr(data_set, day, moment.strftime("%Y%m%d"))
        if data_set.get(time):
            has_fraction = "." in str(data_set.get(time))
            words = moment.strftime("%H%M%S.%f" if has_fraction else "%H%M%S")
            setattr(data_set, time, words)
    days = dt.timedelta(days=moved.days)

    def move(holder: Dataset, element: DataElement) -> None:
        if holder is data_set and element.keyword in _PAIRED:
            return
        if element.VR == "DA" and element.value:
            values = element.value if element.VM > 1 else [element.value]
            words = [_day(value, days) for value in values]
            element.value = words if element.VM > 1 else words[0]
        elif element.VR == "DT" and element.value and element.VM == 1:
            text = str(element.value)
            element.value = _day(text[:8], days) + text[8:]

    data_set.walk(move)


def _moment(data_set: Dataset, day: str, time: str) -> dt.datetime:
    date = DA(str(data_set.get(day)))
    at = TM(str(data_set.get(time))) if data_set.get(time) else dt.time()
    if date is None or at is None:
        raise ValueError("no such day or time")
    return dt.datetime.combine(date, at)


def _day(value: object, moved: dt.timedelta) -> str:
    date = DA(str(value))
    if date is None:
        raise ValueError("no such day")
    return f"{date + moved:%Y%m%d}"


def _change_uids(data_set: Dataset, chance: random.Random) -> None:
    known: dict[str, str] = {}

    def changed(value: object) -> UID:
        text = str(value)
        if text not in known:
            known[text] = _vary_uid(text, chance)
        return UID(known[text])

    def change(_: Dataset, element: DataElement) -> None:
        keyword = element.keyword
        if element.VR != "UI" or not element.value or keyword.endswith("ClassUID"):
            return
        values = list(element.value) if element.VM > 1 else [element.value]
        if keyword == "DeviceUID" or str(values[0]).startswith(_STANDARD_ROOT):
            return
        new = [changed(value) for value in values]
        element.value = new if element.VM > 1 else new[0]

    data_set.walk(change)
    meta = data_set.file_meta
    if meta.get("MediaStorageSOPInstanceUID"):
        meta.MediaStorageSOPInstanceUID = changed(meta.MediaStorageSOPInstanceUID)


def _vary_uid(text: str, chance: random.Random) -> str:
    """Return another UID below the same root: the last two components drawn anew.

    As long as before, where that leaves enough digits for it to be of nobody.
    """
    parts = text.split(".")
    tail = [_digits(len(part), chance) for part in parts[-2:]]
    if sum(map(len, tail)) < _LEAST_VARIED_DIGITS:
        tail[-1] = _digits(_LEAST_VARIED_DIGITS, chance)
    varied = ".".join([*parts[:-2], *tail])
    if len(varied) > _LONGEST_UID:
        raise ValueError("a UID leaves no room")
    return varied


def _digits(count: int, chance: random.Random) -> str:
    # SPEC PS3.5 9.1: the first digit of a component shall not be zero.
    rest = "".join(str(chance.randrange(10)) for _ in range(count - 1))
    return f"{chance.randrange(1, 10)}{rest}"
