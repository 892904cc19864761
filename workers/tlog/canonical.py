"""Canonical JSON, the bytes that are hashed.

RFC 8785 restricted to what events hold: objects, arrays, strings, integers, booleans
and null. Floats are refused, so number formatting never matters.
"""

from __future__ import annotations

import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """Return the one UTF-8 encoding of `value`. Raises TypeError for anything else.

    SPEC RFC 8785 3.2.3: keys are sorted by their UTF-16 code units.
    """
    return json.dumps(
        _ordered(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode("utf-8")


def _ordered(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        if abs(value) > 2**53 - 1:
            raise TypeError("an integer outside +-(2**53 - 1) has no canonical form")
        return value
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("keys must be strings")
        return {
            key: _ordered(value[key])
            for key in sorted(value, key=lambda text: text.encode("utf-16-be"))
        }
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")
