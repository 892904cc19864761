"""Hand-made features of one native-resolution luma tile (`tile_features_v2`).

Training and inference share this module: a model is only valid for the feature version
its card names. Nothing here sees brightness, colour, size or format of the film; every
number is a ratio, a correlation or a share, so that content and exposure say little.

Groups (sources in docs/models/synthesis.md): radial and directional power spectrum and
peaks at simple fractions of the sampling frequency, truncated co-occurrences of second-
and third-order residuals at full and half scale, residual correlations, blockiness, the
homogeneity of local noise, and statistics of coarser scales (`statistics.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from workers.lanes.synthesis.statistics import coarse_statistics

FEATURE_VERSION = "tile_features_v2"
TILE_PX = 256

_Plane = NDArray[np.float32]
_Steps = NDArray[np.int16]
_Numbers = NDArray[np.float64]

_RADIAL_BINS = 40
_SECTOR_BINS = 12
_LEVELS = 2  # co-occurrence truncation: residuals are cut to -2..2 steps
_LAGS = (1, 2, 3, 4, 6, 8)
_BLOCK_PX = 16
_MAX_RESIDUAL = 8 * 255  # of the square kernel, the widest reach of the three
# Fractions (row, column) of the sampling frequency at which decoders with strides 2, 4
# and 8 leave periodic traces.
_PEAKS = tuple(
    (a, b)
    for a, b in product((0.0, 0.125, 0.25, 0.375, 0.5), repeat=2)
    if (a, b) != (0.0, 0.0)
)
_SECOND = np.array([[1, -2, 1]], np.float32)
_THIRD = np.array([[1, -3, 3, -1]], np.float32)
_SQUARE = np.array([[-1, 2, -1], [2, -4, 2], [-1, 2, -1]], np.float32)


def quantise_luma(luma: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return `luma` (0..1) as 8-bit levels, so that bit depth cannot answer."""
    levels: NDArray[np.uint8] = np.rint(np.clip(luma, 0.0, 1.0) * 255.0).astype(
        np.uint8
    )
    return levels


def _filter(tile: NDArray[np.uint8], kernel: _Plane) -> _Steps:
    """Return the residual of `tile`: whole numbers, because kernel and levels are."""
    return np.asarray(cv2.filter2D(tile, cv2.CV_16S, kernel), np.int16)


def residual_square(tile: NDArray[np.uint8]) -> _Plane:
    """Return the 3x3 second-order residual of `tile`, same shape."""
    return np.asarray(_filter(tile, _SQUARE), np.float32)


@cache
def _canonical_triplets() -> NDArray[np.int64]:
    """Return, per triplet code 0..124, its class under sign change and reversal."""
    span = 2 * _LEVELS + 1
    classes: dict[tuple[int, ...], int] = {}
    codes = np.empty(span**3, np.int64)
    levels = range(-_LEVELS, _LEVELS + 1)
    for code, triplet in enumerate(product(levels, repeat=3)):
        negative = tuple(-value for value in triplet)
        key = min(triplet, triplet[::-1], negative, negative[::-1])
        codes[code] = classes.setdefault(key, len(classes))
    return codes


def _count(values: NDArray[Any], size: int) -> NDArray[np.float64]:
    """Return how often each of 0..size-1 occurs in `values` (8 or 16 bit, unsigned)."""
    counts = cv2.calcHist([values], [0], None, [size], [0, size])
    return np.asarray(counts, np.float64).ravel()


@dataclass(frozen=True, eq=False)
class _Residual:
    """A residual with the histogram of its magnitudes, from which ranks are read."""

    values: _Steps
    counts: NDArray[np.float64]

    @classmethod
    def of(cls, values: _Steps) -> _Residual:
        magnitude = np.abs(values).astype(np.uint16)
        return cls(values, _count(magnitude, _MAX_RESIDUAL + 1))

    def rank(self, share: float) -> float:
        """Return the smallest magnitude that `share` of all do not exceed."""
        below = np.cumsum(self.counts)
        return float(np.searchsorted(below, share * below[-1]))

    @property
    def spread(self) -> float:
        """Return a robust standard deviation, never below 8-bit rounding noise."""
        return max(1.4826 * self.rank(0.5), 0.5)

    def quantise(self, step: float) -> NDArray[np.uint8]:
        """Return steps of size `step`, cut to -2..2, as 0..4."""
        reach = np.arange(-_MAX_RESIDUAL, _MAX_RESIDUAL + 1, dtype=np.float32)
        steps = np.clip(np.rint(reach / np.float32(step)), -_LEVELS, _LEVELS)
        table = (steps + _LEVELS).astype(np.uint8)
        return np.asarray(table[self.values.astype(np.intp) + _MAX_RESIDUAL], np.uint8)

    def shape_numbers(self, step: float) -> list[float]:
        """Return how peaked and how heavy-tailed the residual is, in units of steps."""
        magnitudes = np.arange(self.counts.size)
        total = self.counts.sum()
        mean = float((self.counts * magnitudes).sum() / total) + 1e-6
        power = float((self.counts * magnitudes**2).sum() / total)
        offset = float(cv2.mean(self.values)[0])
        std = float(np.sqrt(max(power - offset**2, 0.0))) + 1e-6
        high, zeros = self.rank(0.99), float(self.counts[0] / total)
        return [mean / std, np.log(high / step + 1e-6), np.log(std / step), zeros]


