"""The harness finds what is there, fails where there is nothing, and stamps leaks."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("sklearn", reason="needs the train extra")
pytest.importorskip("plotly", reason="needs the train extra")

from workers.decode import decode_film
from workers.lanes.synthesis.content import ContentCheck
from workers.lanes.synthesis.lane import (
    DEFAULT_MODELS_DIR,
    MODEL_NAME,
    SynthesisLane,
)
from workers.lanes.synthesis.scorer import TileScorer
from workers.model_card import ModelCard, PlattCalibration
from workers.training import evaluate, score_pictures
from workers.training.conditions import CONDITIONS, DESCRIPTIONS
from workers.training.data import Sample
from workers.training.metrics import area_under_curve, tpr_at_fpr
from workers.training.score_figures import measure_condition
from workers.training.score_pictures import Judge, score_picture
from workers.training.score_table import FilmFacts, PictureScore, write_scores
from workers.types import Context

pytestmark = pytest.mark.slow

CARD = ModelCard(
    name="synthesis",
    version="test",
    sha256="0" * 64,
    input_spec={"kind": "test"},
    classes=("real", "generated"),
    calibration=PlattCalibration(1.0, 0.0),
    operating_points={0.01: 0.9, 0.03: 0.8},
    default_fpr=0.01,
    data_digest="1" * 64,
    training={},
    metrics={},
    limits=(),
)


def make_rows(
    count: int = 240,
    *,
    signal: float = 4.0,
    leak: float = 0.0,
    photographs: int = 0,
    seed: int = 0,
) -> list[PictureScore]:
    """Return rows whose score tells the class by `signal`, their grey mean by `leak`.

    signal, leak: distance of the classes in standard deviations. Half are fakes; of
    the reals, the first `photographs` are photographs.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for index in range(count):
        is_fake = index % 2 == 1
        score = float(rng.normal() + signal * (is_fake - 0.5))
        shares = rng.dirichlet(np.full(16, 5.0))
        mean = float(np.clip(0.5 + 0.05 * rng.normal() + 0.05 * leak * is_fake, 0, 1))
        kind = "fake" if is_fake else ("photo" if index < 2 * photographs else "real")
        rows.append(
            PictureScore(
                path=f"{kind}/{index:04}.png",
                is_fake=is_fake,
                origin=f"{kind}-{index // 2 % 3}",
                kind=kind,
                family=f"{kind}-family",
                subject="chest" if index % 4 < 2 else "hand",
                group=f"{kind}-patient-{index}",
                condition="as_is",
                score=score,
                probability=CARD.calibration.probability(score),
                facts=FilmFacts(512, 512, tuple(shares), mean, 0.2),
            )
        )
    return rows


def test_clean_set_is_valid_and_its_signal_is_found() -> None:
    found = measure_condition(make_rows(), CARD, seed=1)
    whole = found["generated_against"]["films"]["whole"]
    assert found["stamp"] == whole["stamp"] == "VALID"
    assert whole["auc"]["value"] > 0.98
    assert whole["pictures"]["real"] == whole["pictures"]["fake"] == 120
    assert found["generated_against"]["films"]["matched"] == whole


def test_shuffled_labels_destroy_the_score() -> None:
    rows = make_rows()
    lies = np.random.default_rng(3).permutation([row.is_fake for row in rows])
    shuffled = [
        replace(row, is_fake=bool(lie), kind="fake" if lie else "real")
        for row, lie in zip(rows, lies, strict=True)
    ]
    whole = measure_condition(shuffled, CARD, seed=1)["generated_against"]["films"]
    auc = whole["whole"]["auc"]
    assert auc["value"] == pytest.approx(0.5, abs=0.12)
    assert auc["low"] < 0.5 < auc["high"]


def test_leaky_set_is_stamped_invalid_and_its_matched_part_is_valid() -> None:
    rows = make_rows(600, leak=1.2)
    found = measure_condition(rows, CARD, seed=1)
    films = found["generated_against"]["films"]
    assert found["stamp"] == films["whole"]["stamp"] == "INVALID"
    assert films["whole"]["leak_probe"]["value"] > 0.57
    assert films["matched"]["stamp"] == "VALID"
    pictures = films["matched"]["pictures"]
    assert pictures["real"] == pictures["fake"] >= 30


def test_set_without_overlap_gives_no_matched_figures_but_the_reason() -> None:
    found = measure_condition(make_rows(leak=30.0), CARD, seed=1)
    matched = found["generated_against"]["films"]["matched"]
    assert matched["stamp"] == "TOO FEW"
    assert "fewer than 30 pictures a side" in matched["reason"]
    assert "auc" not in matched


def test_matched_set_does_not_depend_on_the_scores() -> None:
    rows = make_rows(300, leak=1.0)
    other = [replace(row, score=-row.score) for row in rows]
    first, second = (
        measure_condition(r, CARD, seed=1)["generated_against"]["films"]["matched"]
        for r in (rows, other)
    )
    assert first["pictures"] == second["pictures"]
    assert first["leak_probe"] == second["leak_probe"]
    assert first["auc"]["value"] == pytest.approx(1 - second["auc"]["value"], abs=1e-4)


