"""One rule of the header, and what it may look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from workers.decode.parsing import PARSE_ERRORS, read_element
from workers.decode.voi import read_numbers
from workers.types import DecodedImage, HeaderFacts

Detail = dict[str, Any]

# A longer element than any rule needs is not parsed: a million numbers in a header cost
# seconds and memory (PS3.5 6.2: the longest bounded text has 10,240 characters).
LONGEST_VALUE_BYTES = 16_384
_MOST_VALUES = 4096
# Enough for every histogram below; a larger picture is thinned by whole rows.
_SAMPLE_PIXELS = 4_000_000


@dataclass(frozen=True, eq=False)
class Subject:
    """A film under the rules. `received_at`: when we first had it, if known.

    study_headers: of the other films of its study, as far as they are known.
    """

    image: DecodedImage
    header: Dataset
    received_at: dt.datetime | None = None
    study_headers: tuple[HeaderFacts, ...] = ()

    @cached_property
    def modality(self) -> str:
        """Return Modality, upper case, or an empty string."""
        return self.text("Modality").upper()

    @cached_property
    def sop_class(self) -> str:
        """Return SOP Class UID, or an empty string."""
        return self.text("SOPClassUID")

    @cached_property
    def transfer_syntax(self) -> str:
        """Return the declared transfer syntax UID, or an empty string."""
        return self.meta("TransferSyntaxUID")

    @cached_property
    def is_original(self) -> bool:
        """Return whether Image Type says ORIGINAL (PS3.3 C.7.6.1.1.2)."""
        return self.texts("ImageType")[:1] == ("ORIGINAL",)

    @cached_property
    def is_derived(self) -> bool:
        """Return whether Image Type says DERIVED (PS3.3 C.7.6.1.1.2)."""
        return self.texts("ImageType")[:1] == ("DERIVED",)

    def meta(self, keyword: str) -> str:
        """Return an element of the file meta information; empty where absent."""
        value = read_element(self.header.file_meta, keyword)
        return "" if value is None else str(value).strip(" \x00")

    def has(self, keyword: str) -> bool:
        """Return whether the element is there, empty or not."""
        return keyword in self.header

    def texts(self, keyword: str) -> tuple[str, ...]:
        """Return the values of an element without padding; empty where absent."""
        if self._is_oversized(keyword):
            return ()
        value = read_element(self.header, keyword)
        if value is None or value == "":
            return ()
        parts = value if isinstance(value, MultiValue | list | tuple) else [value]
        if len(parts) > _MOST_VALUES:
            return ()
        return tuple(str(part).strip(" \x00") for part in parts)

    def text(self, keyword: str) -> str:
        r"""Return an element as text, values joined by \; empty where absent."""
        return "\\".join(self.texts(keyword))

    def code(self, keyword: str) -> str:
        """Return the first value, upper case; empty where absent."""
        return next(iter(self.texts(keyword)), "").upper()

    def numbers(self, keyword: str) -> tuple[float, ...]:
        """Return the finite numbers of an element; empty where absent or malformed."""
        if self._is_oversized(keyword):
            return ()
        return tuple(read_numbers(self.header, keyword))

    def number(self, keyword: str) -> float | None:
        """Return the first number of an element, None where absent or malformed."""
        return next(iter(self.numbers(keyword)), None)

    def positive(self, keyword: str) -> float | None:
        """Return the first number if above zero: devices write 0 for unknown."""
        number = self.number(keyword)
        return number if number is not None and number > 0 else None

    def pair(self, keyword: str) -> tuple[float, float] | None:
        """Return two positive numbers, else None."""
        numbers = self.numbers(keyword)
        if len(numbers) != 2 or min(numbers) <= 0:
            return None
        return numbers[0], numbers[1]

    def date(self, keyword: str) -> dt.date | None:
        """Return a DA element, None where absent or malformed (PS3.5 6.2)."""
        return parse_date(self.text(keyword))

    def moment(self, date_keyword: str, time_keyword: str) -> dt.datetime | None:
        """Return date and time together, None unless both can be read."""
        day, time = self.date(date_keyword), parse_time(self.text(time_keyword))
        return None if day is None or time is None else dt.datetime.combine(day, time)

    def raw_elements(self) -> Iterator[RawDataElement]:
        """Yield the top-level elements that nobody has parsed yet, as in the file."""
        for tag in list(self.header.keys()):
            element = self.header.get_item(tag)
            if isinstance(element, RawDataElement):
                yield element

    @cached_property
    def extremes(self) -> tuple[int, int]:
        """Return the smallest and largest stored value of the frame."""
        return int(self.image.stored.min()), int(self.image.stored.max())

    @cached_property
    def histogram(self) -> NDArray[np.int64]:
        """Return how often each value occurs from the smallest to the largest one.

        Of whole rows, evenly thinned to `_SAMPLE_PIXELS`; empty for colour and for
        values that spread over more than 16 bits.
        """
        stored = self.image.stored
        if stored.ndim != 2 or stored.size == 0:
            return np.zeros(0, np.int64)
        step = -(-stored.size // _SAMPLE_PIXELS)
        sample = stored[::step].ravel().astype(np.int64)
        low = int(sample.min())
        if int(sample.max()) - low >= 1 << 16:
            return np.zeros(0, np.int64)
        return np.bincount(sample - low).astype(np.int64)

    def _is_oversized(self, keyword: str) -> bool:
        tag = tag_for_keyword(keyword)
        if tag is None or tag not in self.header:
            return False
        try:
            element = self.header.get_item(tag)
        except PARSE_ERRORS:
            return True
        value = element.value
        return isinstance(value, bytes | str) and len(value) > LONGEST_VALUE_BYTES


def parse_date(text: str) -> dt.date | None:
    """Return a date of eight digits, with ACR-NEMA's dots or without, else None."""
    digits = text.replace(".", "")
    if len(digits) != 8 or not (digits.isascii() and digits.isdecimal()):
        return None
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def parse_time(text: str) -> dt.time | None:
    """Return a time of at least hours and minutes (PS3.5 6.2, TM), else None."""
    digits = text.replace(":", "").partition(".")[0]
    if len(digits) not in (4, 6) or not (digits.isascii() and digits.isdecimal()):
        return None
    try:
        # A leap second, 60, is told as 59.
        second = min(int(digits[4:] or 0), 59)
        return dt.time(int(digits[:2]), int(digits[2:4]), second)
    except ValueError:
        return None


