"""The map of a film: where it lies, when it may be trusted, when it tells no place."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.pure.lanes.test_synthesis import make_film
from workers.lanes.synthesis.counterfactual import check_counterfactual
from workers.lanes.synthesis.features import TILE_PX, quantise_luma
from workers.lanes.synthesis.lane import DEFAULT_MODELS_DIR, MODEL_NAME
from workers.lanes.synthesis.maps import draw_maps, measure_stability, place_finding
from workers.lanes.synthesis.scorer import TileScores
from workers.lanes.synthesis.tiles import MIN_CONTENT, TileGrid, content_map, plan_grid
from workers.model_card import ModelCard, PlattCalibration, load_card

PLAIN = PlattCalibration(slope=1.0, intercept=0.0)


@pytest.fixture(scope="module")
def card() -> ModelCard:
    """Return the shipped card with a calibration and a threshold of round numbers."""
    shipped = load_card(DEFAULT_MODELS_DIR, MODEL_NAME)
    return replace(
        shipped, calibration=PLAIN, operating_points={0.01: 0.7}, default_fpr=0.01
    )


@dataclass
class StripeScorer:
    """Finds vertical stripes of a period of 4 px; counts how often it was asked."""

    calls: int = 0

    def score_tile(self, tile: NDArray[np.uint8]) -> float:
        self.calls += 1
        profile = tile.astype(np.float64).mean(axis=0)
        power = np.abs(np.fft.rfft(profile - profile.mean())) ** 2
        at = power.size // 2  # a quarter of the sampling frequency
        floor = np.median(power) + 1e-9
        return float(np.clip(np.log(power[at] / floor) - 3.0, -3.0, 6.0))

    def score_film(self, levels: NDArray[np.uint8]) -> TileScores:
        grid = plan_grid(*levels.shape, max_tiles=40)
        content = content_map(levels, grid)
        odds = np.full(grid.shape, np.nan)
        for cell in np.ndindex(*grid.shape):
            if content[cell] >= MIN_CONTENT:
                odds[cell] = self.score_tile(grid.cut(levels, *cell))
        self.calls = 0
        return TileScores(grid=grid, log_odds=odds, content=content)


def striped_film(place: tuple[slice, slice], height: float = 3.0) -> NDArray[np.uint8]:
    """Return a grainy film with faint stripes in `place`."""
    levels = quantise_luma(make_film(1300, 1100)).astype(np.float64)
    stripes = height * np.sin(np.arange(1100) * np.pi / 2)
    levels[place] += stripes[place[1]]
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


CORNER = (slice(0, 320), slice(700, 1100))
EVERYWHERE = (slice(None), slice(None))


def test_stripes_in_a_corner_are_placed_there_and_the_map_is_hottest_there(
    card: ModelCard,
) -> None:
    levels, scorer = striped_film(CORNER), StripeScorer()
    scores = scorer.score_film(levels)
    placement = place_finding(scores, card)
    assert placement is not None
    assert placement.region is not None
    assert placement.region.row < 160
    assert placement.region.column > 600
    stability = np.ones(scores.grid.shape, np.float32)
    heatmap, _ = draw_maps((1300, 1100), scores, stability, PLAIN)
    row, column = np.unravel_index(heatmap.values.argmax(), heatmap.values.shape)
    assert heatmap.origin_px[0] + heatmap.spacing_px[0] * row < 400
    assert heatmap.origin_px[1] + heatmap.spacing_px[1] * column > 600


@pytest.mark.slow
def test_stripes_everywhere_or_nowhere_give_no_place(card: ModelCard) -> None:
    for levels in (striped_film(EVERYWHERE), striped_film(EVERYWHERE, 0.0)):
        placement = place_finding(StripeScorer().score_film(levels), card)
        assert placement is not None
        assert placement.region is None


def test_other_grain_costs_the_marked_place_more_than_random_ones(
    card: ModelCard,
) -> None:
    levels, scorer = striped_film(CORNER), StripeScorer()
    scores = scorer.score_film(levels)
    placement = place_finding(scores, card)
    assert placement is not None
    outcome = check_counterfactual(levels, scores, placement.hottest, scorer.score_tile)
    assert scorer.calls <= 10
    assert outcome is not None
    assert outcome.supports
    assert outcome.hot_drop > outcome.random_drop + 2.0
    assert f"{outcome.hot_drop:.1f}" in outcome.sentence
    assert set(outcome.as_detail()) >= {"hot_drop_log_odds", "random_places"}


def test_peak_below_the_threshold_is_no_place(card: ModelCard) -> None:
    scores = StripeScorer().score_film(striped_film(CORNER))
    strict = replace(card, operating_points={0.01: 0.9999})
    placement = place_finding(scores, strict)
    assert placement is not None
    assert placement.peak > placement.expected_peak
    assert placement.region is None


def test_mark_that_does_not_hang_on_fine_texture_is_refuted(card: ModelCard) -> None:
    """A scorer that looks at brightness keeps its score without texture."""

    def score_brightness(tile: NDArray[np.uint8]) -> float:
        return float(tile.mean()) / 20.0 - 6.0

    levels = quantise_luma(make_film(1300, 1100))
    grid = plan_grid(1300, 1100, max_tiles=40)
    odds = np.array(
        [score_brightness(grid.cut(levels, *c)) for c in np.ndindex(grid.shape)]
    )
    content = np.ones(grid.shape, np.float32)
    scores = TileScores(grid, odds.reshape(grid.shape), content)
    hottest = np.unravel_index(scores.log_odds.argmax(), grid.shape)
    outcome = check_counterfactual(
        levels, scores, (int(hottest[0]), int(hottest[1])), score_brightness
    )
    assert outcome is not None
    assert not outcome.supports
    assert "should not be leaned on" in outcome.sentence


def test_film_of_one_tile_has_nothing_to_compare_with() -> None:
    levels = quantise_luma(make_film(TILE_PX, TILE_PX))
    scores = TileScores(
        plan_grid(TILE_PX, TILE_PX, max_tiles=1),
        np.array([[4.0]]),
        np.ones((1, 1), np.float32),
    )
    assert (
        check_counterfactual(levels, scores, (0, 0), StripeScorer().score_tile) is None
    )


def test_score_that_falls_under_a_mild_jpeg_is_not_trusted() -> None:
    """Noise of one level is rounded away by JPEG; strong grain is not."""

    def count_noise(tile: NDArray[np.uint8]) -> float:
        return 4.0 * float(cv2.Laplacian(tile, cv2.CV_32F).std()) - 6.0

    def stability_of(grain: float) -> float:
        noise = np.random.default_rng(1).normal(120, grain, (700, 700))
        levels = np.clip(np.rint(noise), 0, 255).astype(np.uint8)
        grid = plan_grid(700, 700, max_tiles=9)
        odds = np.full(grid.shape, count_noise(grid.cut(levels, 0, 0)))
        scores = TileScores(grid, odds, np.ones(grid.shape, np.float32))
        return float(measure_stability(levels, scores, count_noise, PLAIN).mean())

    assert stability_of(0.5) < 0.5
    assert stability_of(8.0) > 0.9


@pytest.mark.slow
def test_probing_is_bounded_whatever_the_number_of_tiles() -> None:
    levels, scorer = striped_film(EVERYWHERE), StripeScorer()
    scores = scorer.score_film(levels)
    assert np.isfinite(scores.log_odds).sum() > 20
    stability = measure_stability(levels, scores, scorer.score_tile, PLAIN)
    assert scorer.calls == 4
    assert stability.shape == scores.grid.shape


def test_unstable_tile_counts_less_in_the_map_than_a_stable_one() -> None:
    grid = TileGrid((0.0,), (0.0, 256.0))
    scores = TileScores(grid, np.array([[4.0, -4.0]]), np.ones((1, 2), np.float32))
    even = np.ones((1, 2), np.float32)
    shaky = np.array([[0.1, 1.0]], np.float32)
    trusted, _ = draw_maps((256, 512), scores, even, PLAIN)
    doubted, reliability = draw_maps((256, 512), scores, shaky, PLAIN)
    assert doubted.values[:, 0].max() < trusted.values[:, 0].max()
    assert reliability.values[0, 0] < reliability.values[0, -1]


def test_cells_not_scored_are_filled_in_from_their_neighbours_with_less_trust() -> None:
    grid = plan_grid(TILE_PX, 2000, max_tiles=8)
    odds = np.full(grid.shape, 3.0)
    odds[0, 3] = np.nan
    scores = TileScores(grid, odds, np.ones(grid.shape, np.float32))
    stability = np.ones(grid.shape, np.float32)
    heatmap, reliability = draw_maps((TILE_PX, 2000), scores, stability, PLAIN)
    assert np.allclose(heatmap.values, 1 / (1 + np.exp(-3.0)), atol=1e-6)
    gap = round((grid.lefts[3] + 127.5 - heatmap.origin_px[1]) / heatmap.spacing_px[1])
    assert reliability.values[0, gap] < reliability.values[0, 0]


@given(
    rows=st.integers(TILE_PX, 900),
    columns=st.integers(TILE_PX, 900),
    seed=st.integers(0, 10_000),
)
def test_any_pattern_of_judged_tiles_gives_maps_in_bounds(
    rows: int, columns: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    grid = plan_grid(rows, columns, max_tiles=20)
    odds = np.where(rng.random(grid.shape) < 0.5, rng.normal(0, 4, grid.shape), np.nan)
    odds.flat[0] = 1.0
    content = rng.random(grid.shape).astype(np.float32)
    stability = rng.random(grid.shape).astype(np.float32)
    scores = TileScores(grid, odds, content)
    heatmap, reliability = draw_maps((rows, columns), scores, stability, PLAIN)
    for plane in (heatmap.values, reliability.values):
        assert plane.dtype == np.float32
        assert np.isfinite(plane).all()
        assert 0.0 <= plane.min() <= plane.max() <= 1.0
    assert np.all((heatmap.values > 0) == (reliability.values > 0))
