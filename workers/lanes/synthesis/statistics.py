"""Statistics of a tile that hold at coarser scales too, where decoders also differ.

Derivative statistics over an image pyramid (shapes of their distributions, how
magnitudes go together in space, across orientation and across scale: Portilla and
Simoncelli, IJCV 2000; Mittal et al., IEEE TIP 2012), and rotation-invariant local
binary patterns (Ojala et al., IEEE TPAMI 2002). All are ratios, shares or correlations.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

_Plane = NDArray[np.float32]

_LEVELS = 4  # of the pyramid: 256, 128, 64 and 32 px
_LAGS = (2, 4, 8)
_RADII = (1, 2, 4)
_NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
_TIES = (0, 1, 2, 4, 8)
_MAX_KURTOSIS = 200.0


def _mean(values: _Plane) -> float:
    return float(cv2.mean(values)[0])


def _correlate(first: _Plane, second: _Plane) -> float:
    """Return Pearson's correlation of two planes of one shape."""
    first, second = np.ascontiguousarray(first), np.ascontiguousarray(second)
    (mean_a, std_a), (mean_b, std_b) = (
        (float(mean[0, 0]), float(std[0, 0]))
        for mean, std in (cv2.meanStdDev(first), cv2.meanStdDev(second))
    )
    product = float(np.vdot(first, second)) / first.size
    return (product - mean_a * mean_b) / (std_a * std_b + 1e-6)


def _describe(values: _Plane) -> tuple[float, list[float]]:
    """Return the deviation of `values` and five numbers of their distribution."""
    deviation = float(cv2.meanStdDev(values)[1][0, 0]) + 1e-4
    scaled = values / np.float32(deviation)
    size = np.abs(scaled)
    square = scaled * scaled
    small = int(np.count_nonzero(size < 0.25)) / size.size
    large = int(np.count_nonzero(size > 3.0)) / size.size
    skew = abs(_mean(square * scaled))
    kurtosis = float(np.vdot(square, square)) / size.size
    kurtosis = min(max(kurtosis, 1e-3), _MAX_KURTOSIS)  # 0 where the tile is flat
    return deviation, [_mean(size), small, 10 * large, skew, float(np.log(kurtosis))]


def _derivatives(plane: _Plane) -> tuple[_Plane, _Plane, _Plane]:
    """Return second derivatives across and down (one shape), and the mixed one."""
    across = plane[1:-1, 2:] + plane[1:-1, :-2] - 2 * plane[1:-1, 1:-1]
    down = plane[2:, 1:-1] + plane[:-2, 1:-1] - 2 * plane[1:-1, 1:-1]
    mixed = plane[1:-1, 1:-1] + plane[:-2, :-2] - plane[1:-1, :-2] - plane[:-2, 1:-1]
    return across, down, mixed


def _follow_brightness(plane: _Plane, magnitude: _Plane) -> list[float]:
    """Return how local noise goes with brightness and mid-tones, and its evenness.

    Quantum noise follows the exposure; a generator's grain need not.
    """
    block = 8 if plane.shape[0] > 64 else 4
    size = (plane.shape[1] // block, plane.shape[0] // block)
    noise, level = (
        np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.float32)
        for part in (magnitude, plane)
    )
    off_middle = np.abs(level - level.mean())
    return [
        abs(_correlate(noise, level)),
        abs(_correlate(noise, off_middle)),
        float(noise.std() / (noise.mean() + 1e-3)),
    ]


def _pyramid_numbers(tile: NDArray[np.uint8]) -> list[float]:
    plane: _Plane = tile.astype(np.float32)
    numbers: list[float] = []
    deviations: list[float] = []
    finer: _Plane | None = None
    for _ in range(_LEVELS):
        across, down, mixed = _derivatives(plane)
        (std_a, shape_a), (std_d, shape_d), (std_m, shape_m) = (
            _describe(part) for part in (across, down, mixed)
        )
        deviations.append(float(np.log((std_a + std_d) / 2)))
        numbers += [(a + b) / 2 for a, b in zip(shape_a, shape_d, strict=True)]
        numbers += shape_m
        numbers += [
            abs(float(np.log(std_a / std_d))),
            float(np.log(2 * std_m / (std_a + std_d))),
        ]
        root_a, root_d, root_m = (
            np.sqrt(np.abs(part)) for part in (across, down, mixed)
        )
        magnitude = root_a + root_d
        for lag in _LAGS:
            beside = _correlate(magnitude[:, lag:], magnitude[:, :-lag])
            below = _correlate(magnitude[lag:], magnitude[:-lag])
            numbers.append((beside + below) / 2)
        numbers += [
            _correlate(root_a, root_d),
            _correlate(magnitude, root_m),
            _correlate(across, down),
        ]
        if finer is not None:
            size = (finer.shape[1], finer.shape[0])
            raised = cv2.resize(magnitude, size, interpolation=cv2.INTER_LINEAR)
            numbers.append(_correlate(finer, np.asarray(raised, np.float32)))
        numbers += _follow_brightness(plane, magnitude)
        finer = magnitude
        half = (plane.shape[1] // 2, plane.shape[0] // 2)
        plane = np.asarray(
            cv2.resize(plane, half, interpolation=cv2.INTER_AREA), np.float32
        )
    return numbers + [later - before for before, later in pairwise(deviations)]


@cache
def _pattern_classes() -> NDArray[np.uint8]:
    """Return, per 8-bit pattern, the smaller count of equal bits if uniform, else 5."""
    classes = np.empty(256, np.uint8)
    for code in range(256):
        bits = [code >> place & 1 for place in range(8)]
        changes = sum(bits[place] != bits[place - 1] for place in range(8))
        classes[code] = min(sum(bits), 8 - sum(bits)) if changes <= 2 else 5
    return classes


def _shares(values: NDArray[np.uint8], size: int) -> NDArray[np.float64]:
    counts = cv2.calcHist([values], [0], None, [size], [0, size])
    return np.asarray(counts, np.float64).ravel() / values.size


def _pattern_numbers(tile: NDArray[np.uint8]) -> list[float]:
    """Return shares of local binary patterns and of ties at three radii.

    Patterns of brighter and of darker neighbours count alike, so that polarity tells
    nothing.
    """
    numbers: list[float] = []
    for radius in _RADII:
        plane = np.asarray(
            tile if radius == 1 else cv2.blur(tile, (radius, radius)), np.uint8
        )
        side = plane.shape[0]
        centre = np.ascontiguousarray(plane[radius : side - radius, radius:-radius])
        brighter, darker, ties = (np.zeros(centre.shape, np.uint8) for _ in range(3))
        for place, (row, column) in enumerate(_NEIGHBOURS):
            top, left = radius * (1 + row), radius * (1 + column)
            around = plane[top : top + centre.shape[0], left : left + centre.shape[1]]
            brighter |= (around > centre).view(np.uint8) << np.uint8(place)
            darker |= (around < centre).view(np.uint8) << np.uint8(place)
            ties += (around == centre).view(np.uint8)
        patterns = sum(
            _shares(np.asarray(cv2.LUT(code, _pattern_classes()), np.uint8), 6)
            for code in (brighter, darker)
        )
        numbers += [*(np.asarray(patterns) / 2), *_shares(ties, 9)[list(_TIES)]]
    return numbers


def coarse_statistics(tile: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the numbers of one tile, (256, 256) 8-bit levels."""
    return np.array(_pyramid_numbers(tile) + _pattern_numbers(tile))