@dataclass(frozen=True)
class Scope:
    """To what a rule applies: None means any modality, any storage class."""

    title: str
    modalities: frozenset[str] | None = None
    classes: frozenset[str] | None = None

    def covers(self, subject: Subject) -> bool:
        """Return whether the rule is meant for this film."""
        return (self.modalities is None or subject.modality in self.modalities) and (
            self.classes is None or subject.sop_class in self.classes
        )


CR_CLASS = "1.2.840.10008.5.1.4.1.1.1"
DX_CLASSES = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.1.1",
        "1.2.840.10008.5.1.4.1.1.1.1.1",
        "1.2.840.10008.5.1.4.1.1.1.2",
        "1.2.840.10008.5.1.4.1.1.1.2.1",
        "1.2.840.10008.5.1.4.1.1.1.3",
        "1.2.840.10008.5.1.4.1.1.1.3.1",
    }
)
SECONDARY_CLASSES = frozenset(
    {"1.2.840.10008.5.1.4.1.1.7"}
    | {f"1.2.840.10008.5.1.4.1.1.7.{number}" for number in range(1, 5)}
)

ANY = Scope("every film")
PROJECTIONS = Scope(
    "projections (CR, DX, MG, RG, IO, PX, XA, RF)",
    frozenset({"CR", "DX", "MG", "RG", "IO", "PX", "XA", "RF"}),
)
# Taken on a flat detector or plate, one exposure a picture.
RADIOGRAPHS = Scope(
    "radiographs (CR, DX, MG, RG, IO, PX)",
    frozenset({"CR", "DX", "MG", "RG", "IO", "PX"}),
)
# IEC 62494-1 leaves out image intensifiers, mammography and dental pictures.
GENERAL_RADIOGRAPHS = Scope(
    "general radiographs (CR, DX, RG)", frozenset({"CR", "DX", "RG"})
)
X_RAY = Scope(
    "X-ray films (CR, DX, MG, RG, IO, PX, XA, RF, CT)",
    frozenset({"CR", "DX", "MG", "RG", "IO", "PX", "XA", "RF", "CT"}),
)
MAMMOGRAMS = Scope("mammograms (MG)", frozenset({"MG"}))
CT_SLICES = Scope("CT", frozenset({"CT"}))
MR_SLICES = Scope("MR", frozenset({"MR"}))
SLICES = Scope("CT and MR", frozenset({"CT", "MR"}))
RADIOGRAPH_OBJECTS = Scope(
    "objects of the CR, DX, MG and IO storage classes",
    classes=DX_CLASSES | {CR_CLASS},
)
DX_OBJECTS = Scope("objects of the DX, MG and IO storage classes", classes=DX_CLASSES)
SECONDARY_OBJECTS = Scope("secondary captures", classes=SECONDARY_CLASSES)


@dataclass(frozen=True)
class Rule:
    """One rule; `check` returns the facts of a breach (no PHI), or None.

    weight: see workers.types.Finding. 0.5 and above, which makes a finding of the lane,
        only for what no genuine header at hand does; 0.7 and above only for what cannot
        be, by calendar or geometry.
    tolerated: the honest explanation that keeps the weight down, or what the rule lets
        pass; empty where there is none.
    """

    code: str
    sentence: str
    weight: float
    source: str
    check: Callable[[Subject], Detail | None]
    scope: Scope = ANY
    tolerated: str = ""

    def applies_to(self, subject: Subject) -> bool:
        """Return whether the rule is meant for this film."""
        return self.scope.covers(subject)
