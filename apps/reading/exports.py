"""A worklist as CSV, a page at a time: a long list is never held whole."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async

from apps.accounts.models import Department, ReadingMode, User
from apps.reading.conditions import CaseFilter
from apps.reading.models import Case
from apps.reading.schemas import CaseRow
from apps.reading.shapes import shape_case
from apps.reading.worklist import list_cases

MAX_EXPORTED = 100_000
PAGE = 200
COLUMNS = (
    "case_id",
    "received_at",
    "due_at",
    "patient",
    "patient_id",
    "age_years",
    "sex",
    "modality",
    "description",
    "accession_number",
    "views",
    "state",
    "priority",
    "with",
)
OPINION_COLUMNS = ("suspicion", "flagged", "top_lane", "reason")
# A spreadsheet takes a cell that begins so for a formula, and a header can hold one.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def iter_csv(
    *, user: User, department: Department, wanted: CaseFilter
) -> Iterator[bytes]:
    """Yield a worklist as CSV in UTF-8, the header first, at most MAX_EXPORTED lines.

    The opinion has columns in triage alone. 2 or more queries for each 200 lines.
    """
    is_triage = department.reading_mode == ReadingMode.TRIAGE
    yield _lines([(*COLUMNS, *OPINION_COLUMNS) if is_triage else COLUMNS])
    cursor, left = None, MAX_EXPORTED
    while left > 0:
        page = list_cases(
            user=user,
            department=department,
            wanted=wanted,
            cursor=cursor,
            limit=min(PAGE, left),
        )
        if page.cases:
            yield _lines(_cells(case, is_triage) for case in page.cases)
        left -= len(page.cases)
        cursor = page.next_cursor
        if cursor is None:
            return


async def aiter_csv(
    *, user: User, department: Department, wanted: CaseFilter
) -> AsyncIterator[bytes]:
    """Yield what `iter_csv` yields, for an event loop: the queries run in threads."""
    chunks = iter_csv(user=user, department=department, wanted=wanted)
    while chunk := await sync_to_async(_next_chunk)(chunks):
        yield chunk


def _next_chunk(chunks: Iterator[bytes]) -> bytes:
    # StopIteration cannot leave a thread for an event loop.
    return next(chunks, b"")


def _cells(case: Case, is_triage: bool) -> tuple[object, ...]:
    row = shape_case(case)
    cells = (
        row.id,
        row.received_at.isoformat(),
        row.due_at.isoformat(),
        row.patient.name,
        row.patient.patient_id,
        row.patient.age_years,
        row.patient.sex,
        row.modality,
        row.description,
        row.accession_number,
        row.view_count,
        row.state,
        row.priority,
        row.claimed_by.display_name if row.claimed_by else "",
    )
    return (*cells, *_opinion_cells(row)) if is_triage else cells


def _opinion_cells(row: CaseRow) -> tuple[object, ...]:
    if row.triage is None:
        return ("", "", "", "")
    told = row.triage
    return (told.suspicion, "yes" if told.flagged else "no", told.top_lane, told.reason)


def _lines(rows: Iterator[tuple[object, ...]] | list[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
    return out.getvalue().encode()


def _plain(cell: object) -> object:
    """Return a cell that no spreadsheet runs as a formula."""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return "" if cell is None else cell
