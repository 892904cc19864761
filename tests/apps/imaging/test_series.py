"""A series as Compare needs it: its images in order, and where their files lie."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pydicom.uid import CTImageStorage

from apps.accounts.models import User
from apps.imaging.models import Image
from apps.imaging.selectors import list_series
from tests import dicom
from tests.apps.imaging.conftest import commits_run_tasks
from tests.conftest import Hospital
from tests.factories import image_of, make_case, make_upload, take_file

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
FRAME = f"{dicom.UID_ROOT}.9"


def store_slices(hospital: Hospital, folder: Path, heights_mm: list[Any]) -> list[str]:
    """Store a CT series; return the ids in the order of its numbers."""
    upload = make_upload(hospital.blind)
    for n, height in enumerate(heights_mm):
        path = dicom.write_film(
            folder / f"{n}.dcm",
            seed=812,
            overrides={
                "SOPClassUID": CTImageStorage,
                "SOPInstanceUID": f"{dicom.UID_ROOT}.2.812.1.{n + 1}",
                "Modality": "CT",
                "InstanceNumber": len(heights_mm) - n,
                "FrameOfReferenceUID": FRAME,
                "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
                "ImagePositionPatient": None if height is None else [0, 0, height],
            },
        )
        with commits_run_tasks():
            take_file(upload, path)
    return [
        str(i) for i in Image.objects.order_by("number").values_list("id", flat=True)
    ]


def test_a_series_is_served_in_order_with_its_positions(
    hospital: Hospital, client_of: SignIn, tmp_path: Path
) -> None:
    ids = store_slices(hospital, tmp_path, [30.0, None, 20.0])
    answer = client_of(hospital.alice).get(f"/api/v1/images/{ids[1]}/series")
    assert answer.status_code == 200
    series = answer.json()
    assert series["modality"] == "CT"
    assert [image["id"] for image in series["images"]] == ids
    planes = [image["plane"] for image in series["images"]]
    assert planes[1] is None
    assert [plane["positions_mm"] for plane in (planes[0], planes[2])] == [[20], [30]]
    assert planes[0]["normal"] == [0, 0, 1]
    assert planes[0]["frame_of_reference"] == planes[2]["frame_of_reference"] != ""
    # Neither who, nor whose device.
    for word in (FRAME, ".dcm", "Test^Film"):
        assert word not in answer.content.decode()


def test_a_series_costs_two_queries(
    hospital: Hospital, tmp_path: Path, django_assert_num_queries: Any
) -> None:
    ids = store_slices(hospital, tmp_path, [1.0, 2.0, 3.0])
    image_id = Image.objects.get(pk=ids[0]).pk
    with django_assert_num_queries(2):
        images = list_series(user=hospital.alice, image_id=image_id)
        positions = [image.plane.positions_mm for image in images]
        assert {image.series.modality for image in images} == {"CT"}
    assert positions == [[3.0], [2.0], [1.0]]


def test_the_series_of_another_site_is_not_there(
    hospital: Hospital, charlie: User, client_of: SignIn
) -> None:
    image = image_of(make_case(hospital.blind))
    address = f"/api/v1/images/{image.pk}/series"
    (only,) = client_of(hospital.alice).get(address).json()["images"]
    assert (only["id"], only["plane"]) == (str(image.pk), None)
    assert client_of(charlie).get(address).status_code == 404
    assert client_of(hospital.max).get(address).status_code == 403
    assert Client().get(address).status_code == 401
    assert client_of(hospital.alice).post(address).status_code == 405
