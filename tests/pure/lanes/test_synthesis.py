"""The synthesis lane: refusals, one answer per picture, and a map that lies on it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from workers.decode import decode_film
from workers.errors import ModelError
from workers.lanes.synthesis import SynthesisLane
from workers.lanes.synthesis.features import (
    TILE_PX,
    feature_count,
    quantise_luma,
    tile_features,
)
from workers.lanes.synthesis.lane import DEFAULT_MODELS_DIR, MODEL_NAME
from workers.lanes.synthesis.tiles import plan_grid
from workers.types import Context, DecodedImage, Evidence, FileFormat, LaneStatus

CONTEXT = Context()


def make_image(luma: NDArray[np.float32]) -> DecodedImage:
    """Return a decoded film with this luma and nothing else of note."""
    return DecodedImage(
        path=Path("film.png"),
        sha256="0" * 64,
        size_bytes=1,
        format=FileFormat.PNG,
        luma=luma.astype(np.float32),
        stored=np.zeros(luma.shape, np.uint8),
        frame_index=0,
        frame_count=1,
        bits_stored=8,
        is_signed=False,
        photometric="MONOCHROME2",
        pixel_sha256="0" * 64,
        header=None,
        spacing_mm=None,
    )


def make_film(rows: int = 600, columns: int = 500) -> NDArray[np.float32]:
    """Return luma with soft shapes and sensor-like noise."""
    rng = np.random.default_rng(7)
    shapes = cv2.GaussianBlur(rng.normal(size=(rows, columns)), (0, 0), 40)
    shapes = (shapes - shapes.min()) / (shapes.max() - shapes.min())
    noise = rng.normal(size=(rows, columns)) * (0.004 + 0.01 * shapes)
    return np.asarray(np.clip(0.15 + 0.7 * shapes + noise, 0, 1), np.float32)


def assess(luma: NDArray[np.float32]) -> Evidence:
    """Return the lane's answer; what these phantoms show is no matter here."""
    return SynthesisLane(any_content=True).assess(make_image(luma), CONTEXT)


def test_film_gets_a_suspicion_a_reason_and_the_digest_of_the_model() -> None:
    evidence = assess(make_film())
    assert evidence.status in (LaneStatus.CLEAR, LaneStatus.FINDING)
    assert evidence.suspicion is not None
    assert 0.0 <= evidence.suspicion <= 1.0
    assert f"{evidence.suspicion:.0%}" in evidence.reason
    assert evidence.reason.endswith(".")
    assert evidence.model_sha256 == SynthesisLane().model_sha256


def test_same_film_gets_the_same_answer_from_two_lanes() -> None:
    first, second = assess(make_film()), assess(make_film())
    assert first.suspicion == second.suspicion
    assert first.heatmap is not None
    assert second.heatmap is not None
    assert np.array_equal(first.heatmap.values, second.heatmap.values)


@pytest.mark.parametrize(
    ("luma", "words"),
    [
        (make_film(255, 900), "smaller than 256 pixels"),
        (np.zeros((1, 900), np.float32), "smaller than 256 pixels"),
        (np.full((500, 500), 0.5, np.float32), "blank"),
        (np.where(make_film() > 0.99, 1, np.nan), "not numbers"),
        (np.tile(np.linspace(0, 1, 512, dtype=np.float32), (512, 1)), "texture"),
    ],
)
def test_film_that_cannot_be_judged_says_why(
    luma: NDArray[np.float32], words: str
) -> None:
    evidence = assess(luma)
    assert evidence.status is LaneStatus.NOT_ASSESSABLE
    assert words in evidence.reason
    assert evidence.suspicion is None
    assert evidence.heatmap is None


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(256, 256), (256, 700), (600, 500), (2500, 2000)])
def test_map_lies_on_the_film_and_is_trusted_only_where_judged(
    shape: tuple[int, int],
) -> None:
    evidence = assess(make_film(*shape))
    heatmap, reliability = evidence.heatmap, evidence.reliability
    assert heatmap is not None
    assert reliability is not None
    assert heatmap.values.dtype == np.float32
    assert heatmap.values.shape == reliability.values.shape
    assert heatmap.spacing_px == reliability.spacing_px
    assert heatmap.origin_px == reliability.origin_px
    for axis in (0, 1):
        # The cells tile the film from edge to edge; pixel centres are whole numbers.
        half = heatmap.spacing_px[axis] / 2
        last = heatmap.spacing_px[axis] * (heatmap.values.shape[axis] - 1)
        assert heatmap.origin_px[axis] - half == pytest.approx(-0.5)
        assert heatmap.origin_px[axis] + last + half == pytest.approx(shape[axis] - 0.5)
    assert heatmap.values.min() >= 0
    assert heatmap.values.max() <= 1
    assert np.all(heatmap.values[reliability.values == 0] == 0)


def test_black_border_is_not_judged() -> None:
    luma = make_film(700, 1200)
    luma[:, :600] = 0.0
    evidence = assess(luma)
    assert evidence.reliability is not None
    assert np.all(evidence.reliability.values[:, 0] == 0)
    assert np.all(evidence.reliability.values[:, -1] > 0)
    assert evidence.heatmap is not None
    assert np.all(evidence.heatmap.values[:, 0] == 0)


