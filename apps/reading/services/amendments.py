"""A verdict is amended, never edited: a new record names the old one and says why."""

from __future__ import annotations

import uuid

from django.db import transaction

from apps.accounts.models import User
from apps.audit.services import lock_log
from apps.core.errors import Conflict, Denied, Invalid
from apps.reading.models import Case, Verdict
from apps.reading.selectors import newest_verdict, own_read
from apps.reading.services.cases import save_and_announce
from apps.reading.services.reads import FinalAnswer, lock_case, write_verdict
from apps.reading.services.settling import settle

MAX_REASON_CHARACTERS = 1000


@transaction.atomic
def amend_verdict(
    *, case: Case, reader: User, verdict_id: uuid.UUID, answer: FinalAnswer, reason: str
) -> Verdict:
    """Return the verdict that stands from now on; the old one stays as it was.

    verdict_id: the verdict that the reader saw. The case is settled anew: readers who
    now differ are settled by an adjudicator, those who now agree need none.
    Raises Denied (`seal_first`), Conflict (`nothing_to_amend`, `amended_before`) or
    Invalid (`reason_required`, `reason_too_long`).
    """
    reason = check_reason(reason)
    lock_log()
    locked = lock_case(case)
    read = own_read(case=locked, user=reader)
    if read is None:
        raise Denied("Seal your own answer first.", code="seal_first")
    newest = newest_verdict(read=read)
    if newest is None:
        raise Conflict("You have filed no verdict yet.", code="nothing_to_amend")
    if newest.pk != verdict_id:
        raise Conflict("This verdict was amended before.", code="amended_before")
    was = locked.state
    verdict = write_verdict(
        case=locked,
        read=read,
        answer=answer,
        replaces=newest,
        amend_reason=reason,
        counts=newest.counts,
    )
    if verdict.counts:
        settle(case=locked, actor=reader)
    save_and_announce(locked, case, was=was)
    return verdict


def check_reason(reason: str) -> str:
    """Return the trimmed reason. Raises Invalid without one, or for a long one."""
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why.", code="reason_required")
    if len(reason) > MAX_REASON_CHARACTERS:
        raise Invalid(
            f"The reason is longer than {MAX_REASON_CHARACTERS} characters.",
            code="reason_too_long",
        )
    return reason
