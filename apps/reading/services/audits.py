"""Audits: cases of a triage department, drawn when they were opened, that are read once
more in another department, blind. See docs/decisions/0012.

The draw asks a secret and the department's share, and the moment of the move the clock:
a triage list is read by suspicion, so a case that came over as soon as its first reader
had filed would tell by its age how suspicious it is.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from apps.accounts.models import Department, ReadingMode
from apps.audit.models import EventKind
from apps.audit.services import append_event, lock_log
from apps.core.push import CaseChanged, push
from apps.imaging.models import Study
from apps.reading.audit_models import AuditStage, CaseAudit
from apps.reading.audits import has_auditor
from apps.reading.list_models import CaseWord, TriagePlace
from apps.reading.models import (
    DRAWS,
    Case,
    CaseState,
    Draft,
    Priority,
    Read,
    SecondReadReason,
    random_draw,
    random_shuffle_key,
)
from apps.reading.selectors import current_verdicts
from apps.reading.services.settling import settle

# After its arrival, for every case alike: by then a department has read its list.
AUDIT_AFTER = dt.timedelta(days=7)
# So long it waits there for a reader, as it did in its own department.
READ_WITHIN = dt.timedelta(days=7)
# So long a closed case stays, for its reader to look at again.
STAYS = dt.timedelta(days=1)
MOST_AT_ONCE = 200
# A version counts what was done to a case: the same for all that come over.
FIRST_VERSION = 1_000_000


def draw_for_audit(*, case: Case) -> None:
    """Draw whether a case that is being opened is audited. At most 1 query."""
    share = case.department.audit_share
    if random_draw() < share * DRAWS:
        CaseAudit.objects.create(
            case=case,
            department=case.department,
            due_at=case.received_at + AUDIT_AFTER,
        )


def open_due_audits() -> int:
    """Return how many cases were sent to the department that audits."""
    due = (
        CaseAudit.objects.filter(stage=AuditStage.DRAWN, due_at__lte=timezone.now())
        .select_related("case")
        .order_by("due_at", "pk")
    )
    return sum(_open(audit) for audit in due[:MOST_AT_ONCE])


def end_closed_audits() -> int:
    """Return how many cases went back to their own department, a day after they were
    closed."""
    opened = CaseAudit.objects.filter(stage=AuditStage.OPEN).order_by("pk")
    closed = opened.filter(case__state=CaseState.DONE)
    opened.exclude(case__state=CaseState.DONE).update(closed_at=None)
    now = timezone.now()
    closed.filter(closed_at=None).update(closed_at=now)
    over = closed.filter(closed_at__lte=now - STAYS)
    return sum(_end(audit) for audit in over[:MOST_AT_ONCE])


def drop_unread_audits() -> int:
    """Return how many cases went back unread, a week after they had come over.

    By the clock alone, and settled as they were before: nobody has given an answer.
    """
    now = timezone.now()
    # From before this was kept: their week begins now.
    unknown = CaseAudit.objects.filter(stage=AuditStage.OPEN, opened_at=None)
    unknown.update(opened_at=now)
    unread = _unread(now).order_by("opened_at", "pk")
    return sum(_drop(audit, now) for audit in unread[:MOST_AT_ONCE])


def _unread(now: dt.datetime) -> QuerySet[CaseAudit]:
    """Return the audits whose week is over and that nobody has begun: no answer is
    sealed, nobody holds the case or has entered anything of late. What a lead sent to
    another reader in the room is the lead's."""
    sealed = Read.objects.filter(
        case=OuterRef("case"), sealed_at__gte=OuterRef("opened_at")
    )
    begun = Draft.objects.filter(case=OuterRef("case"), saved_at__gt=now - STAYS)
    return CaseAudit.objects.filter(
        ~Exists(sealed),
        ~Exists(begun),
        stage=AuditStage.OPEN,
        opened_at__lte=now - READ_WITHIN,
        case__state=CaseState.SECOND_READ,
        case__second_read_reason=SecondReadReason.AUDIT,
    ).exclude(case__claim_expires_at__gt=now)


