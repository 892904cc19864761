"""HTTP doorways of practice: no address names a person or a film, only own rows."""

from __future__ import annotations

import uuid
from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from apps.accounts.auth import user_of
from apps.accounts.models import User
from apps.accounts.permissions import Permission, require
from apps.core.errors import NotFound
from apps.core.schemas import ProportionOut
from apps.imaging.film_answers import describe_film, serve_frame
from apps.imaging.schemas import ImageMetaOut
from apps.learning.models import PracticeItem, PracticeSession
from apps.learning.practice_feedback import shape_feedback
from apps.learning.practice_header import without_words
from apps.learning.practice_schemas import (
    ConfidenceFiguresOut,
    KindFiguresOut,
    PracticeAnswerIn,
    PracticeFilmOut,
    PracticeOverview,
    PracticePlace,
    PracticeProgress,
    PracticeSessionOut,
    PracticeStartIn,
    SessionFiguresOut,
)
from apps.learning.practice_selectors import (
    count_ended_sessions,
    films_to_practise,
    find_open_session,
    get_heatmap,
    get_item,
    get_session,
    own_progress,
    withdrawn_items,
)
from apps.learning.services.practice import (
    PracticeAnswer,
    answer_item,
    end_session,
    start_session,
)
from apps.reading.models import Answer
from apps.reading.schemas import HeatmapOut
from apps.reading.shapes import marks_in

router = Router(tags=["practice"])


def _reader(request: HttpRequest) -> User:
    return require(user_of(request), Permission.READ_CASES)[0]


@router.get("/practice", response=PracticeOverview)
def read_practice(request: HttpRequest) -> PracticeOverview:
    """Tell what there is to practise on, and the session to go on with."""
    user = _reader(request)
    session = find_open_session(user=user)
    return PracticeOverview(
        films=len(films_to_practise(user=user)),
        ended_sessions=count_ended_sessions(user=user),
        session=None if session is None else _shape_session(session),
    )


@router.get("/practice/progress", response=PracticeProgress)
def read_progress(request: HttpRequest) -> PracticeProgress:
    """Tell the caller's own figures; there is no door to another person's."""
    figures = own_progress(user=_reader(request))
    return PracticeProgress(
        films=figures.films,
        answers=figures.answers,
        cannot_tell=figures.cannot_tell,
        sensitivity=ProportionOut(**asdict(figures.sensitivity)),
        specificity=ProportionOut(**asdict(figures.specificity)),
        calibration=[
            ConfidenceFiguresOut(confidence=step, right=ProportionOut(**asdict(right)))
            for step, right in figures.calibration
        ],
        kinds=[KindFiguresOut(**asdict(one)) for one in figures.kinds],
        sessions=[SessionFiguresOut(**asdict(one)) for one in figures.sessions],
    )


@router.post("/practice/sessions", response={201: PracticeSessionOut})
def start(request: HttpRequest, payload: PracticeStartIn) -> Status[PracticeSessionOut]:
    """Begin to practise, in an order that is drawn now."""
    user = _reader(request)
    session = start_session(reader=user, size=payload.films)
    fresh = get_session(user=user, session_id=session.pk)
    return Status(201, _shape_session(fresh))


@router.get("/practice/sessions/{session_id}", response=PracticeSessionOut)
def read_session(request: HttpRequest, session_id: uuid.UUID) -> PracticeSessionOut:
    """Tell how far one of the caller's sessions is."""
    return _shape_session(get_session(user=_reader(request), session_id=session_id))


@router.post("/practice/sessions/{session_id}/end", response=PracticeSessionOut)
def end(request: HttpRequest, session_id: uuid.UUID) -> PracticeSessionOut:
    """End a session before its last film."""
    user = _reader(request)
    end_session(session=get_session(user=user, session_id=session_id))
    return _shape_session(get_session(user=user, session_id=session_id))


@router.get("/practice/films/{item_id}", response=PracticeFilmOut)
def read_film(request: HttpRequest, item_id: uuid.UUID) -> PracticeFilmOut:
    """Tell of one film of a session; the truth only once it is answered."""
    return _shape_film(get_item(user=_reader(request), item_id=item_id))


@router.post("/practice/films/{item_id}/answer", response={201: PracticeFilmOut})
def answer(
    request: HttpRequest, item_id: uuid.UUID, payload: PracticeAnswerIn
) -> Status[PracticeFilmOut]:
    """Take the answer, once, and tell the truth."""
    item = answer_item(
        item=get_item(user=_reader(request), item_id=item_id),
        answer=PracticeAnswer(
            answer=Answer(payload.answer),
            confidence=payload.confidence,
            reason_codes=tuple(payload.reason_codes),
            regions=marks_in(payload.regions),
        ),
    )
    return Status(201, _shape_film(item))


@router.get("/practice/films/{item_id}/image", response=ImageMetaOut)
def read_image(request: HttpRequest, item_id: uuid.UUID) -> ImageMetaOut:
    """Describe the film's stored values, without words of its header."""
    item = get_item(user=_reader(request), item_id=item_id)
    return without_words(describe_film(film_id=item.pk, sha256=item.film.sha256))


@router.get("/practice/films/{item_id}/image/frames/{frame}")
def read_frame(request: HttpRequest, item_id: uuid.UUID, frame: int) -> HttpResponse:
    """Serve the stored values of one frame: little endian, row-major."""
    item = get_item(user=_reader(request), item_id=item_id)
    if not 0 <= frame < item.film.frame_count:
        raise NotFound("The film has no such frame.")
    # Named after the item: the digest of a file would tell which film of the set it is.
    return serve_frame(
        request, sha256=item.film.sha256, frame=frame, version=f"{item.pk}-{frame}"
    )


@router.get("/practice/films/{item_id}/{lane}/heatmap", response=HeatmapOut)
def read_heatmap(request: HttpRequest, item_id: uuid.UUID, lane: str) -> HeatmapOut:
    """Serve a lane's map, once the film is answered."""
    heatmap = get_heatmap(
        item=get_item(user=_reader(request), item_id=item_id), lane=lane
    )
    return heatmap


def _shape_session(session: PracticeSession) -> PracticeSessionOut:
    items = list(session.items.all())
    withdrawn = withdrawn_items(items)
    return PracticeSessionOut(
        id=session.pk,
        started_at=session.created_at,
        ended_at=session.ended_at,
        films=[
            PracticePlace(
                id=item.pk,
                is_answered=item.answered_at is not None,
                is_right=None
                if item.answered_at is None or item.pk in withdrawn
                else item.is_right,
                is_withdrawn=item.pk in withdrawn,
            )
            for item in items
        ],
    )


def _shape_film(item: PracticeItem) -> PracticeFilmOut:
    film = item.film
    is_withdrawn = bool(withdrawn_items([item]))
    return PracticeFilmOut(
        id=item.pk,
        session_id=item.session_id,
        number=item.position + 1,
        of=item.session.items.count(),
        description=film.description,
        modality=film.modality,
        rows=film.rows,
        columns=film.columns,
        frame_count=film.frame_count,
        is_withdrawn=is_withdrawn,
        feedback=None if is_withdrawn else shape_feedback(item),
    )
