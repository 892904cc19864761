"""Bad input to the synthesis lane: judged on what is film, or refused with a reason."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from numpy.typing import NDArray

from tests.pure.lanes.test_synthesis import CONTEXT, make_film, make_image
from workers.lanes.synthesis import SynthesisLane
from workers.types import Evidence, LaneStatus


@pytest.fixture(scope="module")
def lane() -> SynthesisLane:
    """Return a lane that judges phantoms: their content is no matter here."""
    return SynthesisLane(any_content=True)


def make_anatomy(rows: int, columns: int) -> NDArray[np.float32]:
    """Return grain over soft shapes with a few thin, sharp lines."""
    film = make_film(rows, columns)
    for top in range(40, rows, 90):
        cv2.line(film, (0, top), (columns, top + 60), 0.8, 2)
    return film


def write_letters(luma: NDArray[np.float32], text: str, left: int, base: int) -> None:
    """Burn white letters of about 35 px into `luma`."""
    mask = np.zeros(luma.shape, np.uint8)
    cv2.putText(mask, text, (left, base), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 255, 3)
    luma[mask > 0] = 1.0


def is_judged(evidence: Evidence) -> bool:
    return evidence.status is not LaneStatus.NOT_ASSESSABLE


@pytest.mark.parametrize("sigma_px", [4.0, 6.0])
def test_heavily_blurred_film_is_refused_as_blurred(
    lane: SynthesisLane, sigma_px: float
) -> None:
    blurred = cv2.GaussianBlur(make_anatomy(700, 600), (0, 0), sigma_px)
    evidence = lane.assess(make_image(np.asarray(blurred, np.float32)), CONTEXT)
    assert evidence.status is LaneStatus.NOT_ASSESSABLE
    assert "blurred" in evidence.reason


@pytest.mark.parametrize("sigma_px", [0.0, 0.5, 1.0])
def test_film_as_soft_as_a_real_one_is_judged(
    lane: SynthesisLane, sigma_px: float
) -> None:
    film = make_anatomy(700, 600)
    if sigma_px:
        film = np.asarray(cv2.GaussianBlur(film, (0, 0), sigma_px), np.float32)
    assert is_judged(lane.assess(make_image(film), CONTEXT))


def test_film_beside_padding_letters_and_a_collimator_is_judged_on_the_film_alone(
    lane: SynthesisLane,
) -> None:
    luma = make_film(1000, 1400)
    luma[:, :520] = 0.0  # padding
    luma[900:, :] = 0.012  # collimator
    for row in range(80, 880, 60):
        write_letters(luma, "PORTABLE AP", 10, row)
    evidence = lane.assess(make_image(luma), CONTEXT)
    assert is_judged(evidence)
    assert evidence.reliability is not None
    trust = evidence.reliability
    columns = (
        trust.origin_px[1] + np.arange(trust.values.shape[1]) * trust.spacing_px[1]
    )
    assert np.all(trust.values[:, columns < 380] == 0.0)
    assert trust.values[:, columns > 800].max() > 0.0


def test_burned_in_letters_do_not_turn_the_answer(lane: SynthesisLane) -> None:
    film = make_film(1000, 1000)
    plain = lane.assess(make_image(film), CONTEXT).suspicion
    write_letters(film, "R  AP ERECT 12:30", 20, 60)
    labelled = lane.assess(make_image(film), CONTEXT).suspicion
    assert plain is not None
    assert labelled == pytest.approx(plain, abs=0.1)


def test_film_of_two_flat_halves_has_no_texture(lane: SynthesisLane) -> None:
    luma = np.full((400, 400), 0.2, np.float32)
    luma[:, 200:] = 0.8
    evidence = lane.assess(make_image(luma), CONTEXT)
    assert evidence.status is LaneStatus.NOT_ASSESSABLE
    assert "texture" in evidence.reason


@pytest.mark.parametrize("number", [0, 401, -1])
def test_lane_with_an_impossible_number_of_tiles_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match=r"1\.\.400"):
        SynthesisLane(max_tiles=number)


_SIDES = st.sampled_from([0, 1, 2, 200, 255, 256, 257, 300, 511])
_KINDS = st.sampled_from(["float32", "float64", "float16", "uint8", "uint16", "int16"])


def _check_contract(evidence: Evidence) -> None:
    assert evidence.reason.strip().endswith(".")
    if evidence.status is LaneStatus.NOT_ASSESSABLE:
        assert evidence.suspicion is None
        assert evidence.heatmap is None
        return
    assert evidence.suspicion is not None
    assert 0.0 <= evidence.suspicion <= 1.0
    assert bool(evidence.findings) is (evidence.status is LaneStatus.FINDING)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=_SIDES, columns=_SIDES, kind=_KINDS, seed=st.integers(0, 999))
def test_any_shape_and_type_gets_an_answer_with_a_reason(
    lane: SynthesisLane, rows: int, columns: int, kind: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(0.5, rng.choice([0.0, 0.01, 0.3, 50.0]), (rows, columns))
    if seed % 5 == 0 and values.size:
        values.flat[rng.integers(values.size)] = rng.choice([np.nan, np.inf, -np.inf])
    if not kind.startswith("float"):
        values = np.clip(np.nan_to_num(values * 100), 0, 200)
    image = make_image(np.zeros((1, 1), np.float32))
    object.__setattr__(image, "luma", values.astype(kind))
    _check_contract(lane.assess(image, CONTEXT))


@settings(max_examples=15, deadline=None)
@given(
    values=st_numpy.arrays(
        np.float32,
        st.sampled_from([(256, 256), (300, 257)]),
        elements=st.floats(width=32, allow_nan=True, allow_infinity=True),
        fill=st.floats(width=32, allow_nan=True, allow_infinity=True),
    )
)
def test_any_numbers_get_an_answer_with_a_reason(
    values: NDArray[np.float32],
) -> None:
    image = make_image(np.zeros((1, 1), np.float32))
    object.__setattr__(image, "luma", values)
    _check_contract(SynthesisLane(any_content=True).assess(image, CONTEXT))
    _check_contract(SynthesisLane().assess(image, CONTEXT))
