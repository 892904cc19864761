"""`python -m workers train synthesis`: from labelled pictures to ONNX and card."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from threadpoolctl import threadpool_limits

from workers.model_card import write_model
from workers.training.aligned import (
    ALIGNED_ORIGINS,
    FORGE_ORIGIN,
    LATENT_ORIGIN,
    choose_for_alignment,
    make_aligned_fake,
)
from workers.training.data import (
    DEFAULT_DATA_DIR,
    Sample,
    check_groups_apart,
    digest_samples,
    load_manifest,
)
from workers.training.fit import NetworkSize
from workers.training.latent_codec import load_latent_codec
from workers.training.make_card import Candidate, build_candidate
from workers.training.progress import Progress
from workers.training.views import (
    TileTable,
    ViewPlan,
    extract_views,
    join_tile_tables,
    load_tile_table,
)

_CACHE_DIR = Path("var/training")
# Part of the cache key: raise it when features, tiles or post-processing change.
_EXTRACTION_VERSION = "1"


@dataclass(frozen=True)
class TrainingPlan:
    """Everything but the data that the result depends on."""

    seed: int = 1
    aligned_per_kind: int = 90
    aligned_kinds: tuple[str, ...] = (FORGE_ORIGIN,)
    views: ViewPlan = field(default_factory=ViewPlan)
    network: NetworkSize = field(default_factory=NetworkSize)


def make_aligned_fakes(
    samples: Sequence[Sample], *, plan: TrainingPlan, weights_dir: Path, folder: Path
) -> tuple[Sample, ...]:
    """Return fakes made from real `samples`; fewer kinds where the codec is missing."""
    if plan.aligned_per_kind == 0:
        return ()
    codec = (
        load_latent_codec(weights_dir) if LATENT_ORIGIN in plan.aligned_kinds else None
    )
    made: list[Sample] = []
    for origin in plan.aligned_kinds:
        rng = np.random.default_rng([plan.seed, ALIGNED_ORIGINS.index(origin)])
        chosen = choose_for_alignment(samples, plan.aligned_per_kind, rng)
        report = Progress(origin)
        for index, sample in enumerate(chosen):
            fake = make_aligned_fake(
                sample, origin=origin, codec=codec, seed=plan.seed, folder=folder
            )
            if fake is not None:
                made.append(fake)
            report(index + 1, len(chosen))
    return tuple(made)


def _extract_cached(
    samples: Sequence[Sample],
    *,
    plan: TrainingPlan,
    seed: int,
    folder: Path,
    stage: str,
) -> TileTable:
    facts = f"{digest_samples(samples)} {plan.views} {seed} {_EXTRACTION_VERSION}"
    path = folder / f"{hashlib.sha256(facts.encode()).hexdigest()[:16]}.npz"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        table = extract_views(
            samples, plan=plan.views, seed=seed, report=Progress(stage)
        )
        table.save(path)
    return load_tile_table(path)


def train_synthesis(
    samples: Sequence[Sample], *, plan: TrainingPlan, weights_dir: Path, cache_dir: Path
) -> Candidate:
    """Return the model fitted to the train split of `samples`, with its card."""
    check_groups_apart(samples)
    fitted = [sample for sample in samples if sample.split == "train"]
    aligned = make_aligned_fakes(
        fitted, plan=plan, weights_dir=weights_dir, folder=cache_dir / "aligned"
    )
    tables = [
        _extract_cached(
            part, plan=plan, seed=plan.seed + shift, folder=cache_dir, stage=stage
        )
        for shift, (stage, part) in enumerate(
            (("views", fitted), ("aligned views", aligned))
        )
        if part
    ]
    return build_candidate(
        join_tile_tables(tables),
        samples=[*fitted, *aligned],
        size=plan.network,
        seed=plan.seed,
        report=Progress("fitting"),
    )


def main(argv: list[str]) -> int:
    """Train the lane named in `argv`; return 0, or 2 where the data is not there."""
    parser = argparse.ArgumentParser(prog="python -m workers train")
    parser.add_argument("lane", choices=["synthesis"])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA_DIR)
    parser.add_argument(
        "--weights", type=Path, default=DEFAULT_DATA_DIR.parent / "weights"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=_CACHE_DIR)
    parser.add_argument("--aligned", type=int, default=90, metavar="PICTURES_PER_KIND")
    parser.add_argument("--aligned-kind", action="append", choices=ALIGNED_ORIGINS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(argv)
    if not (options.data / "manifest.csv").is_file():
        sys.stderr.write(f"no manifest.csv in {options.data}\n")
        return 2
    cv2.setNumThreads(options.threads)
    with threadpool_limits(options.threads):
        candidate = train_synthesis(
            load_manifest(options.data),
            plan=TrainingPlan(
                seed=options.seed,
                aligned_per_kind=options.aligned,
                aligned_kinds=tuple(options.aligned_kind or (FORGE_ORIGIN,)),
            ),
            weights_dir=options.weights,
            cache_dir=options.cache,
        )
    write_model(options.out, candidate.card, candidate.payload)
    sys.stderr.write(
        f"wrote {candidate.card.name} {candidate.card.sha256[:12]}, "
        f"{len(candidate.payload) / 1e6:.1f} MB\n"
    )
    return 0
