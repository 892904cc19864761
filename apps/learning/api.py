"""HTTP doorways of learning."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.core.schemas import CountedPage
from apps.detection.selectors import list_model_cards
from apps.learning.exports import labels_to_csv, labels_to_parquet
from apps.learning.selectors import iter_labels, list_labels
from apps.learning.services.exports import record_export

router = Router(tags=["learning"])


class LabelOut(Schema):
    """One labelled image with its lineage."""

    label_id: str
    case_id: str
    image_sha256: str
    pixel_sha256: str
    outcome: str
    decision: str
    first_answer: str
    confidence: int
    mode: str
    reason_codes: list[str]
    regions: str
    films_in_case: int
    changed_mind_code: str
    reader: str
    sealed_at: dt.datetime
    filed_at: dt.datetime
    flagged: bool
    suspicion: float | None
    pipeline_version: str
    model_sha256s: list[str]
    log_position: int
    read_kind: str
    policy_version: int
    replaces: str
    case_outcome: str
    case_outcome_by: str
    is_demo: bool


class ModelOut(Schema):
    """A model this deployment runs, from its card."""

    name: str
    version: str
    sha256: str
    stage: str
    licence: str
    trained_at: str | None
    metrics: dict[str, Any]
    card: dict[str, Any]


@router.get("/learning/labels", response=CountedPage[LabelOut])
def read_labels(
    request: HttpRequest, cursor: str | None = None, limit: int = 100
) -> CountedPage[LabelOut]:
    """List labels, newest verdict first; `total` counts verdicts."""
    user, _ = require(user_of(request), Permission.EXPORT_LABELS)
    labels, next_cursor, total = list_labels(user=user, cursor=cursor, limit=limit)
    return CountedPage(
        items=[LabelOut(**asdict(label)) for label in labels],
        next_cursor=next_cursor,
        total=total,
    )


@router.get("/learning/labels.csv")
def download_csv(request: HttpRequest) -> HttpResponse:
    """Download all labels as CSV."""
    user, site = require(user_of(request), Permission.EXPORT_LABELS)
    labels = list(iter_labels(user=user))
    content = labels_to_csv(labels).encode()
    record_export(
        site=site, user=user, file_format="csv", rows=len(labels), content=content
    )
    return _attachment(content, "text/csv; charset=utf-8", "csv")


@router.get("/learning/labels.parquet")
def download_parquet(request: HttpRequest) -> HttpResponse:
    """Download all labels as Parquet."""
    user, site = require(user_of(request), Permission.EXPORT_LABELS)
    labels = list(iter_labels(user=user))
    content = labels_to_parquet(labels)
    record_export(
        site=site, user=user, file_format="parquet", rows=len(labels), content=content
    )
    return _attachment(content, "application/vnd.apache.parquet", "parquet")


@router.get("/learning/models", response=list[ModelOut])
def read_models(request: HttpRequest) -> list[ModelOut]:
    """List the models this deployment runs."""
    require(user_of(request), Permission.VIEW_MODELS)
    return [
        ModelOut(
            name=str(card.get("name", "")),
            version=str(card.get("version", "")),
            sha256=str(card.get("sha256", "")),
            stage="active",
            licence=_licence_of(card),
            trained_at=card.get("trained_at"),
            metrics=card.get("metrics") or {},
            card=card,
        )
        for card in list_model_cards()
    ]


def _licence_of(card: dict[str, Any]) -> str:
    """Return in a line what the card says of its sources' licences."""
    note = card.get("training", {}).get("licence_note", {})
    kinds = (
        (len(note.get("non_commercial", [])), "non-commercial"),
        (len(note.get("unstated_or_unclear", [])), "unstated or unclear"),
    )
    said = [f"{count} sources {kind}" for count, kind in kinds if count]
    return ", ".join(said)


def _attachment(content: bytes, content_type: str, suffix: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="truefilm-labels.{suffix}"'
        },
    )
