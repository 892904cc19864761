"""HTTP doorways of reading."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from apps.accounts.auth import user_of
from apps.accounts.models import ReadingMode, User
from apps.accounts.permissions import Permission, permissions_of, require
from apps.accounts.selectors import keys_of
from apps.reading.column_schemas import ColumnIn
from apps.reading.columns import list_choices
from apps.reading.evidence import get_case_evidence, get_case_heatmap
from apps.reading.models import Answer, Case, Decision, ReasonGroup
from apps.reading.outcomes import outcome_of_case
from apps.reading.rulings import has_seen_answers
from apps.reading.schemas import (
    CaseDetail,
    CaseEvidence,
    CaseRow,
    HeatmapOut,
    Me,
    NextCase,
    ReasonCodeOut,
    SealIn,
    SealOut,
    SiteOut,
    VerdictIn,
    VerdictOut,
    WorklistOut,
)
from apps.reading.selectors import (
    get_case,
    list_reason_codes,
    list_worklists,
    newest_verdict,
    next_case_id,
    own_read,
)
from apps.reading.services.cases import (
    claim_case,
    record_case_viewed,
    record_cases_fetched,
    release_case,
)
from apps.reading.services.presence import claim_in_tab
from apps.reading.services.reads import (
    FinalAnswer,
    FirstAnswer,
    file_verdict,
    record_evidence_served,
    seal_read,
)
from apps.reading.shapes import (
    marks_in,
    shape_case,
    shape_detail,
    shape_read,
    shape_verdict,
)

router = Router(tags=["reading"])


@router.get("/me", response=Me)
def read_me(request: HttpRequest) -> Me:
    """Tell who is signed in and what they may do."""
    user = user_of(request)
    keys, single_keys = keys_of(user=user)
    return Me(
        id=user.pk,
        username=user.username,
        display_name=str(user),
        role=user.role,
        site=SiteOut(id=user.site.pk, name=user.site.name) if user.site else None,
        permissions=sorted(permissions_of(user)),
        opens_staff_pages=user.is_staff,
        worklists=_worklists(request),
        keys=keys,
        single_keys=single_keys,
        columns={
            mode: [ColumnIn.model_validate(column) for column in columns]
            for mode, columns in list_choices(user=user).items()
        },
    )


@router.get("/worklists", response=list[WorklistOut])
def read_worklists(request: HttpRequest) -> list[WorklistOut]:
    """List the site's worklists (departments)."""
    require(user_of(request), Permission.UPLOAD)
    return _worklists(request)


@router.get("/cases/{case_id}", response=CaseDetail, exclude_unset=True)
def read_case(
    request: HttpRequest, case_id: uuid.UUID, ahead: bool = False
) -> dict[str, Any]:
    """Open a case; that it was viewed goes on the log.

    ahead: the case is not opened yet, its page is made ready. The log says so, and the
    system's opinion is left out.
    """
    user, _ = require(user_of(request), Permission.READ_CASES)
    case = get_case(user=user, case_id=case_id)
    if ahead:
        record_cases_fetched(cases=[case], user=user)
        return _without_absent(_detail(case, user, with_opinion=False))
    record_case_viewed(case=case, user=user)
    if case.department.reading_mode == ReadingMode.TRIAGE:
        # The answer holds the opinion: a later read of this person is informed, even
        # if the department has gone over to blind first by then.
        record_evidence_served(case=case, user=user)
    return _without_absent(_detail(case, user, with_opinion=True))


def _detail(case: Case, user: User, *, with_opinion: bool) -> CaseDetail:
    images = case.study.images.order_by("number", "created_at", "id")
    read = own_read(case=case, user=user)
    verdict = newest_verdict(read=read) if read else None
    closed = outcome_of_case(case=case) if verdict else None
    return shape_detail(
        case,
        list(images),
        read,
        verdict,
        closed,
        with_opinion=with_opinion,
        has_seen_answers=read is None and has_seen_answers(case=case, user=user),
    )


