"""Keyset pagination: stable under inserts, the same cost on every page."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from apps.core.errors import Invalid

MAX_LIMIT = 200


def encode_cursor(values: list[Any]) -> str:
    """Return an opaque cursor for the sort values of the last row shown."""
    text = json.dumps(values, separators=(",", ":"), default=str)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *, length: int) -> list[Any]:
    """Return the sort values in `cursor`. Raises Invalid (`bad_cursor`)."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError) as error:
        raise Invalid("The cursor is not one of ours.", code="bad_cursor") from error
    if not isinstance(values, list) or len(values) != length:
        raise Invalid("The cursor is not one of ours.", code="bad_cursor")
    return values


def clamp_limit(limit: int) -> int:
    """Return a page size within 1..MAX_LIMIT."""
    return max(1, min(limit, MAX_LIMIT))