def _triplets(levels: NDArray[np.uint8], axis: int) -> NDArray[np.float64]:
    """Return the shares of neighbouring triplets of `levels` along `axis`."""
    span = 2 * _LEVELS + 1
    if axis == 0:
        first, second, third = levels[:-2], levels[1:-1], levels[2:]
    else:
        first, second, third = levels[:, :-2], levels[:, 1:-1], levels[:, 2:]
    codes = (first * span + second) * span + third
    counts = _count(np.ascontiguousarray(codes, np.uint8), span**3)
    shares = np.bincount(_canonical_triplets(), weights=counts)
    return np.asarray(shares / codes.size, np.float64)


def _cooccurrences(tile: NDArray[np.uint8], *, brief: bool) -> list[_Numbers]:
    """Return co-occurrence shares and shape numbers of the residuals of `tile`."""
    parts: list[NDArray[np.float64]] = []
    shapes: list[float] = []
    steps: list[float] = []
    kernels = (_SECOND,) if brief else (_SECOND, _THIRD)
    for kernel in kernels:
        across = _Residual.of(_filter(tile, kernel))
        down = _Residual.of(_filter(tile, np.ascontiguousarray(kernel.T)))
        step = across.spread * 0.5 + down.spread * 0.5
        steps.append(step)
        level_across, level_down = across.quantise(step), down.quantise(step)
        along = _triplets(level_across, 1) + _triplets(level_down, 0)
        aside = _triplets(level_across, 0) + _triplets(level_down, 1)
        parts += [along / 2, aside / 2]
        shapes += across.shape_numbers(step)
        shapes.append(abs(float(np.log(across.spread / down.spread))))
    square = _Residual.of(_filter(tile, _SQUARE))
    step = square.spread
    steps.append(step)
    levels = square.quantise(step)
    parts.append((_triplets(levels, 0) + _triplets(levels, 1)) / 2)
    shapes += square.shape_numbers(step)
    shapes += [float(np.log(step / other)) for other in steps[:-1]]
    return [*parts, np.array(shapes)]


@cache
def _frequency_maps() -> tuple[
    NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]
]:
    """Return radial bin, sector bin (half plane of rfft2) and a Hann window."""
    rows = scipy.fft.fftfreq(TILE_PX)[:, None]
    columns = scipy.fft.rfftfreq(TILE_PX)[None, :]
    radius = np.hypot(rows, columns)
    radial = np.minimum((radius / 0.5 * _RADIAL_BINS).astype(np.int64), _RADIAL_BINS)
    angle = np.degrees(np.arctan2(np.abs(rows), columns))
    sector = np.where(angle < 15, 0, np.where(angle > 75, 1, 2))
    sector = np.where(np.abs(angle - 45) < 15, 3, sector)
    band = np.minimum((radius / 0.5 * _SECTOR_BINS).astype(np.int64), _SECTOR_BINS)
    hann = np.hanning(TILE_PX)
    window = np.asarray(np.outer(hann, hann), np.float32)
    return radial, sector * (_SECTOR_BINS + 1) + band, window


