"""Readers who differ are settled by one who has not read; closed cases re-open."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.permissions import Permission, require
from apps.audit.models import Event, EventKind
from apps.audit.services import append_event, lock_log
from apps.core.errors import Conflict, Denied, Invalid
from apps.reading.models import (
    Adjudication,
    Case,
    CaseState,
    Outcome,
    Reopening,
    SecondReadReason,
)
from apps.reading.selectors import current_verdicts, may_adjudicate
from apps.reading.services.amendments import check_reason
from apps.reading.services.cases import is_claim_live, save_and_announce
from apps.reading.services.notifications import tell_replies
from apps.reading.services.reads import check_marks, commit_plain, lock_case
from apps.reading.services.settling import settle


@dataclass(frozen=True)
class Ruling:
    """What an adjudicator files: an outcome, at least one reason code, and why.

    verdicts: ids of the verdicts they saw.
    """

    outcome: Outcome
    reason_codes: tuple[str, ...]
    note: str
    verdicts: tuple[uuid.UUID, ...]


@transaction.atomic
def record_answers_served(*, case: Case, user: User) -> None:
    """Put on the log that this person saw the readers' answers; once per round and
    set of verdicts. Who asked a colleague hears now what was held back."""
    lock_log()
    verdicts = [verdict.verdict_sha256 for verdict in current_verdicts(case=case)]
    served = Event.objects.filter(
        case_id=case.pk,
        actor=user,
        kind=EventKind.ANSWERS_SERVED,
        data__round=case.round,
        data__verdicts=verdicts,
    )
    if not served.exists():
        append_event(
            kind=EventKind.ANSWERS_SERVED,
            site=case.site,
            actor=user,
            case_id=case.pk,
            data={"round": case.round, "verdicts": verdicts},
        )
        tell_replies(case=case, asker=user)


def require_adjudicator(*, case: Case, user: User) -> None:
    """Raise Denied (`denied`, `own_read`) or Conflict (`not_in_adjudication`)."""
    require(user, Permission.ADJUDICATE)
    if case.reads.filter(reader=user).exists():
        raise Denied("You have read this case yourself.", code="own_read")
    if not may_adjudicate(case=case, user=user):
        raise Conflict(
            "This case does not wait for an adjudicator.", code="not_in_adjudication"
        )


@transaction.atomic
def adjudicate_case(*, case: Case, adjudicator: User, ruling: Ruling) -> Adjudication:
    """Return the final outcome of a case whose readers differ; it closes the case.

    Raises Denied (`denied`, `own_read`), Conflict (`not_in_adjudication`,
    `already_adjudicated`, `answers_changed`, `claimed_by_other`) or Invalid.
    """
    note = check_reason(ruling.note)
    check_marks(case, ruling.reason_codes, (), note)
    if not ruling.reason_codes:
        raise Invalid("Give at least one reason.", code="reason_required")
    lock_log()
    locked = lock_case(case)
    require_adjudicator(case=locked, user=adjudicator)
    if locked.state != CaseState.ADJUDICATION:
        raise Conflict("This case is settled.", code="already_adjudicated")
    if is_claim_live(locked, timezone.now()) and locked.claimed_by_id != adjudicator.pk:
        raise Conflict("Another person has this case.", code="claimed_by_other")
    verdicts = current_verdicts(case=locked)
    if {verdict.pk for verdict in verdicts} != set(ruling.verdicts):
        raise Conflict(
            "A reader has changed their answer since you saw it. Look again.",
            code="answers_changed",
        )
    was = locked.state
    adjudication = _write_ruling(locked, adjudicator, ruling, note)
    locked.claimed_by = None
    locked.claim_expires_at = None
    settle(case=locked, actor=adjudicator)
    save_and_announce(locked, case, was=was)
    return adjudication


def _write_ruling(
    case: Case, adjudicator: User, ruling: Ruling, note: str
) -> Adjudication:
    verdicts = current_verdicts(case=case)
    settled = [verdict.verdict_sha256 for verdict in verdicts]
    filed_at = timezone.now()
    salt = secrets.token_hex(32)
    plain: dict[str, object] = {
        "outcome": ruling.outcome.value,
        "reason_codes": list(ruling.reason_codes),
        "note": note,
        "verdicts": settled,
    }
    digest = commit_plain(salt, case, adjudicator, filed_at.isoformat(), plain)
    event = append_event(
        kind=EventKind.CASE_ADJUDICATED,
        site=case.site,
        actor=adjudicator,
        case_id=case.pk,
        data={
            "adjudication_sha256": digest,
            "verdicts": settled,
            "round": case.round,
        },
    )
    return Adjudication.objects.create(
        case=case,
        adjudicator=adjudicator,
        round=case.round,
        outcome=ruling.outcome,
        reason_codes=list(ruling.reason_codes),
        note=note,
        verdicts=[str(verdict.pk) for verdict in verdicts],
        filed_at=filed_at,
        salt=salt,
        adjudication_sha256=digest,
        log_position=event.position,
    )


@transaction.atomic
def reopen_case(*, case: Case, lead: User, reason: str) -> Reopening:
    """Return the record of a closed case sent to one more reader, blind to the others.

    What was filed stays; an adjudication of an earlier round no longer settles it.
    The log holds a commitment to the reason: it may tell what a reader must not know.
    Raises Denied, Conflict (`not_done`) or Invalid (`reason_required`).
    """
    require(lead, Permission.ADJUDICATE)
    reason = check_reason(reason)
    lock_log()
    locked = lock_case(case)
    if locked.state != CaseState.DONE:
        raise Conflict("Only a closed case can be re-opened.", code="not_done")
    at = timezone.now()
    salt = secrets.token_hex(32)
    digest = commit_plain(salt, locked, lead, at.isoformat(), {"reason": reason})
    locked.round += 1
    event = append_event(
        kind=EventKind.CASE_REOPENED,
        site=locked.site,
        actor=lead,
        case_id=locked.pk,
        data={"reason_sha256": digest, "round": locked.round},
    )
    reopening = Reopening.objects.create(
        case=locked,
        lead=lead,
        round=locked.round,
        reason=reason,
        reopened_at=at,
        salt=salt,
        reason_sha256=digest,
        log_position=event.position,
    )
    locked.second_read_reason = SecondReadReason.REOPENED
    locked.readers_wanted = len(current_verdicts(case=locked)) + 1
    settle(case=locked, actor=lead)
    save_and_announce(locked, case, was=CaseState.DONE)
    return reopening
