"""What the endpoints of questions and notifications take and answer."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints

from apps.core.schemas import Page, PersonOut
from apps.reading.notification_models import NotificationKind

# PostgreSQL has no text with NUL.
Words = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]


class QuestionIn(Schema):
    """Whom to ask, and what; the note may be empty."""

    person_id: uuid.UUID
    note: Words = ""


class ReplyIn(Schema):
    """What is replied."""

    text: Words


class ReplyOut(Schema):
    """A reply."""

    text: str
    replied_at: dt.datetime
    log_position: int


class QuestionOut(Schema):
    """A question, as one of the two is told it. note: null while it is held back."""

    id: uuid.UUID
    asker: PersonOut
    asked: PersonOut
    note: str | None
    asked_at: dt.datetime
    log_position: int
    reply: ReplyOut | None


class CaseName(Schema):
    """A case by what people call it; nothing of its state."""

    id: uuid.UUID
    worklist: str
    patient_name: str
    modality: str
    description: str


class AskedOut(Schema):
    """A question that waits for the caller's reply, without its note."""

    id: uuid.UUID
    asker: PersonOut
    asked_at: dt.datetime
    case: CaseName


class NotificationOut(Schema):
    """One line under the bell.

    count, quarantined: cases given; files of an upload, and those in quarantine.
    """

    id: uuid.UUID
    kind: NotificationKind
    is_read: bool
    told_at: dt.datetime
    actor: PersonOut | None
    case: CaseName | None
    upload_id: uuid.UUID | None
    count: int
    quarantined: int


class NotificationPage(Page[NotificationOut]):
    """A page of notifications. unread: of all, not of this page."""

    unread: int


class MarkIn(Schema):
    """Which notifications were looked at, or are to count as new again."""

    ids: list[uuid.UUID] = Field(max_length=200)
    is_read: bool = True


class UnreadOut(Schema):
    """How many notifications the caller has not looked at."""

    unread: int