def test_photographs_are_counted_apart_from_films() -> None:
    rows = make_rows(photographs=40)
    for index, row in enumerate(rows):
        if row.kind == "photo":
            rows[index] = replace(row, score=5.0, probability=0.99)
    found = measure_condition(rows, CARD, seed=1)
    films, photographs = (
        found["generated_against"][name]["whole"] for name in ("films", "photographs")
    )
    assert films["pictures"]["real"] == 80
    assert photographs["pictures"]["real"] == 40
    assert films["auc"]["value"] > 0.98
    assert photographs["auc"]["value"] < 0.1
    assert films["operating_points"]["1.0%"]["false_alarms"]["value"] < 0.1
    assert photographs["operating_points"]["1.0%"]["false_alarms"]["value"] == 1.0
    assert {row["path"].split("/")[0] for row in found["worst_false_alarms"]} == {
        "real"
    }


def test_tables_count_what_is_there() -> None:
    rows = make_rows(60)
    rows[0] = replace(rows[0], score=math.nan, probability=math.nan, reason="blank")
    rows[2] = replace(rows[2], in_domain=False)
    rows[4] = replace(rows[4], in_domain=True)
    found = measure_condition(rows, CARD, seed=1)
    source = found["per_source"]["real-0"]
    assert (source["pictures"], source["judged"]) == (10, 9)
    own = [r for r in rows if r.origin == "fake-1"]
    flagged = sum(r.probability >= 0.9 for r in own)
    row = found["per_generator"]["fake-1"]
    assert row["flagged"]["count"] == flagged
    against = [r for r in rows if r.origin == "fake-1" or r.kind == "real"]
    judged = [r for r in against if r.is_judged]
    scores = np.array([r.score for r in judged])
    labels = np.array([r.is_fake for r in judged])
    expected = round(area_under_curve(scores, labels), 4)
    assert row["auc"]["value"] == expected
    assert row["tpr_at_1_percent_fpr"]["value"] == tpr_at_fpr(scores, labels, 0.01)
    assert set(found["per_anatomy"]) == {
        f"{part}, {label}"
        for part in ("chest", "hand")
        for label in ("real", "generated")
    }
    refused = found["not_assessable"]["film"]
    assert refused["abstained"]["count"] == 1
    assert refused["reasons"] == {"blank": 1}
    assert refused["refused_as_no_radiograph"]["count"] == 1
    assert refused["refused_as_no_radiograph"]["total"] == 2
    assert len(found["worst_misses"]) == 12
    assert found["worst_misses"][0]["suspicion"] == min(
        round(r.probability, 4) for r in rows if r.is_fake
    )


def test_made_fakes_get_a_row_but_no_share_in_the_figures() -> None:
    rows = make_rows(120)
    aligned = [
        replace(row, path=f"aligned/{i}", origin="aligned-forge", kind="aligned")
        for i, row in enumerate(rows)
        if row.is_fake
    ]
    found = measure_condition([*rows, *aligned], CARD, seed=1)
    assert found["per_generator"]["aligned-forge"]["counts_as"] == "aligned"
    assert found["generated_against"]["films"]["whole"]["pictures"]["fake"] == 60
    assert found["pictures"]["aligned"] == 60


