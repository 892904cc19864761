"""Django's own pages have the app's colours and follow the appearance chosen there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.test.utils import override_settings

from tests.conftest import Hospital

STATIC = Path("apps/config/static/config")
TOKENS = Path("frontend/src/ui/tokens.css")
BACKEND = "django.contrib.auth.backends.ModelBackend"
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
    own = read_colours(STATIC / "colours.css", selector)
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


def test_no_rule_of_the_pages_names_a_colour_of_its_own() -> None:
    for name in ("login.css", "staff.css"):
        text = (STATIC / name).read_text(encoding="utf-8")
        assert re.findall(r"#[0-9a-f]{3,8}\b(?=[;, )])", text) == [], name


@pytest.mark.django_db
def test_the_staff_pages_load_the_look_after_all_of_djangos(hospital: Hospital) -> None:
    page = _staff_page(hospital, "/admin/accounts/user/")
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert sheets[-2:] == ["/static/config/colours.css", "/static/config/staff.css"]
    assert any(sheet.endswith("changelists.css") for sheet in sheets[:-2])
    assert "/static/config/theme.js" in page
    assert "admin/js/theme.js" not in page


@pytest.mark.django_db
def test_the_staff_pages_lead_back_and_out_by_the_ways_of_the_app(
    hospital: Hospital,
) -> None:
    page = _staff_page(hospital, "/admin/")
    assert '<a class="tool" href="/">' in page
    assert 'action="/logout/"' in page


@pytest.mark.django_db
def test_strangers_to_the_staff_pages_meet_the_sign_in_of_the_app(
    hospital: Hospital,
) -> None:
    stranger = Client().get("/admin/login/?next=/admin/accounts/user/")
    assert stranger["Location"] == "/login/?next=/admin/accounts/user/"
    reader = Client()
    reader.force_login(hospital.alice, backend=BACKEND)
    refused = reader.get("/admin/", follow=True)
    assert refused.status_code == 403
    assert "Your account may not open this" in refused.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("is_staff", [True, False])
def test_the_app_links_to_the_staff_pages_for_whom_they_open(
    hospital: Hospital, is_staff: bool
) -> None:
    hospital.lena.is_staff = is_staff
    hospital.lena.save()
    client = Client()
    client.force_login(hospital.lena, backend=BACKEND)
    assert client.get("/api/v1/me").json()["opens_staff_pages"] is is_staff
    assert client.get("/admin/").status_code == (200 if is_staff else 302)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status", "words"),
    [("/static/nowhere", 404, "There is no such page")],
)
def test_refusals_of_django_are_pages_of_the_app(
    address: str, status: int, words: str
) -> None:
    answer = Client().get(address)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "/static/config/login.css" in answer.content.decode()


@pytest.mark.django_db
def test_a_form_that_is_too_old_is_explained() -> None:
    answer = Client(enforce_csrf_checks=True).post("/login/", {})
    assert answer.status_code == 403
    assert "This page was too old" in answer.content.decode()


@pytest.mark.django_db
def test_a_fault_of_ours_is_told_without_its_words() -> None:
    client = Client(raise_request_exception=False)
    with override_settings(ROOT_URLCONF="tests.apps.config.urls_that_fail"):
        answer = client.get("/page/crash")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.content.decode()
    assert "SMITH" not in answer.content.decode()


def test_the_page_of_a_locked_account_names_the_time_that_is_set() -> None:
    page = Path("apps/config/templates/config/locked.html").read_text(encoding="utf-8")
    assert f"{settings.AXES_COOLOFF_TIME * 60:.0f} minutes" in page


def _staff_page(hospital: Hospital, address: str) -> str:
    boss = hospital.alice
    boss.is_staff = boss.is_superuser = True
    boss.save()
    client = Client()
    client.force_login(boss, backend=BACKEND)
    return client.get(address).content.decode()
