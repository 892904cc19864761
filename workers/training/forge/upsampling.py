"""The ways in which generators double a picture, and a round trip through one of them.

Each leaves another trace. Interpolation has a smooth spectrum with a known fall-off;
nearest and sub-pixel convolution have a period of two pixels, and so has a transposed
convolution, whose taps overlap unevenly (Odena et al., Distill 2016; Durall et al.,
CVPR 2020).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Float2D = NDArray[np.float32]

_INTERPOLATIONS: Final = {
    "nearest": cv2.INTER_NEAREST,
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
}
TRANSPOSED, SUB_PIXEL = "transposed-convolution", "sub-pixel-convolution"
UPSAMPLERS: Final = (*_INTERPOLATIONS, TRANSPOSED, SUB_PIXEL)
# How far learned kernels lie off the perfect ones.
_KERNEL_SPREAD = 0.04


def double_size(low: Float2D, upsampler: str, rng: np.random.Generator) -> Float2D:
    """Return `low` (rows, columns) at twice its size, float32 (2 rows, 2 columns).

    upsampler: one of `UPSAMPLERS`; ValueError where it is not.  Kernels are drawn from
    `rng`, a few per cent off the perfect ones, as a generator's learned ones are.
    """
    if upsampler == TRANSPOSED:
        return _transposed(low, rng)
    if upsampler == SUB_PIXEL:
        return _sub_pixel(low, rng)
    if upsampler not in _INTERPOLATIONS:
        raise ValueError(f"no upsampler is called {upsampler!r}")
    rows, columns = low.shape
    raised = cv2.resize(
        low, (columns * 2, rows * 2), interpolation=_INTERPOLATIONS[upsampler]
    )
    # In a generator a convolution follows, which seldom leaves the picture as it is.
    return _filter(np.asarray(raised, np.float32), _spoil(_binomial(0.15), rng))


def upsample_round_trip(luma: Float2D, rng: np.random.Generator) -> Float2D:
    """Return `luma` (0..1) halved and brought back by one of the upsamplers.

    The detail that a generator would invent is noise of about the film's own energy;
    part of it goes through the upsampler, part is added behind it. Odd sides lose a
    pixel.
    """
    rows, columns = (side // 2 * 2 for side in luma.shape)
    luma = luma[:rows, :columns]
    upsampler = UPSAMPLERS[int(rng.integers(len(UPSAMPLERS)))]
    low = cv2.resize(luma, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
    lost = float((luma - cv2.GaussianBlur(luma, (0, 0), 1.0)).std())
    gain = lost * float(rng.uniform(0.2, 0.9))
    before = float(rng.uniform(0.2, 0.8))
    coarse = low + gain * before * _texture(low.shape, 0.5, rng)
    raised = double_size(np.asarray(coarse, np.float32), upsampler, rng)
    made = raised + gain * (1 - before) * _texture(luma.shape, 0.8, rng)
    return np.asarray(np.clip(made, 0.0, 1.0), np.float32)


def _binomial(side: float) -> Float2D:
    profile = np.array([side, 1 - 2 * side, side], np.float32)
    return np.outer(profile, profile)


def _spoil(kernel: Float2D, rng: np.random.Generator) -> Float2D:
    """Return the kernel with every tap a little off; its sum stays what it was."""
    spoilt = kernel * (1.0 + rng.normal(0.0, _KERNEL_SPREAD, kernel.shape))
    return np.asarray(spoilt * (kernel.sum() / spoilt.sum()), np.float32)


def _filter(picture: Float2D, kernel: Float2D) -> Float2D:
    filtered = cv2.filter2D(picture, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT)
    return np.asarray(filtered, np.float32)


def _transposed(low: Float2D, rng: np.random.Generator) -> Float2D:
    """Zero insertion and a kernel of 4 x 4: a transposed convolution of stride 2.

    What betrays it is that the kernel's four phases do not add up to the same gain.
    """
    # Padded before the zeros go in: a border mirrored afterwards would double a row.
    padded = np.pad(low, 2, mode="edge")
    spread = np.zeros((padded.shape[0] * 2, padded.shape[1] * 2), np.float32)
    spread[::2, ::2] = padded
    profile = np.array([0.25, 0.75, 0.75, 0.25], np.float32)
    raised = _filter(spread, _spoil(np.outer(profile, profile), rng))
    return np.ascontiguousarray(raised[4:-4, 4:-4])


def _sub_pixel(low: Float2D, rng: np.random.Generator) -> Float2D:
    """Four kernels of 3 x 3, one per phase, interleaved (Shi et al., CVPR 2016)."""
    raised = np.empty((low.shape[0] * 2, low.shape[1] * 2), np.float32)
    near = {0: (0.25, 0.75, 0.0), 1: (0.0, 0.75, 0.25)}
    for row, vertical in near.items():
        for column, horizontal in near.items():
            kernel = np.outer(vertical, horizontal).astype(np.float32)
            gain = 1.0 + rng.normal(0.0, _KERNEL_SPREAD / 4)
            phase = _filter(low, _spoil(kernel, rng)) * gain
            raised[row::2, column::2] = phase
    return raised


def _texture(
    shape: tuple[int, ...], sigma_px: float, rng: np.random.Generator
) -> Float2D:
    """Return blurred noise of unit standard deviation."""
    noise = cv2.GaussianBlur(
        rng.normal(0.0, 1.0, shape).astype(np.float32), (0, 0), sigma_px
    )
    return np.asarray(noise / (float(noise.std()) + 1e-6), np.float32)
