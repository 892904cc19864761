"""What a decision says of the film, and when it contradicts the first answer."""

from __future__ import annotations

import pytest

from apps.reading.models import Answer, Decision, Outcome
from apps.reading.services.reads import outcome_of
from apps.reading.services.settling import is_switch

OUTCOMES = [
    (Decision.CONFIRM, True, Outcome.SUSPICIOUS),
    (Decision.CONFIRM, False, Outcome.AUTHENTIC),
    (Decision.OVERRULE, True, Outcome.AUTHENTIC),
    (Decision.OVERRULE, False, Outcome.SUSPICIOUS),
    (Decision.INCONCLUSIVE, True, Outcome.INCONCLUSIVE),
    (Decision.INCONCLUSIVE, False, Outcome.INCONCLUSIVE),
]


@pytest.mark.parametrize(("decision", "flagged", "outcome"), OUTCOMES)
def test_a_decision_about_the_flag_says_this_of_the_film(
    decision: Decision, flagged: bool, outcome: Outcome
) -> None:
    assert outcome_of(decision, flagged=flagged) == outcome


@pytest.mark.parametrize(
    ("first", "outcome", "switched"),
    [
        (Answer.AUTHENTIC, Outcome.SUSPICIOUS, True),
        (Answer.SUSPICIOUS, Outcome.AUTHENTIC, True),
        (Answer.AUTHENTIC, Outcome.AUTHENTIC, False),
        (Answer.SUSPICIOUS, Outcome.SUSPICIOUS, False),
        (Answer.CANNOT_TELL, Outcome.AUTHENTIC, False),
        (Answer.CANNOT_TELL, Outcome.SUSPICIOUS, False),
        (Answer.AUTHENTIC, Outcome.INCONCLUSIVE, False),
        (Answer.SUSPICIOUS, Outcome.INCONCLUSIVE, False),
    ],
)
def test_only_a_definite_answer_can_be_contradicted(
    first: Answer, outcome: Outcome, switched: bool
) -> None:
    assert is_switch(first, outcome) is switched
