"""Rules on how the header describes the picture: colours, window, kind, overlays."""

from __future__ import annotations

import numpy as np

from workers.decode.voi import read_rescale
from workers.lanes.metadata.rule import (
    DX_OBJECTS,
    RADIOGRAPH_OBJECTS,
    RADIOGRAPHS,
    SECONDARY_CLASSES,
    SECONDARY_OBJECTS,
    Detail,
    Rule,
    Subject,
)

_VOI_FUNCTIONS = frozenset({"LINEAR", "LINEAR_EXACT", "SIGMOID"})
_LEAST_PIXELS = 100_000
# Of the 57 genuine films at hand the lowest is 0.033 (brain window, top of a head CT).
_LEAST_SHOWN_SHARE = 0.01
_EXPOSURE = ("KVP", "Exposure", "ExposureTime", "XRayTubeCurrent", "ExposureIndex")


def _check_shape(subject: Subject) -> Detail | None:
    shape = subject.code("PresentationLUTShape")
    wanted = {"MONOCHROME1": "INVERSE", "MONOCHROME2": "IDENTITY"}.get(
        subject.image.photometric
    )
    if not shape or wanted is None or shape == wanted:
        return None
    return {"photometric": subject.image.photometric, "shape": shape[:16]}


def _check_colour(subject: Subject) -> Detail | None:
    if subject.image.photometric in ("MONOCHROME1", "MONOCHROME2"):
        return None
    return {"photometric": subject.image.photometric[:16]}


def _check_window(subject: Subject) -> Detail | None:
    center, width = subject.number("WindowCenter"), subject.number("WindowWidth")
    image = subject.image
    if center is None or width is None or image.stored.ndim != 2:
        return None
    if width <= 0:
        return {"width": width}
    if "ModalityLUTSequence" in subject.header:
        return None
    slope, intercept = read_rescale(subject.header)
    ends = sorted(float(end) * slope + intercept for end in subject.extremes)
    if center + width / 2 >= ends[0] and center - width / 2 <= ends[1]:
        return None
    return {"window": [center, width], "values": ends}


def _check_window_share(subject: Subject) -> Detail | None:
    """Count the pixels between the ends of the first window, of all that differ."""
    window = _read_window(subject)
    counts = subject.histogram
    if window is None or counts.size < 3 or subject.image.stored.size < _LEAST_PIXELS:
        return None
    low, high = window
    slope, intercept = read_rescale(subject.header)
    values = (np.arange(counts.size) + subject.extremes[0]) * slope + intercept
    # The ends of the range are where padding, collimation and bare beam lie.
    inner = counts[1:-1]
    total = int(inner.sum())
    shown = int(inner[(values[1:-1] > low) & (values[1:-1] < high)].sum())
    if total == 0 or shown >= _LEAST_SHOWN_SHARE * total:
        return None
    return {"shown_share": round(shown / total, 4), "limit": _LEAST_SHOWN_SHARE}


def _read_window(subject: Subject) -> tuple[float, float] | None:
    center, width = subject.number("WindowCenter"), subject.positive("WindowWidth")
    if center is None or width is None or "ModalityLUTSequence" in subject.header:
        return None
    return center - width / 2, center + width / 2


def _check_window_count(subject: Subject) -> Detail | None:
    centers = len(subject.texts("WindowCenter"))
    widths = len(subject.texts("WindowWidth"))
    if centers == widths or not centers or not widths:
        return None
    return {"centers": centers, "widths": widths}


def _check_function(subject: Subject) -> Detail | None:
    function = subject.code("VOILUTFunction")
    return {"known": False} if function and function not in _VOI_FUNCTIONS else None


def _check_rescale(subject: Subject) -> Detail | None:
    slope, intercept = read_rescale(subject.header)
    if (slope, intercept) == (1.0, 0.0):
        return None
    return {"slope": slope, "intercept": intercept}


