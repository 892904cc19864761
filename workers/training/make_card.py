"""From tile features to a model with its card: fit, calibrate, threshold, convert."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from skl2onnx import to_onnx
from sklearn.pipeline import Pipeline

from workers.errors import ModelError
from workers.lanes.synthesis.features import FEATURE_VERSION, TILE_PX, feature_count
from workers.model_card import ModelCard, PlattCalibration
from workers.training.data import Sample, digest_samples
from workers.training.families import family_of
from workers.training.fit import (
    FOLDS,
    NetworkSize,
    ViewScores,
    balanced_view_weights,
    choose_threshold,
    fit_calibration,
    fit_network,
    join_view_scores,
    score_left_out,
)
from workers.training.leak_probe import probe_leak
from workers.training.licences import licence_note
from workers.training.metrics import area_under_curve, tpr_at_fpr
from workers.training.views import TileTable

MODEL_NAME = "synthesis"
# 40 tiles cost about 0.6 s on one slow core (docs/models/synthesis.md, cost).
MAX_TILES = 40
FPR_BUDGETS = (0.005, 0.01, 0.03)
DEFAULT_FPR = 0.01
_OPSET = {"": 17, "ai.onnx.ml": 3}
_MAX_MODEL_BYTES = 15_000_000
_AGREEMENT = 1e-4
_LIMITS = (
    "Not for films below 256 px on a side.",
    "No check that the picture is a radiograph: other pictures get a number too.",
    "Suspicion is calibrated for equal shares of real and generated films.",
    "Most training fakes are photographs and art; the decoder's traces carry over to "
    "radiographs, their content does not.",
    "Weak after halving the size, and on films compressed twice.",
)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A fitted model: the ONNX bytes, and the card that names them."""

    card: ModelCard
    payload: bytes


def convert_model(fitted: Pipeline, check: NDArray[np.float32]) -> bytes:
    """Return `fitted` as ONNX bytes. Raises ModelError unless both agree on `check`."""
    model = to_onnx(
        fitted,
        check[:1],
        name=MODEL_NAME,
        options={id(fitted): {"zipmap": False}},
        target_opset=_OPSET,
    )
    payload: bytes = model.SerializeToString()
    if len(payload) > _MAX_MODEL_BYTES:
        raise ModelError(f"the model is too large: {len(payload)} bytes")
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(payload, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    converted = session.run(["probabilities"], {name: check})[0]
    difference = float(np.abs(converted - fitted.predict_proba(check)).max())
    if difference > _AGREEMENT:
        raise ModelError(f"ONNX and the fitted model differ by {difference:.2g}")
    return payload


def _left_out_figures(views: ViewScores) -> dict[str, Any]:
    """Return figures of left-out views, over all and for each family of generators."""
    films = ~views.is_fake & (views.kinds != "photo")
    per_family: dict[str, dict[str, float]] = {}
    families = np.array([family_of(origin) for origin in views.origins])
    for family in np.unique(families[views.is_fake]):
        mask = films | (views.is_fake & (families == family))
        scores, is_fake = views.scores[mask], views.is_fake[mask]
        per_family[str(family)] = {
            "views": int(is_fake.sum()),
            "auc": round(area_under_curve(scores, is_fake), 4),
            "tpr_at_1_percent_fpr": round(tpr_at_fpr(scores, is_fake, 0.01), 4),
        }
    mask = films | (views.is_fake & (views.kinds != "aligned"))
    scores, is_fake = views.scores[mask], views.is_fake[mask]
    return {
        "protocol": f"{FOLDS} folds over families of sources and generators; random "
        "post-processing of both classes; films against generated pictures",
        "views": int(mask.sum()),
        "auc": round(area_under_curve(scores, is_fake), 4),
        "tpr_at_1_percent_fpr": round(tpr_at_fpr(scores, is_fake, 0.01), 4),
        "per_generator_family": per_family,
    }


def _false_alarms(
    views: ViewScores, probability: NDArray[np.float64], threshold: float
) -> dict[str, float]:
    reals = ~views.is_fake
    return {
        str(origin): round(
            float((probability[reals & (views.origins == origin)] >= threshold).mean()),
            4,
        )
        for origin in np.unique(views.origins[reals])
    }


def _metrics(
    views: ViewScores,
    table: TileTable,
    calibration: PlattCalibration,
    threshold: float,
    *,
    seed: int,
) -> dict[str, Any]:
    probability = np.array([calibration.probability(s) for s in views.scores])
    fakes = views.is_fake & (views.kinds != "aligned")
    caught = np.average(
        probability[fakes] >= threshold, weights=balanced_view_weights(views)[fakes]
    )
    leak = probe_leak(table.histograms, table.is_fake, table.groups, seed=seed)
    return {
        "left_out": _left_out_figures(views),
        "left_out_false_alarms": _false_alarms(views, probability, threshold),
        "left_out_caught": round(float(caught), 4),
        "leak_probe_on_training_tiles": {
            "auc": round(leak.auc, 4),
            "is_valid": leak.is_valid,
        },
    }


def _training_facts(samples: Sequence[Sample], table: TileTable) -> dict[str, Any]:
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
        "tiles": int(table.is_fake.size),
        "views": int(np.unique(table.view).size),
    }


def build_candidate(
    table: TileTable,
    *,
    samples: Sequence[Sample],
    size: NetworkSize,
    seed: int,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Candidate:
    """Return the model fitted to all of `table`, calibrated on families left out."""
    parts: list[ViewScores] = []
    for scored in score_left_out(table, size=size, seed=seed):
        parts.append(scored)
        report(len(parts), FOLDS + 1)
    views = join_view_scores(parts)
    calibration = fit_calibration(views)
    points = {fpr: choose_threshold(views, calibration, fpr=fpr) for fpr in FPR_BUDGETS}
    fitted = fit_network(table, size=size, seed=seed)
    payload = convert_model(fitted, table.features[:64])
    report(FOLDS + 1, FOLDS + 1)
    digest = digest_samples(samples)
    card = ModelCard(
        name=MODEL_NAME,
        version=f"0.1-{digest[:8]}-{seed}",
        sha256=hashlib.sha256(payload).hexdigest(),
        input_spec={
            "kind": FEATURE_VERSION,
            "features": feature_count(),
            "tile_px": TILE_PX,
            "max_tiles": MAX_TILES,
        },
        classes=("real", "generated"),
        calibration=calibration,
        operating_points=points,
        default_fpr=DEFAULT_FPR,
        data_digest=digest,
        training=_training_facts(samples, table),
        metrics=_metrics(views, table, calibration, points[DEFAULT_FPR], seed=seed),
        limits=_LIMITS,
    )
    return Candidate(card=card, payload=payload)
