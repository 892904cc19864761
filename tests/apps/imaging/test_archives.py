"""Zip archives: bounded, resumable, member by member."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from apps.audit.models import Event, EventKind
from apps.core.objects import put_bytes
from apps.imaging.models import Image, ItemStatus, UploadItem
from apps.imaging.services.archives import is_archive, unpack_archive
from apps.imaging.services.ingest import take_item
from apps.imaging.services.uploads import (
    cancel_upload,
    claim_item,
    receive_member,
    release_item,
)
from tests.apps.imaging.conftest import Door, commits_run_tasks, stored_bytes
from tests.conftest import Hospital
from tests.dicom import encode_dicom, write_zip
from tests.factories import make_upload, take_file

pytestmark = pytest.mark.django_db


def make_films(count: int) -> dict[str, bytes]:
    return {f"CD/IMG{n:04}": encode_dicom(seed=200 + n) for n in range(count)}


def codes_of(archive: UploadItem) -> dict[str, str]:
    members = UploadItem.objects.filter(parent=archive)
    return {m.file_name: m.code or str(m.status) for m in members}


def take_archive(hospital: Hospital, path: Path) -> UploadItem:
    with commits_run_tasks():
        item = take_file(make_upload(hospital.blind, hospital.alice), path)
    item.refresh_from_db()
    return item


def test_each_member_of_an_archive_becomes_an_item_of_its_own(
    hospital: Hospital, tmp_path: Path
) -> None:
    films = make_films(3)
    item = take_archive(hospital, write_zip(tmp_path / "cd.zip", films))

    assert (item.status, item.code) == (ItemStatus.STORED, "unpacked")
    assert item.reason == "Unpacked: 3 files."
    assert codes_of(item) == dict.fromkeys(films, "stored")
    assert Image.objects.count() == 3
    assert Event.objects.filter(kind=EventKind.ARCHIVE_UNPACKED).count() == 1
    film = UploadItem.objects.get(file_name="CD/IMG0001")
    assert stored_bytes(film.sha256) == films["CD/IMG0001"]


def test_an_archive_inside_an_archive_is_kept_and_not_unpacked(
    hospital: Hospital, tmp_path: Path
) -> None:
    inner = write_zip(tmp_path / "inner.zip", make_films(1)).read_bytes()
    item = take_archive(
        hospital, write_zip(tmp_path / "o.zip", {"inner.zip": inner, **make_films(1)})
    )
    assert codes_of(item) == {"inner.zip": "nested_archive", "CD/IMG0000": "stored"}
    nested = UploadItem.objects.get(file_name="inner.zip")
    assert stored_bytes(nested.sha256) == inner


def _flag_as_encrypted(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.index(signature) + offset] |= 1
    path.write_bytes(whole)


def _damage_first_member(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    name_length, extra_length = struct.unpack_from("<HH", whole, 26)
    start = 30 + name_length + extra_length
    whole[start + 500 : start + 600] = bytes(100)
    path.write_bytes(whole)


def _stretch_first_member(path: Path) -> None:
    """Let the first member reach past the end of the file."""
    with zipfile.ZipFile(path) as source:
        films = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in films.items():
            archive.writestr(name, content)
    whole = bytearray(path.read_bytes())
    entry = whole.index(b"PK\x01\x02")
    struct.pack_into("<LL", whole, entry + 20, 1 << 24, 1 << 24)
    path.write_bytes(whole)


def _claim_unknown_compression(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", whole, whole.index(signature) + offset, 77)
    path.write_bytes(whole)


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (_flag_as_encrypted, "encrypted_member"),
        (_damage_first_member, "damaged_member"),
        (_stretch_first_member, "damaged_member"),
        (_claim_unknown_compression, "damaged_member"),
    ],
)
def test_a_bad_member_is_quarantined_and_the_others_are_taken(
    harm: object, code: str, hospital: Hospital, tmp_path: Path
) -> None:
    path = write_zip(tmp_path / "cd.zip", make_films(2))
    harm(path)  # type: ignore[operator]
    item = take_archive(hospital, path)

    assert (item.status, item.code) == (ItemStatus.STORED, "unpacked")
    assert codes_of(item) == {"CD/IMG0000": code, "CD/IMG0001": "stored"}
    assert stored_bytes(item.sha256) == path.read_bytes()


def test_a_member_over_the_limit_is_quarantined_and_the_others_are_taken(
    hospital: Hospital, tmp_path: Path, settings: Settings
) -> None:
    films = {**make_films(1), "huge": bytes(3 << 20)}
    settings.MAX_FILE_BYTES = 1 << 20
    item = take_archive(hospital, write_zip(tmp_path / "cd.zip", films))
    assert codes_of(item) == {"CD/IMG0000": "stored", "huge": "too_large"}


def test_an_archive_of_too_many_members_is_kept_whole(
    hospital: Hospital, tmp_path: Path, settings: Settings
) -> None:
    settings.MAX_ZIP_MEMBERS = 2
    item = take_archive(hospital, write_zip(tmp_path / "cd.zip", make_films(3)))
    assert (item.status, item.code) == (ItemStatus.QUARANTINED, "too_many_members")
    assert item.reason == "The archive holds more than 2 files."
    assert not item.members.exists()


def test_a_directory_too_long_to_read_is_refused_before_it_is_read(
    hospital: Hospital, tmp_path: Path, settings: Settings
) -> None:
    # Few members, each with a directory entry of 30 KB: a count would let it pass.
    settings.MAX_ZIP_MEMBERS = 3
    path = tmp_path / "cd.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("film")
        info.comment = b"x" * 30_000
        archive.writestr(info, b"film")
    item = take_archive(hospital, path)
    assert (item.status, item.code) == (ItemStatus.QUARANTINED, "too_many_members")


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04" + bytes(400),
        b"PK\x05\x06" + b"\xff" * 18,
        b"PK\x03\x04" + bytes(60) + b"PK\x05\x06" + bytes(4) + b"\xff" * 14,
    ],
)
def test_what_only_starts_like_a_zip_is_quarantined(
    content: bytes, hospital: Hospital, tmp_path: Path
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    item = take_archive(hospital, path)
    assert item.status == ItemStatus.QUARANTINED
    assert item.code in ("bad_archive", "too_many_members")


def test_a_member_name_that_is_no_text_does_not_stop_the_worker(
    hospital: Hospital, tmp_path: Path
) -> None:
    path = write_zip(tmp_path / "a.zip", {"fö.dcm": b"1"})
    path.write_bytes(path.read_bytes().replace("fö".encode(), b"f\xff\xfe"))
    item = take_archive(hospital, path)
    assert (item.status, item.code) == (ItemStatus.QUARANTINED, "bad_archive")


def test_a_film_with_a_zip_preamble_is_a_film(tmp_path: Path) -> None:
    path = tmp_path / "film.dcm"
    path.write_bytes(b"PK\x03\x04".ljust(128, b"\0") + encode_dicom()[128:])
    assert not is_archive(path)


def test_unpacking_again_after_a_crash_doubles_no_member(
    hospital: Hospital, tmp_path: Path
) -> None:
    films = make_films(4)
    path = write_zip(tmp_path / "cd.zip", films)
    item = take_file(make_upload(hospital.blind), path, is_queued=False)
    claimed = claim_item(item_id=str(item.pk))
    assert claimed is not None
    # The first worker dies after two members: the lease is all that it leaves.
    with commits_run_tasks():
        for index, name in enumerate(list(films)[:2]):
            receive_member(
                archive=claimed,
                index=index,
                file_name=name,
                stored=put_bytes(films[name]),
            )
    release_item(item=claimed)

    with commits_run_tasks():
        again = take_item(item_id=str(item.pk))
    assert again is not None
    assert again.status == ItemStatus.STORED
    assert codes_of(item) == dict.fromkeys(films, "stored")
    assert item.members.count() == 4
    received = Event.objects.filter(kind=EventKind.FILE_RECEIVED)
    assert received.filter(data__archive=str(item.pk)).count() == 4


def test_cancelling_stops_an_unpacking_and_nothing_more_is_received(
    hospital: Hospital, tmp_path: Path
) -> None:
    upload = make_upload(hospital.blind, hospital.alice)
    path = write_zip(tmp_path / "cd.zip", make_films(3))
    item = take_file(upload, path, is_queued=False)
    claimed = claim_item(item_id=str(item.pk))
    assert claimed is not None
    cancel_upload(upload=upload, actor=hospital.alice)

    ended = unpack_archive(item=claimed, path=path)
    assert ended.status == ItemStatus.CANCELLED
    assert not item.members.exists()
    late = receive_member(
        archive=claimed, index=0, file_name="late", stored=put_bytes(b"late")
    )
    assert late is None


def test_a_worker_that_lost_the_archive_to_another_stops(
    hospital: Hospital, tmp_path: Path
) -> None:
    path = write_zip(tmp_path / "cd.zip", make_films(2))
    item = take_file(make_upload(hospital.blind), path, is_queued=False)
    slow = claim_item(item_id=str(item.pk))
    assert slow is not None
    UploadItem.objects.filter(pk=item.pk).update(lease_until="2020-01-01T00:00Z")
    quick = claim_item(item_id=str(item.pk))
    assert quick is not None

    unpack_archive(item=slow, path=path)
    assert not item.members.exists()
    release_item(item=slow)
    assert claim_item(item_id=str(item.pk)) is None, "the quick one's lease is gone"
    unpack_archive(item=quick, path=path)
    assert item.members.count() == 2


def test_an_archive_sent_through_the_page_shows_its_members_below_it(
    door: Door, tmp_path: Path
) -> None:
    upload = door.open()
    item = door.send(upload, write_zip(tmp_path / "cd.zip", make_films(2)))
    members = [i for i in door.items(upload) if i["parent_id"] == item["id"]]
    assert [m["status"] for m in members] == ["stored", "stored"]
    assert len({m["case_id"] for m in members}) == 2
