"""Who sees which upload, and lists: pages, hostile cursors, queries counted."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.core.pagination import encode_cursor
from apps.imaging.models import Upload, UploadItem
from tests.apps.imaging.conftest import Door, commits_run_tasks
from tests.conftest import Hospital
from tests.dicom import encode_dicom, write_film, write_text
from tests.factories import make_upload, take_file

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def film_file(name: str = "film.dcm", *, seed: int = 401) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, encode_dicom(seed=seed))


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
    pinned = {"/api/v1/uploads": 5, items: 5, "/api/v1/quarantine": 4}
    assert {address: count(address) for address in pinned} == pinned
    add_rows()
    assert {address: count(address) for address in pinned} == pinned
