"""What a tile looks like from afar, to make generated photographs count as films do.

Most generated pictures at hand are photographs and art, most real ones radiographs. A
model must not answer by content, so tiles of the other pictures are weighted by how
much they look like a radiograph's once their texture is averaged away (importance
weighting under covariate shift: Shimodaira, J. Stat. Plan. Inference 2000).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier

LOOK_COUNT = 18
_LEAST, _MOST = 0.2, 3.0  # bounds of a weight, so that no tile counts for all others


def measure_look(tile: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return LOOK_COUNT numbers of `tile`, (256, 256) levels, seen at 32 px or less."""
    seen, coarse, coarsest = (
        np.asarray(
            cv2.resize(tile, (side, side), interpolation=cv2.INTER_AREA), np.float32
        )
        for side in (32, 16, 8)
    )
    tones = np.percentile(seen, [2, 10, 25, 50, 75, 90, 98])
    steps = np.abs(
        np.concatenate([np.diff(seen, axis=1).ravel(), np.diff(seen, axis=0).ravel()])
    )
    fine = seen - cv2.resize(coarse, (32, 32), interpolation=cv2.INTER_LINEAR)
    middle = coarse - cv2.resize(coarsest, (16, 16), interpolation=cv2.INTER_LINEAR)
    spread = float(seen.std()) + 1.0
    return np.array(
        [
            abs(float(seen.mean()) - 127.5),
            spread,
            *np.log1p(np.percentile(steps, [25, 50, 75, 90, 98])),
            np.log1p(fine.std()),
            np.log1p(np.median(np.abs(fine))),
            np.log1p(np.percentile(np.abs(fine), 90)),
            np.log1p(middle.std()),
            np.log1p(coarsest.std()),
            (tones[5] - tones[1]) / spread,
            (tones[6] - tones[0]) / spread,
            min(tones[0], 255.0 - tones[6]),
            np.log(fine.std() / spread + 1e-3),
            np.log(middle.std() / spread + 1e-3),
            np.log((steps.std() + 0.1) / (steps.mean() + 0.1)),
        ],
        np.float32,
    )


def weigh_looks(
    looks: NDArray[np.float32],
    is_film: NDArray[np.bool_],
    groups: NDArray[np.str_],
    *,
    seed: int,
) -> NDArray[np.float64]:
    """Return a weight per tile: 1 for films, for others the odds of looking like one.

    A tile is judged by a model that has seen no tile of its group.
    """
    weights = np.ones(is_film.size)
    if is_film.all() or not is_film.any():
        return weights
    half = np.isin(groups, np.unique(groups)[::2])
    for held in (half, ~half):
        fitted = ~held
        if np.unique(is_film[fitted]).size < 2 or not (held & ~is_film).any():
            continue
        model = ExtraTreesClassifier(
            60, min_samples_leaf=20, class_weight="balanced", random_state=seed
        )
        model.fit(looks[fitted], is_film[fitted])
        chance = np.clip(model.predict_proba(looks[held & ~is_film])[:, 1], 0.01, 0.99)
        weights[held & ~is_film] = np.clip(chance / (1 - chance), _LEAST, _MOST)
    return weights
