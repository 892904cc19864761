"""Rules on detector and pixels: sizes, spacings, matrix."""

from __future__ import annotations

from workers.lanes.metadata.rule import (
    RADIOGRAPH_OBJECTS,
    RADIOGRAPHS,
    Detail,
    Rule,
    Subject,
)

# Detectors: the smallest intra-oral sensor is 18 mm long; the largest stitched long
# films are about 1.25 m. Half and double of it is impossible.
_SHORTEST_SIDE_MM = 9.0
_LONGEST_SIDE_MM = 2500.0
# From dental sensors (0.0075 mm) to double the coarsest plates (0.25 mm).
_PITCH_RANGE_MM = (0.007, 0.5)
_FIELD_RATIO = 1.3
# PS3.3 C.8.1.2, defined terms of Cassette Size, in mm; 25.4 mm to the inch.
_CASSETTES_MM = {
    "18CMX24CM": (180.0, 240.0),
    "8INX10IN": (203.2, 254.0),
    "24CMX30CM": (240.0, 300.0),
    "10INX12IN": (254.0, 304.8),
    "30CMX35CM": (300.0, 350.0),
    "30CMX40CM": (300.0, 400.0),
    "11INX14IN": (279.4, 355.6),
    "35CMX35CM": (350.0, 350.0),
    "14INX14IN": (355.6, 355.6),
    "35CMX43CM": (350.0, 430.0),
    "14INX17IN": (355.6, 431.8),
}
# Square pictures of the sides that image generators put out.
_GENERATED_SIDES = frozenset({256, 512, 768, 1024, 1280, 1536})


def _read_sides_mm(subject: Subject) -> tuple[float, float] | None:
    spacing = subject.pair("ImagerPixelSpacing") or subject.pair("PixelSpacing")
    if spacing is None:
        return None
    return subject.image.rows * spacing[0], subject.image.columns * spacing[1]


def _check_side(subject: Subject) -> Detail | None:
    sides_mm = _read_sides_mm(subject)
    if sides_mm is None or _SHORTEST_SIDE_MM <= max(sides_mm) <= _LONGEST_SIDE_MM:
        return None
    return {"sides_mm": [round(side, 1) for side in sides_mm]}


def _check_pitch(subject: Subject) -> Detail | None:
    pitch = subject.pair("ImagerPixelSpacing")
    low, high = _PITCH_RANGE_MM
    if pitch is None or (low <= min(pitch) and max(pitch) <= high):
        return None
    return {"imager_mm": list(pitch)}


def _check_spacing(subject: Subject) -> Detail | None:
    bad = [
        keyword
        for keyword in ("PixelSpacing", "ImagerPixelSpacing")
        if subject.text(keyword) and subject.pair(keyword) is None
    ]
    return {"unusable": bad} if bad else None


def _check_square(subject: Subject) -> Detail | None:
    pitch = subject.pair("ImagerPixelSpacing")
    if pitch is None or max(pitch) <= 1.02 * min(pitch):
        return None
    return {"imager_mm": list(pitch)}


def _check_aspect(subject: Subject) -> Detail | None:
    aspect = subject.pair("PixelAspectRatio")
    spacing = subject.pair("PixelSpacing") or subject.pair("ImagerPixelSpacing")
    if aspect is None or spacing is None:
        return None
    stated, computed = aspect[0] / aspect[1], spacing[0] / spacing[1]
    if abs(stated - computed) <= 0.02 * computed:
        return None
    return {"stated": round(stated, 3), "computed": round(computed, 3)}


def _check_field(subject: Subject) -> Detail | None:
    field = subject.pair("FieldOfViewDimensions")
    imager = subject.pair("ImagerPixelSpacing")
    if subject.code("FieldOfViewShape") != "RECTANGLE" or field is None:
        return None
    if imager is None:
        return None
    stated = max(field)
    found = max(subject.image.rows * imager[0], subject.image.columns * imager[1])
    if found <= stated * _FIELD_RATIO:
        return None
    return {"field_mm": stated, "picture_mm": round(found, 1)}


def _check_detector(subject: Subject) -> Detail | None:
    active = subject.pair("DetectorActiveDimensions")
    imager = subject.pair("ImagerPixelSpacing")
    if active is None or imager is None:
        return None
    found = max(subject.image.rows * imager[0], subject.image.columns * imager[1])
    if found <= max(active) * 1.02:
        return None
    return {"detector_mm": max(active), "picture_mm": round(found, 1)}


