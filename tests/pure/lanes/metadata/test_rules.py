"""Every rule fires on its breach and stays silent on the nearest sound film."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pure.lanes.metadata import (
    cases_identity,
    cases_physics,
    cases_picture,
    cases_words,
)
from tests.pure.lanes.metadata.films import BASES, Film, codes, film
from workers.lanes.metadata import RULES

CASES: dict[str, list[tuple[Film, Film]]] = {
    **cases_identity.UIDS,
    **cases_identity.FILE,
    **cases_identity.DEVICE,
    **cases_identity.REQUIRED,
    **cases_words.DATES,
    **cases_words.PATIENT,
    **cases_words.TEXTS,
    **cases_words.ANATOMY,
    **cases_words.STUDY,
    **cases_picture.DEPTH,
    **cases_picture.COMPRESSION,
    **cases_picture.TONES,
    **cases_picture.KIND,
    **cases_physics.TUBE,
    **cases_physics.DOSE,
    **cases_physics.QUANTUM,
    **cases_physics.BEAM,
    **cases_physics.DETECTOR,
    **cases_physics.SLICES,
}
FLAT = [
    pytest.param(code, breach, sound, id=f"{code}-{index}")
    for code, pairs in CASES.items()
    for index, (breach, sound) in enumerate(pairs)
]
# What `tests.dicom` writes of its patient; none of it may be told again.
IDENTIFYING = ("Test^Film", "TEST-7", "19700101", "1970", "'A1'", "20250101")


def test_every_rule_has_a_breach_and_a_near_miss() -> None:
    written = [rule.code for rule in RULES]
    assert len(set(written)) == len(written)
    assert set(CASES) == set(written)
    assert all(CASES.values())


@pytest.mark.parametrize(("code", "breach", "sound"), FLAT)
def test_rule_tells_breach_from_near_miss(
    tmp_path: Path, code: str, breach: Film, sound: Film
) -> None:
    found = breach.assess(tmp_path)
    assert code in codes(found)
    told = repr(found.findings)
    assert not [word for word in IDENTIFYING if word in told]
    assert code not in codes(sound.assess(tmp_path))


@pytest.mark.parametrize("base", BASES)
def test_sound_film_of_each_kind_breaks_no_rule(tmp_path: Path, base: str) -> None:
    assert film(base).assess(tmp_path).findings == ()
