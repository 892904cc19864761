"""Labels with their lineage, read from verdicts; nothing identifies a patient."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from apps.accounts.models import Site
from apps.core.pagination import clamp_limit, decode_cursor, encode_cursor
from apps.detection.selectors import list_latest_runs
from apps.imaging.models import Image
from apps.reading.models import Verdict

BATCH = 200


@dataclass(frozen=True)
class Label:
    """One image of one verdict.

    reader: a random id, not a name. flagged, suspicion: what the reader was shown.
    """

    label_id: str
    case_id: str
    image_sha256: str
    pixel_sha256: str
    outcome: str
    decision: str
    first_answer: str
    confidence: int
    mode: str
    reason_codes: tuple[str, ...]
    changed_mind_code: str
    reader: str
    sealed_at: dt.datetime
    filed_at: dt.datetime
    flagged: bool
    suspicion: float | None
    pipeline_version: str
    model_sha256s: tuple[str, ...]
    log_position: int
    is_demo: bool


def list_labels(
    *, site: Site, cursor: str | None, limit: int
) -> tuple[list[Label], str | None, int]:
    """Return a page of labels (of whole verdicts), the next cursor, and the number of
    verdicts. 6 queries."""
    verdicts = _verdicts(site)
    total = verdicts.count()
    if cursor:
        filed, last_id = decode_cursor(cursor, length=2)
        filed_at = dt.datetime.fromisoformat(filed)
        verdicts = verdicts.filter(
            Q(filed_at__lt=filed_at) | Q(filed_at=filed_at, pk__lt=last_id)
        )
    limit = clamp_limit(limit)
    page = list(verdicts.order_by("-filed_at", "-pk")[: limit + 1])
    more = len(page) > limit
    page = page[:limit]
    next_cursor = (
        encode_cursor([page[-1].filed_at.isoformat(), str(page[-1].pk)])
        if more
        else None
    )
    return _labels_of(page), next_cursor, total


def iter_labels(*, site: Site) -> Iterator[Label]:
    """Yield all labels of a site, oldest first, in batches."""
    ids = list(_verdicts(site).order_by("filed_at", "pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        batch = _verdicts(site).filter(pk__in=ids[start : start + BATCH])
        yield from _labels_of(list(batch.order_by("filed_at", "pk")))


def _verdicts(site: Site) -> QuerySet[Verdict]:
    return Verdict.objects.filter(read__case__site=site).select_related(
        "read__case__study__patient"
    )


def _labels_of(verdicts: list[Verdict]) -> list[Label]:
    cases = {verdict.read.case_id for verdict in verdicts}
    images: dict[uuid.UUID, list[Image]] = {}
    for image in Image.objects.filter(study_id__in=cases).order_by("created_at", "pk"):
        images.setdefault(image.study_id, []).append(image)
    models: dict[uuid.UUID, tuple[str, ...]] = {
        run.image_id: tuple(
            sorted({r.model_sha256 for r in run.lane_results.all() if r.model_sha256})
        )
        for run in list_latest_runs(study_ids=cases)
    }
    return [
        _label(verdict, image, models.get(image.pk, ()))
        for verdict in verdicts
        for image in images.get(verdict.read.case_id, [])
    ]


def _label(verdict: Verdict, image: Image, model_sha256s: tuple[str, ...]) -> Label:
    read = verdict.read
    return Label(
        label_id=f"{verdict.pk}:{image.sha256[:12]}",
        case_id=str(read.case_id),
        image_sha256=image.sha256,
        pixel_sha256=image.pixel_sha256,
        outcome=verdict.outcome,
        decision=verdict.decision,
        first_answer=read.answer,
        confidence=read.confidence,
        mode=read.mode,
        reason_codes=tuple(verdict.reason_codes),
        changed_mind_code=verdict.changed_mind_code,
        reader=str(read.reader_id),
        sealed_at=read.sealed_at,
        filed_at=verdict.filed_at,
        flagged=verdict.flagged,
        suspicion=verdict.suspicion,
        pipeline_version=verdict.pipeline_version,
        model_sha256s=model_sha256s,
        log_position=verdict.log_position,
        is_demo=read.case.study.patient.is_demo,
    )
