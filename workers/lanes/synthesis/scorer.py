"""Tile scores from the model that the card describes, in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workers.errors import ModelError
from workers.lanes.synthesis.features import (
    FEATURE_VERSION,
    TILE_PX,
    feature_count,
    tile_features,
)
from workers.lanes.synthesis.tiles import TileGrid, choose_tiles
from workers.model_card import ModelCard, load_card
from workers.onnx_session import ModelSession

INPUT_KIND = f"luma_tiles/{FEATURE_VERSION}"
_BATCH = 8  # tiles at a time, so that a large request needs no more memory


@dataclass(frozen=True, eq=False)
class TileScores:
    """Scores of a film's tiles.

    log_odds: float64 (rows, columns), NaN where a tile was not scored: too little in
        it, or left to its neighbours.
    content: float32, same shape, share of the tile that carries texture.
    family: mean log-probability per family of generators (`family.py`), None where the
        model does not tell.
    """

    grid: TileGrid
    log_odds: NDArray[np.float64]
    content: NDArray[np.float32]
    family: NDArray[np.float64] | None = None

    @property
    def score(self) -> float | None:
        """Return the mean log-odds of the judged tiles, None where there are none."""
        judged = self.log_odds[np.isfinite(self.log_odds)]
        return float(judged.mean()) if judged.size else None


class TileScorer:
    """The model of one card, opened on first use (`ModelSession`)."""

    def __init__(self, models_dir: Path, name: str) -> None:
        self.card: ModelCard = load_card(models_dir, name)
        self._session = ModelSession(models_dir, self.card)
        kind = self.card.input_spec.get("kind")
        if kind != INPUT_KIND:
            raise ModelError(f"model '{name}' wants input '{kind}', not known here")
        if self.card.input_spec.get("features") != feature_count():
            raise ModelError(f"model '{name}' wants another number of features")
        tiles = self.card.input_spec.get("max_tiles")
        if not isinstance(tiles, int) or not 1 <= tiles <= 1000:
            raise ModelError(f"model '{name}' gives no sensible max_tiles")
        self._max_tiles = tiles

    def score_tiles(
        self, tiles: Sequence[NDArray[np.uint8]]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Return log-odds of 'generated' per tile, and log-probabilities of families.

        tiles: (256, 256) 8-bit luma each.  families: float64 (tiles, families), None
        where the model does not tell.
        """
        wanted, names = self._session.inputs(), self._session.outputs()
        answers: list[list[NDArray[np.float64]]] = []
        for start in range(0, len(tiles), _BATCH):
            part = tiles[start : start + _BATCH]
            given: dict[str, NDArray[np.generic]] = {}
            if "features" in wanted:
                given["features"] = np.stack([tile_features(tile) for tile in part])
            if "tiles" in wanted:
                given["tiles"] = np.stack(part)[:, None]
            answers.append(self._session.run(names, given))
        joined = dict(
            zip(names, map(np.concatenate, zip(*answers, strict=True)), strict=True)
        )
        return joined["log_odds"].ravel(), joined.get("family_log_probabilities")

    def score_levels(
        self, levels: NDArray[np.uint8], *, max_tiles: int | None = None
    ) -> TileScores:
        """Return the scores of the tiles of `levels`, (rows, columns), 8-bit luma.

        Both sides at least 256 px. max_tiles: how many are scored; None: as many as the
        card says. On a larger film those with most texture are, spread over the film.
        """
        if min(levels.shape) < TILE_PX:
            raise ValueError("a film below the tile size has no tiles")
        grid, content, chosen = choose_tiles(levels, max_tiles or self._max_tiles)
        scores = np.full(grid.shape, np.nan)
        cells = np.argwhere(chosen)
        family: NDArray[np.float64] | None = None
        if cells.size:
            tiles = [grid.cut(levels, int(row), int(column)) for row, column in cells]
            found, families = self.score_tiles(tiles)
            scores[cells[:, 0], cells[:, 1]] = found
            family = None if families is None else families.mean(0)
        return TileScores(grid, scores, content, family)
