"""Whole films made anew: through a generator-like decoder, or off a screen."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.training.forge.edits import _to_type

Float2D = NDArray[np.float32]


def resynthesise_image(film: NDArray[Any], seed: int) -> NDArray[Any]:
    """Return the film after a latent round trip: the same picture, a decoder's traces.

    Encoder: two Haar levels whose details pass a dead zone, wider at the finest, so
    that what does not stand out of the grain is lost. Decoder: stride-2 transposed
    convolutions of width 3 (whose uneven overlap gives the known checkerboard; Odena
    et al., Distill 2016) with kernels that are off the perfect ones by a few per cent,
    as learned ones are.
    """
    rng = np.random.default_rng(seed)
    work = film.astype(np.float32)
    low, span = float(work.min()), float(np.ptp(work)) or 1.0
    unit = (work - low) / span
    rows, columns = unit.shape
    padded = cv2.copyMakeBorder(
        unit, 0, -rows % 4, 0, -columns % 4, cv2.BORDER_REFLECT_101
    )
    made = _round_trip(np.asarray(padded, dtype=np.float32), 2, rng)[:rows, :columns]
    return _to_type(made * span + low, film)


def photograph_screen(luma: NDArray[np.float32], seed: int) -> NDArray[np.uint8]:
    """Return a photograph, (rows, columns, 3) 8-bit RGB, of the film shown on a screen.

    Screen pixels beat with the camera's (moire), the camera stands askew, light falls
    off to the corners, and the phone wrote a JPEG before the picture was saved again.
    luma: 0..1, 0 = black.
    """
    rng = np.random.default_rng(seed)
    scale = min(1.0, 1280 / max(luma.shape))
    shown = cv2.resize(luma, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    screen = np.repeat(shown[..., None], 3, axis=2) * _moire(shown.shape, rng)
    photo = _view_askew(screen.astype(np.float32), rng)
    photo = np.asarray(cv2.GaussianBlur(photo, (0, 0), 0.8), dtype=np.float32)
    photo *= _vignette(photo.shape)[..., None]
    photo = photo * np.array([0.96, 1.0, 1.03], dtype=np.float32) + 0.02
    photo += rng.normal(0, 0.008, photo.shape).astype(np.float32)
    grey = np.clip(photo, 0, 1) ** rng.uniform(0.85, 1.1)
    camera = np.rint(grey * 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", camera[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82])
    decoded = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)
    return decoded[..., ::-1]


def _round_trip(unit: Float2D, levels: int, rng: np.random.Generator) -> Float2D:
    """Return `unit` (sides divisible by 2**levels) encoded and decoded."""
    if levels == 0:
        return unit
    a, b = unit[0::2, 0::2], unit[0::2, 1::2]
    c, d = unit[1::2, 0::2], unit[1::2, 1::2]
    quarter = np.float32(0.25)
    mean = _round_trip((a + b + c + d) * quarter, levels - 1, rng)
    details = (a - b + c - d, a + b - c - d, a - b - c + d)
    kept = [_dead_zone(detail * quarter, levels) for detail in details]
    made = _decode(mean, rng)
    signs = (((1, -1), (1, -1)), ((1, 1), (-1, -1)), ((1, -1), (-1, 1)))
    for detail, sign in zip(kept, signs, strict=True):
        made += np.kron(detail, np.array(sign, dtype=np.float32))
    # Decoders are trained to keep means: the coarse course of brightness is put right.
    drift = cv2.GaussianBlur(unit - made, (0, 0), 6)
    return np.asarray(made + drift, dtype=np.float32)


def _dead_zone(detail: Float2D, level: int) -> Float2D:
    spread = float(np.median(np.abs(detail))) / 0.6745
    zone = (1.6 if level == 2 else 0.6) * spread
    return (np.sign(detail) * np.maximum(np.abs(detail) - zone, 0)).astype(np.float32)


def _decode(mean: Float2D, rng: np.random.Generator) -> Float2D:
    """Return `mean` at twice its size through a transposed convolution, stride 2."""
    rows, columns = mean.shape
    spread = np.zeros((rows * 2, columns * 2), dtype=np.float32)
    spread[0::2, 0::2] = mean
    tent = np.array([0.5, 1.0, 0.5], dtype=np.float32)
    kernel = np.outer(tent, tent) * (1 + rng.normal(0, 0.015, (3, 3)))
    return np.asarray(
        cv2.filter2D(spread, -1, kernel, borderType=cv2.BORDER_REFLECT_101), np.float32
    )


def _moire(shape: tuple[int, ...], rng: np.random.Generator) -> Float2D:
    """Return the beat of the screen's sub-pixels with the camera's grid, per colour."""
    rows, columns = np.indices(shape, dtype=np.float32)
    angle = rng.uniform(0.02, 0.07)
    pitch = rng.uniform(2.2, 2.7)
    along = columns * np.cos(angle) + rows * np.sin(angle)
    across = rows * np.cos(angle) - columns * np.sin(angle)
    channels = [
        1
        + 0.07 * np.sin(2 * np.pi * (along / pitch + shift / 3))
        + 0.03 * np.sin(2 * np.pi * across / pitch)
        for shift in range(3)
    ]
    return np.stack(channels, axis=-1).astype(np.float32)


def _view_askew(screen: Float2D, rng: np.random.Generator) -> Float2D:
    rows, columns = screen.shape[:2]
    flat = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    margin = 0.06 * min(rows, columns)
    pull = rng.uniform(0.2, 1.0, (4, 2)).astype(np.float32) * margin
    inward = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(flat, flat + inward * pull)
    return np.asarray(
        cv2.warpPerspective(
            screen, turn, (columns, rows), borderValue=(0.05, 0.05, 0.05)
        ),
        dtype=np.float32,
    )


def _vignette(shape: tuple[int, ...]) -> Float2D:
    rows, columns = np.indices(shape[:2], dtype=np.float32)
    radius = np.hypot(rows / shape[0] - 0.5, columns / shape[1] - 0.5)
    return np.asarray(1 - 0.25 * radius**2, dtype=np.float32)
