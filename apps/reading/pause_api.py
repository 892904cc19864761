"""HTTP doorway of the cue for a pause: it answers for the caller and nobody else."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest
from ninja import Router, Schema

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.accounts.selectors import get_own_department
from apps.reading.pauses import stretch_of

router = Router(tags=["reading"])


class StretchOut(Schema):
    """The caller's reading since the last pause."""

    reads: int
    minutes: int
    is_due: bool


@router.get("/worklists/{slug}/stretch", response=StretchOut)
def read_stretch(request: HttpRequest, slug: str) -> StretchOut:
    """Tell how long the caller has read without a pause, by this worklist's policy."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    department = get_own_department(user=user, slug=slug)
    return StretchOut(**asdict(stretch_of(reader=user, department=department)))
