"""Model files: NAME.onnx beside NAME.json, its card. Checked before they are loaded.

A model is replaced by dropping both files; everything a lane needs to know (input,
calibration, thresholds) is in the card, and the card names the model's exact bytes.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.errors import ModelError

CARD_FORMAT = 1


@dataclass(frozen=True)
class PlattCalibration:
    """probability = sigmoid(slope * score + intercept), score in log-odds."""

    slope: float
    intercept: float

    def probability(self, score: float) -> float:
        """Return the calibrated probability of `score`, 0..1."""
        exponent = -(self.slope * score + self.intercept)
        return 1.0 / (1.0 + math.exp(min(max(exponent, -60.0), 60.0)))


@dataclass(frozen=True)
class ModelCard:
    """What a model is, where it comes from, and how its output is read.

    sha256: of NAME.onnx.  input_spec: `kind` names the feature version or layout, the
        rest belongs to that kind.  operating_points: false-positive rate -> threshold
        on the calibrated probability.  default_fpr: the operating point in use.
    data_digest: of the labelled pictures it was trained on.  training, metrics, limits:
        for people, shown as they are.
    family_hint: when a family of generators may be named, None without such a model
        (workers/lanes/synthesis/family.py).
    """

    name: str
    version: str
    sha256: str
    input_spec: Mapping[str, Any]
    classes: tuple[str, ...]
    calibration: PlattCalibration
    operating_points: Mapping[float, float]
    default_fpr: float
    data_digest: str
    training: Mapping[str, Any]
    metrics: Mapping[str, Any]
    limits: tuple[str, ...]
    family_hint: Mapping[str, Any] | None = None

    @property
    def threshold(self) -> float:
        """Return the probability at and above which the model raises a flag."""
        return self.operating_points[self.default_fpr]


def _number(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ModelError(f"model card: {what} is not a number")
    if not math.isfinite(value):
        raise ModelError(f"model card: {what} is not finite")
    return float(value)


def parse_card(text: str) -> ModelCard:
    """Return the card written in `text`. Raises ModelError if anything is amiss."""
    try:
        fields = json.loads(text)
        if fields["card_format"] != CARD_FORMAT:
            raise ModelError("model card: unknown card_format")
        if fields["calibration"]["kind"] != "platt":
            raise ModelError("model card: unknown calibration")
        points = {
            _number(float(rate), "false-positive rate"): _number(value, "threshold")
            for rate, value in fields["operating_points"].items()
        }
        card = ModelCard(
            name=str(fields["name"]),
            version=str(fields["version"]),
            sha256=str(fields["sha256"]),
            input_spec=dict(fields["input_spec"]),
            classes=tuple(fields["classes"]),
            calibration=PlattCalibration(
                slope=_number(fields["calibration"]["slope"], "slope"),
                intercept=_number(fields["calibration"]["intercept"], "intercept"),
            ),
            operating_points=points,
            default_fpr=_number(fields["default_fpr"], "default_fpr"),
            data_digest=str(fields["data_digest"]),
            training=dict(fields["training"]),
            metrics=dict(fields["metrics"]),
            limits=tuple(fields["limits"]),
            family_hint=(
                dict(fields["family_hint"]) if fields.get("family_hint") else None
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"model card is malformed ({type(error).__name__})") from error
    if card.default_fpr not in card.operating_points:
        raise ModelError("model card: default_fpr is not among operating_points")
    if any(not 0.0 <= value <= 1.0 for value in card.operating_points.values()):
        raise ModelError("model card: a threshold lies outside 0..1")
    if card.calibration.slope <= 0:
        raise ModelError("model card: the calibration slope is not positive")
    return card


def card_as_json(card: ModelCard) -> str:
    """Return `card` as the text that `parse_card` reads."""
    fields = {
        "card_format": CARD_FORMAT,
        "name": card.name,
        "version": card.version,
        "sha256": card.sha256,
        "input_spec": dict(card.input_spec),
        "classes": list(card.classes),
        "calibration": {
            "kind": "platt",
            "slope": card.calibration.slope,
            "intercept": card.calibration.intercept,
        },
        "operating_points": {str(k): v for k, v in card.operating_points.items()},
        "default_fpr": card.default_fpr,
        "data_digest": card.data_digest,
        "training": dict(card.training),
        "metrics": dict(card.metrics),
        "limits": list(card.limits),
    }
    if card.family_hint is not None:
        fields["family_hint"] = dict(card.family_hint)
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"


def load_card(models_dir: Path, name: str) -> ModelCard:
    """Return the card NAME.json of `models_dir`. Raises ModelError if unusable."""
    try:
        text = (models_dir / f"{name}.json").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"model card of '{name}' cannot be read") from error
    card = parse_card(text)
    if card.name != name:
        raise ModelError(f"model card of '{name}' names another model")
    return card


def read_verified_model(models_dir: Path, card: ModelCard) -> bytes:
    """Return the bytes of the model, only if they are the ones `card` names."""
    try:
        payload = (models_dir / f"{card.name}.onnx").read_bytes()
    except OSError as error:
        raise ModelError(f"model '{card.name}' cannot be read") from error
    if hashlib.sha256(payload).hexdigest() != card.sha256:
        raise ModelError(f"model '{card.name}' does not match its card (SHA-256)")
    return payload


def write_model(models_dir: Path, card: ModelCard, payload: bytes) -> None:
    """Write NAME.onnx and NAME.json, each under `.part` first, the card last."""
    if hashlib.sha256(payload).hexdigest() != card.sha256:
        raise ModelError(f"model '{card.name}' does not match its card (SHA-256)")
    models_dir.mkdir(parents=True, exist_ok=True)
    for suffix, content in (
        (".onnx", payload),
        (".json", card_as_json(card).encode()),
    ):
        part = models_dir / f"{card.name}{suffix}.part"
        part.write_bytes(content)
        part.replace(models_dir / f"{card.name}{suffix}")


def positive_predictive_value(
    *, sensitivity: float, false_alarms: float, prevalence: float
) -> float | None:
    """Return the share of flagged films that are fake, by Bayes' theorem.

    All are shares, 0..1: of the fakes that are flagged, of the real films that are
    flagged, and of the films that are fake. None if nothing would be flagged.
    """
    right = sensitivity * prevalence
    flagged = right + false_alarms * (1 - prevalence)
    return right / flagged if flagged else None
