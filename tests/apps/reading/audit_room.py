"""A triage department whose cases are audited blind in another one, for tests."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from apps.accounts.models import Department, User
from apps.reading.audit_models import AuditStage, CaseAudit
from apps.reading.models import Answer, Case, Decision, Read, ReadKind
from apps.reading.services.audits import (
    READ_WITHIN,
    STAYS,
    draw_for_audit,
    drop_unread_audits,
    end_closed_audits,
    open_due_audits,
)
from tests.apps.reading.conftest import read_fully
from tests.conftest import Hospital
from tests.factories import Said, UserFactory, leave_room, make_case


@dataclass(frozen=True)
class AuditRoom:
    """Films of `triage` are audited in `blind`: carol belongs to the latter alone, the
    others to both."""

    site: Hospital
    triage: Department
    blind: Department
    carol: User


def stage_of(case: Case) -> str:
    """Return how far the audit of a case is."""
    return CaseAudit.objects.get(case=case).stage


def make_audit_room(hospital: Hospital, share: str = "1") -> AuditRoom:
    """Return the hospital with that policy."""
    Department.objects.filter(pk=hospital.triage.pk).update(
        audit_share=Decimal(share), audit_department=hospital.blind
    )
    hospital.triage.refresh_from_db()
    carol = UserFactory.create(username="carol", site=hospital.site)
    leave_room(carol, hospital.triage)
    # Before any case here was received.
    carol.memberships.filter(department=hospital.triage).update(
        ended_at=timezone.now() - dt.timedelta(days=400)
    )
    return AuditRoom(hospital, hospital.triage, hospital.blind, carol)


def draw(room: AuditRoom, said: Said | None = None, days: float = 8) -> Case:
    """Return an unread case that came in `days` ago and was drawn."""
    case = make_case(room.triage, said=said)
    case.received_at = timezone.now() - dt.timedelta(days=days)
    case.save()
    draw_for_audit(case=case)
    assert CaseAudit.objects.filter(case=case, stage=AuditStage.DRAWN).exists()
    return case


def audit(
    room: AuditRoom,
    said: Said | None = None,
    answer: Answer = Answer.AUTHENTIC,
    decision: Decision = Decision.CONFIRM,
    mind: str = "",
) -> Case:
    """Return a case that Alice has read in triage and that is in the audit now."""
    case = draw(room, said)
    read_fully(case, room.site.alice, answer, decision, mind)
    assert open_due_audits() == 1
    case.refresh_from_db()
    assert case.department == room.blind
    return case


def send_back(case: Case) -> int:
    """Return how many went back, a day after this case was closed."""
    assert end_closed_audits() == 0
    CaseAudit.objects.filter(case=case).update(closed_at=timezone.now() - STAYS)
    return end_closed_audits()


def let_wait(case: Case, span: dt.timedelta = READ_WITHIN) -> int:
    """Return how many went back unread, a while after this case had come over: what was
    read before that was read before."""
    before = timezone.now() - span
    CaseAudit.objects.filter(case=case).update(opened_at=before)
    first = Read.objects.filter(case=case).exclude(kind=ReadKind.AUDIT)
    first.update(sealed_at=before - dt.timedelta(days=1))
    return drop_unread_audits()
