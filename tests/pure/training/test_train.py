"""A tiny run from pictures to a model the lane loads, and a harness that can fail."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra")
pytest.importorskip("onnx", reason="needs the train extra")

from workers.lanes.synthesis.lane import MODEL_NAME
from workers.lanes.synthesis.scorer import TileScorer
from workers.model_card import write_model
from workers.training import evaluate, train
from workers.training.data import Sample, load_luma, load_manifest
from workers.training.left_out import (
    LeftOutScores,
    assign_folds,
    choose_threshold,
    fit_calibration,
    fit_mixture,
    fitted_pictures,
    score_left_out,
)
from workers.training.looks import weigh_looks
from workers.training.make_card import Candidate
from workers.training.members import MemberPlan, tile_weights, training_rows
from workers.training.metrics import area_under_curve
from workers.training.perceptron import CommitteePlan, nuisance_whitening
from workers.training.score_table import read_scores
from workers.training.tables import Pictures, TileTable, ViewPlan, extract_tiles
from workers.training.train import (
    LEFT_OUT_NAME,
    TrainingPlan,
    Workshop,
    make_aligned_fakes,
    train_synthesis,
)

pytestmark = pytest.mark.slow

_VIEWS = ViewPlan(
    fewest=2, most=2, per_origin=2, tiles=2, judged_tiles=2, conditions=("as_is",)
)
_MEMBERS = MemberPlan(CommitteePlan(members=2, hidden=16, penalty=0.1, rounds=40))
_PLAN = TrainingPlan(views=_VIEWS, members=_MEMBERS, aligned_per_kind=0)


@pytest.fixture(scope="module")
def samples(tiny_data_dir: Path) -> tuple[Sample, ...]:
    return load_manifest(tiny_data_dir)


@pytest.fixture(scope="module")
def table(
    samples: tuple[Sample, ...], tmp_path_factory: pytest.TempPathFactory
) -> TileTable:
    folder = tmp_path_factory.mktemp("tiles")
    return extract_tiles(samples, plan=_VIEWS, seed=5, folder=folder)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    folder = tmp_path_factory.mktemp("cache")
    return Workshop(cache_dir=folder, weights_dir=folder / "none")


@pytest.fixture(scope="module")
def candidate(
    samples: tuple[Sample, ...], shop: Workshop, tiny_data_dir: Path
) -> Candidate:
    return train_synthesis(samples, plan=_PLAN, shop=shop, data_dir=tiny_data_dir)


def relabel(table: TileTable, is_fake: np.ndarray) -> TileTable:
    return replace(table, pictures=replace(table.pictures, is_fake=is_fake))


def left_out_area(table: TileTable) -> float:
    found = score_left_out(table, plan=_MEMBERS, seed=1)
    return area_under_curve(found.members["perceptrons"], found.is_fake)


def test_unseen_upsampler_and_unseen_archive_are_told_apart(table: TileTable) -> None:
    assert left_out_area(table) > 0.9


def test_shuffled_labels_destroy_the_score(table: TileTable) -> None:
    # Half of each origin: over so few pictures a plain shuffle leaves the classes of a
    # texture out of balance, and what is left out then lies on the other side.
    rng = np.random.default_rng(2)
    origins = table.pictures.origin
    areas = []
    for _ in range(5):
        lies = np.empty(origins.size, np.bool_)
        for origin in np.unique(origins):
            places = rng.permutation(np.flatnonzero(origins == origin))
            lies[places] = np.arange(places.size) % 2 == 0
        areas.append(left_out_area(relabel(table, lies)))
    assert np.mean(areas) == pytest.approx(0.5, abs=0.2)
    assert np.mean(areas) < left_out_area(table) - 0.2


def test_extraction_goes_on_where_it_was_cut_off(
    samples: tuple[Sample, ...], table: TileTable, tmp_path: Path
) -> None:
    seen: list[int] = []

    def stop_early(done: int, total: int) -> None:
        seen.append(done)
        if len(seen) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract_tiles(samples, plan=_VIEWS, seed=5, folder=tmp_path, report=stop_early)
    seen.clear()
    again = extract_tiles(
        samples,
        plan=_VIEWS,
        seed=5,
        folder=tmp_path,
        processes=2,
        report=lambda done, total: seen.append(done),
    )
    assert seen == list(range(6, len(samples) + 1))
    assert np.array_equal(again.features, table.features)
    assert np.array_equal(again.tiles[again.place], table.tiles[table.place])


def test_folds_never_split_a_family(table: TileTable) -> None:
    pictures = table.pictures
    fold_of = assign_folds(pictures, folds=2)
    for family in np.unique(pictures.family):
        assert np.unique(fold_of[pictures.family == family]).size == 1
    for label in (True, False):
        assert np.unique(fold_of[pictures.is_fake == label]).size == 2


def test_fake_made_from_a_left_out_film_is_left_out_too() -> None:
    pictures = Pictures(
        is_fake=np.array([False, True, False, True]),
        origin=np.array(["a", "forge", "b", "generator"]),
        family=np.array(["a", "forge", "b", "generator"]),
        kind=np.array(["real", "aligned", "real", "fake"]),
        group=np.array(["film-1", "film-1", "film-2", "picture"]),
    )
    chosen = fitted_pictures(pictures, np.array([0, 1, 1, 1]), 0)
    assert list(chosen) == [False, False, True, True]


def test_one_family_of_a_class_is_not_enough(table: TileTable) -> None:
    lies = table.pictures.origin == "upsampler-a"
    with pytest.raises(ValueError, match="two families of each class"):
        score_left_out(relabel(table, lies), plan=_MEMBERS, seed=1)


def test_classes_weigh_the_same_whatever_their_size(table: TileTable) -> None:
    pictures = table.pictures
    few = ~pictures.is_fake | (np.arange(pictures.is_fake.size) % 3 == 0)
    rows = training_rows(table, few)
    weights = tile_weights(table, rows, seed=1)
    is_fake = pictures.is_fake[table.owner[rows]]
    assert weights[is_fake].sum() == pytest.approx(weights[~is_fake].sum())


def test_pictures_that_look_like_films_count_more() -> None:
    rng = np.random.default_rng(3)
    is_film = np.arange(900) < 300
    alike = np.arange(900) < 600
    looks = rng.normal(size=(900, 4)) + np.where(alike, 0.0, 4.0)[:, None]
    groups = np.array([str(number // 3) for number in range(900)])
    weights = weigh_looks(looks.astype(np.float32), is_film, groups, seed=1)
    assert (weights[is_film] == 1).all()
    assert np.median(weights[300:600]) > 2 * np.median(weights[600:])


def test_whitening_shrinks_what_tells_origins_apart_and_leaves_the_rest() -> None:
    rng = np.random.default_rng(4)
    origins = np.array([str(number % 6) for number in range(1200)])
    is_fake = np.arange(1200) % 6 >= 3
    scaled = rng.normal(size=(1200, 3))
    scaled[:, 0] += 5.0 * (np.arange(1200) % 3)
    white = scaled @ nuisance_whitening(scaled.astype(np.float32), is_fake, origins)
    apart = [white[origins == str(number)].mean(0) for number in range(3)]
    assert np.linalg.norm(apart[0] - apart[2]) < 3.0  # 10 before
    assert white.var(axis=0).sum() == pytest.approx(3.0, abs=1.0)


def make_scores(
    is_fake: np.ndarray,
    members: dict[str, np.ndarray],
    origins: np.ndarray | None = None,
) -> LeftOutScores:
    names = np.where(is_fake, "generator", "archive") if origins is None else origins
    pictures = Pictures(is_fake, names, names, np.where(is_fake, "fake", "real"), names)
    index = np.arange(is_fake.size)
    return LeftOutScores(pictures, index, np.zeros_like(index), members)


def test_calibration_finds_the_sigmoid_that_made_the_labels() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=40_000) * 2
    is_fake = rng.random(scores.size) < 1 / (1 + np.exp(-1.7 * scores))
    calibration = fit_calibration(scores, make_scores(is_fake, {"perceptrons": scores}))
    assert calibration.slope == pytest.approx(1.7, abs=0.05)
    assert calibration.intercept == pytest.approx(0.0, abs=0.05)


def test_mixture_trusts_the_better_member_and_never_weighs_below_nothing() -> None:
    rng = np.random.default_rng(5)
    is_fake = np.arange(4000) % 2 == 0
    good = np.where(is_fake, 1.0, -1.0) + rng.normal(size=4000)
    noise = rng.normal(size=4000)
    mixture = fit_mixture(
        make_scores(is_fake, {"perceptrons": good, "residual_network": noise})
    )
    assert mixture.get("residual_network", 0.0) < 0.1
    mixture = fit_mixture(
        make_scores(is_fake, {"perceptrons": good, "residual_network": -good + noise})
    )
    assert all(weight > 0 for weight in mixture.values())
    assert sum(mixture.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("fpr", [0.005, 0.01, 0.03])
def test_threshold_keeps_the_false_alarm_budget(fpr: float) -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=2000)
    is_fake = np.arange(2000) >= 1000
    values[is_fake] += 3
    scores = make_scores(is_fake, {"perceptrons": values})
    calibration = fit_calibration(values, scores)
    threshold = choose_threshold(values, scores, calibration, fpr=fpr)
    chances = np.array([calibration.probability(s) for s in values[~is_fake]])
    assert (chances >= threshold).sum() == round(1000 * fpr)


def test_no_archive_exceeds_three_times_the_budget() -> None:
    rng = np.random.default_rng(6)
    values = rng.normal(size=3000)
    is_fake = np.arange(3000) >= 2000
    values[is_fake] += 3
    bright = (np.arange(3000) >= 1900) & ~is_fake
    values[bright] += 2.5
    origins = np.where(is_fake, "generator", np.where(bright, "odd", "archive"))
    scores = make_scores(is_fake, {"perceptrons": values}, origins)
    calibration = fit_calibration(values, scores)
    threshold = choose_threshold(values, scores, calibration, fpr=0.01)
    chances = np.array([calibration.probability(s) for s in values[bright]])
    assert (chances >= threshold).mean() <= 0.03


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
    candidate: Candidate,
    samples: tuple[Sample, ...],
    tiny_data_dir: Path,
    tmp_path: Path,
) -> None:
    again = train_synthesis(
        samples,
        plan=_PLAN,
        shop=Workshop(cache_dir=tmp_path, weights_dir=tmp_path / "none", processes=2),
        data_dir=tiny_data_dir,
    )
    assert again.card.sha256 == candidate.card.sha256
    assert again.card == candidate.card


def test_left_out_scores_are_written_for_the_evaluation(
    candidate: Candidate, shop: Workshop
) -> None:
    written = read_scores(shop.cache_dir / LEFT_OUT_NAME)
    assert written.made_from["model_sha256"] == candidate.card.sha256
    assert len(written.rows) == 16
    assert all(row.fold for row in written.rows)
    assert all(row.is_judged and row.facts is not None for row in written.rows)


def test_report_tells_upsampled_pictures_from_the_others(
    candidate: Candidate, shop: Workshop, tiny_data_dir: Path, tmp_path: Path
) -> None:
    write_model(tmp_path, candidate.card, candidate.payload)
    out = tmp_path / "report.html"
    arguments = ["--lane", "synthesis", "--data", str(tiny_data_dir)]
    arguments += ["--models", str(tmp_path), "--report", str(out)]
    arguments += ["--split", "train", "--condition", "as_is"]
    arguments += ["--left-out", str(shop.cache_dir / LEFT_OUT_NAME)]
    assert evaluate.main(arguments) == 0
    report = json.loads(out.with_suffix(".json").read_text())
    assert len(report["sections"]) == 2
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
    report = ["--lane", "synthesis", "--data", missing, "--report", f"{out}.html"]
    assert evaluate.main(report) == 2
    assert "no manifest.csv" in capsys.readouterr().err
    assert not out.exists()
