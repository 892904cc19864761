"""What the worklist endpoints take and answer."""

from __future__ import annotations

import uuid
from typing import Annotated

from ninja import Field, Schema
from pydantic import StringConstraints

from apps.core.schemas import Page, SearchText
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


class CaseRowsOut(Schema):
    """The cases that the caller may see, and which of them the filter lets through."""

    items: list[CaseRow]
    matching: list[uuid.UUID]
