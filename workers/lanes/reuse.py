"""Lane `reuse`: was this film seen before under another patient or study?

Two looks into the index: the same stored pixels (whatever the transfer syntax), and a
64-bit perceptual hash in eight dihedral views and both polarities. The hash is made of
the ranks of a 64 x 64 reduction, so any monotonic re-windowing leaves it unchanged and
inverting the film turns every bit over; the latter is asked for as a second question
rather than guessed from the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    Finding,
    Fingerprint,
    IndexedFilm,
    LaneName,
    LaneStatus,
    ReuseIndex,
)

# Greatest Hamming distance taken for a match. Experiment (docs/models/reuse.md): among
# 606 public radiographs of different patients, all pairs in eight views and two
# polarities, 0 of 183,000 pairs lie within 6 bits, 1 within 8, 9 within 10, 42 within
# 12; so 6, as an index of 10,000 films multiplies the chance by 10,000.
MAX_DISTANCE_BITS = 6

# A match must also keep its shape: |log(aspect ratio)| as in the same experiment.
MAX_ASPECT_LOG = 0.2

# Standard deviation of the reduced luma below which a film has no picture to hash; a
# blank 8-bit film with noise of one grey level gives 0.0005.
MIN_CONTRAST = 0.01

MAX_FINDINGS = 20

_SIDE_PX = 64
_ALL_BITS = (1 << 64) - 1

_VIEW_NAMES = (
    "as is",
    "rotated 90 degrees",
    "rotated 180 degrees",
    "rotated 270 degrees",
    "mirrored",
    "mirrored and rotated 90 degrees",
    "mirrored and rotated 180 degrees",
    "mirrored and rotated 270 degrees",
)


def _coefficients() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return rows and columns of the 64 lowest DCT terms without the mean.

    Orders 1 to 9 (54 terms) and order 10 without its middle one (10 terms): the set is
    its own transpose, so that a quarter turn only permutes terms and signs.
    """
    terms = [
        (row, order - row)
        for order in range(1, 11)
        for row in range(order + 1)
        if (row, order - row) != (5, 5)
    ]
    grid = np.array(terms, dtype=np.intp)
    return grid[:, 0], grid[:, 1]


_TERM_ROWS, _TERM_COLUMNS = _coefficients()


@dataclass(frozen=True)
class _Match:
    """A film of the index that shows the same picture."""

    film: IndexedFilm
    exact: bool
    distance: int
    transform: str


class InMemoryReuseIndex:
    """A reuse index over a list, for tests, benchmarks and small folders."""

    def __init__(self, films: Iterable[IndexedFilm] = ()) -> None:
        self._films = list(films)

    def add_film(self, film: IndexedFilm) -> None:
        """Add a film; the one under assessment must not be in the index."""
        self._films.append(film)

    def count_films(self) -> int:
        """Return how many films the index holds."""
        return len(self._films)

    def find_candidates(
        self, fingerprint: Fingerprint, *, max_distance: int
    ) -> Sequence[IndexedFilm]:
        """Return films as `workers.types.ReuseIndex.find_candidates` says."""
        return [
            film
            for film in self._films
            if film.fingerprint.pixel_sha256 == fingerprint.pixel_sha256
            or _nearest_view(fingerprint, film)[0] <= max_distance
        ]


def make_fingerprint(image: DecodedImage) -> Fingerprint:
    """Return what the index keeps of a film; upright view first."""
    ranks = _rank(_reduce(image.luma))
    views = [
        np.ascontiguousarray(np.rot90(side, turns))
        for side in (ranks, ranks[:, ::-1])
        for turns in range(4)
    ]
    return Fingerprint(
        pixel_sha256=image.pixel_sha256,
        phashes=tuple(_hash_view(view) for view in views),
        aspect=image.columns / image.rows,
    )


def has_picture(image: DecodedImage) -> bool:
    """Whether the film has enough contrast for its hash to mean anything."""
    reduced = _reduce(image.luma)
    return bool(np.isfinite(reduced).all() and reduced.std() >= MIN_CONTRAST)


class ReuseLane:
    """Exact and perceptual search over the films seen before."""

    name = LaneName.REUSE
    version = "0.1.0"
    model_sha256: str | None = None

    def assess(self, image: DecodedImage, context: Context) -> Evidence:
        """Return a finding where another patient's or study's film is the same."""
        index = context.reuse_index
        if index is None:
            return self._answer(
                LaneStatus.NOT_ASSESSABLE, "There are no earlier films to compare with."
            )
        if not has_picture(image):
            return self._answer(
                LaneStatus.NOT_ASSESSABLE,
                "The film is nearly blank, so that a match would mean nothing.",
            )
        matches = _find_matches(make_fingerprint(image), index)
        foreign = [match for match in matches if not _is_same_study(match, context)]
        if foreign:
            findings = tuple(_finding(m, context) for m in foreign[:MAX_FINDINGS])
            return self._answer(LaneStatus.FINDING, findings[0].text, findings)
        count = index.count_films()
        if matches:
            reason = "The same picture was seen before, in this very study only."
        else:
            films = "film" if count == 1 else "films"
            reason = f"No match among the {count} earlier {films}."
        return self._answer(LaneStatus.CLEAR, reason)

    def _answer(
        self, status: LaneStatus, reason: str, findings: tuple[Finding, ...] = ()
    ) -> Evidence:
        return Evidence(
            lane=self.name,
            version=self.version,
            status=status,
            reason=reason,
            findings=findings,
        )


