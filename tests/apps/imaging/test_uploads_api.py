"""The upload endpoints: happy, stranger, wrong method, malformed, repeated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.imaging.models import Image, ItemStatus, Upload, UploadItem
from tests.apps.imaging.conftest import JSON, Door, commits_run_tasks, stored_bytes
from tests.conftest import Hospital
from tests.dicom import encode_dicom, write_film
from tests.factories import DepartmentFactory, take_file

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def film_file(name: str = "film.dcm", *, seed: int = 401) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, encode_dicom(seed=seed))


# --- open ----------------------------------------------------------------------------


def test_opening_an_upload_answers_what_it_is(door: Door) -> None:
    answer = door.client.post(
        "/api/v1/uploads",
        {"worklist": "claims", "claim_reference": "C-1", "expected_files": 2},
        content_type=JSON,
    )
    body = answer.json()
    assert answer.status_code == 201
    assert body["worklist"] == "claims"
    assert body["claim_reference"] == "C-1"
    assert body["source"] == "browser"
    assert body["created_by"]["display_name"] == "Alice"
    assert (body["state"], body["total"]) == ("open", 0)
    assert Event.objects.get(kind=EventKind.UPLOAD_OPENED).subject == (
        f"upload:{body['id']}"
    )


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"worklist": "nowhere"}, 404, "not_found"),
        ({}, 422, "invalid"),
        ({"worklist": "emergency", "claim_reference": "x" * 65}, 422, "invalid"),
        ({"worklist": "emergency", "expected_files": -1}, 422, "invalid"),
        ({"worklist": "emergency", "expected_files": "many"}, 422, "invalid"),
        ({"worklist": 5}, 422, "invalid"),
    ],
)
def test_an_upload_that_makes_no_sense_is_refused(
    body: dict[str, Any], status: int, code: str, door: Door
) -> None:
    answer = door.client.post("/api/v1/uploads", body, content_type=JSON)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert not Upload.objects.exists()


def test_broken_json_is_a_bad_request(door: Door) -> None:
    answer = door.client.post("/api/v1/uploads", "{", content_type=JSON)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"


# --- send ----------------------------------------------------------------------------


def test_a_sent_film_is_stored_and_named_in_its_case(
    door: Door, tmp_path: Path
) -> None:
    upload = door.open(expected_files=1)
    path = write_film(tmp_path / "film.dcm")
    item = door.send(upload, path, relative_path="CD 1/A/film.dcm")
    assert item["status"] == "stored"
    assert item["file_name"] == "CD 1/A/film.dcm"
    image = Image.objects.get()
    assert image.file_name == "film.dcm"
    assert item["case_id"] == str(image.study_id)
    body = door.client.get(f"/api/v1/uploads/{upload}").json()
    assert (body["state"], body["total"]) == ("settled", 1)
    assert stored_bytes(item["sha256"]) == path.read_bytes()


def test_the_answer_comes_only_after_bytes_and_row_exist(door: Door) -> None:
    # No commit callback runs here: the worker has not started when the answer leaves.
    upload = door.open()
    answer = door.client.post(f"/api/v1/uploads/{upload}/files", {"file": film_file()})
    assert answer.status_code == 202
    body = answer.json()
    assert (body["status"], body["case_id"]) == ("received", None)
    assert stored_bytes(body["sha256"]) == encode_dicom(seed=401)
    assert UploadItem.objects.get(pk=body["id"]).status == ItemStatus.RECEIVED


def test_the_same_film_again_is_a_duplicate_in_the_same_case(
    door: Door, tmp_path: Path
) -> None:
    path = write_film(tmp_path / "film.dcm")
    first = door.send(door.open(), path)
    second = door.send(door.open("claims"), path)
    assert (second["status"], second["code"]) == ("duplicate", "same_bytes")
    assert second["case_id"] == first["case_id"]
    assert Image.objects.count() == 1


def test_the_same_film_at_two_sites_is_two_images(
    door: Door, charlie: User, tmp_path: Path
) -> None:
    path = write_film(tmp_path / "film.dcm")
    door.send(door.open(), path)
    DepartmentFactory.create(site=charlie.site, slug="south")
    other = Door(Client())
    other.client.force_login(
        charlie, backend="django.contrib.auth.backends.ModelBackend"
    )
    item = other.send(other.open("south"), path)
    assert item["status"] == "stored"
    assert Image.objects.count() == 2


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(
    door: Door, settings: Settings
) -> None:
    upload = door.open()
    settings.MAX_FILE_BYTES = 1 << 20
    big = SimpleUploadedFile("big.dcm", bytes((1 << 20) + 1))
    answer = door.client.post(f"/api/v1/uploads/{upload}/files", {"file": big})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert door.items(upload) == []
    assert not list(Path(settings.DATA_DIR).rglob("*.part"))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("../../etc/passwd", "../../etc/passwd"),
        ("a\x00b\x1b[31mc.dcm", "ab[31mc.dcm"),
        ("x" * 400 + ".dcm", "x" * 251 + ".dcm"),
        (" \t ", "unnamed"),
        ("\u202egnp.dcm", "gnp.dcm"),
    ],
)
def test_a_hostile_name_is_only_a_name(path: str, expected: str, door: Door) -> None:
    upload = door.open()
    answer = door.client.post(
        f"/api/v1/uploads/{upload}/files",
        {"file": film_file(), "relative_path": path},
    )
    assert answer.status_code == 202
    assert answer.json()["file_name"] == expected


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("multipart/form-data; boundary=b", b"no parts at all", 422),
        ("multipart/form-data", b"--b--", 400),
        ("multipart/form-data; boundary=" + "b" * 400, b"", 422),
        (JSON, b"{}", 422),
        ("text/plain", b"film", 422),
    ],
)
def test_a_malformed_body_is_refused_as_a_problem(
    content_type: str, body: bytes, status: int, door: Door
) -> None:
    upload = door.open()
    answer = door.client.post(
        f"/api/v1/uploads/{upload}/files", body, content_type=content_type
    )
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert door.items(upload) == []


# --- cancel ---------------------------------------------------------------------------


def test_cancelling_keeps_what_is_stored_and_cancels_what_waits(
    door: Door, hospital: Hospital, tmp_path: Path
) -> None:
    upload_id = door.open()
    door.send(upload_id, write_film(tmp_path / "a.dcm", seed=411))
    upload = Upload.objects.get(pk=upload_id)
    take_file(upload, write_film(tmp_path / "b.dcm", seed=412), is_queued=False)

    first = door.client.post(f"/api/v1/uploads/{upload_id}/cancel")
    assert first.status_code == 200
    assert first.json()["state"] == "cancelled"
    assert door.counts(upload_id) == {"stored": 1, "cancelled": 1}
    events = Event.objects.count()

    again = door.client.post(f"/api/v1/uploads/{upload_id}/cancel")
    assert again.json() == first.json()
    assert Event.objects.count() == events
    assert Event.objects.filter(kind=EventKind.UPLOAD_CANCELLED).count() == 1


def test_a_file_sent_after_the_cancel_is_refused_and_can_be_sent_elsewhere(
    door: Door, tmp_path: Path
) -> None:
    cancelled = door.open()
    door.client.post(f"/api/v1/uploads/{cancelled}/cancel")
    answer = door.client.post(
        f"/api/v1/uploads/{cancelled}/files", {"file": film_file()}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_cancelled")
    assert door.items(cancelled) == []
    item = door.send(door.open(), write_film(tmp_path / "a.dcm"))
    assert item["status"] == "stored"


# --- several at once ------------------------------------------------------------------


def test_a_script_sends_several_films_in_one_call(
    client: Client, hospital: Hospital, bearer: dict[str, str]
) -> None:
    files = [film_file(f"{n}.dcm", seed=420 + n) for n in range(3)]
    files.append(SimpleUploadedFile("letter.dcm", b"Dear colleague"))
    with commits_run_tasks():
        answer = client.post(
            "/api/v1/studies",
            {"file": files, "worklist": "claims", "claim_reference": "C-77"},
            headers=bearer,
        )
    assert answer.status_code == 202
    upload = answer.json()
    assert (upload["source"], upload["total"]) == ("api", 4)
    shown = client.get(f"/api/v1/uploads/{upload['id']}", headers=bearer).json()
    counts = {status: n for status, n in shown["counts"].items() if n}
    assert counts == {"stored": 3, "quarantined": 1}
    assert shown["state"] == "settled"
    image = Image.objects.select_related("study__department").first()
    assert image is not None
    assert image.study.claim_reference == "C-77"
    assert image.study.department == hospital.triage


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"worklist": "claims"}, 422),
        ({"file": film_file()}, 422),
        ({"file": film_file(), "worklist": "nowhere"}, 404),
        (
            {"file": film_file(), "worklist": "claims", "claim_reference": "x" * 65},
            422,
        ),
    ],
)
def test_a_call_that_makes_no_sense_opens_no_upload(
    fields: dict[str, Any], status: int, client: Client, bearer: dict[str, str]
) -> None:
    answer = client.post("/api/v1/studies", fields, headers=bearer)
    assert answer.status_code == status, answer.content
    assert not Upload.objects.exists()


def test_one_film_over_the_limit_refuses_the_call_before_anything_is_taken(
    client: Client, bearer: dict[str, str], settings: Settings
) -> None:
    settings.MAX_FILE_BYTES = 1 << 20
    files = [film_file(), SimpleUploadedFile("big.dcm", bytes(2 << 20))]
    answer = client.post(
        "/api/v1/studies", {"file": files, "worklist": "claims"}, headers=bearer
    )
    assert answer.status_code == 413
    assert not Upload.objects.exists()


def test_more_files_than_one_call_may_hold_are_refused_as_a_problem(
    client: Client, bearer: dict[str, str], settings: Settings
) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    files = [film_file(f"{n}.dcm") for n in range(3)]
    answer = client.post(
        "/api/v1/studies", {"file": files, "worklist": "claims"}, headers=bearer
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
