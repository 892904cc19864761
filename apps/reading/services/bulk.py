"""One change to many cases: each row has its own result and its entry on the log."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Department, User
from apps.accounts.permissions import Permission, permissions_of
from apps.accounts.selectors import is_member
from apps.audit.models import EventKind
from apps.audit.services import append_event, lock_log
from apps.core.errors import Conflict, Denied, Invalid, NotFound, RequestError
from apps.reading.audits import require_auditor
from apps.reading.models import SHUFFLE_SPAN, Case, CaseState, ClaimKind, Priority
from apps.reading.selectors import cases_visible_to, has_ended_for
from apps.reading.services.cases import announce_case, is_claim_live, is_own_case
from apps.reading.services.notifications import take_back_assigned, tell_assigned

# An assignment is a claim made for another: long enough for a shift and a night.
ASSIGN_DURATION = dt.timedelta(hours=24)


@dataclass(frozen=True)
class Standing:
    """What a bulk change may alter of a case, and at which version it stood so."""

    holder_id: uuid.UUID | None
    claim_expires_at: dt.datetime | None
    priority: Priority
    version: int
    claim_kind: str = ""


@dataclass(frozen=True)
class RowResult:
    """How one row ended: the refusal, or how it stood before and stands after."""

    case_id: uuid.UUID
    refusal: RequestError | None = None
    before: Standing | None = None
    after: Standing | None = None


Change = Callable[[Case], None]


@transaction.atomic
def assign_cases(
    *, actor: User, department: Department, case_ids: Sequence[uuid.UUID], person: User
) -> list[RowResult]:
    """Give cases to a person for a day. To others, and from others, only leads."""
    if person.pk != actor.pk:
        _require_lead(actor)
    # Asked behind the lock: whoever is removed meanwhile is given nothing.
    lock_log()
    if not _reads(person, department):
        raise Invalid("This person cannot read these cases.", code="bad_person")
    kind = ClaimKind.TAKEN if person.pk == actor.pk else ClaimKind.ASSIGNED

    def assign(case: Case) -> None:
        if has_ended_for(case=case, user=actor):
            raise Conflict("The case is done.", code="case_done")
        _require_free(case, actor)
        _refuse_own_case(case, person)
        case.claimed_by = person
        case.claim_expires_at = timezone.now() + ASSIGN_DURATION
        case.claim_kind = kind
        append_event(
            kind=EventKind.CASE_ASSIGNED,
            site=department.site,
            actor=actor,
            case_id=case.pk,
            subject=f"user:{person.pk}",
        )

    return _each(actor, department, case_ids, assign)


@transaction.atomic
def release_cases(
    *, actor: User, department: Department, case_ids: Sequence[uuid.UUID]
) -> list[RowResult]:
    """Give cases back; those nobody holds stay as they are. Others': only leads."""

    def release(case: Case) -> None:
        _refuse_ended(case, actor)
        _require_free(case, actor)
        if case.claimed_by_id is None:
            return
        _release(case, department, actor)

    return _each(actor, department, case_ids, release)


@transaction.atomic
def prioritise_cases(
    *,
    actor: User,
    department: Department,
    case_ids: Sequence[uuid.UUID],
    priority: Priority,
) -> list[RowResult]:
    """Put cases into a priority class, each at its old place within it. Only leads."""
    _require_lead(actor)

    def prioritise(case: Case) -> None:
        if case.state == CaseState.DONE:
            raise Conflict("The case is done.", code="case_done")
        _set_priority(case, priority, department, actor)

    return _each(actor, department, case_ids, prioritise)


@transaction.atomic
def restore_cases(
    *, actor: User, department: Department, standings: dict[uuid.UUID, Standing]
) -> list[RowResult]:
    """Undo a bulk change: each case as it stood, unless it changed since.

    standings: how each is to stand; `version` is the one the undone change left.
    """

    def restore(case: Case) -> None:
        _refuse_ended(case, actor)
        wanted = standings[case.pk]
        if case.version != wanted.version:
            raise Conflict("The case has changed since.", code="changed_since")
        if wanted.priority != case.priority:
            _require_lead(actor)
            _set_priority(case, wanted.priority, department, actor)
        if _is_held_as(case, wanted):
            return
        _require_free(case, actor)
        if wanted.holder_id is None:
            _release(case, department, actor)
            return
        if wanted.holder_id != actor.pk:
            _require_lead(actor)
        person = User.objects.filter(pk=wanted.holder_id).first()
        if person is None or not _reads(person, department):
            raise Invalid("This person cannot read these cases.", code="bad_person")
        _refuse_own_case(case, person)
        case.claimed_by = person
        # The browser sends it: never longer than an assignment lasts.
        latest = timezone.now() + ASSIGN_DURATION
        case.claim_expires_at = min(wanted.claim_expires_at or latest, latest)
        case.claim_kind = wanted.claim_kind
        append_event(
            kind=EventKind.CASE_ASSIGNED,
            site=department.site,
            actor=actor,
            case_id=case.pk,
            subject=f"user:{person.pk}",
        )

    return _each(actor, department, list(standings), restore)


