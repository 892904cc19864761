"""Reads on what an adjudicator has been shown."""

from __future__ import annotations

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.reading.models import Case, CaseState
from apps.reading.selectors import may_adjudicate


def has_seen_answers(*, case: Case, user: User) -> bool:
    """Return whether this person may settle a case, or has, and was shown all answers
    for that, in the round that it is in. At most 3 queries; none for who settles no
    cases."""
    if case.state not in (CaseState.ADJUDICATION, CaseState.DONE):
        return False
    if not may_adjudicate(case=case, user=user):
        return False
    served = Event.objects.filter(
        case_id=case.pk, actor=user, kind=EventKind.ANSWERS_SERVED
    )
    return served.filter(data__round=case.round).exists()
