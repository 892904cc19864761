"""A table of scores comes back as it was written, and a damaged one is refused."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from workers.training.data import anatomy_of, load_manifest
from workers.training.score_table import (
    PictureScore,
    ScoreTableError,
    describe_sample,
    measure_facts,
    read_scores,
    write_scores,
)

_LEVELS = np.random.default_rng(0).integers(0, 256, (300, 420)).astype(np.uint8)
_MADE_FROM = {"model_sha256": "ab", "seed": "1"}


@pytest.fixture
def rows(tiny_data_dir: Path) -> tuple[PictureScore, ...]:
    first, second, third = load_manifest(tiny_data_dir)[:3]
    facts = measure_facts(_LEVELS)
    named = replace(second, group='patient "7", twice', subject="chest, frontal")
    return (
        describe_sample(
            first,
            tiny_data_dir,
            condition="as_is",
            score=-0.1234567890123,
            probability=0.3,
            facts=facts,
            fold="nih",
        ),
        describe_sample(
            named,
            tiny_data_dir,
            condition="as_is",
            reason="no tile with texture",
            in_domain=False,
            facts=facts,
        ),
        describe_sample(third, tiny_data_dir, condition="as_is", reason="unreadable"),
    )


def test_table_comes_back_as_it_was_written(
    rows: tuple[PictureScore, ...], tmp_path: Path
) -> None:
    path = tmp_path / "scores.csv"
    write_scores(path, rows, made_from=_MADE_FROM)
    table = read_scores(path)
    assert table.made_from == _MADE_FROM
    assert table.rows[0] == rows[0]
    assert [repr(row) for row in table.rows] == [repr(row) for row in rows]
    assert list(tmp_path.iterdir()) == [path]


def test_paths_are_relative_and_facts_are_those_of_the_film(
    rows: tuple[PictureScore, ...],
) -> None:
    assert rows[0].path == "real/archive-a/0.png"
    facts = rows[0].facts
    assert facts is not None
    assert (facts.rows_px, facts.columns_px) == (300, 420)
    assert facts.grey_shares[0] == pytest.approx((_LEVELS < 16).mean(), abs=1e-6)
    assert facts.grey_mean == pytest.approx(_LEVELS.mean() / 255, abs=1e-6)
    assert rows[1].anatomy == "chest"
    assert not rows[1].is_judged


def test_interrupted_write_leaves_the_old_table(
    rows: tuple[PictureScore, ...], tmp_path: Path
) -> None:
    path = tmp_path / "scores.csv"
    write_scores(path, rows[:1], made_from=_MADE_FROM)

    def fail_midway() -> Iterator[PictureScore]:
        yield rows[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_scores(path, fail_midway(), made_from=_MADE_FROM)
    assert len(read_scores(path).rows) == 1


def write_damaged(path: Path, row: PictureScore, old: str, new: str) -> None:
    write_scores(path, [row], made_from=_MADE_FROM)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("truefilm-scores-1", "truefilm-scores-9", "not a table of scores"),
        ("# {", "{", "not a table of scores"),
        ("grey_mean", "grey_median", "columns are not those we know"),
        (
            "real/archive-a/0.png,0,",
            "real/archive-a/0.png,yes,",
            ":3: is_fake is 'yes'",
        ),
        ("real/archive-a/0.png,0,", ",0,", ":3: path is empty"),
        ("-0.1234567890123,0.3", "nan,0.3", ":3: score is nan"),
        ("-0.1234567890123,0.3", "-0.1,1.5", ":3: probability is 1.5"),
        ("-0.1234567890123,0.3", ",0.3", "must be given together"),
        ("-0.1234567890123,0.3", "high,0.3", "could not convert"),
        (",300,420,", ",,,", "no facts for the leak probe"),
        (",300,420,", ",0,420,", "a side is below 1 px"),
        (",300,420,", ",300,420,0.9,", "columns, not"),
    ],
)
def test_damaged_table_is_refused_with_the_line_and_the_reason(
    rows: tuple[PictureScore, ...], tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = tmp_path / "scores.csv"
    write_damaged(path, rows[0], old, new)
    with pytest.raises(ScoreTableError, match=message):
        read_scores(path)


def test_picture_that_occurs_twice_is_refused(
    rows: tuple[PictureScore, ...], tmp_path: Path
) -> None:
    path = tmp_path / "scores.csv"
    write_scores(path, [rows[0], rows[0]], made_from=_MADE_FROM)
    with pytest.raises(ScoreTableError, match=r":4: .* occurs twice in as_is"):
        read_scores(path)
    write_scores(
        path, [rows[0], replace(rows[0], condition="jpeg_70")], made_from=_MADE_FROM
    )
    assert len(read_scores(path).rows) == 2


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n"])
def test_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scores.csv"
    path.write_bytes(content)
    with pytest.raises(ScoreTableError):
        read_scores(path)
    with pytest.raises(ScoreTableError, match="cannot be read"):
        read_scores(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("subject", "anatomy"),
    [
        ("chest frontal AP/PA", "chest"),
        ("hand/wrist PA pediatric", "hand"),
        ("mammography CC (partial view)", "mammography"),
        ("dental panoramic x-ray", "dental"),
        ("pelvis AP pediatric", "knee-leg-msk"),
        ("natural photo", "not-medical"),
        ("non-medical", "not-medical"),
        ("cerebral angiogram", "other"),
        ("", "other"),
    ],
)
def test_subject_names_a_part_of_the_body(subject: str, anatomy: str) -> None:
    assert anatomy_of(subject) == anatomy


def test_row_that_was_not_judged_has_no_number(
    rows: tuple[PictureScore, ...], tmp_path: Path
) -> None:
    path = tmp_path / "scores.csv"
    write_scores(path, rows, made_from={})
    last = read_scores(path).rows[2]
    assert math.isnan(last.score)
    assert math.isnan(last.probability)
    assert last.facts is None
    assert last.reason == "unreadable"
