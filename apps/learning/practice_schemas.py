"""What the practice endpoints take and answer."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from ninja import Field, Schema

from apps.core.schemas import ProportionOut
from apps.learning.models import PracticeKind, PracticeTruth
from apps.reading.models import Answer
from apps.reading.schemas import ImageEvidence, RegionIn


class PracticeStartIn(Schema):
    """A practice to begin."""

    films: int = Field(20, ge=1, le=50)


class PracticePlace(Schema):
    """One film of a session; is_right is null until it is answered, and where the film
    was withdrawn."""

    id: uuid.UUID
    is_answered: bool
    is_right: bool | None
    is_withdrawn: bool


class PracticeSessionOut(Schema):
    """A session and how far it is, in the order of the films."""

    id: uuid.UUID
    started_at: dt.datetime
    ended_at: dt.datetime | None
    films: list[PracticePlace]


class PracticeOverview(Schema):
    """What there is to practise on, and the session to go on with."""

    films: int
    ended_sessions: int
    session: PracticeSessionOut | None


class PracticeAnswerIn(Schema):
    """An answer; the image_id of its regions is the film's id in the session."""

    answer: Literal["authentic", "suspicious", "cannot_tell"]
    confidence: int = Field(ge=1, le=5)
    reason_codes: list[str] = Field([], max_length=40)
    regions: list[RegionIn] = Field([], max_length=50)


class PracticeAnswerOut(Schema):
    """The answer that was given."""

    answer: Answer
    confidence: int
    reason_codes: list[str]
    regions: list[dict[str, Any]]
    answered_at: dt.datetime


class PracticeRegion(Schema):
    """A box of what was altered, in image pixels; found: the reader marked it."""

    row: int
    column: int
    height: int
    width: int
    frame: int
    found: bool


class PracticeEvidence(Schema):
    """What the lanes say of the film."""

    suspicion: float | None
    flagged: bool
    reason: str
    threshold: float
    images: list[ImageEvidence]


class PracticeFeedback(Schema):
    """The truth, told once the film is answered.

    codes: what tells this film for what it is, split by what the answer named; the
    rest of what it named is in other_codes, which need not be wrong.
    stray_marks: marks of the reader with no altered part below their centre.
    lanes: whether evidence is here, still to come, or will not come.
    """

    is_right: bool
    truth: PracticeTruth
    kind: PracticeKind
    explanation: str
    given: PracticeAnswerOut
    named_codes: list[str]
    missed_codes: list[str]
    other_codes: list[str]
    regions: list[PracticeRegion]
    stray_marks: int
    lanes: Literal["told", "waiting", "failed"]
    evidence: PracticeEvidence | None


class PracticeFilmOut(Schema):
    """One film of a session; feedback is null until it is answered.

    is_withdrawn: the film is a case by now; it takes no answer and has no feedback.
    """

    id: uuid.UUID
    session_id: uuid.UUID
    number: int
    of: int
    description: str
    modality: str
    rows: int
    columns: int
    frame_count: int
    is_withdrawn: bool
    feedback: PracticeFeedback | None


class KindFiguresOut(Schema):
    """How often one kind of film was answered right."""

    kind: PracticeKind
    truth: PracticeTruth
    right: ProportionOut


class ConfidenceFiguresOut(Schema):
    """Right answers at one confidence."""

    confidence: int
    right: ProportionOut


class SessionFiguresOut(Schema):
    """One session."""

    session_id: uuid.UUID
    started_at: dt.datetime
    answers: int
    new_films: int
    right: ProportionOut


class PracticeProgress(Schema):
    """The caller's own figures."""

    films: int
    answers: int
    cannot_tell: int
    sensitivity: ProportionOut
    specificity: ProportionOut
    calibration: list[ConfidenceFiguresOut]
    kinds: list[KindFiguresOut]
    sessions: list[SessionFiguresOut]
