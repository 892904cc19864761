"""Small decoders, trained on films, whose learned kernels leave a generator's traces.

Two tasks, as generators have them: an autoencoder (a film through four channels at a
quarter of its size and back) and super-resolution (a film at half its size, back to
full size). Both invent the lost grain from noise, and are judged by the spectrum of
what they invent (as Durall et al., CVPR 2020, recommend), not pixel by pixel: judged by
the pixel they would only blur, and a detector would learn to find blur.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

UPSAMPLERS: Final = ("transposed", "sub-pixel", "nearest")
STEP_PX: Final = 4
_LATENT_CHANNELS = 4
# Detail of a film is a few hundredths of its range; networks learn at about one.
_DETAIL = 0.05
_PATCH_PX = 32
_SPECTRUM_FLOOR = 1e-3
_SHAPE_WEIGHT = 60.0


@dataclass(frozen=True)
class DecoderPlan:
    """How one small decoder is made.

    levels: how often the picture is halved.  is_latent: the encoder is learned too;
    otherwise the decoder sees the mean over each block (super-resolution).
    """

    upsampler: str
    levels: int
    is_latent: bool
    width: int = 24
    steps: int = 600
    batch: int = 16
    crop_px: int = 96
    rate: float = 4e-3


AUTOENCODERS: Final = tuple(
    DecoderPlan(upsampler, levels=2, is_latent=True) for upsampler in UPSAMPLERS
)
SUPER_RESOLUTION: Final = tuple(
    DecoderPlan(upsampler, levels=1, is_latent=False) for upsampler in UPSAMPLERS
)


def _activate(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1), nn.LeakyReLU(0.2)
    )


def _upsample(upsampler: str, width: int) -> nn.Module:
    """Return the layer that doubles the size of (n, width, h, w)."""
    if upsampler == "transposed":
        return nn.ConvTranspose2d(width, width, 4, stride=2, padding=1)
    if upsampler == "sub-pixel":
        return nn.Sequential(
            nn.Conv2d(width, 4 * width, 3, padding=1), nn.PixelShuffle(2)
        )
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode=upsampler),
        nn.Conv2d(width, width, 3, padding=1),
    )


def _enlarge(low: Tensor, times: int) -> Tensor:
    return F.interpolate(low, scale_factor=times, mode="bilinear", align_corners=False)


class _Stage(nn.Module):
    """Doubles, adds noise of a learned strength per channel, convolves."""

    def __init__(self, plan: DecoderPlan) -> None:
        super().__init__()
        self.upsample = _upsample(plan.upsampler, plan.width)
        self.strength = nn.Parameter(torch.full((1, plan.width, 1, 1), 0.2))
        self.convolve = _activate(plan.width, plan.width)

    def forward(self, x: Tensor, generator: torch.Generator) -> Tensor:
        x = self.upsample(x)
        noise = torch.randn((x.shape[0], 1, *x.shape[2:]), generator=generator)
        # Grain grows with what is there: noise alone would lie evenly over the film.
        x = x + self.strength * noise * (1.0 + x)
        made: Tensor = self.convolve(F.leaky_relu(x, 0.2))
        return made


class SmallDecoder(nn.Module):
    """(n, 1, h, w) film, 0..1 -> the film made anew; h, w: multiples of `STEP_PX`."""

    def __init__(self, plan: DecoderPlan) -> None:
        super().__init__()
        self.scale = 2**plan.levels
        channels = _LATENT_CHANNELS if plan.is_latent else 1
        encoder: list[nn.Module] = []
        for level in range(plan.levels if plan.is_latent else 0):
            encoder.append(_activate(plan.width if level else 1, plan.width, stride=2))
        if plan.is_latent:
            encoder.append(nn.Conv2d(plan.width, channels, 3, padding=1))
        self.encoder = nn.Sequential(*encoder)
        self.is_latent = plan.is_latent
        self.entry = _activate(channels + 1, plan.width)
        self.stages = nn.ModuleList(_Stage(plan) for _ in range(plan.levels))
        self.exit = nn.Conv2d(plan.width, 1, 3, padding=1)

    def forward(self, film: Tensor, generator: torch.Generator) -> Tensor:
        low = F.avg_pool2d(film, self.scale)
        # The course of brightness need not be learned.
        base = _enlarge(low, self.scale)
        if self.is_latent:
            seen = self.encoder((film - base) / _DETAIL)
        else:
            seen = (low - _enlarge(F.avg_pool2d(low, 2), 2)) / _DETAIL
        x = self.entry(torch.cat([seen, low], 1))
        for stage in self.stages:
            x = stage(x, generator)
        made: Tensor = base + _DETAIL * self.exit(x)
        return made

    def round_trip(
        self, luma: NDArray[np.float32], rng: np.random.Generator
    ) -> NDArray[np.float32]:
        """Return `luma` (0..1) made anew, its sides cut to multiples of `STEP_PX`."""
        rows, columns = (side // STEP_PX * STEP_PX for side in luma.shape)
        film = torch.from_numpy(np.ascontiguousarray(luma[:rows, :columns]))[None, None]
        generator = torch.Generator().manual_seed(int(rng.integers(1 << 30)))
        with torch.no_grad():
            made = self.eval()(film, generator)[0, 0].numpy()
        return np.asarray(np.clip(made, 0.0, 1.0), np.float32)


def mean_spectrum(films: Tensor) -> Tensor:
    """Return the log amplitude, meaned over patches of 32 px: (n, 32, 17)."""
    patches = F.unfold(films, _PATCH_PX, stride=_PATCH_PX // 2)
    patches = patches.transpose(1, 2).reshape(len(films), -1, _PATCH_PX, _PATCH_PX)
    window = torch.hann_window(_PATCH_PX, periodic=False)
    patches = patches - patches.mean((2, 3), keepdim=True)
    waves = torch.fft.rfft2(patches * torch.outer(window, window))
    return torch.log(waves.abs() + _SPECTRUM_FLOOR).mean(1)


def _loss(made: Tensor, films: Tensor) -> Tensor:
    shape = F.l1_loss(F.avg_pool2d(made, 2), F.avg_pool2d(films, 2))
    return _SHAPE_WEIGHT * shape + F.l1_loss(mean_spectrum(made), mean_spectrum(films))


def _draw_crops(
    films: Sequence[NDArray[np.float32]], plan: DecoderPlan, rng: np.random.Generator
) -> Tensor:
    crops = np.empty((plan.batch, 1, plan.crop_px, plan.crop_px), np.float32)
    for place in range(plan.batch):
        film = films[int(rng.integers(len(films)))]
        top, left = (
            int(rng.integers(0, side - plan.crop_px + 1)) for side in film.shape
        )
        crop = film[top : top + plan.crop_px, left : left + plan.crop_px]
        crops[place, 0] = np.rot90(crop, int(rng.integers(4)))
    return torch.from_numpy(crops)


def train_decoder(
    films: Sequence[NDArray[np.float32]],
    *,
    plan: DecoderPlan,
    seed: int,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> SmallDecoder:
    """Return a decoder fitted to crops of `films`: luma, 0..1, `crop_px` or larger.

    Raises ValueError where there is no film.
    """
    if not films:
        raise ValueError("a decoder needs films to learn from")
    torch.manual_seed(seed)
    decoder = SmallDecoder(plan)
    decoder.train()
    optimiser = torch.optim.Adam(decoder.parameters(), lr=plan.rate)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, plan.steps)
    noise = torch.Generator().manual_seed(seed)
    rng = np.random.default_rng(seed)
    for step in range(plan.steps):
        crops = _draw_crops(films, plan, rng)
        loss = _loss(decoder(crops, noise), crops)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        fall.step()
        report(step + 1, plan.steps)
    return decoder


def load_or_train_decoder(
    films: Callable[[], Sequence[NDArray[np.float32]]],
    *,
    facts: str,
    plan: DecoderPlan,
    seed: int,
    folder: Path,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> SmallDecoder:
    """Return the decoder kept in `folder` for this plan, or train it and keep it.

    facts: names the films, which are asked for only where they are needed.
    """
    key = hashlib.sha256(f"{facts} {plan} {seed}".encode()).hexdigest()[:16]
    path = folder / f"decoder-{key}.pt"
    if path.is_file():
        kept = SmallDecoder(plan)
        kept.load_state_dict(torch.load(path, weights_only=True))
        return kept
    decoder = train_decoder(films(), plan=plan, seed=seed, report=report)
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    torch.save(decoder.state_dict(), part)
    part.replace(path)
    return decoder
