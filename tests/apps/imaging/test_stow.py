"""STOW-RS (PS3.18 10.5): answers instance by instance, in the standard's words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.imaging.models import Image, Upload, UploadItem
from tests import dicom
from tests.apps.imaging.conftest import Door, commits_run_tasks
from tests.conftest import Hospital
from tests.dicom import UID_ROOT, encode_dicom

pytestmark = pytest.mark.django_db
BOUNDARY = "film-boundary"
CR_CLASS = "1.2.840.10008.5.1.4.1.1.1"


def multipart(parts: list[bytes], *, part_type: str = "application/dicom") -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Type: {part_type}\r\n\r\n".encode()
    body = b"".join(head + part + b"\r\n" for part in parts)
    return body + f"--{BOUNDARY}--\r\n".encode()


def post(
    client: Client,
    body: bytes,
    *,
    path: str = "/dicomweb/studies",
    content_type: str = (
        f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
    ),
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    with commits_run_tasks():
        answer = client.post(path, body, content_type=content_type, headers=headers)
    return answer  # type: ignore[return-value]


def json_of(answer: HttpResponse) -> dict[str, Any]:
    assert answer["Content-Type"] == "application/dicom+json"
    parsed: dict[str, Any] = answer.json()  # type: ignore[attr-defined]
    return parsed


def stored_item(seed: int) -> dict[str, Any]:
    return {
        "00081150": {"vr": "UI", "Value": [CR_CLASS]},
        "00081155": {"vr": "UI", "Value": [f"{UID_ROOT}.2.{seed}.1.1"]},
    }


def test_all_stored_is_200_with_a_reference_for_each(
    client: Client, bearer: dict[str, str]
) -> None:
    films = [encode_dicom(seed=601), encode_dicom(seed=602)]
    answer = post(client, multipart(films), headers=bearer)
    assert answer.status_code == 200
    # SPEC PS3.18 table I.2-1: Referenced SOP Sequence, and no failure sequences.
    assert json_of(answer) == {
        "00081199": {"vr": "SQ", "Value": [stored_item(601), stored_item(602)]}
    }
    assert Image.objects.count() == 2
    upload = Upload.objects.get()
    assert (upload.source, upload.department.slug) == ("stow", "emergency")


def test_some_stored_is_202_and_names_the_reason_of_each_failure(
    client: Client, bearer: dict[str, str], tmp_path: Path
) -> None:
    unknown = dicom.write_unknown_transfer_syntax(tmp_path / "a.dcm").read_bytes()
    pixelless = dicom.write_without_pixels(tmp_path / "b.dcm").read_bytes()
    body = multipart([encode_dicom(seed=603), unknown, pixelless, b"a letter"])
    answer = post(client, body, headers=bearer)
    assert answer.status_code == 202
    assert json_of(answer) == {
        "00081199": {"vr": "SQ", "Value": [stored_item(603)]},
        "00081198": {
            "vr": "SQ",
            "Value": [
                # 0xC122: referenced transfer syntax not supported; 0xC000: processing.
                {**stored_item(7), "00081197": {"vr": "US", "Value": [0xC122]}},
                {**stored_item(7), "00081197": {"vr": "US", "Value": [0xC000]}},
            ],
        },
        # What could not be told apart is counted without a reference.
        "0008119A": {
            "vr": "SQ",
            "Value": [{"00081197": {"vr": "US", "Value": [0xC000]}}],
        },
    }
    codes = UploadItem.objects.exclude(code="").values_list("code", flat=True)
    assert sorted(codes) == ["no_pixels", "not_a_film", "unknown_transfer_syntax"]


def test_none_stored_is_409_and_all_is_kept(
    client: Client, bearer: dict[str, str]
) -> None:
    answer = post(client, multipart([b"", b"a letter"]), headers=bearer)
    assert answer.status_code == 409
    assert list(json_of(answer)) == ["0008119A"]
    assert UploadItem.objects.filter(status="quarantined").count() == 2


def test_pictures_and_archives_are_no_instances(
    client: Client, bearer: dict[str, str], tmp_path: Path
) -> None:
    png = dicom.write_png(tmp_path / "a.png", dicom.make_pixels(bits_stored=8))
    archive = dicom.write_zip(tmp_path / "a.zip", {"a.dcm": encode_dicom()})
    body = multipart([png.read_bytes(), archive.read_bytes()])
    assert post(client, body, headers=bearer).status_code == 409
    codes = UploadItem.objects.values_list("code", flat=True)
    assert sorted(codes) == ["not_a_film", "not_dicom"]
    assert not Image.objects.exists()


def test_repeating_a_request_gives_the_same_answer_and_no_second_image(
    client: Client, bearer: dict[str, str]
) -> None:
    body = multipart([encode_dicom(seed=604)])
    first = post(client, body, headers=bearer)
    second = post(client, body, headers=bearer)
    assert (second.status_code, second.content) == (200, first.content)
    assert Image.objects.count() == 1


def test_an_instance_of_another_study_fails_and_is_not_registered(
    client: Client, bearer: dict[str, str]
) -> None:
    body = multipart([encode_dicom(seed=605), encode_dicom(seed=606)])
    path = f"/dicomweb/studies/{UID_ROOT}.2.605"
    answer = post(client, body, path=path, headers=bearer)
    assert answer.status_code == 202
    shown = json_of(answer)
    assert shown["00081199"]["Value"] == [stored_item(605)]
    failure = {"00081197": {"vr": "US", "Value": [0xC000]}}
    assert shown["00081198"]["Value"] == [{**stored_item(606), **failure}]
    assert Image.objects.get().study.study_instance_uid == f"{UID_ROOT}.2.605"
    assert UploadItem.objects.get(code="other_study").status == "quarantined"


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/dicom", 415),
        ("multipart/form-data; boundary=b", 415),
        (f'multipart/related; type="application/dicom+json"; boundary={BOUNDARY}', 415),
        (f"multipart/related; boundary={BOUNDARY}", 415),
        ('multipart/related; type="application/dicom"', 400),
        (f'multipart/related; type="application/dicom"; boundary={"b" * 71}', 400),
    ],
)
def test_another_media_type_is_refused_and_opens_nothing(
    content_type: str, status: int, client: Client, bearer: dict[str, str]
) -> None:
    body = multipart([encode_dicom()])
    answer = post(client, body, content_type=content_type, headers=bearer)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert not Upload.objects.exists()


def test_the_media_type_is_read_as_the_rfc_writes_it(
    client: Client, bearer: dict[str, str]
) -> None:
    written = f'Multipart/Related;boundary="{BOUNDARY}"; Type=application/DICOM'
    body = multipart([encode_dicom(seed=607)])
    answer = post(client, body, content_type=written, headers=bearer)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"\r\n",
        b"not multipart at all",
        f"--{BOUNDARY}--\r\n".encode(),
        b"--another\r\n\r\nfilm\r\n--another--\r\n",
        multipart([encode_dicom()])[:-200],
        multipart([b"film"]).replace(b"Content-Type:", b"Content\x00Type"),
    ],
    ids=["blank", "text", "no part", "other boundary", "cut", "bad header"],
)
def test_a_malformed_body_is_a_bad_request(
    body: bytes, client: Client, bearer: dict[str, str]
) -> None:
    answer = post(client, body, headers=bearer)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert not Image.objects.exists()


def test_a_session_may_store_too_and_names_the_worklist(
    door: Door, hospital: Hospital
) -> None:
    body = multipart([encode_dicom(seed=608)])
    answer = post(door.client, body, path="/dicomweb/studies?worklist=claims")
    assert answer.status_code == 200
    assert Image.objects.get().study.department == hospital.triage


def test_a_worklist_that_is_not_there_is_not_found(
    client: Client, bearer: dict[str, str]
) -> None:
    body = multipart([encode_dicom()])
    path = "/dicomweb/studies?worklist=nowhere"
    assert post(client, body, path=path, headers=bearer).status_code == 404


@pytest.mark.parametrize("path", ["/dicomweb/studies", "/dicomweb/studies/1.2.3"])
def test_strangers_wrong_roles_and_wrong_methods_are_refused(
    path: str, client: Client, door: Door, hospital: Hospital
) -> None:
    body = multipart([encode_dicom()])
    anonymous = post(client, body, path=path)
    assert anonymous.status_code == 401
    assert anonymous["WWW-Authenticate"] == "Bearer"
    assert door.client.get(path).status_code == 405
    door.client.force_login(hospital.max)
    assert post(door.client, body, path=path).status_code == 403
    assert not Upload.objects.exists()


def test_an_instance_over_the_limit_is_refused(
    client: Client, bearer: dict[str, str], settings: Any
) -> None:
    settings.MAX_FILE_BYTES = 1 << 10
    answer = post(client, multipart([encode_dicom()]), headers=bearer)
    assert (answer.status_code, Image.objects.count()) == (413, 0)


MEASURE = """
import os, resource, sys
from pathlib import Path
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from apps.imaging.api.stow import _parts

class Body:
    def __init__(self, megabytes):
        self.left = megabytes << 20
        self.head = b"--b\\r\\nContent-Type: application/dicom\\r\\n\\r\\n"
        self.tail = b"\\r\\n--b--\\r\\n"
    def read(self, size):
        if self.head:
            head, self.head = self.head, b""
            return head
        if self.left > 0:
            self.left -= size
            return bytes(size)
        tail, self.tail = self.tail, b""
        return tail

def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
from apps.core.objects import CHUNK_BYTES, put_stream
before = peak()
for part in _parts(Body(200), b"b"):
    stored = put_stream(iter(lambda: part.read(CHUNK_BYTES), b""), max_bytes=1 << 30)
    assert stored.size_bytes == 200 << 20, stored
print((peak() - before) // 1024)
"""


@pytest.mark.slow
def test_a_body_of_200_mb_passes_through_a_few_of_memory() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", MEASURE], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) < 50, f"{ended.stdout} MiB more"
