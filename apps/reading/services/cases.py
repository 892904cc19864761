"""Cases: open, follow the analysis, claim, release."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.selectors import departments_of
from apps.audit.models import Event, EventKind
from apps.audit.services import append_event, lock_log
from apps.core.errors import Conflict, NotFound
from apps.core.push import CaseChanged, CaseProgress, push
from apps.detection.models import AnalysisRun, RunStatus
from apps.detection.selectors import list_latest_runs, study_progress
from apps.imaging.models import Image
from apps.reading.audits import require_auditor
from apps.reading.claim_kinds import ClaimKind, kind_after
from apps.reading.list_models import NO_OPINION
from apps.reading.models import Case, CaseOpinion, CaseState, Read
from apps.reading.selectors import has_ended_for
from apps.reading.services.audits import draw_for_audit
from apps.reading.services.canaries import follow_opened_case

CLAIM_DURATION = dt.timedelta(minutes=20)
# Browsers fetch a case again on every piece of news; one entry tells it as well.
VIEW_INTERVAL = dt.timedelta(minutes=15)


@transaction.atomic
def add_image_to_case(*, image: Image, actor: User | None) -> Case:
    """Return the case of the image's study, opened if it is the first image."""
    case, created = Case.objects.get_or_create(
        study=image.study,
        defaults={"site": image.site, "department": image.study.department},
    )
    progress = study_progress(study_id=case.pk)
    Case.objects.filter(pk=case.pk).update(
        image_count=F("image_count") + 1,
        lanes_done=progress.done,
        lanes_total=progress.total,
    )
    if created:
        append_event(
            kind=EventKind.CASE_OPENED,
            site=image.site,
            actor=actor,
            case_id=case.pk,
            subject=f"study:{image.study_id}",
            data={"department": image.study.department.slug},
        )
        follow_opened_case(case=case, image=image)
        draw_for_audit(case=case)
    case.refresh_from_db()
    announce_case(case)
    return case


@transaction.atomic
def follow_analysis(*, run: AnalysisRun) -> None:
    """Bring a case up to date after a run was created or ended."""
    case = _locked_case(run)
    if case is None:
        return
    progress = study_progress(study_id=case.pk)
    case.lanes_done, case.lanes_total = progress.done, progress.total
    if case.state in (CaseState.ANALYSING, CaseState.READY):
        settled = progress.is_settled and progress.total > 0
        case.state = CaseState.READY if settled else CaseState.ANALYSING
    case.version += 1
    case.save(update_fields=["lanes_done", "lanes_total", "state", "version"])
    if progress.is_settled:
        _store_opinion(case)
    announce_case(case)


@transaction.atomic
def follow_lane(*, run: AnalysisRun) -> None:
    """Count one more lane. The news carries numbers only: not which lane, nor what."""
    case = _locked_case(run)
    if case is None:
        return
    progress = study_progress(study_id=case.pk)
    case.lanes_done, case.lanes_total = progress.done, progress.total
    case.version += 1
    case.save(update_fields=["lanes_done", "lanes_total", "version"])
    push(
        CaseProgress(
            site_id=str(case.site_id),
            id=str(case.pk),
            version=case.version,
            worklist=case.department.slug,
            done=progress.done,
            total=progress.total,
        )
    )


@transaction.atomic
def claim_case(*, case: Case, user: User, kind: ClaimKind = ClaimKind.TAKEN) -> Case:
    """Claim a case for a while; claiming again never shortens a claim.

    Raises Conflict (`claimed_by_other`) while another reader's claim is live,
    (`already_read`) on a second read or an adjudication of what this person has read,
    (`closed_audit`) on an audit that this person must not read, or (`case_done`) on a
    case that has ended, as far as this person is told; NotFound for who is no member of
    its department any more.
    """
    lock_log()
    _refuse_claim(case, user)
    now = timezone.now()
    mine = Case.objects.filter(pk=case.pk, claimed_by=user, claim_expires_at__gt=now)
    held = mine.first()
    # A lead's assignment lasts longer than a reader's own claim.
    ends = held.claim_expires_at if held else None
    until = max(now + CLAIM_DURATION, ends or now)
    changed = (
        Case.objects.filter(pk=case.pk)
        .filter(Q(claimed_by=None) | Q(claimed_by=user) | Q(claim_expires_at__lt=now))
        .update(
            claimed_by=user,
            claim_expires_at=until,
            claim_kind=kind_after(held.claim_kind if held else None, kind),
            version=F("version") + 1,
        )
    )
    if changed != 1:
        raise Conflict("Another reader has this case.", code="claimed_by_other")
    if held is None:
        append_event(
            kind=EventKind.CASE_CLAIMED, site=case.site, actor=user, case_id=case.pk
        )
    case.refresh_from_db()
    announce_case(case, was=case.state)
    return case


