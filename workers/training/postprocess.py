"""Random post-processing, drawn alike for real and generated pictures.

A detector that learns "JPEG means real" has learnt the collector's habits. Every
picture, whichever its label, goes through a draw from the same distribution: what a
film meets between an archive and a claim (exports, windows, messengers, screens).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

MIN_SIDE_PX = 256
_SMALLEST_SCALE = 0.4
_INTERPOLATIONS = (
    cv2.INTER_AREA,
    cv2.INTER_LINEAR,
    cv2.INTER_CUBIC,
    cv2.INTER_LANCZOS4,
)


class Codec(StrEnum):
    """A lossy encoder applied to the picture, or none."""

    NONE = "none"
    JPEG = "jpeg"
    JPEG_TWICE = "jpeg_twice"
    WEBP = "webp"


@dataclass(frozen=True)
class Draw:
    """One choice of post-processing, in the order in which it happens.

    bits: depth the film is rounded to before its tones are changed.
    scale: of both sides.  second_scale: of a second resize (a screen, a messenger).
    window_low, window_high: luma stretched to 0..1.
    sharpen: amount of unsharp masking, 1 px wide.
    noise_levels: standard deviation of added noise, in 8-bit levels.
    quality, first_quality: 1..100; the second is that of an earlier JPEG step.
    """

    bits: int = 16
    scale: float = 1.0
    interpolation: int = cv2.INTER_AREA
    second_scale: float = 1.0
    gamma: float = 1.0
    window_low: float = 0.0
    window_high: float = 1.0
    inverted: bool = False
    sharpen: float = 0.0
    noise_levels: float = 0.0
    codec: Codec = Codec.NONE
    quality: int = 95
    first_quality: int = 95


def _draw_scale(rng: np.random.Generator, shortest_side_px: int) -> float:
    least = max(_SMALLEST_SCALE, MIN_SIDE_PX / shortest_side_px)
    chance = rng.random()
    if chance < 0.35:
        return 1.0
    if chance < 0.85:
        return float(rng.uniform(min(least, 1.0), 1.0))
    return float(rng.uniform(1.0, 1.6))


def draw_randomly(rng: np.random.Generator, shortest_side_px: int) -> Draw:
    """Return a draw that leaves at least MIN_SIDE_PX of `shortest_side_px`."""
    windowed = rng.random() < 0.5
    return Draw(
        bits=int(rng.choice([8, 10, 12, 16])),
        scale=_draw_scale(rng, shortest_side_px),
        interpolation=int(rng.choice(_INTERPOLATIONS)),
        second_scale=float(rng.uniform(0.75, 1.25)) if rng.random() < 0.12 else 1.0,
        gamma=float(np.exp(rng.uniform(-0.35, 0.35))),
        window_low=float(rng.uniform(0.0, 0.12)) if windowed else 0.0,
        window_high=float(rng.uniform(0.85, 1.0)) if windowed else 1.0,
        inverted=bool(rng.random() < 0.25),
        sharpen=float(rng.uniform(0.2, 1.2)) if rng.random() < 0.1 else 0.0,
        noise_levels=float(rng.uniform(0.3, 2.0)) if rng.random() < 0.1 else 0.0,
        codec=Codec(
            rng.choice([c.value for c in Codec], p=[0.35, 0.40, 0.13, 0.12]).item()
        ),
        quality=int(rng.integers(60, 100)),
        first_quality=int(rng.integers(60, 100)),
    )


def _recode(
    levels: NDArray[np.uint8], suffix: str, option: int, quality: int
) -> NDArray[np.uint8]:
    _, payload = cv2.imencode(suffix, levels, [option, quality])
    return np.asarray(cv2.imdecode(payload, cv2.IMREAD_GRAYSCALE), np.uint8)


def recode_jpeg(levels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Return `levels` after one JPEG step."""
    return _recode(levels, ".jpg", cv2.IMWRITE_JPEG_QUALITY, quality)


def resize_luma(
    luma: NDArray[np.float32], scale: float, interpolation: int
) -> NDArray[np.float32]:
    """Return `luma` resized, never below MIN_SIDE_PX unless it was so before."""
    rows, columns = (
        max(round(side * scale), min(side, MIN_SIDE_PX)) for side in luma.shape
    )
    if (rows, columns) == luma.shape:
        return luma
    resized = cv2.resize(luma, (columns, rows), interpolation=interpolation)
    return np.asarray(resized, np.float32)


def _encode(levels: NDArray[np.uint8], draw: Draw) -> NDArray[np.uint8]:
    if draw.codec is Codec.WEBP:
        return _recode(levels, ".webp", cv2.IMWRITE_WEBP_QUALITY, draw.quality)
    if draw.codec is Codec.JPEG_TWICE:
        levels = recode_jpeg(levels, draw.first_quality)
    if draw.codec is not Codec.NONE:
        levels = recode_jpeg(levels, draw.quality)
    return levels


def apply_draw(
    luma: NDArray[np.float32], draw: Draw, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Return 8-bit levels of `luma` (0..1) after the steps of `draw`."""
    steps = float(2**draw.bits - 1)
    luma = np.rint(luma * steps) / np.float32(steps)
    for scale in (draw.scale, draw.second_scale):
        luma = np.clip(resize_luma(luma, scale, draw.interpolation), 0.0, 1.0)
    span = draw.window_high - draw.window_low
    luma = np.clip((luma - draw.window_low) / span, 0.0, 1.0) ** draw.gamma
    if draw.inverted:
        luma = 1.0 - luma
    if draw.sharpen > 0:
        luma = luma + draw.sharpen * (luma - cv2.GaussianBlur(luma, (0, 0), 1.0))
    levels = luma * 255.0
    if draw.noise_levels > 0:
        levels = levels + rng.normal(0.0, draw.noise_levels, levels.shape)
    eight_bit: NDArray[np.uint8] = np.rint(np.clip(levels, 0, 255)).astype(np.uint8)
    return _encode(eight_bit, draw)
