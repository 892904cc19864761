"""The sign-in page has the app's colours and follows the appearance chosen there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

STATIC = Path("apps/config/static/config")
TOKENS = Path("frontend/src/ui/tokens.css")
LIGHT = ':root[data-theme="light"]'


def read_colours(path: Path, selector: str) -> dict[str, str]:
    """Return the colours that the first rule of exactly this selector names."""
    text = path.read_text(encoding="utf-8")
    rule = text.split(f"{selector} {{", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"(--[\w-]+): (#\w+);", rule))


@pytest.mark.parametrize(
    ("selector", "of_the_app"), [(":root", ".viewer-film"), (LIGHT, LIGHT)]
)
def test_both_appearances_have_the_colours_of_the_app(
    selector: str, of_the_app: str
) -> None:
    own = read_colours(STATIC / "login.css", selector)
    app = read_colours(TOKENS, of_the_app)
    assert own.keys() >= {"--canvas", "--panel", "--text", "--accent", "--red"}
    assert own == {name: app[name] for name in own}


@pytest.mark.django_db
def test_the_appearance_is_set_before_the_page_is_painted() -> None:
    page = Client().get("/login/").content.decode()
    # In the head, without async or defer.
    assert '<script src="/static/config/theme.js"></script>' in page.split("<body>")[0]


def test_the_page_reads_the_choice_under_the_name_the_app_keeps_it() -> None:
    source = Path("frontend/src/ui/theme.ts").read_text(encoding="utf-8")
    (key,) = re.findall(r'STORAGE_KEY = "([\w.]+)"', source)
    script = (STATIC / "theme.js").read_text(encoding="utf-8")
    assert f'localStorage.getItem("{key}")' in script
