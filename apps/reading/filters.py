"""The filter language of worklists: text to terms, with the place of every fault.

    filter := term (space term)*
    term   := ["-"] (field operator value ("," value)* | value)
    value  := a run without spaces, quotes and commas, or anything in double quotes

`frontend/src/features/worklist/filterLanguage.ts` is the same grammar for the browser;
`tests/vectors/worklist_filters.json` holds the examples that both are tested on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.core.errors import Invalid
from workers.types import LaneName

MAX_FILTER_LENGTH = 500
MAX_TERMS = 20
OPINION_FIELDS = frozenset({"suspicion", "flagged", "lane"})
# May hold a patient's name: never in a URL.
PRIVATE_FIELDS = frozenset({"patient", "text"})
STATES = (
    "open",
    "all",
    "analysing",
    "ready",
    "in_read",
    "sealed",
    "second_read",
    "adjudication",
    "done",
)
COMPARED = {
    "age": (re.compile(r"\d{1,4}[mhdw]"), "age<2d"),
    "suspicion": (re.compile(r"0(\.\d{1,6})?|1(\.0{1,6})?"), "suspicion>0.8"),
}
# None: any text.
LISTED: dict[str, tuple[str, ...] | re.Pattern[str] | None] = {
    "modality": re.compile(r"[A-Za-z]{2,16}"),
    "site": re.compile(r"[A-Za-z0-9_-]{1,50}"),
    "state": STATES,
    "with": None,
    "patient": None,
    "priority": ("routine", "urgent", "stat"),
    "flagged": ("yes", "no"),
    "lane": tuple(lane.value for lane in LaneName),
}
FIELD = re.compile(r"([A-Za-z]+)(:|<=|>=|<|>)")
BARE_VALUE = re.compile(r'[^\s",]+')
BARE_TEXT = re.compile(r'[^\s"]+')


@dataclass(frozen=True)
class Term:
    """One condition. `start` and `end` are places in the text, 0-based, end excluded.

    operator: ":" for membership, else a comparison. field "text": any word of a case.
    """

    field: str
    operator: str
    values: tuple[str, ...]
    is_negated: bool
    start: int
    end: int


class FilterFault(Invalid):
    """A filter that cannot be read; `detail` says what, and at which character."""

    def __init__(self, message: str, position: int, code: str = "bad_filter") -> None:
        super().__init__(f"{message} (character {position + 1})", code=code)
        self.message = message
        self.position = position


def parse_filter(text: str, *, allow_opinion: bool) -> tuple[Term, ...]:
    """Return the terms of a filter. Raises FilterFault.

    allow_opinion: False on a worklist that is read blind. The refusal looks at the text
    alone, so that it cannot depend on what any case holds.
    """
    if len(text) > MAX_FILTER_LENGTH:
        raise FilterFault("The filter is too long.", MAX_FILTER_LENGTH)
    terms: list[Term] = []
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return tuple(terms)
        term = _read_term(text, at)
        if term.field in OPINION_FIELDS and not allow_opinion:
            raise FilterFault(
                f"This worklist is read blind: it cannot be filtered by {term.field}.",
                term.start,
                code="opinion_filter",
            )
        terms.append(term)
        if len(terms) > MAX_TERMS:
            raise FilterFault(f"A filter has at most {MAX_TERMS} parts.", term.start)
        at = term.end


def _read_term(text: str, start: int) -> Term:
    is_negated = text[start] == "-"
    at = start + is_negated
    if is_negated and (at == len(text) or text[at].isspace()):
        raise FilterFault("The minus stands alone.", start)
    found = FIELD.match(text, at)
    if found is None:
        pattern = None if text[at] == '"' else BARE_TEXT
        value, end = _read_value(text, at, pattern)
        _require_space(text, end)
        return Term("text", ":", (value,), is_negated, start, end)
    field, operator = found.group(1).lower(), found.group(2)
    if field not in LISTED and field not in COMPARED:
        raise FilterFault(f"There is no filter “{field}”.", at)
    _check_operator(field, operator, found.start(2))
    at = found.end()
    values = []
    while True:
        value, end = _read_value(text, at, BARE_VALUE)
        values.append(_checked_value(field, value, at))
        if field in COMPARED and len(values) > 1:
            raise FilterFault(f"{field} takes one value.", at)
        if end == len(text) or text[end] != ",":
            break
        at = end + 1
    _require_space(text, end)
    return Term(field, operator, tuple(values), is_negated, start, end)


def _read_value(text: str, at: int, pattern: re.Pattern[str] | None) -> tuple[str, int]:
    if at < len(text) and text[at] == '"':
        close = text.find('"', at + 1)
        if close == -1:
            raise FilterFault("The quote is not closed.", at)
        value = text[at + 1 : close].strip()
        if not value:
            raise FilterFault("The quotes are empty.", at)
        return value, close + 1
    found = pattern.match(text, at) if pattern else None
    if found is None:
        raise FilterFault("A value is missing.", at)
    return found.group(), found.end()


def _require_space(text: str, end: int) -> None:
    if end < len(text) and not text[end].isspace():
        raise FilterFault("A space is missing.", end)


def _check_operator(field: str, operator: str, at: int) -> None:
    if field in COMPARED and operator == ":":
        example = COMPARED[field][1]
        raise FilterFault(f"{field} is compared, as in {example}.", at)
    if field in LISTED and operator != ":":
        raise FilterFault(f"{field} takes a colon.", at)


def _checked_value(field: str, value: str, at: int) -> str:
    if field in COMPARED:
        pattern, example = COMPARED[field]
        if pattern.fullmatch(value) is None:
            raise FilterFault(f"{field} is written as in {example}.", at)
        return value
    allowed = LISTED[field]
    if allowed is None:
        return value
    if isinstance(allowed, re.Pattern):
        if allowed.fullmatch(value) is None:
            raise FilterFault(f"That is no {field}.", at)
        return value.upper() if field == "modality" else value.lower()
    if value.lower() not in allowed:
        raise FilterFault(f"{field} is one of: {', '.join(allowed)}.", at)
    return value.lower()
