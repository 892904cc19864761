"""The table of findings: one place for codes and weights, and its document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workers.lanes.container.document import render
from workers.lanes.container.findings import KINDS, TABLE, make

ROOT = Path(__file__).parents[3]
LANE = ROOT / "workers" / "lanes" / "container"


def read_sources() -> str:
    paths = sorted(LANE.glob("*.py"))
    tables = ("findings.py", "kinds")
    return "\n".join(p.read_text() for p in paths if not p.name.startswith(tables))


def test_document_is_the_table() -> None:
    document = (ROOT / "docs" / "container.md").read_text(encoding="utf-8")
    assert document == render()


def test_codes_are_unique_and_each_is_made_somewhere() -> None:
    codes = [kind.code for kind in TABLE]
    assert len(set(codes)) == len(codes)
    sources = read_sources()
    assert [code for code in codes if f'"{code}"' not in sources] == []


def test_lane_makes_findings_by_the_table_only() -> None:
    sources = read_sources()
    made = set(re.findall(r'\bmake\(\s*"(\w+)"', sources))
    assert made <= set(KINDS)
    assert not re.search(r"(?<!\w)Finding\(", sources)


def test_weights_lie_on_the_scale_and_nothing_here_is_hard_evidence() -> None:
    assert all(0 <= w <= 0.9 for kind in TABLE for w in kind.weights)


def test_weight_outside_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="does not weigh"):
        make("editor_name", weight=0.5, name="x", detail={})
    with pytest.raises(KeyError):
        make("editor_name", detail={})
    with pytest.raises(KeyError):
        make("no_such_code", detail={})


def test_every_code_is_shown_by_a_test() -> None:
    folder = Path(__file__).parent
    paths = [*folder.glob("test_container*.py"), folder / "test_generator_traces.py"]
    tests = "\n".join(path.read_text() for path in paths)
    assert [kind.code for kind in TABLE if f'"{kind.code}"' not in tests] == []
