"""Practising: a session in a secret order, one answer for each film.

No event is written: answers given to learn are the reader's own, and the log is read by
others.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import Conflict, NotFound
from apps.learning.models import PracticeItem, PracticeSession
from apps.learning.practice_models import random_seed
from apps.learning.practice_selectors import (
    films_to_practise,
    seen_films,
    withdrawn_items,
)
from apps.reading.models import Answer
from apps.reading.services.reasons import words_of
from apps.reading.services.regions import RegionMark, check_regions


@dataclass(frozen=True)
class PracticeAnswer:
    """What a reader answers about a practice film."""

    answer: Answer
    confidence: int
    reason_codes: tuple[str, ...] = ()
    regions: tuple[RegionMark, ...] = ()


def draw_order(
    *, seed: str, film_ids: list[uuid.UUID], seen: set[uuid.UUID], size: int
) -> list[uuid.UUID]:
    """Return `size` films at most, shuffled by `seed`; films not seen yet go before.

    Which are taken rests on chance and on what this reader has seen, and their order on
    chance alone: neither on what the films are.
    """
    chance = random.Random(seed)
    ids = sorted(film_ids)
    chance.shuffle(ids)
    ids.sort(key=lambda film_id: film_id in seen)
    taken = ids[:size]
    chance.shuffle(taken)
    return taken


@transaction.atomic
def start_session(*, reader: User, size: int) -> PracticeSession:
    """Return a new session of the reader. Raises Conflict (`practice_open`) or
    NotFound (`no_practice_films`)."""
    films = films_to_practise(user=reader)
    if not films:
        raise NotFound("There is no film to practise on.", code="no_practice_films")
    _leave_other_sites(reader)
    seed = random_seed()
    try:
        with transaction.atomic():
            session = PracticeSession.objects.create(reader=reader, seed=seed)
    except IntegrityError as error:
        raise Conflict("Go on with the one you began.", code="practice_open") from error
    order = draw_order(
        seed=seed,
        film_ids=films,
        seen=seen_films(user=reader),
        size=size,
    )
    PracticeItem.objects.bulk_create(
        PracticeItem(session=session, film_id=film_id, position=position)
        for position, film_id in enumerate(order)
    )
    return session


def _leave_other_sites(reader: User) -> None:
    """End what the reader began at a site they have left: no door leads back to it, and
    a reader has one open session at most."""
    PracticeSession.objects.filter(reader=reader, ended_at=None).exclude(
        items__film__site=reader.site
    ).update(ended_at=timezone.now())


@transaction.atomic
def end_session(*, session: PracticeSession) -> None:
    """End a session before its last film; ended twice changes nothing."""
    PracticeSession.objects.filter(pk=session.pk, ended_at=None).update(
        ended_at=timezone.now()
    )
    session.refresh_from_db()


@transaction.atomic
def answer_item(*, item: PracticeItem, answer: PracticeAnswer) -> PracticeItem:
    """Return the item with its answer, which then never changes; the last one ends the
    session. Raises Conflict (`already_answered`, `practice_ended`, `film_withdrawn`: it
    is a case by now, and the truth would be told to its reader) or Invalid."""
    words_of(answer.reason_codes)
    check_regions({item.pk: item.film}, answer.regions)
    # Two last answers at once would each see the other's film as open.
    session = PracticeSession.objects.select_for_update().get(pk=item.session_id)
    if session.ended_at is not None and item.answered_at is None:
        raise Conflict("This practice has ended.", code="practice_ended")
    items = session.items.select_related("film")
    withdrawn = withdrawn_items(items)
    if item.pk in withdrawn:
        raise Conflict("This film is a case by now.", code="film_withdrawn")
    now = timezone.now()
    changed = PracticeItem.objects.filter(pk=item.pk, answered_at=None).update(
        answer=answer.answer,
        confidence=answer.confidence,
        reason_codes=list(answer.reason_codes),
        regions=[
            {**asdict(region), "image_id": str(region.image_id)}
            for region in answer.regions
        ],
        answered_at=now,
    )
    if changed != 1:
        raise Conflict("You have answered this film.", code="already_answered")
    if not items.filter(answered_at=None).exclude(pk__in=withdrawn).exists():
        session.ended_at = now
        session.save(update_fields=["ended_at"])
    item.refresh_from_db()
    return item
