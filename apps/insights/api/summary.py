"""HTTP doorways of insights."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest
from ninja import Router, Schema

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.core.schemas import ProportionOut as ProportionOut
from apps.insights.selectors import summarise

router = Router(tags=["insights"])


class LaneFiguresOut(Schema):
    """What a lane said on decided cases."""

    lane: str
    runs: int
    findings: int
    not_assessable: int
    median_seconds: float | None


class SummaryOut(Schema):
    """The lead's first screen."""

    open_cases: int
    oldest_open_minutes: float | None
    verdicts: int
    flags_decided: int
    flags_overruled: int
    overrule_rate: ProportionOut
    agreement: ProportionOut
    switches: dict[str, int]
    lanes: list[LaneFiguresOut]


@router.get("/insights/summary", response=SummaryOut)
def read_summary(request: HttpRequest) -> SummaryOut:
    """Tell the figures of the caller's departments."""
    user, _ = require(user_of(request), Permission.VIEW_INSIGHTS)
    figures = asdict(summarise(user=user))
    switches = {
        name: figures.pop(name)
        for name in ("suspicious_to_authentic", "authentic_to_suspicious")
    }
    return SummaryOut(**figures, switches=switches)