def _each(
    actor: User, department: Department, case_ids: Sequence[uuid.UUID], change: Change
) -> list[RowResult]:
    """Return a result for each id, in their order; a refused row stops no other."""
    lock_log()
    visible = cases_visible_to(actor).filter(department=department)
    known = set(visible.filter(pk__in=case_ids).values_list("pk", flat=True))
    locked = {
        case.pk: case
        for case in Case.objects.select_for_update(of=("self",))
        .select_related("department", "site")
        .filter(pk__in=known)
        .order_by("pk")
    }
    rows = [_one(locked.get(case_id), case_id, change) for case_id in case_ids]
    _tell_people(actor, department, rows)
    return rows


def _tell_people(actor: User, department: Department, rows: list[RowResult]) -> None:
    """Tell who was given cases by another, and no longer tell it to who lost them.

    What somebody held before is no news, nor is what they are given back of what they
    had taken themselves.
    """
    given: dict[uuid.UUID, list[uuid.UUID]] = {}
    lost: dict[uuid.UUID, list[uuid.UUID]] = {}
    for row in rows:
        if row.before is None or row.after is None:
            continue
        was, now = row.before.holder_id, row.after.holder_id
        if was is not None and was not in (now, actor.pk):
            lost.setdefault(was, []).append(row.case_id)
        is_given = row.after.claim_kind == ClaimKind.ASSIGNED
        if now is not None and now not in (was, actor.pk) and is_given:
            given.setdefault(now, []).append(row.case_id)
    people = User.objects.in_bulk([*lost, *given]) if lost or given else {}
    for person_id, ids in lost.items():
        take_back_assigned(person=people[person_id], case_ids=ids)
    for person_id, ids in given.items():
        tell_assigned(
            person=people[person_id],
            actor=actor,
            site_id=department.site_id,
            case_ids=ids,
        )


def _one(case: Case | None, case_id: uuid.UUID, change: Change) -> RowResult:
    if case is None:
        return RowResult(case_id, refusal=NotFound("There is no such case."))
    before = _standing(case)
    try:
        with transaction.atomic():
            change(case)
    except RequestError as refusal:
        return RowResult(case_id, refusal=refusal)
    if _standing(case) != before:
        case.version += 1
        case.save(
            update_fields=[
                "claimed_by",
                "claim_expires_at",
                "claim_kind",
                "priority",
                "shuffle_key",
                "version",
            ]
        )
        announce_case(case, was=case.state)
    return RowResult(case_id, before=before, after=_standing(case))


def _standing(case: Case) -> Standing:
    return Standing(
        holder_id=case.claimed_by_id,
        claim_expires_at=case.claim_expires_at,
        priority=Priority(case.priority),
        version=case.version,
        claim_kind=case.claim_kind if case.claimed_by_id else "",
    )


def _is_held_as(case: Case, wanted: Standing) -> bool:
    """Return whether a case is with whom it is to be, and no longer than wanted: who
    was given a case that they held already had it for less."""
    if wanted.holder_id != case.claimed_by_id:
        return False
    now, then = case.claim_expires_at, wanted.claim_expires_at
    # Browsers send milliseconds.
    return now is None or then is None or now - then < dt.timedelta(seconds=1)


def _release(case: Case, department: Department, actor: User) -> None:
    case.claimed_by = None
    case.claim_expires_at = None
    append_event(
        kind=EventKind.CASE_RELEASED,
        site=department.site,
        actor=actor,
        case_id=case.pk,
    )


def _set_priority(
    case: Case, priority: Priority, department: Department, actor: User
) -> None:
    if case.priority == priority:
        return
    # Its place within a class, wherever a long wait has moved it: see waiting.py.
    place = case.shuffle_key % SHUFFLE_SPAN
    case.shuffle_key = place - priority.value * SHUFFLE_SPAN
    case.priority = priority
    append_event(
        kind=EventKind.CASE_PRIORITISED,
        site=department.site,
        actor=actor,
        case_id=case.pk,
        data={"priority": priority.label},
    )


def _refuse_ended(case: Case, actor: User) -> None:
    """Raise Conflict if the case is done, as far as this reader is told: who holds it
    may be its adjudicator. Leads are told, and who holds it may give it back."""
    if case.claimed_by_id == actor.pk:
        return
    is_lead = Permission.ASSIGN_CASES in permissions_of(actor)
    if not is_lead and has_ended_for(case=case, user=actor):
        raise Conflict("The case is done.", code="case_done")


def _refuse_own_case(case: Case, person: User) -> None:
    """Raise Conflict if the case waits for another reader or judge than this person."""
    if case.state == CaseState.SECOND_READ:
        require_auditor(case=case, user=person)
    is_settled = case.state == CaseState.ADJUDICATION
    if is_settled and Permission.ADJUDICATE not in permissions_of(person):
        raise Conflict(f"{person} settles no cases.", code="not_adjudicator")
    if is_own_case(case, person):
        raise Conflict(
            f"{person} has read this case: it waits for another.", code="already_read"
        )


def _reads(person: User, department: Department) -> bool:
    may_read = Permission.READ_CASES in permissions_of(person)
    return may_read and is_member(user=person, department=department)


def _require_lead(actor: User) -> None:
    if Permission.ASSIGN_CASES not in permissions_of(actor):
        raise Denied("Only a lead may do this.")


def _require_free(case: Case, actor: User) -> None:
    """Raise Conflict if another reader holds the case, unless a lead asks."""
    if case.claimed_by_id == actor.pk or not is_claim_live(case, timezone.now()):
        return
    if Permission.ASSIGN_CASES not in permissions_of(actor):
        raise Conflict("Another reader has this case.", code="claimed_by_other")
