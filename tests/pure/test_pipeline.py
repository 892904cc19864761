"""The pipeline runs every lane, whatever one of them does."""

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from workers.decode import decode_film
from workers.errors import ModelError, RejectedInput, TransientError
from workers.pipeline import analyze_file, build_lanes, models_digest, run_lane
from workers.types import Context, DecodedImage, Evidence, Lane, LaneName, LaneStatus


@dataclass
class _Lane:
    """A lane that answers or raises as told."""

    name: LaneName = LaneName.TAMPER
    version: str = "1"
    model_sha256: str | None = None
    error: Exception | None = None
    seen: list[Context] = field(default_factory=list)

    def assess(self, image: DecodedImage, context: Context) -> Evidence:
        self.seen.append(context)
        if self.error is not None:
            raise self.error
        return Evidence(self.name, self.version, LaneStatus.CLEAR, "Fine.", 0.2)


@pytest.fixture
def film_path(tmp_path: Path) -> Path:
    path = tmp_path / "film.png"
    rng = np.random.default_rng(1)
    grey = rng.integers(60, 190, (300, 280)).astype(np.uint8)
    cv2.imwrite(str(path), cv2.GaussianBlur(grey, (0, 0), 1))
    return path


def test_six_lanes_are_built_in_the_order_of_their_names() -> None:
    lanes = build_lanes()
    assert [lane.name for lane in lanes] == list(LaneName)


def test_lane_is_timed(film_path: Path) -> None:
    evidence = run_lane(_Lane(), decode_film(film_path), Context())
    assert evidence.seconds > 0
    assert evidence.reason == "Fine."


def test_crash_of_a_lane_is_reported_without_its_message(
    film_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lane = _Lane(error=ZeroDivisionError("Doe^John"))
    with caplog.at_level(logging.ERROR):
        evidence = run_lane(lane, decode_film(film_path), Context())
    assert evidence.status is LaneStatus.NOT_ASSESSABLE
    assert evidence.reason == "This lane failed on this film (ZeroDivisionError)."
    assert evidence.suspicion is None
    assert "ZeroDivisionError" in caplog.text
    assert "Doe" not in caplog.text


def test_missing_model_is_said_in_plain_words(film_path: Path) -> None:
    lane = _Lane(error=ModelError("synthesis.onnx does not fit its card"))
    evidence = run_lane(lane, decode_film(film_path), Context())
    assert evidence.status is LaneStatus.NOT_ASSESSABLE
    assert evidence.reason == "The model of this lane is missing or was altered."


def test_transient_error_passes_through(film_path: Path) -> None:
    lane = _Lane(error=TransientError("index out of reach"))
    with pytest.raises(TransientError):
        run_lane(lane, decode_film(film_path), Context())


def test_one_crash_leaves_the_other_lanes_their_say(film_path: Path) -> None:
    lanes = (_Lane(error=RuntimeError()), _Lane(name=LaneName.SYNTHESIS))
    analysis = analyze_file(film_path, lanes=lanes)
    assert [item.status for item in analysis.evidence] == [
        LaneStatus.NOT_ASSESSABLE,
        LaneStatus.CLEAR,
    ]
    assert analysis.fused.suspicion is not None


def test_lanes_get_the_context_of_the_caller(film_path: Path) -> None:
    lane, context = _Lane(), Context(patient_key="p", study_key="s")
    analyze_file(film_path, lanes=(lane,), context=context)
    assert lane.seen == [context]


def test_analysis_holds_facts_of_the_film(film_path: Path) -> None:
    analysis = analyze_file(film_path, lanes=(_Lane(),))
    assert (analysis.image.rows, analysis.image.columns) == (300, 280)
    assert analysis.image.size_bytes == film_path.stat().st_size
    assert analysis.seconds >= analysis.evidence[0].seconds


def test_unreadable_film_is_refused_before_any_lane(tmp_path: Path) -> None:
    path, lane = tmp_path / "empty.dcm", _Lane()
    path.write_bytes(b"")
    with pytest.raises(RejectedInput):
        analyze_file(path, lanes=(lane,))
    assert lane.seen == []


def test_digest_changes_with_any_lane_and_not_with_their_order() -> None:
    a, b = _Lane(), _Lane(name=LaneName.REUSE, model_sha256="ab")
    lanes: tuple[Lane, ...] = (a, b)
    digest = models_digest(lanes)
    assert digest == models_digest((b, a))
    assert len(digest) == 64
    for changed in (replace(b, version="2"), replace(b, model_sha256="cd")):
        assert models_digest((a, changed)) != digest


def test_folder_without_models_leaves_only_the_learned_lane_silent(
    film_path: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "models"
    empty.mkdir()
    analysis = analyze_file(film_path, lanes=build_lanes(models_dir=empty))
    by_lane = {item.lane: item for item in analysis.evidence}
    assert by_lane[LaneName.SYNTHESIS].status is LaneStatus.NOT_ASSESSABLE
    assert by_lane[LaneName.TAMPER].suspicion is not None
