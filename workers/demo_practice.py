"""Films for the demo's readers to practise on, with their truth and what tells it.

Made as the demo studies are, of other parts: what practice tells of a film must not be
the answer to a case.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workers.demo import CHEST, LEG, SHOULDER, FilmSpec, read_source, write_film
from workers.types import Region

# What a forgery of the demo is called in a practice set.
_KINDS = {
    "untouched": "untouched",
    "copy_move": "region_copied",
    "resynthesise_region": "region_generated",
    "resynthesise_image": "whole_film",
}


@dataclass(frozen=True)
class DemoPracticeFilm:
    """One practice film of the demo.

    kind: of the practice set, see `docs/api.md`, practice.
    region: box of the altered part, None where there is none.
    reason_codes: those that tell this film for what it is.
    """

    path: Path
    description: str
    kind: str
    region: Region | None
    reason_codes: tuple[str, ...]
    explanation: str


@dataclass(frozen=True)
class _Lesson:
    """What one film teaches."""

    spec: FilmSpec
    description: str
    reason_codes: tuple[str, ...]
    explanation: str


def _spec(
    number: int, source: str, kind: str, part: tuple[int, int, int, int], seed: int = 0
) -> FilmSpec:
    # Not on a worklist, and of nobody: name and lane are of no use here.
    return FilmSpec(number, "Practice", source, kind, None, "", part, seed)


_SMOOTH = (
    "The whole film went through a decoder like that of a generator. Magnify flat "
    "parts: the grain is gone or the same everywhere, and fine {detail} end early. A "
    "faint grid is left, which no detector makes."
)
_GRAIN = (
    "The grain is coarse where little radiation arrived and fine where "
    "much did, and it runs on over every edge; {detail}"
)

_LESSONS = (
    _Lesson(
        _spec(5101, CHEST, "untouched", (120, 180, 1240, 1240)),
        "Chest, right upper field",
        ("natural_noise",),
        _GRAIN.format(detail="ribs cross each other without a seam."),
    ),
    _Lesson(
        _spec(5102, LEG, "untouched", (180, 480, 1180, 1280)),
        "Lower leg, shaft",
        ("natural_noise",),
        _GRAIN.format(detail="the bright stripe at the side is the collimator's edge."),
    ),
    _Lesson(
        _spec(5103, SHOULDER, "untouched", (60, 60, 900, 860)),
        "Shoulder, MR slice",
        ("natural_noise",),
        "Outside the body the noise is even and has no structure, and the "
        "fine lines of the humeral head are trabeculae, not a pattern that repeats.",
    ),
    _Lesson(
        _spec(5104, CHEST, "copy_move", (520, 620, 1640, 1700), 31),
        "Chest, left lower field",
        ("copied_region",),
        "A patch of this film was pasted beside the spine. Its brightness was fitted "
        "and its edge feathered, but its grain stands elsewhere once more, pixel for "
        "pixel.",
    ),
    _Lesson(
        _spec(5105, LEG, "copy_move", (420, 420, 1380, 1240), 6),
        "Lower leg, distal",
        ("copied_region",),
        "A patch of this film was pasted over the tibial cortex. Follow the cortex: "
        "its line is broken where the patch lies, and the grain is that of another "
        "place.",
    ),
    _Lesson(
        _spec(5106, CHEST, "resynthesise_region", (300, 120, 1500, 1160), 8),
        "Chest, right side",
        ("local_inconsistency",),
        "One part of the right lung was made anew. Brightness runs on as it should, "
        "but vessels end there and the grain is blotchy beside that of its "
        "surroundings.",
    ),
    _Lesson(
        _spec(5107, LEG, "resynthesise_image", (300, 440, 1260, 1240), 15),
        "Lower leg, shaft and distal",
        ("uniform_grain", "smooth_bone"),
        _SMOOTH.format(detail="trabeculae"),
    ),
    _Lesson(
        _spec(5108, CHEST, "resynthesise_image", (700, 200, 1900, 1300), 19),
        "Chest, lower field",
        ("uniform_grain", "soft_tissue_texture"),
        _SMOOTH.format(detail="vessels"),
    ),
)


def write_practice_films(out_dir: Path) -> tuple[DemoPracticeFilm, ...]:
    """Write the practice films into `out_dir`; the same bytes every time.

    Raises FileNotFoundError without `pydicom-data`.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    sources = {name: read_source(name) for name in (CHEST, LEG, SHOULDER)}
    made = []
    for lesson in _LESSONS:
        film = write_film(lesson.spec, sources[lesson.spec.source], out_dir)
        made.append(
            DemoPracticeFilm(
                path=film.path,
                description=lesson.description,
                kind=_KINDS[lesson.spec.kind],
                region=film.region,
                reason_codes=lesson.reason_codes,
                explanation=lesson.explanation,
            )
        )
    return tuple(made)
