"""`python -m workers train synthesis`: from labelled pictures to ONNX and card."""

from __future__ import annotations

import argparse
import hashlib
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from workers.errors import ModelError
from workers.lanes.synthesis.content import CONTENT_MODEL_NAME
from workers.lanes.synthesis.features import FEATURE_VERSION, feature_count
from workers.model_card import write_model
from workers.training.aligned import (
    ALIGNED_ORIGINS,
    FORGE_ORIGIN,
    build_maker,
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
from workers.training.export import build_model, check_model
from workers.training.family_hint import FamilyHint, fit_family_hint
from workers.training.left_out import (
    FOLDS,
    FoldTask,
    LeftOutScores,
    assign_folds,
    mix,
    score_left_out,
    train_fold_networks,
)
from workers.training.make_card import (
    Candidate,
    Decision,
    decide,
    left_out_metrics,
    make_card,
)
from workers.training.members import (
    MemberPlan,
    Members,
    fit_members,
    score_members,
    train_member_network,
)
from workers.training.progress import Progress
from workers.training.score_table import PictureScore, describe_sample, write_scores
from workers.training.tables import TileTable, ViewPlan, extract_tiles
from workers.training.train_content import train_content

_CACHE_DIR = Path("var/training")
LEFT_OUT_NAME = "left_out.csv"
# Part of the cache key: raise it when features, tiles or post-processing change.
_EXTRACTION_VERSION = "3"
# The same for the network alone.
_NETWORK_VERSION = "2"
# What one core can do in half a second on 2,500 x 2,000 px (docs/models/synthesis.md).
_MAX_TILES, _MAX_TILES_WITH_NETWORK = 24, 14
_CHECKED_TILES = 32


@dataclass(frozen=True)
class TrainingPlan:
    """Everything but the data that the result depends on.

    fold_share: of the network's tiles that the network of a fold is trained with.
    """

    seed: int = 1
    aligned_per_kind: int = 90
    aligned_kinds: tuple[str, ...] = (FORGE_ORIGIN,)
    views: ViewPlan = field(default_factory=ViewPlan)
    members: MemberPlan = field(default_factory=MemberPlan)
    fold_share: float = 0.5


@dataclass(frozen=True)
class Workshop:
    """Where and with what it is done; the result does not depend on it."""

    cache_dir: Path
    weights_dir: Path
    processes: int = 1


def make_aligned_fakes(
    samples: Sequence[Sample], *, plan: TrainingPlan, weights_dir: Path, folder: Path
) -> tuple[Sample, ...]:
    """Return fakes made from real `samples`, `aligned_per_kind` of each kind.

    Raises ModelError where a kind needs weights or PyTorch and they are missing.
    """
    if plan.aligned_per_kind == 0:
        return ()
    made: list[Sample] = []
    for origin in plan.aligned_kinds:
        maker = build_maker(
            origin, samples, weights_dir=weights_dir, folder=folder, seed=plan.seed
        )
        rng = np.random.default_rng([plan.seed, ALIGNED_ORIGINS.index(origin)])
        chosen = choose_for_alignment(samples, plan.aligned_per_kind, rng)
        report = Progress(origin)
        for index, sample in enumerate(chosen):
            fake = make_aligned_fake(
                sample, origin=origin, maker=maker, seed=plan.seed, folder=folder
            )
            if fake is not None:
                made.append(fake)
            report(index + 1, len(chosen))
    return tuple(made)


def _load_table(
    samples: Sequence[Sample], plan: TrainingPlan, shop: Workshop
) -> TileTable:
    facts = f"{digest_samples(samples)} {plan.views} {plan.seed} {_EXTRACTION_VERSION}"
    facts += f" {FEATURE_VERSION} {feature_count()}"
    key = hashlib.sha256(facts.encode()).hexdigest()[:16]
    return extract_tiles(
        samples,
        plan=plan.views,
        seed=plan.seed,
        folder=shop.cache_dir / f"tiles-{key}",
        processes=shop.processes,
        report=Progress("tiles"),
    )


def _network_folder(
    samples: Sequence[Sample], plan: TrainingPlan, shop: Workshop
) -> Path:
    """Return the folder of networks that depend on exactly this data and plan."""
    facts = f"{digest_samples(samples)} {plan} {_EXTRACTION_VERSION} {_NETWORK_VERSION}"
    folder = shop.cache_dir / (
        f"network-{hashlib.sha256(facts.encode()).hexdigest()[:16]}"
    )
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _score_left_out(
    table: TileTable, samples: Sequence[Sample], plan: TrainingPlan, shop: Workshop
) -> LeftOutScores:
    folder = None
    if plan.members.network_tiles:
        folder = _network_folder(samples, plan, shop)
        quiet = replace(shop, processes=1)
        tasks = [
            FoldTask(
                load=partial(_load_table, tuple(samples), plan, quiet),
                fold=fold,
                folds=FOLDS,
                tiles=round(plan.members.network_tiles * plan.fold_share),
                seed=plan.seed,
                folder=folder,
                threads=max(1, cv2.getNumberOfCPUs() // shop.processes),
            )
            for fold in range(FOLDS)
        ]
        train_fold_networks(tasks, processes=shop.processes)
    return score_left_out(
        table,
        plan=plan.members,
        seed=plan.seed,
        network_folder=folder,
        report=Progress("families left out"),
    )


def _fit_final(
    table: TileTable, samples: Sequence[Sample], plan: TrainingPlan, shop: Workshop
) -> Members:
    everything = np.ones(len(samples), np.bool_)
    members = fit_members(table, everything, plan=plan.members, seed=plan.seed)
    if not plan.members.network_tiles:
        return members
    network = train_member_network(
        table,
        everything,
        tiles=plan.members.network_tiles,
        seed=plan.seed,
        checkpoint=_network_folder(samples, plan, shop) / "final.checkpoint",
        stage="network",
    )
    return replace(members, network=network)


def _export(
    table: TileTable, members: Members, decision: Decision, hint: FamilyHint | None
) -> bytes:
    payload = build_model(
        members,
        decision.mixture,
        features=int(table.features.shape[1]),
        hint=hint,
    )
    step = max(table.owner.size // _CHECKED_TILES, 1)
    rows: NDArray[np.int64] = np.arange(0, table.owner.size, step)
    check_model(
        payload,
        decision.mixture,
        score_members(members, table, rows),
        features=table.features[rows],
        tiles=table.tiles[table.place[rows]],
    )
    return payload


def _left_out_rows(
    table: TileTable,
    scores: LeftOutScores,
    decision: Decision,
    samples: Sequence[Sample],
    *,
    plan: TrainingPlan,
    data_dir: Path,
) -> Iterator[PictureScore]:
    """Yield a row per picture and condition, those without a score included."""
    mixed = mix(scores, decision.mixture)
    fold_of = assign_folds(table.pictures)
    places = {
        (int(picture), int(condition)): row
        for row, (picture, condition) in enumerate(
            zip(scores.picture, scores.condition, strict=True)
        )
    }
    for index, sample in enumerate(samples):
        for number, name in enumerate(plan.views.conditions):
            facts = table.facts_of(index, number)
            row = places.get((index, number))
            score = math.nan if row is None or facts is None else float(mixed[row])
            judged = math.isfinite(score)
            yield describe_sample(
                sample,
                data_dir,
                condition=name,
                score=score,
                probability=(
                    decision.calibration.probability(score) if judged else math.nan
                ),
                reason="" if judged else "no tile with texture",
                fold=str(fold_of[index] + 1),
                facts=facts,
            )


def train_synthesis(
    samples: Sequence[Sample], *, plan: TrainingPlan, shop: Workshop, data_dir: Path
) -> Candidate:
    """Return the model fitted to the train split of `samples`, with its card.

    Left-out scores go to `left_out.csv` in the cache folder, for the evaluation.
    """
    check_groups_apart(samples)
    fitted = [sample for sample in samples if sample.split == "train"]
    aligned = make_aligned_fakes(
        fitted,
        plan=plan,
        weights_dir=shop.weights_dir,
        folder=shop.cache_dir / "aligned",
    )
    pictures = [*fitted, *aligned]
    table = _load_table(pictures, plan, shop)
    scores = _score_left_out(table, pictures, plan, shop)
    decision = decide(scores)
    members = _fit_final(table, pictures, plan, shop)
    hint = fit_family_hint(
        table, mean=members.committee.mean, scale=members.committee.scale
    )
    payload = _export(table, members, decision, hint)
    card = make_card(
        payload,
        samples=pictures,
        decision=decision,
        metrics=left_out_metrics(
            scores, decision, plan.views.conditions, seed=plan.seed
        ),
        training={
            "tiles": int((table.condition < 0).sum()),
            "network_tiles": plan.members.network_tiles,
            "mixture": {k: round(v, 4) for k, v in decision.mixture.items()},
        },
        hint=hint,
        max_tiles=(
            _MAX_TILES_WITH_NETWORK if plan.members.network_tiles else _MAX_TILES
        ),
        seed=plan.seed,
    )
    write_scores(
        shop.cache_dir / LEFT_OUT_NAME,
        _left_out_rows(table, scores, decision, pictures, plan=plan, data_dir=data_dir),
        made_from={"model_sha256": card.sha256},
    )
    return Candidate(card=card, payload=payload)


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workers train")
    parser.add_argument("model", choices=["synthesis", CONTENT_MODEL_NAME])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA_DIR)
    parser.add_argument(
        "--weights", type=Path, default=DEFAULT_DATA_DIR.parent / "weights"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=_CACHE_DIR)
    parser.add_argument("--aligned", type=int, default=90, metavar="PICTURES_PER_KIND")
    parser.add_argument("--aligned-kind", action="append", choices=ALIGNED_ORIGINS)
    parser.add_argument(
        "--network-tiles",
        type=int,
        default=0,
        metavar="N",
        help="crops the residual network is trained with; 0 (default): no network. "
        "Needs PyTorch",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=cv2.getNumberOfCPUs())
    return parser.parse_args(argv)


def _train(options: argparse.Namespace) -> Candidate:
    samples = load_manifest(options.data)
    if options.model == CONTENT_MODEL_NAME:
        fitted = [sample for sample in samples if sample.split == "train"]
        report = Progress("thumbnails")
        return train_content(fitted, seed=options.seed, report=report)
    plan = TrainingPlan(
        seed=options.seed,
        aligned_per_kind=options.aligned,
        aligned_kinds=tuple(options.aligned_kind or (FORGE_ORIGIN,)),
        members=MemberPlan(network_tiles=options.network_tiles),
    )
    shop = Workshop(
        cache_dir=options.cache,
        weights_dir=options.weights,
        processes=max(1, options.processes),
    )
    return train_synthesis(samples, plan=plan, shop=shop, data_dir=options.data)


def main(argv: list[str]) -> int:
    """Train the model named in `argv`; return 0, or 2 where something is missing."""
    options = _parse(argv)
    if not (options.data / "manifest.csv").is_file():
        sys.stderr.write(f"no manifest.csv in {options.data}\n")
        return 2
    cv2.setNumThreads(1)
    # One thread: sums come out in the same order, so a seed gives the same bytes.
    with threadpool_limits(1):
        try:
            candidate = _train(options)
        except ModelError as error:
            sys.stderr.write(f"{error}\n")
            return 2
    write_model(options.out, candidate.card, candidate.payload)
    sys.stderr.write(
        f"wrote {candidate.card.name} {candidate.card.sha256[:12]}, "
        f"{len(candidate.payload) / 1e6:.1f} MB\n"
    )
    return 0