def _reduce(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the film as 64 x 64 luma; area averaging, so noise and text fade."""
    reduced = cv2.resize(luma, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(reduced, (0, 0), 1.0), dtype=np.float32)


def _rank(reduced: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ranks scaled to -0.5..0.5: what any monotonic windowing leaves alone."""
    order = np.argsort(reduced, axis=None, kind="stable")
    ranks = np.empty(reduced.size, dtype=np.float32)
    ranks[order] = np.arange(reduced.size, dtype=np.float32)
    scaled = ranks / np.float32(reduced.size - 1) - np.float32(0.5)
    return scaled.reshape(reduced.shape).astype(np.float32)


def _hash_view(view: NDArray[np.float32]) -> int:
    terms = cv2.dct(view)[_TERM_ROWS, _TERM_COLUMNS]
    return int.from_bytes(np.packbits(terms > 0).tobytes(), "big")


def _invert(fingerprint: Fingerprint) -> Fingerprint:
    """Return the fingerprint of the inverted film: every DCT term changes its sign."""
    flipped = tuple(phash ^ _ALL_BITS for phash in fingerprint.phashes)
    return replace(fingerprint, phashes=flipped)


def _nearest_view(fingerprint: Fingerprint, film: IndexedFilm) -> tuple[int, int]:
    """Return (distance in bits, view number) of the view nearest to `film`."""
    upright = film.fingerprint.phashes[0]
    return min(
        ((phash ^ upright).bit_count(), view)
        for view, phash in enumerate(fingerprint.phashes)
    )


def _find_matches(fingerprint: Fingerprint, index: ReuseIndex) -> list[_Match]:
    """Return all matches, exact ones first, then by distance, then oldest first."""
    found: dict[str, _Match] = {}
    for query, suffix in ((fingerprint, ""), (_invert(fingerprint), ", inverted")):
        for film in index.find_candidates(query, max_distance=MAX_DISTANCE_BITS):
            match = _compare(query, film, suffix)
            known = found.get(film.film_id)
            if match and (known is None or match.distance < known.distance):
                found[film.film_id] = match
    return sorted(
        found.values(),
        key=lambda m: (not m.exact, m.distance, m.film.received_at, m.film.film_id),
    )


def _compare(query: Fingerprint, film: IndexedFilm, suffix: str) -> _Match | None:
    """Return the match, or None where shape or distance do not bear it out."""
    if film.fingerprint.pixel_sha256 == query.pixel_sha256:
        return _Match(film, exact=True, distance=0, transform=_VIEW_NAMES[0])
    distance, view = _nearest_view(query, film)
    aspect = 1 / query.aspect if view % 2 else query.aspect
    shape_change = abs(float(np.log(aspect / film.fingerprint.aspect)))
    if distance > MAX_DISTANCE_BITS or shape_change > MAX_ASPECT_LOG:
        return None
    return _Match(film, False, distance, f"{_VIEW_NAMES[view]}{suffix}")


def _is_same_study(match: _Match, context: Context) -> bool:
    film = match.film
    return (
        film.study_key == context.study_key and film.patient_key == context.patient_key
    )


def _finding(match: _Match, context: Context) -> Finding:
    """Return the finding; the film's own keys may be unknown, which counts as other."""
    if context.patient_key is None:
        whose, weight = "before, and this film does not say whose it is", 0.7
    elif match.film.patient_key != context.patient_key:
        whose, weight = "under another patient", 1.0 if match.exact else 0.9
    else:
        # Weaker: a patient is often filmed again in the same position.
        whose, weight = "in another study of this patient", 0.9 if match.exact else 0.7
    day = match.film.received_at.date().isoformat()
    if match.exact:
        text = f"Exactly these pixels were received on {day} {whose}."
        code = "reuse_exact"
    else:
        text = (
            f"The same picture ({match.transform}, {match.distance} of 64 bits differ)"
            f" was received on {day} {whose}."
        )
        code = "reuse_perceptual"
    return Finding(
        code=code,
        text=text,
        weight=weight,
        source="Stored-pixel SHA-256" if match.exact else "docs/models/reuse.md",
        detail={
            "film_id": match.film.film_id,
            "distance": match.distance,
            "transform": match.transform,
            "exact": match.exact,
        },
    )
