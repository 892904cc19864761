"""Sixty plain numbers of a thumbnail: how contrast, edges and grey levels lie in it.

Chosen for what sets a projection of X-rays apart: everything is a sum of shadows, so
edges are soft, most contrast is coarse, and the rim is often empty. The numbers do not
change when the film is flipped or turned by a right angle; they do change with polarity
(`ContentCheck` asks both).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

CONTENT_FEATURE_VERSION = "thumbnail_v1"
THUMBNAIL_PX = 128
_LEAST_SIDE_PX = 16
_BLOCK_PX = 8
_SHARES = (25, 50, 75, 90, 95, 99)

_Plane = NDArray[np.float32]
_Numbers = dict[str, float]


def make_thumbnail(luma: _Plane) -> _Plane:
    """Return `luma` with the longer side brought down to 128 px, 0..1, float32.

    The shorter side is at least 16 px, so that a strip is squeezed rather than lost.
    """
    scale = min(1.0, THUMBNAIL_PX / max(luma.shape))
    rows, columns = (max(_LEAST_SIDE_PX, round(side * scale)) for side in luma.shape)
    small = cv2.resize(
        luma.astype(np.float32, copy=False),
        (columns, rows),
        interpolation=cv2.INTER_AREA,
    )
    return np.clip(np.asarray(small, np.float32), 0.0, 1.0)


def _blur(plane: _Plane, sigma_px: float) -> _Plane:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma_px), np.float32)


def _block_means(plane: _Plane) -> _Plane:
    rows, columns = (max(2, side // _BLOCK_PX) for side in plane.shape)
    small = cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _correlation(first: _Plane, second: _Plane) -> float:
    a, b = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum())) + 1e-6
    return float((a * b).sum()) / scale


def _contrast_numbers(plane: _Plane) -> _Numbers:
    """Contrast per octave: its share, how peaked it is, how unevenly it lies."""
    numbers: _Numbers = {}
    total, before = float(plane.std()) + 1e-3, plane
    for octave, sigma_px in enumerate((1.0, 2.0, 4.0, 8.0, 16.0)):
        after = _blur(plane, sigma_px)
        band, before = before - after, after
        spread = float(band.std()) + 1e-4
        numbers[f"band_{octave}"] = float(np.log(spread / total))
        fourth = float((band**4).mean()) / spread**4
        numbers[f"band_{octave}_peaked"] = float(np.log(fourth + 1e-3))
        if octave < 3:
            local = _blur(band * band, 2 * sigma_px + 2)
            low, middle, high = np.percentile(local, (10, 50, 90)) + 1e-6
            numbers[f"band_{octave}_middle"] = float(np.log(middle / high))
            numbers[f"band_{octave}_low"] = float(np.log(low / high))
    return numbers


def _edge_numbers(plane: _Plane) -> _Numbers:
    """Strength and direction of edges, and where they lie."""
    smooth = _blur(plane, 1.0)
    across = np.asarray(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), np.float32) / 8
    down = np.asarray(cv2.Sobel(smooth, cv2.CV_32F, 0, 1), np.float32) / 8
    strength = np.hypot(across, down) + np.float32(1e-6)
    ranks = np.percentile(strength, _SHARES)
    numbers = {
        f"edge_p{share}": float(np.log(rank + 1e-3))
        for share, rank in zip(_SHARES, ranks, strict=True)
    }
    turns = strength * np.exp(1j * np.arctan2(down, across))
    total = float(strength.sum())
    for fold in (2, 4):
        aligned = np.abs((strength * (turns / strength) ** fold).sum())
        numbers[f"edge_fold_{fold}"] = float(aligned) / total
    planes = (across**2, down**2, across * down)
    a, b, c = (_blur(np.asarray(p, np.float32), 2.0) for p in planes)
    line = np.sqrt((a - b) ** 2 + 4 * c**2)
    numbers["edge_line"] = float(line.sum() / ((a + b).sum() + 1e-6))
    grid = cv2.resize(strength, (8, 8), interpolation=cv2.INTER_AREA)
    grid = grid / grid.mean()
    numbers["edge_uneven"] = float(grid.std())
    numbers["edge_emptiest"] = float(grid.min())
    numbers["edge_level"] = _correlation(plane, strength)
    return numbers


def _tone_numbers(plane: _Plane) -> _Numbers:
    """How grey levels are distributed."""
    shares = np.histogram(plane, 16, (0.0, 1.0))[0] / plane.size
    spread = float(plane.std()) + 1e-3
    centred = plane - plane.mean()
    return {
        "tone_entropy": float(-(shares * np.log(shares + 1e-6)).sum()),
        "tone_skew": float((centred**3).mean()) / spread**3,
        "tone_peaked": float((centred**4).mean()) / spread**4,
        "tone_spread": spread,
        "tone_middle": float(((plane > 0.25) & (plane < 0.75)).mean()),
        "tone_dark": float((plane < 0.03).mean()),
        "tone_bright": float((plane > 0.97).mean()),
        "tone_rough": float(np.abs(np.diff(shares, 2)).sum()),
    }


def _layout_numbers(plane: _Plane) -> _Numbers:
    """Symmetry, and how the rim differs from the middle."""
    rows, columns = plane.shape
    coarse = cv2.resize(plane, (8, 8), interpolation=cv2.INTER_AREA)
    coarse = np.asarray(coarse - coarse.mean(), np.float32)
    power = float((coarse**2).sum()) + 1e-4
    mirrored = [
        float((coarse * np.flip(coarse, axis)).sum()) / power for axis in (0, 1)
    ]
    rim = np.concatenate(
        [
            plane[:3].ravel(),
            plane[-3:].ravel(),
            plane[:, :3].ravel(),
            plane[:, -3:].ravel(),
        ]
    )
    middle = plane[rows // 4 : rows - rows // 4, columns // 4 : columns - columns // 4]
    return {
        "layout_symmetry": max(mirrored),
        "layout_asymmetry": min(mirrored),
        "layout_rim_spread": float(rim.std()),
        "layout_rim": float(rim.mean()),
        "layout_middle": float(middle.mean() - rim.mean()),
        "layout_middle_spread": float(middle.std()),
    }


def _pattern_numbers(plane: _Plane) -> _Numbers:
    """The ten rotation-invariant local binary patterns (Ojala et al., 2002)."""
    smooth = _blur(plane, 0.8)
    rows, columns = smooth.shape
    centre = smooth[1:-1, 1:-1] + np.float32(0.01)
    ring = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))
    bits = np.stack(
        [smooth[r : rows - 2 + r, c : columns - 2 + c] > centre for r, c in ring]
    )
    changes = (bits != np.roll(bits, 1, axis=0)).sum(axis=0)
    codes = np.where(changes <= 2, bits.sum(axis=0), 9)
    shares = np.bincount(codes.ravel(), minlength=10) / codes.size
    return {f"pattern_{i}": float(np.log(v + 1e-3)) for i, v in enumerate(shares)}


def _detail_numbers(plane: _Plane) -> _Numbers:
    """Sharpness block by block, and how many bright and dark spots there are."""
    soft, softer = _blur(plane, 1.0), _blur(plane, 4.0)
    fine, coarse = (
        _block_means(np.abs(plane - soft)),
        _block_means(np.abs(soft - softer)),
    )
    sharp = np.log((fine + np.float32(0.002)) / (coarse + np.float32(0.004)))
    low, middle, high = np.percentile(sharp, (5, 50, 95))
    numbers = {
        "sharp_p5": float(low),
        "sharp_p50": float(middle),
        "sharp_p95": float(high),
        "sharp_coarse": _correlation(sharp, np.log(coarse + np.float32(0.004))),
    }
    kernel = np.ones((3, 3), np.uint8)
    for name, sigma_px in (("small", 1.5), ("large", 3.0)):
        smooth = _blur(plane, sigma_px)
        rise = smooth - _blur(smooth, 2 * sigma_px)
        tops = int(((smooth >= cv2.dilate(smooth, kernel)) & (rise > 0.01)).sum())
        pits = int(((smooth <= cv2.erode(smooth, kernel)) & (rise < -0.01)).sum())
        numbers[f"spots_{name}"] = float(np.log((tops + pits + 1) / plane.size * 1e3))
        numbers[f"spots_{name}_bright"] = float(np.log((tops + 1) / (pits + 1)))
    return numbers


def _describe(thumbnail: _Plane) -> _Numbers:
    low, high = np.percentile(thumbnail, (1, 99))
    plane = (thumbnail - np.float32(low)) / np.float32(max(float(high - low), 1e-3))
    plane = np.clip(plane, 0.0, 1.0).astype(np.float32)
    return {
        **_contrast_numbers(plane),
        **_edge_numbers(plane),
        **_tone_numbers(plane),
        **_layout_numbers(plane),
        **_pattern_numbers(plane),
        **_detail_numbers(plane),
    }


def content_features(thumbnail: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the numbers of one thumbnail (`make_thumbnail`), float64, -20..20."""
    numbers = np.array(list(_describe(thumbnail).values()), np.float64)
    return np.clip(np.nan_to_num(numbers), -20.0, 20.0)


def content_feature_names() -> tuple[str, ...]:
    """Return the names of the numbers, in their order."""
    return tuple(_describe(np.zeros((32, 32), np.float32)))
