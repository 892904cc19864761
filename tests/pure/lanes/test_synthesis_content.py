"""Is it a radiograph at all: header, colour, and the model of the card."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tests.pure.lanes.test_synthesis import CONTEXT, make_film, make_image
from workers.errors import ModelError
from workers.lanes.synthesis import SynthesisLane
from workers.lanes.synthesis.content import (
    CONTENT_MODEL_NAME,
    ContentCheck,
    coloured_share,
    load_content_check,
    why_not_a_radiograph,
)
from workers.lanes.synthesis.lane import DEFAULT_MODELS_DIR
from workers.lanes.synthesis.thumbnail import content_features, make_thumbnail
from workers.model_card import load_card, write_model
from workers.training.content import (
    ContentTable,
    fit_rows,
    measure_content,
    score_left_out,
)
from workers.training.data import Sample
from workers.training.train_content import build_content_model, fit_table
from workers.types import LaneStatus


def draw_shadows(rng: np.random.Generator, side: int = 300) -> NDArray[np.float32]:
    """Return soft bodies that add up on an empty ground, as X-rays cast them."""
    luma = np.zeros((side, side), np.float32)
    for _ in range(6):
        body = np.zeros((side, side), np.uint8)
        middle = [int(v) for v in rng.integers(side // 4, 3 * side // 4, 2)]
        axes = [int(v) for v in rng.integers(side // 12, side // 4, 2)]
        cv2.ellipse(body, middle, axes, float(rng.integers(180)), 0, 360, 255, -1)
        luma += cv2.GaussianBlur(body, (0, 0), side / 30).astype(np.float32) / 255
    luma = 0.05 + 0.9 * luma / luma.max()
    return np.asarray(luma + rng.normal(0, 0.01, luma.shape), np.float32).clip(0, 1)


def draw_objects(rng: np.random.Generator, side: int = 300) -> NDArray[np.float32]:
    """Return opaque, hard-edged things that cover one another, as in photographs."""
    luma = np.full((side, side), rng.integers(60, 200), np.uint8)
    for _ in range(40):
        corners = rng.integers(-20, side + 20, 2) + rng.integers(-60, 60, (4, 2))
        cv2.fillConvexPoly(luma, corners.astype(np.int32), int(rng.integers(256)))
    noisy = luma / 255 + rng.normal(0, 0.02, luma.shape)
    return np.asarray(noisy, np.float32).clip(0, 1)


def write_samples(folder: Path, count: int, seed: int) -> list[Sample]:
    """Write `count` of either kind, from two origins each."""
    rng = np.random.default_rng(seed)
    samples = []
    for index in range(2 * count):
        is_film = index % 2 == 0
        luma = draw_shadows(rng) if is_film else draw_objects(rng)
        path = folder / f"{seed}-{index}.png"
        cv2.imwrite(str(path), (luma * 255).astype(np.uint8))
        kind = "real" if is_film else "photo"
        origin = f"{kind}-{index // 2 % 2}"
        samples.append(
            Sample(path, False, origin, kind, "train", path.name, "none", "0" * 64)
        )
    return samples


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> ContentTable:
    return measure_content(write_samples(tmp_path_factory.mktemp("fit"), 12, 1))


@pytest.fixture(scope="module")
def models_dir(table: ContentTable, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    candidate = fit_table(table)[0]
    write_model(folder, candidate.card, candidate.payload)
    return folder


@pytest.fixture(scope="module")
def check(models_dir: Path) -> ContentCheck:
    return ContentCheck(models_dir)


def passes(check: ContentCheck, pictures: Sequence[NDArray[np.float32]]) -> float:
    return float(np.mean([check.passes(picture) for picture in pictures]))


@pytest.mark.slow
def test_films_never_seen_pass_in_both_polarities_and_objects_do_not(
    check: ContentCheck,
) -> None:
    rng = np.random.default_rng(77)
    films = [draw_shadows(rng) for _ in range(20)]
    assert passes(check, films) >= 0.95
    assert passes(check, [1 - film for film in films]) >= 0.95
    assert passes(check, [np.rot90(film) for film in films]) >= 0.95
    assert passes(check, [draw_objects(rng) for _ in range(20)]) <= 0.1


@pytest.mark.slow
def test_shuffled_labels_destroy_the_check(table: ContentTable) -> None:
    rng = np.random.default_rng(5)
    mixed = replace(
        table,
        is_radiograph=rng.permutation(table.is_radiograph),
        kinds=np.full(table.kinds.shape, "real"),
    )
    figures = {}
    for name, rows in (("true", table), ("shuffled", mixed)):
        left_out = score_left_out(rows)
        threshold = np.quantile(left_out[rows.is_radiograph], 0.995)
        figures[name] = float((left_out[~rows.is_radiograph] > threshold).mean())
    assert figures["true"] > 0.9
    assert figures["shuffled"] < 0.2
    with pytest.raises(ModelError, match="tells nothing apart"):
        fit_table(mixed)


def test_card_says_what_is_refused_per_group(check: ContentCheck) -> None:
    refused = check.card.metrics["left_out_refused"]
    assert refused["radiographs"]["plain"] <= 0.05
    assert refused["photographs"]["plain"] >= 0.9
    assert refused["real-0"]["pictures"] == 6
    assert {"real-0", "real-1"} <= set(refused)
    points = check.card.operating_points
    assert points[0.01] <= points[0.005] <= points[0.002]


def test_model_says_what_the_fitted_machine_says(
    table: ContentTable, check: ContentCheck
) -> None:
    model = fit_rows(table, np.ones(table.families.size, np.bool_))
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(build_content_model(model), options)
    numbers = table.upright[:20]
    (scores,) = session.run(["log_odds"], {"features": numbers.astype(np.float32)})
    assert scores.ravel() == pytest.approx(model.score(numbers), abs=1e-4)


def test_without_a_card_there_is_no_check(tmp_path: Path) -> None:
    assert load_content_check(tmp_path) is None


@pytest.mark.parametrize("suffix", [".json", ".onnx"])
def test_damaged_check_is_a_model_error(
    models_dir: Path, tmp_path: Path, suffix: str
) -> None:
    folder = shutil.copytree(models_dir, tmp_path / "damaged")
    path = folder / f"{CONTENT_MODEL_NAME}{suffix}"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ModelError):
        ContentCheck(folder).passes(make_film())


def test_check_for_other_numbers_is_refused(models_dir: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(models_dir, tmp_path / "other")
    path = folder / f"{CONTENT_MODEL_NAME}.json"
    fields = json.loads(path.read_text())
    fields["input_spec"]["kind"] = "thumbnail_v9"
    path.write_text(json.dumps(fields))
    with pytest.raises(ModelError, match="thumbnail_v9"):
        load_content_check(folder)


def test_lane_with_a_damaged_check_says_so_and_judges_nothing(
    models_dir: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(DEFAULT_MODELS_DIR, tmp_path / "lane")
    (folder / f"{CONTENT_MODEL_NAME}.json").write_text("{}")
    lane = SynthesisLane(folder)
    assert lane.model_sha256 is None
    with pytest.raises(ModelError):
        lane.assess(make_image(make_film()), CONTEXT)


def test_version_of_the_lane_tells_which_check_it_asks(
    models_dir: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(DEFAULT_MODELS_DIR, tmp_path / "lane")
    shutil.copytree(models_dir, folder, dirs_exist_ok=True)
    sha256 = load_card(folder, CONTENT_MODEL_NAME).sha256
    assert SynthesisLane(folder).version.endswith(f"+{sha256[:8]}")
    assert SynthesisLane(folder).version != SynthesisLane().version


def test_numbers_do_not_see_turns_and_flips() -> None:
    thumbnail = make_thumbnail(draw_objects(np.random.default_rng(3)))
    plain = content_features(thumbnail)
    for turned in (np.rot90(thumbnail), thumbnail[:, ::-1], thumbnail[::-1]):
        turned_numbers = content_features(np.ascontiguousarray(turned))
        assert np.allclose(turned_numbers, plain, atol=1e-3)


def test_thumbnail_of_a_strip_keeps_sixteen_pixels() -> None:
    assert make_thumbnail(np.zeros((256, 9000), np.float32)).shape == (16, 128)
    assert make_thumbnail(np.zeros((300, 200), np.float32)).shape == (128, 85)


@pytest.mark.parametrize("modality", ["CR", "DX", "MG", "RF", "XA", "PX", "IO", " dx "])
def test_header_of_a_radiograph_settles_it(modality: str, check: ContentCheck) -> None:
    luma = draw_objects(np.random.default_rng(4))
    assert why_not_a_radiograph(_with_modality(luma, modality), luma, check) is None


@pytest.mark.parametrize("modality", ["CT", "MR", "US", "NM", "PT", "SR", "<B>\x00"])
def test_header_of_another_modality_is_refused_by_name(modality: str) -> None:
    image = _with_modality(make_film(), modality)
    evidence = SynthesisLane().assess(image, CONTEXT)
    assert evidence.status is LaneStatus.NOT_ASSESSABLE
    assert modality.strip("<>\x00") in evidence.reason
    assert "<" not in evidence.reason
    judged = SynthesisLane(any_content=True).assess(image, CONTEXT)
    assert judged.status is not LaneStatus.NOT_ASSESSABLE


@pytest.mark.parametrize("modality", ["", "OT"])
def test_header_that_does_not_tell_leaves_it_to_the_picture(
    modality: str, check: ContentCheck
) -> None:
    rng = np.random.default_rng(6)
    film, objects = draw_shadows(rng), draw_objects(rng)
    assert why_not_a_radiograph(_with_modality(film, modality), film, check) is None
    reason = why_not_a_radiograph(_with_modality(objects, modality), objects, check)
    assert reason is not None
    assert "does not look like a radiograph" in reason


def _with_modality(luma: NDArray[np.float32], modality: str) -> Any:
    header = Dataset()
    header.add_new("Modality", "LO", modality)
    return replace(make_image(luma), header=header)


def _tint(luma: NDArray[np.float32], dark: Any, bright: Any) -> NDArray[np.uint8]:
    """Return RGB that runs from `dark` to `bright` with the grey level."""
    start, end = np.array(dark, np.float32), np.array(bright, np.float32)
    return np.asarray(start + luma[..., None] * (end - start), np.uint8)


@pytest.mark.parametrize(
    ("dark", "bright"),
    [
        ((0, 0, 0), (255, 255, 255)),
        ((10, 20, 60), (200, 220, 255)),  # blue base on a light box
        ((40, 20, 0), (255, 230, 190)),  # sepia
    ],
)
def test_tinted_film_with_a_coloured_arrow_is_not_in_colour(
    dark: tuple[int, ...], bright: tuple[int, ...]
) -> None:
    rgb = _tint(make_film(), dark, bright)
    cv2.arrowedLine(rgb, (50, 50), (300, 300), (255, 0, 0), 12)
    assert coloured_share(rgb, "RGB") < 0.1


def test_picture_of_many_hues_is_in_colour_and_refused() -> None:
    rng = np.random.default_rng(8)
    hues = cv2.resize(rng.random((5, 5, 3)), (500, 600), interpolation=cv2.INTER_CUBIC)
    rgb = (np.clip(hues, 0, 1) * 255).astype(np.uint8)
    assert coloured_share(rgb, "RGB") > 0.7
    image = replace(make_image(make_film()), stored=rgb, photometric="RGB")
    evidence = SynthesisLane().assess(image, CONTEXT)
    assert evidence.status is LaneStatus.NOT_ASSESSABLE
    assert "colour" in evidence.reason


def test_lane_refuses_by_the_check_and_any_content_skips_it(
    tmp_path: Path, models_dir: Path
) -> None:
    folder = shutil.copytree(DEFAULT_MODELS_DIR, tmp_path / "lane")
    shutil.copytree(models_dir, folder, dirs_exist_ok=True)
    objects = make_image(draw_objects(np.random.default_rng(9), side=500))
    refused = SynthesisLane(folder).assess(objects, CONTEXT)
    assert refused.status is LaneStatus.NOT_ASSESSABLE
    assert "does not look like a radiograph" in refused.reason
    judged = SynthesisLane(folder, any_content=True).assess(objects, CONTEXT)
    assert judged.status is not LaneStatus.NOT_ASSESSABLE
