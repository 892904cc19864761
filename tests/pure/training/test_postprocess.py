"""Post-processing is drawn alike for both classes, and repeats with its seed."""

from __future__ import annotations

import numpy as np
import pytest

from workers.training.postprocess import (
    MIN_SIDE_PX,
    Codec,
    Draw,
    apply_draw,
    draw_randomly,
    recode_jpeg,
)


def make_luma(side: int = 400) -> np.ndarray:
    return np.random.default_rng(3).random((side, side)).astype(np.float32)


def test_neutral_draw_only_rounds_to_eight_bits() -> None:
    luma = make_luma()
    levels = apply_draw(luma, Draw(), np.random.default_rng(0))
    assert np.array_equal(levels, np.rint(luma * 255).astype(np.uint8))


@pytest.mark.parametrize("side", [256, 300, 512, 3000])
def test_no_draw_makes_a_picture_too_small_to_judge(side: int) -> None:
    for seed in range(200):
        draw = draw_randomly(np.random.default_rng(seed), side)
        assert round(side * draw.scale) >= MIN_SIDE_PX


def test_same_seed_gives_the_same_pixels() -> None:
    def run() -> np.ndarray:
        rng = np.random.default_rng(11)
        return apply_draw(make_luma(), draw_randomly(rng, 400), rng)

    assert np.array_equal(run(), run())


def test_every_codec_is_drawn() -> None:
    drawn = {draw_randomly(np.random.default_rng(s), 512).codec for s in range(200)}
    assert drawn == set(Codec)


def test_stronger_compression_loses_more() -> None:
    levels = np.rint(make_luma() * 255).astype(np.uint8)
    errors = [
        float(np.abs(recode_jpeg(levels, quality).astype(float) - levels).mean())
        for quality in (95, 80, 60)
    ]
    assert errors == sorted(errors)
    assert errors[0] > 0


def test_inverted_window_maps_black_to_white() -> None:
    luma = np.array([[0.1, 0.9]] * 2, np.float32)
    draw = Draw(window_low=0.1, window_high=0.9, inverted=True)
    levels = apply_draw(luma, draw, np.random.default_rng(0))
    assert levels.tolist() == [[255, 0], [255, 0]]
