"""What may happen to a film on its way: conditions of evaluation, alike for all."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.lanes.synthesis.features import quantise_luma
from workers.training.postprocess import recode_jpeg, resize_luma

_Luma = NDArray[np.float32]
Condition = Callable[[_Luma, np.random.Generator], NDArray[np.uint8]]


def _as_is(luma: _Luma, rng: np.random.Generator) -> NDArray[np.uint8]:
    return quantise_luma(luma)


def _jpeg_70(luma: _Luma, rng: np.random.Generator) -> NDArray[np.uint8]:
    return recode_jpeg(quantise_luma(luma), 70)


def _half_jpeg_80(luma: _Luma, rng: np.random.Generator) -> NDArray[np.uint8]:
    half = resize_luma(luma, 0.5, cv2.INTER_AREA)
    return recode_jpeg(quantise_luma(half), 80)


def _zoom(luma: _Luma, rng: np.random.Generator) -> NDArray[np.uint8]:
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
    "half_size_jpeg_80": _half_jpeg_80,
    "zoom_crop_1.5_jpeg_90": _zoom,
    "same_tones_jpeg_90": _same_tones,
}
