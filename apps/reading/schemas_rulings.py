"""What amending, adjudicating and re-opening take and answer."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Literal

from ninja import Field, Schema

from apps.core.schemas import PersonOut
from apps.reading.models import Outcome
from apps.reading.schemas import DecisionIn, ReadOut, VerdictOut


class QueuesOut(Schema):
    """How many open cases each of the caller's queues holds, counted to 1,000: 1,001
    means more."""

    mine: int
    unclaimed: int
    second_reads: int
    adjudication: int
    asked: int


class AmendIn(DecisionIn):
    """A verdict in place of an earlier one; the earlier one stays, and so does the
    opinion it was about."""

    replaces: uuid.UUID
    reason: str = Field(max_length=1000)


class BothAnswers(Schema):
    """One reader's sealed answer and newest verdict, side by side."""

    read: ReadOut
    verdict: VerdictOut


class RulingIn(Schema):
    """A final outcome for readers who differ.

    verdicts: ids of those that the adjudicator saw.
    """

    verdicts: list[uuid.UUID] = Field(min_length=1, max_length=40)
    outcome: Literal["authentic", "suspicious", "inconclusive"]
    reason_codes: list[str] = Field(max_length=40)
    note: str = Field(max_length=1000)


class RulingOut(Schema):
    """A final outcome, filed."""

    id: uuid.UUID
    outcome: Outcome
    reason_codes: list[str]
    note: str
    filed_at: dt.datetime
    log_position: int
    adjudicator: PersonOut


class ReopeningOut(Schema):
    """That a closed case was sent to one more reader."""

    id: uuid.UUID
    reason: str
    reopened_at: dt.datetime
    log_position: int
    lead: PersonOut


class AdjudicationOut(Schema):
    """All that an adjudicator settles."""

    readers: list[BothAnswers]
    ruling: RulingOut | None
    reopenings: list[ReopeningOut]


class ReopenIn(Schema):
    """Why a closed case is to be read again."""

    reason: str = Field(max_length=1000)
