"""A department that is sent films by a script, and films of known truth for it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, TestCase
from django.utils import timezone
from numpy.typing import NDArray

from apps.accounts.models import Department, User
from apps.core.objects import iter_file, put_stream
from apps.detection.models import AnalysisRun
from apps.detection.reuse_index import add_to_index
from apps.imaging.models import Image, Patient, Study
from apps.reading.canary_models import CanaryFilm, CanaryRelease, ReleaseStage, Truth
from apps.reading.models import Case
from apps.reading.services.canaries import release_canary
from apps.reading.services.canary_stock import stock_canary
from apps.reading.services.cases import follow_analysis
from tests.conftest import Hospital
from tests.dicom import write_film, write_png
from tests.factories import Said, make_case, make_run
from workers.types import Fingerprint

FAMILIES = (
    *("Adler", "Bauer", "Costa", "Dahl", "Ekman", "Fuchs", "Gruber", "Haas"),
    *("Ivanov", "Jensen", "Keller"),
)
GIVEN = ["Ada", "Ben", "Cleo", "Dora", "Emil", "Finn", "Gail", "Hugo", "Iris", "Jon"]


def make_scene(seed: int) -> NDArray[np.uint16]:
    """Return a 12-bit picture, 96 x 64, that no other seed's is like."""
    chance = np.random.default_rng(seed)
    coarse = np.kron(chance.uniform(0.1, 0.9, (12, 8)), np.ones((8, 8)))
    scene = np.clip(coarse + chance.normal(0, 0.02, coarse.shape), 0, 1) * 4095
    return scene.astype(np.uint16)


def write_ordinary(folder: Path, seed: int) -> Path:
    """Write a film as this department's modality sends them."""
    return write_film(
        folder / f"IM{seed:06}.dcm",
        array=make_scene(seed),
        seed=seed,
        overrides={
            "PatientID": f"N-{400_000 + seed}",
            "PatientName": f"{FAMILIES[seed % 11]}^{GIVEN[seed % 10]}",
            "PatientSex": "F",
            "AccessionNumber": f"RX{7_000_000 + seed}",
            "StudyDate": f"{timezone.localdate():%Y%m%d}",
            "StudyDescription": "Chest PA",
        },
    )


def write_known(folder: Path, seed: int, **more: Any) -> Path:
    """Write a film of known truth as the public sets have them."""
    overrides = {
        "PatientID": "PUBLICSET-1",
        "PatientName": "Public^Known",
        "PatientSex": "F",
        "PatientIdentityRemoved": "YES",
        "AccessionNumber": "",
        "StudyDate": "20110203",
        "StudyDescription": "Chest PA",
        **more,
    }
    path = folder / f"fake_{seed}.dcm"
    return write_film(path, array=make_scene(seed), seed=seed, overrides=overrides)


def write_picture(folder: Path, name: str, seed: int) -> Path:
    """Write a film without header."""
    return write_png(folder / name, (make_scene(seed) >> 4).astype(np.uint8))


def fill_roster(department: Department) -> None:
    """Register 30 patients, so that names can be recombined."""
    for number in range(30):
        patient = Patient.objects.create(
            site=department.site,
            patient_id=f"N-{400_900 + number}",
            name=f"{FAMILIES[number % 11]}^{GIVEN[number % 10]}",
            sex="F",
        )
        Study.objects.create(
            site=department.site,
            department=department,
            patient=patient,
            study_instance_uid=f"2.25.{uuid.uuid4().int}",
        )


def stock(department: Department, path: Path, truth: Truth, lead: User) -> CanaryFilm:
    """Return a film taken into the stock."""
    stored = put_stream(iter_file(path), max_bytes=1 << 30)
    return stock_canary(
        department=department, stored=stored, truth=truth, added_by=lead
    )


def run_tasks() -> Any:
    """Return a context in which tasks run where a commit would send them."""
    return TestCase.captureOnCommitCallbacks(execute=connection.in_atomic_block)


def send(path: Path, bearer: dict[str, str], worklist: str = "emergency") -> Case:
    """Return the case of a film that the hospital's script sent alone."""
    file = SimpleUploadedFile(path.name, path.read_bytes())
    with run_tasks():
        answer = Client().post(
            "/api/v1/studies", {"file": file, "worklist": worklist}, headers=bearer
        )
    assert answer.status_code == 202, answer.content
    return Case.objects.order_by("-received_at")[0]


def analyse(case: Case, said: Said) -> AnalysisRun:
    """Let the lanes say something of a case; it is then ready to be read."""
    image = Image.objects.get(study=case.pk)
    chance = np.random.default_rng(int(image.pixel_sha256[:8], 16))
    phashes = tuple(int(n) for n in chance.integers(0, 1 << 63, 8))
    add_to_index(
        image=image, fingerprint=Fingerprint(image.pixel_sha256, phashes, 64 / 96)
    )
    run = make_run(image, said)
    follow_analysis(run=run)
    case.refresh_from_db()
    return run


def make_canary(
    hospital: Hospital,
    truth: Truth,
    *,
    said: Said | None = None,
    department: Department | None = None,
) -> Case:
    """Return a case that is a canary, without its way in."""
    room = department or hospital.blind
    case = make_case(room, said=said)
    image = Image.objects.get(study=case.pk)
    film = CanaryFilm.objects.create(
        site=room.site,
        department=room,
        sha256=image.sha256,
        pixel_sha256=image.pixel_sha256,
        phashes=[],
        aspect=1,
        format="dicom",
        truth=truth,
        added_by=hospital.lena,
    )
    CanaryRelease.objects.create(
        after=make_case(room),
        department=room,
        due_at=timezone.now(),
        stage=ReleaseStage.RELEASED,
        film=film,
        sha256=image.sha256,
        case=case,
    )
    return case


def release_now(release: CanaryRelease) -> Case:
    """Return the case of a release that is due now."""
    CanaryRelease.objects.filter(pk=release.pk).update(due_at=timezone.now())
    with run_tasks():
        release_canary(release_id=str(release.pk))
    release.refresh_from_db()
    assert release.stage == ReleaseStage.RELEASED
    assert release.case is not None
    return release.case
