"""What the worklist endpoints take and answer."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from apps.core.schemas import Page, SearchText
from apps.reading.column_schemas import MAX_COLUMNS, ColumnIn
from apps.reading.filters import MAX_FILTER_LENGTH
from apps.reading.schemas import CasePick, CaseRow

FilterText = Annotated[
    str,
    StringConstraints(max_length=MAX_FILTER_LENGTH, pattern=r"^[^\x00]*$"),
]
MAX_ROWS = 200


class CaseSearch(CasePick):
    """The same, and what may hold a patient's name: a text, the filter language."""

    q: SearchText = ""
    filter: FilterText = ""


class CasePageOut(Page[CaseRow]):
    """A page of a worklist. `total` on the first page only; if it is not exact, there
    are more."""

    total: int | None
    is_total_exact: bool


class CaseRowsIn(CaseSearch):
    """Which cases, and the filter of the list they are on."""

    ids: list[uuid.UUID] = Field(max_length=MAX_ROWS)


class StandingOut(Schema):
    """What a bulk change may alter of a case; `version` is the case's own.

    claim_kind: empty if nobody holds it, or of a claim from before kinds were kept.
    """

    holder_id: uuid.UUID | None
    claim_expires_at: dt.datetime | None
    priority: Literal["routine", "urgent", "stat"]
    version: int
    claim_kind: Literal["", "opened", "taken", "assigned"] = ""


class StandingIn(StandingOut):
    """How a case is to stand again; `version` is the one that the change left."""

    id: uuid.UUID


class BulkIn(Schema):
    """One change to many cases; `restore` undoes one by the answer it gave."""

    action: Literal["assign", "release", "prioritise", "restore"]
    ids: list[uuid.UUID] = Field([], max_length=MAX_ROWS)
    person_id: uuid.UUID | None = None
    priority: Literal["routine", "urgent", "stat"] | None = None
    standings: list[StandingIn] = Field([], max_length=MAX_ROWS)


class BulkRowOut(Schema):
    """How one row ended. code, detail: why it was refused, else empty."""

    id: uuid.UUID
    code: str
    detail: str
    before: StandingOut | None
    after: StandingOut | None


class BulkOut(Schema):
    """A result for each row, in the order asked."""

    items: list[BulkRowOut]


class CaseRowsOut(Schema):
    """The cases that the caller may see, and which of them the filter lets through."""

    items: list[CaseRow]
    matching: list[uuid.UUID]


class SavedViewIn(Schema):
    """A filter and an order under a name; the fields are those of a search.

    columns: those the list is to show; none: the view leaves them as they are.
    """

    name: Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")]
    is_shared: bool = False
    state: Annotated[str, StringConstraints(max_length=16)] = "open"
    modality: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{0,16}$")] = ""
    mine: Annotated[str, StringConstraints(max_length=16)] = ""
    filter: FilterText = ""
    sort: Annotated[str, StringConstraints(max_length=16)] = ""
    columns: list[ColumnIn] = Field([], max_length=MAX_COLUMNS)


class SavedViewOut(SavedViewIn):
    """A saved view. A shared one that is not the caller's can only be used."""

    id: uuid.UUID
    is_mine: bool
