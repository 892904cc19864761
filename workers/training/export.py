"""The fitted members as one ONNX model: features and tiles in, log-odds out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from workers.errors import ModelError
from workers.lanes.synthesis.family import SCORE_FLOOR
from workers.training.family_hint import FamilyHint
from workers.training.members import COMMITTEE, NETWORK, Members
from workers.training.perceptron import FEATURE_LIMIT, SCORE_LIMIT, Committee
from workers.training.residual_onnx import IR_VERSION, OPSET, build_network_graph

_MAX_MODEL_BYTES = 15_000_000
_AGREEMENT = 1e-3  # log-odds


def _committee_nodes(
    committee: Committee, output: str, hint: FamilyHint | None
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    constants = {
        "mean": committee.mean,
        "scale": committee.scale,
        "whitening": committee.whitening,
        "hidden_weight": committee.hidden[0],
        "hidden_bias": committee.hidden[1],
        "output_weight": committee.output[0][:, None],
        "output_bias": np.array([committee.output[1]], np.float32),
        "feature_low": np.array(-FEATURE_LIMIT, np.float32),
        "feature_high": np.array(FEATURE_LIMIT, np.float32),
        "score_low": np.array(-SCORE_LIMIT, np.float32),
        "score_high": np.array(SCORE_LIMIT, np.float32),
    }
    steps = (
        ("Sub", ("features", "mean")),
        ("Div", ("scale",)),
        ("Clip", ("feature_low", "feature_high")),
        ("MatMul", ("whitening",)),
        ("Gemm", ("hidden_weight", "hidden_bias")),
        ("Relu", ()),
        ("Gemm", ("output_weight", "output_bias")),
        ("Clip", ("score_low", "score_high")),
    )
    nodes: list[onnx.NodeProto] = []
    head: tuple[str, ...] = ()
    for number, (kind, inputs) in enumerate(steps):
        name = output if number == len(steps) - 1 else f"committee_{number}"
        nodes.append(helper.make_node(kind, [*head, *inputs], [name]))
        head = (name,)
    if hint is not None:
        constants["family_weight"] = hint.weight
        constants["family_bias"] = hint.bias
        constants["family_floor"] = np.array(SCORE_FLOOR, np.float32)
        scaled = "committee_2"
        nodes += [
            helper.make_node(
                "Gemm", [scaled, "family_weight", "family_bias"], ["family_logits"]
            ),
            helper.make_node("LogSoftmax", ["family_logits"], ["family_log"], axis=1),
            helper.make_node(
                "Clip", ["family_log", "family_floor"], ["family_log_probabilities"]
            ),
        ]
    return nodes, [numpy_helper.from_array(v, k) for k, v in constants.items()]


def build_model(
    members: Members,
    mixture: Mapping[str, float],
    *,
    features: int,
    hint: FamilyHint | None = None,
) -> bytes:
    """Return the ONNX bytes of the weighted members.

    Inputs, only those needed: `features` float32 (n, features), `tiles` uint8
    (n, 1, 256, 256). Outputs: `log_odds` float32 (n, 1), and with a hint
    `family_log_probabilities` float32 (n, families).
    """
    inputs: list[onnx.ValueInfoProto] = []
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []
    terms: list[str] = []
    if COMMITTEE in mixture:
        inputs.append(
            helper.make_tensor_value_info(
                "features", TensorProto.FLOAT, ["n", features]
            )
        )
        made, held = _committee_nodes(members.committee, "committee_log_odds", hint)
        nodes += made
        constants += held
        terms.append(_weigh("committee_log_odds", mixture[COMMITTEE], nodes, constants))
    if NETWORK in mixture and members.network is not None:
        from workers.training.residual_net import state_arrays

        graph = build_network_graph(state_arrays(members.network))
        inputs += graph.input
        nodes += graph.node
        constants += graph.initializer
        terms.append(_weigh("net_log_odds", mixture[NETWORK], nodes, constants))
    nodes.append(helper.make_node("Sum", terms, ["log_odds"]))
    graph = helper.make_graph(
        nodes,
        "synthesis",
        inputs,
        _outputs(hint if COMMITTEE in mixture else None),
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    payload: bytes = model.SerializeToString()
    if len(payload) > _MAX_MODEL_BYTES:
        raise ModelError(f"the model is too large: {len(payload)} bytes")
    return payload


def _outputs(hint: FamilyHint | None) -> list[onnx.ValueInfoProto]:
    shapes = {"log_odds": 1}
    if hint is not None:
        shapes["family_log_probabilities"] = hint.bias.size
    return [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size])
        for name, size in shapes.items()
    ]


def _weigh(
    name: str,
    weight: float,
    nodes: list[onnx.NodeProto],
    constants: list[onnx.TensorProto],
) -> str:
    factor = f"{name}_weight"
    constants.append(numpy_helper.from_array(np.array(weight, np.float32), factor))
    nodes.append(helper.make_node("Mul", [name, factor], [f"{name}_weighed"]))
    return f"{name}_weighed"


def check_model(
    payload: bytes,
    mixture: Mapping[str, float],
    expected: Mapping[str, NDArray[np.float64]],
    *,
    features: NDArray[np.float32],
    tiles: NDArray[np.uint8],
) -> None:
    """Raise ModelError unless the ONNX model says what the members say.

    expected: score per member of the same tiles, uint8 (n, 256, 256).
    """
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(payload, options, providers=["CPUExecutionProvider"])
    given: dict[str, NDArray[np.generic]] = {
        "features": features,
        "tiles": tiles[:, None],
    }
    wanted = {value.name for value in session.get_inputs()}
    (values,) = session.run(["log_odds"], {name: given[name] for name in wanted})
    mixed = np.sum(
        [weight * expected[name] for name, weight in mixture.items()], axis=0
    )
    difference = float(np.abs(np.asarray(values).ravel() - mixed).max())
    if not difference <= _AGREEMENT:
        raise ModelError(f"ONNX and the fitted members differ by {difference:.2g}")
