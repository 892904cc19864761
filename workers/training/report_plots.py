"""Figures of the report as Plotly specifications: plain values, drawn by the page.

Colours are names ("$film"), which the page resolves from its style sheet, so that one
specification serves light, dark and print.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Spec = dict[str, Any]

_SETS = (
    ("films", "whole", "films, whole set", "$film", "dash"),
    ("films", "matched", "films, matched", "$film", "solid"),
    ("photographs", "whole", "photographs, whole set", "$photograph", "dash"),
    ("photographs", "matched", "photographs, matched", "$photograph", "solid"),
)
_LOG_FLOOR = 0.0005  # a logarithmic axis has no 0
_ROW_PX = 24
_HEIGHT_PX = 380
SOURCE_LIMIT = 0.03  # issue 3: no real source above 3 % at the shipped threshold


def _layout(
    x_title: str, y_title: str, *, height: int = _HEIGHT_PX, **more: Any
) -> Spec:
    axis = {"automargin": True, "zeroline": False}
    return {
        "height": height,
        "margin": {"l": 60, "r": 20, "t": 36, "b": 50},
        "hovermode": "closest",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "xaxis": {**axis, "title": {"text": x_title}, **more.pop("xaxis", {})},
        "yaxis": {**axis, "title": {"text": y_title}, **more.pop("yaxis", {})},
        **more,
    }


def has_figures(one_set: Mapping[str, Any]) -> bool:
    """Return whether there were enough pictures for figures."""
    return "auc" in one_set


def draw_roc(condition: Mapping[str, Any]) -> Spec:
    """Return the ROC curves of every set; `meta` holds x for both kinds of axis."""
    traces: list[Spec] = []
    for against, which, label, colour, dash in _SETS:
        one = condition["generated_against"][against][which]
        if not has_figures(one):
            continue
        fpr = one["roc"]["fpr"]
        log = [max(value, _LOG_FLOOR) for value in fpr]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": f"{label} ({one['auc']['value']:.3f}, {one['stamp']})",
                "x": log,
                "y": one["roc"]["tpr"],
                "meta": {"log": log, "linear": fpr},
                "line": {"color": colour, "dash": dash, "width": 2},
                "hovertemplate": "FPR %{x:.3f}, TPR %{y:.3f}<extra></extra>",
            }
        )
    steps = [_LOG_FLOOR, *(index / 50 for index in range(1, 51))]
    traces.append(
        {
            "type": "scatter",
            "mode": "lines",
            "name": "chance",
            "x": steps,
            "y": steps,
            "meta": {"log": steps, "linear": steps},
            "line": {"color": "$muted", "dash": "dot", "width": 1},
            "hoverinfo": "skip",
        }
    )
    layout = _layout(
        "false-positive rate",
        "true-positive rate",
        xaxis={"type": "log", "range": [-3.302, 0]},
        yaxis={"range": [0, 1.02]},
        # Below the curves: long names above the plot run into it on paper.
        legend={"x": 1, "xanchor": "right", "y": 0.02, "yanchor": "bottom"},
    )
    return {"data": traces, "layout": layout}


def draw_reliability(condition: Mapping[str, Any]) -> Spec:
    """Return stated against observed probability, with intervals."""
    line = {"color": "$muted", "dash": "dot", "width": 1}
    traces: list[Spec] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "perfect",
            "x": [0, 1],
            "y": [0, 1],
            "line": line,
            "hoverinfo": "skip",
        }
    ]
    for against, which, label, colour, dash in _SETS:
        one = condition["generated_against"][against][which]
        if not has_figures(one):
            continue
        bins = one["reliability"]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": label,
                "x": [b["stated"] for b in bins],
                "y": [b["observed"] for b in bins],
                "text": [f"{b['real']} real, {b['fake']} generated" for b in bins],
                "line": {"color": colour, "dash": dash, "width": 1.5},
                "marker": {"size": 7, "color": colour},
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": [round(b["high"] - b["observed"], 4) for b in bins],
                    "arrayminus": [round(b["observed"] - b["low"], 4) for b in bins],
                    "thickness": 1,
                    "color": colour,
                },
                "hovertemplate": (
                    "stated %{x:.2f}, observed %{y:.2f}, %{text}<extra></extra>"
                ),
            }
        )
    layout = _layout(
        "stated suspicion",
        "share generated (equal classes)",
        xaxis={"range": [0, 1]},
        yaxis={"range": [-0.02, 1.02]},
    )
    return {"data": traces, "layout": layout}


def draw_histogram(condition: Mapping[str, Any], threshold: float) -> Spec:
    """Return the share of pictures per step of suspicion, by class."""
    traces: list[Spec] = []
    names = (("film", "films"), ("photograph", "photographs"))
    for role, label in (*names, ("generated", "generated")):
        shares = condition["suspicion_histogram"][role]
        step = 1 / len(shares)
        traces.append(
            {
                "type": "bar",
                "name": label,
                "x": [round((index + 0.5) * step, 4) for index in range(len(shares))],
                "y": shares,
                "width": step,
                "opacity": 0.6,
                "marker": {"color": f"${role}"},
                "hovertemplate": "suspicion %{x:.2f}: %{y:.1%}<extra></extra>",
            }
        )
    layout = _layout(
        "suspicion (the vertical line is the shipped threshold)",
        "share of its class",
        barmode="overlay",
        xaxis={"range": [0, 1]},
        yaxis={"tickformat": ".0%"},
        shapes=[_vertical(threshold)],
    )
    return {"data": traces, "layout": layout}


def _vertical(x: float) -> Spec:
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": x,
        "x1": x,
        "y0": 0,
        "y1": 1,
        "line": {"color": "$alarm", "width": 1, "dash": "dot"},
    }


def draw_dots(rows: Mapping[str, Mapping[str, Any]], *, limit: float | None) -> Spec:
    """Return the flagged rate of each row with its interval, highest on top.

    limit: a vertical line at that rate. Rows with no judged picture are left out.
    """
    judged = [(n, r) for n, r in rows.items() if r["flagged"]["value"] is not None]
    judged.sort(key=lambda pair: (pair[1]["flagged"]["value"], pair[0]))
    order = [name for name, _ in judged]
    traces: list[Spec] = []
    for role in ("film", "photograph", "generated", "aligned"):
        part = [(n, r["flagged"]) for n, r in judged if r["counts_as"] == role]
        if not part:
            continue
        rates = [flagged["value"] for _, flagged in part]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": role,
                "x": rates,
                "y": [name for name, _ in part],
                "text": [f"{f['count']} of {f['total']}" for _, f in part],
                "marker": {"size": 9, "color": f"${role}"},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [round(f["high"] - f["value"], 4) for _, f in part],
                    "arrayminus": [round(f["value"] - f["low"], 4) for _, f in part],
                    "thickness": 1.2,
                    "color": f"${role}",
                },
                "hovertemplate": "%{y}: %{x:.1%} (%{text})<extra></extra>",
            }
        )
    layout = _layout(
        "flagged",
        "",
        height=120 + _ROW_PX * len(order),
        xaxis={"range": [-0.02, 1.02], "tickformat": ".0%"},
        yaxis={"type": "category", "categoryorder": "array", "categoryarray": order},
        shapes=[] if limit is None else [_vertical(limit)],
    )
    return {"data": traces, "layout": layout}


def draw_conditions(conditions: Mapping[str, Mapping[str, Any]]) -> Spec:
    """Return AUC with its interval per condition, whole set and matched."""
    traces: list[Spec] = []
    for against, which, label, colour, dash in _SETS:
        part = [
            (name, found["generated_against"][against][which])
            for name, found in conditions.items()
            if has_figures(found["generated_against"][against][which])
        ]
        if not part:
            continue
        areas = [one["auc"] for _, one in part]
        symbol = "circle" if dash == "solid" else "circle-open"
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": label,
                "x": [name for name, _ in part],
                "y": [area["value"] for area in areas],
                "text": [one["stamp"] for _, one in part],
                "marker": {"size": 10, "color": colour, "symbol": symbol},
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": [round(a["high"] - a["value"], 4) for a in areas],
                    "arrayminus": [round(a["value"] - a["low"], 4) for a in areas],
                    "thickness": 1.2,
                    "color": colour,
                },
                "hovertemplate": "%{x}: %{y:.3f}, %{text}<extra></extra>",
            }
        )
    lowest = min((a - m for a, m in _downwards(traces)), default=0.9)
    layout = _layout(
        "",
        "AUC",
        xaxis={"type": "category"},
        yaxis={"range": [max(round(min(lowest, 0.9) - 0.02, 2), 0), 1.005]},
        scattermode="group",
        scattergap=0.6,
    )
    return {"data": traces, "layout": layout}


def _downwards(traces: list[Spec]) -> Iterator[tuple[float, float]]:
    for trace in traces:
        yield from zip(trace["y"], trace["error_y"]["arrayminus"], strict=True)
