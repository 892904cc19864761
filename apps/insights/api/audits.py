"""HTTP doorway of what leads are told of audits: departments, not readers or cases."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.core.schemas import ProportionOut
from apps.insights.audits import list_department_audits

router = Router(tags=["insights"])


class DepartmentAuditsOut(Schema):
    """A triage department's misses, as its audits found them."""

    slug: str
    name: str
    share: float
    open: int
    dropped: int
    closed: int
    missed_by_system: ProportionOut
    missed_by_readers: ProportionOut


@router.get("/insights/audits", response=list[DepartmentAuditsOut])
def read_audits(request: HttpRequest) -> list[DepartmentAuditsOut]:
    """Tell the misses found in each of the caller's departments that is audited."""
    user, _ = require(user_of(request), Permission.VIEW_INSIGHTS)
    return [
        DepartmentAuditsOut(
            slug=row.department.slug,
            name=row.department.name,
            share=row.share,
            open=row.open,
            dropped=row.dropped,
            closed=row.closed,
            missed_by_system=ProportionOut.from_orm(row.missed_by_system),
            missed_by_readers=ProportionOut.from_orm(row.missed_by_readers),
        )
        for row in list_department_audits(user=user)
    ]
