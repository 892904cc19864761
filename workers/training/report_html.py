"""The report as one page that needs nothing else: no network, no other file.

The page's own policy forbids every request, so that a mistake here cannot make one.
The same report and pictures give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any, Protocol

from plotly.offline import get_plotlyjs

from workers.training.report_plots import (
    SOURCE_LIMIT,
    Spec,
    draw_conditions,
    draw_dots,
    draw_histogram,
    draw_reliability,
    draw_roc,
)
from workers.training.report_tables import (
    render_stamp,
    tabulate_abstentions,
    tabulate_operating_points,
    tabulate_overview,
    tabulate_sets,
    tabulate_slices,
)

_ASSETS = Path(__file__).with_name("report_assets")
_POLICY = (
    "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'"
)
_SLICES = (
    (
        "per_source",
        "source",
        "Real sources. AUC and TPR: all generated pictures against it.",
    ),
    ("per_source_family", "family", "Families of real sources, likewise."),
    ("per_generator", "generator", "Generators. AUC and TPR: against all films."),
    ("per_generator_family", "family", "Families of generators, likewise."),
    (
        "per_anatomy",
        "anatomy",
        "Anatomy. AUC and TPR: against the other class of the same anatomy.",
    ),
)
_INVALID = (
    "The whole set lets size and grey levels answer for the pixels: its figures prove "
    "little and must not be claimed."
)
_AFTER_INVALID = {
    "VALID": (
        "Read the matched set, in which each generated picture has a film that the "
        "leak probe cannot tell from it."
    ),
    "INVALID": "The matched set does too: nothing here may be claimed.",
    "TOO FEW": (
        "Too few pictures have a counterpart that the leak probe cannot tell from "
        "them: nothing here may be claimed."
    ),
}


class Thumbnails(Protocol):
    """Where small copies of the films come from."""

    def draw_thumbnail(self, path: str, condition: str) -> str | None:
        """Return the film as a data address, None where it cannot be shown."""
        ...


def _as_script_json(value: object) -> str:
    # "</script>" inside a name must not end the element.
    return json.dumps(value, sort_keys=True).replace("<", "\\u003c")


def _figure(
    name: str, spec: Spec, caption: str, *, has_axis_choice: bool = False
) -> str:
    choice = (
        '<div class="choice"><button type="button" data-axis="log" aria-pressed="true">'
        'logarithmic</button><button type="button" data-axis="linear" '
        'aria-pressed="false">linear</button></div>'
        if has_axis_choice
        else ""
    )
    return (
        f"<figure><figcaption>{escape(caption)}</figcaption>{choice}"
        f'<div class="plot" id="{name}" role="img" aria-label="{escape(caption)}" '
        f'style="height:{spec["layout"]["height"]}px"></div>'
        f'<script type="application/json" data-plot="{name}">'
        f"{_as_script_json(spec)}</script></figure>"
    )


def _facts(pairs: Mapping[str, object]) -> str:
    rows = "".join(
        f"<div><dt>{escape(key)}</dt><dd>{escape(str(value))}</dd></div>"
        for key, value in pairs.items()
    )
    return f"<dl>{rows}</dl>"


def _render_head(report: Mapping[str, Any]) -> str:
    model = report["model"]
    points = "; ".join(f"{k}: {v:.4f}" for k, v in model["operating_points"].items())
    budget = f"{model['false_positive_budget']:.1%}"
    facts = {
        "model": f"{model['name']} {model['version']} ({model['input']})",
        "SHA-256 of the model": model["sha256"],
        "trained on (digest)": model["data_digest"],
        "evaluated on (digest)": report["data_digest"],
        "threshold in use": f"{model['threshold']:.4f} ({budget} budget)",
        "thresholds by budget": points,
        "date": report["date"] or "not stated",
        "seed": report["seed"],
        "command": report["command"],
    }
    protocol = {k.replace("_", " "): v for k, v in report["protocol"].items()}
    links = "".join(
        f'<a href="#{escape(section["name"])}">{escape(section["title"])}</a>'
        for section in report["sections"]
    )
    return (
        "<header><h1>Evaluation of the synthesis lane</h1>"
        "<p>Was this film made by a generator? Research software, not a medical "
        f'device.</p><nav aria-label="Sections">{links}</nav>{_facts(facts)}'
        f"<details><summary>Protocol</summary>{_facts(protocol)}</details></header>"
    )


def _render_verdict(conditions: Mapping[str, Any]) -> str:
    """Return, in a box, which figures of the section may be believed, and which not."""
    name = "as_is" if "as_is" in conditions else next(iter(conditions))
    films = conditions[name]["generated_against"]["films"]
    lines = []
    for which in ("whole", "matched"):
        one = films[which]
        counts = one["pictures"]
        lines.append(
            f"<p>{render_stamp(one['stamp'])} <strong>{which} set</strong> ({name}, "
            f"{counts['real']} films, {counts['fake']} generated): "
            f"{escape(one['reason'])}.</p>"
        )
    wrong = films["whole"]["stamp"] != "VALID"
    advice = ""
    if wrong:
        then = _AFTER_INVALID[films["matched"]["stamp"]]
        advice = f"<p>{escape(_INVALID)} {escape(then)}</p>"
    kind = "bad" if wrong else "good"
    return f'<div class="verdict {kind}" role="note">{"".join(lines)}{advice}</div>'


def _render_slices(condition: Mapping[str, Any]) -> str:
    return "".join(
        f"<details><summary>{escape(key.replace('_', ' '))}</summary>"
        f"{tabulate_slices(caption, condition[key], first)}</details>"
        for key, first, caption in _SLICES
    )


def _render_condition(
    key: str, name: str, condition: Mapping[str, Any], threshold: float
) -> str:
    figures = (
        _figure(
            f"{key}-roc", draw_roc(condition), "ROC, with AUC", has_axis_choice=True
        ),
        _figure(f"{key}-reliability", draw_reliability(condition), "Reliability"),
        _figure(
            f"{key}-histogram",
            draw_histogram(condition, threshold),
            "Suspicion by class",
        ),
        _figure(
            f"{key}-sources",
            draw_dots(condition["per_source"], limit=SOURCE_LIMIT),
            "False alarms per real source at the shipped threshold (line: "
            f"{SOURCE_LIMIT:.0%})",
        ),
        _figure(
            f"{key}-generators",
            draw_dots(condition["per_generator"], limit=None),
            "Caught per generator at the shipped threshold",
        ),
        _figure(
            f"{key}-families",
            draw_dots(condition["per_generator_family"], limit=None),
            "Caught per family of generators at the shipped threshold",
        ),
    )
    return (
        f'<div class="condition" data-condition="{escape(name)}">'
        f"<h3>{escape(name.replace('_', ' '))}</h3>"
        f"<p>{escape(condition['description'])}</p>{tabulate_sets(condition)}"
        f'<div class="figures">{"".join(figures)}</div>'
        f"{tabulate_operating_points(condition)}{tabulate_abstentions(condition)}"
        f"{_render_slices(condition)}</div>"
    )


def _render_pictures(
    title: str, rows: list[dict[str, Any]], pictures: Thumbnails
) -> str:
    items = []
    for row in rows:
        address = pictures.draw_thumbnail(row["path"], row["condition"])
        text = f"{row['origin']}, suspicion {row['suspicion']:.0%}"
        image = (
            f'<img src="{address}" alt="{escape(text)}">'
            if address
            else '<span class="missing">cannot be shown</span>'
        )
        items.append(
            f"<li>{image}<b>{row['suspicion']:.0%}</b> {escape(row['origin'])}"
            f"<small>{escape(row['path'])}</small></li>"
        )
    return f'<h4>{escape(title)}</h4><ul class="pictures">{"".join(items)}</ul>'


def _render_section(
    section: Mapping[str, Any], model: Mapping[str, Any], pictures: Thumbnails
) -> str:
    name, conditions = section["name"], section["conditions"]
    key = escape(name.replace(" ", "-"))
    budget = f"{model['false_positive_budget']:.1%}"
    shown = "as_is" if "as_is" in conditions else next(iter(conditions))
    options = "".join(
        f'<option value="{escape(one)}"{" selected" if one == shown else ""}>'
        f"{escape(one.replace('_', ' '))}</option>"
        for one in conditions
    )
    panels = "".join(
        _render_condition(f"{key}-{index}", one, found, model["threshold"])
        for index, (one, found) in enumerate(conditions.items())
    )
    worst = conditions[shown]
    title = escape(section["title"])
    return (
        f'<section id="{key}"><h2>{title}</h2><p>{escape(section["about"])}</p>'
        f"{_render_verdict(conditions)}{tabulate_overview(conditions, budget)}"
        + _figure(f"{key}-auc", draw_conditions(conditions), "AUC by condition")
        + f'<p class="pick"><label for="{key}-pick">Condition</label> '
        f'<select id="{key}-pick">{options}</select></p>{panels}'
        + _render_pictures(
            f"Worst misses, {shown}: generated, least suspicion",
            worst["worst_misses"],
            pictures,
        )
        + _render_pictures(
            f"Worst false alarms, {shown}: films, most suspicion",
            worst["worst_false_alarms"],
            pictures,
        )
        + "</section>"
    )


def render_report(report: Mapping[str, Any], pictures: Thumbnails) -> str:
    """Return the page. report: as `build_report` makes it."""
    style = (_ASSETS / "report.css").read_text(encoding="utf-8")
    script = (_ASSETS / "report.js").read_text(encoding="utf-8")
    body = "".join(
        _render_section(section, report["model"], pictures)
        for section in report["sections"]
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>Truefilm: synthesis {escape(report['model']['version'])}</title>"
        f"<style>{style}</style></head><body>{_render_head(report)}<main>{body}</main>"
        f"<script>{get_plotlyjs()}</script><script>{script}</script></body></html>\n"
    )
