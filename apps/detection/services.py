"""Analysis runs: create, claim, execute, finish."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apps.audit.models import EventKind
from apps.audit.services import append_event
from apps.core.objects import open_local, put_bytes
from apps.core.queue import enqueue
from apps.detection.models import (
    OPEN_RUN_STATUSES,
    AnalysisRun,
    LaneResult,
    RunStatus,
)
from apps.detection.reuse_index import DatabaseReuseIndex, add_to_index
from apps.detection.signals import lane_reported, run_changed
from apps.detection.study_headers import add_header, headers_beside
from apps.detection.trust import Trust, trust_of
from apps.imaging.models import Image
from apps.imaging.services.ingest import decode_limits
from workers.decode import decode_film
from workers.errors import RejectedInput, TruefilmError
from workers.fusion import fuse
from workers.lanes.reuse import make_fingerprint
from workers.pipeline import PIPELINE_VERSION, build_lanes, models_digest, run_lane
from workers.serialise import (
    evidence_from_json,
    finding_to_json,
    heatmap_to_bytes,
)
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    FirstSeen,
    Heatmap,
    Lane,
)

MAX_ATTEMPTS = 4


class _RunLost(TruefilmError):
    """The lease expired and another worker took the run over: stop, change nothing."""


@functools.lru_cache(maxsize=4)
def _lanes(models_dir: str) -> tuple[Lane, ...]:
    """Return the lanes, loaded once per process; a new model needs a restart."""
    return build_lanes(models_dir=Path(models_dir) if models_dir else None)


def active_lanes() -> tuple[Lane, ...]:
    """Return the lanes this deployment runs."""
    return _lanes(settings.MODELS_DIR)


@transaction.atomic
def create_run(*, image: Image) -> AnalysisRun:
    """Return the run of `image` under today's pipeline, models and trust; queue it
    if new."""
    run, created = AnalysisRun.objects.get_or_create(
        image=image,
        pipeline_version=PIPELINE_VERSION,
        models_digest=models_digest(active_lanes()),
        trust_digest=trust_of(site_id=image.site_id).digest,
        defaults={"site_id": image.site_id},
    )
    if created:
        enqueue("apps.detection.tasks.run_detection", run_id=str(run.pk))
        run_changed.send(sender=AnalysisRun, run=run)
    return run


def claim_run(*, run_id: str) -> AnalysisRun | None:
    """Return the run if this worker may execute it now, else None.

    An expired lease may be claimed again: its worker is dead. 1 update, 1 query.
    """
    now = timezone.now()
    claimed = (
        AnalysisRun.objects.filter(pk=run_id)
        .filter(
            Q(status=RunStatus.PENDING)
            | Q(status=RunStatus.RUNNING, lease_until__lt=now)
        )
        .update(
            status=RunStatus.RUNNING,
            lease_until=_lease_end(now),
            started_at=now,
            attempts=F("attempts") + 1,
        )
    )
    if claimed != 1:
        return None
    return AnalysisRun.objects.select_related("image__study", "image__site").get(
        pk=run_id
    )


def execute_run(*, run: AnalysisRun) -> None:
    """Run the lanes that have not reported yet and finish the run.

    Each lane's evidence is committed as it comes, so a killed worker costs one lane. A
    worker that lost the run to another one stops without a word.
    Raises TransientError if the store or a lane wants a retry.
    """
    try:
        # Read once: the key must name the trust that the lanes are given.
        trust = trust_of(site_id=run.site_id)
        if not _take_on_todays_key(run, trust):
            return
        with open_local(run.image.sha256) as path:
            film = decode_film(path, limits=decode_limits())
            evidence = _collect_evidence(run, film, trust)
        _finish(run, film, evidence)
    except RejectedInput as refusal:
        fail_run(run=run, reason=refusal.message)
    except _RunLost:
        return


def release_run(*, run: AnalysisRun) -> None:
    """Give an unfinished run back, so that a retry may claim it at once."""
    _held(run).update(status=RunStatus.PENDING, lease_until=None)


@transaction.atomic
def fail_run(*, run: AnalysisRun, reason: str) -> None:
    """End a run that cannot succeed; the case is still readable without it.

    A run that was claimed again since `run` was read is left alone.
    """
    changed = AnalysisRun.objects.filter(
        pk=run.pk, attempts=run.attempts, status__in=OPEN_RUN_STATUSES
    ).update(
        status=RunStatus.FAILED,
        failure=reason[:200],
        lease_until=None,
        finished_at=timezone.now(),
    )
    if changed != 1:
        return
    run.refresh_from_db()
    append_event(
        kind=EventKind.RUN_FAILED,
        site=run.site,
        case_id=run.image.study_id,
        subject=f"run:{run.pk}",
        data={"image": str(run.image_id)},
    )
    run_changed.send(sender=AnalysisRun, run=run)


def requeue_stranded_runs() -> int:
    """Return how many runs were sent again: their task or their worker was lost."""
    now = timezone.now()
    overdue = now - dt.timedelta(seconds=settings.LEASE_SECONDS)
    stranded = (
        AnalysisRun.objects.filter(
            Q(status=RunStatus.RUNNING, lease_until__lt=now)
            | Q(status=RunStatus.PENDING, queued_at__lt=overdue)
        )
        .select_related("image", "site")
        .order_by("queued_at")[:1000]
    )
    sent = 0
    for run in stranded:
        if run.attempts >= MAX_ATTEMPTS:
            fail_run(run=run, reason="The analysis failed several times.")
            continue
        with transaction.atomic():
            AnalysisRun.objects.filter(pk=run.pk).update(queued_at=now)
            enqueue("apps.detection.tasks.run_detection", run_id=str(run.pk))
        sent += 1
    return sent


@transaction.atomic
def _take_on_todays_key(run: AnalysisRun, trust: Trust) -> bool:
    """Return whether to go on, begun anew where pipeline, models or trust have changed
    since.

    The log knows only ended runs, so one that has not ended may change its key. If a
    run of today's key exists already, this one is not needed.
    """
    today = {
        "pipeline_version": PIPELINE_VERSION,
        "models_digest": models_digest(active_lanes()),
        "trust_digest": trust.digest,
    }
    if all(getattr(run, name) == value for name, value in today.items()):
        return True
    twins = AnalysisRun.objects.filter(image_id=run.image_id, **today)
    if twins.exists() or _held(run).update(**today) != 1:
        _held(run).delete()
        return False
    run.lane_results.all().delete()
    run.refresh_from_db()
    return True


def _collect_evidence(
    run: AnalysisRun, film: DecodedImage, trust: Trust
) -> list[Evidence]:
    known = {result.lane: result for result in run.lane_results.all()}
    # Indexed before it is looked up: of two copies analysed at the same moment at
    # least the later one then finds the other.
    add_to_index(image=run.image, fingerprint=make_fingerprint(film))
    add_header(image=run.image, film=film)
    context = _context_of(run, trust)
    evidence = []
    for lane in active_lanes():
        if lane.name.value in known:
            evidence.append(_restore(known[lane.name.value]))
            continue
        said = run_lane(lane, film, context)
        _store_evidence(run, said)
        evidence.append(said)
    return evidence


def _context_of(run: AnalysisRun, trust: Trust) -> Context:
    image = run.image
    return Context(
        file_name=image.file_name,
        patient_key=str(image.study.patient_id),
        study_key=str(image.study_id),
        first_seen=FirstSeen(at=image.created_at, log_position=image.log_position),
        reuse_index=DatabaseReuseIndex(image),
        signature_trust=trust.signatures,
        credential_trust=trust.credentials,
        study_headers=headers_beside(image),
    )


def _held(run: AnalysisRun) -> QuerySet[AnalysisRun]:
    """Return the run if it is still ours; every claim counts `attempts` up."""
    return AnalysisRun.objects.filter(
        pk=run.pk, status=RunStatus.RUNNING, attempts=run.attempts
    )


def _store_evidence(run: AnalysisRun, said: Evidence) -> None:
    # Before the transaction: on SQLite all other writers would wait for the disk.
    maps = {
        "heatmap_sha256": _store_map(said.heatmap),
        "reliability_sha256": _store_map(said.reliability),
    }
    _record_evidence(run, said, maps)


@transaction.atomic
def _record_evidence(run: AnalysisRun, said: Evidence, maps: Mapping[str, str]) -> None:
    if _held(run).update(lease_until=_lease_end(timezone.now())) != 1:
        raise _RunLost
    LaneResult.objects.update_or_create(
        run=run,
        lane=said.lane.value,
        defaults={
            "version": said.version,
            "status": said.status.value,
            "reason": said.reason,
            "suspicion": said.suspicion,
            "findings": [finding_to_json(finding) for finding in said.findings],
            **maps,
            "model_sha256": said.model_sha256 or "",
            "seconds": said.seconds,
        },
    )
    lane_reported.send(sender=AnalysisRun, run=run)


@transaction.atomic
def _finish(run: AnalysisRun, film: DecodedImage, evidence: list[Evidence]) -> None:
    fused = fuse(evidence)
    changed = _held(run).update(
        status=RunStatus.DONE,
        lease_until=None,
        finished_at=timezone.now(),
        frame_index=film.frame_index,
        suspicion=fused.suspicion,
        flagged=fused.flagged,
        top_lane=fused.top_lane.value if fused.top_lane else "",
        reason=fused.reason[:600],
        override=fused.override or "",
        fusion_version=fused.version,
    )
    if changed != 1:
        raise _RunLost
    run.refresh_from_db()
    append_event(
        kind=EventKind.RUN_FINISHED,
        site=run.site,
        case_id=run.image.study_id,
        subject=f"run:{run.pk}",
        data={
            "image": str(run.image_id),
            "pipeline_version": run.pipeline_version,
            "models_digest": run.models_digest,
            "trust_digest": run.trust_digest,
            "evidence_sha256": _evidence_digest(run),
        },
    )
    run_changed.send(sender=AnalysisRun, run=run)


def _evidence_digest(run: AnalysisRun) -> str:
    """Return a digest of all that the run said; the log commits to it unread."""
    rows = [
        (
            *(r.lane, r.version, r.status, r.reason, r.suspicion, r.findings),
            *(r.heatmap_sha256, r.reliability_sha256, r.model_sha256, r.seconds),
        )
        for r in run.lane_results.order_by("lane")
    ]
    text = json.dumps([rows, run.suspicion, run.flagged, run.reason], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _store_map(heatmap: Heatmap | None) -> str:
    return put_bytes(heatmap_to_bytes(heatmap)).sha256 if heatmap is not None else ""


def _restore(result: LaneResult) -> Evidence:
    return evidence_from_json(
        {
            "lane": result.lane,
            "version": result.version,
            "status": result.status,
            "reason": result.reason,
            "suspicion": result.suspicion,
            "findings": result.findings,
            "model_sha256": result.model_sha256 or None,
            "seconds": result.seconds,
        }
    )


def _lease_end(now: dt.datetime) -> dt.datetime:
    return now + dt.timedelta(seconds=settings.LEASE_SECONDS)
