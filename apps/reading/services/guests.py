"""A reader beside the one who holds the case, and what such a reader knows of it."""

from __future__ import annotations

from django.utils import timezone

from apps.accounts.models import User
from apps.reading.models import Case, ReadKind
from apps.reading.selectors import was_told_by_colleague, was_unblinded
from apps.reading.services.cases import is_claim_live


def is_guest(case: Case, reader: User) -> bool:
    """Return whether somebody else holds the case."""
    return is_claim_live(case, timezone.now()) and case.claimed_by_id != reader.pk


def is_informed(case: Case, reader: User, kind: ReadKind) -> bool:
    """Return whether a reader knows more than the film: a second reader must not have
    been told what any colleague thinks either. At most 2 queries."""
    if was_unblinded(case=case, user=reader):
        return True
    return kind == ReadKind.SECOND and was_told_by_colleague(case=case, user=reader)
