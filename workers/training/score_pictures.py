"""Pictures of a split under each condition, scored as the lane does, resumable."""

from __future__ import annotations

import hashlib
import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workers.decode import decode_film
from workers.errors import RejectedInput
from workers.lanes.synthesis import lane
from workers.lanes.synthesis.content import ContentCheck, why_not_a_radiograph
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
from workers.types import DecodedImage

# Part of the cache key: raise it when a condition or the way of scoring changes.
_SCORING_VERSION = "2"


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
    scorer: TileScorer,
    levels: NDArray[np.uint8],
    *,
    image: DecodedImage | None = None,
    check: ContentCheck | None = None,
    any_content: bool = True,
) -> Judgement:
    """Return what the lane says of `levels`, 8-bit luma.

    image: the film before the condition, for what the in-domain check wants to know of
    header and colour; it is asked only where `check` is given, too.
    any_content: generated photographs get a score too, and `in_domain` tells what the
    check would have said; else what it refuses is not assessable.
    """
    if min(levels.shape) < TILE_PX:
        return _refuse(f"smaller than {TILE_PX} px")
    poor = lane.why_too_poor(levels)  # the lane's own rule, or figures would not be its
    if poor is not None:
        return _refuse(poor)
    in_domain: bool | None = None
    if image is not None and check is not None:
        luma = levels.astype(np.float32) / np.float32(255)
        refusal = why_not_a_radiograph(image, luma, check)
        in_domain = refusal is None
        if refusal is not None and not any_content:
            return Judgement(math.nan, math.nan, refusal, in_domain)
    score = scorer.score_levels(levels).score
    if score is None:
        return Judgement(math.nan, math.nan, "no tile with texture", in_domain)
    chance = scorer.card.calibration.probability(score)
    return Judgement(score, chance, in_domain=in_domain)


Judge = Callable[[NDArray[np.uint8], DecodedImage], Judgement]


def _score_sample(
    sample: Sample, judge: Judge, condition: str, *, data_dir: Path, seed: int
) -> PictureScore:
    describe = partial(describe_sample, sample, data_dir, condition=condition)
    try:
        image = decode_film(sample.path)
    except RejectedInput:
        return describe(reason="cannot be read")
    if not np.isfinite(image.luma).all():
        return describe(reason="holds values that are not numbers")
    # By name, so that a picture gets the same draw whatever else is evaluated.
    rng = np.random.default_rng([seed, zlib.crc32(sample.path.name.encode())])
    levels = CONDITIONS[condition](image.luma, rng)
    return describe(facts=measure_facts(levels), **vars(judge(levels, image)))


def _digest_card(card: ModelCard) -> str:
    return hashlib.sha256(card_as_json(card).encode()).hexdigest()


def describe_run(
    card: ModelCard,
    check: ContentCheck | None,
    samples: Sequence[Sample],
    *,
    seed: int,
) -> dict[str, str]:
    """Return what scores depend on; equal facts mean that they may be used again."""
    return {
        "model_sha256": card.sha256,
        "card_sha256": _digest_card(card),
        "check_card_sha256": _digest_card(check.card) if check else "",
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
