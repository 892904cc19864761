"""Canonical JSON: the vectors of RFC 8785 that its subset covers, and refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.tlog.canonical import canonical_json

# No deadline: a busy machine is not a defect.
quick = settings(max_examples=50, deadline=None)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def test_keys_are_sorted_by_their_utf_16_units() -> None:
    # RFC 8785 3.2.3, the example of that section; the emoji is a surrogate pair.
    unsorted = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    expected = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical_json(unsorted))) == expected


def test_strings_are_escaped_as_the_standard_says() -> None:
    # RFC 8785 3.2.2, the sample object's "string".
    text = '\u20ac$\u000f\nA\'B"\\\\"/'
    expected = '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'
    assert canonical_json(text) == expected.encode()


def test_controls_use_the_short_escape_where_there_is_one() -> None:
    # RFC 8785 3.2.2.2.
    assert canonical_json("\b\t\n\f\r\x00\x1f\x7f") == (
        b'"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f"'
    )


def test_literals_and_nesting_have_no_blanks() -> None:
    # RFC 8785 3.2.2, the sample's "literals", and a sorted inner object.
    value = {"literals": [None, True, False], "a": {"z": 1, "b": []}}
    expected = b'{"a":{"b":[],"z":1},"literals":[null,true,false]}'
    assert canonical_json(value) == expected


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), [0.5], {"a": 1e30}, {1: "a"}, b"bytes", {1, 2}, range(2)],
    ids=repr,
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


@pytest.mark.parametrize("value", [2**53, -(2**53), 10**30])
def test_an_integer_that_other_readers_would_round_is_refused(value: int) -> None:
    with pytest.raises(TypeError):
        canonical_json({"n": value})


def test_the_largest_exact_integer_is_kept() -> None:
    assert canonical_json([2**53 - 1, 1 - 2**53, 0]) == (
        b"[9007199254740991,-9007199254740991,0]"
    )


def test_a_lone_surrogate_is_refused() -> None:
    # RFC 8785 3.2.2.2: such data MUST end in an error.
    with pytest.raises(UnicodeEncodeError):
        canonical_json("\ud800")


@quick
@given(values)
def test_a_value_survives_and_its_form_is_a_fixed_point(value: Any) -> None:
    once = canonical_json(value)
    assert json.loads(once) == value
    assert canonical_json(json.loads(once)) == once


@quick
@given(st.dictionaries(st.text(), st.integers(0, 9), max_size=6))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    backwards = dict(reversed(value.items()))
    assert canonical_json(backwards) == canonical_json(value)