@transaction.atomic
def _drop(audit: CaseAudit, now: dt.datetime) -> bool:
    lock_log()
    case = _lock(audit)
    # Asked again behind the lock: somebody may have opened it meanwhile.
    if not _unread(now).filter(pk=audit.pk).exists():
        return False
    CaseAudit.objects.filter(pk=audit.pk).update(stage=AuditStage.DROPPED)
    # A ruling settles the round it was made in: back to that.
    case.round -= 1
    case.readers_wanted = len(current_verdicts(case=case))
    case.version += 1
    left = _enter(case, audit.department, EventKind.AUDIT_ENDED)
    settle(case=case, actor=None)
    _save(case, left)
    return True


@transaction.atomic
def _open(audit: CaseAudit) -> bool:
    lock_log()
    case = _lock(audit)
    room = case.department.audit_department
    # Claimed by one update: of two sweeps one does it.
    drawn = CaseAudit.objects.filter(pk=audit.pk, stage=AuditStage.DRAWN)
    if room is None or not _can_move(audit, case, room):
        drawn.update(stage=AuditStage.DROPPED)
        return False
    now = timezone.now()
    if drawn.update(stage=AuditStage.OPEN, room=room, opened_at=now) != 1:
        return False
    case.round += 1
    case.second_read_reason = SecondReadReason.AUDIT
    case.readers_wanted = len(current_verdicts(case=case)) + 1
    # People set the class in triage, knowing the flag.
    case.priority = Priority.ROUTINE
    case.shuffle_key = random_shuffle_key()
    case.version = FIRST_VERSION
    left = _enter(case, room, EventKind.AUDIT_OPENED)
    settle(case=case, actor=None)
    _save(case, left)
    return True


def _can_move(audit: CaseAudit, case: Case, room: Department) -> bool:
    """Return whether a case was read in time, and can be read blind.

    What was not is dropped: to come later than the others would tell of it.
    """
    is_here = case.department_id == audit.department_id
    is_triage = case.department.reading_mode == ReadingMode.TRIAGE
    is_blind = room.reading_mode == ReadingMode.BLIND_FIRST
    is_read = case.state == CaseState.DONE
    return (
        is_here
        and is_triage
        and is_blind
        and is_read
        and case.department.audit_share > 0
        and has_auditor(audit=audit, room=room)
    )


@transaction.atomic
def _end(audit: CaseAudit) -> bool:
    lock_log()
    case = _lock(audit)
    opened = CaseAudit.objects.filter(pk=audit.pk, stage=AuditStage.OPEN)
    if case.state != CaseState.DONE or opened.update(stage=AuditStage.ENDED) != 1:
        return False
    case.version += 1
    _save(case, _enter(case, audit.department, EventKind.AUDIT_ENDED))
    return True


def _lock(audit: CaseAudit) -> Case:
    cases = Case.objects.select_for_update(of=("self",))
    return cases.select_related("department__audit_department", "site").get(
        pk=audit.case_id
    )


def _enter(case: Case, to: Department, kind: EventKind) -> Department:
    """Put a locked case into another department; return the one it left. The caller
    saves it."""
    left = case.department
    case.department = to
    case.claimed_by = None
    case.claim_expires_at = None
    append_event(
        kind=kind,
        site=case.site,
        actor=None,
        case_id=case.pk,
        data={"department": to.slug},
    )
    return left


def _save(case: Case, left: Department) -> None:
    """Save a case and all that names its department beside it; tell both lists."""
    case.save()
    here = case.department
    Study.objects.filter(pk=case.pk).update(department=here)
    TriagePlace.objects.filter(case=case).update(department=here)
    CaseWord.objects.filter(case=case).update(department=here)
    for room in (left, here):
        push(
            CaseChanged(
                site_id=str(case.site_id),
                id=str(case.pk),
                version=case.version,
                worklist=room.slug,
            )
        )
