"""Genuine headers of many makers: none has a heavy finding."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest

from tests.pure.lanes.metadata.films import codes
from workers.decode import decode_film
from workers.errors import RejectedInput
from workers.lanes.metadata import MetadataLane
from workers.lanes.metadata.lane import (
    FINDING_WEIGHT,
    GROUPS,
    MANY_SLIPS,
    SLIP_WEIGHT,
)
from workers.types import Context, Evidence

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
    for path in sorted(GENUINE.rglob("*.dcm")):
        # The same films and headers as their JPEG 2000 twins, slow to decode.
        if path.stem.endswith(("_JLSL", "_JPLL", "_RLE")):
            continue
        try:
            film = decode_film(path)
        except RejectedInput:
            continue
        judged += 1
        evidence = MetadataLane().assess(film, Context())
        heavy = [f.code for f in evidence.findings if f.weight >= FINDING_WEIGHT]
        assert heavy == [], path.name
        assert _count_slips(evidence) <= MANY_SLIPS - 2, path.name
    assert judged >= 50


def test_genuine_slice_that_was_shrunk_is_found() -> None:
    """pydicom's CT_small.dcm is a genuine slice reduced from 512 to 128 pixels a side
    with its header left alone."""
    (path,) = SHIPPED.rglob("CT_small.dcm")
    found = codes(MetadataLane().assess(decode_film(path), Context()))
    assert "reconstruction_diameter" in found
