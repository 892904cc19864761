"""Open pages, as the tests of presence need them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.reading.models import Case, ClaimKind, Presence
from apps.reading.services.cases import claim_case
from apps.reading.services.presence import leave_case, note_presence

HERE, THERE = uuid.UUID(int=1), uuid.UUID(int=2)


def at(case: Case, tab: uuid.UUID = HERE) -> str:
    """Return the address of a tab on a case."""
    return f"/api/v1/cases/{case.pk}/presence/{tab}"


def stay(browser: Client, case: Case, tab: uuid.UUID = HERE) -> dict[str, Any]:
    """Return what a page hears when it reports."""
    answer = browser.put(at(case, tab))
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def note(case: Case, user: User, tab: uuid.UUID = HERE) -> None:
    """Report a page, past HTTP."""
    note_presence(case=case, user=user, tab=tab)


def leave(
    case: Case, user: User, tab: uuid.UUID = HERE, *, keeps_claim: bool = False
) -> None:
    """Leave a page, past HTTP."""
    leave_case(case=case, user=user, tab=tab, keeps_claim=keeps_claim)


def claim(case: Case, user: User) -> None:
    """Claim as an opened page does; it names no tab, so that a test can say which."""
    claim_case(case=case, user=user, kind=ClaimKind.OPENED)


def let_pass(span: dt.timedelta) -> None:
    """Let the pages be silent, and the claims grow older, for a while."""
    for row in Presence.objects.all():
        row.live_until -= span
        row.save()
    for case in Case.objects.exclude(claim_expires_at=None):
        Case.objects.filter(pk=case.pk).update(
            claim_expires_at=case.claim_expires_at - span  # type: ignore[operator]
        )


def in_(span: dt.timedelta) -> dt.datetime:
    """Return the time a while from now."""
    return timezone.now() + span
