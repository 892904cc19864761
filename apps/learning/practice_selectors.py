"""Reads of practice: a reader's own rows and nobody else's."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from apps.accounts.models import User
from apps.core.errors import Denied, NotFound
from apps.core.objects import read_bytes
from apps.core.proportions import Proportion, wilson_interval
from apps.imaging.models import Image
from apps.learning.models import (
    PracticeFilm,
    PracticeItem,
    PracticeKind,
    PracticeSession,
    PracticeTruth,
)
from apps.reading.models import Answer
from apps.reading.schemas import HeatmapOut
from workers.serialise import heatmap_from_bytes, heatmap_to_json

# What the figures and the line over time look back on.
MOST_ANSWERS = 5000
MOST_SESSIONS = 20


def films_to_practise(*, user: User) -> list[uuid.UUID]:
    """Return the films of the user's site that may be practised on. 2 queries.

    Not those that have become a case since: what the lanes say of a case is told by
    its own page, to who may see it.
    """
    rows = list(
        PracticeFilm.objects.filter(site=user.site, is_active=True).values_list(
            "pk", "pixel_sha256"
        )
    )
    if user.site_id is None:
        return []
    clinical = pixels_of_cases(
        site_id=user.site_id, pixels=[pixels for _, pixels in rows]
    )
    return [film_id for film_id, pixels in rows if pixels not in clinical]


def pixels_of_cases(*, site_id: uuid.UUID, pixels: Iterable[str]) -> set[str]:
    """Return those of the pixel digests that are a case of the site. 1 query."""
    known = Image.objects.filter(site_id=site_id, pixel_sha256__in=list(pixels))
    return set(known.values_list("pixel_sha256", flat=True))


def withdrawn_items(items: Iterable[PracticeItem]) -> set[uuid.UUID]:
    """Return the ids of those items of one session, films loaded, whose film has become
    a case: practice takes no answer about it and tells its truth no more. 1 query."""
    found = list(items)
    if not found:
        return set()
    clinical = pixels_of_cases(
        site_id=found[0].film.site_id,
        pixels=[item.film.pixel_sha256 for item in found],
    )
    return {item.pk for item in found if item.film.pixel_sha256 in clinical}


def seen_films(*, user: User) -> set[uuid.UUID]:
    """Return the films this reader has answered. 1 query."""
    return set(
        PracticeItem.objects.filter(session__reader=user)
        .exclude(answered_at=None)
        .values_list("film_id", flat=True)
    )


def _own_sessions(user: User) -> QuerySet[PracticeSession]:
    # By site as well: who moved to another one has nothing there to go on with.
    return PracticeSession.objects.filter(
        reader=user, items__film__site=user.site
    ).distinct()


def _with_items(sessions: QuerySet[PracticeSession]) -> QuerySet[PracticeSession]:
    items = PracticeItem.objects.select_related("film").order_by("position")
    return sessions.prefetch_related(Prefetch("items", queryset=items))


def find_open_session(*, user: User) -> PracticeSession | None:
    """Return the session to go on with, its items loaded, or None. 2 queries."""
    return _with_items(_own_sessions(user)).filter(ended_at=None).first()


def count_ended_sessions(*, user: User) -> int:
    """Return how many sessions the reader has ended. 1 query."""
    return _own_sessions(user).exclude(ended_at=None).count()


def get_session(*, user: User, session_id: uuid.UUID) -> PracticeSession:
    """Return a session of the user with its items. Raises NotFound. 2 queries."""
    session = _with_items(_own_sessions(user)).filter(pk=session_id).first()
    if session is None:
        raise NotFound("There is no such practice.")
    return session


def get_item(*, user: User, item_id: uuid.UUID) -> PracticeItem:
    """Return a film of one of the user's sessions. Raises NotFound. 1 query."""
    item = (
        PracticeItem.objects.select_related("film", "session")
        .filter(pk=item_id, session__reader=user, film__site=user.site)
        .first()
    )
    if item is None:
        raise NotFound("There is no such film in your practice.")
    return item


