"""A family of generators is named only where the card allows it."""

from __future__ import annotations

import numpy as np

from workers.lanes.synthesis.family import (
    FAMILY_NAMES,
    UNKNOWN,
    describe_hint,
    name_family,
)

_FIELDS = {
    "margins": [None, 2.0, 1.0],
    "confusion": {
        FAMILY_NAMES[0]: dict.fromkeys((*FAMILY_NAMES, UNKNOWN), 3),
        FAMILY_NAMES[1]: {FAMILY_NAMES[1]: 60, UNKNOWN: 20},
        FAMILY_NAMES[2]: {FAMILY_NAMES[1]: 1, FAMILY_NAMES[2]: 9},
    },
}


def test_family_without_a_margin_is_never_named() -> None:
    assert name_family(np.array([0.0, -9.0, -9.0]), (None, 2.0, 1.0)) is None


def test_family_is_named_from_its_own_margin_on() -> None:
    margins = (None, 2.0, 1.0)
    assert name_family(np.array([-4.0, -2.1, -5.0]), margins) is None
    assert name_family(np.array([-4.0, -1.9, -5.0]), margins) == FAMILY_NAMES[1]
    assert name_family(np.array([-2.0, -9.0, -0.9]), margins) == FAMILY_NAMES[2]


def test_statement_says_how_often_such_statements_were_right() -> None:
    sentence, detail = describe_hint(np.array([-8.0, -0.1, -9.0]), _FIELDS)
    assert detail == {"generator_family": FAMILY_NAMES[1]}
    assert FAMILY_NAMES[1] in sentence
    assert "60 of 64" in sentence


def test_doubt_is_told_and_a_model_without_families_says_nothing() -> None:
    assert describe_hint(np.array([-1.0, -1.1, -2.0]), _FIELDS) == (
        "",
        {"generator_family": UNKNOWN},
    )
    assert describe_hint(None, _FIELDS) == ("", {})
    assert describe_hint(np.array([-1.0, -1.1, -2.0]), None) == ("", {})
