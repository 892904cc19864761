"""Beside a flag stands how often such flags are right at the site's prevalence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.detection.models import LaneResult
from apps.detection.selectors import list_model_cards, value_of_flags
from apps.reading.models import Case
from tests.conftest import Hospital
from tests.factories import Said, make_case, seal
from workers.types import LaneName

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def shipped_sha256() -> str:
    (card,) = (card for card in list_model_cards() if card["name"] == "synthesis")
    return str(card["sha256"])


def flag_by_model(case: Case, sha256: str, lane: LaneName = LaneName.SYNTHESIS) -> None:
    results = LaneResult.objects.filter(run__image__study_id=case.pk, lane=lane)
    results.update(status="finding", model_sha256=sha256)


def test_the_value_follows_from_prevalence_sensitivity_and_false_alarms(
    settings: Settings,
) -> None:
    sha256 = shipped_sha256()
    settings.PREVALENCE = 0.5
    (even,) = value_of_flags(model_sha256s={sha256, "0" * 64})
    caught = even.sensitivity[0]
    assert even.value[0] == pytest.approx(caught / (caught + 0.01))
    assert even.value[1] < even.value[0] < even.value[2]
    settings.PREVALENCE = 0.001
    (rare,) = value_of_flags(model_sha256s={sha256})
    # One film in a thousand: nine flags in ten and more are false.
    assert rare.value[2] < 0.1
    assert value_of_flags(model_sha256s=set()) == []


def test_it_is_told_with_the_evidence_of_a_lane_that_found_something(
    hospital: Hospital, client_of: ClientOf, settings: Settings
) -> None:
    settings.PREVALENCE = 0.01
    case = make_case(hospital.blind, said=Said(suspicion=0.9, flagged=True))
    flag_by_model(case, shipped_sha256())
    seal(case, hospital.alice)
    address = f"/api/v1/cases/{case.pk}/evidence"
    (told,) = client_of(hospital.alice).get(address).json()["flag_values"]
    assert (told["lane"], told["prevalence"]) == ("synthesis", 0.01)
    assert told["false_alarms"] == 0.01
    assert 0 < told["value"]["low"] < told["value"]["value"] < told["value"]["high"] < 1

    LaneResult.objects.filter(run__image__study_id=case.pk).update(status="clear")
    assert client_of(hospital.alice).get(address).json()["flag_values"] == []


def test_a_model_that_was_measured_at_no_such_threshold_has_no_value(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.triage)
    flag_by_model(case, "f" * 64)
    address = f"/api/v1/cases/{case.pk}/evidence"
    assert client_of(hospital.alice).get(address).json()["flag_values"] == []
