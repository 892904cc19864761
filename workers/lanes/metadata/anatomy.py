"""Rules on side, view and body part, against each other and the pixels."""

from __future__ import annotations

import re

import numpy as np

from workers.lanes.metadata.rule import (
    GENERAL_RADIOGRAPHS,
    MAMMOGRAMS,
    RADIOGRAPHS,
    Detail,
    Rule,
    Scope,
    Subject,
)

_SIDES = frozenset({"L", "R", "U", "B"})
# PS3.3 C.7.6.1.1.1: letters of one direction, the main one first.
_DIRECTION = re.compile(r"[APRLHF]{1,3}")
_AXES = {"A": 0, "P": 0, "L": 1, "R": 1, "H": 2, "F": 2}
# Frontal views show left and right; lateral ones front and back.
_FRONTAL = frozenset({"PA", "AP"})
_LATERAL = frozenset({"LL", "RL"})
_TRUNK = frozenset(
    {"CHEST", "ABDOMEN", "PELVIS", "SKULL", "HEAD", "CSPINE", "TSPINE", "LSPINE"}
    | {"SPINE", "RIB", "THORAX"}
)
# PS3.16 CID 4014 by their short names; C.8.11.7.
_BREAST_VIEWS = frozenset(
    {"CC", "MLO", "ML", "LM", "LMO", "SIO", "ISO", "FB", "XCC", "XCCL", "XCCM", "CV"}
    | {"TAN", "AT", "SPECIMEN", "RL", "RM", "RI", "RS"}
)
_MG_PARTS = frozenset({"BREAST", "SPECIMEN", "AXILLA", "PHANTOM"})
_DENTAL_PARTS = frozenset(
    {
        "TEETH", "TOOTH", "JAW", "MAXILLA", "MANDIBLE", "HEAD", "SKULL", "FACE",
        "DENTAL", "JAWREGION", "MOUTH", "TMJ", "TMJOINT", "FACIALBONES",
    }
)  # fmt: skip
_DENTAL = Scope("dental films (IO, PX)", frozenset({"IO", "PX"}))
# Mean of one half over the other: a breast fills the half at its chest wall.
_HALF_RATIO = 3.0


def _check_sides(subject: Subject) -> Detail | None:
    series, image = subject.code("Laterality"), subject.code("ImageLaterality")
    if {series, image} != {"L", "R"}:
        return None
    return {"differ": True}


def _check_side_values(subject: Subject) -> Detail | None:
    bad = [
        keyword
        for keyword in ("Laterality", "ImageLaterality")
        if (side := subject.code(keyword)) and side not in _SIDES
    ]
    return {"unknown": bad} if bad else None


def _is_direction(text: str) -> bool:
    return _DIRECTION.fullmatch(text) is not None and len(set(text)) == len(text)


def _read_directions(subject: Subject) -> tuple[str, str] | None:
    parts = tuple(part.upper() for part in subject.texts("PatientOrientation"))
    return (parts[0], parts[1]) if len(parts) == 2 and all(parts) else None


def _check_directions(subject: Subject) -> Detail | None:
    parts = [part.upper() for part in subject.texts("PatientOrientation") if part]
    if not parts:
        return None
    if len(parts) != 2 or not all(_is_direction(part) for part in parts):
        return {"malformed": True}
    row, column = parts
    return {"same_axis": True} if _AXES[row[0]] == _AXES[column[0]] else None


def _check_view_direction(subject: Subject) -> Detail | None:
    view, directions = subject.code("ViewPosition"), _read_directions(subject)
    if subject.code("BodyPartExamined") not in _TRUNK:
        return None
    if directions is None or not all(map(_is_direction, directions)):
        return None
    axes = {_AXES[part[0]] for part in directions}
    missing = 1 if view in _FRONTAL else 0 if view in _LATERAL else None
    if missing is None or missing in axes:
        return None
    return {"view": view, "shows": "front and back" if missing else "left and right"}


def _check_breast_part(subject: Subject) -> Detail | None:
    part = subject.code("BodyPartExamined")
    return {"fits": False} if part and part not in _MG_PARTS else None


def _check_dental_part(subject: Subject) -> Detail | None:
    part = subject.code("BodyPartExamined").replace(" ", "")
    return {"fits": False} if part and part not in _DENTAL_PARTS else None


def _check_breast_view(subject: Subject) -> Detail | None:
    view = subject.code("ViewPosition")
    return {"view": view} if view in _FRONTAL | {"LL", "LLD", "RLD"} else None


def _check_other_view(subject: Subject) -> Detail | None:
    view = subject.code("ViewPosition")
    if view not in {"CC", "MLO", "XCCL", "XCCM", "LMO"}:
        return None
    return {"view": view}


