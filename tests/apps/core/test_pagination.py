"""Cursors: ours go round, others are refused as the caller's mistake."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import Invalid
from apps.core.pagination import (
    clamp_limit,
    decode_cursor,
    decode_time_cursor,
    encode_cursor,
    encode_time_cursor,
)

values = st.one_of(
    st.text(max_size=40), st.integers(-(2**53), 2**53), st.booleans(), st.none()
)


@given(st.lists(values, min_size=1, max_size=3))
def test_values_come_back_as_they_were_given(given_values: list[object]) -> None:
    cursor = encode_cursor(given_values)
    assert decode_cursor(cursor, length=len(given_values)) == given_values


@given(
    st.datetimes(timezones=st.just(dt.UTC)).map(lambda at: at.replace(tzinfo=dt.UTC)),
    st.uuids(),
)
def test_a_time_and_an_id_come_back_to_the_microsecond(
    at: dt.datetime, row_id: uuid.UUID
) -> None:
    assert decode_time_cursor(encode_time_cursor(at, row_id)) == (at, row_id)


@given(st.text(max_size=200))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    # Only Invalid is let through: whatever else is raised fails the test.
    with contextlib.suppress(Invalid):
        decode_time_cursor(text)


def raw(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        raw(["2024-01-01T00:00:00+00:00", 7]),
        raw([7, str(uuid.UUID(int=1))]),
        raw(["2024-01-01", str(uuid.UUID(int=1))]),
        raw(["9" * 500, str(uuid.UUID(int=1))]),
        raw([["2024-01-01T00:00:00+00:00"], str(uuid.UUID(int=1))]),
        raw({"0": 1, "1": 2}),
        base64.urlsafe_b64encode(b"[" * 600).decode(),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        base64.urlsafe_b64encode(b"[" + b"9" * 5000 + b",1]").decode(),
        base64.urlsafe_b64encode(b"[NaN,1e999]").decode(),
        "\x00\x00\x00\x00",
    ],
)
def test_a_forged_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as refusal:
        decode_time_cursor(cursor)
    assert refusal.value.code == "bad_cursor"


def test_a_page_holds_1_to_200_rows() -> None:
    assert [clamp_limit(n) for n in (-1, 0, 1, 200, 201, 10**30)] == [
        1, 1, 1, 200, 200, 200,
    ]  # fmt: skip
