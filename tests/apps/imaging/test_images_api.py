"""Pixels for viewers, compared with a decode that is not ours."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from PIL import Image as Picture
from pydicom import dcmread
from pydicom.uid import JPEG2000Lossless, RLELossless

from apps.accounts.models import User
from apps.imaging.models import Image
from tests import dicom
from tests.apps.imaging.conftest import commits_run_tasks
from tests.conftest import Hospital
from tests.factories import make_upload, take_file

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def store(hospital: Hospital, path: Path) -> str:
    with commits_run_tasks():
        item = take_file(make_upload(hospital.blind), path)
    item.refresh_from_db()
    assert item.image is not None, item.reason
    return f"/api/v1/images/{item.image.pk}"


@pytest.fixture
def address(hospital: Hospital, tmp_path: Path) -> str:
    """Return the address of a plain film of 96 x 64."""
    return store(hospital, dicom.write_film(tmp_path / "film.dcm"))


FILMS: dict[str, dict[str, Any]] = {
    "mono 12 bit": {},
    "mono 8 bit": {"bits_stored": 8},
    "signed monochrome1": {
        "bits_stored": 16, "signed": True, "photometric": "MONOCHROME1",
    },
    "rgb": {"bits_stored": 8, "photometric": "RGB"},
    "jpeg 2000": {"transfer_syntax": JPEG2000Lossless},
    "rle rgb": {
        "bits_stored": 8, "photometric": "RGB", "transfer_syntax": RLELossless,
    },
    "multi-frame": {"frames": 3},
    "multi-frame jpeg 2000": {"frames": 3, "transfer_syntax": JPEG2000Lossless},
}  # fmt: skip


@pytest.mark.parametrize("film", FILMS.values(), ids=FILMS.keys())
def test_served_frames_are_the_stored_values(
    film: dict[str, Any], hospital: Hospital, client_of: SignIn, tmp_path: Path
) -> None:
    path = dicom.write_film(tmp_path / "film.dcm", **film)
    frames = dcmread(path).pixel_array  # pydicom's own decode
    if film.get("frames", 1) == 1:
        frames = frames[None]
    address = store(hospital, path)
    alice = client_of(hospital.alice)
    meta = alice.get(address).json()

    assert (meta["rows"], meta["columns"]) == frames.shape[1:3]
    assert meta["frame_count"] == len(frames)
    assert meta["samples"] == (3 if frames.ndim == 4 else 1)
    assert meta["dtype"] == frames.dtype.name
    assert meta["photometric"] == film.get("photometric", "MONOCHROME2")
    assert meta["is_signed"] is film.get("signed", False)
    middle = frames[len(frames) // 2]
    assert (meta["pixel_min"], meta["pixel_max"]) == (middle.min(), middle.max())
    for n, expected in enumerate(frames):
        answer = alice.get(f"{address}/frames/{n}")
        assert answer["Content-Type"] == "application/octet-stream"
        served = np.frombuffer(
            answer.content, np.dtype(meta["dtype"]).newbyteorder("<")
        )
        np.testing.assert_array_equal(served.reshape(expected.shape), expected)


def test_spacing_that_is_not_usable_is_not_served(
    hospital: Hospital, client_of: SignIn, tmp_path: Path
) -> None:
    alice = client_of(hospital.alice)
    sound = alice.get(store(hospital, dicom.write_film(tmp_path / "a.dcm"))).json()
    assert sound["spacing_mm"] == [0.2, 0.2]
    zero = alice.get(store(hospital, dicom.write_zero_spacing(tmp_path / "b.dcm")))
    assert zero.json()["spacing_mm"] is None
    assert "not usable" in zero.json()["spacing_note"]


@pytest.mark.parametrize(
    ("size", "expected"),
    [(64, (43, 64)), (80, (53, 80)), (96, (64, 96)), (2048, (64, 96))],
)
def test_a_preview_is_a_webp_of_the_size_asked_for_and_never_enlarged(
    size: int, expected: tuple[int, int], address: str, hospital: Hospital,
    client_of: SignIn,
) -> None:  # fmt: skip
    answer = client_of(hospital.alice).get(f"{address}/preview", {"size": size})
    assert answer["Content-Type"] == "image/webp"
    with Picture.open(io.BytesIO(answer.content)) as picture:
        assert picture.format == "WEBP"
        assert picture.size == expected


def test_a_preview_shows_monochrome1_inverted(
    hospital: Hospital, client_of: SignIn, tmp_path: Path
) -> None:
    array = dicom.make_pixels()
    means = []
    for n, photometric in enumerate(("MONOCHROME1", "MONOCHROME2")):
        path = dicom.write_film(
            tmp_path / f"{n}.dcm", array=array, photometric=photometric, seed=500 + n
        )
        answer = client_of(hospital.alice).get(f"{store(hospital, path)}/preview")
        with Picture.open(io.BytesIO(answer.content)) as picture:
            means.append(np.asarray(picture.convert("L"), float)[:, -8:].mean())
    assert means[0] + means[1] == pytest.approx(255, abs=3)
    assert means[0] < means[1]


@pytest.mark.parametrize("part", ["/frames/0", "/preview?size=80"])
def test_pixels_are_served_once_and_then_known(
    part: str, address: str, hospital: Hospital, client_of: SignIn
) -> None:
    alice = client_of(hospital.alice)
    first = alice.get(address + part)
    etag = first["ETag"]
    assert first["Cache-Control"] == "private, max-age=31536000, immutable"
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = alice.get(address + part, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b""), known
        assert again["ETag"] == etag
    other = alice.get(address + part, headers={"If-None-Match": '"other"'})
    assert other.content == first.content


def test_every_frame_and_size_has_a_tag_of_its_own(
    hospital: Hospital, client_of: SignIn, tmp_path: Path
) -> None:
    address = store(hospital, dicom.write_multi_frame(tmp_path / "a.dcm", frames=3))
    alice = client_of(hospital.alice)
    parts = [f"/frames/{n}" for n in range(3)]
    parts += [f"/preview?size={size}" for size in (64, 80)]
    tags = {alice.get(address + part)["ETag"] for part in parts}
    assert len(tags) == 5


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ("/frames/1", 404),
        ("/frames/-1", 404),
        ("/frames/99999999999999999999", 404),
        ("/frames/one", 422),
        ("/preview?size=63", 422),
        ("/preview?size=2049", 422),
        ("/preview?size=big", 422),
    ],
)
def test_a_frame_or_size_that_is_not_there_is_refused(
    part: str, status: int, address: str, hospital: Hospital, client_of: SignIn
) -> None:
    answer = client_of(hospital.alice).get(
        address + part, headers={"If-None-Match": "*"}
    )
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("part", ["", "/frames/0", "/preview"])
def test_strangers_and_roles_without_the_right_get_no_pixel(
    part: str, address: str, hospital: Hospital, charlie: User, client_of: SignIn
) -> None:
    assert client_of(hospital.bob).get(address + part).status_code == 200
    assert client_of(charlie).get(address + part).status_code == 404
    for person in (hospital.max, hospital.ada):
        assert client_of(person).get(address + part).status_code == 403
    assert Client().get(address + part).status_code == 401
    assert client_of(hospital.bob).post(address + part).status_code == 405
    missing = f"/api/v1/images/{uuid.uuid4()}{part}"
    assert client_of(hospital.bob).get(missing).status_code == 404


def test_a_store_that_lost_a_film_says_try_again_and_not_our_fault(
    address: str, hospital: Hospital, client_of: SignIn, settings: Any
) -> None:
    options = settings.STORAGES["objects"]["OPTIONS"]
    image = Image.objects.get()
    folder = Path(options["location"])
    (path,) = folder.rglob(image.sha256)
    path.unlink()
    answer = client_of(hospital.alice).get(f"{address}/frames/0")
    assert (answer.status_code, answer.json()["code"]) == (503, "try_again")
    assert answer["Retry-After"] == "2"
