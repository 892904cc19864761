"""HTTP doorway of the columns a person chose for their worklists."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from apps.accounts.auth import user_of
from apps.accounts.models import ReadingMode
from apps.accounts.permissions import Permission, require
from apps.reading.column_schemas import ColumnsIn, ColumnsOut, rows_of
from apps.reading.services.columns import choose_columns

router = Router(tags=["worklists"])


@router.put("/me/columns/{mode}", response=ColumnsOut)
def put_columns(
    request: HttpRequest, mode: ReadingMode, payload: ColumnsIn
) -> ColumnsOut:
    """Choose the columns of the caller's worklists of a mode; none: its own again."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    kept = choose_columns(user=user, mode=mode.value, columns=rows_of(payload.columns))
    return ColumnsOut.model_validate({"columns": kept})
