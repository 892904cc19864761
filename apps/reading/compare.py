"""What a film of a case may be laid beside: earlier studies, and reuse matches."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Prefetch, Q

from apps.accounts.models import User
from apps.detection.models import AnalysisRun
from apps.detection.selectors import list_latest_runs
from apps.imaging.models import Image
from apps.reading.models import Case
from apps.reading.selectors import (
    cases_visible_to,
    cases_withheld_from,
    require_opinion_access,
)
from workers.types import LaneName

MAX_PRIORS = 20

# As the reuse lane words it, `workers.lanes.reuse`: the turn is counter-clockwise and
# brings this film onto the one seen before.
_TRANSFORM = re.compile(
    r"(?:as is|(?P<mirrored>mirrored)?(?: and )?"
    r"(?:rotated (?P<degrees>90|180|270) degrees)?)(?P<inverted>, inverted)?"
)


@dataclass(frozen=True)
class Transform:
    """What brings a film onto the one seen before.

    mirrored: left to right, first. quarter_turns: clockwise, 0 to 3, then.
    """

    quarter_turns: int
    mirrored: bool
    inverted: bool


@dataclass(frozen=True)
class FilmMatch:
    """An image of a case and an earlier film that shows the same picture.

    transform: None where the lane's words are not known.
    """

    image_id: uuid.UUID
    film: Image
    transform: Transform | None
    is_exact: bool
    distance_bits: int
    is_same_patient: bool


def list_priors(*, case: Case, user: User) -> list[Case]:
    """Return earlier studies of the same patient, the newest first. 2 queries.

    Nothing in here may depend on what the lanes said: it is served before the seal.
    """
    study = case.study
    before = Q(received_at__lt=case.received_at)
    if study.study_date is None:
        earlier = before
    else:
        same_day = Q(study__study_date=study.study_date) | Q(study__study_date=None)
        earlier = Q(study__study_date__lt=study.study_date) | (same_day & before)
    images = Image.objects.order_by("number", "created_at", "id")
    return list(
        cases_visible_to(user)
        .filter(earlier, study__patient_id=study.patient_id)
        .exclude(pk=case.pk)
        .prefetch_related(Prefetch("study__images", queryset=images))
        .order_by(
            F("study__study_date").desc(nulls_last=True), "-received_at", "study_id"
        )[:MAX_PRIORS]
    )


def list_matches(*, case: Case, user: User) -> list[FilmMatch]:
    """Return the films that the reuse lane found, in its order.

    Raises Denied (`seal_first`), whether or not there is a match. Films of another
    site or department, and of cases this person must still read blind, are left out.
    At most 7 queries.
    """
    require_opinion_access(case=case, user=user)
    found = list(_findings(list_latest_runs(study_ids=[case.pk])))
    ids = {detail["film_id"] for _, detail in found}
    films = Image.objects.filter(pk__in=ids, site=user.site).select_related("study")
    by_id = {str(film.pk): film for film in films}
    blind = cases_withheld_from(
        user=user, study_ids={film.study_id for film in by_id.values()} - {case.pk}
    )
    return [
        _match(image_id, by_id[detail["film_id"]], detail, case)
        for image_id, detail in found
        if detail["film_id"] in by_id and by_id[detail["film_id"]].study_id not in blind
    ]


def read_transform(words: str) -> Transform | None:
    """Return what the reuse lane's words mean, or None if they are not known."""
    found = _TRANSFORM.fullmatch(words)
    if found is None:
        return None
    counter_clockwise = int(found["degrees"] or 0) // 90
    return Transform(
        quarter_turns=(4 - counter_clockwise) % 4,
        mirrored=found["mirrored"] is not None,
        inverted=found["inverted"] is not None,
    )


def _findings(runs: list[AnalysisRun]) -> Iterator[tuple[uuid.UUID, dict[str, Any]]]:
    for run in runs:
        for result in run.lane_results.all():
            if result.lane != LaneName.REUSE:
                continue
            for finding in result.findings:
                detail = finding.get("detail", {})
                if detail.get("film_id"):
                    yield run.image_id, detail


def _match(
    image_id: uuid.UUID, film: Image, detail: dict[str, Any], case: Case
) -> FilmMatch:
    return FilmMatch(
        image_id=image_id,
        film=film,
        transform=read_transform(str(detail.get("transform", ""))),
        is_exact=bool(detail.get("exact", False)),
        distance_bits=int(detail.get("distance", 0)),
        is_same_patient=film.study.patient_id == case.study.patient_id,
    )
