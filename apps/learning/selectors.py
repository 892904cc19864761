"""Labels with their lineage, read from verdicts; nothing identifies a patient."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.accounts.selectors import departments_of
from apps.core.pagination import (
    clamp_limit,
    decode_time_cursor,
    encode_time_cursor,
)
from apps.detection.models import LaneResult
from apps.imaging.models import Image
from apps.reading.canaries import canary_case_ids
from apps.reading.models import CaseState, Verdict
from apps.reading.outcomes import CaseOutcome, outcomes_of_cases

BATCH = 200
# (image, pipeline version, models digest)
RunKey = tuple[uuid.UUID, str, str]


@dataclass(frozen=True)
class Label:
    """One image of one verdict.

    reader: a random id, not a name. flagged, suspicion: what the reader was shown.
    regions: JSON list of what the reader drew on this image: the final marks, or else
        the sealed ones; {frame, kind, points [[column, row], ...]} in image pixels.
    read_kind: first, second or later reader; case_outcome, case_outcome_by: how the
        case ended (single, agreed, adjudicated, readers_differ).
    replaces: the label id of the verdict that this one amends, or empty.
    films_in_case: how many films the verdict covers. It is one answer for all of them,
        so above 1 an outcome of suspicious need not hold for this film.
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
    regions: str
    films_in_case: int
    changed_mind_code: str
    reader: str
    sealed_at: dt.datetime
    filed_at: dt.datetime
    flagged: bool
    suspicion: float | None
    pipeline_version: str
    model_sha256s: tuple[str, ...]
    log_position: int
    read_kind: str
    policy_version: int
    replaces: str
    case_outcome: str
    case_outcome_by: str
    is_demo: bool


def list_labels(
    *, user: User, cursor: str | None, limit: int
) -> tuple[list[Label], str | None, int]:
    """Return a page of labels (of whole verdicts), the next cursor, and the number of
    verdicts. 6 queries."""
    verdicts = _verdicts(user)
    total = verdicts.count()
    if cursor:
        filed_at, last_id = decode_time_cursor(cursor)
        verdicts = verdicts.filter(
            Q(filed_at__lt=filed_at) | Q(filed_at=filed_at, pk__lt=last_id)
        )
    limit = clamp_limit(limit)
    page = list(verdicts.order_by("-filed_at", "-pk")[: limit + 1])
    more = len(page) > limit
    page = page[:limit]
    last = page[-1] if more else None
    next_cursor = encode_time_cursor(last.filed_at, last.pk) if last else None
    return _labels_of(page), next_cursor, total


def iter_labels(*, user: User) -> Iterator[Label]:
    """Yield all labels of the user's departments, oldest first, in batches."""
    ids = list(_verdicts(user).order_by("filed_at", "pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        batch = _verdicts(user).filter(pk__in=ids[start : start + BATCH])
        yield from _labels_of(list(batch.order_by("filed_at", "pk")))


def _verdicts(user: User) -> QuerySet[Verdict]:
    # Newest of each reader, of closed cases: what waits for another reader has no
    # outcome yet. Not of canaries: their truth is known otherwise.
    verdicts = Verdict.objects.filter(
        read__case__department__in=departments_of(user),
        read__case__state=CaseState.DONE,
        replaced_by=None,
    ).exclude(read__case__in=canary_case_ids())
    return verdicts.select_related("read__case__study__patient")


def _labels_of(verdicts: list[Verdict]) -> list[Label]:
    cases = {verdict.read.case_id for verdict in verdicts}
    images: dict[uuid.UUID, list[Image]] = {}
    for image in Image.objects.filter(study_id__in=cases).order_by("created_at", "pk"):
        images.setdefault(image.study_id, []).append(image)
    models = _models_by_run(cases)
    outcomes = outcomes_of_cases(case_ids=cases)
    labels: list[Label] = []
    for verdict in verdicts:
        # A film that came after the seal was not judged: the verdict is not about it.
        judged = [
            image
            for image in images.get(verdict.read.case_id, [])
            if image.created_at <= verdict.read.sealed_at
        ]
        run = (verdict.pipeline_version, verdict.models_digest)
        labels += [
            _label(
                verdict,
                image,
                model_sha256s=models.get((image.pk, *run), ()),
                films_in_case=len(judged),
                ended=outcomes[verdict.read.case_id],
            )
            for image in judged
        ]
    return labels


def _models_by_run(cases: set[uuid.UUID]) -> dict[RunKey, tuple[str, ...]]:
    """Return the models that spoke in each run of these cases. 1 query."""
    rows = (
        LaneResult.objects.filter(run__image__study_id__in=cases)
        .exclude(model_sha256="")
        .values_list(
            "run__image_id",
            "run__pipeline_version",
            "run__models_digest",
            "model_sha256",
        )
    )
    found: dict[RunKey, set[str]] = {}
    for image_id, version, digest, model in rows:
        found.setdefault((image_id, version, digest), set()).add(model)
    return {key: tuple(sorted(names)) for key, names in found.items()}


def _regions_on(image: Image, verdict: Verdict) -> str:
    marks = verdict.regions or verdict.read.regions
    own = [
        {"frame": mark["frame"], "kind": mark["kind"], "points": mark["points"]}
        for mark in marks
        if mark["image_id"] == str(image.pk)
    ]
    return json.dumps(own, separators=(",", ":"))


def _label(
    verdict: Verdict,
    image: Image,
    *,
    model_sha256s: tuple[str, ...],
    films_in_case: int,
    ended: CaseOutcome,
) -> Label:
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
        regions=_regions_on(image, verdict),
        films_in_case=films_in_case,
        changed_mind_code=verdict.changed_mind_code,
        reader=str(read.reader_id),
        sealed_at=read.sealed_at,
        filed_at=verdict.filed_at,
        flagged=verdict.flagged,
        suspicion=verdict.suspicion,
        pipeline_version=verdict.pipeline_version,
        model_sha256s=model_sha256s,
        log_position=verdict.log_position,
        read_kind=read.kind,
        policy_version=read.policy_version,
        replaces=f"{verdict.replaces_id}:{image.sha256[:12]}"
        if verdict.replaces_id
        else "",
        case_outcome=ended.outcome,
        case_outcome_by=ended.how,
        is_demo=read.case.study.patient.is_demo,
    )
