"""What the tests of reading share: a flagged case with canaries in its evidence."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from apps.reading.models import Case
from tests.conftest import Hospital
from tests.factories import Said, make_case

CANARY = "LEAKCANARY"
SUSPICION = 0.987654
FLAGGED = Said(
    suspicion=SUSPICION,
    flagged=True,
    top_lane="tamper",
    reason=f"{CANARY}REASON: a region was moved.",
    finding_text=f"{CANARY}FINDING: a region was moved.",
)


@dataclass(frozen=True)
class Twins:
    """Two blind cases that differ in nothing but the system's opinion."""

    flagged: Case
    clear: Case


@pytest.fixture
def twins(hospital: Hospital) -> Twins:
    """Return a flagged and an unflagged case of the blind department."""
    return Twins(make_case(hospital.blind, said=FLAGGED), make_case(hospital.blind))
