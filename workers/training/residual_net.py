"""A small residual network on luma tiles, trained with PyTorch, shipped as ONNX.

The front end is fixed: five high-pass residuals of the tile, each divided by its own
mean magnitude and cut to -3..3, as steganalysis does (Fridrich and Kodovsky, IEEE TIFS
2012; Boroumand et al., IEEE TIFS 2019), so that content and contrast say little. No
pooling before the second stage: the traces are at the pixel's own scale.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from workers.lanes.synthesis.features import TILE_PX
from workers.training.residual_onnx import RESIDUAL_CUT, SPREAD_FLOOR, SPREAD_GAIN

WIDTHS = (32, 48, 64)


@dataclass(frozen=True)
class NetPlan:
    """How the network is trained.

    tiles: how many random crops are seen in all.  crop_px: their side.
    smoothing: of the labels.  average: decay of the running mean of the weights, which
        is what ships (scores of single checkpoints wander between sources).
    """

    tiles: int = 400_000
    crop_px: int = 128
    batch: int = 64
    rate: float = 2e-3
    decay: float = 0.02
    smoothing: float = 0.02
    average: float = 0.998


def high_pass_kernels() -> NDArray[np.float32]:
    """Return the fixed kernels of the front end, float32 (5, 1, 5, 5).

    Every value is exact in bfloat16, in which the network is trained: thirds are not,
    and a kernel that no longer sums to nothing lets brightness in.
    """
    kernels = np.zeros((5, 1, 5, 5), np.float32)
    kernels[0, 0, 2, 1:4] = np.array([1, -2, 1]) / 2
    kernels[1, 0, 1:4, 2] = np.array([1, -2, 1]) / 2
    kernels[2, 0, 1:4, 1:4] = np.array([[-1, 2, -1], [2, -4, 2], [-1, 2, -1]]) / 4
    binomial = np.array([1, 4, 6, 4, 1]) / 16
    kernels[3, 0] = -np.outer(binomial, binomial)
    kernels[3, 0, 2, 2] += 1.0
    kernels[4, 0] = (
        np.array(
            [
                [-1, 2, -2, 2, -1],
                [2, -6, 8, -6, 2],
                [-2, 8, -12, 8, -2],
                [2, -6, 8, -6, 2],
                [-1, 2, -2, 2, -1],
            ]
        )
        / 16
    )
    return kernels


class _FrontEnd(nn.Module):
    """(n, 1, h, w) levels 0..255 -> (n, 5, h, w) normalised residuals."""

    kernels: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("kernels", torch.from_numpy(high_pass_kernels()))

    def forward(self, levels: Tensor) -> Tensor:
        residual = F.conv2d(levels, self.kernels)
        spread = residual.abs().mean((2, 3), keepdim=True) * SPREAD_GAIN + SPREAD_FLOOR
        return torch.clamp(residual / spread, -RESIDUAL_CUT, RESIDUAL_CUT)


def _convolve(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs)
    )


class _Residual(nn.Module):
    """Two convolutions beside a skip."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = _convolve(width, width), _convolve(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(F.relu(self.first(x))))


