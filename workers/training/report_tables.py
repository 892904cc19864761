"""Tables of the report: sortable by a button in each heading, values kept beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from workers.training.report_plots import has_figures


@dataclass(frozen=True)
class Cell:
    """text: what is shown.  note: in small print below, "; " parts its lines.

    order: what it sorts by, where not the text.

    stamp: VALID, INVALID or TOO FEW, shown as a badge.
    """

    text: str
    note: str = ""
    order: float | str = ""
    stamp: str = ""


_NOTHING = Cell("-", order=-1.0)


def render_table(
    caption: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> str:
    """Return the table as HTML; the first column names its row."""
    head = "".join(
        f'<th scope="col"><button type="button">{escape(text)}</button></th>'
        for text in headings
    )
    body = []
    for row in rows:
        cells = [_render_cell(cell, head=index == 0) for index, cell in enumerate(row)]
        kind = ' class="invalid"' if any(c.stamp == "INVALID" for c in row) else ""
        body.append(f"<tr{kind}>{''.join(cells)}</tr>")
    label = escape(caption)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">'
        f"<table><caption>{label}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _render_cell(cell: Cell, *, head: bool) -> str:
    tag, scope = ("th", ' scope="row"') if head else ("td", "")
    text = render_stamp(cell.stamp) if cell.stamp else escape(cell.text)
    lines = cell.note.split("; ") if cell.note else []
    note = "".join(f"<small>{escape(line)}</small>" for line in lines)
    order = escape(str(cell.order if cell.order != "" else cell.text))
    return f'<{tag}{scope} data-order="{order}">{text}{note}</{tag}>'


def render_stamp(stamp: str) -> str:
    """Return the badge of a set."""
    kind = {"VALID": "good", "INVALID": "bad"}.get(stamp, "none")
    return f'<span class="stamp {kind}">{escape(stamp)}</span>'


def _interval(figure: Mapping[str, float] | None, digits: int = 3) -> Cell:
    if figure is None:
        return _NOTHING
    value, low, high = (figure[key] for key in ("value", "low", "high"))
    return Cell(f"{value:.{digits}f}", f"{low:.{digits}f} to {high:.{digits}f}", value)


def _rate(figure: Mapping[str, Any] | None) -> Cell:
    if figure is None or figure["value"] is None:
        return _NOTHING
    note = f"{figure['low']:.1%} to {figure['high']:.1%}; of {figure['total']}"
    return Cell(f"{figure['value']:.1%}", note, figure["value"])


def _percent(value: float | None) -> Cell:
    return _NOTHING if value is None else Cell(f"{value:.1%}", order=value)


def _counts(one: Mapping[str, Any]) -> Cell:
    pictures = one["pictures"]
    return Cell(f"{pictures['real']} / {pictures['fake']}", order=pictures["real"])


_SET_HEADINGS = (
    *("real / generated", "leak probe", "stamp", "AUC"),
    *("TPR at 0.1 % FPR", "TPR at 1 % FPR", "TPR at 5 % FPR", "ECE", "Brier"),
)


def _set_cells(one: Mapping[str, Any]) -> list[Cell]:
    cells = [_counts(one)]
    stamp = Cell(one["stamp"], stamp=one["stamp"], order=one["stamp"])
    if not has_figures(one):
        return [*cells, _NOTHING, stamp, *[_NOTHING] * (len(_SET_HEADINGS) - 3)]
    probe = _interval(one["leak_probe"], 2)
    grey = one["leak_probe_grey_levels_only"]["value"]
    cells += [Cell(probe.text, f"{probe.note}; no sizes {grey:.2f}", probe.order)]
    cells += [stamp, _interval(one["auc"])]
    for level, tpr in one["tpr_at_fpr"].items():
        cell = _interval(tpr)
        if not one["fpr_resolved"][level]:
            cell = Cell(cell.text, f"{cell.note}; at no alarm", cell.order)
        cells.append(cell)
    brier = Cell(f"{one['brier']:.3f}", order=one["brier"])
    return [*cells, _interval(one["calibration_error"]), brier]


def _shipped(one: Mapping[str, Any], budget: str) -> list[Cell]:
    if not has_figures(one):
        return [_NOTHING] * 3
    point = one["operating_points"][budget]
    accuracy = point["balanced_accuracy"]
    return [_rate(point["caught"]), _rate(point["false_alarms"]), _percent(accuracy)]


def tabulate_overview(conditions: Mapping[str, Any], budget: str) -> str:
    """Return every condition, films only: whole set, then matched."""
    rows = []
    for name, found in conditions.items():
        for which in ("whole", "matched"):
            one = found["generated_against"]["films"][which]
            first = Cell(name.replace("_", " "), f"{which} set", f"{name} {which}")
            rows.append([first, *_set_cells(one), *_shipped(one, budget)])
    headings = ("condition", *_SET_HEADINGS, "caught", "false alarms", "accuracy")
    return render_table(
        "Generated pictures against films, every condition. Caught, false alarms and "
        f"accuracy (classes weigh the same) at the shipped threshold, {budget} budget. "
        "“At no alarm”: too few real pictures to resolve that false-positive rate.",
        headings,
        rows,
    )


def _each_set(condition: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [
        (f"{against}, {which} set", condition["generated_against"][against][which])
        for against in ("films", "photographs")
        for which in ("whole", "matched")
    ]


def tabulate_sets(condition: Mapping[str, Any]) -> str:
    """Return the main figures of the four sets of one condition."""
    rows = [[Cell(name), *_set_cells(one)] for name, one in _each_set(condition)]
    return render_table(
        "Generated pictures against", ("real pictures", *_SET_HEADINGS), rows
    )


def _predictive_cells(point: Mapping[str, Any]) -> list[Cell]:
    cells = []
    for share, value in point["predictive_value"].items():
        floor = point["predictive_value_at_least"][share]
        note = "" if floor is None else f"at least {floor:.1%}"
        cell = _percent(value)
        cells.append(Cell(cell.text, note, cell.order))
    return cells


def tabulate_operating_points(condition: Mapping[str, Any]) -> str:
    """Return what each threshold of the card catches and costs, per set."""
    rows = []
    for name, one in _each_set(condition):
        for budget, point in one.get("operating_points", {}).items():
            alarms = _rate(point["false_alarms"])
            bound = f"{alarms.note}; below {point['false_alarms_upper_bound']:.1%}"
            rows.append(
                [
                    Cell(name, f"budget {budget}", f"{name} {budget}"),
                    Cell(f"{point['threshold']:.3f}", order=point["threshold"]),
                    _rate(point["caught"]),
                    Cell(alarms.text, bound, alarms.order),
                    _percent(point["accuracy"]),
                    _percent(point["balanced_accuracy"]),
                    *_predictive_cells(point),
                ]
            )
    return render_table(
        "Operating points. PPV: share of flagged pictures that are generated; “at "
        "least”: at the 95 % upper bound of the false-alarm rate.",
        (
            *("set", "threshold", "caught", "false alarms"),
            *("accuracy as counted", "accuracy, equal classes"),
            *("PPV at 0.1 %", "PPV at 1 %", "PPV at 5 %"),
        ),
        rows,
    )


def tabulate_abstentions(condition: Mapping[str, Any]) -> str:
    """Return how many pictures of each class got no answer, and why."""
    rows = []
    for role, found in condition["not_assessable"].items():
        reasons = ", ".join(f"{why}: {n}" for why, n in found["reasons"].items())
        refused = _rate(found["refused_as_no_radiograph"])
        rows.append([Cell(role), _rate(found["abstained"]), Cell(reasons), refused])
    return render_table(
        "Not assessable. The last column: what the in-domain check would refuse; the "
        "evaluation skips it.",
        ("class", "not assessable", "reasons", "taken for no radiograph"),
        rows,
    )


def tabulate_slices(
    caption: str, rows: Mapping[str, Mapping[str, Any]], first: str
) -> str:
    """Return one table of slices: n, judged, flagged, median suspicion, AUC, TPR."""
    cells = [
        [
            Cell(name),
            Cell(row["counts_as"]),
            Cell(str(row["pictures"]), order=row["pictures"]),
            Cell(str(row["judged"]), order=row["judged"]),
            _rate(row["flagged"]),
            (
                _NOTHING
                if row["median_suspicion"] is None
                else Cell(
                    f"{row['median_suspicion']:.3f}", order=row["median_suspicion"]
                )
            ),
            _interval(row["auc"]),
            _interval(row["tpr_at_1_percent_fpr"]),
        ]
        for name, row in rows.items()
    ]
    headings = (
        *(first, "class", "pictures", "judged", "flagged", "median suspicion"),
        *("AUC", "TPR at 1 % FPR"),
    )
    return render_table(caption, headings, cells)
