"""What may happen to a film on its way: conditions of evaluation, alike for all."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.lanes.synthesis.features import quantise_luma
from workers.training.postprocess import MIN_SIDE_PX, recode_jpeg, resize_luma

_Luma = NDArray[np.float32]
Condition = Callable[[_Luma, np.random.Generator], NDArray[np.uint8]]

_SCREEN_PX = 1000
_SCREEN_ZOOM = 0.93


def _as_is(luma: _Luma, rng: np.random.Generator) -> NDArray[np.uint8]:
    return quantise_luma(luma)


def _jpeg_70(luma: _Luma, rng: np.random.Generator) -> NDArray[np.uint8]:
    return recode_jpeg(quantise_luma(luma), 70)


def _halve(luma: _Luma) -> _Luma:
    """Return the film at half size, or less far down where 256 px would be undercut.

    Both sides shrink alike. A film below the limit is refused, not scored: halving all
    would say how often that happens and nothing about texture.
    """
    shortest = min(luma.shape)
    scale = max(0.5, min(1.0, MIN_SIDE_PX / shortest))
    return luma if scale == 1.0 else resize_luma(luma, scale, cv2.INTER_AREA)


def _half(luma: _Luma, rng: np.random.Generator) -> NDArray[np.uint8]:
    return quantise_luma(_halve(luma))


def _half_jpeg_80(luma: _Luma, rng: np.random.Generator) -> NDArray[np.uint8]:
    return recode_jpeg(quantise_luma(_halve(luma)), 80)


def _rewindow(luma: _Luma, rng: np.random.Generator) -> NDArray[np.uint8]:
    low, high = np.percentile(luma, [3, 98])
    if high - low < 1 / 255:
        return quantise_luma(luma)  # all but blank: there is nothing to stretch
    return quantise_luma(np.clip((luma - low) / (high - low), 0, 1) ** 1.25)


def _screenshot(luma: _Luma, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Fit into a 1000 px window, then what a slightly zoomed viewer shows of it."""
    fit = min(1.0, _SCREEN_PX / max(luma.shape))
    for scale in (fit, _SCREEN_ZOOM):
        luma = resize_luma(luma, scale, cv2.INTER_LINEAR)
    return quantise_luma(luma)


def _zoom_crop(luma: _Luma, rng: np.random.Generator) -> NDArray[np.uint8]:
    rows, columns = luma.shape
    top, left = rows // 6, columns // 6
    crop = luma[top : rows - top, left : columns - left]
    return recode_jpeg(quantise_luma(resize_luma(crop, 1.5, cv2.INTER_CUBIC)), 90)


def _same_tones(luma: _Luma, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Give every film one tone curve's histogram, so that grey levels tell nothing.

    The film's own grey levels are mapped in order onto an even ramp (equalised); the
    polarity is drawn at random.
    """
    levels = quantise_luma(luma)
    counts = np.bincount(levels.ravel(), minlength=256)
    ranks = (np.cumsum(counts) - counts / 2) / levels.size
    table = np.rint(20 + 215 * ranks).astype(np.uint8)
    mapped = table[levels]
    if rng.random() < 0.5:
        mapped = 255 - mapped
    return recode_jpeg(np.asarray(mapped, np.uint8), 90)


CONDITIONS: dict[str, Condition] = {
    "as_is": _as_is,
    "jpeg_70": _jpeg_70,
    "half_size": _half,
    "half_size_jpeg_80": _half_jpeg_80,
    "rewindow": _rewindow,
    "zoom_crop_1.5": _zoom_crop,
    "screenshot": _screenshot,
    "same_tones_jpeg_90": _same_tones,
}

DESCRIPTIONS: dict[str, str] = {
    "as_is": "Nothing changed; luma in 8 bits.",
    "jpeg_70": "JPEG, quality 70.",
    "half_size": "Half size by area averaging (not below 256 px on the short side).",
    "half_size_jpeg_80": "Half size as above, then JPEG, quality 80.",
    "rewindow": "Grey levels from percentile 3 to 98 stretched, then gamma 1.25.",
    "zoom_crop_1.5": "The middle two thirds, enlarged 1.5 times, JPEG quality 90.",
    "screenshot": "Fitted into 1000 px, then shown at 0.93 (bilinear), no codec.",
    "same_tones_jpeg_90": (
        "Histogram equalised, polarity at random, JPEG quality 90: grey levels tell "
        "nothing."
    ),
}
