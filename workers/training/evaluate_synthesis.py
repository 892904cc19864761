"""The protocol of the synthesis lane: whole pictures, scored as the lane does.

Both classes pass the same conditions; the model sees luma only. Every set of figures
carries its own leak probe, and figures under a failed probe are stamped invalid.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
from threadpoolctl import threadpool_limits

from workers.lanes.synthesis.content import load_content_check
from workers.lanes.synthesis.lane import DEFAULT_MODELS_DIR, MODEL_NAME
from workers.lanes.synthesis.scorer import TileScorer
from workers.model_card import ModelCard
from workers.training.conditions import CONDITIONS, DESCRIPTIONS
from workers.training.data import DEFAULT_DATA_DIR, load_manifest
from workers.training.leak_probe import TOLERANCE
from workers.training.matching import CALIPER_DEVIATIONS, MIN_PAIRS
from workers.training.progress import Progress
from workers.training.report_html import render_report
from workers.training.report_pictures import PictureFolder
from workers.training.score_figures import ROUNDS, measure_condition
from workers.training.score_pictures import describe_run, score_picture, score_pictures
from workers.training.score_table import (
    PictureScore,
    ScoreTable,
    ScoreTableError,
    read_scores,
)

REPORT_FORMAT = 2
_SPLIT_TEXT = (
    "Pictures of the {split} split, scored by the shipped model. The split keeps "
    "patients and prompts apart, not sources or generators: those have been seen in "
    "training, so these figures are on the kind side."
)
_LEFT_OUT_TEXT = (
    "Every picture was scored by a model that never saw its family of sources or "
    "generators (leave-one-generator-out and leave-one-source-out in one pass). This "
    "is the honest guess for something new. Probabilities are through the shipped "
    "calibration, which was fitted on such scores."
)


def measure_section(
    rows: Sequence[PictureScore],
    card: ModelCard,
    *,
    name: str,
    title: str,
    about: str,
    seed: int,
) -> dict[str, Any]:
    """Return the figures of one set of rows, condition by condition."""
    names = [n for n in CONDITIONS if any(row.condition == n for row in rows)]
    names += sorted({row.condition for row in rows} - set(names))
    report = Progress(f"{name}: figures")
    conditions: dict[str, Any] = {}
    for done, condition in enumerate(names, start=1):
        chosen = [row for row in rows if row.condition == condition]
        conditions[condition] = {
            "description": DESCRIPTIONS.get(condition, ""),
            **measure_condition(chosen, card, seed=seed),
        }
        report(done, len(names))
    return {"name": name, "title": title, "about": about, "conditions": conditions}


def describe_model(card: ModelCard) -> dict[str, Any]:
    """Return the facts of the card that figures depend on."""
    return {
        "name": card.name,
        "version": card.version,
        "sha256": card.sha256,
        "input": card.input_spec.get("kind"),
        "data_digest": card.data_digest,
        "threshold": card.threshold,
        "false_positive_budget": card.default_fpr,
        "operating_points": {
            f"{fpr:.1%}": value for fpr, value in sorted(card.operating_points.items())
        },
        "calibration": vars(card.calibration),
    }


def build_report(
    card: ModelCard,
    sections: Sequence[dict[str, Any]],
    *,
    command: str,
    seed: int,
    date: str,
    data_digest: str,
) -> dict[str, Any]:
    """Return everything the report says; the same inputs give the same report."""
    return {
        "report_format": REPORT_FORMAT,
        "lane": "synthesis",
        "model": describe_model(card),
        "command": command,
        "seed": seed,
        "date": date,
        "data_digest": data_digest,
        "protocol": {
            "bootstrap_rounds": ROUNDS,
            "bootstrap_unit": "group (patient or prompt), each class by itself",
            "leak_probe_tolerance": TOLERANCE,
            "leak_probe_sees": "rows, columns, aspect, 16 grey-level shares, mean, "
            "deviation; after the condition",
            "matching": "one to one on the logit of the propensity score, caliper "
            f"{CALIPER_DEVIATIONS} standard deviations; figures from {MIN_PAIRS} pairs",
        },
        "sections": list(sections),
    }


def _write_text(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def write_report(path: Path, report: dict[str, Any], pictures: PictureFolder) -> None:
    """Write the page to `path` and the same figures, as JSON, beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_text(path.with_suffix(".json"), json.dumps(report, indent=1) + "\n")
    _write_text(path, render_report(report, pictures))


def _parse_options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workers evaluate --lane synthesis")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA_DIR)
    parser.add_argument("--report", type=Path, required=True, metavar="OUT.html")
    parser.add_argument("--models", type=Path, default=DEFAULT_MODELS_DIR)
    parser.add_argument("--split", default="dev", choices=["dev", "train"])
    parser.add_argument("--condition", action="append", choices=sorted(CONDITIONS))
    parser.add_argument("--left-out", type=Path, metavar="SCORES.csv")
    parser.add_argument("--date", default="", help="written into the report")
    parser.add_argument("--fresh", action="store_true", help="score everything anew")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(argv)


def _read_left_out(path: Path | None, card: ModelCard) -> ScoreTable | None:
    if path is None:
        return None
    table = read_scores(path)
    owner = table.made_from.get("model_sha256")
    if owner is not None and owner != card.sha256:
        raise ScoreTableError(f"{path.name} belongs to another model ({owner[:12]})")
    return table


def _evaluate(options: argparse.Namespace, argv: list[str]) -> None:
    scorer = TileScorer(options.models, MODEL_NAME)
    card = scorer.card
    left_out = _read_left_out(options.left_out, card)
    samples = [s for s in load_manifest(options.data) if s.split == options.split]
    check = load_content_check(options.models)
    made_from = describe_run(card, check, samples, seed=options.seed)
    options.report.parent.mkdir(parents=True, exist_ok=True)
    rows = score_pictures(
        samples,
        lambda levels, image: score_picture(scorer, levels, image=image, check=check),
        options.condition or list(CONDITIONS),
        data_dir=options.data,
        made_from=made_from,
        cache=options.report.with_suffix(".scores.csv"),
        fresh=options.fresh,
        seed=options.seed,
    )
    parts = [
        (
            rows,
            options.split,
            f"{options.split} split",
            _SPLIT_TEXT.format(split=options.split),
        )
    ]
    if left_out is not None:
        parts.append((left_out.rows, "left-out", "Families left out", _LEFT_OUT_TEXT))
    sections = [
        measure_section(
            part, card, name=name, title=title, about=about, seed=options.seed
        )
        for part, name, title, about in parts
    ]
    report = build_report(
        card,
        sections,
        command=shlex.join(
            ["python", "-m", "workers", "evaluate", "--lane", "synthesis", *argv]
        ),
        seed=options.seed,
        date=options.date,
        data_digest=made_from["data_digest"],
    )
    write_report(options.report, report, PictureFolder(options.data, seed=options.seed))


def main(argv: list[str]) -> int:
    """Write the report named in `argv`; return 0, or 2 for unusable inputs."""
    options = _parse_options(argv)
    if not (options.data / "manifest.csv").is_file():
        sys.stderr.write(f"no manifest.csv in {options.data}\n")
        return 2
    if options.report.suffix != ".html":
        sys.stderr.write("--report wants a name that ends in .html\n")
        return 2
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(1):
            _evaluate(options, argv)
    except ScoreTableError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0
