"""HTTP doorways of Compare: earlier studies, and reuse matches after the seal."""

from __future__ import annotations

import datetime as dt
import uuid

from django.http import HttpRequest
from ninja import Router, Schema

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.reading.compare import FilmMatch, list_matches, list_priors
from apps.reading.models import Case
from apps.reading.schemas import ImageRef
from apps.reading.selectors import get_case
from apps.reading.services.cases import record_cases_fetched
from apps.reading.services.reads import record_evidence_served
from apps.reading.shapes import shape_image

router = Router(tags=["reading"])


class PriorOut(Schema):
    """An earlier study of the same patient. Holds nothing of the system's opinion."""

    case_id: uuid.UUID
    study_date: dt.date | None
    received_at: dt.datetime
    modality: str
    description: str
    images: list[ImageRef]


class TransformOut(Schema):
    """What brings this film onto the other: mirrored first, then turned clockwise."""

    quarter_turns: int
    mirrored: bool
    inverted: bool


class MatchedFilm(Schema):
    """A film seen before. Without its file name, which may be a patient's."""

    id: uuid.UUID
    series_id: uuid.UUID
    rows: int
    columns: int
    frame_count: int


class MatchOut(Schema):
    """An image of the case and a film that shows the same picture.

    distance_bits: of the 64 of the perceptual hash.
    """

    image_id: uuid.UUID
    film: MatchedFilm
    case_id: uuid.UUID
    first_seen: dt.datetime
    is_same_patient: bool
    is_exact: bool
    distance_bits: int
    transform: TransformOut | None


@router.get("/cases/{case_id}/priors", response=list[PriorOut])
def read_priors(request: HttpRequest, case_id: uuid.UUID) -> list[PriorOut]:
    """List earlier studies of the patient with their images; it goes on the log."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    priors = list_priors(case=get_case(user=user, case_id=case_id), user=user)
    record_cases_fetched(cases=priors, user=user)
    return [_shape_prior(prior) for prior in priors]


@router.get("/cases/{case_id}/matches", response=list[MatchOut])
def read_matches(request: HttpRequest, case_id: uuid.UUID) -> list[MatchOut]:
    """List the films the reuse lane found, under the same rule as the evidence."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    case = get_case(user=user, case_id=case_id)
    matches = list_matches(case=case, user=user)
    record_evidence_served(case=case, user=user)
    seen = {match.film.study_id for match in matches} - {case.pk}
    others = Case.objects.filter(pk__in=seen).select_related("site")
    record_cases_fetched(cases=others, user=user)
    return [_shape_match(match) for match in matches]


def _shape_prior(prior: Case) -> PriorOut:
    study = prior.study
    return PriorOut(
        case_id=prior.pk,
        study_date=study.study_date,
        received_at=prior.received_at,
        modality=study.modality,
        description=study.description,
        images=[shape_image(image) for image in study.images.all()],
    )


def _shape_match(match: FilmMatch) -> MatchOut:
    film, transform = match.film, match.transform
    return MatchOut(
        image_id=match.image_id,
        film=MatchedFilm(
            id=film.pk,
            series_id=film.series_id,
            rows=film.rows,
            columns=film.columns,
            frame_count=film.frame_count,
        ),
        case_id=film.study_id,
        first_seen=film.created_at,
        is_same_patient=match.is_same_patient,
        is_exact=match.is_exact,
        distance_bits=match.distance_bits,
        transform=TransformOut(
            quarter_turns=transform.quarter_turns,
            mirrored=transform.mirrored,
            inverted=transform.inverted,
        )
        if transform
        else None,
    )
