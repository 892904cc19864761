"""Canaries: drawn when a case is opened, sent in some time later like any other film.

The draw asks a secret and the department's share, nothing of the case. What is sent in
takes the ordinary way of a film from its first byte on. See docs/decisions/0009.
"""

from __future__ import annotations

import datetime as dt
import random
import secrets
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.objects import StoredBytes, open_local, put_bytes
from apps.core.queue import enqueue_at
from apps.detection.reuse_index import SiteReuseIndex
from apps.imaging.models import Image, UploadSource
from apps.imaging.services.ingest import decode_limits
from apps.imaging.services.uploads import open_upload, receive_file
from apps.reading.canaries import find_release_of
from apps.reading.canary_models import (
    CanaryFilm,
    CanaryRelease,
    CanaryResult,
    ReleaseStage,
)
from apps.reading.models import DRAWS, Case, Read, Verdict, random_draw
from apps.reading.services.canary_identity import (
    Door,
    DressedFilm,
    dress_film,
    find_current_door,
)
from apps.reading.services.canary_stock import is_picture_known
from workers.decode import decode_film

# A canary comes at the hour of the week at which an ordinary case came some weeks
# before: films are sent by day and by weekday, and so are canaries; and the case it was
# drawn after lies too far back to be told by its distance (docs/decisions/0009).
WEEKS = 4
SPREAD_S = 2 * 3600
# What could not be sent for so long is dropped: a queue that was down must not end in a
# row of canaries.
LATEST = dt.timedelta(hours=2)
TASK = "apps.reading.tasks.release_drawn_canary"


def follow_opened_case(*, case: Case, image: Image) -> None:
    """Note that a case is a canary, or draw whether one follows it. At most 3 queries.

    Inside the transaction that opens the case.
    """
    came = CanaryRelease.objects.filter(
        sha256=image.sha256,
        department__site=case.site_id,
        stage=ReleaseStage.RELEASED,
        case=None,
    ).update(case=case)
    # Never drawn after a canary: what follows one would tell of it.
    delay = None if came else draw_delay(case.department.canary_share)
    if delay is not None:
        CanaryRelease.objects.create(
            after=case, department=case.department, due_at=timezone.now() + delay
        )


def draw_delay(share: Decimal) -> dt.timedelta | None:
    """Return after which time a canary is to follow, or None for no canary.

    share: 0 to 1, the chance of one.
    """
    if random_draw() >= share * DRAWS:
        return None
    spread = random.SystemRandom().uniform(-SPREAD_S, SPREAD_S)
    return dt.timedelta(weeks=1 + secrets.randbelow(WEEKS), seconds=spread)


def send_due_canaries() -> int:
    """Return for how many canaries a task was sent: those that are due soon."""
    soon = timezone.now() + _horizon()
    drawn = CanaryRelease.objects.filter(stage=ReleaseStage.DRAWN, due_at__lte=soon)
    return sum(_send_if_soon(release) for release in drawn.order_by("due_at")[:1000])


def release_canary(*, release_id: str) -> None:
    """Send a drawn canary in; twice changes nothing. Dropped where none would pass.

    Raises TransientError if the store cannot deliver the film now.
    """
    release = (
        CanaryRelease.objects.filter(pk=release_id, stage=ReleaseStage.DRAWN)
        .select_related("department", "after")
        .first()
    )
    if release is None:
        return
    is_late = timezone.now() > release.due_at + LATEST
    is_off = release.department.canary_share == 0
    door = None if is_late or is_off else find_current_door(case=release.after)
    chosen = _choose(release, door) if door else None
    if door is None or chosen is None:
        _drop(release)
        return
    film, dressed = chosen
    stored = put_bytes(dressed.content)
    try:
        _send_in(release, film, dressed, stored, door)
    except IntegrityError:
        # Another release took this film: the next sweep chooses again.
        return


def record_canary_result(*, case: Case, read: Read, verdict: Verdict) -> None:
    """Keep what a reader made of a canary; nothing for an ordinary case.

    Nothing either for who stocked the film and knows it. 1 or 2 queries.
    """
    release = find_release_of(case=case)
    film = release.film if release else None
    if release is None or film is None or film.added_by_id == read.reader_id:
        return
    CanaryResult.objects.create(
        release=release,
        read=read,
        truth=film.truth,
        first_answer=read.answer,
        outcome=verdict.outcome,
    )


def _send_if_soon(release: CanaryRelease) -> bool:
    """Send the task, for the drawn moment; a sweep's own beat must not show."""
    now = timezone.now()
    if release.due_at > now + _horizon():
        return False
    at = release.due_at
    if at <= now:
        at = now + dt.timedelta(
            seconds=random.SystemRandom().uniform(0, settings.SWEEP_SECONDS)
        )
    enqueue_at(TASK, at, release_id=str(release.pk))
    return True


def _horizon() -> dt.timedelta:
    return dt.timedelta(seconds=2 * settings.SWEEP_SECONDS)


def _choose(
    release: CanaryRelease, door: Door
) -> tuple[CanaryFilm, DressedFilm] | None:
    """Return a film of the stock that passes at this door, drawn at random, or None."""
    stock = CanaryFilm.objects.filter(
        department=release.department, release=None, format=door.image.format
    )
    films = list(stock)
    chance = random.SystemRandom()
    while films:
        film = films.pop(secrets.randbelow(len(films)))
        with open_local(film.sha256) as path:
            decoded = decode_film(path, limits=decode_limits())
            # The site may have been sent the picture since it was stocked.
            if is_picture_known(decoded, SiteReuseIndex(film.site_id)):
                continue
            dressed = dress_film(door=door, path=path, film=decoded, chance=chance)
        # What cannot be made for one film at this door cannot for another.
        return None if dressed is None else (film, dressed)
    return None


@transaction.atomic
def _send_in(
    release: CanaryRelease,
    film: CanaryFilm,
    dressed: DressedFilm,
    stored: StoredBytes,
    door: Door,
) -> None:
    claimed = CanaryRelease.objects.filter(
        pk=release.pk, stage=ReleaseStage.DRAWN
    ).update(stage=ReleaseStage.RELEASED, film=film, sha256=stored.sha256)
    if claimed != 1:
        return
    upload = open_upload(
        department=release.department,
        created_by=door.upload.created_by,
        source=UploadSource(door.upload.source),
        claim_reference=dressed.claim_reference,
        expected_files=None if door.upload.expected_files is None else 1,
    )
    receive_file(upload=upload, file_name=dressed.file_name, stored=stored)


def _drop(release: CanaryRelease) -> None:
    CanaryRelease.objects.filter(pk=release.pk, stage=ReleaseStage.DRAWN).update(
        stage=ReleaseStage.DROPPED
    )
