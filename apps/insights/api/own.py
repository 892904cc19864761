"""HTTP doorway of a reader's own figures: no address names a person but the caller."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.insights.api.summary import ProportionOut
from apps.insights.own_reading import own_reading

router = Router(tags=["insights"])


class AgainstTruthOut(Schema):
    """Own blind reads on adjudicated cases."""

    first_right: ProportionOut
    final_right: ProportionOut
    right_to_wrong: ProportionOut
    wrong_to_right: ProportionOut


class OwnReadingOut(Schema):
    """The caller's own figures."""

    reads: int
    blind_reads: int
    verdicts: int
    seconds_to_seal: float | None
    seconds_to_verdict: float | None
    against_truth: AgainstTruthOut


@router.get("/me/reading", response=OwnReadingOut)
def read_own_reading(request: HttpRequest, response: HttpResponse) -> OwnReadingOut:
    """Tell the caller's own figures; there is no door to another person's."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    response.headers["Cache-Control"] = "private, no-store"
    return OwnReadingOut(**asdict(own_reading(reader=user)))
