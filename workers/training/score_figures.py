"""From rows of scores to figures: one condition, whole and matched, table by table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.model_card import ModelCard
from workers.training.leak_probe import (
    SIZE_FEATURES,
    TOLERANCE,
    count_folds,
    facts_matrix,
    probe_leak,
)
from workers.training.matching import MIN_PAIRS, match_classes
from workers.training.metrics import (
    FPR_LEVELS,
    brier_score,
    draw_group_weights,
    measure_calibration,
    measure_separation,
    predictive_values,
    rate_of,
    reliability_bins,
    roc_curve,
)
from workers.training.score_table import PictureScore

ROUNDS = 1000
MIN_PICTURES = 10  # a side, of a whole set; a matched set needs MIN_PAIRS
_SLICE_ROUNDS = 300
_HISTOGRAM_BINS = 20
_MATCHED_REPEATS = 3  # other cuts into folds, averaged: matched sets are small
# Kinds of pictures. Made fakes (aligned) are a training aid: they get their own rows in
# the tables, but no share in the figures of generated pictures.
FILM, PHOTOGRAPH, GENERATED, ALIGNED = "film", "photograph", "generated", "aligned"


@dataclass(frozen=True, eq=False)
class Columns:
    """Rows of one condition, column by column; arrays of (pictures,)."""

    rows: tuple[PictureScore, ...]
    score: NDArray[np.float64]
    probability: NDArray[np.float64]
    is_fake: NDArray[np.bool_]
    role: NDArray[np.str_]
    group: NDArray[np.str_]
    origin: NDArray[np.str_]
    family: NDArray[np.str_]
    anatomy: NDArray[np.str_]

    @property
    def is_judged(self) -> NDArray[np.bool_]:
        """Return where there is a score."""
        return np.isfinite(self.score)

    def select(self, mask: NDArray[np.bool_] | NDArray[np.int64]) -> Columns:
        """Return the rows of `mask` (or at those indices)."""
        indices = np.arange(self.score.size)[mask]
        arrays = {k: v[indices] for k, v in vars(self).items() if k != "rows"}
        return Columns(rows=tuple(self.rows[i] for i in indices), **arrays)


def role_of(row: PictureScore) -> str:
    """Return what the picture counts as: film, photograph, generated or aligned."""
    if row.is_fake:
        return ALIGNED if row.kind == "aligned" else GENERATED
    return PHOTOGRAPH if row.kind == "photo" else FILM


def make_columns(rows: Sequence[PictureScore]) -> Columns:
    """Return `rows` as columns."""
    return Columns(
        rows=tuple(rows),
        score=np.array([row.score for row in rows], np.float64),
        probability=np.array([row.probability for row in rows], np.float64),
        is_fake=np.array([row.is_fake for row in rows], np.bool_),
        role=np.array([role_of(row) for row in rows], np.str_),
        group=np.array([row.group for row in rows], np.str_),
        origin=np.array([row.origin for row in rows], np.str_),
        family=np.array([row.family for row in rows], np.str_),
        anatomy=np.array([row.anatomy for row in rows], np.str_),
    )


def _percent(level: float) -> str:
    return f"{level:.1%}"


def _roc_json(table: Columns) -> dict[str, list[float]]:
    curve = roc_curve(table.score, table.is_fake)
    points = np.column_stack([curve.fpr, curve.tpr]).round(5)
    # A point between two steps of the same direction, up or right, draws nothing.
    still = np.diff(points, axis=0) == 0
    inside = (still[1:] & still[:-1]).any(axis=1)
    kept = points[np.concatenate([[True], ~inside, [True]])]
    return {"fpr": kept[:, 0].tolist(), "tpr": kept[:, 1].tolist()}


def _at_threshold(table: Columns, threshold: float) -> dict[str, Any]:
    """Return what one threshold catches among judged pictures, and what it costs."""
    flagged = table.probability >= threshold
    caught, alarms = rate_of(flagged[table.is_fake]), rate_of(flagged[~table.is_fake])
    tpr, fpr = caught.value or 0.0, alarms.value or 0.0
    return {
        "threshold": round(threshold, 4),
        "caught": caught.as_json(),
        "false_alarms": alarms.as_json(),
        # No alarm in a hundred films does not make the rate 0.
        "false_alarms_upper_bound": round(alarms.upper_bound, 4),
        "accuracy": round(float((flagged == table.is_fake).mean()), 4),
        "balanced_accuracy": round((tpr + 1 - fpr) / 2, 4),
        "predictive_value": predictive_values(tpr, fpr),
        "predictive_value_at_least": predictive_values(tpr, alarms.upper_bound),
    }


def _count_pictures(table: Columns) -> dict[str, int]:
    return {
        "real": int((~table.is_fake).sum()),
        "fake": int(table.is_fake.sum()),
        "real_groups": int(np.unique(table.group[~table.is_fake]).size),
        "fake_groups": int(np.unique(table.group[table.is_fake]).size),
    }


def measure_set(
    table: Columns,
    card: ModelCard,
    *,
    seed: int,
    at_least: int = MIN_PICTURES,
    pair: NDArray[np.str_] | None = None,
) -> dict[str, Any]:
    """Return every main figure of judged pictures, with the stamp of its own probe.

    at_least: pictures a side below which there are no figures, only the reason.
    pair: of a matched set, the name of each picture's pair.
    """
    counts = _count_pictures(table)
    found: dict[str, Any] = {"pictures": counts}
    enough = min(counts["real"], counts["fake"]) >= at_least
    if not enough or count_folds(table.is_fake, table.group) < 2:
        reason = f"fewer than {at_least} pictures a side: no figures"
        return {**found, "stamp": "TOO FEW", "reason": reason}
    facts = facts_matrix([row.facts for row in table.rows if row.facts is not None])
    units, repeats = (table.group, 1) if pair is None else (pair, _MATCHED_REPEATS)
    # For information: without sizes, which the lane's tiles do not see.
    leak, grey = (
        probe_leak(facts[:, first:], table.is_fake, units, seed=seed, repeats=repeats)
        for first in (0, SIZE_FEATURES)
    )
    weights = draw_group_weights(table.group, table.is_fake, seed=seed, rounds=ROUNDS)
    apart = measure_separation(table.score, table.is_fake, weights)
    error = measure_calibration(table.probability, table.is_fake, weights)
    return {
        **found,
        "stamp": "VALID" if leak.is_valid else "INVALID",
        "reason": (
            f"the leak probe scores {leak.auc:.2f}, "
            f"{'within' if leak.is_valid else 'outside'} 0.5 ± {TOLERANCE}"
        ),
        "leak_probe": leak.interval.as_json(),
        "leak_probe_grey_levels_only": grey.interval.as_json(),
        "auc": apart.auc.as_json(),
        "tpr_at_fpr": {_percent(f): apart.tpr[f].as_json() for f in FPR_LEVELS},
        # Below one real picture in 1/FPR the figure is that of no false alarm at all.
        "fpr_resolved": {_percent(f): counts["real"] * f >= 1 for f in FPR_LEVELS},
        "calibration_error": error.as_json(),
        "brier": round(brier_score(table.probability, table.is_fake), 4),
        "reliability": [
            {k: round(v, 4) for k, v in vars(one).items()}
            for one in reliability_bins(table.probability, table.is_fake)
        ],
        "roc": _roc_json(table),
        "operating_points": {
            _percent(fpr): _at_threshold(table, threshold)
            for fpr, threshold in sorted(card.operating_points.items())
        },
    }


def _compare(
    judged: Columns, negative: str, card: ModelCard, *, seed: int
) -> dict[str, Any]:
    """Return generated pictures against `negative`: all of them, and matched.

    A whole set that is valid needs no matching: the matched set is the whole set.
    """
    table = judged.select((judged.role == GENERATED) | (judged.role == negative))
    whole = measure_set(table, card, seed=seed)
    if whole["stamp"] != "INVALID":
        # Nothing to cure, or nothing to choose from: leaving pictures out would only
        # widen the intervals.
        return {"whole": whole, "matched": whole}
    facts = facts_matrix([row.facts for row in table.rows if row.facts is not None])
    matched = match_classes(facts, table.is_fake, table.group, seed=seed)
    # Another seed than that of matching: the probe must not meet its own folds again.
    fresh = measure_set(
        table.select(matched.indices),
        card,
        seed=seed + 1,
        at_least=MIN_PAIRS,
        pair=matched.pair,
    )
    return {"whole": whole, "matched": fresh}


def _slice_separation(
    part: Columns, against: Columns, *, seed: int
) -> dict[str, dict[str, float] | None]:
    """Return AUC and TPR at 1 % FPR of `part` against `against`; None if empty."""
    auc = tpr = None
    if part.score.size and against.score.size:
        score = np.concatenate([part.score, against.score])
        labels = np.concatenate([part.is_fake, against.is_fake])
        group = np.concatenate([part.group, against.group])
        weights = draw_group_weights(group, labels, seed=seed, rounds=_SLICE_ROUNDS)
        apart = measure_separation(score, labels, weights)
        auc, tpr = apart.auc.as_json(), apart.tpr[0.01].as_json()
    return {"auc": auc, "tpr_at_1_percent_fpr": tpr}


def _slice_row(
    part: Columns, against: Columns, threshold: float, *, seed: int
) -> dict[str, Any]:
    """Return one row: n, judged, flagged with Wilson's interval, median, AUC, TPR."""
    judged = part.select(part.is_judged)
    median = float(np.median(judged.probability)) if judged.score.size else None
    return {
        "counts_as": str(part.role[0]),
        "pictures": int(part.score.size),
        "judged": int(judged.score.size),
        "flagged": rate_of(judged.probability >= threshold).as_json(),
        "median_suspicion": None if median is None else round(median, 4),
        **_slice_separation(judged, against, seed=seed),
    }


