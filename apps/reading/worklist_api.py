"""HTTP doorways of the worklists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.accounts.selectors import get_own_department
from apps.reading.conditions import CaseFilter
from apps.reading.exports import aiter_csv, iter_csv
from apps.reading.models import Case
from apps.reading.schemas import CasePick
from apps.reading.services.exports import record_list_exported
from apps.reading.shapes import shape_case
from apps.reading.worklist import list_case_rows, list_cases
from apps.reading.worklist_schemas import (
    CasePageOut,
    CaseRowsIn,
    CaseRowsOut,
    CaseSearch,
)

router = Router(tags=["worklists"])


@router.get("/worklists/{slug}/cases", response=CasePageOut, exclude_unset=True)
def read_cases(
    request: HttpRequest, slug: str, wanted: Query[CasePick]
) -> dict[str, Any]:
    """List a worklist's cases."""
    return _case_page(request, slug, CaseSearch(**wanted.model_dump()))


@router.post("/worklists/{slug}/cases/search", response=CasePageOut, exclude_unset=True)
def search_cases(
    request: HttpRequest, slug: str, payload: CaseSearch
) -> dict[str, Any]:
    """List the cases that match a filter: names travel in the body, never in a URL."""
    return _case_page(request, slug, payload)


@router.post("/worklists/{slug}/cases/rows", response=CaseRowsOut, exclude_unset=True)
def read_rows(request: HttpRequest, slug: str, payload: CaseRowsIn) -> dict[str, Any]:
    """Read single lines again after news, and tell which the filter lets through."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    cases, matching = list_case_rows(
        user=user,
        department=get_own_department(user=user, slug=slug),
        wanted=_filter_of(payload),
        case_ids=payload.ids,
    )
    return {"items": _lines(cases), "matching": sorted(matching)}


@router.post("/worklists/{slug}/cases/csv")
def download_csv(
    request: HttpRequest, slug: str, payload: CaseSearch
) -> StreamingHttpResponse:
    """Download the cases that match a filter as CSV; that goes on the log first."""
    user, _ = require(user_of(request), Permission.EXPORT_CASES)
    department = get_own_department(user=user, slug=slug)
    wanted = _filter_of(payload)
    record_list_exported(user=user, department=department, wanted=wanted)
    # An event loop would wait for a plain iterator's end before it sends a byte.
    chunks = aiter_csv if isinstance(request, ASGIRequest) else iter_csv
    return StreamingHttpResponse(
        chunks(user=user, department=department, wanted=wanted),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="worklist-{slug}.csv"'},
    )


def _case_page(request: HttpRequest, slug: str, wanted: CaseSearch) -> dict[str, Any]:
    user, _ = require(user_of(request), Permission.READ_CASES)
    page = list_cases(
        user=user,
        department=get_own_department(user=user, slug=slug),
        wanted=_filter_of(wanted),
        cursor=wanted.cursor,
        limit=wanted.limit,
    )
    return {
        "items": _lines(page.cases),
        "next_cursor": page.next_cursor,
        "total": page.total,
        "is_total_exact": page.is_total_exact,
    }


def _lines(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Return cases as lines without fields that were never set: on a blind worklist
    not even the name of the field `triage` leaves the server."""
    return [shape_case(case).model_dump(exclude_unset=True) for case in cases]


def _filter_of(wanted: CaseSearch) -> CaseFilter:
    return CaseFilter(
        state=wanted.state,
        modality=wanted.modality,
        text=wanted.q,
        mine=wanted.mine,
        query=wanted.filter,
        sort=wanted.sort,
    )