@pytest.mark.parametrize("shape", [(256, 256), (257, 700), (300, 300), (1300, 900)])
@pytest.mark.parametrize("name", sorted(CONDITIONS))
def test_no_condition_makes_a_film_too_small_and_each_repeats(
    name: str, shape: tuple[int, int]
) -> None:
    luma = np.random.default_rng(0).random(shape).astype(np.float32)
    first, again = (CONDITIONS[name](luma, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first, again)
    assert first.dtype == np.uint8
    assert min(first.shape) >= 256
    assert DESCRIPTIONS[name]
    if name == "half_size" and min(shape) >= 512:
        assert first.shape == (shape[0] // 2, shape[1] // 2)
    if name == "screenshot":
        assert max(first.shape) <= 1000


def test_rewindow_survives_a_blank_film_and_is_blind_to_gain() -> None:
    luma = np.random.default_rng(0).random((300, 300)).astype(np.float32)
    apply, rng = CONDITIONS["rewindow"], np.random.default_rng(0)
    assert np.ptp(apply(np.full((300, 300), 0.4, np.float32), rng)) == 0
    dim = apply(0.25 + 0.5 * luma, rng).astype(int)
    assert np.abs(dim - apply(luma, rng)).max() <= 1


def run(data_dir: Path, out: Path, *more: str) -> int:
    arguments = ["--lane", "synthesis", "--data", str(data_dir), "--report", str(out)]
    conditions = ["--condition", "as_is", "--condition", "jpeg_70"]
    return evaluate.main([*arguments, *conditions, *more])


def count_scored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    scored: list[str] = []
    score = score_pictures._score_sample

    def counted(sample: Sample, judge: Judge, name: str, **more: Any) -> PictureScore:
        scored.append(name)
        return score(sample, judge, name, **more)

    monkeypatch.setattr(score_pictures, "_score_sample", counted)
    return scored


def test_second_run_scores_nothing_and_gives_the_same_bytes(
    tiny_data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "report.html"
    scored = count_scored(monkeypatch)
    assert run(tiny_data_dir, out) == 0
    assert scored == ["as_is"] * 8 + ["jpeg_70"] * 8
    first = (out.read_bytes(), out.with_suffix(".json").read_bytes())
    assert run(tiny_data_dir, out) == 0
    assert len(scored) == 16
    assert (out.read_bytes(), out.with_suffix(".json").read_bytes()) == first
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"report.html", "report.json", "report.scores.csv"}


def test_stopped_run_goes_on_and_fresh_or_another_seed_starts_anew(
    tiny_data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "report.html"
    arguments = ["--lane", "synthesis", "--data", str(tiny_data_dir)]
    arguments += ["--report", str(out), "--condition", "as_is"]
    assert evaluate.main(arguments) == 0
    scored = count_scored(monkeypatch)
    assert run(tiny_data_dir, out) == 0
    assert scored == ["jpeg_70"] * 8
    scored.clear()
    assert run(tiny_data_dir, out, "--fresh") == 0
    assert len(scored) == 16
    scored.clear()
    assert run(tiny_data_dir, out, "--seed", "2") == 0
    assert len(scored) == 16


def test_left_out_scores_are_a_second_section(
    tiny_data_dir: Path, tmp_path: Path
) -> None:
    table = tmp_path / "left-out.csv"
    write_scores(table, make_rows(), made_from={})
    out = tmp_path / "report.html"
    assert (
        run(tiny_data_dir, out, "--left-out", str(table), "--date", "2026-11-23") == 0
    )
    report = json.loads(out.with_suffix(".json").read_text())
    assert [section["name"] for section in report["sections"]] == ["dev", "left-out"]
    figures = report["sections"][1]["conditions"]["as_is"]
    assert figures["generated_against"]["films"]["whole"]["auc"]["value"] > 0.98
    assert report["date"] == "2026-11-23"
    assert list(report["sections"][0]["conditions"]) == ["as_is", "jpeg_70"]


def test_unusable_inputs_are_refused_and_nothing_is_written(
    tiny_data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    assert run(tiny_data_dir, tmp_path / "report.json") == 2
    assert "ends in .html" in capsys.readouterr().err
    assert run(tiny_data_dir, out, "--left-out", str(tmp_path / "none.csv")) == 2
    assert "none.csv cannot be read" in capsys.readouterr().err
    table = tmp_path / "left-out.csv"
    write_scores(table, make_rows(8), made_from={"model_sha256": "another"})
    assert run(tiny_data_dir, out, "--left-out", str(table)) == 2
    assert "belongs to another model" in capsys.readouterr().err
    assert not out.exists()


class FixedCheck(ContentCheck):
    """A check that lets everything through, or nothing."""

    def __init__(self, passes: bool) -> None:
        super().__init__(DEFAULT_MODELS_DIR)
        self._passes = passes

    def passes(self, luma: NDArray[np.float32]) -> bool:
        return self._passes


def open_scorer() -> TileScorer:
    return TileScorer(DEFAULT_MODELS_DIR, MODEL_NAME)


@pytest.mark.parametrize("passes", [True, False, None])
def test_in_domain_check_is_told_but_does_not_stop_the_score(
    tiny_data_dir: Path, passes: bool | None
) -> None:
    scorer = open_scorer()
    check = None if passes is None else FixedCheck(passes)
    image = decode_film(tiny_data_dir / "real/archive-a/0.png")
    levels = CONDITIONS["as_is"](image.luma, np.random.default_rng(0))
    found = score_picture(scorer, levels, image=image, check=check)
    assert math.isfinite(found.score)
    assert found.in_domain is passes
    strict = score_picture(scorer, levels, image=image, check=check, any_content=False)
    assert math.isfinite(strict.score) == (passes is not False)


def test_pictures_the_lane_cannot_judge_get_a_reason_and_no_score() -> None:
    scorer = open_scorer()
    noise = np.random.default_rng(0).integers(0, 256, (400, 400)).astype(np.uint8)
    blurred = np.asarray(cv2.GaussianBlur(noise, (0, 0), 12), np.uint8)
    for levels in (noise[:200], np.full((400, 400), 90, np.uint8), blurred):
        found = score_picture(scorer, levels)
        assert math.isnan(found.score)
        assert math.isnan(found.probability)
        assert found.reason
    assert math.isfinite(score_picture(scorer, noise).score)


def test_score_is_that_of_the_lane(tiny_data_dir: Path) -> None:
    image = decode_film(tiny_data_dir / "fake/upsampler-a/0.png")
    levels = CONDITIONS["as_is"](image.luma, np.random.default_rng(0))
    found = score_picture(open_scorer(), levels, image=image)
    evidence = SynthesisLane(any_content=True).assess(image, Context())
    assert evidence.suspicion == pytest.approx(found.probability, abs=1e-6)
