"""Django's own pages speak the reader's language, and the API stays English."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.conftest import Hospital

pytestmark = pytest.mark.django_db

FOLDER = Path("apps/config/locale/de/LC_MESSAGES")
PAIR = re.compile(r'^msgid "(.+)"\nmsgstr "(.+)"$', re.MULTILINE)
# Modules whose refusals a form of the staff pages shows, and what raises them.
TOLD_BY_FORMS = (
    "apps/accounts/services.py",
    "apps/reading/services/reasons.py",
    "apps/learning/services/practice_films.py",
)
RAISED = {"Invalid", "Conflict", "_bad_audit"}
# An API of its own, or a row that no form changes.
NOT_IN_FORMS = {
    "Tokens are for integration users.",
    "The token was revoked before.",
    "There is no such reason code.",
}


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


@pytest.mark.parametrize("code", ["de", "en"])
def test_the_language_is_chosen_before_the_sign_in_and_holds(code: str) -> None:
    client = Client(headers={"accept-language": "en" if code == "de" else "de"})
    answer = client.post(
        "/language/", {"language": code, "next": "/login/?next=/audit"}
    )
    assert answer["Location"] == "/login/?next=/audit"
    cookie = answer.cookies["truefilm_language"]
    assert (cookie.value, cookie["samesite"]) == (code, "Lax")
    # The page of the app reads it by script.
    assert not cookie["httponly"]
    assert f'<html lang="{code}"' in client.get("/login/").content.decode()


def test_choosing_a_language_leads_nowhere_else() -> None:
    answer = Client().post(
        "/language/", {"language": "de", "next": "https://evil.invalid/"}
    )
    assert answer["Location"] == "/"


def test_the_staff_pages_are_german_as_a_whole(hospital: Hospital) -> None:
    boss = hospital.alice
    boss.is_staff = boss.is_superuser = True
    boss.save()
    client = Client(headers={"accept-language": "de"})
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    index = client.get("/admin/").content.decode()
    for words in ("Personen und Abteilungen", "Abteilungen", "Begründungen"):
        assert words in index
    department = hospital.blind
    form = client.get(f"/admin/accounts/department/{department.pk}/change/")
    for words in ("Befundungsart:", "Zuerst verblindet", "0: keine."):
        assert words in form.content.decode()


def test_a_refused_policy_is_told_in_german(hospital: Hospital) -> None:
    boss = hospital.alice
    boss.is_staff = boss.is_superuser = True
    boss.save()
    client = Client(headers={"accept-language": "de"})
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    department = hospital.blind
    answer = client.post(
        f"/admin/accounts/department/{department.pk}/change/",
        {
            "site": department.site_id,
            "slug": department.slug,
            "name": department.name,
            "position": 0,
            "reading_mode": "blind_first",
            "second_reader": "random",
            "second_read_share": "0",
            "max_wait_hours": 0,
            "canary_share": "0",
            "audit_share": "0",
            "pause_cases": 0,
            "pause_minutes": 0,
        },
    )
    assert "verlangt keine Zweitbefundung" in answer.content.decode()


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
    pairs = {
        english.replace('\\"', '"'): german.replace('\\"', '"')
        for english, german in PAIR.findall(source)
    }
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


def _find_texts(path: Path, callees: set[str]) -> set[str]:
    """Return the literal texts that a module gives to these functions."""
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args
    ]
    return {
        str(call.args[0].value)
        for call in calls
        if call.func.id in callees  # type: ignore[attr-defined]
        and isinstance(call.args[0], ast.Constant)
    }


def test_every_marked_word_of_the_code_and_of_its_refusals_has_its_german() -> None:
    marked = {
        text
        for path in Path("apps").rglob("*.py")
        for text in _find_texts(path, {"_", "gettext", "gettext_lazy"})
    }
    told = {text for path in TOLD_BY_FORMS for text in _find_texts(Path(path), RAISED)}
    assert "Blind first" in marked
    assert "Another reason has this key." in told
    with (FOLDER / "django.mo").open("rb") as file:
        known = set(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]
    assert marked | told - NOT_IN_FORMS <= known, (marked | told - NOT_IN_FORMS) - known
