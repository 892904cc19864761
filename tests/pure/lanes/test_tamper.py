"""The tamper lane finds forged parts where they are and leaves honest films alone."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from workers.lanes.tamper import TamperLane
from workers.lanes.tamper.copy_move import find_copied_parts
from workers.lanes.tamper.lane import FLAG_SUSPICION
from workers.lanes.tamper.measure import measure_film
from workers.training import forge
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    FileFormat,
    LaneStatus,
    Region,
)

Luma = NDArray[np.float32]


def _luma(seed: int = 1, shape: tuple[int, int] = (640, 600)) -> Luma:
    """Return a soft body with signal-dependent grain, a bone with hard edges, air."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0.25, 0.75, (7, 7)).astype(np.float32)
    body = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
    cv2.line(body, (60, 30), (520, 600), 0.85, 40)
    body = cv2.GaussianBlur(body, (0, 0), 1.5)
    grain = cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), 0.5)
    return np.clip(body + 0.015 * np.sqrt(body) * grain, 0, 1).astype(np.float32)


def _film(luma: Luma) -> DecodedImage:
    return DecodedImage(
        path=Path("film"),
        sha256="0" * 64,
        size_bytes=1,
        format=FileFormat.PNG,
        luma=luma,
        stored=luma,
        frame_index=0,
        frame_count=1,
        bits_stored=8,
        is_signed=False,
        photometric="MONOCHROME2",
        pixel_sha256="0" * 64,
        header=None,
        spacing_mm=None,
    )


def _assess(luma: Luma) -> Evidence:
    return TamperLane().assess(_film(luma), Context())


def _overlap(a: Region, b: Region) -> float:
    """Return intersection over union of two boxes."""
    rows = min(a.row + a.height, b.row + b.height) - max(a.row, b.row)
    columns = min(a.column + a.width, b.column + b.width) - max(a.column, b.column)
    both = max(rows, 0) * max(columns, 0)
    return both / (a.height * a.width + b.height * b.width - both)


@pytest.mark.parametrize("seed", range(5))
def test_untouched_film_is_clear(seed: int) -> None:
    answer = _assess(_luma(seed))
    assert answer.status is LaneStatus.CLEAR
    assert answer.findings == ()
    assert answer.suspicion is not None
    assert answer.suspicion < FLAG_SUSPICION


@pytest.mark.parametrize("seed", range(5))
def test_copied_part_is_found_in_its_place(seed: int) -> None:
    forged, region = forge.copy_move(_luma(seed), seed, side_px=80)
    answer = _assess(forged)
    assert answer.status is LaneStatus.FINDING
    finding = answer.findings[0]
    assert finding.code == "copy_move"
    assert finding.region is not None
    other = Region(**finding.detail["other_region"])
    # Which of two equal places is the copy cannot be known; either may be named first.
    assert max(_overlap(finding.region, region), _overlap(other, region)) > 0.4


def test_copied_part_survives_recompression() -> None:
    forged, _ = forge.copy_move(_luma(2), 2, side_px=110)
    grey = np.rint(forged * 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 95])[1]
    again = np.asarray(cv2.imdecode(packed, 0)) / 255
    assert find_copied_parts(again.astype(np.float32))


@pytest.mark.slow
def test_copied_part_of_a_large_film_is_found_in_native_pixels() -> None:
    luma = _luma(4, (1800, 1500))
    forged, region = forge.copy_move(luma, 4, side_px=200)
    parts = find_copied_parts(forged)
    assert parts
    assert max(_overlap(parts[0].target, region), _overlap(parts[0].source, region)) > (
        0.4
    )


def test_mirror_symmetric_film_is_not_called_copied() -> None:
    half = _luma(6, (640, 300))
    film = np.concatenate([half, half[:, ::-1]], axis=1)
    rng = np.random.default_rng(1)
    own_grain = rng.normal(0, 0.02, film.shape)
    smooth = cv2.GaussianBlur(film, (0, 0), 2)
    assert not find_copied_parts(np.clip(smooth + own_grain, 0, 1).astype(np.float32))


def test_ribs_and_collimator_edges_are_not_called_copied() -> None:
    rng = np.random.default_rng(1)
    film = np.full((600, 600), 0.4, np.float32)
    for row in range(60, 600, 90):
        film[row : row + 25] = 0.7
    film[:, :40] = 0.02
    grain = rng.normal(0, 0.01, film.shape)
    film = np.clip(cv2.GaussianBlur(film, (0, 0), 1.2) + grain, 0, 1).astype(np.float32)
    assert not find_copied_parts(film)


def test_smoothed_part_raises_suspicion_and_is_hot_on_the_map() -> None:
    luma = _luma(3)
    soft = luma.copy()
    soft[260:380, 240:360] = cv2.GaussianBlur(luma, (0, 0), 2)[260:380, 240:360]
    honest, answer = _assess(luma), _assess(soft)
    assert honest.suspicion is not None
    assert answer.suspicion is not None
    assert answer.suspicion > honest.suspicion + 0.2
    assert answer.heatmap is not None
    heat, step = answer.heatmap, answer.heatmap.spacing_px[0]
    row, column = np.unravel_index(int(heat.values.argmax()), heat.values.shape)
    assert 250 < row * step + heat.origin_px[0] < 390
    assert 230 < column * step + heat.origin_px[1] < 370


def test_map_of_a_copied_part_is_hot_there_and_reliability_is_low_in_air() -> None:
    luma = _luma(1)
    luma[:, 500:] = 0.0
    forged, region = forge.copy_move(luma, 1, side_px=80)
    answer = _assess(forged)
    assert answer.heatmap is not None
    assert answer.reliability is not None
    step = answer.heatmap.spacing_px[0]
    centre = (
        int((region.row + region.height / 2) / step),
        int((region.column + region.width / 2) / step),
    )
    assert answer.heatmap.values[centre] > 0.7
    assert answer.reliability.values[:, int(520 / step) :].max() < 0.5


@pytest.mark.parametrize(
    ("luma", "words"),
    [
        (_luma(1, (640, 600))[:255], "smaller than 256"),
        (np.full((400, 400), 0.3, np.float32), "blank"),
        (np.full((400, 400), np.nan, np.float32), "not numbers"),
        (
            np.kron(np.eye(2, dtype=np.float32), np.ones((200, 200), np.float32)),
            "too little natural grain",
        ),
    ],
    ids=["small", "constant", "not-a-number", "drawn"],
)
def test_film_out_of_range_is_not_judged(luma: Luma, words: str) -> None:
    answer = _assess(luma)
    assert answer.status is LaneStatus.NOT_ASSESSABLE
    assert words in answer.reason
    assert answer.suspicion is None
    assert answer.heatmap is None


def test_same_film_gets_the_same_answer() -> None:
    luma = _luma(7)
    first, second = _assess(luma), _assess(luma)
    assert first.suspicion == second.suspicion
    assert first.heatmap is not None
    assert second.heatmap is not None
    assert np.array_equal(first.heatmap.values, second.heatmap.values)


@pytest.mark.slow
def test_very_large_film_is_measured_at_a_bounded_size() -> None:
    measures = measure_film(np.zeros((3000, 8000), np.float32))
    assert measures.scale == pytest.approx((12 / 24) ** 0.5)


@pytest.mark.slow
def test_four_megapixels_take_seconds_not_minutes() -> None:
    luma = _luma(5, (2000, 2000))
    started = time.process_time()
    _assess(luma)
    # Measured at 2 s on an idle core; the bound leaves room for a busy machine.
    assert time.process_time() - started < 15
