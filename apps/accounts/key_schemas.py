"""The keys of a person, as they are sent and kept."""

from __future__ import annotations

from typing import Annotated

from ninja import Field, Schema
from pydantic import StringConstraints

MAX_SHORTCUTS = 200

ShortcutId = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{1,16}\.[a-z0-9_]{1,32}$")
]
# As in KeyboardEvent.key, with "Shift+" before it: no control characters, no spaces.
KeyName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=16, pattern=r"^[^\s\x00-\x1f\x7f]+$"),
]


class KeysIn(Schema):
    """What is changed of the usual keys; `keys` of a shortcut empty: it is off.

    single_keys: false: keys that are one character do nothing.
    """

    keys: Annotated[
        dict[ShortcutId, Annotated[list[KeyName], Field(max_length=3)]],
        Field(max_length=MAX_SHORTCUTS),
    ]
    single_keys: bool = True
