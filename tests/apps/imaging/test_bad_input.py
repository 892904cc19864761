"""The table of bad input, through the API: each file has its answer and none harms a
neighbour."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.audit.models import Event
from apps.imaging.models import Image
from tests import dicom
from tests.apps.imaging.conftest import JSON, Door, stored_bytes

# Commits are real here: what a refusal rolls back must not take a neighbour along.
pytestmark = pytest.mark.django_db(transaction=True)

Writer = Callable[[Path], object]

TABLE: list[tuple[str, str, Writer, str, str]] = [
    # name, status, writer, file name, code
    ("truncated", "quarantined", dicom.write_truncated, "a.dcm", "truncated"),
    ("cut header", "quarantined", dicom.write_truncated_header, "a.dcm", "truncated"),
    ("zero bytes", "quarantined", dicom.write_zero_byte, "a.dcm", "empty"),
    ("text as .dcm", "quarantined", dicom.write_text, "a.dcm", "not_a_film"),
    ("png bomb", "quarantined", dicom.write_png_bomb, "a.png", "too_many_pixels"),
    ("zip bomb", "quarantined", dicom.write_zip_bomb, "a.zip", "zip_bomb"),
    ("zip slip", "stored", dicom.write_zip_slip, "a.zip", "unpacked"),
    ("polyglot", "stored", dicom.write_polyglot, "a.dcm", ""),
    (
        "unknown transfer syntax",
        "quarantined",
        dicom.write_unknown_transfer_syntax,
        "a.dcm",
        "unknown_transfer_syntax",
    ),
    ("no pixels", "quarantined", dicom.write_without_pixels, "a.dcm", "no_pixels"),
    ("spacing 0\\0", "stored", dicom.write_zero_spacing, "a.dcm", ""),
    ("signed", "stored", dicom.write_signed_monochrome1, "a.dcm", ""),
    ("multi-frame", "stored", dicom.write_multi_frame, "a.dcm", ""),
    ("rgb ultrasound", "stored", dicom.write_rgb_ultrasound, "a.dcm", ""),
]


@pytest.mark.parametrize(
    ("status", "write", "name", "code"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_bad_input_is_told_apart_kept_and_harms_no_neighbour(
    status: str, write: Writer, name: str, code: str, door: Door, tmp_path: Path
) -> None:
    before = dicom.write_film(tmp_path / "before.dcm", seed=101)
    after = dicom.write_film(tmp_path / "after.dcm", seed=102)
    bad = tmp_path / name
    write(bad)
    upload = door.open()

    first = door.send(upload, before)
    item = door.send(upload, bad, relative_path=f"folder/{name}")
    last = door.send(upload, after)

    assert (item["status"], item["code"]) == (status, code)
    assert item["file_name"] == f"folder/{name}"
    if status == "quarantined":
        assert item["reason"][0].isupper()
        assert item["reason"].endswith(".")
        assert item["case_id"] is None
    for phi in ("Test^Film", "TEST-7", "19700101", str(tmp_path)):
        assert phi not in item["reason"]
        assert not Event.objects.filter(leaf__contains=phi).exists()
    content = bad.read_bytes()
    assert item["sha256"] == hashlib.sha256(content).hexdigest()
    assert item["size_bytes"] == len(content)
    assert stored_bytes(item["sha256"]) == content
    for neighbour, path in ((first, before), (last, after)):
        assert (neighbour["status"], neighbour["code"]) == ("stored", "")
        image = Image.objects.get(sha256=neighbour["sha256"])
        assert str(image.study_id) == neighbour["case_id"]
        assert stored_bytes(image.sha256) == path.read_bytes()


def test_a_file_that_is_not_a_film_is_found_in_quarantine_with_its_reason(
    door: Door, hospital: object, tmp_path: Path
) -> None:
    door.send(door.open(), dicom.write_text(tmp_path / "letter.dcm"))

    assert door.client.get("/api/v1/quarantine").status_code == 403
    door.client.force_login(hospital.lena)  # type: ignore[attr-defined]

    def search(text: str) -> list[dict[str, Any]]:
        answer = door.client.post(
            "/api/v1/quarantine/search", {"q": text}, content_type=JSON
        )
        rows: list[dict[str, Any]] = answer.json()["items"]
        return rows

    (row,) = search("letter")
    assert row["code"] == "not_a_film"
    assert row["source"] == "browser"
    assert search("other") == []


def test_members_of_a_zip_that_want_out_are_quarantined_and_write_nothing_outside(
    door: Door, tmp_path: Path
) -> None:
    upload = door.open()
    door.send(upload, dicom.write_zip_slip(tmp_path / "slip.zip"))

    codes = {item["file_name"]: item["code"] for item in door.items(upload)}
    assert codes == {
        "slip.zip": "unpacked",
        "../escaped.dcm": "unsafe_path",
        "/tmp/escaped-absolute.dcm": "unsafe_path",
        "folder/sound.txt": "not_a_film",
    }
    for item in door.items(upload):
        if item["code"] == "unsafe_path":
            assert stored_bytes(item["sha256"]) == b"out"
    assert not Path("/tmp/escaped-absolute.dcm").exists()
    assert not list(tmp_path.rglob("escaped*"))
