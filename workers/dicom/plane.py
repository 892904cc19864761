"""Where the slices of a film lie in the patient. No PHI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from workers.decode.parsing import read_element
from workers.decode.voi import read_numbers

# How far from unit length and from a right angle cosines may be: what six decimals and
# a careless device leave, and no slip of the header.
_TOLERANCE = 0.01
# Cosine of the angle that frames of one stack may be turned to each other: 0.3 degrees,
# 1 mm at 20 cm from the axis.
_SAME_DIRECTION = 1 - 1e-5
_DECIMALS_MM = 4
_LONGEST_UID = 64

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class SlicePlane:
    """How the frames of one film are stacked.

    frame_of_reference_uid: positions of films that share it are comparable; empty where
        the file names none.
    normal: unit vector through the slices, in the patient (x left, y back, z head).
    positions_mm: of each frame along the normal, in the order of the frames.
    """

    frame_of_reference_uid: str
    normal: tuple[float, float, float]
    positions_mm: tuple[float, ...]


def read_plane(data_set: Dataset, *, frame_count: int) -> SlicePlane | None:
    """Return where the frames lie, or None where the file does not say it of all.

    SPEC PS3.3 C.7.6.2.1.1: Image Position is the centre of the first pixel in mm, and
    the direction cosines of row and column are unit vectors at a right angle. Slice
    Location is not read: its origin is unspecified (C.7.6.2.1.2).
    """
    frames = _list_frames(data_set, frame_count)
    if not frames:
        return None
    placed = [_place(orientation, position) for orientation, position in frames]
    known = [place for place in placed if place is not None]
    if len(known) != len(frames):
        return None
    normal = known[0][0]
    # Frames that are turned to each other have no order along one line.
    if any(float(normal @ other) < _SAME_DIRECTION for other, _ in known):
        return None
    along = [round(float(normal @ corner), _DECIMALS_MM) for _, corner in known]
    x, y, z = (float(part) for part in normal)
    return SlicePlane(
        frame_of_reference_uid=_read_uid(data_set),
        normal=(x, y, z),
        positions_mm=tuple(along),
    )


def _list_frames(
    data_set: Dataset, frame_count: int
) -> list[tuple[list[float], list[float]]]:
    """Return orientation and position of each frame, as the file has them."""
    groups = read_element(data_set, "PerFrameFunctionalGroupsSequence")
    if not isinstance(groups, Sequence) or not groups:
        if frame_count != 1:
            return []
        return [_read_numbers_of(data_set, data_set)]
    if len(groups) != frame_count:
        return []
    shared = _first(read_element(data_set, "SharedFunctionalGroupsSequence"))
    common = _first(read_element(shared, "PlaneOrientationSequence"))
    frames = []
    for group in groups:
        own = _first(read_element(group, "PlaneOrientationSequence"))
        place = _first(read_element(group, "PlanePositionSequence"))
        frames.append(_read_numbers_of(own if len(own) else common, place))
    return frames


def _read_numbers_of(
    orientation: Dataset, position: Dataset
) -> tuple[list[float], list[float]]:
    return (
        read_numbers(orientation, "ImageOrientationPatient"),
        read_numbers(position, "ImagePositionPatient"),
    )


def _first(value: Any) -> Dataset:
    """Return the first item of a sequence; an empty one where there is none."""
    return value[0] if isinstance(value, Sequence) and value else Dataset()


def _place(cosines: list[float], corner: list[float]) -> tuple[Vector, Vector] | None:
    """Return the normal and the corner of a frame, or None if they make no plane."""
    if len(cosines) != 6 or len(corner) != 3:
        return None
    row, column = np.array(cosines[:3]), np.array(cosines[3:])
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if any(abs(float(length) - 1) > _TOLERANCE for length in lengths):
        return None
    if abs(float(row @ column)) > _TOLERANCE:
        return None
    normal = np.cross(row, column)
    return normal / np.linalg.norm(normal), np.array(corner)


def _read_uid(data_set: Dataset) -> str:
    text = str(read_element(data_set, "FrameOfReferenceUID") or "").strip()
    return text if len(text) <= _LONGEST_UID and UID(text).is_valid else ""
