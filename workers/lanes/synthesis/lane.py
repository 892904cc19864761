"""The synthesis lane: did a generator make this film, judged by its texture alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workers.errors import ModelError
from workers.lanes.synthesis.features import TILE_PX, quantise_luma
from workers.lanes.synthesis.scorer import TileScorer, TileScores
from workers.model_card import ModelCard, load_card
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    Finding,
    Heatmap,
    LaneName,
    LaneStatus,
)

MODEL_NAME = "synthesis"
DEFAULT_MODELS_DIR = Path(__file__).resolve().parents[2] / "models"
_SOURCE = "docs/models/synthesis.md"
_STRONG_WEIGHT, _UNUSUAL_WEIGHT = 0.7, 0.5


class SynthesisLane:
    """Scores native-resolution luma tiles; everything else comes from the model card.

    The card is read when the lane is made, the model on the first film. A missing or
    altered file is a ModelError of `assess`, so that the other lanes still report.
    """

    def __init__(self, models_dir: Path | None = None) -> None:
        self._models_dir = models_dir or DEFAULT_MODELS_DIR
        self._scorer: TileScorer | None = None
        try:
            self._card: ModelCard | None = load_card(self._models_dir, MODEL_NAME)
        except ModelError:
            self._card = None

    @property
    def name(self) -> LaneName:
        """Return the lane's name."""
        return LaneName.SYNTHESIS

    @property
    def version(self) -> str:
        """Return the version of the model in use."""
        return self._card.version if self._card else "no-model"

    @property
    def model_sha256(self) -> str | None:
        """Return the digest of the model, None where there is none."""
        return self._card.sha256 if self._card else None

    def assess(self, image: DecodedImage, context: Context) -> Evidence:
        """Return whether the texture of `image` looks generated, with a tile map."""
        refusal = _why_not(image.luma)
        if refusal is not None:
            return self._not_assessable(refusal)
        if self._scorer is None:
            self._scorer = TileScorer(self._models_dir, MODEL_NAME)
        scores = self._scorer.score_levels(quantise_luma(image.luma))
        if scores.score is None:
            return self._not_assessable(
                "No part of the film holds enough texture to judge how it was made."
            )
        return self._judge(scores, scores.score, self._scorer.card)

    def _judge(self, scores: TileScores, score: float, card: ModelCard) -> Evidence:
        suspicion = card.calibration.probability(score)
        flagged = suspicion >= card.threshold
        heatmap, reliability = _draw_maps(scores, card)
        judged = np.isfinite(scores.log_odds)
        hot = int((heatmap.values[judged] >= card.threshold).sum())
        reason = _explain(suspicion, card, hot=hot, judged=int(judged.sum()))
        findings: tuple[Finding, ...] = ()
        if flagged:
            strictest = card.operating_points[min(card.operating_points)]
            strong = suspicion >= strictest
            findings = (
                Finding(
                    code="synthesis.generated_texture",
                    text=reason,
                    weight=_STRONG_WEIGHT if strong else _UNUSUAL_WEIGHT,
                    source=_SOURCE,
                    detail={
                        "suspicion": round(suspicion, 4),
                        "threshold": round(card.threshold, 4),
                        "false_positive_rate": card.default_fpr,
                        "tiles_judged": int(judged.sum()),
                        "tiles_hot": hot,
                    },
                ),
            )
        return Evidence(
            lane=self.name,
            version=card.version,
            status=LaneStatus.FINDING if flagged else LaneStatus.CLEAR,
            reason=reason,
            suspicion=suspicion,
            findings=findings,
            heatmap=heatmap,
            reliability=reliability,
            model_sha256=card.sha256,
        )

    def _not_assessable(self, reason: str) -> Evidence:
        return Evidence(
            lane=self.name,
            version=self.version,
            status=LaneStatus.NOT_ASSESSABLE,
            reason=reason,
            model_sha256=self.model_sha256,
        )


def _why_not(luma: NDArray[np.float32]) -> str | None:
    """Return the sentence that says why a film cannot be judged, None if it can."""
    if luma.ndim != 2 or min(luma.shape) < TILE_PX:
        return f"The film is smaller than {TILE_PX} pixels on a side."
    if not np.isfinite(luma).all():
        return "The film holds values that are not numbers."
    if float(luma.max()) - float(luma.min()) < 2 / 255:
        return "The film is blank."
    return None


def _draw_maps(scores: TileScores, card: ModelCard) -> tuple[Heatmap, Heatmap]:
    """Return suspicion and reliability per tile; both 0 where a tile was not judged."""
    judged = np.isfinite(scores.log_odds)
    values = np.zeros(scores.grid.shape, np.float32)
    values[judged] = [
        card.calibration.probability(float(v)) for v in scores.log_odds[judged]
    ]
    trust = np.where(judged, scores.content, 0.0).astype(np.float32)
    spacing, origin = scores.grid.spacing_px, scores.grid.origin_px
    return Heatmap(values, spacing, origin), Heatmap(trust, spacing, origin)


def _explain(suspicion: float, card: ModelCard, *, hot: int, judged: int) -> str:
    percent, limit = f"{suspicion:.0%}", f"{card.threshold:.0%}"
    tiles = f"{hot} of {judged} tiles" if judged > 1 else "the one tile judged"
    if suspicion >= card.threshold:
        where = tiles if hot or judged == 1 else f"all {judged} tiles together"
        return (
            f"The fine texture looks computer-generated: suspicion {percent}, "
            f"flagged from {limit} on, seen in {where}."
        )
    return (
        f"The fine texture looks like that of a real exposure: suspicion {percent}, "
        f"flagged only from {limit} on."
    )
