"""One rule of the header, and what it may look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydicom.dataset import Dataset

from workers.decode.voi import read_numbers
from workers.types import DecodedImage

# Modalities whose pictures are X-ray projections.
PROJECTION = frozenset({"CR", "DX", "MG", "RG", "IO", "PX", "XA", "RF"})
# Those of them taken on a flat detector or plate, one exposure a picture.
RADIOGRAPH = frozenset({"CR", "DX", "MG", "RG", "IO", "PX"})

Detail = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Subject:
    """A film under the rules. `received_at`: when we first had it, if known."""

    image: DecodedImage
    header: Dataset
    received_at: dt.datetime | None = None

    @cached_property
    def modality(self) -> str:
        """Return Modality, upper case, or an empty string."""
        return self.text("Modality").upper()

    @cached_property
    def transfer_syntax(self) -> str:
        """Return the declared transfer syntax UID, or an empty string."""
        return str(self.header.file_meta.get("TransferSyntaxUID") or "")

    def text(self, keyword: str) -> str:
        """Return an element as text without padding; empty where absent."""
        value = self.header.get(keyword)
        return "" if value is None else str(value).strip(" \x00")

    def number(self, keyword: str) -> float | None:
        """Return the first number of an element, None where absent or malformed."""
        numbers = read_numbers(self.header, keyword)
        return numbers[0] if numbers else None

    def date(self, keyword: str) -> dt.date | None:
        """Return a DA element, None where absent or malformed (PS3.5 6.2)."""
        return parse_date(self.text(keyword))


def parse_date(text: str) -> dt.date | None:
    """Return a date of eight digits, else None."""
    if len(text) != 8 or not text.isdecimal():
        return None
    try:
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


@dataclass(frozen=True)
class Rule:
    """One rule; `check` returns the facts of a breach (no PHI), or None.

    modalities: to which it applies; None for all.
    weight: see workers.types.Finding. 0.7 and above only for what cannot be, by
        calendar or geometry; slips that honest devices and archives make stay below.
    """

    code: str
    sentence: str
    weight: float
    source: str
    check: Callable[[Subject], Detail | None]
    modalities: frozenset[str] | None = None

    def applies_to(self, subject: Subject) -> bool:
        """Return whether the rule is meant for this modality."""
        return self.modalities is None or subject.modality in self.modalities
