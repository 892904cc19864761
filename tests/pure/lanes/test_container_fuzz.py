"""Damaged files: the lane neither fails, nor hangs, nor takes much memory.

The lane is given the whole film's pixels with the damaged file's bytes, so that its
parsers meet what decoding would have refused, too.
"""

from __future__ import annotations

import resource
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.mutations import KINDS, Edit, apply_edits, make_seeds
from workers.decode import decode_film
from workers.errors import RejectedInput
from workers.lanes.container import ContainerLane
from workers.lanes.container.findings import KINDS as CODES
from workers.types import Context, DecodedImage

LANE = ContainerLane()
MOST_SECONDS = 5.0
MOST_MEMORY_KIB = 512 << 10

EDITS = st.lists(
    st.builds(
        Edit,
        st.sampled_from(KINDS),
        st.floats(0, 1),
        st.integers(0, (1 << 32) - 1),
        st.binary(max_size=40),
    ),
    min_size=1,
    max_size=5,
)


class Films(list[DecodedImage]):
    """Decoded seeds, told by their number: hypothesis would print every pixel."""

    def __repr__(self) -> str:
        return f"<{len(self)} films>"


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Films:
    return Films(map(decode_film, make_seeds(tmp_path_factory.mktemp("seeds"))))


def judge(film: DecodedImage, whole: bytes, path: Path) -> None:
    """Judge damaged bytes with the pixels of the whole film, then as they come."""
    path.write_bytes(whole)
    damaged = replace(film, path=path, size_bytes=len(whole))
    for finding in LANE.assess(damaged, Context()).findings:
        assert finding.weight in CODES[finding.code].weights
    try:
        LANE.assess(decode_film(path), Context())
    except RejectedInput:
        return


@settings(
    max_examples=400,
    deadline=None,  # of the wall clock, which other processes slow down
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(number=st.integers(0, 11), edits=EDITS)
def test_damaged_files_are_judged_in_little_time_and_memory(
    films: Films, tmp_path: Path, number: int, edits: list[Edit]
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    film = films[number]
    started = time.process_time()
    judge(film, apply_edits(film.path.read_bytes(), edits), tmp_path / "film")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MOST_MEMORY_KIB
    assert time.process_time() - started < MOST_SECONDS


def test_every_seed_is_used(films: Films) -> None:
    assert len(films) == 12
    assert len({film.format for film in films}) == 5


@pytest.mark.parametrize("number", range(12))
def test_file_cut_anywhere_is_judged(films: Films, tmp_path: Path, number: int) -> None:
    whole = films[number].path.read_bytes()
    started = time.process_time()
    for end in range(0, len(whole), max(1, len(whole) // 40)):
        judge(films[number], whole[:end], tmp_path / "film")
    assert time.process_time() - started < 60
