"""That a worklist leaves as a file goes on the log before its first byte does."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import Department, User
from apps.audit.models import EventKind
from apps.audit.services import append_event
from apps.reading.conditions import CaseFilter
from apps.reading.worklist import check_filter


@transaction.atomic
def record_list_exported(
    *, user: User, department: Department, wanted: CaseFilter
) -> None:
    """Write who took which worklist, not the filter: that may name a patient.

    Raises what a list refuses, so that nothing is on the log that did not happen.
    """
    check_filter(user=user, department=department, wanted=wanted)
    append_event(
        kind=EventKind.WORKLIST_EXPORTED,
        site=department.site,
        actor=user,
        subject=f"department:{department.pk}",
        data={"department": department.slug, "format": "csv"},
    )