def _check_slope(subject: Subject) -> Detail | None:
    slope = subject.number("RescaleSlope")
    return {"slope": slope} if slope is not None and slope == 0 else None


def _check_frames(subject: Subject) -> Detail | None:
    if subject.image.frame_count == 1:
        return None
    return {"frames": subject.image.frame_count}


def _check_secondary(subject: Subject) -> Detail | None:
    if subject.sop_class not in SECONDARY_CLASSES:
        return None
    return {"conversion": subject.code("ConversionType")[:16]}


def _check_secondary_original(subject: Subject) -> Detail | None:
    kind = tuple(part.upper() for part in subject.texts("ImageType")[:2])
    stated = [keyword for keyword in _EXPOSURE if subject.positive(keyword)]
    if kind != ("ORIGINAL", "PRIMARY") or not stated:
        return None
    return {"states": stated}


def _check_converted(subject: Subject) -> Detail | None:
    conversion = subject.code("ConversionType")
    return (
        {"conversion": conversion[:16]} if conversion and subject.is_original else None
    )


def _check_kind(subject: Subject) -> Detail | None:
    parts = [part.upper() for part in subject.texts("ImageType")]
    if not parts:
        return None
    if len(parts) > 1 and parts[0] in ("ORIGINAL", "DERIVED"):
        return None if parts[1] in ("PRIMARY", "SECONDARY") else {"value": 2}
    return {"value": 1 if parts[0] not in ("ORIGINAL", "DERIVED") else 2}


def _check_original_derived(subject: Subject) -> Detail | None:
    if not subject.is_original:
        return None
    signs = [
        keyword
        for keyword in ("DerivationDescription", "DerivationCodeSequence")
        if subject.text(keyword)
    ]
    return {"attributes": signs} if signs else None


def _check_sign(subject: Subject) -> Detail | None:
    sign = subject.number("PixelIntensityRelationshipSign")
    return {"sign": sign} if sign is not None and abs(sign) != 1 else None


def _check_signed(subject: Subject) -> Detail | None:
    return {"signed": True} if subject.image.is_signed else None


def _check_overlay(subject: Subject) -> Detail | None:
    """Judge the first overlay of group 6000."""
    sides = [subject.header.get((0x6000, element)) for element in (0x0010, 0x0011)]
    numbers = [side.value for side in sides if side is not None]
    if len(numbers) != 2 or not all(isinstance(side, int) for side in numbers):
        return None
    if numbers[0] <= 2 * subject.image.rows and numbers[1] <= 2 * subject.image.columns:
        return None
    return {"overlay": numbers}


def _check_shutter(subject: Subject) -> Detail | None:
    beyond = []
    for keyword, side in (
        ("ShutterRightVerticalEdge", subject.image.columns),
        ("ShutterLowerHorizontalEdge", subject.image.rows),
    ):
        edge = subject.number(keyword)
        # Edges may lie just outside the picture (C.7.6.11); half of it is another one.
        if edge is not None and edge > 1.5 * side:
            beyond.append(keyword)
    return {"beyond": beyond} if beyond else None


