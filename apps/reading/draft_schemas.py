"""What the draft endpoints take and answer."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from apps.reading.personal_models import DraftStep
from apps.reading.schemas import RegionIn

# PostgreSQL keeps no NUL.
CodeText = Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")]
NoteText = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]


class DraftFields(Schema):
    """An answer as far as it goes; those of the other steps stay empty."""

    answer: Literal["authentic", "suspicious", "cannot_tell"] | None = None
    confidence: int | None = Field(None, ge=1, le=5)
    decision: Literal["confirm", "overrule", "inconclusive"] | None = None
    changed_mind_code: CodeText | None = None
    outcome: Literal["authentic", "suspicious", "inconclusive"] | None = None
    reason_codes: list[CodeText] = Field([], max_length=40)
    regions: list[RegionIn] = Field([], max_length=50)
    note: NoteText = ""


class DraftIn(DraftFields):
    """A draft; `revision` is the one it was made from, 0 where there was none."""

    revision: int = Field(ge=0)


class DraftOut(DraftFields):
    """A kept draft."""

    step: DraftStep
    revision: int
    saved_at: dt.datetime


class DraftsOut(Schema):
    """The caller's drafts of a case."""

    read: DraftOut | None
    verdict: DraftOut | None
    ruling: DraftOut | None
