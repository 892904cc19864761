"""Which columns a worklist of each mode has, and what is kept of a choice of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from apps.accounts.models import ReadingMode, User
from apps.core.errors import Invalid
from apps.reading.view_models import ColumnChoice

COLUMNS = frozenset(
    {
        "accession",
        "due",
        "holder",
        "modality",
        "patient",
        "patient_id",
        "priority",
        "received",
        "state",
        "study",
        "views",
        "waiting",
    }
)
OPINION_COLUMNS = frozenset({"flag", "reason", "suspicion"})
# Whose film it is, and whether it can be read or has left the list, every line says.
FIXED = frozenset({"patient", "state"})


class ShownColumn(TypedDict):
    """A column of a list. width_px: None for the list's own width."""

    name: str
    width_px: int | None


def columns_of(mode: str) -> frozenset[str]:
    """Return the names of the columns that a worklist of this mode can show."""
    return COLUMNS | OPINION_COLUMNS if mode == ReadingMode.TRIAGE else COLUMNS


def keep_known(columns: Iterable[ShownColumn], *, mode: str) -> list[ShownColumn]:
    """Return those columns that a list of this mode has; empty if the fixed ones are
    not among them.

    A page or a row older than this release may name others: they are passed over, and
    a blind list passes over those of the opinion as it does any word it never had.
    """
    known = columns_of(mode)
    kept = [column for column in columns if column["name"] in known]
    return kept if {column["name"] for column in kept} >= FIXED else []


def checked_columns(columns: list[ShownColumn], *, mode: str) -> list[ShownColumn]:
    """Return what is kept of a choice; empty for an empty one.

    Raises Invalid (`bad_columns`) for a name given twice and for a list without the
    columns that every list shows; the refusal quotes no name.
    """
    names = [column["name"] for column in columns]
    kept = keep_known(columns, mode=mode)
    if len(set(names)) != len(names) or (columns and not kept):
        raise Invalid(
            "Name each column once, the patient and the state among them.",
            code="bad_columns",
        )
    return kept


def list_choices(*, user: User) -> dict[str, list[ShownColumn]]:
    """Return a person's columns by mode; a mode that is absent has its own. 1 query."""
    rows = ColumnChoice.objects.filter(owner=user).values_list("mode", "columns")
    kept = {mode: keep_known(columns, mode=mode) for mode, columns in rows}
    return {mode: columns for mode, columns in kept.items() if columns}
