"""Fakes made from films: every kind keeps its film's group, and says what it lacks."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.pure.training.test_upsampling import draw_film
from workers import training
from workers.errors import ModelError
from workers.training import aligned
from workers.training.aligned import (
    ALIGNED_ORIGINS,
    AUTOENCODER_ORIGIN,
    FORGE_ORIGIN,
    LATENT_ORIGIN,
    PARTIAL_ORIGIN,
    SUPER_RESOLUTION_ORIGIN,
    UPSAMPLING_ORIGIN,
    Maker,
    build_maker,
    make_aligned_fake,
)
from workers.training.data import Sample, load_luma, load_manifest


@pytest.fixture(scope="module")
def samples(tiny_data_dir: Path) -> tuple[Sample, ...]:
    return load_manifest(tiny_data_dir)


def build(origin: str, samples: tuple[Sample, ...], folder: Path) -> Maker:
    return build_maker(origin, samples, weights_dir=folder, folder=folder, seed=1)


@pytest.mark.parametrize("origin", [FORGE_ORIGIN, UPSAMPLING_ORIGIN, PARTIAL_ORIGIN])
def test_a_fake_keeps_the_group_of_its_film_and_is_made_once(
    origin: str, samples: tuple[Sample, ...], tmp_path: Path
) -> None:
    film = samples[0]
    fakes = [
        make_aligned_fake(
            film,
            origin=origin,
            maker=build(origin, samples, tmp_path),
            seed=seed,
            folder=tmp_path / "made",
        )
        for seed in (1, 1, 2)
    ]
    first, again, other = fakes
    assert first is not None
    assert other is not None
    assert first == again
    assert first.sha256 != other.sha256
    assert (first.is_fake, first.kind, first.origin) == (True, "aligned", origin)
    assert first.group == film.group
    made = load_luma(first)
    assert made is not None
    assert len(list((tmp_path / "made").iterdir())) == 2


def test_a_partial_fake_holds_the_new_part_and_nothing_beyond_its_box() -> None:
    film = draw_film(1200)
    maker = build(PARTIAL_ORIGIN, (), Path())
    made = maker.make(film, np.random.default_rng(3))
    assert made.shape == (384, 384)
    places = [
        (row, column)
        for row in range(1200 - 383)
        for column in np.flatnonzero(film[row, : 1200 - 383] == made[0, 0])
        if np.array_equal(film[row, column : column + 40], made[0, :40])
    ]
    (corner,) = places
    original = film[corner[0] : corner[0] + 384, corner[1] : corner[1] + 384]
    # The corners lie outside the soft ellipse, the middle inside.
    assert np.array_equal(made[:24, :24], original[:24, :24])
    assert np.abs(made - original)[128:256, 128:256].mean() > 0.005


def test_a_film_without_texture_is_left_out(
    samples: tuple[Sample, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = np.full((512, 512), 0.5, np.float32)
    monkeypatch.setattr(aligned, "load_luma", lambda sample: flat)
    fake = make_aligned_fake(
        samples[0],
        origin=PARTIAL_ORIGIN,
        maker=build(PARTIAL_ORIGIN, samples, tmp_path),
        seed=1,
        folder=tmp_path / "made",
    )
    assert fake is None
    assert not (tmp_path / "made").exists()


def test_a_changed_maker_makes_its_fakes_again(
    samples: tuple[Sample, ...], tmp_path: Path
) -> None:
    maker = build(UPSAMPLING_ORIGIN, samples, tmp_path)
    names = set()
    for version in ("2", "3"):
        fake = make_aligned_fake(
            samples[0],
            origin=UPSAMPLING_ORIGIN,
            maker=replace(maker, version=version),
            seed=1,
            folder=tmp_path,
        )
        assert fake is not None
        names.add(fake.path.name)
    assert len(names) == 2


def test_missing_weights_and_missing_pytorch_are_said_before_anything_is_made(
    samples: tuple[Sample, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError, match="needs the codec's weights"):
        build(LATENT_ORIGIN, samples, tmp_path)
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "workers.training.small_decoders", raising=False)
    monkeypatch.delattr(training, "small_decoders", raising=False)
    for origin in (AUTOENCODER_ORIGIN, SUPER_RESOLUTION_ORIGIN):
        with pytest.raises(ModelError, match=f"install torch, or leave {origin} out"):
            build(origin, samples, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("origin", [AUTOENCODER_ORIGIN, SUPER_RESOLUTION_ORIGIN])
def test_learned_decoders_make_fakes_and_are_kept(
    origin: str,
    samples: tuple[Sample, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("torch", reason="needs PyTorch, which `make torch` adds")
    from workers.training import small_decoders

    for name in ("AUTOENCODERS", "SUPER_RESOLUTION"):
        plans = getattr(small_decoders, name)
        short = tuple(replace(p, steps=2, width=4, batch=2) for p in plans[:2])
        monkeypatch.setattr(small_decoders, name, short)
    maker = build(origin, samples, tmp_path)
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert len(kept) == 2
    fake = make_aligned_fake(
        samples[0], origin=origin, maker=maker, seed=1, folder=tmp_path / "made"
    )
    assert fake is not None
    assert load_luma(fake) is not None
    build(origin, samples, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == kept


def test_every_kind_can_be_named_on_the_command_line() -> None:
    assert len(set(ALIGNED_ORIGINS)) == len(ALIGNED_ORIGINS) == 6