def _check_organ(subject: Subject) -> Detail | None:
    organ = subject.code("OrganExposed")
    return {"fits": False} if organ and organ != "BREAST" else None


def measure_halves(luma: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    """Return how much brighter the left half is than the right one, as a ratio."""
    middle = luma.shape[1] // 2
    left, right = (
        float(half.mean(dtype=np.float64)) + 1e-3
        for half in (luma[:, :middle], luma[:, middle:])
    )
    return left / right


def _check_chest_wall(subject: Subject) -> Detail | None:
    """PS3.3 C.7.6.1.1.1: the first direction is that of the rows, from left to right.

    Toward A(nterior) the chest wall, and with it the breast, is at the left edge.
    """
    directions = _read_directions(subject)
    if directions is None or directions[0][0] not in "AP":
        return None
    if subject.code("ViewPosition") not in ("CC", "MLO"):
        return None
    ratio = measure_halves(subject.image.luma)
    wall_ratio = ratio if directions[0][0] == "A" else 1 / ratio
    if wall_ratio >= 1 / _HALF_RATIO:
        return None
    return {"wall_over_other_half": round(wall_ratio, 3)}


def _check_positioner(subject: Subject) -> Detail | None:
    positioner = subject.code("PositionerType")
    is_mammogram = subject.modality == "MG"
    if not positioner or (positioner in ("MAMMOGRAPHIC", "NONE")) == is_mammogram:
        return None
    if positioner == "NONE":
        return None
    return {"positioner": positioner[:16], "modality": subject.modality}


RULES = (
    Rule(
        "sides_differ",
        "Series and image name different sides of the body.",
        0.6,
        "PS3.3 C.7.3.1, Laterality (0020,0060); C.7.6.1, Image Laterality (0020,0062)",
        _check_sides,
    ),
    Rule(
        "side_unknown",
        "The side is not one of the values that the standard has.",
        0.25,
        "PS3.3 C.7.3.1, (0020,0060); C.8.11.2, (0020,0062)",
        _check_side_values,
        tolerated="Devices that write words.",
    ),
    Rule(
        "directions_malformed",
        "The directions of rows and columns are none, or lie along the same axis.",
        0.4,
        "PS3.3 C.7.6.1.1.1, Patient Orientation (0020,0020)",
        _check_directions,
        RADIOGRAPHS,
    ),
    Rule(
        "view_against_directions",
        "Directions of rows and columns cannot be those of the view stated.",
        0.35,
        "PS3.3 C.7.6.1.1.1; C.8.11.5, View Position (0018,5101)",
        _check_view_direction,
        GENERAL_RADIOGRAPHS,
        "Limbs, which have directions of their own, are not judged.",
    ),
    Rule(
        "part_not_breast",
        "A mammogram names a part of the body other than the breast.",
        0.45,
        "PS3.3 C.8.11.7; PS3.16 L, Body Part Examined (0018,0015)",
        _check_breast_part,
        MAMMOGRAMS,
    ),
    Rule(
        "part_not_dental",
        "A dental film names a part of the body other than jaw and teeth.",
        0.45,
        "PS3.3 C.8.11.8 and C.8.11.9; PS3.16 L, Body Part Examined (0018,0015)",
        _check_dental_part,
        _DENTAL,
    ),
    Rule(
        "organ_not_breast",
        "A mammogram exposed an organ other than the breast.",
        0.45,
        "PS3.3 C.8.11.7, Organ Exposed (0040,0318): BREAST",
        _check_organ,
        MAMMOGRAMS,
    ),
    Rule(
        "view_not_of_breast",
        "A mammogram names a view of the trunk.",
        0.45,
        "PS3.3 C.8.11.7; PS3.16 CID 4014",
        _check_breast_view,
        MAMMOGRAMS,
    ),
    Rule(
        "view_of_breast",
        "A general radiograph names a view of mammography.",
        0.45,
        "PS3.3 C.8.11.5; PS3.16 CID 4010 and CID 4014",
        _check_other_view,
        GENERAL_RADIOGRAPHS,
    ),
    Rule(
        "chest_wall_on_other_side",
        "The breast lies at the edge away from the chest wall that the header states.",
        0.4,
        "PS3.3 C.7.6.1.1.1, Patient Orientation (0020,0020); C.8.11.7",
        _check_chest_wall,
        MAMMOGRAMS,
        "Unless the wrong half is three times as bright.",
    ),
    Rule(
        "positioner_of_other_modality",
        "The positioner belongs to mammography and the film does not, or the reverse.",
        0.5,
        "PS3.3 C.8.11.5 and C.8.11.7, Positioner Type (0018,1508)",
        _check_positioner,
        RADIOGRAPHS,
    ),
)
