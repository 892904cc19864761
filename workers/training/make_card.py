"""From left-out scores and fitted members to a model with its card."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.lanes.synthesis.features import TILE_PX, feature_count
from workers.lanes.synthesis.lane import MODEL_NAME
from workers.lanes.synthesis.scorer import INPUT_KIND
from workers.model_card import ModelCard, PlattCalibration
from workers.training.data import Sample, digest_samples
from workers.training.family_hint import FamilyHint
from workers.training.left_out import (
    FOLDS,
    LeftOutScores,
    balanced_weights,
    choose_threshold,
    fit_calibration,
    fit_mixture,
    mix,
)
from workers.training.licences import licence_note
from workers.training.metrics import (
    area_under_curve,
    calibration_error,
    draw_group_weights,
    measure_separation,
    tpr_at_fpr,
)

MODEL_VERSION = "0.3"
FPR_BUDGETS = (0.005, 0.01, 0.03)
DEFAULT_FPR = 0.01
_ROUNDS = 500
_LIMITS = (
    "Not for films below 256 px on a side.",
    "Suspicion is calibrated for equal shares of real and generated films.",
    "Most training fakes are photographs and art, weighted by how much they look like "
    "a radiograph; the decoder's traces carry over, their content does not.",
    "Weaker after halving the size, after enlarging, and on films compressed twice.",
    "Anti-scatter grid lines, halftone dots and strong sharpening can look generated.",
)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A fitted model: the ONNX bytes, and the card that names them."""

    card: ModelCard
    payload: bytes


@dataclass(frozen=True, eq=False)
class Decision:
    """What left-out scores decide: how members mix, calibration and thresholds."""

    mixture: Mapping[str, float]
    calibration: PlattCalibration
    operating_points: Mapping[float, float]

    @property
    def threshold(self) -> float:
        """Return the threshold in use."""
        return self.operating_points[DEFAULT_FPR]

    def probabilities(self, mixed: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the calibrated probability of each mixed score."""
        return np.array([self.calibration.probability(float(v)) for v in mixed])


def decide(scores: LeftOutScores) -> Decision:
    """Return what follows from left-out scores of films and generated pictures."""
    counted = scores.select(scores.is_counted)
    mixture = fit_mixture(counted)
    mixed = mix(counted, mixture)
    calibration = fit_calibration(mixed, counted)
    points = {
        fpr: choose_threshold(mixed, counted, calibration, fpr=fpr)
        for fpr in FPR_BUDGETS
    }
    return Decision(mixture, calibration, points)


def _separate(
    scores: NDArray[np.float64], counted: LeftOutScores, *, seed: int
) -> dict[str, Any]:
    groups = counted.pictures.group[counted.picture]
    weights = draw_group_weights(groups, counted.is_fake, seed=seed, rounds=_ROUNDS)
    found = measure_separation(scores, counted.is_fake, weights)
    return {
        "scores": int(counted.is_fake.size),
        "auc": found.auc.as_json(),
        "tpr_at_1_percent_fpr": found.tpr[0.01].as_json(),
    }


def _per_family(
    mixed: NDArray[np.float64], scores: LeftOutScores
) -> dict[str, dict[str, float]]:
    families = scores.pictures.family[scores.picture]
    films = scores.is_film
    table: dict[str, dict[str, float]] = {}
    for family in np.unique(families[scores.is_fake]):
        mask = films | (scores.is_fake & (families == family))
        table[str(family)] = {
            "scores": int((mask & scores.is_fake).sum()),
            "auc": round(area_under_curve(mixed[mask], scores.is_fake[mask]), 4),
            "tpr_at_1_percent_fpr": round(
                tpr_at_fpr(mixed[mask], scores.is_fake[mask], 0.01), 4
            ),
        }
    return table


def _false_alarms(
    probability: NDArray[np.float64], scores: LeftOutScores, threshold: float
) -> dict[str, float]:
    reals = ~scores.is_fake
    return {
        str(origin): round(
            float((probability[reals & (scores.origin == origin)] >= threshold).mean()),
            4,
        )
        for origin in np.unique(scores.origin[reals])
    }


def left_out_metrics(
    scores: LeftOutScores,
    decision: Decision,
    conditions: Sequence[str],
    *,
    seed: int,
) -> dict[str, Any]:
    """Return the figures of left-out scores, for the card."""
    mixed = mix(scores, decision.mixture)
    probability = decision.probabilities(mixed)
    mask = scores.is_counted
    counted = scores.select(mask)
    flagged = probability[mask] >= decision.threshold
    weights = balanced_weights(counted)
    films, fakes = counted.is_film, counted.is_fake
    per_condition = {}
    for index, name in enumerate(conditions):
        of_condition = counted.condition == index
        if np.unique(fakes[of_condition]).size == 2:
            per_condition[name] = _separate(
                mixed[mask][of_condition], counted.select(of_condition), seed=seed
            )
    return {
        "left_out": {
            "protocol": f"{FOLDS} folds over families of sources and generators; whole "
            "pictures under set conditions; films against generated pictures",
            **_separate(mixed[mask], counted, seed=seed),
            "calibration_error": round(calibration_error(probability[mask], fakes), 4),
            "per_condition": per_condition,
            "per_generator_family": _per_family(mixed, scores),
            "members": {
                name: {
                    "weight": round(decision.mixture.get(name, 0.0), 4),
                    **_separate(values[mask], counted, seed=seed),
                }
                for name, values in scores.members.items()
            },
        },
        "left_out_false_alarms": _false_alarms(probability, scores, decision.threshold),
        "left_out_caught": round(
            float(np.average(flagged[fakes], weights=weights[fakes])), 4
        ),
        "left_out_false_alarm_rate": round(
            float(np.average(flagged[films], weights=weights[films])), 4
        ),
    }


def describe_sources(samples: Sequence[Sample]) -> dict[str, Any]:
    """Return where `samples` come from and under which licences, for a card."""
    counts = Counter((s.origin, s.is_fake) for s in samples)
    return {
        "sources": [
            {
                "name": origin,
                "label": "fake" if is_fake else "real",
                "pictures": count,
                "licences": sorted({s.licence for s in samples if s.origin == origin}),
            }
            for (origin, is_fake), count in sorted(counts.items())
        ],
        "licence_note": licence_note(samples),
    }


def make_card(
    payload: bytes,
    *,
    samples: Sequence[Sample],
    decision: Decision,
    metrics: Mapping[str, Any],
    training: Mapping[str, Any],
    hint: FamilyHint | None,
    max_tiles: int,
    seed: int,
) -> ModelCard:
    """Return the card of the model `payload`."""
    digest = digest_samples(samples)
    return ModelCard(
        name=MODEL_NAME,
        version=f"{MODEL_VERSION}-{digest[:8]}-{seed}",
        sha256=hashlib.sha256(payload).hexdigest(),
        input_spec={
            "kind": INPUT_KIND,
            "features": feature_count(),
            "tile_px": TILE_PX,
            "max_tiles": max_tiles,
        },
        classes=("real", "generated"),
        calibration=decision.calibration,
        operating_points=decision.operating_points,
        default_fpr=DEFAULT_FPR,
        data_digest=digest,
        training={**describe_sources(samples), **training},
        metrics=metrics,
        limits=_LIMITS,
        family_hint=None if hint is None else hint.as_fields(),
    )
