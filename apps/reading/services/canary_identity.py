"""The identity of a canary: like those of the department, and nobody's.

Made after the case that it follows: numbers of the same form, a name recombined from
names that the readers see every day. Where nothing plausible can be made, none is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.utils import timezone
from pydicom.dataset import Dataset

from apps.accounts.models import Role
from apps.imaging.models import (
    Image,
    ItemStatus,
    Patient,
    Study,
    Upload,
    UploadItem,
)
from apps.reading.canaries import canary_case_ids
from apps.reading.models import Case
from workers.dicom.identity import UNKNOWN_PATIENT_NAME
from workers.dicom.reidentify import GivenIdentity, reidentify_film, vary_digits
from workers.types import DecodedImage, FileFormat

# Fewer patients than this, and a name put together of theirs is recognised.
LEAST_PATIENTS = 20
RECENT_PATIENTS = 200
RECENT_CASES = 20
# Who sent nothing for longer than a long weekend sends no canary either.
USED_WITHIN = dt.timedelta(days=4)
TRIES = 50
# A file name with longer words may name its patient, and cannot be imitated.
LONGEST_WORD = 6
# As apps.imaging.api.stow and workers.dicom.identity make them.
STOW_STEM = 16
UNKNOWN_ID = "UNKNOWN-"
_HEX = re.compile(r"[0-9a-f-]{8,}")


@dataclass(frozen=True)
class Door:
    """How an ordinary case came in; a canary comes in the same way."""

    upload: Upload
    item: UploadItem
    image: Image
    study: Study
    received_at: dt.datetime


@dataclass(frozen=True)
class DressedFilm:
    """What is sent in for a canary."""

    content: bytes
    file_name: str
    claim_reference: str


def find_door(*, case: Case) -> Door | None:
    """Return the door of a case that a machine sent alone, else None. 1 or 2 queries.

    What a person sent bears that person's name, and the log must not say that they
    sent what they did not. An archive or a batch is not imitated by one film.
    """
    item = (
        UploadItem.objects.filter(
            image__study=case.pk, status=ItemStatus.STORED, parent=None
        )
        .select_related(
            "upload__created_by",
            "upload__department__site",
            "image__study__patient",
        )
        .order_by("created_at", "pk")
        .first()
    )
    if item is None or item.image is None:
        return None
    sender = item.upload.created_by
    is_machine = sender is None or sender.role == Role.INTEGRATION
    is_alone = UploadItem.objects.filter(upload=item.upload).count() == 1
    if not is_machine or not is_alone or item.upload.is_cancelled:
        return None
    return Door(item.upload, item, item.image, item.image.study, case.received_at)


def find_current_door(*, case: Case) -> Door | None:
    """Return the newest door like that of a case, or None if it is used no more.

    Of the same sender, source and format into the department; not a canary's. Numbers
    are handed out in order: a canary's must be of today, and the case that it was drawn
    after is weeks old. 2 queries and 2 for each newer case that came otherwise, at most
    RECENT_CASES.
    """
    door = find_door(case=case)
    if door is None:
        return None
    since = timezone.now() - USED_WITHIN
    cases = Case.objects.filter(
        department=door.upload.department_id,
        received_at__gte=since,
        study__images__format=door.image.format,
        study__images__upload_items__upload__source=door.upload.source,
        study__images__upload_items__upload__created_by=door.upload.created_by,
    ).exclude(pk__in=canary_case_ids())
    for newer in cases.distinct().order_by("-received_at", "-pk")[:RECENT_CASES]:
        newest = find_door(case=newer)
        if newest is not None and newest.image.format == door.image.format:
            return newest
    return None


def dress_film(
    *, door: Door, path: Path, film: DecodedImage, chance: random.Random
) -> DressedFilm | None:
    """Return a stocked film as it may be sent in, or None if none would pass.

    A film without header goes as it is: its patient is unidentified, as that of every
    such film. A DICOM film gets another patient, day and UIDs.
    Raises RejectedInput for a film that was refused when it was stocked.
    """
    claim = _vary(door.upload.claim_reference, _is_claim_known(door), chance)
    if film.format is not FileFormat.DICOM:
        content, instance_uid = path.read_bytes(), ""
    else:
        identity = _identity(door, film.header or Dataset(), chance)
        if identity is None:
            return None
        made = reidentify_film(path, identity, chance=chance)
        content, instance_uid = made.content, made.sop_instance_uid
    sha256 = hashlib.sha256(content).hexdigest()
    name = _file_name(door, sha256, instance_uid, chance)
    if claim is None or name is None:
        return None
    return DressedFilm(content, name, claim)


def _identity(
    door: Door, header: Dataset, chance: random.Random
) -> GivenIdentity | None:
    patient = door.study.patient
    site = door.upload.site_id
    ids = Patient.objects.filter(site_id=site)
    studies = Study.objects.filter(site_id=site)
    is_unnumbered = patient.patient_id.startswith(UNKNOWN_ID)
    patient_id = _vary(
        "" if is_unnumbered else patient.patient_id,
        lambda text: ids.filter(patient_id=text).exists(),
        chance,
    )
    accession = _vary(
        door.study.accession_number,
        lambda text: studies.filter(accession_number=text).exists(),
        chance,
    )
    name = _name(door, str(header.get("PatientSex", "")), chance)
    if patient_id is None or accession is None or name is None:
        return None
    return GivenIdentity(patient_id, name, accession, _acquired_at(door, chance))


def _name(door: Door, sex: str, chance: random.Random) -> str | None:
    """Return a family name and given names of two patients who are not the same."""
    if door.study.patient.name == UNKNOWN_PATIENT_NAME:
        return ""
    everyone = Patient.objects.filter(site_id=door.upload.site_id)
    rows = (
        everyone.filter(studies__department=door.upload.department_id)
        .order_by("-created_at", "pk")
        .values_list("name", "sex")[:RECENT_PATIENTS]
    )
    parts = {
        (family, given, row_sex)
        for name, row_sex in rows
        for family, _, given in [name.partition("^")]
        if family and given
    }
    if len(parts) < LEAST_PATIENTS:
        return None
    families = sorted(parts)
    same_sex = [part for part in families if not sex or part[2] == sex]
    for _ in range(TRIES if same_sex else 0):
        name = f"{chance.choice(families)[0]}^{chance.choice(same_sex)[1]}"
        if not everyone.filter(name__iexact=name).exists():
            return name
    return None


def _vary(
    text: str, is_known: Callable[[str], bool], chance: random.Random
) -> str | None:
    """Return a number like `text` that nobody has; empty for empty, None for none."""
    if not text:
        return ""
    for _ in range(TRIES):
        varied = vary_digits(text, chance)
        if varied is None:
            return None
        if not is_known(varied):
            return varied
    return None


def _is_claim_known(door: Door) -> Callable[[str], bool]:
    uploads = Upload.objects.filter(site_id=door.upload.site_id)
    return lambda text: uploads.filter(claim_reference=text).exists()


def _acquired_at(door: Door, chance: random.Random) -> dt.datetime:
    """Return a moment some minutes ago, or as many days ago as for the door's film."""
    moment = timezone.localtime() - dt.timedelta(seconds=chance.uniform(180, 2400))
    if door.study.study_date is not None:
        received = timezone.localtime(door.received_at).date()
        moment -= max(received - door.study.study_date, dt.timedelta())
    return moment.replace(tzinfo=None)


def _file_name(
    door: Door, sha256: str, instance_uid: str, chance: random.Random
) -> str | None:
    """Return a file name as this door gives them, or None if that cannot be told."""
    path = PurePosixPath(door.item.file_name)
    stem, suffix = path.stem, path.suffix
    if path.name != door.item.file_name:
        return None
    if stem == door.image.sha256[:STOW_STEM]:  # as STOW-RS names them
        return f"{sha256[:STOW_STEM]}{suffix}"
    if instance_uid and door.image.sop_instance_uid in (stem, path.name):
        return path.name.replace(door.image.sop_instance_uid, instance_uid)
    if _HEX.fullmatch(stem):
        drawn = (chance.choice("0123456789abcdef") if c != "-" else c for c in stem)
        return f"{''.join(drawn)}{suffix}"
    if any(len(word) > LONGEST_WORD for word in re.findall(r"[^\W\d_]+", stem)):
        return None
    varied = vary_digits(stem, chance)
    return None if varied is None else f"{varied}{suffix}"
