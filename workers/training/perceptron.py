"""Small perceptrons on the hand-made features, averaged, after whitening by archive.

What tells one archive or one generator from the next of the same class is nuisance: the
features are scaled down along those directions (within-class covariance normalisation:
Hatch et al., Interspeech 2006), because the next archive lies further along them.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

# One odd feature, or a member that is certain, must not outvote all others.
FEATURE_LIMIT = 8.0
SCORE_LIMIT = 4.6


@dataclass(frozen=True)
class CommitteePlan:
    """hidden: units of the one hidden layer.  penalty: L2, strong, because unseen
    generators and archives are what counts.  rounds: passes over the tiles.
    """

    members: int = 4
    hidden: int = 64
    penalty: float = 1.0
    rounds: int = 12


@dataclass(frozen=True, eq=False)
class Committee:
    """Weights of the fitted members.

    mean, scale: of a feature, (features,).  whitening: (features, features).
    hidden, output: per member weights and biases, joined: hidden (features, units) and
    (units,), output (units,) already divided by the number of members, and a bias.
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    whitening: NDArray[np.float32]
    hidden: tuple[NDArray[np.float32], NDArray[np.float32]]
    output: tuple[NDArray[np.float32], float]

    def score(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the mean log-odds of the members per row of `features`."""
        scaled = np.clip(
            (features - self.mean) / self.scale, -FEATURE_LIMIT, FEATURE_LIMIT
        )
        units = np.maximum(scaled @ self.whitening @ self.hidden[0] + self.hidden[1], 0)
        scores = units @ self.output[0] + self.output[1]
        return np.asarray(np.clip(scores, -SCORE_LIMIT, SCORE_LIMIT), np.float64)


def nuisance_whitening(
    scaled: NDArray[np.float32], is_fake: NDArray[np.bool_], origins: NDArray[np.str_]
) -> NDArray[np.float32]:
    """Return the matrix that evens out how origins of one class differ in the mean.

    scaled: (tiles, features), each of unit deviation; that unit is also the ridge, so
    that directions in which origins agree are left alone.
    """
    covariance = np.zeros((scaled.shape[1],) * 2)
    freedom = 0
    for label in (False, True):
        names = np.unique(origins[is_fake == label])
        if names.size < 2:
            continue
        means = np.stack(
            [scaled[(is_fake == label) & (origins == name)].mean(0) for name in names]
        )
        apart = means - means.mean(0)
        covariance += apart.T @ apart
        freedom += names.size - 1
    values, vectors = np.linalg.eigh(
        covariance / max(freedom, 1) + np.eye(scaled.shape[1])
    )
    return np.asarray(vectors / np.sqrt(values), np.float32)


def fit_committee(
    features: NDArray[np.float32],
    is_fake: NDArray[np.bool_],
    origins: NDArray[np.str_],
    weights: NDArray[np.float64],
    *,
    plan: CommitteePlan,
    seed: int,
) -> Committee:
    """Return the committee fitted to tiles.

    The perceptron takes no weights, so tiles are drawn with replacement instead.
    """
    mean = features.mean(0)
    scale = features.std(0) + np.float32(1e-6)
    scaled = np.clip((features - mean) / scale, -FEATURE_LIMIT, FEATURE_LIMIT)
    whitening = nuisance_whitening(scaled, is_fake, origins)
    white = scaled @ whitening
    parts = []
    for member in range(plan.members):
        rng = np.random.default_rng([seed, member])
        picks = rng.choice(weights.size, weights.size, p=weights / weights.sum())
        model = MLPClassifier(
            (plan.hidden,),
            alpha=plan.penalty,
            batch_size=min(256, weights.size),
            max_iter=plan.rounds,
            random_state=seed * 100 + member,
        )
        with warnings.catch_warnings():
            # A fixed number of rounds is the plan, not a failure.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(white[picks], is_fake[picks])
        parts.append((*model.coefs_, *model.intercepts_))
    output = np.concatenate([part[1][:, 0] for part in parts]) / plan.members
    return Committee(
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        whitening=whitening,
        hidden=(
            np.concatenate([part[0] for part in parts], axis=1).astype(np.float32),
            np.concatenate([part[2] for part in parts]).astype(np.float32),
        ),
        output=(
            output.astype(np.float32),
            float(np.mean([part[3][0] for part in parts])),
        ),
    )
