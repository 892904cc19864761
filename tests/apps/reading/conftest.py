"""What the tests of reading share: a flagged case with canaries in its evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Department, SecondReader, User
from apps.detection.receivers import analyse_registered_image
from apps.imaging.signals import image_registered
from apps.reading.models import Answer, Case, CaseState, Decision
from apps.reading.selectors import current_verdicts
from apps.reading.services.reads import (
    FinalAnswer,
    FirstAnswer,
    RegionMark,
    file_verdict,
    seal_read,
)
from tests.apps.reading.canary_room import fill_roster
from tests.conftest import Hospital
from tests.factories import Said, decide, image_of, make_case, opinion_of, seal

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


OVERRULED = Said(suspicion=0.9, flagged=True)
# What the first reader says, in strings that stand nowhere else.
FIRST_NOTE = "FIRSTREADERCANARY grain"
FINAL_NOTE = "FINALCANARY grain"
# Long enough that no timestamp of a run happens to hold it.
MARK_EDGE = 11.53125


def set_policy(
    department: Department, second_reader: SecondReader, share: str = "0", **more: Any
) -> None:
    """Set a policy without its event."""
    Department.objects.filter(pk=department.pk).update(
        second_reader=second_reader, second_read_share=Decimal(share), **more
    )
    department.refresh_from_db()


def post(browser: Client, case: Case, what: str, body: dict[str, Any]) -> Any:
    """Post as the page does, which names what its reader had seen."""
    seen: dict[str, Any] = {}
    if what == "verdict":
        seen = {"opinion_sha256": opinion_of(case)}
    elif what == "adjudication":
        seen = {"verdicts": [str(row.pk) for row in current_verdicts(case=case)]}
    address = f"/api/v1/cases/{case.pk}/{what}"
    return browser.post(address, {**seen, **body}, content_type="application/json")


def read_fully(
    case: Case, reader: User, answer: Answer, decision: Decision, mind: str = ""
) -> None:
    """Seal and decide."""
    seal(case, reader, answer)
    decide(case, reader, decision, mind)


@pytest.fixture
def waiting(hospital: Hospital) -> Case:
    """Return a flagged case that Alice has overruled and that waits for another."""
    set_policy(hospital.blind, SecondReader.ALWAYS)
    case = make_case(hospital.blind, said=OVERRULED)
    mark = RegionMark(image_of(case).pk, 0, "box", ((MARK_EDGE, 12.5), (21.5, 22.5)))
    seal_read(
        case=case,
        reader=hospital.alice,
        answer=FirstAnswer(
            Answer.AUTHENTIC, 5, ("acquisition_artefact",), (mark,), FIRST_NOTE
        ),
    )
    file_verdict(
        case=case,
        reader=hospital.alice,
        answer=FinalAnswer(
            Decision.OVERRULE, ("processing_artefact",), (mark,), FINAL_NOTE
        ),
        opinion_sha256=opinion_of(case),
    )
    case.refresh_from_db()
    assert case.state == CaseState.SECOND_READ
    return case


@pytest.fixture
def differing(hospital: Hospital) -> Case:
    """Return a flagged case that Alice overruled and Bob confirmed."""
    set_policy(hospital.blind, SecondReader.ALWAYS)
    case = make_case(hospital.blind, said=OVERRULED)
    read_fully(case, hospital.alice, Answer.AUTHENTIC, Decision.OVERRULE)
    read_fully(case, hospital.bob, Answer.SUSPICIOUS, Decision.CONFIRM)
    case.refresh_from_db()
    assert case.state == CaseState.ADJUDICATION
    return case


@pytest.fixture
def decided(hospital: Hospital) -> Case:
    """Return a flagged case that Alice overruled, closed."""
    case = make_case(hospital.blind, said=OVERRULED)
    read_fully(case, hospital.alice, Answer.AUTHENTIC, Decision.OVERRULE)
    case.refresh_from_db()
    assert case.state == CaseState.DONE
    return case


@pytest.fixture
def without_lanes() -> Iterator[None]:
    """Ingest films without analysing them."""
    receivers = list(image_registered.receivers)
    image_registered.disconnect(analyse_registered_image)
    yield
    # The list as it was: receivers are called in the order in which they connected.
    image_registered.receivers[:] = receivers
    image_registered.sender_receivers_cache.clear()


@pytest.fixture
def canary_room(hospital: Hospital) -> Hospital:
    """Return the hospital; after each case of its blind worklist a canary is drawn."""
    Department.objects.filter(pk=hospital.blind.pk).update(canary_share=Decimal(1))
    hospital.blind.refresh_from_db()
    fill_roster(hospital.blind)
    return hospital
