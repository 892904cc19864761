"""JPEG saved twice: told where the first save was coarser, never of a single save."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.containers import codes, encode, find, write
from workers.decode.structure import read_jpeg_structure
from workers.lanes.container.jpeg import read_tables, scale_table
from workers.lanes.container.twice import find_gaps


def make_scene(seed: int, rows: int = 520, columns: int = 440) -> Any:
    """Return a picture with structure at all scales, as films have it, 8 bits."""
    source = np.random.default_rng(seed)
    total = np.zeros((rows, columns), np.float32)
    for size in (4, 8, 16, 32, 64, 128):
        field = source.normal(0, 1, (rows // size + 3, columns // size + 3))
        grown = Image.fromarray(field.astype(np.float32)).resize(
            (columns, rows), Image.Resampling.BICUBIC
        )
        total += np.asarray(grown) * size**0.7
    total = (total - total.mean()) / total.std() * 38 + 128
    total += source.normal(0, 1.5, total.shape)
    return np.clip(total, 2, 253).astype(np.uint8)


def save_again(content: bytes, quality: int, **options: Any) -> bytes:
    with Image.open(io.BytesIO(content)) as picture:
        return encode(np.asarray(picture), quality=quality, **options)


def count_gaps(content: bytes) -> int:
    with Image.open(io.BytesIO(content)) as picture:
        picture.draft("L", picture.size)
        pixels = np.asarray(picture)
    return len(find_gaps(pixels, read_tables(read_jpeg_structure(content))[0]))


@pytest.mark.parametrize(("first", "second"), [(60, 90), (70, 92), (75, 95), (50, 75)])
@pytest.mark.parametrize("colours", [1, 3])
def test_picture_saved_twice_is_told_with_its_first_quality(
    tmp_path: Path, first: int, second: int, colours: int
) -> None:
    scene = make_scene(first)
    pixels = scene if colours == 1 else np.dstack([scene] * 3)
    once = encode(pixels, quality=first)
    path = write(tmp_path / "a.jpg", once)
    assert "jpeg_saved_twice" not in codes(path)
    finding = find(write(path, save_again(once, second)), "jpeg_saved_twice")
    assert finding.weight == 0.25
    assert finding.detail["first_quality"] == pytest.approx(first, abs=2)
    place, step = finding.detail["coefficients"][0], finding.detail["steps"][0]
    assert step == scale_table(second)[place]


@pytest.mark.parametrize("quality", [30, 50, 60, 75, 85, 90, 95, 98, 100])
def test_single_save_has_no_gaps(quality: int) -> None:
    for seed in range(4):
        assert count_gaps(encode(make_scene(seed), quality=quality)) == 0


def test_other_grid_or_finer_first_save_is_not_told() -> None:
    once = encode(make_scene(3), quality=60)
    with Image.open(io.BytesIO(once)) as picture:
        pixels = np.asarray(picture)
    assert count_gaps(encode(pixels[3:, 5:], quality=90)) == 0
    fine = encode(make_scene(3), quality=95)
    assert count_gaps(save_again(fine, 70)) == 0


def test_levels_with_a_comb_are_no_second_save() -> None:
    """A film stretched to fewer grey levels has gaps in its pixels, not in its DCT."""
    scene = make_scene(5)
    for step in (2, 4, 8):
        assert count_gaps(encode(scene // step * step + 1, quality=92)) == 0


def test_step_of_zero_in_a_damaged_table_is_passed_over() -> None:
    assert find_gaps(make_scene(2), np.zeros(64, np.int64)) == []


def test_flat_clipped_and_small_pictures_are_left_alone() -> None:
    for pixels in (
        np.full((400, 400), 90, np.uint8),
        np.tile(np.array([0, 255], np.uint8), (400, 200)),
        make_scene(1)[:40, :40],
    ):
        assert count_gaps(encode(pixels, quality=90)) == 0
