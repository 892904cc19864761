"""Which tiles of a film are judged: where texture is, and spread over the film."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from workers.lanes.synthesis.features import TILE_PX
from workers.lanes.synthesis.tiles import (
    MIN_CONTENT,
    choose_cells,
    content_map,
    plan_grid,
    tile_content,
)


def make_grain(rows: int, columns: int, *, sigma: float = 3.0) -> NDArray[np.uint8]:
    """Return mid-grey levels with grain of `sigma` levels."""
    grain = np.random.default_rng(0).normal(110, sigma, (rows, columns))
    return np.clip(np.rint(grain), 0, 255).astype(np.uint8)


def test_flat_tile_has_no_content_and_grain_has_all() -> None:
    assert tile_content(np.full((TILE_PX, TILE_PX), 90, np.uint8)) == 0.0
    assert tile_content(make_grain(TILE_PX, TILE_PX)) == 1.0


def test_letters_burned_into_padding_are_no_content_but_grain_under_them_is() -> None:
    def write(ground: NDArray[np.uint8]) -> NDArray[np.uint8]:
        for row in range(30, TILE_PX, 36):
            cv2.putText(ground, "RIGHT AP 12", (4, row), 0, 1.1, 255, 2)
        return ground

    assert tile_content(write(np.zeros((TILE_PX, TILE_PX), np.uint8))) < 0.1
    assert tile_content(write(make_grain(TILE_PX, TILE_PX))) > 0.9


def test_block_half_clipped_is_not_live() -> None:
    tile = make_grain(TILE_PX, TILE_PX)
    tile[:, ::2] = 255
    assert tile_content(tile) == 0.0


def test_map_of_a_film_with_a_border_agrees_with_its_tiles() -> None:
    levels = make_grain(1100, 900)
    levels[:, :400] = 0
    grid = plan_grid(1100, 900, max_tiles=60)
    content = content_map(levels, grid)
    single = [tile_content(grid.cut(levels, *cell)) for cell in np.ndindex(*grid.shape)]
    # Blocks of the map may lie up to 8 px beside those of the tile: one in sixteen.
    assert np.abs(content.ravel() - np.array(single)).max() <= 1 / 16
    assert content[0, 0] == 0.0
    assert content[0, -1] == 1.0


@pytest.mark.parametrize("budget", [1, 4, 12, 30])
def test_budget_is_kept_and_the_choice_covers_the_film(budget: int) -> None:
    grid = plan_grid(2500, 2000, max_tiles=90)
    content = np.ones(grid.shape, np.float32)
    chosen = choose_cells(grid, content, budget)
    assert chosen.sum() == budget
    if budget < 4:
        return
    halves = (chosen[:5, :4], chosen[:5, 4:], chosen[5:, :4], chosen[5:, 4:])
    fewest, most = min(h.sum() for h in halves), max(h.sum() for h in halves)
    assert fewest >= 1
    assert most - fewest <= max(2, budget // 6)


def test_empty_cells_are_never_chosen_even_when_the_budget_is_not_used_up() -> None:
    grid = plan_grid(2500, 2000, max_tiles=90)
    content = np.zeros(grid.shape, np.float32)
    content[3:5, 2:5] = (0.9, 0.3, 0.9)
    chosen = choose_cells(grid, content, 30)
    assert np.array_equal(chosen, content >= MIN_CONTENT)


def test_richer_of_two_neighbours_is_chosen() -> None:
    grid = plan_grid(TILE_PX, 2000, max_tiles=20)
    content = np.tile(np.array([0.6, 1.0], np.float32), 9)[None, : grid.shape[1]]
    chosen = choose_cells(grid, content, 3)
    assert content[chosen].mean() > content.mean()


@given(
    rows=st.integers(TILE_PX, 1200),
    columns=st.integers(TILE_PX, 1200),
    budget=st.integers(1, 60),
    seed=st.integers(0, 99),
)
def test_any_shape_gives_a_map_in_bounds_and_a_choice_within_the_budget(
    rows: int, columns: int, budget: int, seed: int
) -> None:
    levels = np.random.default_rng(seed).integers(0, 256, (rows, columns), np.uint8)
    grid = plan_grid(rows, columns, max_tiles=3 * budget)
    content = content_map(levels, grid)
    assert content.shape == grid.shape
    assert content.dtype == np.float32
    assert 0.0 <= content.min() <= content.max() <= 1.0
    chosen = choose_cells(grid, content, budget)
    assert chosen.sum() == min(budget, int((content >= MIN_CONTENT).sum()))
    assert not np.any(chosen & (content < MIN_CONTENT))