def _slices(
    part: Columns,
    names: NDArray[np.str_],
    against: Columns,
    threshold: float,
    *,
    seed: int,
) -> dict[str, Any]:
    return {
        str(name): _slice_row(part.select(names == name), against, threshold, seed=seed)
        for name in np.unique(names)
    }


def _tables(table: Columns, threshold: float, *, seed: int) -> dict[str, Any]:
    """Return the rows per source, generator, family and anatomy.

    AUC: of a generator against all films, of a source against all generated pictures,
    of an anatomy against the other class of the same anatomy.
    """
    judged = table.select(table.is_judged)
    films, made = (judged.select(judged.role == role) for role in (FILM, GENERATED))
    reals = table.select(~table.is_fake)
    fakes = table.select(table.is_fake)
    anatomy = []
    for name in np.unique(table.anatomy):
        inside = table.select((table.anatomy == name) & (table.role != ALIGNED))
        seen = inside.select(inside.is_judged)
        for label, word in ((False, "real"), (True, "generated")):
            part = inside.select(inside.is_fake == label)
            if part.score.size:
                other = seen.select(seen.is_fake != label)
                row = _slice_row(part, other, threshold, seed=seed)
                anatomy.append((f"{name}, {word}", row))
    return {
        "per_source": _slices(reals, reals.origin, made, threshold, seed=seed),
        "per_source_family": _slices(reals, reals.family, made, threshold, seed=seed),
        "per_generator": _slices(fakes, fakes.origin, films, threshold, seed=seed),
        "per_generator_family": _slices(
            fakes, fakes.family, films, threshold, seed=seed
        ),
        "per_anatomy": dict(anatomy),
    }


