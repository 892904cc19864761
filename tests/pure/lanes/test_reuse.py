"""The reuse lane finds the same picture again and leaves other pictures alone."""

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from workers.lanes.reuse import (
    MAX_DISTANCE_BITS,
    InMemoryReuseIndex,
    ReuseLane,
    make_fingerprint,
)
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    FileFormat,
    IndexedFilm,
    LaneStatus,
)

Luma = NDArray[np.float32]
_MORNING = dt.datetime(2024, 3, 11, 8, 30, tzinfo=dt.UTC)


def _film(luma: NDArray[Any], pixels: str | None = None) -> DecodedImage:
    digest = pixels or hashlib.sha256(luma.tobytes()).hexdigest()
    return DecodedImage(
        path=Path("film"),
        sha256=digest,
        size_bytes=1,
        format=FileFormat.PNG,
        luma=np.ascontiguousarray(luma, dtype=np.float32),
        stored=luma,
        frame_index=0,
        frame_count=1,
        bits_stored=8,
        is_signed=False,
        photometric="MONOCHROME2",
        pixel_sha256=digest,
        header=None,
        spacing_mm=None,
    )


def _anatomy(seed: int, shape: tuple[int, int] = (420, 360)) -> Luma:
    """Return smooth random structure, lopsided, with grain."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((9, 8)).astype(np.float32)
    big = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
    noisy = big + rng.normal(0, 0.02, shape)
    return np.clip(noisy * 0.8 + 0.1, 0, 1).astype(np.float32)


def _index(*films: tuple[str, DecodedImage]) -> InMemoryReuseIndex:
    return InMemoryReuseIndex(
        IndexedFilm(
            name, f"patient-{name}", f"study-{name}", make_fingerprint(f), _MORNING
        )
        for name, f in films
    )


def _assess(
    film: DecodedImage, index: InMemoryReuseIndex, owner: str = "bob"
) -> Evidence:
    context = Context(
        patient_key=f"patient-{owner}", study_key=f"study-{owner}", reuse_index=index
    )
    return ReuseLane().assess(film, context)


def _jpeg(luma: Luma) -> Luma:
    grey = np.rint(luma * 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    return (np.asarray(cv2.imdecode(packed, 0)) / 255).astype(np.float32)


def test_without_an_index_the_lane_cannot_tell() -> None:
    answer = ReuseLane().assess(_film(_anatomy(1)), Context())
    assert answer.status is LaneStatus.NOT_ASSESSABLE


def test_blank_film_is_not_matched_with_another_blank_film() -> None:
    blank = _film(np.full((300, 300), 0.5, np.float32))
    answer = _assess(blank, _index(("alice", blank)))
    assert answer.status is LaneStatus.NOT_ASSESSABLE


def test_same_pixels_of_another_patient_are_hard_evidence() -> None:
    film = _film(_anatomy(1))
    answer = _assess(film, _index(("alice", film)))
    assert answer.status is LaneStatus.FINDING
    (finding,) = answer.findings
    assert finding.code == "reuse_exact"
    assert finding.weight == 1.0
    assert finding.detail["film_id"] == "alice"
    assert "another patient" in finding.text


def test_same_pixels_in_the_same_study_are_clear() -> None:
    film = _film(_anatomy(1))
    assert _assess(film, _index(("bob", film))).status is LaneStatus.CLEAR


def test_same_pixels_in_another_study_of_the_patient_are_found() -> None:
    film = _film(_anatomy(1))
    index = InMemoryReuseIndex(
        [IndexedFilm("x", "patient-bob", "other", make_fingerprint(film), _MORNING)]
    )
    answer = _assess(film, index)
    assert answer.status is LaneStatus.FINDING
    assert "another study of this patient" in answer.reason


_CHANGES: list[tuple[str, Callable[[Luma], NDArray[Any]], str]] = [
    ("inverted", lambda a: 1 - a, "as is, inverted"),
    ("re-windowed", lambda a: np.clip((a - 0.05) / 0.85, 0, 1) ** 1.5, "as is"),
    ("recompressed", _jpeg, "as is"),
    ("mirrored", lambda a: a[:, ::-1], "mirrored"),
    ("upside down", lambda a: a[::-1, ::-1], "rotated 180 degrees"),
    ("a quarter turn", lambda a: np.rot90(a, 1), "rotated 270 degrees"),
    ("flipped", lambda a: a[::-1], "mirrored and rotated 180 degrees"),
    ("mirrored, inverted", lambda a: 1 - a[:, ::-1], "mirrored, inverted"),
    ("half size", lambda a: cv2.resize(a, None, fx=0.5, fy=0.5), "as is"),
    ("cropped 2 %", lambda a: a[4:-5, 3:-5], "as is"),
]


@pytest.mark.parametrize(
    ("change", "transform"),
    [case[1:] for case in _CHANGES],
    ids=[case[0] for case in _CHANGES],
)
def test_changed_film_is_found_with_the_change_named(
    change: Callable[[Luma], NDArray[Any]], transform: str
) -> None:
    luma = _anatomy(1)
    answer = _assess(_film(change(luma)), _index(("alice", _film(luma))))
    assert answer.status is LaneStatus.FINDING
    detail = answer.findings[0].detail
    assert detail["transform"] == transform
    assert detail["distance"] <= MAX_DISTANCE_BITS


def test_other_pictures_do_not_match() -> None:
    index = _index(*[(str(seed), _film(_anatomy(seed))) for seed in range(2, 60)])
    assert _assess(_film(_anatomy(1)), index).status is LaneStatus.CLEAR


def test_hash_alone_is_not_enough_where_the_shape_differs() -> None:
    luma = _anatomy(1)
    stretched = cv2.resize(luma, None, fx=1.6, fy=1.0)
    answer = _assess(_film(stretched), _index(("alice", _film(luma))))
    assert answer.status is LaneStatus.CLEAR


def test_exact_match_is_reported_before_a_perceptual_one() -> None:
    film, mirrored = _film(_anatomy(1)), _film(_anatomy(1)[:, ::-1])
    answer = _assess(film, _index(("mirror", mirrored), ("same", film)))
    assert [item.detail["film_id"] for item in answer.findings] == ["same", "mirror"]


def test_index_of_one_says_so_in_the_singular() -> None:
    answer = _assess(_film(_anatomy(1)), _index(("alice", _film(_anatomy(2)))))
    assert answer.reason == "No match among the 1 earlier film."


def test_eight_views_of_a_turned_film_are_the_same_set() -> None:
    luma = _anatomy(3, (300, 300))
    upright = make_fingerprint(_film(luma)).phashes
    turned = make_fingerprint(_film(np.rot90(luma))).phashes
    assert set(upright) == set(turned)
    assert len(set(upright)) == 8
