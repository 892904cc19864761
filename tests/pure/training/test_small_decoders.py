"""Small decoders: learn to restore films, are kept, and give the same film again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs PyTorch, which `make torch` adds")

import torch

from tests.pure.training.test_upsampling import draw_film
from workers.training.small_decoders import (
    AUTOENCODERS,
    STEP_PX,
    SUPER_RESOLUTION,
    DecoderPlan,
    SmallDecoder,
    load_or_train_decoder,
    mean_spectrum,
    train_decoder,
)

pytestmark = pytest.mark.slow

_FILMS = [draw_film(160, seed) for seed in range(3)]


def shrink(plan: DecoderPlan, steps: int) -> DecoderPlan:
    return replace(plan, width=8, steps=steps, batch=4, crop_px=64)


def measure_gap(decoder: SmallDecoder, film: np.ndarray) -> float:
    """Return how far the spectrum of what it makes is from the film's own."""
    made = decoder.round_trip(film, np.random.default_rng(2))
    pair = torch.from_numpy(np.stack([made, film[: made.shape[0], : made.shape[1]]]))
    spectra = mean_spectrum(pair[:, None])
    return float((spectra[0] - spectra[1]).abs().mean())


@pytest.mark.parametrize("plan", [*AUTOENCODERS, *SUPER_RESOLUTION], ids=str)
def test_every_kind_makes_a_film_of_whole_steps(plan: DecoderPlan) -> None:
    decoder = SmallDecoder(shrink(plan, 1))
    film = draw_film(130)
    made = decoder.round_trip(film, np.random.default_rng(1))
    assert made.shape == (130 // STEP_PX * STEP_PX,) * 2
    assert 0 <= made.min() <= made.max() <= 1
    assert np.array_equal(made, decoder.round_trip(film, np.random.default_rng(1)))
    assert not np.array_equal(made, decoder.round_trip(film, np.random.default_rng(2)))


@pytest.mark.parametrize("plan", [AUTOENCODERS[1], SUPER_RESOLUTION[0]], ids=str)
def test_training_brings_the_grain_back_to_a_film_it_never_saw(
    plan: DecoderPlan,
) -> None:
    unseen = draw_film(160, seed=9)
    torch.manual_seed(5)
    untrained = SmallDecoder(shrink(plan, 1))
    trained = train_decoder(_FILMS, plan=shrink(plan, 60), seed=5)
    assert measure_gap(trained, unseen) < 0.6 * measure_gap(untrained, unseen)


def test_a_kept_decoder_is_the_trained_one_and_films_are_not_read_again(
    tmp_path: Path,
) -> None:
    plan = shrink(AUTOENCODERS[0], 3)
    steps: list[tuple[int, int]] = []

    def load(facts: str, films: list[np.ndarray]) -> SmallDecoder:
        return load_or_train_decoder(
            lambda: films,
            facts=facts,
            plan=plan,
            seed=1,
            folder=tmp_path,
            report=lambda done, total: steps.append((done, total)),
        )

    first = load("a", _FILMS)
    assert steps == [(1, 3), (2, 3), (3, 3)]
    again = load("a", [])
    film = draw_film(96)
    made, remade = (
        decoder.round_trip(film, np.random.default_rng(1)) for decoder in (first, again)
    )
    assert np.array_equal(made, remade)
    with pytest.raises(ValueError, match="needs films"):
        load("other films", [])
