"""Rows to schemas."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from apps.accounts.models import ReadingMode, User
from apps.core.schemas import PersonOut
from apps.imaging.models import Image
from apps.reading.models import (
    TIME_TO_READ,
    Case,
    CaseOpinion,
    CaseState,
    Priority,
    Read,
    ReadKind,
    Verdict,
)
from apps.reading.outcomes import CaseOutcome
from apps.reading.schemas import (
    CaseDetail,
    CaseRow,
    ClosedOut,
    ImageRef,
    PatientOut,
    ProgressOut,
    ReadOut,
    RegionIn,
    TriageOut,
    VerdictOut,
    WorklistRef,
)
from apps.reading.selectors import (
    read_phase,
    state_for_caller,
    version_for_caller,
)
from apps.reading.services.reads import RegionMark
from workers.types import LaneName

REUSED = "The same picture was received before."


def shape_person(user: User) -> PersonOut:
    """Return a person as others see them."""
    return PersonOut(id=user.pk, display_name=str(user))


def shape_case(case: Case) -> CaseRow:
    """Return a worklist line; `triage` is set on triage worklists only."""
    return CaseRow(**_case_fields(case, with_opinion=True))


def shape_detail(
    case: Case,
    images: list[Image],
    read: Read | None,
    verdict: Verdict | None,
    closed: CaseOutcome | None,
    *,
    with_opinion: bool,
    has_seen_answers: bool = False,
) -> CaseDetail:
    """Return a case for the reading page. `closed`: only for who filed a verdict."""
    department = case.department
    return CaseDetail(
        **_case_fields(case, with_opinion=with_opinion),
        worklist=WorklistRef(
            id=department.pk,
            slug=department.slug,
            name=department.name,
            mode=ReadingMode(department.reading_mode),
        ),
        study_date=case.study.study_date,
        manufacturer=case.study.manufacturer,
        images=[shape_image(image) for image in images],
        first_read=shape_read(read) if read else None,
        verdict=shape_verdict(verdict, read) if read and verdict else None,
        closed=ClosedOut(outcome=closed.outcome, how=closed.how) if closed else None,
        has_seen_answers=has_seen_answers,
    )


def shape_image(image: Image) -> ImageRef:
    """Return an image of a case."""
    return ImageRef(
        id=image.pk,
        series_id=image.series_id,
        rows=image.rows,
        columns=image.columns,
        frame_count=image.frame_count,
        format=image.format,
        view=image.view_position,
        laterality=image.laterality,
        file_name=image.file_name,
    )


def shape_read(read: Read) -> ReadOut:
    """Return a sealed read."""
    return ReadOut(
        id=read.pk,
        answer=read.answer,
        confidence=read.confidence,
        reason_codes=read.reason_codes,
        reason_words=read.reason_words,
        regions=read.regions,
        note=read.note,
        mode=read.mode,
        kind=ReadKind(read.kind),
        policy_version=read.policy_version,
        sealed_at=read.sealed_at,
        seal_sha256=read.seal_sha256,
        log_position=read.log_position,
        reader=shape_person(read.reader),
    )


def shape_verdict(verdict: Verdict, read: Read) -> VerdictOut:
    """Return a filed verdict."""
    return VerdictOut(
        id=verdict.pk,
        decision=verdict.decision,
        outcome=verdict.outcome,
        reason_codes=verdict.reason_codes,
        reason_words=verdict.reason_words,
        regions=verdict.regions,
        note=verdict.note,
        changed_mind_code=verdict.changed_mind_code or None,
        filed_at=verdict.filed_at,
        log_position=verdict.log_position,
        reader=shape_person(read.reader),
        flagged=verdict.flagged,
        replaces=verdict.replaces_id,
        amend_reason=verdict.amend_reason,
    )


def marks_in(regions: list[RegionIn]) -> tuple[RegionMark, ...]:
    """Return regions as the services take them."""
    return tuple(
        RegionMark(
            image_id=region.image_id,
            frame=region.frame,
            kind=region.kind,
            points=tuple(region.points),
        )
        for region in regions
    )


def _case_fields(case: Case, *, with_opinion: bool) -> dict[str, Any]:
    study = case.study
    fields: dict[str, Any] = {
        "id": case.pk,
        "version": version_for_caller(case),
        "received_at": case.received_at,
        "patient": PatientOut(
            name=study.patient.name,
            patient_id=study.patient.patient_id,
            age_years=study.patient_age_years,
            sex=study.patient.sex,
        ),
        "modality": study.modality,
        "description": study.description,
        "accession_number": study.accession_number,
        "view_count": case.image_count,
        "state": _state(case),
        "progress": ProgressOut(done=case.lanes_done, total=case.lanes_total),
        "claimed_by": None,
        "claim_expires_at": None,
        "read_phase": read_phase(case),
        "priority": Priority(case.priority).label,
        "due_at": case.received_at + TIME_TO_READ[Priority(case.priority)],
    }
    if is_claim_shown(case) and case.claimed_by is not None:
        fields["claimed_by"] = shape_person(case.claimed_by)
        fields["claim_expires_at"] = case.claim_expires_at
    if with_opinion and case.department.reading_mode == ReadingMode.TRIAGE:
        fields["triage"] = _shape_opinion(case)
    return fields


def _shape_opinion(case: Case) -> TriageOut:
    opinion: CaseOpinion | None = getattr(case, "opinion", None)
    if opinion is None:
        return TriageOut(
            suspicion=None, flagged=False, top_lane=None, reason="Not analysed yet."
        )
    return TriageOut(
        suspicion=opinion.suspicion,
        flagged=opinion.flagged,
        top_lane=opinion.top_lane or None,
        # The sentence of a match tells of another case, which this reader may still
        # have to read blind: only the evidence, which can ask, quotes it.
        reason=REUSED if opinion.top_lane == LaneName.REUSE else opinion.reason,
    )


def is_claim_shown(case: Case) -> bool:
    """Return whether a claim is live and its holder may be named to the caller."""
    if state_for_caller(case) != case.state:
        # Whoever holds it does so as its adjudicator.
        return False
    expires = case.claim_expires_at
    return case.claimed_by_id is not None and (
        expires is not None and expires > timezone.now()
    )


def _state(case: Case) -> str:
    if case.state == CaseState.READY and is_claim_shown(case):
        return "in_read"
    return state_for_caller(case).value
