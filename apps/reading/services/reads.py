"""Sealing a first answer, serving the evidence, filing a verdict.

The order is the product: the seal is on the log before evidence can be served.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.models import ReadingMode, User
from apps.audit.models import EventKind
from apps.audit.services import append_event, lock_log
from apps.core.errors import Conflict, Denied, Invalid
from apps.detection.selectors import list_latest_runs, study_progress
from apps.reading.audits import require_auditor
from apps.reading.models import (
    Answer,
    Case,
    CaseOpinion,
    CaseState,
    Decision,
    Draft,
    Outcome,
    Read,
    ReadKind,
    SecondReadReason,
    Verdict,
)
from apps.reading.selectors import digest_opinion, has_seen_evidence, last_look
from apps.reading.services.canaries import record_canary_result
from apps.reading.services.cases import save_and_announce
from apps.reading.services.guests import (
    is_guest,
    is_informed,
    refuse_guest_verdict,
    refuse_stranger,
)
from apps.reading.services.notifications import tell_replies
from apps.reading.services.reasons import words_of
from apps.reading.services.regions import RegionMark as RegionMark
from apps.reading.services.regions import check_regions
from apps.reading.services.settling import is_switch, settle
from workers.tlog.canonical import canonical_json

MAX_NOTE_CHARACTERS = 4000


@dataclass(frozen=True)
class FirstAnswer:
    """What a reader seals."""

    answer: Answer
    confidence: int
    reason_codes: tuple[str, ...] = ()
    regions: tuple[RegionMark, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class FinalAnswer:
    """What a reader files after seeing the evidence."""

    decision: Decision
    reason_codes: tuple[str, ...]
    regions: tuple[RegionMark, ...] = ()
    note: str = ""
    changed_mind_code: str = ""


@transaction.atomic
def seal_read(*, case: Case, reader: User, answer: FirstAnswer) -> Read:
    """Return the sealed read; from here the evidence may be served to this reader.

    Raises Conflict (`not_ready`, `claimed_by_other`, `already_sealed`, `closed_audit`)
    or Invalid.
    """
    _check_first(case, answer)
    lock_log()
    locked = lock_case(case)
    _refuse_seal(locked, reader)
    policy = locked.department.policy
    kind = _kind_of(locked, reader)
    mode = ReadingMode.TRIAGE if is_informed(case, reader, kind) else policy.mode
    sealed_at = timezone.now()
    salt = secrets.token_hex(32)
    digest = commit_plain(
        salt, case, reader, sealed_at.isoformat(), plain_answer(answer)
    )
    event = append_event(
        kind=EventKind.READ_SEALED,
        site=case.site,
        actor=reader,
        case_id=case.pk,
        data={
            "seal_sha256": digest,
            "mode": mode.value,
            "kind": kind.value,
            **_policy_facts(locked),
        },
    )
    try:
        read = Read.objects.create(
            case=case,
            reader=reader,
            mode=mode,
            kind=kind,
            policy=policy.to_facts(),
            policy_version=locked.department.policy_version,
            answer=answer.answer,
            confidence=answer.confidence,
            **marks_of(answer),
            opened_at=last_look(case=case, user=reader),
            sealed_at=sealed_at,
            salt=salt,
            seal_sha256=digest,
            log_position=event.position,
        )
    except IntegrityError as error:
        raise Conflict(
            "You have sealed an answer before.", code="already_sealed"
        ) from error
    _follow_seal(locked, case, reader)
    return read


def _follow_seal(locked: Case, case: Case, reader: User) -> None:
    Draft.objects.filter(case=case, reader=reader).delete()
    was = locked.state
    if locked.state == CaseState.READY:
        locked.state = CaseState.SEALED
    save_and_announce(locked, case, was=was)
    # Held until now: what colleagues said may tell what the system thinks.
    tell_replies(case=case, asker=reader)


def _check_first(case: Case, answer: FirstAnswer) -> None:
    check_marks(case, answer.reason_codes, answer.regions, answer.note)
    if not 1 <= answer.confidence <= 5:
        raise Invalid("Confidence is 1 to 5.", code="bad_confidence")


def _policy_facts(case: Case) -> dict[str, str | bool | int]:
    facts = case.department.policy.to_facts()
    version = {"policy_version": case.department.policy_version}
    return {**version, **{f"policy_{name}": fact for name, fact in facts.items()}}


def _refuse_seal(case: Case, reader: User) -> None:
    if case.state == CaseState.ANALYSING:
        raise Conflict("The lanes still run on this case.", code="not_ready")
    refuse_stranger(case, reader)
    if case.state not in (CaseState.READY, CaseState.SEALED):
        require_auditor(case=case, user=reader)
    if Read.objects.filter(case=case, reader=reader).exists():
        raise Conflict("You have sealed an answer before.", code="already_sealed")


@transaction.atomic
def record_evidence_served(*, case: Case, user: User) -> None:
    """Put on the log that this person now knows the system's opinion; once per case."""
    # Asked twice: only the first look of each person has to wait for the log.
    if has_seen_evidence(case=case, user=user):
        return
    lock_log()
    if has_seen_evidence(case=case, user=user):
        return
    append_event(
        kind=EventKind.EVIDENCE_SERVED, site=case.site, actor=user, case_id=case.pk
    )


