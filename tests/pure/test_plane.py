"""Where slices lie: from Image Position and Orientation, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from workers.dicom.plane import read_plane

AXIAL = [1, 0, 0, 0, 1, 0]
# Seen from the left: rows run down (-z), columns to the back (y).
SAGITTAL = [0, 1, 0, 0, 0, -1]
FRAME = "1.2.826.0.1.3680043.8.498.77.9"


def plane_of(orientation: Any, position: Any) -> Dataset:
    data_set = Dataset()
    data_set.FrameOfReferenceUID = FRAME
    if orientation is not None:
        data_set.ImageOrientationPatient = orientation
    if position is not None:
        data_set.ImagePositionPatient = position
    return data_set


def frames_of(positions: list[Any], orientations: list[Any]) -> Dataset:
    """Return an enhanced image; one orientation is shared, more are of each frame."""
    data_set = Dataset()
    shared, groups = Dataset(), []
    if len(orientations) == 1:
        shared.PlaneOrientationSequence = Sequence([plane_of(orientations[0], None)])
    for n, position in enumerate(positions):
        group = Dataset()
        group.PlanePositionSequence = Sequence([plane_of(None, position)])
        if len(orientations) > 1:
            own = plane_of(orientations[n], None)
            group.PlaneOrientationSequence = Sequence([own])
        groups.append(group)
    data_set.SharedFunctionalGroupsSequence = Sequence([shared])
    data_set.PerFrameFunctionalGroupsSequence = Sequence(groups)
    return data_set


@pytest.mark.parametrize(
    ("orientation", "position", "normal", "at_mm"),
    [
        (AXIAL, [-120, -130, 42.5], (0, 0, 1), 42.5),
        # y cross -z is -x: the distance runs to the patient's right.
        (SAGITTAL, [17.25, -80, 90], (-1, 0, 0), -17.25),
        ([1, 0, 0, 0, 0.6, 0.8], [0, 10, 5], (0, -0.8, 0.6), -5),
    ],
)
def test_the_position_is_the_distance_along_the_normal(
    orientation: list[float],
    position: list[float],
    normal: tuple[float, ...],
    at_mm: float,
) -> None:
    found = read_plane(plane_of(orientation, position), frame_count=1)
    assert found is not None
    assert found.normal == pytest.approx(normal, abs=1e-9)
    assert found.positions_mm == pytest.approx((at_mm,))
    assert found.frame_of_reference_uid == FRAME


def test_each_frame_of_an_enhanced_image_has_its_own() -> None:
    positions = [[0, 0, z] for z in (30, 25, 20)]
    for orientations in ([AXIAL], [AXIAL] * 3):
        found = read_plane(frames_of(positions, orientations), frame_count=3)
        assert found is not None
        assert found.positions_mm == (30, 25, 20)


@pytest.mark.parametrize(
    ("data_set", "frame_count"),
    [
        (Dataset(), 1),
        (plane_of(None, [0, 0, 1]), 1),
        (plane_of(AXIAL, None), 1),
        (plane_of(AXIAL, [0, 0]), 1),
        (plane_of([1, 0, 0, 0, 1], [0, 0, 1]), 1),
        (plane_of([1, 0, 0, 0.7, 0.7, 0], [0, 0, 1]), 1),
        (plane_of([0.5, 0, 0, 0, 1, 0], [0, 0, 1]), 1),
        # The position of the first frame is no one else's.
        (plane_of(AXIAL, [0, 0, 1]), 3),
        (frames_of([[0, 0, 1], [0, 0, 2]], [AXIAL]), 3),
        (frames_of([[0, 0, 1], None], [AXIAL]), 2),
        (frames_of([[0, 0, 1], [0, 0, 2]], [AXIAL, SAGITTAL]), 2),
        (frames_of([[0, 0, 1], [0, 0, 2]], [None]), 2),
    ],
    ids=[
        "no header",
        "no orientation",
        "no position",
        "two coordinates",
        "five cosines",
        "oblique axes",
        "no unit vector",
        "classic multi-frame",
        "too few frames",
        "a frame without one",
        "frames turned to each other",
        "no orientation of frames",
    ],
)
def test_what_is_not_said_of_every_frame_is_not_known(
    data_set: Dataset, frame_count: int
) -> None:
    assert read_plane(data_set, frame_count=frame_count) is None


def test_slice_location_is_no_position() -> None:
    data_set = plane_of(AXIAL, None)
    data_set.SliceLocation = 12.5
    assert read_plane(data_set, frame_count=1) is None


def test_a_frame_of_reference_that_is_no_uid_is_none() -> None:
    data_set = plane_of(AXIAL, [0, 0, 1])
    data_set.FrameOfReferenceUID = "not a uid"
    found = read_plane(data_set, frame_count=1)
    assert found is not None
    assert found.frame_of_reference_uid == ""
