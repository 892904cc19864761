"""What a reader is told once a practice film is answered."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from apps.learning.models import PracticeItem, PracticeKind
from apps.learning.practice_schemas import (
    PracticeAnswerOut,
    PracticeEvidence,
    PracticeFeedback,
    PracticeRegion,
)
from apps.reading.models import Answer
from apps.reading.schemas import ImageEvidence, LaneEvidence
from workers.fusion import DEFAULT_POLICY

Box = dict[str, int]


def shape_feedback(item: PracticeItem) -> PracticeFeedback | None:
    """Return the feedback of an answered item whose film is loaded, else None."""
    if item.answered_at is None or item.confidence is None:
        return None
    film = item.film
    told = film.reason_codes
    centres = [_centre_of(mark) for mark in item.regions]
    return PracticeFeedback(
        is_right=item.is_right,
        truth=film.truth,
        kind=PracticeKind(film.kind),
        explanation=film.explanation,
        given=PracticeAnswerOut(
            answer=Answer(item.answer),
            confidence=item.confidence,
            reason_codes=item.reason_codes,
            regions=item.regions,
            answered_at=item.answered_at,
        ),
        named_codes=[code for code in told if code in item.reason_codes],
        missed_codes=[code for code in told if code not in item.reason_codes],
        other_codes=[code for code in item.reason_codes if code not in told],
        regions=[
            PracticeRegion(**box, found=any(_holds(box, centre) for centre in centres))
            for box in film.regions
        ],
        stray_marks=sum(
            not any(_holds(box, centre) for box in film.regions) for centre in centres
        ),
        lanes="told"
        if film.evidence is not None
        else "failed"
        if film.lanes_failed
        else "waiting",
        evidence=None
        if film.evidence is None
        else _shape_evidence(film.evidence, item.pk),
    )


def _centre_of(mark: dict[str, Any]) -> tuple[int, float, float]:
    """Return (frame, row, column) of the middle of a mark's box."""
    points: Sequence[Sequence[float]] = mark["points"]
    columns = [point[0] for point in points]
    rows = [point[1] for point in points]
    return (
        int(mark["frame"]),
        (min(rows) + max(rows)) / 2,
        (min(columns) + max(columns)) / 2,
    )


def _holds(box: Box, centre: tuple[int, float, float]) -> bool:
    """Return whether a mark with this centre counts as found.

    As in free-response studies: the mark's centre lies in the altered part. A box round
    the whole film thus finds nothing but what lies in its middle.
    """
    frame, row, column = centre
    return (
        frame == box["frame"]
        and box["row"] - 0.5 <= row <= box["row"] + box["height"] - 0.5
        and box["column"] - 0.5 <= column <= box["column"] + box["width"] - 0.5
    )


def _shape_evidence(said: dict[str, Any], item_id: uuid.UUID) -> PracticeEvidence:
    opinion = {name: said[name] for name in ("suspicion", "flagged", "reason")}
    # Extra keys (digests of the maps) are not fields of the shape.
    lanes = [
        LaneEvidence(**{name: lane[name] for name in LaneEvidence.model_fields})
        for lane in said["lanes"]
    ]
    image = ImageEvidence(
        image_id=item_id,
        **opinion,
        override=said["override"],
        top_lane=said["top_lane"],
        lanes=lanes,
    )
    return PracticeEvidence(
        **opinion, threshold=DEFAULT_POLICY.threshold, images=[image]
    )