def _bin_means(
    values: NDArray[np.float32], bins: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    sums = np.bincount(bins.ravel(), weights=values.ravel(), minlength=count)
    sizes = np.bincount(bins.ravel(), minlength=count)
    return np.asarray(sums / np.maximum(sizes, 1), np.float64)


def _spectrum(tile: NDArray[np.uint8]) -> list[_Numbers]:
    """Return spectral features of the high-passed, windowed tile."""
    plane = tile.astype(np.float32)
    high_pass = plane - cv2.GaussianBlur(plane, (0, 0), 3.0)
    radial_bins, sector_bins, window = _frequency_maps()
    spectrum = scipy.fft.rfft2(high_pass * window)
    power = np.asarray(spectrum.real**2 + spectrum.imag**2, np.float32)
    log_power = np.log(power + np.float32(1.0))
    radial = _bin_means(log_power, radial_bins, _RADIAL_BINS + 1)
    level = radial[4:].mean()
    sectors = _bin_means(log_power, sector_bins, 4 * (_SECTOR_BINS + 1))
    sectors = sectors.reshape(4, -1)[:, 1:]
    balance = (sectors[0] + sectors[1]) / 2
    directions = [
        np.abs(sectors[0] - sectors[1]),
        balance - sectors[3],
        balance - sectors[2],
    ]
    peaks = []
    padded = np.pad(log_power, ((4, 4), (4, 4)), mode="reflect")
    for row_fraction, column_fraction in _PEAKS:
        row = int(row_fraction * TILE_PX)
        column = int(column_fraction * TILE_PX)
        around = padded[row : row + 9, column : column + 9]
        peaks.append(float(around[3:6, 3:6].max() - np.median(around)))
    return [radial[2:] - level, *directions, np.array(peaks)]


def _correlations(tile: NDArray[np.uint8]) -> list[float]:
    """Return normalised autocorrelations of the square residual at small lags."""
    residual = residual_square(tile)
    limit = 4.0 * _Residual.of(residual.astype(np.int16)).spread
    residual = np.clip(residual, -limit, limit)
    spectrum = scipy.fft.rfft2(residual)
    power = spectrum.real**2 + spectrum.imag**2
    lagged = scipy.fft.irfft2(power, s=residual.shape)
    lagged = lagged / (lagged[0, 0] + 1e-6)
    numbers: list[float] = []
    for lag in _LAGS:
        across, down = float(lagged[0, lag]), float(lagged[lag, 0])
        diagonal = float(lagged[lag, lag] + lagged[lag, -lag]) / 2
        numbers += [(across + down) / 2, abs(across - down), diagonal]
    numbers += [float(lagged[1, 2] + lagged[2, 1] + lagged[1, -2] + lagged[2, -1]) / 4]
    return numbers


def _blockiness(tile: NDArray[np.uint8]) -> list[float]:
    """Return strengths of 8, 4, 8/3 and 2 px periods in the differences of `tile`."""
    plane = tile.astype(np.float32)
    numbers: list[float] = []
    for axis in (0, 1):
        second = np.abs(np.diff(plane, n=2, axis=axis))
        second = np.minimum(second, 3 * (float(second.mean()) + 0.1))
        profile = second.mean(axis=1 - axis)
        length = profile.size // 8 * 8
        phases = profile[:length].reshape(-1, 8).mean(axis=0)
        phases = phases / (phases.mean() + 1e-3)
        numbers += [float(v) for v in np.abs(np.fft.rfft(phases - 1.0))[1:] / 8]
        numbers.append(float(phases.max() - np.median(phases)))
        numbers.append(float(np.median(phases) - phases.min()))
    half = len(numbers) // 2
    return [max(a, b) for a, b in zip(numbers[:half], numbers[half:], strict=True)] + [
        min(a, b) for a, b in zip(numbers[:half], numbers[half:], strict=True)
    ]


def _noise_homogeneity(tile: NDArray[np.uint8]) -> list[float]:
    """Return how unevenly noise is spread over 16 px blocks, and with brightness."""
    shape = (TILE_PX // _BLOCK_PX, _BLOCK_PX, TILE_PX // _BLOCK_PX, _BLOCK_PX)
    blocks = np.abs(residual_square(tile)).reshape(shape).mean(axis=(1, 3)).ravel()
    noise = np.log(blocks + 0.1)
    means = tile.astype(np.float32).reshape(shape).mean(axis=(1, 3)).ravel()
    low, lower, middle, upper, top = np.percentile(noise, [5, 25, 50, 75, 95])
    centred = means - means.mean()
    scale = float(np.sqrt((centred**2).sum() * ((noise - noise.mean()) ** 2).sum()))
    relation = float((centred * (noise - noise.mean())).sum()) / (scale + 1e-6)
    grid = noise.reshape(TILE_PX // _BLOCK_PX, -1)
    roughness = float(np.abs(np.diff(grid, axis=0)).mean())
    roughness += float(np.abs(np.diff(grid, axis=1)).mean())
    spread = float(noise.std())
    return [
        spread,
        float(upper - lower),
        float(top - middle),
        float(middle - low),
        abs(relation),
        roughness / (2 * spread + 1e-3),
    ]


def tile_features(tile: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the feature vector of one tile, float32, length `feature_count()`.

    tile: (256, 256) 8-bit luma levels (`quantise_luma`).
    """
    side = TILE_PX // 2
    half = np.asarray(
        cv2.resize(tile, (side, side), interpolation=cv2.INTER_AREA), np.uint8
    )
    parts = [
        *_spectrum(tile),
        *_cooccurrences(tile, brief=False),
        *_cooccurrences(half, brief=True),
        np.array(_correlations(tile)),
        np.array(_correlations(half)),
        np.array(_blockiness(tile)),
        np.array(_noise_homogeneity(tile)),
        coarse_statistics(tile),
    ]
    vector = np.concatenate(parts).astype(np.float32)
    return np.nan_to_num(vector, nan=0.0, posinf=30.0, neginf=-30.0)


@cache
def feature_count() -> int:
    """Return the length of a feature vector of this version."""
    return int(tile_features(np.zeros((TILE_PX, TILE_PX), np.uint8)).size)
