"""What the tests of practice share: a set of films with a known truth."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.accounts.models import Site, User
from apps.core.objects import iter_file, put_stream
from apps.learning.models import PracticeFilm, PracticeItem, PracticeKind
from apps.learning.services.practice import start_session
from apps.learning.services.practice_films import PracticeFacts, add_practice_film
from tests.conftest import Hospital
from tests.dicom import make_pixels, write_film

# Stands in every text that tells of the truth, and nowhere else.
CANARY = "TRUTHCANARY"
REGION = {"row": 16, "column": 16, "height": 16, "width": 16}
Film = Callable[..., PracticeFilm]


@pytest.fixture
def add_film(tmp_path: Path, hospital: Hospital) -> Film:
    """Return a function that adds a film to the practice set of the hospital."""
    numbers = iter(range(1, 1000))

    def add(
        kind: PracticeKind = PracticeKind.UNTOUCHED,
        *,
        site: Site | None = None,
        header: dict[str, Any] | None = None,
        codes: tuple[str, ...] = (),
        regions: tuple[dict[str, int], ...] = (),
    ) -> PracticeFilm:
        number = next(numbers)
        path = write_film(
            tmp_path / f"{CANARY}-{number}.dcm",
            array=make_pixels(seed=number),
            overrides=header or {},
        )
        return add_practice_film(
            site=site or hospital.site,
            stored=put_stream(iter_file(path), max_bytes=1 << 20),
            facts=PracticeFacts(
                description="Chest PA",
                kind=kind,
                explanation=f"{CANARY}: look at the square.",
                reason_codes=codes,
                regions=regions,
            ),
        )

    return add


@pytest.fixture
def altered(add_film: Film) -> PracticeFilm:
    """Return an altered film with two telling codes and one region."""
    return add_film(
        PracticeKind.REGION_COPIED,
        codes=("copied_region", "local_inconsistency"),
        regions=(REGION,),
    )


def begin(reader: User) -> list[PracticeItem]:
    """Return the films of a new session, in their order."""
    session = start_session(reader=reader, size=50)
    return list(session.items.select_related("film", "session"))


def said_of(suspicion: float, heatmap_sha256: str = "") -> dict[str, Any]:
    """Return evidence as the task keeps it, with canaries."""
    return {
        "suspicion": suspicion,
        "flagged": True,
        "top_lane": "tamper",
        "reason": f"{CANARY}LANES",
        "override": None,
        "version": "test",
        "pipeline_version": "test",
        "lanes": [
            {
                "lane": "tamper",
                "version": "test",
                "status": "finding",
                "reason": f"{CANARY}LANE",
                "suspicion": suspicion,
                "findings": [],
                "has_heatmap": bool(heatmap_sha256),
                "has_reliability": False,
                "model_sha256": None,
                "seconds": 0.5,
                "heatmap_sha256": heatmap_sha256,
                "reliability_sha256": "",
            }
        ],
    }
