"""How unlike real radiographs a tile is, learnt from real radiographs alone.

A Gaussian over the principal components of their features: what no generator was needed
for cannot be fitted to one (the idea of real-only spectral modelling: Karageorgiou et
al., CVPR 2025, here with the features at hand). Compared in docs/models/synthesis.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.training.perceptron import FEATURE_LIMIT, SCORE_LIMIT

_COMPONENTS = 60


@dataclass(frozen=True, eq=False)
class OutlierModel:
    """mean, scale: of a feature.  axes: (features, components), to unit variance.

    middle, spread: of the log of the squared distance over real tiles.
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    axes: NDArray[np.float32]
    middle: float
    spread: float

    def _distance(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        scaled = np.clip(
            (features - self.mean) / self.scale, -FEATURE_LIMIT, FEATURE_LIMIT
        )
        apart = (scaled @ self.axes).astype(np.float64)
        return np.asarray(np.log((apart**2).sum(1) + 1e-6), np.float64)

    def score(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return by how many deviations each row lies further out than real tiles."""
        apart = (self._distance(features) - self.middle) / self.spread
        return np.clip(apart, -SCORE_LIMIT, SCORE_LIMIT)


def fit_outlier_model(
    features: NDArray[np.float32], origins: NDArray[np.str_]
) -> OutlierModel:
    """Return the model of real tiles; every origin counts the same."""
    _, inverse, counts = np.unique(origins, return_inverse=True, return_counts=True)
    weights = 1.0 / counts[inverse]
    weights /= weights.sum()
    mean = (weights[:, None] * features).sum(0)
    scale = np.sqrt((weights[:, None] * (features - mean) ** 2).sum(0)) + 1e-6
    scaled = np.clip((features - mean) / scale, -FEATURE_LIMIT, FEATURE_LIMIT)
    covariance = (scaled * weights[:, None]).T @ scaled
    values, vectors = np.linalg.eigh(covariance)
    kept = slice(-min(_COMPONENTS, values.size), None)
    axes = vectors[:, kept] / np.sqrt(np.maximum(values[kept], 1e-6))
    model = OutlierModel(
        mean.astype(np.float32),
        scale.astype(np.float32),
        axes.astype(np.float32),
        0.0,
        1.0,
    )
    distance = model._distance(features)
    middle = float((weights * distance).sum())
    spread = float(np.sqrt((weights * (distance - middle) ** 2).sum())) + 1e-6
    return OutlierModel(model.mean, model.scale, model.axes, middle, spread)
