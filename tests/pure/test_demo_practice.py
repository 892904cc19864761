"""The demo's practice films: known truths, other pixels than the cases', no hints."""

import re
from pathlib import Path

import pytest
from pydicom import dcmread

from workers.decode import decode_film
from workers.demo import write_demo_studies
from workers.demo_practice import DemoPracticeFilm, write_practice_films
from workers.types import DecodedImage

pytestmark = pytest.mark.slow

pytest.importorskip("data_store", reason="needs the package pydicom-data")


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> tuple[DemoPracticeFilm, ...]:
    return write_practice_films(tmp_path_factory.mktemp("practice"))


@pytest.fixture(scope="module")
def decoded(films: tuple[DemoPracticeFilm, ...]) -> list[DecodedImage]:
    return [decode_film(film.path) for film in films]


def test_there_are_eight_of_four_kinds(films: tuple[DemoPracticeFilm, ...]) -> None:
    kinds = [film.kind for film in films]
    assert len(kinds) == 8
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "untouched": 3,
        "region_copied": 2,
        "region_generated": 1,
        "whole_film": 2,
    }


def test_only_altered_films_have_a_region_and_all_have_a_lesson(
    films: tuple[DemoPracticeFilm, ...], decoded: list[DecodedImage]
) -> None:
    for film, image in zip(films, decoded, strict=True):
        assert (film.region is not None) == film.kind.startswith("region_")
        assert film.explanation
        assert film.reason_codes
        if film.region is not None:
            assert 0 <= film.region.row <= image.rows - film.region.height
            assert 0 <= film.region.column <= image.columns - film.region.width


def test_neither_description_nor_header_nor_file_name_tells(
    films: tuple[DemoPracticeFilm, ...],
) -> None:
    hint = re.compile(r"fake|forg|synth|tamper|copi|copy|reus|real|auth|untouch", re.I)
    for film in films:
        header = dcmread(film.path, stop_before_pixels=True)
        words = f"{film.description} {film.path.name} {header.StudyDescription}"
        assert not hint.search(f"{words} {header.PatientName} {header.StudyID}")
        assert "SyntheticData" not in header
        assert header.ImageType[0] == "DERIVED"


def test_no_practice_film_is_a_case_of_the_demo(
    decoded: list[DecodedImage], tmp_path: Path
) -> None:
    cases = {
        decode_film(film.path).pixel_sha256
        for film in write_demo_studies(tmp_path)
        if film.truth != "unreadable"
    }
    assert cases.isdisjoint(image.pixel_sha256 for image in decoded)
    assert len({image.pixel_sha256 for image in decoded}) == 8
