"""The hint names what it can tell apart, and nothing where families look alike."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from workers.lanes.synthesis.family import FAMILY_NAMES, UNKNOWN
from workers.training.family_hint import FamilyHint, fit_family_hint
from workers.training.tables import RANDOM_VIEW, Pictures, TileTable

_ORIGINS = (
    *("stable-diffusion-1.4", "stable-diffusion-2", "sdxl", "flux.1"),
    *("gpt-4o", "gpt-image-1", "gpt-image-2", "gpt-4o b"),
    *("MUNIT", "CycleGAN", "ACGAN", "archive"),
)
_FAMILIES = (
    *["latent-diffusion-1"] * 2,
    *["latent-diffusion-2"] * 2,
    *["llm-image"] * 4,
    *["medical-gan"] * 3,
    "archive",
)
_PER_ORIGIN, _TILES = 12, 6


def make_table(apart: tuple[float, float, float]) -> TileTable:
    """Return a table whose families differ by `apart` along an axis each."""
    rng = np.random.default_rng(0)
    count = len(_ORIGINS) * _PER_ORIGIN
    number = np.arange(count) // _PER_ORIGIN
    family = np.array(_FAMILIES)[number]
    origin = np.array(_ORIGINS)[number]
    is_fake = family != "archive"
    kinds = np.where(
        np.char.startswith(family, "latent"), 0, np.where(family == "llm-image", 1, 2)
    )
    owner = np.repeat(np.arange(count), 2 * _TILES)
    features = rng.normal(size=(owner.size, 5)).astype(np.float32)
    for axis in range(3):
        features[:, axis] += apart[axis] * (kinds[owner] == axis)
    return TileTable(
        pictures=Pictures(is_fake, origin, family, family, origin),
        features=features,
        looks=np.zeros((owner.size, 1), np.float32),
        owner=owner,
        condition=np.tile(np.repeat([RANDOM_VIEW, 0], _TILES), count),
        place=np.arange(owner.size),
        tiles=np.zeros((0, 256, 256), np.uint8),
    )


def fit(apart: tuple[float, float, float]) -> FamilyHint:
    hint = fit_family_hint(
        make_table(apart), mean=np.zeros(5, np.float32), scale=np.ones(5, np.float32)
    )
    assert hint is not None
    return hint


def test_families_that_differ_are_named_right_for_generators_left_out() -> None:
    hint = fit((4.0, 4.0, 4.0))
    assert all(margin is not None for margin in hint.margins)
    for name in FAMILY_NAMES:
        row = hint.confusion[name]
        assert row[name] > 0.9 * sum(row.values())


def test_families_that_look_alike_are_not_named() -> None:
    hint = fit((0.0, 0.0, 0.0))
    assert hint.margins == (None, None, None)
    for name in FAMILY_NAMES:
        row = hint.confusion[name]
        assert row[UNKNOWN] == sum(row.values()) > 0


def test_statements_about_other_generators_count_as_wrong() -> None:
    table = make_table((4.0, 4.0, 4.0))
    # Half of the third family is of no known kind, but looks like it.
    strange = table.pictures.origin == "ACGAN"
    strange |= table.pictures.origin == "CycleGAN"
    table.pictures.family[strange] = "dall-e"
    mean, scale = np.zeros(5, np.float32), np.ones(5, np.float32)
    hint = fit_family_hint(table, mean=mean, scale=scale)
    assert hint is not None
    assert hint.margins[2] is None
    assert sum(hint.confusion["any other generator"].values()) == strange.sum()


def test_table_of_one_family_gives_no_hint() -> None:
    table = make_table((4.0, 4.0, 4.0))
    table.pictures.is_fake[table.pictures.family != "medical-gan"] = False
    mean, scale = np.zeros(5, np.float32), np.ones(5, np.float32)
    assert fit_family_hint(table, mean=mean, scale=scale) is None
