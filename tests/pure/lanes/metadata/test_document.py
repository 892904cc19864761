"""docs/metadata-rules.md says what the rules are."""

from __future__ import annotations

from pathlib import Path

from workers.lanes.metadata import RULES
from workers.lanes.metadata.document import DEFAULT_PATH, main, write_document

ROOT = Path(__file__).parents[4]


def test_document_is_that_of_the_rules(tmp_path: Path) -> None:
    written = (ROOT / DEFAULT_PATH).read_text(encoding="utf-8")
    assert written == write_document(), "python -m workers.lanes.metadata.document"
    main([str(tmp_path / "rules.md")])
    assert (tmp_path / "rules.md").read_text(encoding="utf-8") == written


def test_document_has_a_row_of_six_cells_for_every_rule() -> None:
    rows = [line for line in write_document().splitlines() if line.startswith("| `")]
    assert len(rows) == len(RULES)
    assert {row.count(" | ") for row in rows} == {5}


def test_every_rule_says_what_it_rests_on() -> None:
    for rule in RULES:
        assert rule.sentence.endswith("."), rule.code
        assert rule.source, rule.code
        assert -1 <= rule.weight <= 1, rule.code
        assert not rule.tolerated or rule.tolerated.endswith("."), rule.code


def test_readme_and_document_tell_the_number_of_rules() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"{len(RULES)} rules" in readme
    assert f"{len(RULES)}\nrules" in write_document()
