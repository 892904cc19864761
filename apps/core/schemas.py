"""Shapes that several apps answer with."""

from __future__ import annotations

import uuid
from typing import Generic, TypeVar

from ninja import Schema

Item = TypeVar("Item")


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


class Problem(Schema):
    """An RFC 9457 problem."""

    type: str
    title: str
    status: int
    detail: str
    code: str
