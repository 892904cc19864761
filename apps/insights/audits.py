"""What audits found: misses below the flag, and of the first readers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from apps.accounts.models import Department, User
from apps.accounts.selectors import departments_of
from apps.core.proportions import Proportion, wilson_interval
from apps.reading.audit_models import AuditStage, CaseAudit
from apps.reading.canaries import canary_case_ids
from apps.reading.models import CaseState, Outcome, ReadKind, Verdict
from apps.reading.outcomes import outcomes_of_cases

DEFINITE = (Outcome.AUTHENTIC, Outcome.SUSPICIOUS)
DONE = Q(case__state=CaseState.DONE)


@dataclass(frozen=True)
class DepartmentAudits:
    """What came of a triage department's audits.

    open: cases that are being read. dropped: drawn, but not read within a week here or
    there, or by then nobody could read them blind. closed: what the shares are of,
    without canaries.
    missed_by_system: of those not flagged, how many ended as suspicious.
    missed_by_readers: of those that the first reader called authentic.
    """

    department: Department
    share: float
    open: int
    dropped: int
    closed: int
    missed_by_system: Proportion
    missed_by_readers: Proportion


@dataclass(frozen=True)
class _Ended:
    flagged: bool
    first: str
    final: Outcome


def list_department_audits(*, user: User) -> list[DepartmentAudits]:
    """Return the figures of those of a lead's departments that are or were audited, in
    display order. 6 queries; fewer without audits."""
    rooms = list(departments_of(user))
    audits = CaseAudit.objects.filter(department__in=[room.pk for room in rooms])
    counts: dict[uuid.UUID, tuple[int, int]] = {
        pk: (opened, dropped)
        for pk, opened, dropped in audits.values_list("department").annotate(
            opened=Count("pk", filter=Q(stage=AuditStage.OPEN) & ~DONE),
            lost=Count("pk", filter=Q(stage=AuditStage.DROPPED)),
        )
    }
    ended = _ended(audits)
    return [
        _figures(room, counts.get(room.pk, (0, 0)), ended.get(room.pk, []))
        for room in rooms
        if room.audit_share > 0 or room.pk in counts
    ]


def _figures(
    room: Department, counts: tuple[int, int], ended: list[_Ended]
) -> DepartmentAudits:
    opened, dropped = counts
    definite = [case for case in ended if case.final in DEFINITE]
    unflagged = [case for case in definite if not case.flagged]
    cleared = [case for case in definite if case.first == Outcome.AUTHENTIC]
    return DepartmentAudits(
        department=room,
        share=float(room.audit_share),
        open=opened,
        dropped=dropped,
        closed=len(ended),
        missed_by_system=_missed(unflagged),
        missed_by_readers=_missed(cleared),
    )


def _missed(cases: list[_Ended]) -> Proportion:
    found = sum(case.final == Outcome.SUSPICIOUS for case in cases)
    return wilson_interval(found, len(cases))


def _ended(audits: QuerySet[CaseAudit]) -> dict[uuid.UUID, list[_Ended]]:
    """Return the closed audits of each department."""
    closed = dict(
        audits.filter(DONE, stage__in=(AuditStage.OPEN, AuditStage.ENDED))
        .exclude(case__in=canary_case_ids())
        .values_list("case_id", "department_id")
    )
    outcomes = outcomes_of_cases(case_ids=closed)
    firsts: dict[uuid.UUID, tuple[bool, str]] = {}
    # What the first reader filed, as it stands now; the audit's own read is no first.
    verdicts = (
        Verdict.objects.filter(read__case__in=closed, replaced_by=None, counts=True)
        .exclude(read__kind=ReadKind.AUDIT)
        .order_by("read__sealed_at", "pk")
    )
    for case_id, flagged, outcome in verdicts.values_list(
        "read__case_id", "flagged", "outcome"
    ):
        firsts.setdefault(case_id, (flagged, outcome))
    found: dict[uuid.UUID, list[_Ended]] = {}
    for case_id, (flagged, first) in firsts.items():
        row = _Ended(flagged, first, outcomes[case_id].outcome)
        found.setdefault(closed[case_id], []).append(row)
    return found
