"""The synthesis lane: did a generator make this film, judged by its texture alone."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.errors import ModelError
from workers.lanes.synthesis.content import (
    ContentCheck,
    load_content_check,
    why_not_a_radiograph,
)
from workers.lanes.synthesis.counterfactual import check_counterfactual
from workers.lanes.synthesis.family import describe_hint
from workers.lanes.synthesis.features import TILE_PX, quantise_luma
from workers.lanes.synthesis.maps import (
    Placement,
    draw_maps,
    measure_stability,
    place_finding,
)
from workers.lanes.synthesis.scorer import TileScorer, TileScores
from workers.lanes.synthesis.tiles import content_map, measure_sharpness, plan_grid
from workers.model_card import ModelCard, load_card
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    Finding,
    LaneName,
    LaneStatus,
)

MODEL_NAME = "synthesis"
DEFAULT_MODELS_DIR = Path(__file__).resolve().parents[2] / "models"
MAX_TILES_ON_REQUEST = 400
_SOURCE = "docs/models/synthesis.md"
_STRONG_WEIGHT, _UNUSUAL_WEIGHT = 0.7, 0.5
# Of `measure_sharpness`. Measured on the development data: docs/models/synthesis.md.
_LEAST_SHARPNESS = 0.11
_QUALITY_TILES = 60  # grid on which sharpness is looked for
_NO_TEXTURE = "No part of the film holds enough texture to judge how it was made."


class SynthesisLane:
    """Scores native-resolution luma tiles; everything else comes from the model card.

    The card is read when the lane is made, the model on the first film. A missing or
    altered file is a ModelError of `assess`, so that the other lanes still report.

    any_content: judge pictures that are no radiographs, too (evaluation on the output
    of non-medical generators; the answer then means nothing for a single picture).
    max_tiles: how many tiles are scored at most, 1..MAX_TILES_ON_REQUEST; None: as many
    as the card says.
    """

    def __init__(
        self,
        models_dir: Path | None = None,
        *,
        any_content: bool = False,
        max_tiles: int | None = None,
    ) -> None:
        if max_tiles is not None and not 1 <= max_tiles <= MAX_TILES_ON_REQUEST:
            raise ValueError(f"max_tiles is not within 1..{MAX_TILES_ON_REQUEST}")
        self._models_dir = models_dir or DEFAULT_MODELS_DIR
        self._any_content = any_content
        self._max_tiles = max_tiles
        self._scorer: TileScorer | None = None
        self._check: ContentCheck | None = None
        self._card: ModelCard | None = None
        self._version = "no-model"
        with suppress(ModelError):
            card = load_card(self._models_dir, MODEL_NAME)
            check = load_content_check(self._models_dir)
            self._version = card.version
            if check is not None:
                self._version += f"+{check.card.sha256[:8]}"
            self._card = card

    @property
    def name(self) -> LaneName:
        """Return the lane's name."""
        return LaneName.SYNTHESIS

    @property
    def version(self) -> str:
        """Return the version of the model, and of the check that it may be asked."""
        return self._version

    @property
    def model_sha256(self) -> str | None:
        """Return the digest of the model, None where there is none."""
        return self._card.sha256 if self._card else None

    def assess(self, image: DecodedImage, context: Context) -> Evidence:
        """Return whether the texture of `image` looks generated, with a map of it."""
        refusal = _why_not(image.luma)
        if refusal is not None:
            return self._not_assessable(refusal)
        luma = np.asarray(image.luma, np.float32)
        if self._scorer is None:
            self._check = load_content_check(self._models_dir)
            self._scorer = TileScorer(self._models_dir, MODEL_NAME)
        if not self._any_content:
            refusal = why_not_a_radiograph(image, luma, self._check)
            if refusal is not None:
                return self._not_assessable(refusal)
        levels = quantise_luma(luma)
        refusal = why_too_poor(levels)
        if refusal is not None:
            return self._not_assessable(refusal)
        scores = self._scorer.score_levels(levels, max_tiles=self._max_tiles)
        if scores.score is None:
            return self._not_assessable(_NO_TEXTURE)
        return self._judge(levels, scores, scores.score, self._scorer.card)

    def _judge(
        self,
        levels: NDArray[np.uint8],
        scores: TileScores,
        score: float,
        card: ModelCard,
    ) -> Evidence:
        suspicion = card.calibration.probability(score)
        flagged = suspicion >= card.threshold
        stability = measure_stability(
            levels, scores, self._score_tile, card.calibration
        )
        heatmap, reliability = draw_maps(
            (levels.shape[0], levels.shape[1]), scores, stability, card.calibration
        )
        placement = place_finding(scores, card) if flagged else None
        findings: tuple[Finding, ...] = ()
        if placement is not None:
            findings = (self._finding(levels, scores, suspicion, card, placement),)
        return Evidence(
            lane=self.name,
            version=self.version,
            status=LaneStatus.FINDING if flagged else LaneStatus.CLEAR,
            reason=_explain(suspicion, card, placement),
            suspicion=suspicion,
            findings=findings,
            heatmap=heatmap,
            reliability=reliability,
            model_sha256=card.sha256,
        )

    def _finding(
        self,
        levels: NDArray[np.uint8],
        scores: TileScores,
        suspicion: float,
        card: ModelCard,
        placement: Placement,
    ) -> Finding:
        strictest = card.operating_points[min(card.operating_points)]
        judged, hot = _count_tiles(scores, card)
        detail: dict[str, Any] = {
            "suspicion": round(suspicion, 4),
            "threshold": round(card.threshold, 4),
            "false_positive_rate": card.default_fpr,
            "tiles_judged": judged,
            "tiles_hot": hot,
            "location": "global" if placement.region is None else "local",
            "peak_log_odds": round(placement.peak, 3),
            "expected_peak_log_odds": round(placement.expected_peak, 3),
        }
        texts = [_tell_extent(scores, card)]
        if placement.region is not None:
            outcome = check_counterfactual(
                levels, scores, placement.hottest, self._score_tile
            )
            if outcome is not None:
                detail |= outcome.as_detail()
                texts.append(outcome.sentence)
        sentence, told = describe_hint(scores.family, card.family_hint)
        detail |= told
        return Finding(
            code="generated_texture",
            text=" ".join([*texts, sentence]).rstrip(),
            weight=_STRONG_WEIGHT if suspicion >= strictest else _UNUSUAL_WEIGHT,
            source=_SOURCE,
            region=placement.region,
            detail=detail,
        )

    def _score_tile(self, tile: NDArray[np.uint8]) -> float | None:
        """Return the log-odds of one tile by itself, None where it cannot be judged."""
        if self._scorer is None:
            return None
        return self._scorer.score_levels(tile, max_tiles=1).score

    def _not_assessable(self, reason: str) -> Evidence:
        return Evidence(
            lane=self.name,
            version=self.version,
            status=LaneStatus.NOT_ASSESSABLE,
            reason=reason,
            model_sha256=self.model_sha256,
        )


