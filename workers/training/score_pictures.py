"""Pictures of a split under each condition, scored as the lane does, resumable."""

from __future__ import annotations

import hashlib
import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workers.decode import decode_film
from workers.errors import RejectedInput
from workers.lanes.synthesis.features import TILE_PX
from workers.lanes.synthesis.scorer import TileScorer
from workers.model_card import ModelCard, card_as_json
from workers.training.conditions import CONDITIONS
from workers.training.data import Sample, digest_samples
from workers.training.progress import Progress
from workers.training.score_table import (
    PictureScore,
    ScoreTableError,
    describe_sample,
    measure_facts,
    read_scores,
    write_scores,
)

# Part of the cache key: raise it when a condition or the way of scoring changes.
_SCORING_VERSION = "1"


@dataclass(frozen=True)
class Judgement:
    """score: log-odds before calibration; NaN with a `reason` where not assessable.

    in_domain: whether the lane takes the film for a radiograph; None: no such check.
    """

    score: float
    probability: float
    reason: str = ""
    in_domain: bool | None = None


def _refuse(reason: str) -> Judgement:
    return Judgement(math.nan, math.nan, reason)


def score_picture(
    scorer: TileScorer, levels: NDArray[np.uint8], *, any_content: bool = True
) -> Judgement:
    """Return what the lane says of `levels`, 8-bit luma.

    any_content: generated photographs get a score too, and `in_domain` tells what the
    check would have said.
    """
    if min(levels.shape) < TILE_PX:
        return _refuse(f"smaller than {TILE_PX} px")
    score = scorer.score_levels(levels).score
    if score is None:
        return _refuse("no tile with texture")
    return Judgement(score, scorer.card.calibration.probability(score))


Judge = Callable[[NDArray[np.uint8]], Judgement]


def _score_sample(
    sample: Sample, judge: Judge, condition: str, *, data_dir: Path, seed: int
) -> PictureScore:
    try:
        luma = decode_film(sample.path).luma
    except RejectedInput:
        reason = "cannot be read"
        return describe_sample(sample, data_dir, condition=condition, reason=reason)
    # By name, so that a picture gets the same draw whatever else is evaluated.
    rng = np.random.default_rng([seed, zlib.crc32(sample.path.name.encode())])
    levels = CONDITIONS[condition](luma, rng)
    found = judge(levels)
    return describe_sample(
        sample,
        data_dir,
        condition=condition,
        facts=measure_facts(levels),
        **vars(found),
    )


def describe_run(
    card: ModelCard, samples: Sequence[Sample], *, seed: int
) -> dict[str, str]:
    """Return what scores depend on; equal facts mean that they may be used again."""
    return {
        "model_sha256": card.sha256,
        "card_sha256": hashlib.sha256(card_as_json(card).encode()).hexdigest(),
        "data_digest": digest_samples(samples),
        "scoring": _SCORING_VERSION,
        "seed": str(seed),
    }


def load_finished(
    cache: Path, made_from: Mapping[str, str]
) -> dict[str, tuple[PictureScore, ...]]:
    """Return the conditions whose scores `cache` holds; none if made otherwise."""
    try:
        table = read_scores(cache)
    except ScoreTableError:
        return {}
    if table.made_from != made_from:
        return {}
    finished: dict[str, list[PictureScore]] = {}
    for row in table.rows:
        finished.setdefault(row.condition, []).append(row)
    return {name: tuple(rows) for name, rows in finished.items()}


def score_pictures(
    samples: Sequence[Sample],
    judge: Judge,
    conditions: Sequence[str],
    *,
    data_dir: Path,
    made_from: Mapping[str, str],
    cache: Path,
    fresh: bool,
    seed: int,
) -> tuple[PictureScore, ...]:
    """Return a row per picture and condition; finished conditions come from `cache`.

    `cache` is written after every condition, so that a run that was stopped goes on.
    fresh: forget what `cache` holds.
    """
    finished = {} if fresh else load_finished(cache, made_from)
    for name in conditions:
        if len(finished.get(name, ())) == len(samples):
            continue
        report = Progress(name)
        rows = []
        for index, sample in enumerate(samples):
            rows.append(
                _score_sample(sample, judge, name, data_dir=data_dir, seed=seed)
            )
            report(index + 1, len(samples))
        finished[name] = tuple(rows)
        kept = [row for rows_of in finished.values() for row in rows_of]
        write_scores(cache, kept, made_from=made_from)
    return tuple(row for name in conditions for row in finished[name])