def get_heatmap(*, item: PracticeItem, lane: str) -> HeatmapOut:
    """Return a lane's map. Raises Denied (`answer_first`) or NotFound (`no_map`)."""
    if item.answered_at is None:
        raise Denied("Answer first.", code="answer_first")
    said: list[dict[str, Any]] = (item.film.evidence or {}).get("lanes", [])
    digests = next((one for one in said if one["lane"] == lane), {})
    if not digests.get("heatmap_sha256") or withdrawn_items([item]):
        raise NotFound("This lane gave no map.", code="no_map")
    reliability = digests["reliability_sha256"]
    return HeatmapOut(
        **heatmap_to_json(
            heatmap_from_bytes(read_bytes(digests["heatmap_sha256"])),
            heatmap_from_bytes(read_bytes(reliability)) if reliability else None,
        )
    )


# --- figures --------------------------------------------------------------------------


@dataclass(frozen=True)
class KindFigures:
    """How often one kind of film was answered right."""

    kind: PracticeKind
    truth: PracticeTruth
    right: Proportion


@dataclass(frozen=True)
class SessionFigures:
    """One session; `new_films`: of its answers, those to films not answered before."""

    session_id: uuid.UUID
    started_at: dt.datetime
    answers: int
    new_films: int
    right: Proportion


@dataclass(frozen=True)
class Progress:
    """A reader's own figures, of the first answer to each film alone: of a film seen
    before the truth is known. Sessions count all answers.

    sensitivity: generated and altered films called suspicious. specificity: authentic
    ones called authentic. "Cannot tell" is neither, and counts against both.
    calibration: right answers for each confidence, 1 to 5.
    """

    films: int
    answers: int
    cannot_tell: int
    sensitivity: Proportion
    specificity: Proportion
    calibration: list[tuple[int, Proportion]]
    kinds: list[KindFigures]
    sessions: list[SessionFigures]


def own_progress(*, user: User) -> Progress:
    """Return a reader's own figures. 1 query."""
    answers = list(
        PracticeItem.objects.filter(session__reader=user, film__site=user.site)
        .exclude(answered_at=None)
        .select_related("film", "session")
        .order_by("-answered_at", "-position")[:MOST_ANSWERS]
    )[::-1]
    first: dict[uuid.UUID, PracticeItem] = {}
    for item in answers:
        first.setdefault(item.film_id, item)
    news = list(first.values())
    return Progress(
        films=len(news),
        answers=len(answers),
        cannot_tell=sum(item.answer == Answer.CANNOT_TELL for item in news),
        sensitivity=_share([item for item in news if not _is_authentic(item)]),
        specificity=_share([item for item in news if _is_authentic(item)]),
        calibration=[
            (step, _share([item for item in news if item.confidence == step]))
            for step in range(1, 6)
        ],
        kinds=_by_kind(news),
        sessions=_by_session(answers, {item.pk for item in news}),
    )


def _is_authentic(item: PracticeItem) -> bool:
    return item.film.truth == PracticeTruth.AUTHENTIC


def _share(items: list[PracticeItem]) -> Proportion:
    """Return the share of right answers."""
    return wilson_interval(sum(item.is_right for item in items), len(items))


def _by_kind(items: list[PracticeItem]) -> list[KindFigures]:
    groups: dict[str, list[PracticeItem]] = {}
    for item in items:
        groups.setdefault(item.film.kind, []).append(item)
    return [
        KindFigures(kind, groups[kind][0].film.truth, _share(groups[kind]))
        for kind in PracticeKind
        if kind in groups
    ]


def _by_session(
    answers: list[PracticeItem], news: set[uuid.UUID]
) -> list[SessionFigures]:
    groups: dict[uuid.UUID, list[PracticeItem]] = {}
    for item in answers:
        groups.setdefault(item.session_id, []).append(item)
    figures = [
        SessionFigures(
            session_id=key,
            started_at=items[0].session.created_at,
            answers=len(items),
            new_films=sum(item.pk in news for item in items),
            right=_share(items),
        )
        for key, items in groups.items()
    ]
    return sorted(figures, key=lambda one: one.started_at)[-MOST_SESSIONS:]
