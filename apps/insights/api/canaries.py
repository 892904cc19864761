"""HTTP doorway of what leads are told of canaries: departments, never readers."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest
from ninja import Router, Schema

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.insights.api.own import CanaryFiguresOut
from apps.insights.canaries import list_department_canaries

router = Router(tags=["insights"])


class DepartmentCanariesOut(Schema):
    """A department's figures on films of known truth."""

    slug: str
    name: str
    share: float
    in_stock: int
    dropped: int
    results: int
    figures: CanaryFiguresOut


@router.get("/insights/canaries", response=list[DepartmentCanariesOut])
def read_canaries(request: HttpRequest) -> list[DepartmentCanariesOut]:
    """Tell the figures on canaries of each of the caller's departments."""
    user, site = require(user_of(request), Permission.VIEW_INSIGHTS)
    return [
        DepartmentCanariesOut(
            slug=row.department.slug,
            name=row.department.name,
            share=row.share,
            in_stock=row.in_stock,
            dropped=row.dropped,
            results=row.results,
            figures=CanaryFiguresOut(**asdict(row.figures)),
        )
        for row in list_department_canaries(user=user, site=site)
    ]
