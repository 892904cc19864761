"""The residual network as an ONNX graph, built from its weights alone (no PyTorch)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from workers.lanes.synthesis.features import TILE_PX

OPSET = 17
IR_VERSION = 9
_State = Mapping[str, NDArray[np.float32]]
# The front end, shared with `residual_net`, which needs PyTorch to be imported.
SPREAD_GAIN = 1.25  # mean magnitude -> about one standard deviation
SPREAD_FLOOR = 0.3  # in 8-bit levels: below it a residual is rounding, not texture
RESIDUAL_CUT = 3.0
_BATCH_NORM_EPSILON = 1e-5  # PyTorch's default
_STAGES = 3


class _Graph:
    def __init__(self, state: _State) -> None:
        self.state = state
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"net_{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, values: NDArray[np.generic]) -> str:
        name = f"net_constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def number(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def convolve(self, head: str, key: str, *, relu: bool) -> str:
        """Add a convolution with its batch normalisation folded in."""
        scale = self.state[f"{key}.1.weight"] / np.sqrt(
            self.state[f"{key}.1.running_var"] + _BATCH_NORM_EPSILON
        )
        weight = self.state[f"{key}.0.weight"] * scale[:, None, None, None]
        bias = self.state[f"{key}.1.bias"] - self.state[f"{key}.1.running_mean"] * scale
        names = (
            self.constant(weight.astype(np.float32)),
            self.constant(bias.astype(np.float32)),
        )
        out = self.add("Conv", head, *names, pads=[1, 1, 1, 1])
        return self.add("Relu", out) if relu else out


def _front_end(graph: _Graph, tiles: str) -> str:
    levels = graph.add("Cast", tiles, to=TensorProto.FLOAT)
    residual = graph.add("Conv", levels, graph.constant(graph.state["front.kernels"]))
    spread = graph.add(
        "ReduceMean", graph.add("Abs", residual), axes=[2, 3], keepdims=1
    )
    spread = graph.add("Mul", spread, graph.number(SPREAD_GAIN))
    spread = graph.add("Add", spread, graph.number(SPREAD_FLOOR))
    cut = graph.add(
        "Clip",
        graph.add("Div", residual, spread),
        graph.number(-RESIDUAL_CUT),
        graph.number(RESIDUAL_CUT),
    )
    side = (TILE_PX - 4) // 2
    shape = graph.constant(np.array([0, 5, side, 2, side, 2], np.int64))
    split = graph.add("Reshape", cut, shape)
    # Channel-major, as pixel_unshuffle orders it; SpaceToDepth orders by block.
    order = graph.add("Transpose", split, perm=[0, 1, 3, 5, 2, 4])
    return graph.add(
        "Reshape", order, graph.constant(np.array([0, 20, side, side], np.int64))
    )


def build_network_graph(
    state: _State, *, tiles: str = "tiles", log_odds: str = "net_log_odds"
) -> onnx.GraphProto:
    """Return the graph of `state` (`residual_net.state_arrays`).

    Input `tiles`: uint8 (n, 1, 256, 256) luma levels.
    Output `log_odds`: float32 (n, 1).
    """
    graph = _Graph(state)
    head = _front_end(graph, tiles)
    for stage in range(_STAGES):
        if stage:
            head = graph.add("AveragePool", head, kernel_shape=[2, 2], strides=[2, 2])
        head = graph.convolve(head, f"entries.{stage}", relu=True)
        inner = graph.convolve(head, f"blocks.{stage}.first", relu=True)
        inner = graph.convolve(inner, f"blocks.{stage}.second", relu=False)
        head = graph.add("Relu", graph.add("Add", head, inner))
    mean = graph.add("ReduceMean", head, axes=[2, 3], keepdims=1)
    apart = graph.add("Sub", head, mean)
    power = graph.add(
        "ReduceMean", graph.add("Mul", apart, apart), axes=[2, 3], keepdims=1
    )
    side = (TILE_PX - 4) // 2 // 4
    bessel = graph.number(side * side / (side * side - 1))
    spread = graph.add("Sqrt", graph.add("Mul", power, bessel))
    pooled = graph.add("Flatten", graph.add("Concat", mean, spread, axis=1))
    weight = graph.constant(graph.state["head.weight"].T.copy())
    graph.nodes.append(
        helper.make_node(
            "Gemm",
            [pooled, weight, graph.constant(graph.state["head.bias"])],
            [log_odds],
        )
    )
    return helper.make_graph(
        graph.nodes,
        "residual_net",
        [
            helper.make_tensor_value_info(
                tiles, TensorProto.UINT8, ["n", 1, TILE_PX, TILE_PX]
            )
        ],
        [helper.make_tensor_value_info(log_odds, TensorProto.FLOAT, ["n", 1])],
        graph.constants,
    )


def score_tiles(
    state: _State,
    tiles: NDArray[np.uint8],
    places: NDArray[np.int64],
    *,
    batch: int = 8,
) -> NDArray[np.float64]:
    """Return log-odds per tile of `tiles[places]`, (n, 256, 256) 8-bit levels.

    By the graph that ships, so that thresholds are read from the arithmetic in use and
    not from that of training (bfloat16).
    """
    model = helper.make_model(
        build_network_graph(state), opset_imports=[helper.make_opsetid("", OPSET)]
    )
    model.ir_version = IR_VERSION
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    scores = np.empty(places.size, np.float64)
    for start in range(0, places.size, batch):
        part = tiles[places[start : start + batch]][:, None]
        (values,) = session.run(None, {"tiles": part})
        scores[start : start + batch] = np.asarray(values).ravel()
    return scores
