"""Tile scores from the model that the card describes, in ONNX Runtime."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from workers.errors import ModelError
from workers.lanes.synthesis.features import (
    FEATURE_VERSION,
    TILE_PX,
    feature_count,
    tile_features,
)
from workers.lanes.synthesis.tiles import (
    MIN_CONTENT,
    TileGrid,
    plan_grid,
    tile_content,
)
from workers.model_card import ModelCard, load_card, read_verified_model

# A forest can be certain of a tile; one tile must not outvote all others.
_PROBABILITY_FLOOR = 0.01


@dataclass(frozen=True, eq=False)
class TileScores:
    """Scores of a film's tiles.

    log_odds: float64 (rows, columns), NaN where a tile holds too little to be judged.
    content: float32, same shape, share of the tile that carries texture.
    """

    grid: TileGrid
    log_odds: NDArray[np.float64]
    content: NDArray[np.float32]

    @property
    def score(self) -> float | None:
        """Return the mean log-odds of the judged tiles, None where there are none."""
        judged = self.log_odds[np.isfinite(self.log_odds)]
        return float(judged.mean()) if judged.size else None


def log_odds(probability: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return log-odds of `probability`, bounded so that no tile outvotes all others."""
    bounded = np.clip(
        probability.astype(np.float64), _PROBABILITY_FLOOR, 1 - _PROBABILITY_FLOOR
    )
    return np.asarray(np.log(bounded / (1 - bounded)), np.float64)


class TileScorer:
    """The model of one card. The session is made on first use, once per process.

    ONNX Runtime threads do not survive a fork, so a session made before Celery forks
    its workers would hang in the child; hence lazily, and anew in another process.
    """

    def __init__(self, models_dir: Path, name: str) -> None:
        self.card: ModelCard = load_card(models_dir, name)
        self._models_dir = models_dir
        self._session: ort.InferenceSession | None = None
        self._session_pid: int | None = None
        kind = self.card.input_spec.get("kind")
        if kind != FEATURE_VERSION:
            raise ModelError(f"model '{name}' wants input '{kind}', not known here")
        if self.card.input_spec.get("features") != feature_count():
            raise ModelError(f"model '{name}' wants another number of features")
        tiles = self.card.input_spec.get("max_tiles")
        if not isinstance(tiles, int) or not 1 <= tiles <= 1000:
            raise ModelError(f"model '{name}' gives no sensible max_tiles")
        self._max_tiles = tiles

    def _open_session(self) -> ort.InferenceSession:
        if self._session is None or self._session_pid != os.getpid():
            payload = read_verified_model(self._models_dir, self.card)
            options = ort.SessionOptions()
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            options.log_severity_level = 3
            try:
                self._session = ort.InferenceSession(
                    payload, options, providers=["CPUExecutionProvider"]
                )
            except Exception as error:  # its error classes derive from Exception alone
                name = type(error).__name__
                raise ModelError(f"the model cannot be opened ({name})") from error
            self._session_pid = os.getpid()
        return self._session

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return per row of `features` the model's probability of 'generated'."""
        session = self._open_session()
        name = session.get_inputs()[0].name
        outputs = session.run(["probabilities"], {name: features})
        return np.asarray(outputs[0][:, 1], np.float32)

    def score_levels(
        self, levels: NDArray[np.uint8], *, max_tiles: int | None = None
    ) -> TileScores:
        """Return the scores of the tiles of `levels`, (rows, columns), 8-bit luma.

        Both sides at least 256 px. max_tiles: how many are looked at; None: as many as
        the card says.
        """
        if min(levels.shape) < TILE_PX:
            raise ValueError("a film below the tile size has no tiles")
        grid = plan_grid(*levels.shape, max_tiles=max_tiles or self._max_tiles)
        content = np.zeros(grid.shape, np.float32)
        scores = np.full(grid.shape, np.nan)
        rows: list[NDArray[np.float32]] = []
        for cell in np.ndindex(*grid.shape):
            tile = grid.cut(levels, *cell)
            content[cell] = tile_content(tile)
            if content[cell] >= MIN_CONTENT:
                rows.append(tile_features(tile))
        if rows:
            scores[content >= MIN_CONTENT] = log_odds(
                self.probabilities(np.stack(rows))
            )
        return TileScores(grid=grid, log_odds=scores, content=content)
