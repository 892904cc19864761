"""The same film twice at once, and whole folders."""

from __future__ import annotations

import threading
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.core.objects import iter_file, object_key, put_stream
from apps.imaging.models import Image, ItemStatus, Study, Upload, UploadItem
from apps.imaging.services.ingest import take_item
from tests.apps.imaging.conftest import Door
from tests.conftest import Hospital
from tests.dicom import make_pixels, write_film, write_text, write_zip
from tests.factories import make_upload, take_file

SMALL = make_pixels(64, 64)


def write_folder(folder: Path, count: int) -> Path:
    """Write films of one patient, 64 x 64, twenty to a sub-folder."""
    for n in range(count):
        place = folder / f"S{n // 20:04}"
        place.mkdir(parents=True, exist_ok=True)
        array = SMALL.copy()
        array.flat[:2] = divmod(n, 256)
        write_film(
            place / f"{n:05}.dcm",
            array=array,
            overrides={"SOPInstanceUID": f"1.2.826.0.1.3680043.8.498.77.5.{n}"},
        )
    return folder


@pytest.mark.django_db(transaction=True)
def test_the_same_film_twice_at_once_is_one_image_and_one_duplicate(
    hospital: Hospital, tmp_path: Path
) -> None:
    path = write_film(tmp_path / "film.dcm")
    items = [
        take_file(make_upload(hospital.blind), path, is_queued=False) for _ in range(2)
    ]
    start = threading.Barrier(2)
    failures: list[BaseException] = []

    def work(item: UploadItem) -> None:
        start.wait()
        try:
            take_item(item_id=str(item.pk))
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(item,)) for item in items]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert failures == []
    assert Image.objects.count() == 1
    statuses = sorted(UploadItem.objects.values_list("status", flat=True))
    assert statuses == [ItemStatus.DUPLICATE, ItemStatus.STORED]
    images = set(UploadItem.objects.values_list("image", flat=True))
    assert images == {Image.objects.get().pk}


def test_two_writers_of_the_same_bytes_leave_one_object(
    tmp_path: Path, settings: object
) -> None:
    path = write_film(tmp_path / "film.dcm")
    start = threading.Barrier(4)
    digests: list[str] = []

    def write() -> None:
        start.wait()
        digests.append(put_stream(iter_file(path), max_bytes=1 << 20).sha256)

    for _ in range(5):
        writers = [threading.Thread(target=write) for _ in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        store = Path(settings.STORAGES["objects"]["OPTIONS"]["location"])  # type: ignore[attr-defined]
        files = [p for p in store.rglob("*") if p.is_file()]
        assert files == [store / object_key(digests[0])]
        assert files[0].read_bytes() == path.read_bytes()
        files[0].unlink()
    assert len(digests) == 20


def send_folder(door: Door, folder: Path, count: int) -> tuple[dict[str, int], float]:
    write_folder(folder, count)
    upload = door.open(expected_files=count)
    address = f"/api/v1/uploads/{upload}/files"
    started = time.perf_counter()
    for path in sorted(folder.rglob("*.dcm")):
        with path.open("rb") as film:
            name = str(path.relative_to(folder))
            answer = door.client.post(address, {"file": film, "relative_path": name})
        assert answer.status_code == 202
    seconds = time.perf_counter() - started
    assert len({item["file_name"] for item in door.items(upload)}) == count
    return door.counts(upload), seconds


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_folder_of_200_files_arrives_whole(door: Door, tmp_path: Path) -> None:
    counts, _ = send_folder(door, tmp_path / "cd", 200)
    assert counts == {"stored": 200}
    assert (Study.objects.count(), Image.objects.count()) == (1, 200)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.django_db(transaction=True)
def test_a_folder_of_2000_files_arrives_whole(
    door: Door, tmp_path: Path, record_property: object
) -> None:
    counts, seconds = send_folder(door, tmp_path / "cd", 2000)
    record_property("files_per_second", round(2000 / seconds, 1))  # type: ignore[operator]
    assert counts == {"stored": 2000}
    assert Image.objects.count() == 2000


# --- manage.py ingest -----------------------------------------------------------------


def ingest(*arguments: object) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("ingest", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.django_db
def test_the_command_ingests_a_folder_and_tells_of_each_file(
    hospital: Hospital, tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "cd", 40)
    out, _ = ingest(folder, "--worklist", "claims", "--claim-reference", "C-9")
    assert out.count(": stored\n") == 40
    assert "40 stored. Upload " in out
    study = Study.objects.get()
    assert (study.department, study.claim_reference) == (hospital.triage, "C-9")
    assert Upload.objects.get().source == "command"

    again, _ = ingest(folder)
    assert "40 duplicate. Upload " in again
    assert Image.objects.count() == 40


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_command_ingests_a_folder_of_2000_files(
    hospital: Hospital, tmp_path: Path, record_property: object
) -> None:
    folder = write_folder(tmp_path / "cd", 2000)
    started = time.perf_counter()
    out, _ = ingest(folder)
    seconds = time.perf_counter() - started
    record_property("files_per_second", round(2000 / seconds, 1))  # type: ignore[operator]
    assert "2000 stored. Upload " in out


@pytest.mark.django_db
def test_the_command_fails_when_a_file_was_not_taken_and_takes_the_others(
    hospital: Hospital, tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "cd", 2)
    write_text(folder / "letter.txt")
    write_zip(folder / "more.zip", {"a.txt": b"1"})
    with pytest.raises(CommandError, match="Some files were not taken"):
        ingest(folder)
    statuses = UploadItem.objects.filter(parent=None).values_list("status", flat=True)
    assert sorted(statuses) == ["quarantined", "stored", "stored", "stored"]


@pytest.mark.django_db
def test_the_command_asks_for_what_it_needs(hospital: Hospital, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.dcm")
    with pytest.raises(CommandError, match="No such file or folder"):
        ingest(tmp_path / "missing")
    with pytest.raises(CommandError, match="no such worklist"):
        ingest(film, "--worklist", "nowhere")
    with pytest.raises(CommandError, match="Name one site"):
        ingest(film, "--site", "nowhere")
    assert not Upload.objects.exists()
