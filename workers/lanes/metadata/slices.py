"""Rules on CT and MR slices: geometry of the volume, physics of the resonance."""

from __future__ import annotations

import math

from workers.lanes.metadata.rule import (
    CT_SLICES,
    MR_SLICES,
    SLICES,
    Detail,
    Rule,
    Subject,
)

# Gyromagnetic ratio of the proton over 2 pi, CODATA 2018, MHz per tesla.
_PROTON_MHZ_PER_T = 42.577
_FIELD_TOLERANCE = 0.05


def _check_orientation(subject: Subject) -> Detail | None:
    cosines = subject.numbers("ImageOrientationPatient")
    if not cosines:
        return None
    if len(cosines) != 6:
        return {"values": len(cosines)}
    row, column = cosines[:3], cosines[3:]
    lengths = (math.hypot(*row), math.hypot(*column))
    dot = sum(a * b for a, b in zip(row, column, strict=True))
    if all(abs(length - 1) <= 0.01 for length in lengths) and abs(dot) <= 0.01:
        return None
    return {"lengths": [round(length, 3) for length in lengths], "dot": round(dot, 3)}


def _check_reconstruction(subject: Subject) -> Detail | None:
    diameter, spacing = (
        subject.positive("ReconstructionDiameter"),
        subject.pair("PixelSpacing"),
    )
    if diameter is None or spacing is None:
        return None
    found = max(spacing[0] * subject.image.rows, spacing[1] * subject.image.columns)
    if 0.9 * diameter <= found <= 1.5 * diameter:
        return None
    return {"diameter_mm": diameter, "picture_mm": round(found, 1)}


def _check_larmor(subject: Subject) -> Detail | None:
    field_t = subject.positive("MagneticFieldStrength")
    frequency = subject.positive("ImagingFrequency")
    if subject.code("ImagedNucleus") not in ("1H", "H", "") or field_t is None:
        return None
    # Old scanners stated the field in gauss.
    field_t = field_t / 10_000 if field_t > 100 else field_t
    if frequency is None:
        return None
    computed = field_t * _PROTON_MHZ_PER_T
    if abs(frequency - computed) <= _FIELD_TOLERANCE * computed:
        return None
    return {"stated_mhz": round(frequency, 2), "computed_mhz": round(computed, 2)}


def _check_echo(subject: Subject) -> Detail | None:
    echo, repetition = subject.positive("EchoTime"), subject.positive("RepetitionTime")
    if echo is None or repetition is None or echo <= repetition:
        return None
    return {"echo_ms": echo, "repetition_ms": repetition}


RULES = (
    Rule(
        "orientation_cosines",
        "The direction cosines of the slice are not of length one at right angles.",
        0.5,
        "PS3.3 C.7.6.2.1.1",
        _check_orientation,
        SLICES,
    ),
    Rule(
        "reconstruction_diameter",
        "Spacing times matrix is not the field that was reconstructed.",
        0.5,
        "PS3.3 C.8.2.1, Reconstruction Diameter (0018,1100)",
        _check_reconstruction,
        CT_SLICES,
        "The circle may lie inside the square or around it.",
    ),
    Rule(
        "larmor_frequency",
        "The frequency is not that of protons in the field stated.",
        0.5,
        "CODATA 2018, 42.577 MHz/T; PS3.3 C.8.3.1, (0018,0084) and (0018,0087)",
        _check_larmor,
        MR_SLICES,
        "A twentieth: nominal fields. Other nuclei are not judged.",
    ),
    Rule(
        "echo_after_repetition",
        "The echo comes after the next excitation.",
        0.4,
        "PS3.3 C.8.3.1, (0018,0080) and (0018,0081)",
        _check_echo,
        MR_SLICES,
    ),
)
