"""Genuine headers of many makers: none has a heavy finding."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.pure.lanes.metadata.films import codes
from workers.decode import decode_film
from workers.errors import RejectedInput
from workers.lanes.metadata import MetadataLane, read_facts
from workers.lanes.metadata.lane import (
    FINDING_WEIGHT,
    GROUPS,
    MANY_SLIPS,
    SLIP_WEIGHT,
)
from workers.types import Context, Evidence, HeaderFacts

GENUINE = Path(__file__).parents[5] / "shared" / "data" / "dicom"
# Data files of pydicom itself, which is always there.
SHIPPED = Path(pydicom.__file__).parent / "data"
_GROUP_OF = {rule.code: group.title for group in GROUPS for rule in group.rules}


def _count_slips(evidence: Evidence) -> int:
    return len(
        {_GROUP_OF[f.code] for f in evidence.findings if f.weight >= SLIP_WEIGHT}
    )


@pytest.mark.slow
def test_no_heavy_finding_on_any_genuine_film() -> None:
    if not GENUINE.is_dir():
        pytest.skip("the shared DICOM samples are not on this machine")
    judged = 0
    studies: dict[str, list[HeaderFacts]] = {}
    for path in sorted(GENUINE.rglob("*.dcm")):
        # The same films and headers as their JPEG 2000 twins, slow to decode.
        if path.stem.endswith(("_JLSL", "_JPLL", "_RLE")):
            continue
        try:
            film = decode_film(path)
        except RejectedInput:
            continue
        judged += 1
        assert film.header is not None
        beside = studies.setdefault(str(film.header.StudyInstanceUID), [])
        context = Context(study_headers=tuple(beside))
        beside.append(read_facts(film.header))
        evidence = MetadataLane().assess(film, context)
        heavy = [f.code for f in evidence.findings if f.weight >= FINDING_WEIGHT]
        assert heavy == [], path.name
        assert _count_slips(evidence) <= MANY_SLIPS - 2, path.name
    assert judged >= 50
    assert max(len(beside) for beside in studies.values()) > 3


def test_genuine_slice_that_was_shrunk_is_found() -> None:
    """pydicom's CT_small.dcm is a genuine slice reduced from 512 to 128 pixels a side
    with its header left alone."""
    (path,) = SHIPPED.rglob("CT_small.dcm")
    found = codes(MetadataLane().assess(decode_film(path), Context()))
    assert "reconstruction_diameter" in found


@pytest.mark.slow
def test_eight_bits_stretched_under_a_genuine_header_are_found() -> None:
    """The cheapest way to a deep film of a picture: its values times a number."""
    if not GENUINE.is_dir():
        pytest.skip("the shared DICOM samples are not on this machine")
    shallow = np.random.default_rng(9).integers(0, 256, (512, 400))
    for name in ("dwv/gdcm-CR-MONO1-10-chest.dcm", "nema-wg04/RG3_J2KR.dcm"):
        film = decode_film(GENUINE / name)
        top = (1 << film.bits_stored) - 1
        deep = np.rint(shallow / 255 * top).astype(np.uint16)
        forged = replace(film, stored=deep, luma=(deep / top).astype(np.float32))
        found = MetadataLane().assess(forged, Context())
        assert "eight_bits_in_deep" in codes(found)
