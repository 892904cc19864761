"""Random post-processing, drawn alike for real and generated pictures.

A detector that learns "JPEG means real" has learnt the collector's habits. Every
picture, whichever its label, goes through a draw from the same distribution.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

MIN_SIDE_PX = 256


class Codec(StrEnum):
    """A lossy encoder applied to the picture, or none."""

    NONE = "none"
    JPEG = "jpeg"
    JPEG_TWICE = "jpeg_twice"
    WEBP = "webp"


@dataclass(frozen=True)
class Draw:
    """One choice of post-processing.

    scale: of both sides.  window_low, window_high: luma stretched to 0..1.
    quality, first_quality: 1..100; the second is that of an earlier JPEG step.
    noise_levels: standard deviation of added noise, in 8-bit levels.
    """

    scale: float = 1.0
    interpolation: int = cv2.INTER_AREA
    gamma: float = 1.0
    window_low: float = 0.0
    window_high: float = 1.0
    inverted: bool = False
    noise_levels: float = 0.0
    codec: Codec = Codec.NONE
    quality: int = 95
    first_quality: int = 95


def draw_randomly(rng: np.random.Generator, shortest_side_px: int) -> Draw:
    """Return a draw that leaves at least MIN_SIDE_PX of `shortest_side_px`."""
    least = max(0.5, MIN_SIDE_PX / shortest_side_px)
    scale = 1.0
    if rng.random() < 0.65:
        scale = float(rng.uniform(least, 1.0))
    elif rng.random() < 0.25:
        scale = float(rng.uniform(1.0, 1.5))
    windowed = rng.random() < 0.5
    return Draw(
        scale=scale,
        interpolation=int(
            rng.choice([cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC])
        ),
        gamma=float(np.exp(rng.uniform(-0.35, 0.35))),
        window_low=float(rng.uniform(0.0, 0.12)) if windowed else 0.0,
        window_high=float(rng.uniform(0.85, 1.0)) if windowed else 1.0,
        inverted=bool(rng.random() < 0.25),
        noise_levels=float(rng.uniform(0.3, 2.0)) if rng.random() < 0.1 else 0.0,
        codec=Codec(
            rng.choice([c.value for c in Codec], p=[0.35, 0.45, 0.08, 0.12]).item()
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


def apply_draw(
    luma: NDArray[np.float32], draw: Draw, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Return 8-bit levels of `luma` (0..1) after the steps of `draw`."""
    luma = np.clip(resize_luma(luma, draw.scale, draw.interpolation), 0.0, 1.0)
    span = draw.window_high - draw.window_low
    luma = np.clip((luma - draw.window_low) / span, 0.0, 1.0) ** draw.gamma
    if draw.inverted:
        luma = 1.0 - luma
    levels = luma * 255.0
    if draw.noise_levels > 0:
        levels = levels + rng.normal(0.0, draw.noise_levels, levels.shape)
    eight_bit: NDArray[np.uint8] = np.rint(np.clip(levels, 0, 255)).astype(np.uint8)
    if draw.codec is Codec.WEBP:
        return _recode(eight_bit, ".webp", cv2.IMWRITE_WEBP_QUALITY, draw.quality)
    if draw.codec is Codec.JPEG_TWICE:
        eight_bit = recode_jpeg(eight_bit, draw.first_quality)
    if draw.codec is not Codec.NONE:
        eight_bit = recode_jpeg(eight_bit, draw.quality)
    return eight_bit
