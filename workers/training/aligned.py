"""Fakes made from real films, differing from them in a decoder's traces alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.training.data import Sample, load_luma
from workers.training.forge import resynthesise_image
from workers.training.latent_codec import LatentCodec

LATENT_ORIGIN = "aligned-latent-codec"
UPSAMPLING_ORIGIN = "aligned-upsampling"
FORGE_ORIGIN = "aligned-forge"
ALIGNED_ORIGINS = (FORGE_ORIGIN, LATENT_ORIGIN, UPSAMPLING_ORIGIN)
# The latent codec takes a second and a half for 384 px; the others are cheap.
_CROP_PX = {LATENT_ORIGIN: 384, UPSAMPLING_ORIGIN: 384, FORGE_ORIGIN: 640}


def upsample_round_trip(
    luma: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return `luma` halved and brought back by zero insertion and a random kernel.

    A transposed convolution with stride 2 is zero insertion and a learned kernel; what
    betrays it is that the four phases of the kernel do not add up to the same gain.
    """
    rows, columns = (side // 2 * 2 for side in luma.shape)
    luma = luma[:rows, :columns]
    small = cv2.resize(luma, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
    spread = np.zeros_like(luma)
    spread[::2, ::2] = small * 4.0
    profile = np.array([0.25, 0.75, 0.75, 0.25])
    kernel = np.outer(profile, profile) / 4.0
    kernel = kernel * (1.0 + rng.normal(0.0, 0.04, kernel.shape))
    kernel /= kernel.sum()
    raised = cv2.filter2D(spread, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT)
    # The detail that a generator would invent: texture of about the film's own energy.
    lost = float((luma - cv2.GaussianBlur(luma, (0, 0), 1.0)).std())
    texture = cv2.GaussianBlur(
        rng.normal(0.0, 1.0, luma.shape).astype(np.float32), (0, 0), 0.8
    )
    gain = lost / (float(texture.std()) + 1e-6) * float(rng.uniform(0.2, 0.9))
    return np.asarray(np.clip(raised + gain * texture, 0.0, 1.0), np.float32)


def _random_crop(
    luma: NDArray[np.float32], side_px: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    top, left = (int(rng.integers(0, max(s - side_px, 0) + 1)) for s in luma.shape)
    return luma[top : top + side_px, left : left + side_px]


def make_aligned_fake(
    sample: Sample, *, origin: str, codec: LatentCodec | None, seed: int, folder: Path
) -> Sample | None:
    """Return a fake made from `sample`, as a lossless PNG in `folder`; kept if there.

    None where the film cannot be read, is too small, or the codec is missing.
    """
    name = hashlib.sha256(f"{sample.sha256} {origin} {seed}".encode()).hexdigest()[:20]
    path = folder / f"{name}.png"
    if not path.is_file():
        luma = load_luma(sample)
        if luma is None or (origin == LATENT_ORIGIN and codec is None):
            return None
        rng = np.random.default_rng(int(name[:12], 16))
        crop = _random_crop(luma, _CROP_PX[origin], rng)
        if origin == LATENT_ORIGIN and codec is not None:
            made = codec.round_trip(crop)
        elif origin == FORGE_ORIGIN:
            made = resynthesise_image(crop, int(rng.integers(1 << 30)))
        else:
            made = upsample_round_trip(crop, rng)
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{name}.part.png")
        if not cv2.imwrite(str(part), np.rint(made * 255.0).astype(np.uint8)):
            raise OSError("could not write an aligned fake")
        part.rename(path)
    return replace(
        sample, path=path, is_fake=True, origin=origin, kind="aligned", sha256=name
    )


def choose_for_alignment(
    samples: Sequence[Sample], count: int, rng: np.random.Generator
) -> list[Sample]:
    """Return up to `count` real samples, drawn evenly over their sources."""
    reals = [sample for sample in samples if not sample.is_fake]
    sizes = dict.fromkeys(sorted({s.origin for s in reals}), 0)
    for sample in reals:
        sizes[sample.origin] += 1
    weights = np.array([1.0 / sizes[s.origin] for s in reals])
    picks = rng.choice(
        len(reals), min(count, len(reals)), replace=False, p=weights / weights.sum()
    )
    return [reals[index] for index in sorted(picks)]
