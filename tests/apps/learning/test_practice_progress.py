"""A reader's own figures: first answers only, with intervals, for nobody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.learning.models import PracticeItem, PracticeKind, PracticeSession
from tests.apps.learning.conftest import Film
from tests.conftest import Hospital

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
PROGRESS = "/api/v1/practice/progress"


def _session(reader: User, *answers: tuple[Any, str, int], days_ago: int = 0) -> None:
    """Make an ended session of (film, answer, confidence)."""
    at = timezone.now() - dt.timedelta(days=days_ago)
    session = PracticeSession.objects.create(reader=reader, ended_at=at)
    PracticeSession.objects.filter(pk=session.pk).update(created_at=at)
    for position, (film, answer, confidence) in enumerate(answers):
        PracticeItem.objects.create(
            session=session,
            film=film,
            position=position,
            answer=answer,
            confidence=confidence,
            answered_at=at,
        )


@pytest.fixture
def practised(hospital: Hospital, add_film: Film) -> None:
    """Let Alice answer five films, one of them twice, and Bob one."""
    real = [add_film(PracticeKind.UNTOUCHED) for _ in range(2)]
    whole = [add_film(PracticeKind.WHOLE_FILM) for _ in range(2)]
    copied = add_film(PracticeKind.REGION_COPIED)
    _session(
        hospital.alice,
        (real[0], "authentic", 5),
        (real[1], "suspicious", 2),
        (whole[0], "suspicious", 5),
        (whole[1], "cannot_tell", 1),
        (copied, "authentic", 5),
        days_ago=2,
    )
    # Known by now, and right at last: it does not mend the first answer.
    _session(hospital.alice, (copied, "suspicious", 4), days_ago=1)
    _session(hospital.bob, (copied, "suspicious", 5))


def test_figures_are_of_the_first_answer_to_each_film(
    hospital: Hospital, client_of: ClientOf, practised: None
) -> None:
    told = client_of(hospital.alice).get(PROGRESS).json()
    assert (told["films"], told["answers"], told["cannot_tell"]) == (5, 6, 1)
    assert (told["sensitivity"]["value"], told["sensitivity"]["n"]) == (1 / 3, 3)
    assert (told["specificity"]["value"], told["specificity"]["n"]) == (0.5, 2)
    # Wilson's interval of 1 in 2, from R: binom::binom.wilson(1, 2).
    assert told["specificity"]["low"] == pytest.approx(0.0945, abs=1e-4)
    assert told["specificity"]["high"] == pytest.approx(0.9055, abs=1e-4)


def test_calibration_tells_how_often_each_confidence_was_right(
    hospital: Hospital, client_of: ClientOf, practised: None
) -> None:
    told = client_of(hospital.alice).get(PROGRESS).json()["calibration"]
    assert [(one["confidence"], one["right"]["n"]) for one in told] == [
        (1, 1), (2, 1), (3, 0), (4, 0), (5, 3),
    ]  # fmt: skip
    assert told[4]["right"]["value"] == pytest.approx(2 / 3)
    assert told[3]["right"]["value"] is None


def test_each_kind_and_each_session_has_its_share(
    hospital: Hospital, client_of: ClientOf, practised: None
) -> None:
    told = client_of(hospital.alice).get(PROGRESS).json()
    kinds = {one["kind"]: one for one in told["kinds"]}
    assert list(kinds) == ["untouched", "whole_film", "region_copied"]
    assert kinds["region_copied"]["right"]["value"] == 0
    assert kinds["whole_film"]["truth"] == "generated"
    sessions = told["sessions"]
    assert [one["answers"] for one in sessions] == [5, 1]
    assert [one["new_films"] for one in sessions] == [5, 0]
    assert sessions[1]["right"]["value"] == 1


def test_a_reader_sees_no_other_readers_figures(
    hospital: Hospital, client_of: ClientOf, charlie: User, practised: None
) -> None:
    assert client_of(hospital.bob).get(PROGRESS).json()["answers"] == 1
    for person in (hospital.lena, charlie):
        answer = client_of(person).get(PROGRESS)
        assert answer.json()["answers"] == 0
        assert answer.json()["sensitivity"]["value"] is None
    for person in (hospital.ada, hospital.max):
        assert client_of(person).get(PROGRESS).status_code == 403


def test_own_figures_are_kept_by_no_proxy(
    hospital: Hospital, client_of: ClientOf, practised: None
) -> None:
    answer = client_of(hospital.alice).get(PROGRESS)
    assert answer.headers["Cache-Control"] == "private, no-store"
