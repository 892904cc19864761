"""A model is loaded only if its card is whole and names exactly these bytes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from workers.errors import ModelError
from workers.model_card import (
    ModelCard,
    PlattCalibration,
    card_as_json,
    load_card,
    parse_card,
    positive_predictive_value,
    read_verified_model,
    write_model,
)

PAYLOAD = b"not a real model, but exact bytes"


def make_card() -> ModelCard:
    return ModelCard(
        name="toy",
        version="1",
        sha256=hashlib.sha256(PAYLOAD).hexdigest(),
        input_spec={"kind": "toy_v1"},
        classes=("real", "generated"),
        calibration=PlattCalibration(slope=2.0, intercept=-1.0),
        operating_points={0.005: 0.9, 0.01: 0.8, 0.03: 0.6},
        default_fpr=0.01,
        data_digest="0" * 64,
        training={"sources": []},
        metrics={},
        limits=("a limit",),
    )


def test_card_survives_its_own_text() -> None:
    assert parse_card(card_as_json(make_card())) == make_card()


def test_threshold_is_that_of_the_default_budget() -> None:
    assert make_card().threshold == 0.8
    assert replace(make_card(), default_fpr=0.03).threshold == 0.6


def test_platt_calibration_matches_the_logistic_function() -> None:
    calibration = PlattCalibration(slope=2.0, intercept=-1.0)
    assert calibration.probability(0.5) == pytest.approx(0.5)
    assert calibration.probability(1.5) == pytest.approx(0.8807970779778823)
    assert calibration.probability(-1e9) == pytest.approx(0.0)
    assert calibration.probability(1e9) == pytest.approx(1.0)


def test_written_model_is_read_back_and_no_part_file_stays(tmp_path: Path) -> None:
    write_model(tmp_path, make_card(), PAYLOAD)
    card = load_card(tmp_path, "toy")
    assert read_verified_model(tmp_path, card) == PAYLOAD
    assert sorted(p.name for p in tmp_path.iterdir()) == ["toy.json", "toy.onnx"]


def test_altered_model_is_refused(tmp_path: Path) -> None:
    write_model(tmp_path, make_card(), PAYLOAD)
    (tmp_path / "toy.onnx").write_bytes(PAYLOAD + b"!")
    with pytest.raises(ModelError, match="does not match its card"):
        read_verified_model(tmp_path, load_card(tmp_path, "toy"))


def test_model_that_its_card_does_not_name_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not match its card"):
        write_model(tmp_path, make_card(), b"other bytes")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("missing", ["toy.json", "toy.onnx"])
def test_missing_file_is_a_model_error(tmp_path: Path, missing: str) -> None:
    write_model(tmp_path, make_card(), PAYLOAD)
    (tmp_path / missing).unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        read_verified_model(tmp_path, load_card(tmp_path, "toy"))


def test_card_under_another_name_is_refused(tmp_path: Path) -> None:
    write_model(tmp_path, make_card(), PAYLOAD)
    (tmp_path / "toy.json").rename(tmp_path / "other.json")
    with pytest.raises(ModelError, match="names another model"):
        load_card(tmp_path, "other")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("card_format", 2, "unknown card_format"),
        ("calibration", {"kind": "isotonic"}, "unknown calibration"),
        (
            "calibration",
            {"kind": "platt", "slope": -1, "intercept": 0},
            "slope is not positive",
        ),
        (
            "calibration",
            {"kind": "platt", "slope": "2", "intercept": 0},
            "not a number",
        ),
        ("operating_points", {"0.01": 1.5}, "outside 0..1"),
        ("operating_points", {"0.03": 0.5}, "default_fpr is not among"),
        ("operating_points", {"0.01": True}, "not a number"),
        ("operating_points", {"0.01": float("nan")}, "not finite"),
        ("operating_points", ["0.01"], "malformed"),
        ("input_spec", None, "malformed"),
    ],
)
def test_card_with_a_bad_field_is_refused(
    field: str, value: object, message: str
) -> None:
    fields = json.loads(card_as_json(make_card()))
    fields[field] = value
    with pytest.raises(ModelError, match=message):
        parse_card(json.dumps(fields))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"card_format": 1}'])
def test_text_that_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="malformed"):
        parse_card(text)


@pytest.mark.parametrize(
    ("prevalence", "value"), [(0.5, 0.9756), (0.01, 0.2878), (0.001, 0.0385)]
)
def test_the_predictive_value_is_bayes(prevalence: float, value: float) -> None:
    found = positive_predictive_value(
        sensitivity=0.4, false_alarms=0.01, prevalence=prevalence
    )
    assert found == pytest.approx(value, abs=1e-4)


def test_where_nothing_is_flagged_no_flag_has_a_value() -> None:
    assert (
        positive_predictive_value(sensitivity=0, false_alarms=0, prevalence=0.1) is None
    )
