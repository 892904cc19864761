"""HTTP doorways of what leads are told of audits and canaries: departments, never
readers or cases."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest
from ninja import Router, Schema

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.core.schemas import ProportionOut
from apps.insights.api.own import CanaryFiguresOut
from apps.insights.audits import list_department_audits
from apps.insights.canaries import list_department_canaries

router = Router(tags=["insights"])


class DepartmentOut(Schema):
    """A department, the share of its cases that is drawn, and how many were dropped."""

    slug: str
    name: str
    share: float
    dropped: int


class DepartmentAuditsOut(DepartmentOut):
    """A triage department's misses, as its audits found them."""

    open: int
    closed: int
    missed_by_system: ProportionOut
    missed_by_readers: ProportionOut


class DepartmentCanariesOut(DepartmentOut):
    """A department's figures on films of known truth."""

    in_stock: int
    results: int
    figures: CanaryFiguresOut


@router.get("/insights/audits", response=list[DepartmentAuditsOut])
def read_audits(request: HttpRequest) -> list[DepartmentAuditsOut]:
    """Tell the misses found in each of the caller's departments that is audited."""
    user, _ = require(user_of(request), Permission.VIEW_INSIGHTS)
    return [
        DepartmentAuditsOut(
            slug=row.department.slug,
            name=row.department.name,
            share=row.share,
            dropped=row.dropped,
            open=row.open,
            closed=row.closed,
            missed_by_system=ProportionOut.from_orm(row.missed_by_system),
            missed_by_readers=ProportionOut.from_orm(row.missed_by_readers),
        )
        for row in list_department_audits(user=user)
    ]


@router.get("/insights/canaries", response=list[DepartmentCanariesOut])
def read_canaries(request: HttpRequest) -> list[DepartmentCanariesOut]:
    """Tell the figures on canaries of each of the caller's departments."""
    user, site = require(user_of(request), Permission.VIEW_INSIGHTS)
    return [
        DepartmentCanariesOut(
            slug=row.department.slug,
            name=row.department.name,
            share=row.share,
            dropped=row.dropped,
            in_stock=row.in_stock,
            results=row.results,
            figures=CanaryFiguresOut(**asdict(row.figures)),
        )
        for row in list_department_canaries(user=user, site=site)
    ]
