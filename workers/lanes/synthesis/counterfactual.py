"""Does the score of the hottest place fall when its fine texture is taken away?

The place is replaced by its low-pass version and scored again; the same is done to
places chosen at random. A bare low-pass is itself smooth as a generator's work, and the
model says so; hence the low-pass gets the grain of the film's own most ordinary place.
A mark that is more than an accident loses clearly more than random places do. The check
has a limit: the hottest place has the most to lose. It can refute a mark, and it says
how much of the score hangs on texture there; alone it proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.lanes.synthesis.maps import ScoreTile
from workers.lanes.synthesis.scorer import TileScores

_RANDOM_PLACES = 6
_LOW_PASS_PX = 3.0  # of the Gaussian; leaves what is coarser than about 10 px
_DEVIATIONS = 2.0
_LEAST_SPREAD = 0.3  # log-odds, as in `maps`
_SEED = 3


@dataclass(frozen=True)
class Counterfactual:
    """Log-odds lost by the hottest place, and by random places, with other grain.

    random_spread: standard deviation over `places`, the number of random places.
    """

    hot_drop: float
    random_drop: float
    random_spread: float
    places: int

    @property
    def supports(self) -> bool:
        """Return whether the hottest place loses clearly more than random ones."""
        margin = _DEVIATIONS * max(self.random_spread, _LEAST_SPREAD)
        return self.hot_drop > max(0.0, self.random_drop) + margin

    @property
    def sentence(self) -> str:
        """Return the result in words."""
        outcome = (
            "the score hangs on the texture of that place"
            if self.supports
            else "so the mark should not be leaned on"
        )
        return (
            "With the grain of an ordinary place the hottest place loses "
            f"{self.hot_drop:.1f} in log-odds, {self.places} places at random lose "
            f"{self.random_drop:.1f} (spread {self.random_spread:.1f}): {outcome}."
        )

    def as_detail(self) -> dict[str, Any]:
        """Return the result for `Finding.detail`."""
        return {
            "hot_drop_log_odds": round(self.hot_drop, 3),
            "random_drop_mean_log_odds": round(self.random_drop, 3),
            "random_drop_spread_log_odds": round(self.random_spread, 3),
            "random_places": self.places,
            "low_pass_sigma_px": _LOW_PASS_PX,
            "supports_the_mark": self.supports,
        }


def _split(tile: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the low-pass version of `tile` and what it lacks."""
    plane = tile.astype(np.float32)
    smooth = np.asarray(cv2.GaussianBlur(plane, (0, 0), _LOW_PASS_PX), np.float32)
    return smooth, plane - smooth


@dataclass(frozen=True, eq=False)
class _Trial:
    """Replaces tiles of one film by their low-pass with the grain of another place."""

    levels: NDArray[np.uint8]
    scores: TileScores
    grain: NDArray[np.float32]
    score_tile: ScoreTile

    def drop(self, cell: tuple[int, int]) -> float | None:
        """Return the log-odds that `cell` loses, None if it cannot be judged then."""
        smooth, _ = _split(self.scores.grid.cut(self.levels, *cell))
        altered = np.rint(np.clip(smooth + self.grain, 0, 255)).astype(np.uint8)
        after = self.score_tile(altered)
        return None if after is None else float(self.scores.log_odds[cell]) - after


def check_counterfactual(
    levels: NDArray[np.uint8],
    scores: TileScores,
    hottest: tuple[int, int],
    score_tile: ScoreTile,
) -> Counterfactual | None:
    """Return what other grain costs `hottest` and up to six random tiles.

    Scores at most seven tiles. None where the altered tile cannot be judged, or there
    are fewer than three judged tiles apart from it to compare with. The random choice
    is the same each time for the same film.
    """
    others = np.argwhere(np.isfinite(scores.log_odds))
    spacing = scores.grid.spacing_px
    gaps = np.abs(others - np.array(hottest)) * np.array(spacing)
    others = others[gaps.max(axis=1) >= min(min(spacing), 128.0)]
    if len(others) < 3:
        return None
    odds = scores.log_odds[tuple(others.T)]
    ordinary = int(np.abs(odds - np.median(odds)).argmin())
    row, column = others[ordinary]
    _, grain = _split(scores.grid.cut(levels, int(row), int(column)))
    trial = _Trial(levels, scores, grain, score_tile)
    hot = trial.drop(hottest)
    others = np.delete(others, ordinary, axis=0)
    if hot is None:
        return None
    order = np.random.default_rng(_SEED).permutation(len(others))[:_RANDOM_PLACES]
    drops = [
        drop
        for row, column in others[order]
        if (drop := trial.drop((int(row), int(column)))) is not None
    ]
    if len(drops) < 2:
        return None
    return Counterfactual(
        hot_drop=hot,
        random_drop=float(np.mean(drops)),
        random_spread=float(np.std(drops, ddof=1)),
        places=len(drops),
    )