@router.get("/cases/{case_id}/next", response=NextCase)
def read_next_case(request: HttpRequest, case_id: uuid.UUID) -> NextCase:
    """Tell which case to read next."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    case = get_case(user=user, case_id=case_id)
    return NextCase(case_id=next_case_id(user=user, case=case))


@router.post("/cases/{case_id}/claim", response=CaseRow, exclude_unset=True)
def claim(
    request: HttpRequest, case_id: uuid.UUID, tab: uuid.UUID | None = None
) -> dict[str, Any]:
    """Claim a case for a while; for the page of a tab, until that is left."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    case = get_case(user=user, case_id=case_id)
    if tab is None:
        return _without_absent(shape_case(claim_case(case=case, user=user)))
    return _without_absent(shape_case(claim_in_tab(case=case, user=user, tab=tab)))


@router.delete("/cases/{case_id}/claim", response=CaseRow, exclude_unset=True)
def release(request: HttpRequest, case_id: uuid.UUID) -> dict[str, Any]:
    """Give a case back."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    case = get_case(user=user, case_id=case_id)
    return _without_absent(shape_case(release_case(case=case, user=user)))


@router.post("/cases/{case_id}/seal", response={201: SealOut})
def seal(request: HttpRequest, case_id: uuid.UUID, payload: SealIn) -> Status[SealOut]:
    """Seal a first answer. It cannot be undone."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    read = seal_read(
        case=get_case(user=user, case_id=case_id),
        reader=user,
        answer=FirstAnswer(
            answer=Answer(payload.answer),
            confidence=payload.confidence,
            reason_codes=tuple(payload.reason_codes),
            regions=marks_in(payload.regions),
            note=payload.note,
        ),
    )
    return Status(201, SealOut(read=shape_read(read), log_position=read.log_position))


@router.get("/cases/{case_id}/evidence", response=CaseEvidence)
def read_evidence(request: HttpRequest, case_id: uuid.UUID) -> CaseEvidence:
    """Serve the lanes' evidence, to who has sealed an answer or works in triage."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    case = get_case(user=user, case_id=case_id)
    evidence = get_case_evidence(case=case, user=user)
    record_evidence_served(case=case, user=user)
    return evidence


@router.get("/cases/{case_id}/evidence/{image_id}/{lane}/heatmap", response=HeatmapOut)
def read_heatmap(
    request: HttpRequest,
    case_id: uuid.UUID,
    image_id: uuid.UUID,
    lane: str,
) -> HeatmapOut:
    """Serve a lane's map, under the same rule as the evidence."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    case: Case = get_case(user=user, case_id=case_id)
    heatmap = get_case_heatmap(case=case, user=user, image_id=image_id, lane=lane)
    record_evidence_served(case=case, user=user)
    return heatmap


@router.post("/cases/{case_id}/verdict", response={201: VerdictOut})
def decide(
    request: HttpRequest, case_id: uuid.UUID, payload: VerdictIn
) -> Status[VerdictOut]:
    """File the final verdict beside the first answer."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    verdict = file_verdict(
        case=get_case(user=user, case_id=case_id),
        reader=user,
        answer=FinalAnswer(
            decision=Decision(payload.decision),
            reason_codes=tuple(payload.reason_codes),
            regions=marks_in(payload.regions),
            note=payload.note,
            changed_mind_code=payload.changed_mind_code or "",
        ),
        opinion_sha256=payload.opinion_sha256,
    )
    return Status(201, shape_verdict(verdict, verdict.read))


@router.get("/reason-codes", response=list[ReasonCodeOut])
def read_reason_codes(request: HttpRequest) -> list[ReasonCodeOut]:
    """List the reason codes, retired ones too: old reads are shown with them."""
    require(user_of(request), Permission.READ_CASES)
    return [
        ReasonCodeOut(
            code=row.code,
            label=row.label,
            group=ReasonGroup(row.group),
            hotkey=row.hotkey,
            active=row.is_active,
            version=row.version,
        )
        for row in list_reason_codes()
    ]


def _without_absent(shape: Schema) -> dict[str, Any]:
    """Return a shape without fields that were never set: on a blind worklist not even
    the name of the field `triage` leaves the server."""
    return shape.model_dump(exclude_unset=True)


def _worklists(request: HttpRequest) -> list[WorklistOut]:
    return [
        WorklistOut(
            id=department.pk,
            slug=department.slug,
            name=department.name,
            mode=ReadingMode(department.reading_mode),
            open_count=getattr(department, "open_count", 0),
            audits_others=getattr(department, "audits_others", False),
        )
        for department in list_worklists(user=user_of(request))
    ]