def _why_not(luma: NDArray[Any]) -> str | None:
    """Return the sentence that says why a film cannot be judged, None if it can."""
    if luma.ndim != 2 or min(luma.shape) < TILE_PX:
        return f"The film is smaller than {TILE_PX} pixels on a side."
    if not np.isfinite(luma).all():
        return "The film holds values that are not numbers."
    if float(luma.max()) - float(luma.min()) < 2 / 255:
        return "The film is blank."
    return None


def why_too_poor(levels: NDArray[np.uint8]) -> str | None:
    """Return the sentence that says what the film lacks, None if it can be judged."""
    if int(levels.max()) - int(levels.min()) < 2:
        return "The film is blank."
    grid = plan_grid(*levels.shape, max_tiles=_QUALITY_TILES)
    sharpness = measure_sharpness(levels, grid, content_map(levels, grid))
    if sharpness is None:
        return _NO_TEXTURE
    if sharpness < _LEAST_SHARPNESS:
        return "The film is too blurred: no fine texture is left to judge."
    return None


def _count_tiles(scores: TileScores, card: ModelCard) -> tuple[int, int]:
    """Return how many tiles were judged, and how many lie above the threshold."""
    values = scores.log_odds[np.isfinite(scores.log_odds)]
    hot = sum(card.calibration.probability(float(v)) >= card.threshold for v in values)
    return int(values.size), int(hot)


def _tell_extent(scores: TileScores, card: ModelCard) -> str:
    judged, hot = _count_tiles(scores, card)
    if judged == 1:
        return "A generator's traces in the one tile judged."
    if hot == 0:
        return f"A generator's traces in all {judged} tiles together, in none alone."
    return f"A generator's traces in {hot} of {judged} tiles."


def _explain(suspicion: float, card: ModelCard, placement: Placement | None) -> str:
    percent, limit = f"{suspicion:.0%}", f"{card.threshold:.0%}"
    if placement is None:
        # Calibrated for equal shares of both: past a half it looks more like generated.
        looks = (
            "looks like that of a real exposure"
            if suspicion < 0.5
            else "is in doubt, but not enough for a flag"
        )
        return (
            f"The fine texture {looks}: suspicion {percent}, flagged only from "
            f"{limit} on."
        )
    place = (
        "a global finding, no location."
        if placement.region is None
        else "strongest in the region marked."
    )
    return (
        f"The fine texture looks computer-generated: suspicion {percent}, flagged "
        f"from {limit} on; {place}"
    )
