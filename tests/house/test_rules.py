"""Each rule of reading names tests, and these exist."""

from __future__ import annotations

import ast
import re

from tests.house.tree import BASE_DIR

RULES = BASE_DIR / "docs" / "reading_rules.md"


def _tests_of(path: str) -> set[str]:
    tree = ast.parse((BASE_DIR / path).read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def test_every_rule_of_reading_names_tests_that_exist() -> None:
    rows = [
        line
        for line in RULES.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| rule ")
    ]
    assert len(rows) > 20
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row)
        assert named, row
        for path, name in named:
            found = _tests_of(path)
            assert found, path
            assert not name or name in found, f"{path}::{name}"
