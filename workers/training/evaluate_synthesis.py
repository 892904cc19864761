"""The protocol of the synthesis lane: whole pictures, scored as the lane does.

Both classes pass the same conditions; the model sees luma only. Each condition carries
its own leak probe, and figures under a failed probe are stamped invalid.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from workers.lanes.synthesis.lane import DEFAULT_MODELS_DIR, MODEL_NAME
from workers.lanes.synthesis.scorer import TileScorer
from workers.model_card import ModelCard
from workers.training.conditions import CONDITIONS
from workers.training.data import DEFAULT_DATA_DIR, Sample, load_luma, load_manifest
from workers.training.families import family_of
from workers.training.leak_probe import TOLERANCE, probe_leak
from workers.training.metrics import (
    area_under_curve,
    bootstrap,
    calibration_error,
    tpr_at_fpr,
)
from workers.training.progress import Progress
from workers.training.views import cut_view_tiles, histogram_features

_PROBE_TILES = 3
_PREVALENCES = (0.001, 0.01, 0.05)


@dataclass(frozen=True, eq=False)
class ScoredSet:
    """One condition: a probability per judged picture (NaN: not assessable)."""

    samples: tuple[Sample, ...]
    probability: NDArray[np.float64]
    histograms: NDArray[np.float32]
    histogram_owner: NDArray[np.int64]

    @property
    def is_judged(self) -> NDArray[np.bool_]:
        """Return where the lane gave a probability."""
        return np.isfinite(self.probability)

    @property
    def is_fake(self) -> NDArray[np.bool_]:
        """Return the labels."""
        return np.array([sample.is_fake for sample in self.samples], np.bool_)

    @property
    def kinds(self) -> NDArray[np.str_]:
        """Return the kinds (`Sample.kind`)."""
        return np.array([sample.kind for sample in self.samples], np.str_)


def score_condition(
    samples: Sequence[Sample], scorer: TileScorer, name: str, *, seed: int
) -> ScoredSet:
    """Return the scores of `samples` under the condition `name`."""
    report = Progress(name)
    probability = np.full(len(samples), np.nan)
    histograms: list[NDArray[np.float32]] = []
    owners: list[int] = []
    for index, sample in enumerate(samples):
        luma = load_luma(sample)
        if luma is not None:
            rng = np.random.default_rng([seed, index])
            levels = CONDITIONS[name](luma, rng)
            score = scorer.score_levels(levels).score
            if score is not None:
                probability[index] = scorer.card.calibration.probability(score)
                for tile in cut_view_tiles(levels, _PROBE_TILES, rng):
                    histograms.append(histogram_features(tile))
                    owners.append(index)
        report(index + 1, len(samples))
    return ScoredSet(
        tuple(samples), probability, np.stack(histograms), np.array(owners, np.int64)
    )


def _upper_bound(alarms: int, films: int) -> float:
    """Return the one-sided 95 % upper bound (Clopper-Pearson) of a rate."""
    if alarms >= films:
        return 1.0
    return float(beta.ppf(0.95, alarms + 1, films - alarms))


def _predictive_value(tpr: float, fpr: float) -> dict[str, float]:
    return {
        f"{share:.1%}": round(tpr * share / (tpr * share + fpr * (1 - share)), 4)
        for share in _PREVALENCES
    }


def _per_origin(scored: ScoredSet, threshold: float, *, fakes: bool) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for origin in sorted({s.origin for s in scored.samples if s.is_fake == fakes}):
        mask = np.array(
            [s.is_fake == fakes and s.origin == origin for s in scored.samples]
        )
        values = scored.probability[mask]
        judged = values[np.isfinite(values)]
        flagged = float((judged >= threshold).mean()) if judged.size else None
        table[origin] = {
            "pictures": int(mask.sum()),
            "judged": int(judged.size),
            "flagged": None if flagged is None else round(flagged, 4),
            "median_suspicion": (
                round(float(np.median(judged)), 4) if judged.size else None
            ),
        }
    return table


def _worst(scored: ScoredSet, data_dir: Path, *, fakes: bool) -> list[dict[str, Any]]:
    order = np.argsort(scored.probability if fakes else -scored.probability)
    rows = []
    for index in order:
        sample = scored.samples[index]
        if sample.is_fake != fakes or not np.isfinite(scored.probability[index]):
            continue
        rows.append(
            {
                "path": str(sample.path.relative_to(data_dir)),
                "origin": sample.origin,
                "suspicion": round(float(scored.probability[index]), 4),
            }
        )
    return rows[:12]


def _against(scored: ScoredSet, *, seed: int) -> dict[str, Any]:
    """Return how well generated pictures stand out from films, and from photographs.

    The first holds the difference of content too; the second is the harder, purer test.
    """
    table: dict[str, Any] = {}
    for name, kinds in (("films", ("real", "dicom")), ("photographs", ("photo",))):
        mask = scored.is_judged & (scored.is_fake | np.isin(scored.kinds, kinds))
        if not (mask & ~scored.is_fake).any():
            continue
        area, rate = bootstrap(
            scored.probability[mask], scored.is_fake[mask], seed=seed
        )
        table[name] = {"auc": area.as_json(), "tpr_at_1_percent_fpr": rate.as_json()}
    return table


def _per_family(scored: ScoredSet) -> dict[str, dict[str, float]]:
    """Return films against each family of generators."""
    films = scored.is_judged & np.isin(scored.kinds, ("real", "dicom"))
    family = np.array([family_of(sample.origin) for sample in scored.samples])
    table: dict[str, dict[str, float]] = {}
    for name in np.unique(family[scored.is_fake & scored.is_judged]):
        mask = films | (scored.is_judged & scored.is_fake & (family == name))
        scores, labels = scored.probability[mask], scored.is_fake[mask]
        table[str(name)] = {
            "auc": round(area_under_curve(scores, labels), 4),
            "tpr_at_1_percent_fpr": round(tpr_at_fpr(scores, labels, 0.01), 4),
        }
    return table


def _at_threshold(scored: ScoredSet, threshold: float) -> dict[str, Any]:
    """Return what the shipped threshold catches, and what it costs."""
    flagged = scored.probability[scored.is_judged] >= threshold
    labels = scored.is_fake[scored.is_judged]
    films = np.isin(scored.kinds, ("real", "dicom"))[scored.is_judged]
    caught, alarms = float(flagged[labels].mean()), float(flagged[films].mean())
    # No alarm in a hundred films does not make the rate 0: the bound is what is known.
    bound = _upper_bound(int(flagged[films].sum()), int(films.sum()))
    return {
        "threshold": round(threshold, 4),
        "caught": round(caught, 4),
        "false_alarms_on_films": round(alarms, 4),
        "accuracy": round(float((flagged == labels).mean()), 4),
        "false_alarms_upper_bound": round(bound, 4),
        "predictive_value_at_least": _predictive_value(caught, bound),
    }


def summarise(
    scored: ScoredSet, card: ModelCard, *, data_dir: Path, seed: int
) -> dict[str, Any]:
    """Return the figures of one condition."""
    judged, is_fake = scored.is_judged, scored.is_fake
    groups = np.array([sample.group for sample in scored.samples])
    owner = scored.histogram_owner
    leak = probe_leak(scored.histograms, is_fake[owner], groups[owner], seed=seed)
    auc, tpr = bootstrap(scored.probability[judged], is_fake[judged], seed=seed)
    error = calibration_error(scored.probability[judged], is_fake[judged])
    return {
        "stamp": "valid" if leak.is_valid else "INVALID: content leaks",
        "leak_probe_auc": round(leak.auc, 4),
        "pictures": {"real": int((~is_fake).sum()), "fake": int(is_fake.sum())},
        "abstained": {
            "real": round(float((~judged[~is_fake]).mean()), 4),
            "fake": round(float((~judged[is_fake]).mean()), 4),
        },
        "auc": auc.as_json(),
        "tpr_at_1_percent_fpr": tpr.as_json(),
        "calibration_error": round(error, 4),
        "at_shipped_threshold": _at_threshold(scored, card.threshold),
        "generated_against": _against(scored, seed=seed),
        "films_against_generator_family": _per_family(scored),
        "per_source": _per_origin(scored, card.threshold, fakes=False),
        "per_generator": _per_origin(scored, card.threshold, fakes=True),
        "worst_misses": _worst(scored, data_dir, fakes=True),
        "worst_false_alarms": _worst(scored, data_dir, fakes=False),
    }


def _write_report(path: Path, report: dict[str, Any]) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    part.replace(path)


def main(argv: list[str]) -> int:
    """Write the report named in `argv`; return 0, or 2 where the data is not there."""
    parser = argparse.ArgumentParser(prog="python -m workers evaluate --lane synthesis")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA_DIR)
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=DEFAULT_MODELS_DIR)
    parser.add_argument("--split", default="dev", choices=["dev", "train"])
    parser.add_argument("--condition", action="append", choices=sorted(CONDITIONS))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    if not (options.data / "manifest.csv").is_file():
        sys.stderr.write(f"no manifest.csv in {options.data}\n")
        return 2
    cv2.setNumThreads(1)
    scorer = TileScorer(options.models, MODEL_NAME)
    samples = [s for s in load_manifest(options.data) if s.split == options.split]
    report: dict[str, Any] = {
        "lane": "synthesis",
        "model": {"version": scorer.card.version, "sha256": scorer.card.sha256},
        "split": options.split,
        "leak_probe_tolerance": TOLERANCE,
        "left_out": scorer.card.metrics.get("left_out"),
        "conditions": {},
    }
    for name in options.condition or CONDITIONS:
        scored = score_condition(samples, scorer, name, seed=options.seed)
        report["conditions"][name] = summarise(
            scored, scorer.card, data_dir=options.data, seed=options.seed
        )
        _write_report(options.report, report)
    return 0
