"""Every setting is documented, and nothing else is."""

from __future__ import annotations

import re

import pytest

from apps.config.settings import KNOWN_NAMES, SECRET_NAMES
from tests.house.tree import BASE_DIR

NAME = re.compile(r"\bTRUEFILM_[A-Z0-9_]*[A-Z0-9]\b")


def _names_in(path: str) -> set[str]:
    return set(NAME.findall((BASE_DIR / path).read_text(encoding="utf-8")))


def _assigned_in_example() -> list[str]:
    text = (BASE_DIR / ".env.example").read_text(encoding="utf-8")
    return re.findall(r"^(?:# )?(TRUEFILM_[A-Z0-9_]+)=", text, flags=re.MULTILINE)


def test_the_example_lists_every_setting_once() -> None:
    assert sorted(_assigned_in_example()) == sorted(KNOWN_NAMES)


def test_the_settings_page_has_a_row_for_every_setting_and_no_other() -> None:
    text = (BASE_DIR / "docs/settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(TRUEFILM_[A-Z0-9_]+)` \|", text, flags=re.MULTILINE)
    assert sorted(rows) == sorted(KNOWN_NAMES)


def test_every_known_name_is_read_by_the_settings_or_the_stack() -> None:
    source = (BASE_DIR / "apps/config/settings.py").read_text(encoding="utf-8")
    after_the_list = source.partition("env = load_environment(")[2]
    read = set(NAME.findall(after_the_list)) | _names_in("apps/core/stack.py")
    assert set(KNOWN_NAMES) <= read


@pytest.mark.parametrize(
    "path", ["docker-compose.yml", "Dockerfile", "Makefile", "apps/core/stack.py"]
)
def test_nothing_sets_a_setting_that_does_not_exist(path: str) -> None:
    with_files = {*KNOWN_NAMES, *(f"{name}_FILE" for name in SECRET_NAMES)}
    # The host name is the compose file's own variable.
    assert _names_in(path) - {"TRUEFILM_DOMAIN"} <= with_files


def test_the_example_holds_no_secret() -> None:
    text = (BASE_DIR / ".env.example").read_text(encoding="utf-8")
    assert re.search(r"^TRUEFILM_SECRET_KEY=$", text, flags=re.MULTILINE)