def _abstentions(table: Columns) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for role in (FILM, PHOTOGRAPH, GENERATED):
        part = table.select(table.role == role)
        reasons = Counter(row.reason for row in part.rows if not row.is_judged)
        checked = [row.in_domain for row in part.rows if row.in_domain is not None]
        refused = rate_of(~np.array(checked, np.bool_)) if checked else None
        found[role] = {
            "abstained": rate_of(~part.is_judged).as_json(),
            "reasons": dict(sorted(reasons.items())),
            "refused_as_no_radiograph": refused.as_json() if refused else None,
        }
    return found


def _histogram(judged: Columns) -> dict[str, list[float]]:
    """Return the share of each class per step of suspicion, 0..1."""
    found: dict[str, list[float]] = {}
    for role in (FILM, PHOTOGRAPH, GENERATED):
        values = judged.probability[judged.role == role]
        counts, _ = np.histogram(values, bins=_HISTOGRAM_BINS, range=(0, 1))
        found[role] = (counts / max(values.size, 1)).round(5).tolist()
    return found


def _worst(judged: Columns, role: str, *, count: int = 12) -> list[dict[str, Any]]:
    """Return the misses (generated, least suspicion) or alarms (most suspicion)."""
    sign = 1 if role == GENERATED else -1
    rows = [row for row in judged.rows if role_of(row) == role]
    rows.sort(key=lambda row: (sign * row.score, row.path))
    return [
        {
            "path": row.path,
            "origin": row.origin,
            "suspicion": round(row.probability, 4),
            "condition": row.condition,
        }
        for row in rows[:count]
    ]


def measure_condition(
    rows: Sequence[PictureScore], card: ModelCard, *, seed: int
) -> dict[str, Any]:
    """Return the figures of one condition of one set of pictures.

    stamp: that of the main comparison, all generated pictures against all films.
    """
    table = make_columns(rows)
    judged = table.select(table.is_judged)
    against = {
        name: _compare(judged, role, card, seed=seed)
        for name, role in (("films", FILM), ("photographs", PHOTOGRAPH))
    }
    return {
        "stamp": against["films"]["whole"]["stamp"],
        "pictures": {
            role: int((table.role == role).sum())
            for role in (FILM, PHOTOGRAPH, GENERATED, ALIGNED)
        },
        "not_assessable": _abstentions(table),
        "generated_against": against,
        "suspicion_histogram": _histogram(judged),
        **_tables(table, card.threshold, seed=seed),
        "worst_misses": _worst(judged, GENERATED),
        "worst_false_alarms": _worst(judged, FILM),
    }
