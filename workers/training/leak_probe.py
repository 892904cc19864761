"""The leak probe: a model shown no texture must not be able to tell the classes apart.

It sees the grey-level histogram of a tile (size and format are the same for all tiles
by construction: 256 px, 8-bit luma, the same random recompression). Where it scores
above chance, the set lets content answer, and a good score on it proves little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

TOLERANCE = 0.07  # DESIGN section 4: about 0.5, else the set is rejected


@dataclass(frozen=True)
class LeakReport:
    """auc: of the probe, cross-validated by group; is_valid: 0.5 +- TOLERANCE."""

    auc: float
    is_valid: bool


def probe_leak(
    histograms: NDArray[np.float32],
    is_fake: NDArray[np.bool_],
    groups: NDArray[np.str_],
    *,
    seed: int,
) -> LeakReport:
    """Return how well histograms alone tell `is_fake`, on groups not fitted to."""
    folds = StratifiedGroupKFold(n_splits=5, shuffle=True, random_state=seed)
    scores = np.full(is_fake.size, np.nan)
    for fitted, held in folds.split(histograms, is_fake, groups):
        probe = ExtraTreesClassifier(
            n_estimators=100,
            min_samples_leaf=5,
            class_weight="balanced",
            random_state=seed,
        )
        probe.fit(histograms[fitted], is_fake[fitted])
        scores[held] = probe.predict_proba(histograms[held])[:, 1]
    auc = float(roc_auc_score(is_fake, scores))
    return LeakReport(auc=auc, is_valid=abs(auc - 0.5) <= TOLERANCE)
