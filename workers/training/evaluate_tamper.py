"""Evaluate (and fit) the tamper lane on forged copies of real films.

Every real film of a split gives an untouched, a copy-moved and a region-resynthesised
version; all three are then saved alike (as is, JPEG 95 or JPEG 85, in turn), so that
the format cannot answer for the pixels.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.decode import decode_film
from workers.errors import RejectedInput
from workers.lanes.tamper.lane import FLAG_SUSPICION
from workers.lanes.tamper.measure import film_suspicion, measure_film
from workers.training.data import DEFAULT_DATA_DIR, Sample, load_manifest
from workers.training.forge import copy_move, resynthesise_region
from workers.training.metrics import area_under_curve, tpr_at_fpr

# Films are cut to this side, which bounds the time; parts scale with the film.
_MAX_SIDE_PX = 1024
_MIN_SIDE_PX = 320
_QUALITIES = (None, 95, 85)
_KINDS = ("untouched", "copy_move", "resynthesise_region")


@dataclass(frozen=True)
class Row:
    """Measurements of one version of one film; quality None means saved losslessly."""

    origin: str
    kind: str
    quality: int | None
    parts: int
    smooth_mass: float
    suspicion: float


def main(argv: Sequence[str]) -> int:
    """Print the report as JSON; exit code 2 where the data are not there."""
    parser = argparse.ArgumentParser(prog="python -m workers evaluate --lane tamper")
    parser.add_argument("--lane", default="tamper", choices=("tamper",))
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA_DIR)
    parser.add_argument("--split", default="dev", choices=("train", "dev"))
    parser.add_argument("--limit", type=int, default=0, help="films, 0 for all")
    parser.add_argument("--fit", action="store_true", help="fit the constants (train)")
    parser.add_argument("--report", type=Path)
    options = parser.parse_args(list(argv))
    if not (options.data / "manifest.csv").is_file():
        sys.stderr.write(f"no manifest.csv in {options.data}\n")
        return 2
    split = "train" if options.fit else options.split
    samples = [
        sample
        for sample in load_manifest(options.data)
        if sample.kind == "real" and sample.split == split
    ]
    rng = np.random.default_rng(20261123)
    chosen = [samples[index] for index in rng.permutation(len(samples))]
    rows = list(_measure_all(chosen[: options.limit or None]))
    report = {"split": split, **_summarise(rows)}
    if options.fit:
        report["fit"] = _fit(rows)
    text = json.dumps(report, indent=1, allow_nan=False)
    if options.report:
        options.report.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0


def _measure_all(samples: Sequence[Sample]) -> Iterator[Row]:
    forges: tuple[Callable[[NDArray[Any], int], NDArray[Any]], ...] = (
        lambda film, seed: film,
        lambda film, seed: copy_move(film, seed)[0],
        lambda film, seed: resynthesise_region(film, seed)[0],
    )
    for number, sample in enumerate(samples):
        quality = _QUALITIES[number % len(_QUALITIES)]
        film = _load(sample)
        if film is None:
            continue
        try:
            versions = [forge(film, number) for forge in forges]
        except ValueError:
            # The forge found no part with grain; the film is left out of all classes.
            continue
        for kind, version in zip(_KINDS, versions, strict=True):
            measures = measure_film(_save(version, quality))
            yield Row(
                origin=sample.origin,
                kind=kind,
                quality=quality,
                parts=len(measures.parts),
                smooth_mass=measures.smooth_mass,
                suspicion=film_suspicion(measures),
            )
        if number % 20 == 19:
            sys.stderr.write(f"{number + 1} of {len(samples)} films\n")


def _load(sample: Sample) -> NDArray[np.uint8] | None:
    try:
        luma = decode_film(sample.path).luma
    except RejectedInput:
        return None
    if min(luma.shape) < _MIN_SIDE_PX:
        return None
    cut = luma[:_MAX_SIDE_PX, :_MAX_SIDE_PX]
    return np.rint(cut * 255).astype(np.uint8)


def _save(film: NDArray[np.uint8], quality: int | None) -> NDArray[np.float32]:
    if quality is not None:
        _, packed = cv2.imencode(".jpg", film, [cv2.IMWRITE_JPEG_QUALITY, quality])
        film = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return (film / 255).astype(np.float32)


def _summarise(rows: Sequence[Row]) -> dict[str, Any]:
    real = [row for row in rows if row.kind == "untouched"]
    report: dict[str, Any] = {
        "films": len(real),
        "false_alarms_at_threshold": _share(real, lambda row: _is_flagged(row)),
        "copy_move_false_hits": _share(real, lambda row: row.parts > 0),
        "threshold": FLAG_SUSPICION,
    }
    for kind in _KINDS[1:]:
        fakes = [row for row in rows if row.kind == kind]
        report[kind] = _compare(real, fakes)
        for quality in _QUALITIES:
            name = "lossless" if quality is None else f"jpeg_{quality}"
            report[kind][name] = _compare(
                [row for row in real if row.quality == quality],
                [row for row in fakes if row.quality == quality],
            )
    return report


def _compare(real: Sequence[Row], fakes: Sequence[Row]) -> dict[str, Any]:
    scores = np.array([row.suspicion for row in (*real, *fakes)])
    is_fake = np.array([False] * len(real) + [True] * len(fakes))
    return {
        "n": len(fakes),
        "auc": round(area_under_curve(scores, is_fake), 3),
        "tpr_at_1pct_fpr": round(tpr_at_fpr(scores, is_fake, 0.01), 3),
        "tpr_at_5pct_fpr": round(tpr_at_fpr(scores, is_fake, 0.05), 3),
        "caught_at_threshold": _share(fakes, lambda row: _is_flagged(row)),
        "copy_move_hits": _share(fakes, lambda row: row.parts > 0),
    }


def _is_flagged(row: Row) -> bool:
    return row.parts > 0 or row.suspicion >= FLAG_SUSPICION


def _share(rows: Sequence[Row], test: Callable[[Row], bool]) -> float:
    return round(sum(test(row) for row in rows) / max(len(rows), 1), 4)


def _fit(rows: Sequence[Row]) -> dict[str, Any]:
    """Return logistic constants of `workers.lanes.tamper.measure` and the threshold."""
    used = [row for row in rows if row.kind != "copy_move"]
    design = np.array([[1, np.log1p(row.smooth_mass)] for row in used])
    wanted = np.array([row.kind == "resynthesise_region" for row in used], dtype=float)
    factors = np.zeros(2)
    # Newton steps of the penalised likelihood; the small ridge keeps factors finite.
    ridge = np.diag([0.0, 0.1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ factors))
        slope = design.T @ (wanted - chance) - ridge @ factors
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + ridge
        factors = factors + np.linalg.solve(curve, slope)
    calm = 1 / (1 + np.exp(-design[wanted == 0] @ factors))
    return {
        "intercept": round(float(factors[0]), 3),
        "mass_factor": round(float(factors[1]), 3),
        "suspicion_at_1pct_false_alarms": round(float(np.quantile(calm, 0.99)), 3),
        "suspicion_at_half_pct_false_alarms": round(float(np.quantile(calm, 0.995)), 3),
    }