@transaction.atomic
def file_verdict(
    *, case: Case, reader: User, answer: FinalAnswer, opinion_sha256: str
) -> Verdict:
    """Return the verdict, filed beside the first answer.

    opinion_sha256: of the evidence the reader saw.
    Raises Denied (`seal_first`), Conflict (`already_decided`, `claimed_by_other`,
    `not_ready`, `opinion_changed`) or Invalid.
    """
    read = Read.objects.filter(case=case, reader=reader).first()
    if read is None:
        raise Denied("Seal your own answer first.", code="seal_first")
    lock_log()
    locked = lock_case(case)
    if Verdict.objects.filter(read=read).exists():
        raise Conflict("You have filed a verdict before.", code="already_decided")
    refuse_guest_verdict(locked, reader)
    _refuse_unseen_opinion(locked, opinion_sha256)
    was = locked.state
    verdict = write_verdict(
        case=locked, read=read, answer=answer, counts=_counts(locked, read)
    )
    record_canary_result(case=locked, read=read, verdict=verdict)
    Draft.objects.filter(case=case, reader=reader).delete()
    if locked.claimed_by_id == reader.pk:  # a colleague's claim on it stays
        locked.claimed_by = None
        locked.claim_expires_at = None
    if verdict.counts:
        settle(case=locked, actor=reader)
    save_and_announce(locked, case, was=was)
    return verdict


def _counts(case: Case, read: Read) -> bool:
    """Return whether a verdict settles anything: not that of a reader nobody had asked
    for, on a case that has ended. To have it read again is a lead's to say."""
    has_ended = case.state in (CaseState.DONE, CaseState.ADJUDICATION)
    return read.kind != ReadKind.LATER or not has_ended


def _refuse_unseen_opinion(case: Case, seen_sha256: str) -> None:
    """Raise Conflict if lanes still run (a film came late), or said more since."""
    if not study_progress(study_id=case.pk).is_settled:
        raise Conflict("The lanes still run on this case.", code="not_ready")
    if digest_opinion(list_latest_runs(study_ids=[case.pk])) != seen_sha256:
        raise Conflict(
            "The evidence has changed since you saw it. Look again, then decide.",
            code="opinion_changed",
        )


def lock_case(case: Case) -> Case:
    """Return the case locked, with its department as it is now."""
    rows = Case.objects.select_for_update(of=("self",)).select_related("department")
    return rows.get(pk=case.pk)


def write_verdict(
    *,
    case: Case,
    read: Read,
    answer: FinalAnswer,
    replaces: Verdict | None = None,
    amend_reason: str = "",
    counts: bool = True,
) -> Verdict:
    """Return a new verdict of a sealed read, put on the log. Raises Invalid.

    replaces, amend_reason: set for an amendment. Its opinion is the one the reader
    decided about, even if the lanes have run again since.
    """
    check_marks(case, answer.reason_codes, answer.regions, answer.note)
    if not answer.reason_codes:
        raise Invalid("Give at least one reason.", code="reason_required")
    judged = _opinion_of(case, replaces)
    outcome = outcome_of(answer.decision, flagged=judged["flagged"])
    _check_changed_mind(Answer(read.answer), outcome, answer.changed_mind_code)
    filed_at = timezone.now()
    salt = secrets.token_hex(32)
    plain = plain_answer(answer)
    facts: dict[str, str] = {}
    if replaces is not None:
        plain |= {"replaces": replaces.verdict_sha256, "amend_reason": amend_reason}
        facts = {"replaces_sha256": replaces.verdict_sha256}
    digest = commit_plain(salt, case, read.reader, filed_at.isoformat(), plain)
    event = append_event(
        kind=EventKind.VERDICT_AMENDED if replaces else EventKind.VERDICT_FILED,
        site=case.site,
        actor=read.reader,
        case_id=case.pk,
        data={
            "verdict_sha256": digest,
            "seal_sha256": read.seal_sha256,
            "models_digest": judged["models_digest"],
            **facts,
        },
    )
    return Verdict.objects.create(
        read=read,
        replaces=replaces,
        amend_reason=amend_reason,
        decision=answer.decision,
        outcome=outcome,
        **marks_of(answer),
        changed_mind_code=answer.changed_mind_code,
        counts=counts,
        **judged,
        filed_at=filed_at,
        salt=salt,
        verdict_sha256=digest,
        log_position=event.position,
    )


