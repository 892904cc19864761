"""Canaries are drawn and sent in: once, in time, and only where they would pass."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Department, User
from apps.core.objects import put_bytes
from apps.imaging.models import Patient, Upload, UploadItem
from apps.reading.canary_models import (
    CanaryFilm,
    CanaryRelease,
    ReleaseStage,
    Truth,
)
from apps.reading.models import Case
from apps.reading.services import canaries
from apps.reading.services.canaries import release_canary, send_due_canaries
from apps.reading.tasks import release_drawn_canary, sweep_canaries
from tests.apps.reading.canary_room import (
    analyse,
    make_scene,
    release_now,
    run_tasks,
    send,
    stock,
    write_known,
    write_ordinary,
    write_picture,
)
from tests.conftest import Hospital
from tests.dicom import write_film
from tests.factories import Said, make_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_lanes")]


def test_none_is_drawn_by_default_nor_after_a_canary(
    canary_room: Hospital, tmp_path: Path, bearer: dict[str, str]
) -> None:
    stock(canary_room.blind, write_known(tmp_path, 9), Truth.ALTERED, canary_room.lena)
    first = send(write_ordinary(tmp_path, 3), bearer)
    release_now(CanaryRelease.objects.get(after=first))
    assert CanaryRelease.objects.count() == 1
    Department.objects.update(canary_share=0)
    send(write_ordinary(tmp_path, 4), bearer)
    assert CanaryRelease.objects.count() == 1
    assert Department(site=canary_room.site).canary_share == 0


def test_releasing_twice_is_releasing_once(
    canary_room: Hospital, tmp_path: Path, bearer: dict[str, str]
) -> None:
    for seed in (8, 9):
        stock(
            canary_room.blind,
            write_known(tmp_path, seed),
            Truth.GENERATED,
            canary_room.lena,
        )
    ordinary = send(write_ordinary(tmp_path, 3), bearer)
    release = CanaryRelease.objects.get(after=ordinary)
    release_now(release)
    with run_tasks():
        release_drawn_canary(release_id=str(release.pk))
    assert Upload.objects.count() == 2
    assert Case.objects.count() == 2
    assert CanaryFilm.objects.filter(release=None).count() == 1


def test_a_film_that_another_release_took_meanwhile_is_not_sent_twice(
    canary_room: Hospital,
    tmp_path: Path,
    bearer: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    film = stock(
        canary_room.blind, write_known(tmp_path, 9), Truth.GENERATED, canary_room.lena
    )
    for seed in (3, 4):
        send(write_ordinary(tmp_path, seed), bearer)
    first, second = CanaryRelease.objects.order_by("created_at")

    def put_and_lose(content: bytes) -> Any:
        CanaryRelease.objects.filter(pk=second.pk).update(
            film=film, stage=ReleaseStage.RELEASED
        )
        return put_bytes(content)

    monkeypatch.setattr(canaries, "put_bytes", put_and_lose)
    with run_tasks():
        release_canary(release_id=str(first.pk))
    first.refresh_from_db()
    assert (first.stage, first.film) == (ReleaseStage.DRAWN, None)
    assert Upload.objects.count() == 2


def _dropped(case: Case) -> bool:
    release = CanaryRelease.objects.get(after=case)
    before = Upload.objects.count()
    with run_tasks():
        release_canary(release_id=str(release.pk))
    release.refresh_from_db()
    assert Upload.objects.count() == before
    return release.stage == ReleaseStage.DROPPED


def test_where_it_could_not_pass_none_is_sent(
    canary_room: Hospital, tmp_path: Path, bearer: dict[str, str]
) -> None:
    only = stock(
        canary_room.blind, write_known(tmp_path, 9), Truth.GENERATED, canary_room.lena
    )
    # A film that a person sent, a film of another format, a name that may be a name.
    by_person = send(write_ordinary(tmp_path, 3), bearer)
    Upload.objects.update(created_by=canary_room.alice)
    assert _dropped(by_person)
    assert _dropped(send(write_picture(tmp_path, "IM0001.png", 4), bearer))
    named = write_ordinary(tmp_path, 5).rename(tmp_path / "Hansson_Greta_001.dcm")
    assert _dropped(send(named, bearer))
    # One of a batch, a sender that is used no more, a task that comes too late.
    in_batch = send(write_ordinary(tmp_path, 6), bearer)
    other = UploadItem.objects.exclude(image__study=in_batch.pk).first()
    assert other is not None
    mine = UploadItem.objects.get(image__study=in_batch.pk)
    UploadItem.objects.filter(pk=other.pk).update(upload=mine.upload)
    assert _dropped(in_batch)
    old = send(write_ordinary(tmp_path, 7), bearer)
    Case.objects.update(received_at=timezone.now() - dt.timedelta(days=5))
    assert _dropped(old)
    late = send(write_ordinary(tmp_path, 10), bearer)
    CanaryRelease.objects.filter(after=late).update(
        due_at=timezone.now() - canaries.LATEST - dt.timedelta(seconds=1)
    )
    assert _dropped(late)
    # Too few names to put one together of.
    Patient.objects.filter(studies__images=None).update(name="Same^Name")
    assert _dropped(send(write_ordinary(tmp_path, 11), bearer))
    # The film is still there for a case after which it can pass.
    only.refresh_from_db()
    for number, patient in enumerate(Patient.objects.filter(name="Same^Name")):
        patient.name = f"Fam{number}^Giv{number}"
        patient.save()
    last = send(write_ordinary(tmp_path, 12), bearer)
    assert release_now(CanaryRelease.objects.get(after=last)).study.images.count() == 1


def test_without_stock_or_once_switched_off_none_is_sent(
    canary_room: Hospital, tmp_path: Path, bearer: dict[str, str]
) -> None:
    assert _dropped(send(write_ordinary(tmp_path, 3), bearer))
    stock(
        canary_room.blind, write_known(tmp_path, 9), Truth.GENERATED, canary_room.lena
    )
    case = send(write_ordinary(tmp_path, 4), bearer)
    Department.objects.update(canary_share=0)
    assert _dropped(case)


def test_a_picture_that_the_site_has_meanwhile_is_passed_over(
    canary_room: Hospital, tmp_path: Path, bearer: dict[str, str]
) -> None:
    stock(
        canary_room.blind, write_known(tmp_path, 9), Truth.GENERATED, canary_room.lena
    )
    other = stock(
        canary_room.blind, write_known(tmp_path, 8), Truth.GENERATED, canary_room.lena
    )
    same = write_film(tmp_path / "IM000099.dcm", array=make_scene(9), seed=99)
    analyse(send(same, bearer), Said())  # indexed: by its pixels
    ordinary = send(write_ordinary(tmp_path, 3), bearer)
    release = CanaryRelease.objects.get(after=ordinary)
    release_now(release)
    assert release.film == other


# --- the sweep ------------------------------------------------------------------------


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dt.datetime]:
    """Return the moments for which releases are sent to the workers."""
    moments: list[dt.datetime] = []

    def note(path: str, at: dt.datetime, **_: Any) -> None:
        assert path == "apps.reading.tasks.release_drawn_canary"
        moments.append(at)

    monkeypatch.setattr(canaries, "enqueue_at", note)
    return moments


def test_the_sweep_sends_what_is_due_soon_for_its_own_moment(
    hospital: Hospital, sent: list[dt.datetime]
) -> None:
    now = timezone.now()
    soon = now + dt.timedelta(seconds=41)
    for due_at, stage in (
        (soon, ReleaseStage.DRAWN),
        (now + dt.timedelta(hours=1), ReleaseStage.DRAWN),
        (soon, ReleaseStage.RELEASED),
        (soon, ReleaseStage.DROPPED),
    ):
        CanaryRelease.objects.create(
            after=make_case(hospital.blind),
            department=hospital.blind,
            due_at=due_at,
            stage=stage,
        )
    sweep_canaries()
    assert sent == [soon]


def test_what_is_overdue_is_not_sent_on_the_beat_of_the_sweep(
    hospital: Hospital, sent: list[dt.datetime]
) -> None:
    now = timezone.now()
    for _ in range(20):
        CanaryRelease.objects.create(
            after=make_case(hospital.blind),
            department=hospital.blind,
            due_at=now - dt.timedelta(minutes=1),
        )
    assert send_due_canaries() == 20
    waits = [(at - now).total_seconds() for at in sent]
    assert all(0 <= wait < 40 for wait in waits)
    assert max(waits) - min(waits) > 5


def test_the_same_bytes_at_another_site_are_no_canary(
    canary_room: Hospital, charlie: User, tmp_path: Path, bearer: dict[str, str]
) -> None:
    assert charlie.site is not None
    far = Department.objects.create(site=charlie.site, slug="far", name="Far")
    path = write_ordinary(tmp_path, 3)
    release = CanaryRelease.objects.create(
        after=make_case(canary_room.blind),
        department=far,
        due_at=timezone.now(),
        stage=ReleaseStage.RELEASED,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    send(path, bearer)
    release.refresh_from_db()
    assert release.case is None
    CanaryRelease.objects.filter(pk=release.pk).update(department=canary_room.blind)
    other = write_ordinary(tmp_path, 4)
    sha256 = hashlib.sha256(other.read_bytes()).hexdigest()
    CanaryRelease.objects.filter(pk=release.pk).update(
        department=canary_room.blind, sha256=sha256
    )
    case = send(other, bearer)
    release.refresh_from_db()
    assert release.case == case