TONE_RULES = (
    Rule(
        "presentation_against_photometric",
        "Presentation LUT Shape contradicts the photometric interpretation.",
        0.5,
        "PS3.3 C.8.11.3.1.2",
        _check_shape,
        tolerated="Objects without the attribute pass.",
    ),
    Rule(
        "colour_radiograph",
        "The storage class is a radiograph's, but the picture is stored in colour.",
        0.4,
        "PS3.3 C.8.1.2 and C.8.11.3, Photometric Interpretation",
        _check_colour,
        RADIOGRAPH_OBJECTS,
        "Published data sets that were converted from pictures.",
    ),
    Rule(
        "window_off_values",
        "The window lies outside the values of the picture or has no width.",
        0.5,
        "PS3.3 C.11.2.1.2",
        _check_window,
        tolerated="Films with a modality LUT are not judged.",
    ),
    Rule(
        "window_shows_little",
        "The window shows next to nothing of the picture but black and white.",
        0.4,
        "PS3.3 C.11.2.1.2",
        _check_window_share,
        tolerated="Films with a modality LUT, or of fewer than 100,000 pixels.",
    ),
    Rule(
        "window_count",
        "There are not as many window centres as widths.",
        0.4,
        "PS3.3 C.11.2.1.2 (one pair each)",
        _check_window_count,
    ),
    Rule(
        "voi_function_unknown",
        "The VOI LUT function is not one the standard defines.",
        0.25,
        "PS3.3 C.11.2.1.3",
        _check_function,
    ),
    Rule(
        "dx_rescaled",
        "A digital X-ray must not be rescaled, and this one is.",
        0.3,
        "PS3.3 C.8.11.3, Rescale Intercept 0 and Slope 1",
        _check_rescale,
        DX_OBJECTS,
    ),
    Rule(
        "rescale_slope_zero",
        "The rescale slope is zero, which makes every pixel the same.",
        0.5,
        "PS3.3 C.11.1.1.2",
        _check_slope,
    ),
    Rule(
        "intensity_sign",
        "The sign of the pixel intensity relationship is neither 1 nor -1.",
        0.4,
        "PS3.3 C.8.11.3.1.2, (0028,1041)",
        _check_sign,
    ),
    Rule(
        "dx_signed",
        "A digital X-ray must hold unsigned values, and this one holds signed ones.",
        0.4,
        "PS3.3 C.8.11.3, Pixel Representation 0000H",
        _check_signed,
        DX_OBJECTS,
    ),
)

KIND_RULES = (
    Rule(
        "several_frames",
        "The storage class allows one frame, and there are several.",
        0.5,
        "PS3.3 A.2.3 and A.26.3 (no Multi-frame module)",
        _check_frames,
        RADIOGRAPH_OBJECTS,
    ),
    Rule(
        "secondary_capture",
        "The film is a secondary capture: not what a detector wrote.",
        0.4,
        "PS3.3 A.8.1",
        _check_secondary,
        RADIOGRAPHS,
        "Published data sets; scanned films; screens.",
    ),
    Rule(
        "secondary_claims_original",
        "A secondary capture claims to be an original exposure, with its settings.",
        0.45,
        "PS3.3 A.8.1 and C.7.6.1.1.2",
        _check_secondary_original,
        SECONDARY_OBJECTS,
        "Scanners of films that were told the settings.",
    ),
    Rule(
        "original_was_converted",
        "An original exposure says that it was converted from another medium.",
        0.4,
        "PS3.3 C.7.6.1.1.2; C.8.6.1, Conversion Type (0008,0064)",
        _check_converted,
        RADIOGRAPH_OBJECTS,
    ),
    Rule(
        "image_type_form",
        "The image type does not say original or derived, primary or secondary.",
        0.25,
        "PS3.3 C.7.6.1.1.2",
        _check_kind,
        tolerated="Fuji's computed radiography of the 1990s wrote both in one value.",
    ),
    Rule(
        "original_with_derivation",
        "An original tells how it was derived.",
        0.35,
        "PS3.3 C.7.6.1.1.2; C.12.4, (0008,2111) and (0008,9215)",
        _check_original_derived,
        tolerated="References to source images alone pass: CT scanners name scouts.",
    ),
    Rule(
        "overlay_larger",
        "An overlay is far larger than the picture it lies on.",
        0.3,
        "PS3.3 C.9.2, (60xx,0010) and (60xx,0011)",
        _check_overlay,
    ),
    Rule(
        "shutter_outside",
        "The display shutter belongs to a larger picture.",
        0.4,
        "PS3.3 C.7.6.11, (0018,1604) and (0018,1608)",
        _check_shutter,
        tolerated="Edges just outside the picture pass.",
    ),
)