def _kind_of(case: Case, reader: User) -> ReadKind:
    if is_guest(case, reader):
        # Asked by who holds it, and so not in that reader's place.
        return ReadKind.LATER
    if case.state == CaseState.SECOND_READ:
        is_audit = case.second_read_reason == SecondReadReason.AUDIT
        return ReadKind.AUDIT if is_audit else ReadKind.SECOND
    is_first = case.state in (CaseState.READY, CaseState.SEALED)
    return ReadKind.FIRST if is_first else ReadKind.LATER


def _opinion_of(case: Case, replaces: Verdict | None) -> dict[str, Any]:
    """Return the columns that tell which opinion of the system was judged."""
    if replaces is not None:
        names = ("flagged", "suspicion", "pipeline_version", "models_digest")
        return {name: getattr(replaces, name) for name in names}
    opinion = CaseOpinion.objects.filter(case=case).first()
    version, models_digest = _pipeline_of(case)
    return {
        "flagged": opinion.flagged if opinion else False,
        "suspicion": opinion.suspicion if opinion else None,
        "pipeline_version": version,
        "models_digest": models_digest,
    }


def _pipeline_of(case: Case) -> tuple[str, str]:
    """Return pipeline version and models digest behind the case's opinion."""
    runs = list_latest_runs(study_ids=[case.pk])
    return (runs[0].pipeline_version, runs[0].models_digest) if runs else ("", "")


def outcome_of(decision: Decision, *, flagged: bool) -> Outcome:
    """Return what a decision about the system's opinion says of the film."""
    if decision == Decision.INCONCLUSIVE:
        return Outcome.INCONCLUSIVE
    agrees = decision == Decision.CONFIRM
    return Outcome.SUSPICIOUS if flagged == agrees else Outcome.AUTHENTIC


def _check_changed_mind(first: Answer, outcome: Outcome, code: str) -> None:
    words_of([code] if code else [], changed_mind=True)
    if is_switch(first, outcome) and not code:
        raise Invalid("Say what changed your mind.", code="changed_mind_required")


def check_marks(
    case: Case, codes: Sequence[str], regions: Sequence[RegionMark], note: str
) -> None:
    words_of(codes)
    if len(note) > MAX_NOTE_CHARACTERS:
        raise Invalid(
            f"The note is longer than {MAX_NOTE_CHARACTERS} characters.",
            code="note_too_long",
        )
    if regions:
        check_regions({image.pk: image for image in case.study.images.all()}, regions)


def marks_of(answer: FirstAnswer | FinalAnswer) -> dict[str, Any]:
    """Return the columns that a read and a verdict share."""
    mind = answer.changed_mind_code if isinstance(answer, FinalAnswer) else ""
    return {
        "reason_codes": list(answer.reason_codes),
        "reason_words": words_of(answer.reason_codes)
        + words_of([mind] if mind else [], changed_mind=True),
        "regions": [
            {**asdict(region), "image_id": str(region.image_id)}
            for region in answer.regions
        ],
        "note": answer.note,
    }


def plain_answer(answer: FirstAnswer | FinalAnswer) -> dict[str, object]:
    """Return an answer as canonical JSON takes it: coordinates in thousandths."""
    plain = asdict(answer)
    plain["regions"] = [
        {
            "image_id": str(region.image_id),
            "frame": region.frame,
            "kind": region.kind,
            "points_millipixel": [
                [round(column * 1000), round(row * 1000)]
                for column, row in region.points
            ],
        }
        for region in answer.regions
    ]
    return {
        key: value.value if isinstance(value, Answer | Decision) else value
        for key, value in plain.items()
    }


def commit_plain(
    salt: str, case: Case, reader: User, at: str, answer: dict[str, object]
) -> str:
    """Return the salted commitment that goes to the log in place of the answer."""
    body = {
        "salt": salt,
        "case": str(case.pk),
        "reader": str(reader.pk),
        "at": at,
        "answer": answer,
    }
    return hashlib.sha256(canonical_json(body)).hexdigest()
