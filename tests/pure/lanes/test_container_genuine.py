"""Genuine films stay clear: whatever the lane notes, it weighs less than a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.decode import decode_film
from workers.errors import UnsupportedImage
from workers.lanes.container import ContainerLane
from workers.types import Context, LaneStatus

DATA = Path(__file__).parents[4] / "shared" / "data"
# Every n-th file: all of them take a minute.
STEPS = {"real": 5, "dicom": 2, "photo": 6}


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the files of shared/data")
@pytest.mark.parametrize("folder", STEPS)
def test_genuine_films_are_clear(folder: str) -> None:
    paths = sorted(p for p in (DATA / folder).rglob("*.*") if p.is_file())
    chosen = paths[:: STEPS[folder]]
    assert chosen
    noted = {}
    for path in chosen:
        try:
            evidence = ContainerLane().assess(decode_film(path), Context())
        except UnsupportedImage:
            continue
        if evidence.status is not LaneStatus.CLEAR:
            noted[path.name] = evidence.reason
    assert noted == {}
