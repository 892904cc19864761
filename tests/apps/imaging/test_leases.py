"""Who may work on an item, and what becomes of one whose worker was lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from celery.signals import task_prerun
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.audit.models import Event
from apps.core.objects import object_key
from apps.core.queue import TaskFailed
from apps.imaging import tasks
from apps.imaging.models import Image, ItemStatus, UploadItem
from apps.imaging.services.ingest import take_item
from apps.imaging.services.uploads import (
    MAX_ATTEMPTS,
    cancel_upload,
    claim_item,
    release_item,
    requeue_stranded_items,
    settle_item,
)
from apps.imaging.signals import image_registered
from tests.apps.imaging.conftest import commits_run_tasks
from tests.conftest import Hospital
from tests.dicom import write_film
from tests.factories import make_upload, take_file
from workers.decode import decode_film
from workers.errors import TransientError

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - dt.timedelta(days=1)


@pytest.fixture
def item(hospital: Hospital, tmp_path: Path) -> UploadItem:
    """Return a received film whose task was not sent."""
    return receive(hospital, tmp_path, seed=301)


def receive(hospital: Hospital, tmp_path: Path, *, seed: int) -> UploadItem:
    path = write_film(tmp_path / f"{seed}.dcm", seed=seed)
    return take_file(make_upload(hospital.blind), path, is_queued=False)


def expire(item: UploadItem) -> None:
    UploadItem.objects.filter(pk=item.pk).update(lease_until=LONG_AGO)


def strand(item: UploadItem) -> None:
    UploadItem.objects.filter(pk=item.pk).update(queued_at=LONG_AGO)


def sweep() -> int:
    with commits_run_tasks():
        return requeue_stranded_items()


def hide_bytes(item: UploadItem, settings: Settings) -> tuple[Path, Path]:
    folder = Path(settings.STORAGES["objects"]["OPTIONS"]["location"])
    path = folder / object_key(item.sha256)
    return path, path.rename(path.with_name("hidden"))


def test_two_workers_cannot_hold_one_item(item: UploadItem) -> None:
    first = claim_item(item_id=str(item.pk))
    assert first is not None
    assert first.attempts == 1
    assert claim_item(item_id=str(item.pk)) is None
    assert take_item(item_id=str(item.pk)) is None


def test_an_expired_lease_is_taken_over_and_the_late_worker_cannot_give_it_away(
    item: UploadItem,
) -> None:
    late = claim_item(item_id=str(item.pk))
    assert late is not None
    expire(item)
    heir = claim_item(item_id=str(item.pk))
    assert heir is not None
    assert heir.attempts == 2

    release_item(item=late)
    assert claim_item(item_id=str(item.pk)) is None
    release_item(item=heir)
    assert claim_item(item_id=str(item.pk)) is not None


def test_a_settled_item_is_not_claimed_and_keeps_its_end(item: UploadItem) -> None:
    assert take_item(item_id=str(item.pk)) is not None
    assert claim_item(item_id=str(item.pk)) is None
    again = settle_item(item=item, status=ItemStatus.QUARANTINED, code="late")
    assert (again.status, again.code) == (ItemStatus.STORED, "")


def test_running_the_task_twice_changes_nothing(item: UploadItem) -> None:
    tasks.ingest_item.apply(kwargs={"item_id": str(item.pk)})
    events = Event.objects.count()
    tasks.ingest_item.apply(kwargs={"item_id": str(item.pk)})
    assert Image.objects.count() == 1
    assert Event.objects.count() == events
    item.refresh_from_db()
    assert (item.status, item.attempts) == (ItemStatus.STORED, 1)


def test_a_store_out_of_reach_costs_no_attempt_and_the_next_try_stores_the_film(
    item: UploadItem, settings: Settings
) -> None:
    path, hidden = hide_bytes(item, settings)
    for _ in range(MAX_ATTEMPTS + 1):
        with pytest.raises(TransientError):
            take_item(item_id=str(item.pk))
        strand(item)
    item.refresh_from_db()
    assert (item.status, item.attempts) == (ItemStatus.RECEIVED, 0)
    assert item.lease_until is None

    hidden.rename(path)
    assert sweep() == 1
    item.refresh_from_db()
    assert item.status == ItemStatus.STORED


def test_the_task_tries_again_by_itself_when_the_store_is_back(
    item: UploadItem, settings: Settings
) -> None:
    path, hidden = hide_bytes(item, settings)
    tries = 0

    def bring_back(sender: object, **_: object) -> None:
        nonlocal tries
        tries += 1
        if tries == 2:
            hidden.rename(path)

    task_prerun.connect(bring_back, weak=False)
    try:
        tasks.ingest_item.apply(kwargs={"item_id": str(item.pk)}, throw=False)
    finally:
        task_prerun.disconnect(bring_back)
    item.refresh_from_db()
    assert tries == 2
    assert item.status == ItemStatus.STORED


def test_the_sweeper_leaves_fresh_items_and_live_leases_alone(
    item: UploadItem,
) -> None:
    assert sweep() == 0
    strand(item)
    held = claim_item(item_id=str(item.pk))
    assert held is not None
    assert sweep() == 0


def test_the_sweeper_sends_a_lost_task_again(item: UploadItem) -> None:
    strand(item)
    assert sweep() == 1
    item.refresh_from_db()
    assert item.status == ItemStatus.STORED
    assert item.queued_at > LONG_AGO
    assert sweep() == 0


def test_the_sweeper_sends_an_item_of_a_killed_worker_again(item: UploadItem) -> None:
    assert claim_item(item_id=str(item.pk)) is not None
    expire(item)
    assert sweep() == 1
    item.refresh_from_db()
    assert (item.status, item.attempts) == (ItemStatus.STORED, 2)


def test_a_file_that_keeps_killing_workers_is_quarantined_and_others_go_on(
    item: UploadItem, hospital: Hospital, tmp_path: Path
) -> None:
    for _ in range(MAX_ATTEMPTS):
        assert claim_item(item_id=str(item.pk)) is not None
        expire(item)
    neighbour = receive(hospital, tmp_path, seed=302)
    strand(neighbour)

    assert sweep() == 1
    item.refresh_from_db()
    neighbour.refresh_from_db()
    assert (item.status, item.code) == (ItemStatus.QUARANTINED, "worker_lost")
    assert item.reason == "Reading this file failed several times."
    assert neighbour.status == ItemStatus.STORED


def test_a_file_that_trips_a_defect_is_tried_again_and_then_quarantined(
    item: UploadItem, caplog: pytest.LogCaptureFixture
) -> None:
    def trip(**_: object) -> None:
        raise ValueError("SMITH^JOHN")

    image_registered.connect(trip)
    try:
        for tries in range(1, MAX_ATTEMPTS + 1):
            strand(item)
            with pytest.raises(TaskFailed) as failure:
                tasks.ingest_item.apply(kwargs={"item_id": str(item.pk)}, throw=True)
            assert "SMITH" not in str(failure.value)
            item.refresh_from_db()
            assert (item.status, item.attempts) == (ItemStatus.RECEIVED, tries)
            assert item.lease_until is None
    finally:
        image_registered.disconnect(trip)
    strand(item)
    assert sweep() == 0
    item.refresh_from_db()
    assert (item.status, item.code) == (ItemStatus.QUARANTINED, "worker_lost")
    assert not Image.objects.exists()
    assert "SMITH" not in caplog.text


def test_a_worker_killed_while_settling_does_not_make_a_film_its_own_duplicate(
    item: UploadItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(**_: object) -> None:
        raise KeyboardInterrupt

    claimed = claim_item(item_id=str(item.pk))
    assert claimed is not None
    release_item(item=claimed)
    with monkeypatch.context() as patch:
        patch.setattr("apps.imaging.services.ingest.settle_item", die)
        with pytest.raises(KeyboardInterrupt):
            take_item(item_id=str(item.pk))
    assert not Image.objects.exists()

    ended = take_item(item_id=str(item.pk))
    assert ended is not None
    assert ended.status == ItemStatus.STORED


def test_a_film_cancelled_while_it_was_decoded_is_not_registered(
    item: UploadItem, hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode_slowly(*args: object, **kwargs: object) -> object:
        film = decode_film(*args, **kwargs)  # type: ignore[arg-type]
        cancel_upload(upload=item.upload, actor=hospital.alice)
        return film

    monkeypatch.setattr("apps.imaging.services.ingest.decode_film", decode_slowly)
    ended = take_item(item_id=str(item.pk))
    assert ended is not None
    assert ended.status == ItemStatus.CANCELLED
    assert not Image.objects.exists()


def test_the_same_bytes_again_are_a_duplicate_of_the_first(
    hospital: Hospital, tmp_path: Path
) -> None:
    first = receive(hospital, tmp_path, seed=303)
    second = receive(hospital, tmp_path, seed=303)
    assert take_item(item_id=str(first.pk)) is not None
    ended = take_item(item_id=str(second.pk))
    assert ended is not None
    assert (ended.status, ended.code) == (ItemStatus.DUPLICATE, "same_bytes")
    assert ended.image == Image.objects.get()
