"""Django's own pages speak the reader's language, and the API stays English."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db

FOLDER = Path("apps/config/locale/de/LC_MESSAGES")


def sign_in_page(**headers: str) -> str:
    """Return the sign-in page as a browser with these headers gets it."""
    return Client(headers=headers).get("/login/").content.decode()


def test_sign_in_page_speaks_the_language_of_the_browser() -> None:
    page = sign_in_page(accept_language="de-AT,de;q=0.9,en;q=0.5")
    assert '<html lang="de" dir="ltr">' in page
    assert '<button type="submit">Anmelden</button>' in page
    assert "Benutzername" in page
    assert "Sign in" not in page


@pytest.mark.parametrize("accepted", ["fr-FR", "", "en-US,de;q=0.5"])
def test_sign_in_page_is_english_for_every_other_browser(accepted: str) -> None:
    page = sign_in_page(accept_language=accepted)
    assert '<html lang="en" dir="ltr">' in page
    assert '<button type="submit">Sign in</button>' in page


def test_choice_of_the_page_goes_before_the_browser() -> None:
    client = Client(headers={"accept-language": "en-GB"})
    client.cookies["truefilm_language"] = "de"
    assert "Anmelden" in client.get("/login/").content.decode()


def test_refused_sign_in_is_told_in_german() -> None:
    client = Client(headers={"accept-language": "de"})
    page = client.post("/login/", {"username": "", "password": ""}).content.decode()
    assert "Geben Sie Benutzernamen und Passwort ein." in page


def test_refusals_of_the_api_are_english_in_every_browser() -> None:
    # The page translates them by their codes; integrations rely on one language.
    answer = Client(headers={"accept-language": "de"}).get("/api/v1/me")
    assert answer.json()["detail"] == Client().get("/api/v1/me").json()["detail"]


def test_page_and_server_know_the_same_languages_and_cookie() -> None:
    source = Path("frontend/src/i18n/language.ts").read_text(encoding="utf-8")
    assert re.findall(r'code: "(\w+)", name: "(\w+)"', source) == settings.LANGUAGES
    assert f'const COOKIE = "{settings.LANGUAGE_COOKIE_NAME}"' in source


def test_compiled_catalogue_holds_what_the_source_says() -> None:
    source = (FOLDER / "django.po").read_text(encoding="utf-8")
    pairs = dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', source, re.MULTILINE))
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert pairs
    assert {english: compiled.gettext(english) for english in pairs} == pairs


def test_every_marked_word_of_a_template_has_its_german() -> None:
    marked: set[str] = set()
    for template in Path("apps").rglob("templates/**/*.html"):
        text = template.read_text(encoding="utf-8")
        marked.update(re.findall(r'\{% translate "([^"]+)" %\}', text))
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert marked
    assert [words for words in marked if compiled.gettext(words) == words] == []
