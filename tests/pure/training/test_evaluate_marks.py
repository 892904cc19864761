"""The protocol of marks: what is pasted where, and what counts as a hit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.pure.training.test_upsampling import draw_film
from workers.training import evaluate, evaluate_marks
from workers.training.data import Sample
from workers.training.evaluate_marks import (
    CROP_PX,
    Assess,
    MarkedFilm,
    judge_films,
    paste,
    summarise_marks,
)
from workers.types import (
    DecodedImage,
    Evidence,
    Finding,
    Heatmap,
    LaneName,
    LaneStatus,
    Region,
)

_CELL_PX = 128


def write_sample(folder: Path, luma: np.ndarray, *, is_fake: bool, name: str) -> Sample:
    path = folder / f"{name}.png"
    assert cv2.imwrite(str(path), np.rint(luma * 255).astype(np.uint8))
    kind = "fake" if is_fake else "real"
    return Sample(
        path=path, is_fake=is_fake, origin=f"{kind}-{name}", kind=kind, split="dev",
        group=name, licence="", sha256=name,
    )  # fmt: skip


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    """Return three films of 1,200 px, one too small, and a brighter generated one."""
    folder = tmp_path_factory.mktemp("films")
    films = [
        write_sample(folder, draw_film(1200, n) / 2, is_fake=False, name=f"f{n}")
        for n in range(3)
    ]
    small = write_sample(folder, draw_film(900) / 2, is_fake=False, name="small")
    bright = np.clip(draw_film(700, 8) / 4 + 0.75, 0, 1)
    made = write_sample(folder, bright, is_fake=True, name="made")
    return [*films, small, made]


def say(image: DecodedImage, region: Region | None, *, has_finding: bool) -> Evidence:
    rows, columns = (side // _CELL_PX for side in image.luma.shape)
    means = cv2.resize(image.luma, (columns, rows), interpolation=cv2.INTER_AREA)
    finding = Finding(
        code="generated_texture",
        text="",
        weight=1.0,
        source="",
        region=region,
        detail={"supports_the_mark": True},
    )
    return Evidence(
        lane=LaneName.SYNTHESIS,
        version="1",
        status=LaneStatus.FINDING if has_finding else LaneStatus.CLEAR,
        reason="",
        findings=(finding,) if has_finding else (),
        heatmap=Heatmap(
            means.astype(np.float32), (_CELL_PX, _CELL_PX), (_CELL_PX / 2, _CELL_PX / 2)
        ),
    )


def find_bright(image: DecodedImage) -> Evidence:
    """Mark what is brighter than any of the genuine films."""
    coarse = cv2.GaussianBlur(image.luma, (0, 0), 8)
    rows, columns = np.nonzero(coarse > 0.72)
    if rows.size == 0:
        return say(image, None, has_finding=False)
    region = Region(
        row=int(rows.min()), column=int(columns.min()),
        height=int(np.ptp(rows)), width=int(np.ptp(columns)),
    )  # fmt: skip
    return say(image, region, has_finding=True)


def point_at_nothing(image: DecodedImage) -> Evidence:
    """Flag every film, and mark a place outside any crop."""
    corner = Region(row=0, column=0, height=2, width=2)
    told = say(image, corner, has_finding=True)
    values = np.zeros((3, 3), np.float32)
    assert told.heatmap is not None
    return replace(told, heatmap=replace(told.heatmap, values=values))


def judge(samples: list[Sample], assess: Assess, limit: int = 9) -> list[MarkedFilm]:
    return list(judge_films(samples, assess, limit=limit, seed=3))


def test_the_crop_is_taken_over_bit_for_bit_and_nothing_else_changes() -> None:
    film, made = draw_film(1100), draw_film(600, 8)
    forged, (row, column) = paste(film, made, np.random.default_rng(2))
    window = np.s_[row : row + CROP_PX, column : column + CROP_PX]
    rest = np.ones(film.shape, bool)
    rest[window] = False
    assert np.array_equal(forged[rest], film[rest])
    assert not np.array_equal(forged[window], film[window])
    again, corner = paste(film, made, np.random.default_rng(2))
    assert corner == (row, column)
    assert np.array_equal(again, forged)


def test_a_lane_that_finds_the_crop_scores_full_and_one_that_guesses_does_not(
    samples: list[Sample],
) -> None:
    found = summarise_marks(judge(samples, find_bright))
    assert found["films"] == 3
    assert found["shares"]["flagged_before"]["count"] == 0
    for name in ("flagged", "is_local", "is_on_crop", "is_map_hottest_on_crop"):
        assert found["shares"][name]["count"] == 3
    assert found["mean_crop_share"] == pytest.approx(CROP_PX**2 / 1200**2)
    guessed = summarise_marks(judge(samples, point_at_nothing))
    assert guessed["shares"]["flagged_before"]["count"] == 3
    assert guessed["shares"]["is_local"]["count"] == 3
    assert guessed["shares"]["is_on_crop"]["count"] == 0
    assert guessed["shares"]["is_map_hottest_on_crop"]["count"] == 0


def test_a_film_that_the_lane_cannot_judge_does_not_count(
    samples: list[Sample],
) -> None:
    def refuse(image: DecodedImage) -> Evidence:
        return replace(find_bright(image), status=LaneStatus.NOT_ASSESSABLE)

    assert judge(samples, refuse) == []
    assert judge(samples[:3], find_bright) == []
    assert summarise_marks([])["shares"]["flagged"]["value"] is None
    assert len(judge(samples, find_bright, limit=2)) == 2
    assert judge(samples, find_bright) == judge(samples, find_bright)


def test_the_command_writes_the_figures_or_says_what_is_missing(
    samples: list[Sample],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "marks.json"
    arguments = ["--lane", "synthesis-marks", "--report", str(out), "--limit", "2"]
    arguments += ["--data", str(tmp_path)]
    assert evaluate.main(arguments) == 2
    assert "no manifest.csv" in capsys.readouterr().err
    (tmp_path / "manifest.csv").touch()
    monkeypatch.setattr(evaluate_marks, "load_manifest", lambda folder: samples)

    class Lane:
        def assess(self, image: DecodedImage, context: object) -> Evidence:
            return find_bright(image)

    monkeypatch.setattr(evaluate_marks, "SynthesisLane", Lane)
    assert evaluate.main(arguments) == 0
    report = json.loads(out.read_text())
    assert report["films"] == len(report["each"]) == 2
    assert report["shares"]["is_on_crop"]["value"] == 1.0
    assert {each["pasted_from"] for each in report["each"]} == {"fake-made"}
