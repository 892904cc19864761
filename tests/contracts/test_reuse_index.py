"""What every reuse index must do; the one in memory and the one in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pytest

from apps.accounts.models import Department
from apps.detection.reuse_index import DatabaseReuseIndex, add_to_index
from apps.imaging.models import Image
from tests.factories import DepartmentFactory, make_image
from workers.lanes.reuse import InMemoryReuseIndex
from workers.types import Fingerprint, IndexedFilm, ReuseIndex

pytestmark = pytest.mark.django_db
TOP = (1 << 64) - 1


def _print(upright: int, *, pixels: str = "kept", views: int = 8) -> Fingerprint:
    """Return a fingerprint whose other views lie far from everything used here."""
    far = np.random.default_rng(upright % 1000).integers(0, TOP, 7, dtype=np.uint64)
    phashes = (upright, *(int(value) for value in far))[:views]
    return Fingerprint(pixel_sha256=pixels, phashes=phashes, aspect=0.75)


def _ask(upright: int, *, views: int = 8) -> Fingerprint:
    """Return the same with pixels that no kept film has."""
    return _print(upright, pixels="asked", views=views)


class Shelf(Protocol):
    """An index to fill, and the question of a film that lies in none."""

    def add(self, fingerprint: Fingerprint) -> str:
        """Put a film in and return its id."""
        ...

    def index(self) -> ReuseIndex:
        """Return the index without the film under assessment."""
        ...


class _InMemoryShelf:
    def __init__(self) -> None:
        self._films = InMemoryReuseIndex()
        self._count = 0

    def add(self, fingerprint: Fingerprint) -> str:
        self._count += 1
        name = str(self._count)
        at = dt.datetime(2031, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=self._count)
        self._films.add_film(IndexedFilm(name, f"p{name}", f"s{name}", fingerprint, at))
        return name

    def index(self) -> ReuseIndex:
        return self._films


@dataclass
class _DatabaseShelf:
    department: Department
    asked: Image

    def add(self, fingerprint: Fingerprint) -> str:
        image = make_image(self.department)
        add_to_index(image=image, fingerprint=fingerprint)
        return str(image.pk)

    def index(self) -> ReuseIndex:
        return DatabaseReuseIndex(self.asked)


def _make_database_shelf() -> Shelf:
    department = DepartmentFactory.create()
    asked = make_image(department)
    # The film under assessment is indexed as well, and must not find itself.
    add_to_index(image=asked, fingerprint=_print(0, pixels="asked"))
    return _DatabaseShelf(department, asked)


@pytest.fixture(params=[_InMemoryShelf, _make_database_shelf], ids=["memory", "rows"])
def shelf(request: pytest.FixtureRequest, db: None) -> Shelf:
    """Return an empty index of each kind."""
    make: Callable[[], Shelf] = request.param
    return make()


def _found(shelf: Shelf, asked: Fingerprint, bits: int = 6) -> list[str]:
    films = shelf.index().find_candidates(asked, max_distance=bits)
    return [film.film_id for film in films]


def test_an_empty_index_finds_nothing(shelf: Shelf) -> None:
    assert shelf.index().count_films() == 0
    assert _found(shelf, _ask(0)) == []


def test_films_are_counted_without_the_one_under_assessment(shelf: Shelf) -> None:
    for upright in (1, 2, 3):
        shelf.add(_print(upright))
    assert shelf.index().count_films() == 3


@pytest.mark.parametrize("upright", [0, 1, 1 << 63, TOP, (1 << 63) - 1, TOP - 1])
def test_a_hash_at_the_edge_of_64_bits_is_found_and_comes_back_whole(
    upright: int, shelf: Shelf
) -> None:
    name = shelf.add(_print(upright))
    (film,) = shelf.index().find_candidates(_ask(upright), max_distance=0)
    assert film.film_id == name
    assert film.fingerprint == _print(upright)


@pytest.mark.parametrize(("bits", "is_near"), [(0, True), (6, True), (7, False)])
def test_the_greatest_distance_is_still_a_candidate(
    bits: int, is_near: bool, shelf: Shelf
) -> None:
    name = shelf.add(_print(0x0F0F << 32))
    asked = _ask((0x0F0F << 32) ^ ((1 << bits) - 1))
    assert _found(shelf, asked) == ([name] if is_near else [])


def test_any_view_of_the_asked_film_may_match_the_upright_one(shelf: Shelf) -> None:
    name = shelf.add(_print(12345))
    asked = Fingerprint("asked", (TOP, 1 << 40, 12345 ^ 1), aspect=1.0)
    assert _found(shelf, asked) == [name]


def test_other_views_of_a_kept_film_are_not_compared(shelf: Shelf) -> None:
    kept = _print(12345)
    shelf.add(kept)
    assert _found(shelf, _ask(kept.phashes[3], views=1)) == []


def test_equal_pixels_are_found_whatever_the_hashes(shelf: Shelf) -> None:
    name = shelf.add(_print(0, pixels="same"))
    assert _found(shelf, _print(TOP, pixels="same", views=1), bits=0) == [name]


def test_candidates_come_in_the_order_in_which_films_were_received(
    shelf: Shelf,
) -> None:
    names = [shelf.add(_print(77, pixels=str(number))) for number in range(4)]
    assert _found(shelf, _ask(77)) == names


def test_the_rows_of_another_site_are_not_searched() -> None:
    here, there = DepartmentFactory.create(), DepartmentFactory.create()
    for department in (here, there):
        image = make_image(department)
        add_to_index(image=image, fingerprint=_print(5, pixels="same"))
    asked = make_image(here)
    index = DatabaseReuseIndex(asked)
    assert index.count_films() == 1
    (film,) = index.find_candidates(_print(5, pixels="same"), max_distance=64)
    assert film.film_id != str(asked.pk)
    assert Image.objects.get(pk=film.film_id).site_id == here.site_id


def test_indexing_a_film_twice_is_indexing_it_once() -> None:
    image = make_image(DepartmentFactory.create())
    for _ in range(2):
        add_to_index(image=image, fingerprint=_print(5))
    other = make_image(image.study.department)
    assert DatabaseReuseIndex(other).count_films() == 1


def test_films_of_one_patient_and_study_have_equal_keys() -> None:
    room = DepartmentFactory.create()
    first = make_image(room)
    second = make_image(room, study=first.study)
    for image in (first, second):
        add_to_index(image=image, fingerprint=_print(5))
    found = DatabaseReuseIndex(make_image(room)).find_candidates(
        _ask(5), max_distance=0
    )
    assert len({(film.patient_key, film.study_key) for film in found}) == 1
    assert len(found) == 2
