"""The forge makes what it says: in the box, nowhere else, and the same every time."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from workers.training import forge
from workers.types import Region

Film = NDArray[Any]


def _film(dtype: type = np.uint16, shape: tuple[int, int] = (420, 400)) -> Film:
    """Return a 12-bit film: a soft body with detector grain of a known spectrum."""
    rng = np.random.default_rng(8)
    coarse = rng.uniform(0.3, 0.7, (6, 6)).astype(np.float32)
    body = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
    grain = cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), 0.6)
    film = np.clip(body + 0.02 * grain, 0, 1)
    if dtype is np.float32:
        return film.astype(np.float32)
    stored: Film = np.rint(film * 4095).astype(dtype)
    return stored


def _outside(film: Film, region: Region) -> Film:
    mask = np.ones(film.shape, bool)
    mask[
        region.row : region.row + region.height,
        region.column : region.column + region.width,
    ] = False
    return film[mask]


_LOCAL: list[Callable[..., tuple[Film, Region]]] = [
    forge.copy_move,
    forge.resynthesise_region,
]
_WHOLE: list[Callable[[Film, int], Film]] = [
    forge.resynthesise_image,
    forge.rewindow,
    lambda film, seed: forge.copy_move(film, seed)[0],
    lambda film, seed: forge.resynthesise_region(film, seed)[0],
]


@pytest.mark.parametrize("make", _LOCAL)
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_local_edit_changes_its_box_and_nothing_else(
    make: Callable[..., tuple[Film, Region]], seed: int
) -> None:
    film = _film()
    forged, region = make(film, seed)
    assert np.array_equal(_outside(forged, region), _outside(film, region))
    inside = np.s_[
        region.row : region.row + region.height,
        region.column : region.column + region.width,
    ]
    assert np.mean(forged[inside] != film[inside]) > 0.5


@pytest.mark.parametrize("make", _WHOLE)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32])
def test_answer_keeps_type_shape_and_range(
    make: Callable[[Film, int], Film], dtype: type
) -> None:
    film = _film(np.uint16).astype(np.float32) / 16
    film = film.astype(dtype)
    forged = make(film, 5)
    assert forged.dtype == film.dtype
    assert forged.shape == film.shape
    assert film.min() <= forged.min()
    assert forged.max() <= film.max()


@pytest.mark.parametrize("make", _WHOLE)
def test_same_seed_gives_the_same_film_and_another_seed_another(
    make: Callable[[Film, int], Film],
) -> None:
    film = _film()
    assert np.array_equal(make(film, 5), make(film, 5))
    assert not np.array_equal(make(film, 5), make(film, 6))


def test_copied_part_carries_its_grain_to_the_new_place() -> None:
    film = _film()
    forged, region = forge.copy_move(film, 3)
    quarter = region.height // 4
    core = forged[
        region.row + quarter : region.row + region.height - quarter,
        region.column + quarter : region.column + region.width - quarter,
    ].astype(np.float32)
    sharp = core - cv2.GaussianBlur(core, (0, 0), 2)
    source = film.astype(np.float32)
    source -= cv2.GaussianBlur(source, (0, 0), 2)
    match = cv2.matchTemplate(source, sharp, cv2.TM_CCOEFF_NORMED)
    assert match.max() > 0.9


def test_region_made_anew_has_lost_its_finest_grain() -> None:
    film = _film()
    for seed in range(6):
        forged, region = forge.resynthesise_region(film, seed)
        quarter = region.height // 4
        core = np.s_[
            region.row + quarter : region.row + region.height - quarter,
            region.column + quarter : region.column + region.width - quarter,
        ]
        kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
        before = cv2.filter2D(film.astype(np.float32), -1, kernel)[core].std()
        after = cv2.filter2D(forged.astype(np.float32), -1, kernel)[core].std()
        assert after < 0.7 * before


def test_image_made_anew_is_the_same_picture_with_an_upsampler_comb() -> None:
    film = _film(np.float32)
    forged = forge.resynthesise_image(film, 4)
    error = float(np.mean((forged - film) ** 2))
    assert 10 * np.log10(1 / error) > 30
    # Uneven overlap of stride-2 kernels: the four pixel phases differ in mean.
    fine = forged - cv2.GaussianBlur(forged, (0, 0), 1.5)
    phases = [fine[r::2, c::2].mean() for r in (0, 1) for c in (0, 1)]
    plain = film - cv2.GaussianBlur(film, (0, 0), 1.5)
    natural = [plain[r::2, c::2].mean() for r in (0, 1) for c in (0, 1)]
    assert np.std(phases) > 5 * np.std(natural)


def test_flip_twice_is_the_film() -> None:
    film = _film()
    assert not np.array_equal(forge.flip(film), film)
    assert np.array_equal(forge.flip(forge.flip(film)), film)


def test_rewindowed_film_keeps_the_order_of_grey_levels() -> None:
    film = _film()
    forged = forge.rewindow(film, 2)
    order = np.argsort(film, axis=None, kind="stable")
    assert np.all(np.diff(forged.ravel()[order].astype(int)) >= 0)
    assert not np.array_equal(forged, film)


def test_photograph_is_coloured_and_shows_a_screen_grid() -> None:
    luma = np.full((400, 400), 0.6, np.float32)
    photo = forge.photograph_screen(luma, 1)
    assert photo.dtype == np.uint8
    assert photo.shape == (400, 400, 3)
    core = photo[100:300, 100:300].astype(np.float32)
    assert abs(core[..., 0].mean() - core[..., 2].mean()) > 3
    spectrum = np.abs(np.fft.fft2(core[..., 1] - core[..., 1].mean()))
    assert spectrum.max() > 15 * np.median(spectrum)


@pytest.mark.parametrize("make", _LOCAL)
@pytest.mark.parametrize(
    "film",
    [np.full((400, 400), 7, np.uint8), np.zeros((60, 60), np.uint16)],
    ids=["flat", "tiny"],
)
def test_film_without_room_or_grain_is_refused(
    make: Callable[..., tuple[Film, Region]], film: Film
) -> None:
    with pytest.raises(ValueError, match="film"):
        make(film, 1)


def test_forged_header_leaves_the_original_alone() -> None:
    header = Dataset()
    header.Manufacturer = "FUJI"
    header.KVP = "80"
    header.ContentDate = "20240311"
    forged = forge.forge_header(header, 1)
    assert header.Manufacturer == "FUJI"
    assert forged.Manufacturer != "FUJI"
    assert forged.AcquisitionDate > forged.ContentDate


def test_truncated_file_is_a_leading_part() -> None:
    content = bytes(range(256)) * 10
    cut = forge.truncate(content, 1)
    assert content.startswith(cut)
    assert 0.4 * len(content) <= len(cut) + 1
    assert len(cut) <= 0.7 * len(content)
