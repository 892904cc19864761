"""HTTP doorways of what comes after a verdict: amend, adjudicate, re-open; queues."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from ninja import Router, Status

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.accounts.selectors import get_own_department
from apps.reading.models import Adjudication, Case, Decision, Outcome, Reopening
from apps.reading.queues import count_queues
from apps.reading.schemas import VerdictOut
from apps.reading.schemas_rulings import (
    AdjudicationOut,
    AmendIn,
    BothAnswers,
    QueuesOut,
    ReopenIn,
    ReopeningOut,
    RulingIn,
    RulingOut,
)
from apps.reading.selectors import current_verdicts, get_case
from apps.reading.services.adjudication import (
    Ruling,
    adjudicate_case,
    record_answers_served,
    reopen_case,
    require_adjudicator,
)
from apps.reading.services.amendments import amend_verdict
from apps.reading.services.reads import FinalAnswer
from apps.reading.shapes import marks_in, shape_person, shape_read, shape_verdict

router = Router(tags=["reading"])


@router.get("/worklists/{slug}/queues", response=QueuesOut)
def read_queues(request: HttpRequest, slug: str) -> QueuesOut:
    """Count the caller's queues of a worklist."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    department = get_own_department(user=user, slug=slug)
    return QueuesOut(**count_queues(user=user, department=department))


@router.post("/cases/{case_id}/verdict/amend", response={201: VerdictOut})
def amend(
    request: HttpRequest, case_id: uuid.UUID, payload: AmendIn
) -> Status[VerdictOut]:
    """File a verdict in place of an earlier one of the caller, which stays."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    verdict = amend_verdict(
        case=get_case(user=user, case_id=case_id),
        reader=user,
        verdict_id=payload.replaces,
        answer=FinalAnswer(
            decision=Decision(payload.decision),
            reason_codes=tuple(payload.reason_codes),
            regions=marks_in(payload.regions),
            note=payload.note,
            changed_mind_code=payload.changed_mind_code or "",
        ),
        reason=payload.reason,
    )
    return Status(201, shape_verdict(verdict, verdict.read))


@router.get("/cases/{case_id}/adjudication", response=AdjudicationOut)
def read_adjudication(request: HttpRequest, case_id: uuid.UUID) -> AdjudicationOut:
    """Show all readers' answers to who may settle them; that goes on the log."""
    user, _ = require(user_of(request), Permission.ADJUDICATE)
    case = get_case(user=user, case_id=case_id)
    require_adjudicator(case=case, user=user)
    # On the log before they are read: what is served is never unrecorded.
    record_answers_served(case=case, user=user)
    return _shape(case)


@router.post("/cases/{case_id}/adjudication", response={201: RulingOut})
def adjudicate(
    request: HttpRequest, case_id: uuid.UUID, payload: RulingIn
) -> Status[RulingOut]:
    """File the final outcome of a case whose readers differ."""
    user, _ = require(user_of(request), Permission.ADJUDICATE)
    ruling = adjudicate_case(
        case=get_case(user=user, case_id=case_id),
        adjudicator=user,
        ruling=Ruling(
            outcome=Outcome(payload.outcome),
            reason_codes=tuple(payload.reason_codes),
            note=payload.note,
            verdicts=tuple(payload.verdicts),
        ),
    )
    return Status(201, _shape_ruling(ruling))


@router.post("/cases/{case_id}/reopen", response={201: ReopeningOut})
def reopen(
    request: HttpRequest, case_id: uuid.UUID, payload: ReopenIn
) -> Status[ReopeningOut]:
    """Send a closed case to one more reader."""
    user, _ = require(user_of(request), Permission.ADJUDICATE)
    case = get_case(user=user, case_id=case_id)
    reopening = reopen_case(case=case, lead=user, reason=payload.reason)
    return Status(201, _shape_reopening(reopening))


def _shape(case: Case) -> AdjudicationOut:
    ruling = case.adjudications.filter(round=case.round).first()
    return AdjudicationOut(
        readers=[
            BothAnswers(
                read=shape_read(verdict.read),
                verdict=shape_verdict(verdict, verdict.read),
            )
            for verdict in current_verdicts(case=case)
        ],
        ruling=_shape_ruling(ruling) if ruling else None,
        reopenings=[
            _shape_reopening(row)
            for row in case.reopenings.select_related("lead").order_by("round")
        ],
    )


def _shape_ruling(ruling: Adjudication) -> RulingOut:
    return RulingOut(
        id=ruling.pk,
        outcome=Outcome(ruling.outcome),
        reason_codes=ruling.reason_codes,
        note=ruling.note,
        filed_at=ruling.filed_at,
        log_position=ruling.log_position,
        adjudicator=shape_person(ruling.adjudicator),
    )


def _shape_reopening(row: Reopening) -> ReopeningOut:
    return ReopeningOut(
        id=row.pk,
        reason=row.reason,
        reopened_at=row.reopened_at,
        log_position=row.log_position,
        lead=shape_person(row.lead),
    )