def _refuse_claim(case: Case, user: User) -> None:
    # Asked again behind the lock: ending a membership ends the claims that are there.
    if not departments_of(user).filter(cases=case.pk).exists():
        raise NotFound("There is no such case.")
    case.refresh_from_db(fields=["state"])
    if is_own_case(case, user):
        raise Conflict(
            "You have read this case: it waits for another.", code="already_read"
        )
    if case.state == CaseState.SECOND_READ:
        require_auditor(case=case, user=user)
    if has_ended_for(case=case, user=user):
        raise Conflict("The case is done.", code="case_done")


@transaction.atomic
def release_case(*, case: Case, user: User) -> Case:
    """Give a case back; releasing what one does not hold changes nothing."""
    lock_log()
    changed = Case.objects.filter(pk=case.pk, claimed_by=user).update(
        claimed_by=None, claim_expires_at=None, version=F("version") + 1
    )
    case.refresh_from_db()
    if changed == 1:
        append_event(
            kind=EventKind.CASE_RELEASED, site=case.site, actor=user, case_id=case.pk
        )
        announce_case(case, was=case.state)
    return case


@transaction.atomic
def record_case_viewed(*, case: Case, user: User) -> None:
    """Put on the log that a person opened a case; once per quarter of an hour."""
    _record_looks([case], user, EventKind.CASE_VIEWED)


@transaction.atomic
def record_cases_fetched(*, cases: Iterable[Case], user: User) -> None:
    """Put on the log that a person's page was sent cases beside the one they look at:
    the next of the list, earlier studies. Once per quarter of an hour each.

    No look: times to an answer are measured from the opening of a case.
    """
    _record_looks(list(cases), user, EventKind.CASE_FETCHED)


def _record_looks(cases: list[Case], user: User, kind: EventKind) -> None:
    """1 query, and those of an entry for each case that has none yet."""
    since = timezone.now() - VIEW_INTERVAL
    ids = [case.pk for case in cases]
    seen = set(
        Event.objects.filter(
            case_id__in=ids, actor=user, kind=kind, occurred_at__gt=since
        ).values_list("case_id", flat=True)
    )
    for case in cases:
        if case.pk not in seen:
            append_event(kind=kind, site=case.site, actor=user, case_id=case.pk)


def is_claim_live(case: Case, now: dt.datetime) -> bool:
    """Return whether someone holds the case now."""
    return (
        case.claimed_by_id is not None
        and case.claim_expires_at is not None
        and case.claim_expires_at > now
    )


def announce_case(case: Case, *, was: str = "") -> None:
    """Tell browsers that a case changed, not how.

    was: its state before. What happens while readers who differ are settled is told to
    those alone who know that: for others the case has ended.
    """
    is_settling = was == CaseState.ADJUDICATION and case.state in (
        CaseState.ADJUDICATION,
        CaseState.DONE,
    )
    push(
        CaseChanged(
            site_id=str(case.site_id),
            id=str(case.pk),
            version=case.version,
            worklist=case.department.slug,
            is_settling=is_settling,
        )
    )


def save_and_announce(locked: Case, case: Case, *, was: str) -> None:
    """Save a locked case whose state, claim or reads changed, and tell browsers.

    was: its state before.
    """
    locked.version += 1
    locked.save(
        update_fields=[
            "state",
            "version",
            "claimed_by",
            "claim_expires_at",
            "second_read_reason",
            "readers_wanted",
            "round",
        ]
    )
    case.refresh_from_db()
    announce_case(case, was=was)


def is_own_case(case: Case, user: User) -> bool:
    """Return whether a case waits for somebody else, since this person has read it.

    For a second reader whoever has filed no verdict yet may still do so; an adjudicator
    must not have sealed anything. At most 1 query.
    """
    own = Read.objects.filter(case=case, reader=user)
    if case.state == CaseState.SECOND_READ:
        own = own.filter(verdicts__isnull=False)
    elif case.state != CaseState.ADJUDICATION:
        return False
    return own.exists()


def _locked_case(run: AnalysisRun) -> Case | None:
    # The lock keeps two lanes of two images from losing each other's count.
    return (
        Case.objects.select_for_update(of=("self",))
        .select_related("department")
        .filter(pk=run.image.study_id)
        .first()
    )


def _store_opinion(case: Case) -> None:
    """Take over the opinion on the most suspicious image: one forged slice suffices."""
    runs = [
        run
        for run in list_latest_runs(study_ids=[case.pk])
        if run.status == RunStatus.DONE
    ]
    worst = max(
        runs,
        key=lambda r: (r.flagged, -1.0 if r.suspicion is None else r.suspicion),
        default=None,
    )
    CaseOpinion.objects.update_or_create(
        case=case,
        defaults={
            "suspicion": worst.suspicion if worst else None,
            "suspicion_rank": NO_OPINION
            if worst is None or worst.suspicion is None
            else worst.suspicion,
            "flagged": worst.flagged if worst else False,
            "top_lane": worst.top_lane if worst else "",
            "reason": worst.reason if worst else "The analysis failed.",
        },
    )
