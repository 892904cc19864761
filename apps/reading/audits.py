"""Reads on audits. Who may read a film that was drawn for one is decided here alone."""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounts.models import Department, Membership, User
from apps.accounts.permissions import Permission, permissions_of
from apps.accounts.selectors import list_readers
from apps.core.errors import Conflict
from apps.reading.audit_models import AuditStage, CaseAudit
from apps.reading.models import Case


def audit_of(*, case: Case) -> CaseAudit | None:
    """Return the audit that a case is in now, or None. 1 query."""
    opened = CaseAudit.objects.filter(case=case, stage=AuditStage.OPEN)
    return opened.select_related("case").first()


def audits_closed_to(*, user: User) -> QuerySet[CaseAudit, uuid.UUID]:
    """Return the ids of the cases in an audit that this person must not read.

    Not by who belonged to the department they come from while they were on its list,
    which shows the flag of every row and keeps no record of who looked; nor by who
    reads the log or the figures, which tell when the first reader filed what.
    """
    opened = CaseAudit.objects.filter(stage=AuditStage.OPEN)
    if not _knows_the_log(user):
        was_member = Membership.objects.filter(
            user=user, department=OuterRef("department")
        ).filter(Q(ended_at=None) | Q(ended_at__gt=OuterRef("case__received_at")))
        opened = opened.filter(Exists(was_member))
    return opened.values_list("case_id", flat=True)


def may_read_audit(*, audit: CaseAudit, user: User) -> bool:
    """Return whether a person may read a film in an audit: see `audits_closed_to`. At
    most 1 query."""
    if _knows_the_log(user):
        return False
    return not _members_since(audit).filter(user=user).exists()


def has_auditor(*, audit: CaseAudit, room: Department) -> bool:
    """Return whether anybody in a room may read the film. 2 queries."""
    people = {
        person.pk
        for person in list_readers(department=room)
        if not _knows_the_log(person)
    }
    knew = _members_since(audit).filter(user__in=people)
    return bool(people - set(knew.values_list("user_id", flat=True)))


def require_auditor(*, case: Case, user: User) -> None:
    """Raise Conflict (`closed_audit`) if a case is in an audit that this person must
    not read. At most 2 queries."""
    audit = audit_of(case=case)
    if audit is not None and not may_read_audit(audit=audit, user=user):
        raise Conflict(
            f"{user} may know how this film was read before: it waits for another.",
            code="closed_audit",
        )


def _members_since(audit: CaseAudit) -> QuerySet[Membership]:
    rows = Membership.objects.filter(department=audit.department_id)
    return rows.filter(Q(ended_at=None) | Q(ended_at__gt=audit.case.received_at))


def _knows_the_log(user: User) -> bool:
    rights = permissions_of(user)
    return bool(rights & {Permission.VIEW_AUDIT, Permission.VIEW_INSIGHTS})
