"""Each upsampler doubles a film and leaves the trace that its kind leaves."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from workers.training.forge import UPSAMPLERS, double_size, upsample_round_trip

_PERIODIC = {"nearest", "transposed-convolution", "sub-pixel-convolution"}


def draw_film(side_px: int, seed: int = 4) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    body = cv2.GaussianBlur(rng.normal(size=(side_px, side_px)), (0, 0), 24) * 20
    grain = rng.normal(size=(side_px, side_px)) * 0.02
    return np.clip(0.5 + 0.2 * body + grain, 0, 1).astype(np.float32)


def measure_period(film: NDArray[np.float32]) -> float:
    """Return how uneven the residual is over the four phases of a 2 px grid."""
    residual = np.abs(film - cv2.blur(film, (3, 3)))[8:-8, 8:-8]
    phases = [residual[row::2, column::2].mean() for row in (0, 1) for column in (0, 1)]
    return float(np.ptp(phases) / np.mean(phases))


@pytest.mark.parametrize("upsampler", UPSAMPLERS)
def test_size_doubles_and_brightness_stays(upsampler: str) -> None:
    low = draw_film(128)
    made = double_size(low, upsampler, np.random.default_rng(1))
    assert made.shape == (256, 256)
    assert made.dtype == np.float32
    assert np.array_equal(made, double_size(low, upsampler, np.random.default_rng(1)))
    coarse = cv2.resize(made, (16, 16), interpolation=cv2.INTER_AREA)
    wanted = cv2.resize(low, (16, 16), interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(coarse, wanted, atol=0.02)


@pytest.mark.parametrize("upsampler", sorted(_PERIODIC - {"nearest"}))
def test_learned_kernels_leave_a_grid_that_interpolation_does_not(
    upsampler: str,
) -> None:
    flat = np.full((128, 128), 0.5, np.float32)
    grids = [
        float(
            double_size(flat, upsampler, np.random.default_rng(seed))[8:-8, 8:-8].std()
        )
        for seed in range(4)
    ]
    assert min(grids) > 0.001
    for kind in set(UPSAMPLERS) - _PERIODIC:
        smooth = double_size(flat, kind, np.random.default_rng(1))
        assert float(smooth.std()) < 1e-5


def test_nearest_steps_every_second_pixel_and_a_film_does_not() -> None:
    low = draw_film(128)
    steps = np.abs(np.diff(double_size(low, "nearest", np.random.default_rng(1))))
    inside, across = steps[:, 0::2].mean(), steps[:, 1::2].mean()
    assert across > 1.5 * inside
    film = np.abs(np.diff(draw_film(256)))
    assert film[:, 1::2].mean() == pytest.approx(film[:, 0::2].mean(), rel=0.1)


def test_round_trip_keeps_the_film_and_draws_every_upsampler() -> None:
    film = draw_film(257)
    made = [
        upsample_round_trip(film, np.random.default_rng(seed)) for seed in range(24)
    ]
    for one in made:
        assert one.shape == (256, 256)
        assert 0 <= one.min() <= one.max() <= 1
        close = cv2.GaussianBlur(one - film[:256, :256], (0, 0), 6)
        assert float(np.abs(close).max()) < 0.05
    firsts = {int(np.random.default_rng(seed).integers(6)) for seed in range(24)}
    assert firsts == set(range(6))
    periods = [measure_period(one) for one in made]
    assert max(periods) > 10 * min(periods)


def test_an_unknown_upsampler_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'sharp'"):
        double_size(draw_film(64), "sharp", np.random.default_rng(1))
