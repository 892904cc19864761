"""A tiny latent autoencoder, run to make fakes that differ from a film in nothing else.

A real film passed through the encoder and decoder of a latent-diffusion image codec
comes back with the decoder's fingerprint and its own content, so a detector trained on
the pair cannot learn content (aligned fakes, docs/models/synthesis.md).

The weights are two `.npz` files of numbered layers. They are not part of the project.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

ENCODER_FILE = "taef2_encoder.npz"
DECODER_FILE = "taef2_decoder.npz"
LATENT_STRIDE_PX = 8
_OPSET = 21  # GroupNormalization as specified (one scale per channel) from 21 on


class _Graph:
    """An ONNX graph grown layer by layer; `head` names the newest value."""

    def __init__(self, weights: dict[str, NDArray[np.float32]], head: str) -> None:
        self.weights = weights
        self.head = head
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        self.head = name
        return name

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        self.constants[name] = numpy_helper.from_array(values, name)
        return name

    def convolve(self, key: str, *, stride: int = 1) -> str:
        weight = self.weights[f"{key}.weight"]
        inputs = [self.head, self.constant(f"{key}.weight", weight)]
        if f"{key}.bias" in self.weights:
            inputs.append(self.constant(f"{key}.bias", self.weights[f"{key}.bias"]))
        pad = weight.shape[-1] // 2
        return self.add("Conv", *inputs, strides=[stride] * 2, pads=[pad] * 4)

    def pool(self, key: str) -> str:
        start = self.head
        self.convolve(f"{key}.0")
        scale = self.constant(f"{key}.s", self.weights[f"{key}.1.weight"])
        shift = self.constant(f"{key}.b", self.weights[f"{key}.1.bias"])
        self.add("GroupNormalization", self.head, scale, shift, num_groups=4)
        self.add("Relu", self.head)
        self.convolve(f"{key}.3")
        return self.add("Add", start, self.head)

    def block(self, key: str) -> str:
        if f"{key}.pool.0.weight" in self.weights:
            self.pool(f"{key}.pool")
        start = self.head
        for position in (0, 2, 4):
            self.convolve(f"{key}.conv.{position}")
            if position < 4:
                self.add("Relu", self.head)
        self.add("Add", start, self.head)
        return self.add("Relu", self.head)

    def upsample(self) -> str:
        scales = self.constant("x2", np.array([1, 1, 2, 2], np.float32))
        return self.add("Resize", self.head, "", scales, mode="nearest")

    def session(self, source: str) -> ort.InferenceSession:
        shape = [1, None, None, None]
        graph = helper.make_graph(
            self.nodes,
            "codec",
            [helper.make_tensor_value_info(source, TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(self.head, TensorProto.FLOAT, shape)],
            list(self.constants.values()),
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=10
        )
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        return ort.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )


def _load_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    with np.load(path, allow_pickle=False) as archive:
        return {key: archive[key].astype(np.float32) for key in archive.files}


def _layer_numbers(weights: dict[str, NDArray[np.float32]]) -> list[int]:
    heads = (re.match(r"\d+", key) for key in weights)
    return sorted({int(head.group()) for head in heads if head})


def _build_encoder(path: Path) -> ort.InferenceSession:
    graph = _Graph(_load_weights(path), "image")
    for number in _layer_numbers(graph.weights):
        key = str(number)
        if f"{key}.conv.0.weight" in graph.weights:
            graph.block(key)
        else:
            # The bias-free convolutions of the encoder are its downsampling steps.
            halves = f"{key}.bias" not in graph.weights
            graph.convolve(key, stride=2 if halves else 1)
    return graph.session("image")


def _build_decoder(path: Path) -> ort.InferenceSession:
    graph = _Graph(_load_weights(path), "latent")
    three = graph.constant("three", np.array(3.0, np.float32))
    graph.add("Div", "latent", three)
    graph.add("Tanh", graph.head)
    graph.add("Mul", graph.head, three)
    numbers = _layer_numbers(graph.weights)
    for number in numbers:
        key = str(number)
        if f"{key}.conv.0.weight" in graph.weights:
            graph.block(key)
            continue
        if f"{key}.bias" not in graph.weights:
            graph.upsample()
        graph.convolve(key)
        if number == numbers[0]:
            graph.add("Relu", graph.head)
    return graph.session("latent")


@dataclass(frozen=True)
class LatentCodec:
    """Encoder and decoder, ready to run on the CPU."""

    encode: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    decode: Callable[[NDArray[np.float32]], NDArray[np.float32]]

    def round_trip(self, luma: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return `luma` (0..1) encoded and decoded, cut to multiples of 8 px."""
        rows = luma.shape[0] // LATENT_STRIDE_PX * LATENT_STRIDE_PX
        columns = luma.shape[1] // LATENT_STRIDE_PX * LATENT_STRIDE_PX
        picture = np.repeat(luma[None, None, :rows, :columns], 3, axis=1)
        decoded = self.decode(self.encode(picture.astype(np.float32)))
        # Rec. 601, as everywhere in this project.
        mixed = np.tensordot(
            np.array([0.299, 0.587, 0.114], np.float32), decoded[0], axes=1
        )
        return np.asarray(np.clip(mixed, 0.0, 1.0), np.float32)


def load_latent_codec(folder: Path) -> LatentCodec | None:
    """Return the codec whose weights lie in `folder`, None where they are missing."""
    encoder_path, decoder_path = folder / ENCODER_FILE, folder / DECODER_FILE
    if not (encoder_path.is_file() and decoder_path.is_file()):
        return None
    encoder = _build_encoder(encoder_path)
    decoder = _build_decoder(decoder_path)

    def run(session: ort.InferenceSession, name: str) -> Callable[..., NDArray]:  # type: ignore[type-arg]
        return lambda values: session.run(None, {name: values})[0]

    return LatentCodec(encode=run(encoder, "image"), decode=run(decoder, "latent"))