class ResidualNet(nn.Module):
    """(n, 1, h, w) luma levels -> (n,) log-odds of 'generated'; h, w: 64 or more."""

    def __init__(self) -> None:
        super().__init__()
        first, second, third = WIDTHS
        self.front = _FrontEnd()
        self.entries = nn.ModuleList(
            [_convolve(20, first), _convolve(first, second), _convolve(second, third)]
        )
        self.blocks = nn.ModuleList([_Residual(width) for width in WIDTHS])
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(2 * third, 1)

    def forward(self, levels: Tensor) -> Tensor:
        x = self.front(levels)
        # Each 2 x 2 block becomes channels: nothing is averaged away, at a quarter of
        # the cost of working at full size.
        x = F.pixel_unshuffle(x[..., : x.shape[-2] // 2 * 2, : x.shape[-1] // 2 * 2], 2)
        for number, (entry, block) in enumerate(
            zip(self.entries, self.blocks, strict=True)
        ):
            x = block(F.relu(entry(x if number == 0 else F.avg_pool2d(x, 2))))
        flat = x.float().flatten(2)
        pooled = torch.cat([flat.mean(2), flat.std(2)], 1)
        out: Tensor = self.head(self.drop(pooled))[:, 0]
        return out


def _pick_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _cut_batch(
    tiles: NDArray[np.uint8], picks: NDArray[np.int64], plan: NetPlan, rng: Any
) -> NDArray[np.float32]:
    """Return random crops of the picked tiles, turned and mirrored at random."""
    side = plan.crop_px
    batch = np.empty((picks.size, 1, side, side), np.float32)
    corners = rng.integers(0, TILE_PX - side + 1, (picks.size, 2))
    turns = rng.integers(0, 8, picks.size)
    for place, pick in enumerate(picks):
        top, left = corners[place]
        crop = np.rot90(tiles[pick, top : top + side, left : left + side], turns[place])
        batch[place, 0] = crop.T if turns[place] >= 4 else crop
    return batch


@dataclass(eq=False)
class _Run:
    """What a checkpoint holds: enough to go on as if nothing had happened."""

    net: ResidualNet
    mean: ResidualNet
    optimiser: torch.optim.AdamW
    step: int = 0

    def save(self, path: Path) -> None:
        part = path.with_name(f"{path.name}.part")
        torch.save(
            {
                "net": self.net.state_dict(),
                "mean": self.mean.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "step": self.step,
            },
            part,
        )
        part.replace(path)

    def load(self, path: Path) -> None:
        held = torch.load(path, weights_only=True)
        self.net.load_state_dict(held["net"])
        self.mean.load_state_dict(held["mean"])
        self.optimiser.load_state_dict(held["optimiser"])
        self.step = int(held["step"])


def _start_run(plan: NetPlan, seed: int, device: torch.device) -> _Run:
    torch.manual_seed(seed)
    made: Any = ResidualNet()  # PyTorch's own types know no memory format here
    net: ResidualNet = made.to(device, memory_format=torch.channels_last)
    kernels = [value for value in net.parameters() if value.ndim > 1]
    others = [value for value in net.parameters() if value.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [
            {"params": kernels, "weight_decay": plan.decay},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=plan.rate,
    )
    return _Run(net, copy.deepcopy(net), optimiser)


def _step(run: _Run, levels: Tensor, wanted: Tensor, plan: NetPlan) -> float:
    with torch.autocast(levels.device.type, torch.bfloat16):
        scores = run.net(levels)
    loss = F.binary_cross_entropy_with_logits(scores.float(), wanted)
    run.optimiser.zero_grad()
    torch.autograd.backward(loss)
    run.optimiser.step()
    run.step += 1
    keep = min(plan.average, run.step / (run.step + 10))
    with torch.no_grad():
        pairs = zip(
            run.mean.state_dict().values(), run.net.state_dict().values(), strict=True
        )
        for mean, value in pairs:
            if mean.dtype.is_floating_point:
                mean.mul_(keep).add_(value, alpha=1 - keep)
    return loss.item()


def train_network(
    tiles: NDArray[np.uint8],
    places: NDArray[np.int64],
    is_fake: NDArray[np.bool_],
    weights: NDArray[np.float64],
    *,
    plan: NetPlan,
    seed: int,
    checkpoint: Path | None = None,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> ResidualNet:
    """Return the network fitted to `tiles[places]`, (n, 256, 256) 8-bit levels.

    weights: how often a tile is drawn.  checkpoint: written once a
    minute and continued from if it is there.  The draws of a step depend on `seed` and
    its number alone, so a run that was cut off goes on as it would have.
    """
    device = _pick_device()
    run = _start_run(plan, seed, device)
    if checkpoint is not None and checkpoint.is_file():
        run.load(checkpoint)
    steps = max(plan.tiles // plan.batch, 1)
    edges = np.cumsum(weights) / weights.sum()
    saved = time.monotonic()
    run.net.train()
    while run.step < steps:
        rng = np.random.default_rng([seed, run.step])
        picks = np.searchsorted(edges, rng.random(plan.batch), side="right")
        picks = np.minimum(picks, edges.size - 1)
        levels = torch.from_numpy(_cut_batch(tiles, places[picks], plan, rng)).to(
            device, memory_format=torch.channels_last
        )
        wanted = torch.from_numpy(is_fake[picks].astype(np.float32)).to(device)
        share = run.step / steps
        for group in run.optimiser.param_groups:
            rise = min(1.0, (run.step + 1) / 100)
            group["lr"] = plan.rate * rise * 0.5 * (1 + math.cos(math.pi * share))
        _step(run, levels, wanted * (1 - 2 * plan.smoothing) + plan.smoothing, plan)
        if run.step % 20 == 0 or run.step == steps:
            report(run.step, steps)
        if checkpoint is not None and time.monotonic() - saved > 60:
            run.save(checkpoint)
            saved = time.monotonic()
    if checkpoint is not None:
        run.save(checkpoint)
    return run.mean.eval()


def state_arrays(net: ResidualNet) -> Mapping[str, NDArray[np.float32]]:
    """Return the weights by name, as the exporter wants them."""
    return {
        name: value.detach().float().cpu().numpy()
        for name, value in net.state_dict().items()
        if value.dtype.is_floating_point
    }
