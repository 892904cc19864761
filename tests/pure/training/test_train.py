"""A tiny run from pictures to a model the lane loads, and a harness that can fail."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra")
pytest.importorskip("skl2onnx", reason="needs the train extra")

from workers.lanes.synthesis.lane import MODEL_NAME
from workers.lanes.synthesis.scorer import TileScorer
from workers.model_card import write_model
from workers.training import evaluate, train
from workers.training.data import Sample, load_luma, load_manifest
from workers.training.fit import (
    NetworkSize,
    ViewScores,
    assign_folds,
    choose_threshold,
    fit_calibration,
    join_view_scores,
    score_left_out,
    tile_weights,
)
from workers.training.make_card import Candidate
from workers.training.metrics import area_under_curve
from workers.training.train import TrainingPlan, make_aligned_fakes, train_synthesis
from workers.training.views import TileTable, ViewPlan, extract_views

pytestmark = pytest.mark.slow

_VIEWS = ViewPlan(fewest=2, most=2, per_origin=2, tiles=2)
_NETWORK = NetworkSize(members=2, hidden=16, penalty=0.1, rounds=40)
_PLAN = TrainingPlan(views=_VIEWS, network=_NETWORK, aligned_per_kind=0)


@pytest.fixture(scope="module")
def samples(tiny_data_dir: Path) -> tuple[Sample, ...]:
    return load_manifest(tiny_data_dir)


@pytest.fixture(scope="module")
def table(samples: tuple[Sample, ...]) -> TileTable:
    return extract_views(samples, plan=_VIEWS, seed=5)


@pytest.fixture(scope="module")
def candidate(
    samples: tuple[Sample, ...], tmp_path_factory: pytest.TempPathFactory
) -> Candidate:
    folder = tmp_path_factory.mktemp("cache")
    return train_synthesis(
        samples, plan=_PLAN, weights_dir=folder / "none", cache_dir=folder
    )


def left_out_area(table: TileTable) -> float:
    views = join_view_scores(list(score_left_out(table, size=_NETWORK, seed=1)))
    return area_under_curve(views.scores, views.is_fake)


def test_unseen_upsampler_and_unseen_archive_are_told_apart(table: TileTable) -> None:
    assert left_out_area(table) > 0.9


def test_shuffled_labels_destroy_the_score(table: TileTable) -> None:
    rng = np.random.default_rng(2)
    areas = []
    for _ in range(5):
        groups = np.unique(table.groups)
        lies = dict(zip(groups, rng.permutation(groups.size) % 2 == 0, strict=True))
        labels = np.array([lies[group] for group in table.groups])
        areas.append(left_out_area(replace(table, is_fake=labels)))
    assert np.mean(areas) == pytest.approx(0.5, abs=0.2)
    assert np.mean(areas) < left_out_area(table) - 0.2


def test_folds_never_split_a_family(table: TileTable) -> None:
    fold_of = assign_folds(table, folds=2)
    for origin in np.unique(table.origins):
        assert np.unique(fold_of[table.origins == origin]).size == 1
    for label in (True, False):
        assert np.unique(fold_of[table.is_fake == label]).size == 2


def test_one_family_of_a_class_is_not_enough(table: TileTable) -> None:
    kept = table.select(table.origins != "archive-b")
    with pytest.raises(ValueError, match="two families of each class"):
        list(score_left_out(kept, size=_NETWORK, seed=1))


def test_classes_weigh_the_same_whatever_their_size(table: TileTable) -> None:
    few = table.select(~table.is_fake | (np.arange(table.is_fake.size) % 3 == 0))
    weights = tile_weights(few)
    assert weights[few.is_fake].sum() == pytest.approx(weights[~few.is_fake].sum())


def make_views(scores: np.ndarray, is_fake: np.ndarray) -> ViewScores:
    names = np.where(is_fake, "generator", "archive")
    kinds = np.where(is_fake, "fake", "real")
    return ViewScores(scores, is_fake, names, kinds, names)


def test_calibration_finds_the_sigmoid_that_made_the_labels() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=40_000) * 2
    is_fake = rng.random(scores.size) < 1 / (1 + np.exp(-1.7 * scores))
    calibration = fit_calibration(make_views(scores, is_fake))
    assert calibration.slope == pytest.approx(1.7, abs=0.05)
    assert calibration.intercept == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("fpr", [0.005, 0.01, 0.03])
def test_threshold_keeps_the_false_alarm_budget(fpr: float) -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(size=2000)
    is_fake = np.arange(2000) >= 1000
    scores[is_fake] += 3
    views = make_views(scores, is_fake)
    calibration = fit_calibration(views)
    threshold = choose_threshold(views, calibration, fpr=fpr)
    chances = np.array([calibration.probability(s) for s in scores[~is_fake]])
    assert (chances >= threshold).sum() == round(1000 * fpr)


def test_trained_model_is_one_the_lane_loads_and_its_card_names_the_bytes(
    candidate: Candidate, tmp_path: Path
) -> None:
    write_model(tmp_path, candidate.card, candidate.payload)
    scorer = TileScorer(tmp_path, MODEL_NAME)
    assert scorer.card.sha256 == hashlib.sha256(candidate.payload).hexdigest()
    assert set(scorer.card.operating_points) == {0.005, 0.01, 0.03}
    levels = np.random.default_rng(0).integers(0, 255, (300, 300)).astype(np.uint8)
    assert scorer.score_levels(levels).score is not None


def test_same_seed_gives_the_same_model(
    candidate: Candidate, samples: tuple[Sample, ...], tmp_path: Path
) -> None:
    again = train_synthesis(
        samples, plan=_PLAN, weights_dir=tmp_path / "none", cache_dir=tmp_path
    )
    assert again.card.sha256 == candidate.card.sha256
    assert again.card == candidate.card


def test_report_tells_upsampled_pictures_from_the_others(
    candidate: Candidate, tiny_data_dir: Path, tmp_path: Path
) -> None:
    write_model(tmp_path, candidate.card, candidate.payload)
    out = tmp_path / "report.html"
    arguments = ["--lane", "synthesis", "--data", str(tiny_data_dir)]
    arguments += ["--models", str(tmp_path), "--report", str(out)]
    arguments += ["--split", "train", "--condition", "as_is"]
    assert evaluate.main(arguments) == 0
    report = json.loads(out.with_suffix(".json").read_text())
    figures = report["sections"][0]["conditions"]["as_is"]
    for row in (*figures["per_generator"].values(), *figures["per_source"].values()):
        assert row["judged"] == row["pictures"] == 4
        assert row["auc"]["value"] > 0.9
    assert set(figures["per_source"]) == {"archive-a", "archive-b"}
    assert set(figures["per_generator"]) == {"upsampler-a", "upsampler-b"}


def test_aligned_fakes_keep_the_group_of_their_film_and_are_made_once(
    samples: tuple[Sample, ...], tmp_path: Path
) -> None:
    plan = replace(_PLAN, aligned_per_kind=3)
    first, again = (
        make_aligned_fakes(
            samples, plan=plan, weights_dir=tmp_path, folder=tmp_path / "made"
        )
        for _ in range(2)
    )
    assert first == again
    assert len(first) == 3
    reals = {sample.group for sample in samples if not sample.is_fake}
    for fake in first:
        assert fake.is_fake
        assert fake.kind == "aligned"
        assert fake.group in reals
        assert load_luma(fake) is not None


def test_commands_say_what_is_missing_and_write_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    missing = str(tmp_path / "nowhere")
    assert train.main(["synthesis", "--data", missing, "--out", str(out)]) == 2
    report = ["--lane", "synthesis", "--data", missing, "--report", str(out)]
    assert evaluate.main(report) == 2
    assert "no manifest.csv" in capsys.readouterr().err
    assert not out.exists()
