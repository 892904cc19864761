"""The check that a picture is a radiograph, as a model with a card."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from workers.lanes.synthesis.content import CONTENT_MODEL_NAME
from workers.lanes.synthesis.thumbnail import (
    CONTENT_FEATURE_VERSION,
    content_feature_names,
)
from workers.model_card import ModelCard
from workers.training.content import (
    ContentModel,
    ContentTable,
    content_figures,
    fit_calibration,
    fit_rows,
    measure_content,
    score_left_out,
)
from workers.training.data import Sample, digest_samples
from workers.training.make_card import Candidate, describe_sources

MODEL_VERSION = "0.1"
# Share of radiographs, of families never seen, that may be refused.
REFUSAL_BUDGETS = (0.002, 0.005, 0.01)
DEFAULT_BUDGET = 0.005
_OPSETS = (helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3))
_IR_VERSION = 9
_LIMITS = (
    "Favours recall: a radiograph refused is a forgery missed, so photographs pass.",
    "Knows a thumbnail of 128 px, both polarities; colour is asked before it.",
)


def build_content_model(model: ContentModel) -> bytes:
    """Return the ONNX bytes: `features` float32 (n, 60) in, `log_odds` (n, 1) out."""
    machine = model.machine
    nodes = [
        helper.make_node("Sub", ["features", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "scale"], ["scaled"]),
        helper.make_node(
            "SVMRegressor",
            ["scaled"],
            ["log_odds"],
            domain="ai.onnx.ml",
            kernel_type="RBF",
            kernel_params=[float(machine.gamma), 0.0, 0.0],
            n_supports=int(machine.support_vectors_.shape[0]),
            support_vectors=machine.support_vectors_.ravel().tolist(),
            coefficients=machine.dual_coef_.ravel().tolist(),
            rho=[float(machine.intercept_[0])],
        ),
    ]
    constants = [
        numpy_helper.from_array(value.astype(np.float32), name)
        for name, value in (("mean", model.mean), ("scale", model.scale))
    ]
    graph = helper.make_graph(
        nodes,
        CONTENT_MODEL_NAME,
        [
            helper.make_tensor_value_info(
                "features", TensorProto.FLOAT, ["n", model.mean.size]
            )
        ],
        [helper.make_tensor_value_info("log_odds", TensorProto.FLOAT, ["n", 1])],
        constants,
    )
    proto = helper.make_model(graph, opset_imports=_OPSETS)
    proto.ir_version = _IR_VERSION
    onnx.checker.check_model(proto)
    payload: bytes = proto.SerializeToString()
    return payload


def fit_table(
    table: ContentTable, *, samples: Sequence[Sample] = ()
) -> tuple[Candidate, NDArray[np.float64]]:
    """Return the model of `table` with its card, and the scores behind its thresholds.

    samples: what `table` was measured on, for the card.
    """
    left_out = score_left_out(table)
    calibration = fit_calibration(table, left_out)
    films = left_out[table.is_radiograph]
    points = {
        budget: calibration.probability(float(np.quantile(films, 1.0 - budget)))
        for budget in REFUSAL_BUDGETS
    }
    chance = np.array([calibration.probability(float(v)) for v in left_out])
    payload = build_content_model(
        fit_rows(table, np.ones(table.families.size, np.bool_))
    )
    digest = digest_samples(samples)
    card = ModelCard(
        name=CONTENT_MODEL_NAME,
        version=f"{MODEL_VERSION}-{digest[:8]}",
        sha256=hashlib.sha256(payload).hexdigest(),
        input_spec={
            "kind": CONTENT_FEATURE_VERSION,
            "features": list(content_feature_names()),
        },
        classes=("radiograph", "other"),
        calibration=calibration,
        operating_points=points,
        default_fpr=DEFAULT_BUDGET,
        data_digest=digest,
        training=describe_sources(samples),
        metrics={
            "left_out_refused": content_figures(table, chance >= points[DEFAULT_BUDGET])
        },
        limits=_LIMITS,
    )
    return Candidate(card=card, payload=payload), left_out


def train_content(
    samples: Sequence[Sample],
    *,
    seed: int = 1,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Candidate:
    """Return the model fitted to `samples`; about three minutes for 1,400."""
    table = measure_content(samples, seed=seed, report=report)
    return fit_table(table, samples=samples)[0]
