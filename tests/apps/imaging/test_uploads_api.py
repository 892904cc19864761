"""The upload endpoints: happy, stranger, wrong method, malformed, repeated."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.core.pagination import encode_cursor
from apps.imaging.models import Image, ItemStatus, Upload, UploadItem
from tests.apps.imaging.conftest import JSON, Door, commits_run_tasks, stored_bytes
from tests.conftest import Hospital
from tests.dicom import encode_dicom, write_film, write_text
from tests.factories import make_upload, take_file

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
    make_upload_at = charlie.site
    assert make_upload_at is not None
    make_upload_at.departments.create(slug="south", name="South")
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


# --- who may see what -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("get", "/items"), ("post", "/files"), ("post", "/cancel")],
)
@pytest.mark.parametrize("who", ["charlie", "bob"])
def test_an_upload_of_another_is_not_found(
    who: str,
    method: str,
    path: str,
    door: Door,
    hospital: Hospital,
    charlie: User,
    client_of: SignIn,
) -> None:
    upload = door.open()
    stranger = client_of(charlie if who == "charlie" else hospital.bob)
    address = f"/api/v1/uploads/{upload}{path}"
    body = {"file": film_file()} if path == "/files" else {}
    answer = getattr(stranger, method)(address, body)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert door.items(upload) == []
    assert door.client.get(f"/api/v1/uploads/{upload}").json()["state"] == "open"


def test_a_lead_sees_the_uploads_of_the_site_and_a_reader_only_their_own(
    door: Door, hospital: Hospital, client_of: SignIn, charlie: User
) -> None:
    mine = door.open()

    def seen_by(user: User) -> list[str]:
        page = client_of(user).get("/api/v1/uploads").json()
        return [upload["id"] for upload in page["items"]]

    assert seen_by(hospital.alice) == [mine]
    assert seen_by(hospital.bob) == []
    assert seen_by(hospital.lena) == [mine]
    assert seen_by(charlie) == []


def test_quarantine_of_another_site_is_not_listed(
    door: Door, tmp_path: Path, charlie: User, client_of: SignIn
) -> None:
    door.send(door.open(), write_text(tmp_path / "letter.dcm"))
    User.objects.filter(pk=charlie.pk).update(role="lead")
    charlie.refresh_from_db()
    assert client_of(charlie).get("/api/v1/quarantine").json()["items"] == []


def test_an_upload_that_never_was_is_not_found_and_no_uuid_is_malformed(
    door: Door,
) -> None:
    assert door.client.get(f"/api/v1/uploads/{uuid.uuid4()}").status_code == 404
    assert door.client.get("/api/v1/uploads/seven").status_code == 422


# --- lists ----------------------------------------------------------------------------


def test_lists_are_paged_without_a_gap_or_a_repeat(
    door: Door, hospital: Hospital, tmp_path: Path
) -> None:
    uploads = [door.open() for _ in range(5)]
    upload = Upload.objects.get(pk=uploads[0])
    letter = write_text(tmp_path / "letter.dcm")
    for _ in range(5):
        with commits_run_tasks():
            take_file(upload, letter)
    door.client.force_login(
        hospital.lena, backend="django.contrib.auth.backends.ModelBackend"
    )

    def walk(address: str) -> list[str]:
        found: list[str] = []
        cursor = ""
        for _ in range(10):
            query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
            page = door.client.get(address, query).json()
            assert len(page["items"]) <= 2
            found += [row["id"] for row in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                return found
        raise AssertionError("the cursor goes round in circles")

    assert walk("/api/v1/uploads") == uploads[::-1]
    in_order = UploadItem.objects.order_by("created_at", "id")
    ids = [str(pk) for pk in in_order.values_list("pk", flat=True)]
    assert walk(f"/api/v1/uploads/{upload.pk}/items") == ids
    assert walk("/api/v1/quarantine") == ids[::-1]


HOSTILE_CURSORS = [
    "!",
    "AAAA",
    "\xff",
    "W10",  # []
    "e30",  # {}
    encode_cursor([1, 2]),
    encode_cursor(["yesterday", "x"]),
    encode_cursor(["2024-01-01T00:00:00+00:00", "not-a-uuid"]),
    encode_cursor(["2024-01-01T00:00:00", str(uuid.uuid4())]),
    encode_cursor([None, None]),
    encode_cursor([["2024"], {"a": 1}]),
    encode_cursor(["2024-01-01T00:00:00+00:00"]),
    "W1tb" * 3000,
]


@pytest.mark.parametrize("cursor", HOSTILE_CURSORS, ids=range(len(HOSTILE_CURSORS)))
@pytest.mark.parametrize("address", ["uploads", "quarantine", "items"])
def test_a_cursor_that_is_not_ours_is_refused(
    address: str, cursor: str, hospital: Hospital, client_of: SignIn
) -> None:
    upload = make_upload(hospital.blind, hospital.lena)
    path = f"uploads/{upload.pk}/items" if address == "items" else address
    answer = client_of(hospital.lena).get(f"/api/v1/{path}", {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize("limit", ["0", "-5", "100000"])
def test_a_limit_out_of_range_is_brought_into_it(limit: str, door: Door) -> None:
    assert door.client.get("/api/v1/uploads", {"limit": limit}).status_code == 200


def test_lists_cost_the_same_however_long_they_are(
    door: Door, hospital: Hospital, tmp_path: Path
) -> None:
    lena = door.client
    lena.force_login(hospital.lena)
    letter = write_text(tmp_path / "letter.dcm")

    def add_rows() -> Upload:
        upload = make_upload(hospital.blind, hospital.alice)
        for n in range(3):
            film = write_film(tmp_path / f"{n}.dcm", seed=430 + n)
            with commits_run_tasks():
                take_file(upload, film)
                take_file(upload, letter)
        return upload

    def count(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert lena.get(address).status_code == 200
        return len(queries)

    upload = add_rows()
    items = f"/api/v1/uploads/{upload.pk}/items"
    # Session, user, site; then the list (and for items the upload).
    pinned = {"/api/v1/uploads": 4, items: 5, "/api/v1/quarantine": 4}
    assert {address: count(address) for address in pinned} == pinned
    add_rows()
    assert {address: count(address) for address in pinned} == pinned
