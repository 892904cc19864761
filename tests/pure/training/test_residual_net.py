"""The residual network: learns, resumes, and is the same model in ONNX."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
import pytest

pytest.importorskip("torch", reason="needs PyTorch, which `make torch` adds")
pytest.importorskip("onnx", reason="needs the train extra")

import onnx
import torch

from workers.lanes.synthesis.lane import MODEL_NAME
from workers.lanes.synthesis.scorer import TileScorer
from workers.model_card import write_model
from workers.training.data import load_manifest
from workers.training.members import MemberPlan
from workers.training.perceptron import CommitteePlan
from workers.training.residual_net import (
    NetPlan,
    ResidualNet,
    state_arrays,
    train_network,
)
from workers.training.residual_onnx import build_network_graph, score_tiles
from workers.training.tables import ViewPlan
from workers.training.train import TrainingPlan, Workshop, train_synthesis

pytestmark = pytest.mark.slow


def make_tiles(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return noise tiles; the second half went through an upsampler."""
    rng = np.random.default_rng(0)
    tiles = rng.normal(128, 12, (count, 256, 256)).astype(np.float32)
    for index in range(count // 2, count):
        small = tiles[index, :128, :128]
        tiles[index] = cv2.resize(small, (256, 256), interpolation=cv2.INTER_LINEAR)
    levels = np.clip(np.rint(tiles), 0, 255).astype(np.uint8)
    return levels, np.arange(count) >= count // 2


def fit(steps: int, checkpoint: Path | None = None) -> ResidualNet:
    tiles, is_fake = make_tiles(24)
    return train_network(
        tiles,
        np.arange(24),
        is_fake,
        np.ones(24),
        plan=NetPlan(tiles=steps * 16, batch=16, crop_px=64, average=0.5),
        seed=3,
        checkpoint=checkpoint,
    )


@pytest.fixture(scope="module")
def network() -> ResidualNet:
    return fit(60)


def test_upsampled_noise_is_told_from_noise(network: ResidualNet) -> None:
    tiles, is_fake = make_tiles(24)
    scores = score_tiles(state_arrays(network), tiles, np.arange(24))
    assert scores[is_fake].min() > scores[~is_fake].max()


def test_brightness_does_not_get_past_the_front_end(network: ResidualNet) -> None:
    tiles, _ = make_tiles(4)
    levels = torch.from_numpy(tiles[:, None].clip(60, 180).astype(np.float32))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        dark, bright = (network(levels + shift).float() for shift in (-50, 50))
        exact = network.float()(levels)
    assert dark.numpy() == pytest.approx(bright.numpy(), abs=0.02)
    assert dark.numpy() == pytest.approx(exact.float().numpy(), abs=0.1)


def test_same_seed_gives_the_same_weights() -> None:
    first, second = (state_arrays(fit(4)) for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_run_that_was_cut_off_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "net.checkpoint"
    finished = state_arrays(fit(6, path))
    seen: list[int] = []
    tiles, is_fake = make_tiles(24)
    again = train_network(
        tiles,
        np.arange(24),
        is_fake,
        np.ones(24),
        plan=NetPlan(tiles=6 * 16, batch=16, crop_px=64, average=0.5),
        seed=3,
        checkpoint=path,
        report=lambda done, total: seen.append(done),
    )
    assert seen == []
    for name, values in state_arrays(again).items():
        assert np.array_equal(values, finished[name])


def test_onnx_graph_says_what_the_network_says(network: ResidualNet) -> None:
    tiles, _ = make_tiles(4)
    with torch.no_grad():
        levels = torch.from_numpy(tiles[:, None].astype(np.float32))
        wanted = network.float()(levels).numpy()
    graph = build_network_graph(state_arrays(network))
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9
    )
    onnx.checker.check_model(model)
    session = ort.InferenceSession(model.SerializeToString())
    (found,) = session.run(None, {"tiles": tiles[:, None]})
    assert found.ravel() == pytest.approx(wanted, abs=1e-3)


@pytest.mark.timeout(600)
def test_training_with_a_network_ends_in_one_model_the_lane_loads(
    tiny_data_dir: Path, tmp_path: Path
) -> None:
    plan = TrainingPlan(
        views=ViewPlan(
            fewest=2,
            most=2,
            per_origin=2,
            tiles=2,
            judged_tiles=2,
            conditions=("as_is",),
        ),
        members=MemberPlan(
            CommitteePlan(members=2, hidden=16, penalty=0.1, rounds=40),
            network_tiles=640,
        ),
        aligned_per_kind=0,
    )
    shop = Workshop(cache_dir=tmp_path, weights_dir=tmp_path, processes=2)
    made = train_synthesis(
        load_manifest(tiny_data_dir), plan=plan, shop=shop, data_dir=tiny_data_dir
    )
    mixture = made.card.training["mixture"]
    assert set(made.card.metrics["left_out"]["members"]) == {
        "perceptrons",
        "real_only",
        "residual_network",
    }
    write_model(tmp_path / "models", made.card, made.payload)
    scorer = TileScorer(tmp_path / "models", MODEL_NAME)
    tiles, is_fake = make_tiles(6)
    scores, _ = scorer.score_tiles(list(tiles))
    assert np.isfinite(scores).all()
    assert scores[is_fake].mean() > scores[~is_fake].mean(), mixture
