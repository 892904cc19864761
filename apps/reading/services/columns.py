"""A person's columns: chosen, and given back."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import User
from apps.reading.columns import ShownColumn, checked_columns
from apps.reading.view_models import ColumnChoice


@transaction.atomic
def choose_columns(
    *, user: User, mode: str, columns: list[ShownColumn]
) -> list[ShownColumn]:
    """Return the columns that are kept for a person's lists of a mode; none given: the
    mode's own again. The last one to choose wins. Raises Invalid (`bad_columns`)."""
    kept = checked_columns(columns, mode=mode)
    if kept:
        ColumnChoice.objects.update_or_create(
            owner=user, mode=mode, defaults={"columns": kept}
        )
    else:
        ColumnChoice.objects.filter(owner=user, mode=mode).delete()
    return kept
