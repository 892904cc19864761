"""Shapes that several apps answer with."""

from __future__ import annotations

import uuid
from typing import Annotated, Generic, TypeVar

from ninja import Schema
from pydantic import StringConstraints

Item = TypeVar("Item")
# What a search box may send: long patterns are slow and never typed.
SearchText = Annotated[
    str,
    # PostgreSQL has no text with NUL.
    StringConstraints(max_length=100, strip_whitespace=True, pattern=r"^[^\x00]*$"),
]
SlugText = Annotated[str, StringConstraints(max_length=50)]


class PersonOut(Schema):
    """A person as others see them."""

    id: uuid.UUID
    display_name: str


class Page(Schema, Generic[Item]):
    """One page of a list; follow next_cursor until it is null."""

    items: list[Item]
    next_cursor: str | None


class CountedPage(Page[Item], Generic[Item]):
    """A page that also tells how many rows match."""

    total: int


class ProportionOut(Schema):
    """A share with its 95 % interval."""

    value: float | None
    low: float | None
    high: float | None
    n: int


class Problem(Schema):
    """An RFC 9457 problem."""

    type: str
    title: str
    status: int
    detail: str
    code: str
