"""The columns of a list, as they are sent and kept."""

from __future__ import annotations

from typing import Annotated

from ninja import Field, Schema
from pydantic import StringConstraints

from apps.reading.columns import ShownColumn

MAX_COLUMNS = 40


class ColumnIn(Schema):
    """A column; `width_px` null: the list's own width."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,24}$")]
    width_px: Annotated[int, Field(ge=40, le=800)] | None = None


class ColumnsIn(Schema):
    """Columns from the first to the last."""

    columns: list[ColumnIn] = Field(max_length=MAX_COLUMNS)


class ColumnsOut(ColumnsIn):
    """The columns that are kept; none: the list's own."""


def rows_of(columns: list[ColumnIn]) -> list[ShownColumn]:
    """Return columns as they are kept."""
    return [ShownColumn(name=c.name, width_px=c.width_px) for c in columns]
