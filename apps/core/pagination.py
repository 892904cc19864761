"""Keyset pagination: stable under inserts, the same cost on every page."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import uuid
from typing import Any

from django.utils import timezone

from apps.core.errors import Invalid

MAX_LIMIT = 200
# Ours are below 500; a longer one is hostile (deep JSON exhausts the parser's stack).
MAX_CURSOR_LENGTH = 1000


def encode_cursor(values: list[Any]) -> str:
    """Return an opaque cursor for the sort values of the last row shown."""
    text = json.dumps(values, separators=(",", ":"), default=str)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *, length: int) -> list[Any]:
    """Return the sort values in `cursor`: texts, numbers, booleans or None.

    Raises Invalid (`bad_cursor`). A text is not checked further: see
    `decode_time_cursor`.
    """
    if len(cursor) > MAX_CURSOR_LENGTH:
        raise bad_cursor()
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError) as error:
        raise bad_cursor() from error
    if not isinstance(values, list) or len(values) != length:
        raise bad_cursor()
    if any(isinstance(value, list | dict) for value in values):
        raise bad_cursor()
    return values


def encode_time_cursor(at: dt.datetime, last_id: uuid.UUID) -> str:
    """Return the cursor of a list sorted by a time, then by id."""
    return encode_cursor([at.isoformat(), str(last_id)])


def decode_time_cursor(cursor: str) -> tuple[dt.datetime, uuid.UUID]:
    """Return (time, id) of a cursor of `encode_time_cursor`. Raises Invalid."""
    at, last_id = decode_cursor(cursor, length=2)
    if not isinstance(at, str) or not isinstance(last_id, str):
        raise bad_cursor()
    try:
        moment = dt.datetime.fromisoformat(at)
        row_id = uuid.UUID(last_id)
    except ValueError as error:
        raise bad_cursor() from error
    if timezone.is_naive(moment):
        raise bad_cursor()
    return moment, row_id


def bad_cursor() -> Invalid:
    """Return the refusal of a cursor that we did not make."""
    return Invalid("The cursor is not one of ours.", code="bad_cursor")


def clamp_limit(limit: int) -> int:
    """Return a page size within 1..MAX_LIMIT."""
    return max(1, min(limit, MAX_LIMIT))
