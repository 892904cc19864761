"""Fakes made from real films, differing from them in a decoder's traces alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.errors import ModelError
from workers.lanes.synthesis.features import TILE_PX
from workers.training.data import Sample, load_luma
from workers.training.forge import (
    resynthesise_image,
    resynthesise_region,
    upsample_round_trip,
)
from workers.training.latent_codec import DECODER_FILE, load_latent_codec
from workers.training.progress import Progress

FORGE_ORIGIN = "aligned-forge"
LATENT_ORIGIN = "aligned-latent-codec"
UPSAMPLING_ORIGIN = "aligned-upsampling"
AUTOENCODER_ORIGIN = "aligned-autoencoder"
SUPER_RESOLUTION_ORIGIN = "aligned-super-resolution"
PARTIAL_ORIGIN = "aligned-partial"
# In this order: a kind's place is part of the draw of its films.
ALIGNED_ORIGINS = (
    FORGE_ORIGIN,
    LATENT_ORIGIN,
    UPSAMPLING_ORIGIN,
    AUTOENCODER_ORIGIN,
    SUPER_RESOLUTION_ORIGIN,
    PARTIAL_ORIGIN,
)
# Films that the small decoders learn from: enough for every archive to take part.
_DECODER_FILMS = 80

Luma = NDArray[np.float32]


@dataclass(frozen=True)
class Maker:
    """One way to make a film anew.

    make: takes luma (0..1) and a random generator, returns luma of at least
        `TILE_PX`; raises ValueError where the film does not do.
    crop_px: side of the crop it is given; None: the whole film.
    version: raise it when `make` changes, so that kept fakes are made again.
    """

    make: Callable[[Luma, np.random.Generator], Luma]
    crop_px: int | None
    version: str = ""


def _regenerate_part(luma: Luma, rng: np.random.Generator) -> Luma:
    """Return the surroundings of a part that was made anew, as inpainting leaves it."""
    side = min(luma.shape) // 3
    made, region = resynthesise_region(
        luma, int(rng.integers(1 << 30)), side_px=min(side, TILE_PX + TILE_PX // 2)
    )
    height, width = (max(span, TILE_PX) for span in (region.height, region.width))
    top = min(region.row, luma.shape[0] - height)
    left = min(region.column, luma.shape[1] - width)
    return np.asarray(made[top : top + height, left : left + width], np.float32)


def _random_crop(luma: Luma, side_px: int, rng: np.random.Generator) -> Luma:
    top, left = (int(rng.integers(0, max(s - side_px, 0) + 1)) for s in luma.shape)
    return luma[top : top + side_px, left : left + side_px]


def _latent_maker(weights_dir: Path) -> Maker:
    codec = load_latent_codec(weights_dir)
    if codec is None:
        raise ModelError(f"{LATENT_ORIGIN} needs the codec's weights ({DECODER_FILE})")
    # A second and a half for 384 px; the others are cheap.
    return Maker(lambda luma, rng: codec.round_trip(luma), crop_px=384)


def _decoder_maker(
    origin: str, samples: Sequence[Sample], *, seed: int, folder: Path
) -> Maker:
    """Return a maker that draws one of several small decoders, trained on `samples`."""
    try:
        from workers.training import small_decoders
    except ImportError as error:
        raise ModelError(
            f"PyTorch is not installed: install torch, or leave {origin} out"
        ) from error
    chosen = choose_for_alignment(samples, _DECODER_FILMS, np.random.default_rng(seed))

    def load_films() -> list[Luma]:
        return [luma for luma in map(load_luma, chosen) if luma is not None]

    plans = (
        small_decoders.AUTOENCODERS
        if origin == AUTOENCODER_ORIGIN
        else small_decoders.SUPER_RESOLUTION
    )
    facts = " ".join(sample.sha256 for sample in chosen)
    decoders = [
        small_decoders.load_or_train_decoder(
            load_films,
            facts=facts,
            plan=plan,
            seed=seed,
            folder=folder,
            report=Progress(f"{origin}, {plan.upsampler}"),
        )
        for plan in plans
    ]
    version = hashlib.sha256(f"{facts} {plans}".encode()).hexdigest()[:8]
    return Maker(
        lambda luma, rng: decoders[int(rng.integers(len(decoders)))].round_trip(
            luma, rng
        ),
        crop_px=640,
        version=version,
    )


def build_maker(
    origin: str,
    samples: Sequence[Sample],
    *,
    weights_dir: Path,
    folder: Path,
    seed: int,
) -> Maker:
    """Return what makes fakes of `origin`, one of `ALIGNED_ORIGINS`.

    samples: what the small decoders learn from, real films among them.
    folder: where trained decoders are kept.
    Raises ModelError where weights or PyTorch are missing.
    """
    if origin == LATENT_ORIGIN:
        return _latent_maker(weights_dir)
    if origin in {AUTOENCODER_ORIGIN, SUPER_RESOLUTION_ORIGIN}:
        return _decoder_maker(origin, samples, seed=seed, folder=folder)
    return {
        FORGE_ORIGIN: Maker(
            lambda luma, rng: resynthesise_image(luma, int(rng.integers(1 << 30))),
            crop_px=640,
        ),
        UPSAMPLING_ORIGIN: Maker(upsample_round_trip, crop_px=384, version="2"),
        PARTIAL_ORIGIN: Maker(_regenerate_part, crop_px=None),
    }[origin]


def make_aligned_fake(
    sample: Sample, *, origin: str, maker: Maker, seed: int, folder: Path
) -> Sample | None:
    """Return a fake made from `sample`, as a lossless PNG in `folder`; kept if there.

    None where the film cannot be read or does not do for this maker.
    """
    facts = f"{sample.sha256} {origin} {seed}{maker.version and ' ' + maker.version}"
    name = hashlib.sha256(facts.encode()).hexdigest()[:20]
    path = folder / f"{name}.png"
    if not path.is_file():
        luma = load_luma(sample)
        if luma is None:
            return None
        rng = np.random.default_rng(int(name[:12], 16))
        if maker.crop_px is not None:
            luma = _random_crop(luma, maker.crop_px, rng)
        try:
            made = maker.make(luma, rng)
        except ValueError:
            return None
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
