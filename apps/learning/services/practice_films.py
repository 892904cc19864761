"""The practice set: films with a known truth, and what the lanes say of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from pydicom.dataset import Dataset

from apps.accounts.models import Site
from apps.core.errors import Conflict, Invalid
from apps.core.objects import StoredBytes, open_local, put_bytes
from apps.core.queue import enqueue
from apps.detection.services import active_lanes
from apps.imaging.services.ingest import decode_limits
from apps.learning.models import PracticeFilm, PracticeKind, PracticeTruth
from apps.learning.practice_models import MAX_ATTEMPTS, TRUTH_OF_KIND
from apps.learning.practice_selectors import pixels_of_cases
from apps.reading.services.canary_stock import is_stocked
from apps.reading.services.reasons import words_of
from workers.decode import decode_film
from workers.errors import RejectedInput
from workers.fusion import fuse
from workers.lanes.reuse import InMemoryReuseIndex, ReuseLane, make_fingerprint
from workers.pipeline import PIPELINE_VERSION, run_lanes
from workers.serialise import evidence_to_json, fused_to_json, heatmap_to_bytes
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    Fingerprint,
    Heatmap,
    IndexedFilm,
    LaneStatus,
)

MAX_TRUE_REGIONS = 20
ANALYSE = "apps.learning.tasks.analyse_practice_film"
# A description is told before the answer, so it must not hold it.
TELLING = re.compile(
    r"\b(fake|forge|generat|synth|alter|tamper|manipul|copied|spliced|authentic|real|"
    r"genuine|untouched|original|ai)",
    re.IGNORECASE,
)
# What a film may be called before the answer; anything else a header says is dropped.
MODALITY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True)
class PracticeFacts:
    """What a lead or an ML engineer knows of a practice film."""

    description: str
    kind: PracticeKind
    explanation: str
    reason_codes: tuple[str, ...] = ()
    regions: tuple[Mapping[str, int], ...] = ()


def add_practice_film(
    *, site: Site, stored: StoredBytes, facts: PracticeFacts
) -> PracticeFilm:
    """Return a new film of the site's practice set; the lanes are asked after commit.

    Raises RejectedInput for bytes that are no film, Conflict (`film_in_use` where the
    same pixels are a case, or the picture may become one as a canary: their truth would
    be told to its readers; `film_known`) or Invalid.
    """
    with open_local(stored.sha256) as path:
        film = decode_film(path, limits=decode_limits())
    check_facts(facts, film.rows, film.columns, film.frame_count)
    is_case = pixels_of_cases(site_id=site.pk, pixels=[film.pixel_sha256])
    if is_case or is_stocked(site=site, film=film):
        # The same words for both: which films are canaries is not told.
        raise Conflict("The site reads this film, or will.", code="film_in_use")
    try:
        return _create(site, film, facts)
    except IntegrityError as error:
        raise Conflict(
            "This film is in the practice set already.", code="film_known"
        ) from error


@transaction.atomic
def _create(site: Site, film: DecodedImage, facts: PracticeFacts) -> PracticeFilm:
    said = str((film.header or Dataset()).get("Modality", ""))
    row = PracticeFilm.objects.create(
        site=site,
        sha256=film.sha256,
        pixel_sha256=film.pixel_sha256,
        rows=film.rows,
        columns=film.columns,
        frame_count=film.frame_count,
        modality=said if MODALITY.fullmatch(said) else "",
        description=facts.description.strip(),
        kind=facts.kind,
        explanation=facts.explanation.strip(),
        reason_codes=list(facts.reason_codes),
        regions=[_plain_region(region) for region in facts.regions],
    )
    enqueue(ANALYSE, film_id=str(row.pk))
    return row


def is_practised(*, site: Site, film: DecodedImage) -> bool:
    """Return whether the practice set has this picture, by the reuse lane's rules.

    Retired films count: readers were told their truth. 1 query, and each film of the
    set is decoded once in a process.
    """
    known = InMemoryReuseIndex(
        IndexedFilm(
            film_id=str(row.pk),
            patient_key="",
            study_key="",
            fingerprint=_fingerprint_of(row.sha256),
            received_at=row.created_at,
        )
        for row in PracticeFilm.objects.filter(site=site)
    )
    said = ReuseLane().assess(film, Context(reuse_index=known))
    return said.status is LaneStatus.FINDING


@lru_cache(maxsize=10_000)
def _fingerprint_of(sha256: str) -> Fingerprint:
    with open_local(sha256) as path:
        return make_fingerprint(decode_film(path, limits=decode_limits()))


def check_facts(
    facts: PracticeFacts, rows: int, columns: int, frame_count: int
) -> None:
    """Raise Invalid for words that tell too early, unknown codes or stray regions."""
    if not facts.description.strip() or not facts.explanation.strip():
        raise Invalid("Give a description and an explanation.", code="words_missing")
    if TELLING.search(facts.description):
        raise Invalid(
            "The description is told before the answer and must not hint at it.",
            code="description_tells",
        )
    words_of(facts.reason_codes)
    if facts.regions and TRUTH_OF_KIND[facts.kind] != PracticeTruth.ALTERED:
        raise Invalid("Only an altered film has altered parts.", code="bad_region")
    if len(facts.regions) > MAX_TRUE_REGIONS:
        raise Invalid(f"More than {MAX_TRUE_REGIONS} regions.", code="bad_region")
    for region in facts.regions:
        _check_region(region, rows, columns, frame_count)


def _plain_region(region: Mapping[str, int]) -> dict[str, int]:
    names = ("row", "column", "height", "width")
    return {**{name: region[name] for name in names}, "frame": region.get("frame", 0)}


def _check_region(
    region: Mapping[str, int], rows: int, columns: int, frame_count: int
) -> None:
    names = {"row", "column", "height", "width"}
    if not isinstance(region, Mapping) or set(region) - {"frame"} != names:
        raise Invalid("A region has row, column, height and width.", code="bad_region")
    if not all(type(value) is int for value in region.values()):
        raise Invalid("A region is given in whole pixels.", code="bad_region")
    is_inside = (
        min(region["row"], region["column"]) >= 0
        and min(region["height"], region["width"]) > 0
        and region["row"] + region["height"] <= rows
        and region["column"] + region["width"] <= columns
        and 0 <= region.get("frame", 0) < frame_count
    )
    if not is_inside:
        raise Invalid("A region lies outside the film.", code="bad_region")


def claim_film(*, film_id: str) -> PracticeFilm | None:
    """Return the film if this worker may ask the lanes about it now, else None."""
    now = timezone.now()
    claimed = (
        PracticeFilm.objects.filter(pk=film_id, evidence__isnull=True)
        .filter(Q(lease_until=None) | Q(lease_until__lt=now))
        .update(lease_until=_lease_end(now), attempts=F("attempts") + 1)
    )
    return PracticeFilm.objects.get(pk=film_id) if claimed == 1 else None


def release_film(*, film: PracticeFilm) -> None:
    """Give a film back whose lanes did not all speak, so that a retry may have it."""
    PracticeFilm.objects.filter(
        pk=film.pk, attempts=film.attempts, evidence__isnull=True
    ).update(lease_until=None)


def analyse_film(*, film: PracticeFilm) -> None:
    """Keep what the lanes say of a claimed film.

    They see the file alone: no index of other films, so that practice and cases never
    meet. Raises TransientError if the store cannot deliver now.
    """
    try:
        with open_local(film.sha256) as path:
            image = decode_film(path, limits=decode_limits())
            evidence = run_lanes(active_lanes(), image, Context())
    except RejectedInput:
        return
    said = {
        **fused_to_json(fuse(evidence)),
        "pipeline_version": PIPELINE_VERSION,
        "lanes": [_lane_to_json(one) for one in evidence],
    }
    PracticeFilm.objects.filter(pk=film.pk, attempts=film.attempts).update(
        evidence=said, lease_until=None
    )


def _lane_to_json(evidence: Evidence) -> dict[str, Any]:
    return {
        **evidence_to_json(evidence),
        "heatmap_sha256": _store_map(evidence.heatmap),
        "reliability_sha256": _store_map(evidence.reliability),
    }


def _store_map(heatmap: Heatmap | None) -> str:
    return put_bytes(heatmap_to_bytes(heatmap)).sha256 if heatmap is not None else ""


def requeue_stranded_films() -> int:
    """Return how many films were sent again: their task or their worker was lost."""
    now = timezone.now()
    overdue = now - dt.timedelta(seconds=settings.LEASE_SECONDS)
    stranded = list(
        PracticeFilm.objects.filter(evidence__isnull=True, attempts__lt=MAX_ATTEMPTS)
        .filter(Q(lease_until__lt=now) | Q(lease_until=None, created_at__lt=overdue))
        .order_by("created_at")[:100]
    )
    with transaction.atomic():
        for film in stranded:
            enqueue(ANALYSE, film_id=str(film.pk))
    return len(stranded)


def _lease_end(now: dt.datetime) -> dt.datetime:
    return now + dt.timedelta(seconds=settings.LEASE_SECONDS)