def _check_finer(subject: Subject) -> Detail | None:
    element = subject.pair("DetectorElementSpacing")
    imager = subject.pair("ImagerPixelSpacing")
    if element is None or imager is None or min(imager) >= 0.98 * min(element):
        return None
    return {"element_mm": min(element), "imager_mm": min(imager)}


def _check_cassette(subject: Subject) -> Detail | None:
    cassette = _CASSETTES_MM.get(subject.code("CassetteSize").replace(" ", ""))
    sides_mm = _read_sides_mm(subject)
    if cassette is None or sides_mm is None or max(sides_mm) <= 1.1 * max(cassette):
        return None
    return {"cassette_mm": max(cassette), "picture_mm": round(max(sides_mm), 1)}


def _check_rotation(subject: Subject) -> Detail | None:
    rotation = subject.number("FieldOfViewRotation")
    if rotation is None or rotation in (0, 90, 180, 270):
        return None
    return {"degrees": rotation}


def _check_generated_side(subject: Subject) -> Detail | None:
    rows, columns = subject.image.rows, subject.image.columns
    if rows != columns or rows not in _GENERATED_SIDES:
        return None
    return {"side": rows}


RULES = (
    Rule(
        "detector_size",
        "Pixel spacing times matrix gives a detector of a size no one builds.",
        0.6,
        "PS3.3 10.7.1.3, Imager Pixel Spacing (0018,1164); the makers' data sheets",
        _check_side,
        RADIOGRAPHS,
        "Stitched films of spine and legs, up to 2.5 m.",
    ),
    Rule(
        "detector_pitch",
        "No detector has pixels so fine or so coarse.",
        0.45,
        "PS3.3 10.7.1.3, Imager Pixel Spacing (0018,1164); the makers' data sheets",
        _check_pitch,
        RADIOGRAPHS,
    ),
    Rule(
        "spacing_unusable",
        "A pixel spacing is zero, negative or not two numbers.",
        0.3,
        "PS3.3 10.7.1.1 and 10.7.1.3",
        _check_spacing,
        tolerated="An early Philips drum wrote 0.000.",
    ),
    Rule(
        "pixels_not_square",
        "The detector's pixels are longer than wide.",
        0.4,
        "PS3.3 10.7.1.3; the makers' data sheets (square elements)",
        _check_square,
        RADIOGRAPHS,
        "Two hundredths, for the feed of plate readers.",
    ),
    Rule(
        "aspect_against_spacing",
        "The pixels' aspect ratio contradicts their spacing.",
        0.4,
        "PS3.3 C.7.6.3.1.7, Pixel Aspect Ratio (0028,0034)",
        _check_aspect,
    ),
    Rule(
        "field_of_view",
        "The picture is larger than the field of view the header states.",
        0.4,
        "PS3.3 C.8.11.4, Field of View Dimensions (0018,1149)",
        _check_field,
        RADIOGRAPHS,
    ),
    Rule(
        "larger_than_detector",
        "The picture is larger than the active area of its detector.",
        0.5,
        "PS3.3 C.8.11.4, Detector Active Dimensions (0018,7026)",
        _check_detector,
        RADIOGRAPHS,
        "Two hundredths, for rounding.",
    ),
    Rule(
        "finer_than_detector",
        "The picture's pixels are finer than the elements of its detector.",
        0.45,
        "PS3.3 C.8.11.4, Detector Element Spacing (0018,7022)",
        _check_finer,
        RADIOGRAPHS,
    ),
    Rule(
        "larger_than_cassette",
        "The picture is larger than the cassette that held its plate.",
        0.5,
        "PS3.3 C.8.1.2, Cassette Size (0018,1403)",
        _check_cassette,
        RADIOGRAPHS,
        "A tenth, for nominal sizes.",
    ),
    Rule(
        "rotation_not_square",
        "The field of view is rotated by other than quarter turns.",
        0.3,
        "PS3.3 C.8.11.4, Field of View Rotation (0018,7032)",
        _check_rotation,
        RADIOGRAPHS,
    ),
    Rule(
        "matrix_of_generator",
        "The matrix is a square of the size that image generators put out.",
        0.3,
        "Rombach et al., CVPR 2022 (latents of 512); Podell et al., 2023 (1024)",
        _check_generated_side,
        RADIOGRAPH_OBJECTS,
        "Published data sets are scaled to such squares.",
    ),
)