def test_finding_is_reported_exactly_from_the_threshold_on() -> None:
    lane = SynthesisLane(any_content=True)
    film = make_image(make_film())
    suspicion = lane.assess(film, CONTEXT).suspicion
    assert suspicion is not None
    assert lane._scorer is not None
    card = lane._scorer.card
    for threshold, expected in (
        (suspicion, LaneStatus.FINDING),
        (min(suspicion + 1e-6, 1.0), LaneStatus.CLEAR),
    ):
        points = {card.default_fpr: threshold}
        lane._scorer.card = replace(card, operating_points=points)
        evidence = lane.assess(film, CONTEXT)
        assert evidence.status is expected
        assert bool(evidence.findings) is (expected is LaneStatus.FINDING)


@pytest.mark.parametrize(
    ("half_at", "words"), [(8.0, "a real exposure"), (-8.0, "in doubt, but not enough")]
)
def test_a_film_below_the_threshold_is_called_real_only_where_it_looks_so(
    half_at: float, words: str
) -> None:
    lane = SynthesisLane()
    lane.assess(make_image(make_film()), CONTEXT)
    assert lane._scorer is not None
    card = lane._scorer.card
    # The same score, a calibration whose half lies far above it or far below.
    intercept = card.calibration.intercept - half_at
    lane._scorer.card = replace(
        card,
        calibration=replace(card.calibration, intercept=intercept),
        operating_points={card.default_fpr: 1.0},
    )
    told = lane.assess(make_image(make_film()), CONTEXT)
    assert told.status is LaneStatus.CLEAR
    assert words in told.reason


def test_altered_model_is_refused_not_run(tmp_path: Path) -> None:
    for suffix in (".json", ".onnx"):
        shutil.copy(DEFAULT_MODELS_DIR / f"{MODEL_NAME}{suffix}", tmp_path)
    path = tmp_path / f"{MODEL_NAME}.onnx"
    payload = bytearray(path.read_bytes())
    payload[len(payload) // 2] ^= 1
    path.write_bytes(payload)
    with pytest.raises(ModelError, match="does not match its card"):
        SynthesisLane(tmp_path).assess(make_image(make_film()), CONTEXT)


def test_lane_without_a_model_can_be_made_and_says_so_when_asked(
    tmp_path: Path,
) -> None:
    lane = SynthesisLane(tmp_path)
    assert lane.model_sha256 is None
    with pytest.raises(ModelError, match="cannot be read"):
        lane.assess(make_image(make_film()), CONTEXT)


def test_model_for_another_input_is_refused(tmp_path: Path) -> None:
    for suffix in (".json", ".onnx"):
        shutil.copy(DEFAULT_MODELS_DIR / f"{MODEL_NAME}{suffix}", tmp_path)
    path = tmp_path / f"{MODEL_NAME}.json"
    path.write_text(path.read_text().replace("tile_features_v2", "luma_tiles_v9"))
    with pytest.raises(ModelError, match="luma_tiles_v9"):
        SynthesisLane(tmp_path).assess(make_image(make_film()), CONTEXT)


def test_bit_depth_of_the_same_picture_does_not_change_the_answer() -> None:
    twelve_bit = np.rint(make_film() * 4095) / 4095
    eight_bit = np.rint(make_film() * 255) / 255
    first = assess(twelve_bit.astype(np.float32)).suspicion
    second = assess(eight_bit.astype(np.float32)).suspicion
    assert first == pytest.approx(second, abs=0.02)


def test_png_on_disk_scores_like_its_luma(tmp_path: Path) -> None:
    levels = quantise_luma(make_film())
    cv2.imwrite(str(tmp_path / "film.png"), levels)
    lane = SynthesisLane(any_content=True)
    from_disk = lane.assess(decode_film(tmp_path / "film.png"), CONTEXT)
    direct = assess(levels.astype(np.float32) / np.float32(255))
    assert from_disk.suspicion == pytest.approx(direct.suspicion, abs=1e-6)


def test_grid_covers_the_film_and_keeps_its_bound() -> None:
    for rows, columns in ((256, 256), (300, 4000), (2500, 2000), (8000, 8000)):
        grid = plan_grid(rows, columns, max_tiles=40)
        assert grid.shape[0] * grid.shape[1] <= 40
        assert (grid.tops[0], grid.lefts[0]) == (0.0, 0.0)
        assert (grid.tops[-1], grid.lefts[-1]) == (rows - TILE_PX, columns - TILE_PX)


def test_features_are_finite_even_where_nothing_is() -> None:
    for tile in (
        np.zeros((TILE_PX, TILE_PX), np.uint8),
        np.full((TILE_PX, TILE_PX), 255, np.uint8),
        np.indices((TILE_PX, TILE_PX)).sum(axis=0).astype(np.uint8) % 2 * 255,
    ):
        vector = tile_features(tile.astype(np.uint8))
        assert vector.shape == (feature_count(),)
        assert np.isfinite(vector).all()


def test_features_do_not_see_polarity() -> None:
    tile = quantise_luma(make_film(TILE_PX, TILE_PX))
    assert np.allclose(tile_features(tile), tile_features(255 - tile), atol=5e-2)


def test_upsampling_by_pixel_doubling_raises_the_peak_at_half_the_sampling_rate() -> (
    None
):
    small = quantise_luma(make_film(TILE_PX // 2, TILE_PX // 2))
    doubled = np.repeat(np.repeat(small, 2, axis=0), 2, axis=1)
    plain = quantise_luma(make_film(TILE_PX, TILE_PX))
    # Log power: one unit is a factor of e, far above the scatter between tiles.
    assert np.abs(tile_features(doubled) - tile_features(plain)).max() > 1.0
