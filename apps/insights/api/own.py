"""HTTP doorway of a reader's own figures: no address names a person but the caller."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict

from django.http import HttpRequest
from ninja import Router, Schema

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.insights.api.summary import ProportionOut
from apps.insights.own_reading import own_reading
from apps.reading.canary_models import Truth
from apps.reading.models import Answer, Outcome

router = Router(tags=["insights"])


class AgainstTruthOut(Schema):
    """Own blind reads on adjudicated cases."""

    first_right: ProportionOut
    final_right: ProportionOut
    right_to_wrong: ProportionOut
    wrong_to_right: ProportionOut


class CanaryFiguresOut(Schema):
    """Misses and false alarms on films of known truth."""

    first_missed: ProportionOut
    final_missed: ProportionOut
    first_alarms: ProportionOut
    final_alarms: ProportionOut


class OwnCanaryOut(Schema):
    """A closed case of the caller's that was a film of known truth."""

    case_id: uuid.UUID
    truth: Truth
    first_answer: Answer
    outcome: Outcome
    is_blind: bool
    filed_at: dt.datetime


class OwnCanariesOut(Schema):
    """The caller's own closed canaries, the newest first."""

    figures: CanaryFiguresOut
    newest: list[OwnCanaryOut]


class OwnReadingOut(Schema):
    """The caller's own figures."""

    reads: int
    blind_reads: int
    verdicts: int
    seconds_to_seal: float | None
    seconds_to_verdict: float | None
    against_truth: AgainstTruthOut
    canaries: OwnCanariesOut


@router.get("/me/reading", response=OwnReadingOut)
def read_own_reading(request: HttpRequest) -> OwnReadingOut:
    """Tell the caller's own figures; there is no door to another person's."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    return OwnReadingOut(**asdict(own_reading(reader=user)))
