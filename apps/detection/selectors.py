"""Reads on runs and evidence. These hold the system's opinion: only apps.reading, which
knows who has sealed an answer, may hand it to a reader."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Prefetch, Q

from apps.detection.models import AnalysisRun, LaneResult, RunStatus
from workers.model_card import positive_predictive_value
from workers.pipeline import MODELS_DIR
from workers.types import LaneName

LANE_COUNT = len(LaneName)
# The false-alarm rate that cards measure the sensitivity at.
_MEASURED_AT = 0.01


@dataclass(frozen=True)
class Progress:
    """Lanes that have reported over all images of a study, of how many."""

    done: int
    total: int
    is_settled: bool


def list_latest_runs(*, study_ids: Iterable[uuid.UUID]) -> list[AnalysisRun]:
    """Return the newest run of every image, evidence loaded, in image order.

    2 queries.
    """
    runs = (
        AnalysisRun.objects.filter(image__study_id__in=list(study_ids))
        .select_related("image")
        .prefetch_related(
            Prefetch("lane_results", queryset=LaneResult.objects.order_by("created_at"))
        )
        .order_by("image__number", "image__created_at", "image_id", "created_at")
    )
    newest = {run.image_id: run for run in runs}
    return list(newest.values())


def study_progress(*, study_id: uuid.UUID) -> Progress:
    """Return how far the analysis of a study is. 1 query."""
    counts = AnalysisRun.objects.filter(image__study_id=study_id).aggregate(
        runs=Count("id", distinct=True),
        open=Count("id", filter=Q(status__in=["pending", "running"]), distinct=True),
        ended=Count("id", filter=Q(status__in=["done", "failed"]), distinct=True),
        reported=Count(
            "lane_results", filter=Q(status__in=["pending", "running"]), distinct=True
        ),
    )
    # A failed run has nothing more to report: it counts as all of its lanes.
    done = counts["ended"] * LANE_COUNT + counts["reported"]
    return Progress(done, counts["runs"] * LANE_COUNT, counts["open"] == 0)


def get_lane_result(*, image_id: uuid.UUID, lane: str) -> LaneResult | None:
    """Return what a lane said of an image in its newest run, or None. 2 queries."""
    run = (
        AnalysisRun.objects.filter(image_id=image_id, status=RunStatus.DONE)
        .order_by("-created_at")
        .first()
    )
    return run.lane_results.filter(lane=lane).first() if run else None


@dataclass(frozen=True)
class FlagValue:
    """How often a flag of a model is right where `prevalence` of the films are fake.

    All shares, 0..1. sensitivity: on generators and sources that the model was not
    trained on, with its 95 % interval; value: positive predictive value, likewise.
    """

    model_sha256: str
    prevalence: float
    false_alarms: float
    sensitivity: tuple[float, float, float]
    value: tuple[float, float, float]


def value_of_flags(*, model_sha256s: set[str]) -> list[FlagValue]:
    """Return it for the models whose card measured it at their own threshold."""
    values = []
    for card in list_model_cards():
        measured = card["metrics"].get("left_out", {}).get("tpr_at_1_percent_fpr")
        at_one_percent = card.get("default_fpr") == _MEASURED_AT
        if card["sha256"] in model_sha256s and measured and at_one_percent:
            values.append(_value_of(card["sha256"], measured))
    return values


def _value_of(model_sha256: str, measured: dict[str, float]) -> FlagValue:
    sensitivity = (measured["value"], measured["low"], measured["high"])
    value, low, high = (
        positive_predictive_value(
            sensitivity=share,
            false_alarms=_MEASURED_AT,
            prevalence=settings.PREVALENCE,
        )
        or 0.0
        for share in sensitivity
    )
    return FlagValue(
        model_sha256=model_sha256,
        prevalence=settings.PREVALENCE,
        false_alarms=_MEASURED_AT,
        sensitivity=sensitivity,
        value=(value, low, high),
    )


def list_model_cards() -> list[dict[str, Any]]:
    """Return the cards of the models this deployment runs."""
    folder = Path(settings.MODELS_DIR) if settings.MODELS_DIR else MODELS_DIR
    return [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.json"))
    ]
