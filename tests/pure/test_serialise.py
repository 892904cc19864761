"""Evidence crosses JSON and bytes without loss."""

import base64
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from workers.serialise import (
    HeatmapFormatError,
    evidence_from_json,
    evidence_to_json,
    heatmap_from_bytes,
    heatmap_to_bytes,
    heatmap_to_json,
    plain_json,
)
from workers.types import Evidence, Finding, Heatmap, LaneName, LaneStatus, Region


def _evidence() -> Evidence:
    return Evidence(
        lane=LaneName.TAMPER,
        version="1.2",
        status=LaneStatus.FINDING,
        reason="A part appears twice.",
        suspicion=0.75,
        findings=(
            Finding(
                code="copy_move",
                text="Copied.",
                weight=0.8,
                source="docs/models/tamper.md",
                region=Region(row=1, column=2, height=3, width=4),
                detail={"offsets": [1, 2], "agreement": 0.5},
            ),
        ),
        model_sha256="ab" * 32,
        seconds=0.25,
    )


def test_evidence_survives_json_text() -> None:
    text = json.dumps(evidence_to_json(_evidence()), allow_nan=False)
    again = evidence_from_json(json.loads(text))
    assert vars(again) == vars(_evidence())


def test_evidence_json_says_whether_there_are_maps_but_holds_none() -> None:
    value = evidence_to_json(_evidence())
    assert value["has_heatmap"] is False
    assert "heatmap" not in value


def test_numpy_scalars_become_json_numbers() -> None:
    value = plain_json({"a": np.float32(0.5), "b": np.int64(3), "c": np.bool_(True)})
    assert json.dumps(value) == '{"a": 0.5, "b": 3, "c": true}'


@pytest.mark.parametrize("number", [float("nan"), float("inf"), np.float64("nan")])
def test_numbers_that_json_lacks_become_none(number: float) -> None:
    assert plain_json([number]) == [None]


def test_object_without_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        plain_json({"a": object()})


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 6), st.integers(1, 6)),
        elements=st.floats(0, 1, width=32),
    ),
    st.floats(0.5, 500),
)
def test_heatmap_survives_bytes(values: np.ndarray, spacing: float) -> None:
    again = heatmap_from_bytes(
        heatmap_to_bytes(Heatmap(values, (spacing, 2 * spacing), (7.5, 3.25)))
    )
    assert np.array_equal(again.values, values)
    assert again.values.dtype == np.float32
    assert again.spacing_px == (spacing, 2 * spacing)
    assert again.origin_px == (7.5, 3.25)


@pytest.mark.parametrize("block", [b"", b"TFHM", b"X" * 60])
def test_bytes_that_are_no_heatmap_are_refused(block: bytes) -> None:
    with pytest.raises(HeatmapFormatError):
        heatmap_from_bytes(block)


def test_heatmap_cut_short_is_refused() -> None:
    block = heatmap_to_bytes(Heatmap(np.ones((2, 2), np.float32), (1, 1), (0, 0)))
    with pytest.raises(HeatmapFormatError, match="length"):
        heatmap_from_bytes(block[:-1])


def test_heatmap_json_is_little_endian_rows_first() -> None:
    values = np.array([[0.0, 0.25], [0.5, 1.0]], np.float32)
    value = heatmap_to_json(Heatmap(values, (16, 16), (7.5, 7.5)))
    assert struct.unpack("<4f", base64.b64decode(value["values"])) == (0, 0.25, 0.5, 1)
    assert (value["rows"], value["columns"], value["reliability"]) == (2, 2, None)
