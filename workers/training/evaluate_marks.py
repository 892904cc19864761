"""Where the synthesis lane marks a film of which only a part was generated.

A crop of a generated picture is pasted into a genuine film of the same split; the lane
sees the film before and after. The crop lies anywhere, so a mark would lie on it by
chance as often as the crop is large: that share is reported beside the hits.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from workers.decode import decode_film
from workers.errors import RejectedInput
from workers.lanes.synthesis import SynthesisLane
from workers.training.data import DEFAULT_DATA_DIR, Sample, load_luma, load_manifest
from workers.training.metrics import rate_of
from workers.training.progress import Progress
from workers.types import Context, DecodedImage, Evidence, LaneStatus

CROP_PX = 512
# A film at least twice as wide as the crop, and cut so that the time stays bounded.
_MIN_SIDE_PX, _MAX_SIDE_PX = 2 * CROP_PX, 1536

Assess = Callable[[DecodedImage], Evidence]


@dataclass(frozen=True)
class MarkedFilm:
    """What the lane said of one film.

    is_local: the finding has a place.  is_on_crop: its middle lies on the crop.
    is_supported: what the counterfactual check said, None where there was no place.
    is_map_hottest_on_crop: whether the map's highest value does.
    crop_share: of the film's area.
    """

    origin: str
    pasted_from: str
    flagged_before: bool
    flagged: bool
    is_local: bool
    is_on_crop: bool
    is_supported: bool | None
    is_map_hottest_on_crop: bool
    crop_share: float


def paste(
    film: NDArray[np.float32], made: NDArray[np.float32], rng: np.random.Generator
) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """Return `film` with a crop of `made` somewhere, and the crop's (row, column)."""
    corners = []
    for picture in (made, film):
        corners.append([int(rng.integers(0, s - CROP_PX + 1)) for s in picture.shape])
    (from_row, from_column), (row, column) = corners
    forged = film.copy()
    forged[row : row + CROP_PX, column : column + CROP_PX] = made[
        from_row : from_row + CROP_PX, from_column : from_column + CROP_PX
    ]
    return forged, (row, column)


def _lies_on(point: tuple[float, float], corner: tuple[int, int]) -> bool:
    return all(
        start <= at < start + CROP_PX for at, start in zip(point, corner, strict=True)
    )


def _find_hottest(evidence: Evidence) -> tuple[float, float] | None:
    heatmap = evidence.heatmap
    if heatmap is None:
        return None
    place = np.unravel_index(int(np.argmax(heatmap.values)), heatmap.values.shape)
    row, column = (
        start + int(cell) * step
        for start, cell, step in zip(
            heatmap.origin_px, place, heatmap.spacing_px, strict=True
        )
    )
    return row, column


def judge_film(
    image: DecodedImage,
    source: NDArray[np.float32],
    assess: Assess,
    rng: np.random.Generator,
) -> dict[str, Any] | None:
    """Return what the lane says of `image` with a crop of `source` in it.

    The facts of a `MarkedFilm` but the origins; None where the film cannot be judged.
    """
    luma = image.luma[:_MAX_SIDE_PX, :_MAX_SIDE_PX]
    if min(luma.shape) < _MIN_SIDE_PX:
        return None
    before = assess(replace(image, luma=luma))
    if before.status is LaneStatus.NOT_ASSESSABLE:
        return None
    forged, corner = paste(luma, source, rng)
    after = assess(replace(image, luma=forged))
    finding = after.findings[0] if after.findings else None
    region = finding.region if finding is not None else None
    middle = None
    if region is not None:
        middle = (region.row + region.height / 2, region.column + region.width / 2)
    hottest = _find_hottest(after)
    return {
        "flagged_before": bool(before.findings),
        "flagged": finding is not None,
        "is_local": middle is not None,
        "is_on_crop": middle is not None and _lies_on(middle, corner),
        "is_supported": finding.detail.get("supports_the_mark") if finding else None,
        "is_map_hottest_on_crop": hottest is not None and _lies_on(hottest, corner),
        "crop_share": CROP_PX**2 / luma.size,
    }


def _draw_source(
    made: Sequence[Sample], rng: np.random.Generator
) -> tuple[Sample, NDArray[np.float32]] | None:
    """Return a generated picture that is large enough, None where none is found."""
    for index in rng.permutation(len(made)):
        luma = load_luma(made[index])
        if luma is not None and min(luma.shape) >= CROP_PX:
            return made[index], luma
    return None


def judge_films(
    samples: Sequence[Sample], assess: Assess, *, limit: int, seed: int
) -> Iterator[MarkedFilm]:
    """Yield up to `limit` judged films of `samples`, in a drawn order."""
    films = [s for s in samples if not s.is_fake and s.kind != "photo"]
    made = [s for s in samples if s.is_fake]
    report = Progress("films")
    done = 0
    for place, index in enumerate(np.random.default_rng(seed).permutation(len(films))):
        if done == limit:
            return
        rng = np.random.default_rng([seed, place])
        drawn = _draw_source(made, rng)
        if drawn is None:
            return
        try:
            image = decode_film(films[index].path)
        except RejectedInput:
            continue
        facts = judge_film(image, drawn[1], assess, rng)
        if facts is not None:
            done += 1
            report(done, min(limit, len(films)))
            yield MarkedFilm(
                origin=films[index].origin, pasted_from=drawn[0].origin, **facts
            )


def summarise_marks(films: Sequence[MarkedFilm]) -> dict[str, Any]:
    """Return shares of all films, with 95 % intervals (Wilson)."""

    def share(name: str) -> dict[str, float | int | None]:
        return rate_of(np.array([bool(getattr(f, name)) for f in films])).as_json()

    names = (
        *("flagged_before", "flagged", "is_local", "is_on_crop", "is_supported"),
        "is_map_hottest_on_crop",
    )
    shares = {name: share(name) for name in names}
    by_chance = float(np.mean([film.crop_share for film in films])) if films else None
    return {"films": len(films), "shares": shares, "mean_crop_share": by_chance}


def main(argv: list[str]) -> int:
    """Write the figures named in `argv` as JSON; 2 where the data are not there."""
    parser = argparse.ArgumentParser(
        prog="python -m workers evaluate --lane synthesis-marks"
    )
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA_DIR)
    parser.add_argument("--split", default="dev", choices=("train", "dev"))
    parser.add_argument("--limit", type=int, default=60, help="films")
    parser.add_argument("--report", type=Path, required=True, metavar="OUT.json")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    if not (options.data / "manifest.csv").is_file():
        sys.stderr.write(f"no manifest.csv in {options.data}\n")
        return 2
    samples = [s for s in load_manifest(options.data) if s.split == options.split]
    lane = SynthesisLane()
    cv2.setNumThreads(1)
    with threadpool_limits(1):
        films = list(
            judge_films(
                samples,
                lambda image: lane.assess(image, Context()),
                limit=options.limit,
                seed=options.seed,
            )
        )
    report = {**summarise_marks(films), "each": [asdict(film) for film in films]}
    text = json.dumps(report, indent=1, allow_nan=False)
    options.report.write_text(text + "\n", encoding="utf-8")
    return 0
