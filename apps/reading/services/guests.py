"""A reader beside the one who holds the case, and what such a reader knows of it."""

from __future__ import annotations

from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import Conflict
from apps.reading.asking_selectors import is_invited
from apps.reading.models import Case, ReadKind
from apps.reading.selectors import (
    has_ended_for,
    was_told_by_colleague,
    was_unblinded,
)
from apps.reading.services.cases import is_claim_live


def is_guest(case: Case, reader: User) -> bool:
    """Return whether somebody else holds the case. At most 1 query.

    Nobody does once it has ended, as far as this reader is told: an adjudicator's claim
    must not show in what is refused.
    """
    is_held = is_claim_live(case, timezone.now()) and case.claimed_by_id != reader.pk
    return is_held and not has_ended_for(case=case, user=reader)


def refuse_stranger(case: Case, reader: User) -> None:
    """Raise Conflict (`claimed_by_other`) if somebody else holds the case and has not
    asked this reader about it. At most 1 query."""
    if is_guest(case, reader) and not is_invited(case=case, user=reader):
        raise Conflict("Another reader has this case.", code="claimed_by_other")


def refuse_guest_verdict(case: Case, reader: User) -> None:
    """Raise Conflict (`claimed_by_other`) if who holds the case has asked this reader:
    whose case it is decides first, and a guest does not close it over their head. At
    most 1 query."""
    if is_guest(case, reader) and is_invited(case=case, user=reader):
        raise Conflict(
            "The reader who asked you decides this case first.",
            code="claimed_by_other",
        )


def is_informed(case: Case, reader: User, kind: ReadKind) -> bool:
    """Return whether a reader knows more than the film: a second reader, or that of an
    audit, must not have been told what any colleague thinks either.

    At most 2 queries.
    """
    if was_unblinded(case=case, user=reader):
        return True
    is_second = kind in (ReadKind.SECOND, ReadKind.AUDIT)
    return is_second and was_told_by_colleague(case=case, user=reader)
