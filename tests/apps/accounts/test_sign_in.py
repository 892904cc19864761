"""The sign-in page, and what the log keeps of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from tests.conftest import Hospital
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget_failures() -> None:
    cache.clear()


def sign_in(username: str, password: str = PASSWORD, **more: str) -> object:
    client = Client()
    client.post("/login/", {"username": username, "password": password, **more})
    return client


def is_signed_in(client: object) -> bool:
    return bool(client.get("/api/v1/me").status_code == 200)  # type: ignore[attr-defined]


def kinds() -> list[str]:
    return list(Event.objects.order_by("position").values_list("kind", flat=True))


def test_the_right_password_signs_in_and_is_an_event(hospital: Hospital) -> None:
    client = sign_in("alice")
    assert is_signed_in(client)
    (event,) = Event.objects.all()
    assert (event.kind, event.actor) == (EventKind.SIGNED_IN, hospital.alice)
    assert event.site == hospital.site


def test_the_page_leads_on_to_where_the_reader_wanted_to_go_and_nowhere_else(
    hospital: Hospital,
) -> None:
    fields = {"username": "alice", "password": PASSWORD}
    inside = Client().post("/login/", {**fields, "next": "/worklists/emergency"})
    assert (inside.status_code, inside["Location"]) == (302, "/worklists/emergency")
    for outside in ("https://evil.invalid/", "//evil.invalid", "javascript:alert(1)"):
        answer = Client().post("/login/", {**fields, "next": outside})
        assert answer["Location"] == "/"


@pytest.mark.parametrize(
    ("username", "password"),
    [("alice", "wrong"), ("nobody", PASSWORD), ("alice", ""), ("", ""), ("\x00", "x")],
)
def test_a_wrong_sign_in_is_told_without_saying_which_part_was_wrong(
    username: str, password: str, hospital: Hospital
) -> None:
    client = Client()
    answer = client.post("/login/", {"username": username, "password": password})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert not is_signed_in(client)


def test_a_failed_sign_in_of_a_known_name_is_an_event_and_of_an_unknown_is_not(
    hospital: Hospital,
) -> None:
    sign_in("alice", "wrong")
    sign_in("SMITH^JOHN", "wrong")
    (event,) = Event.objects.all()
    assert (event.kind, event.actor) == (EventKind.SIGN_IN_FAILED, hospital.alice)
    assert "SMITH" not in event.leaf


def test_after_ten_failures_the_name_is_locked_and_others_are_not(
    hospital: Hospital,
) -> None:
    for _ in range(10):
        sign_in("alice", "wrong")
    client = Client()
    answer = client.post("/login/", {"username": "alice", "password": PASSWORD})
    assert answer.status_code == 429
    assert not is_signed_in(client)
    assert is_signed_in(sign_in("bob"))


def test_nine_failures_do_not_lock(hospital: Hospital) -> None:
    for _ in range(9):
        sign_in("alice", "wrong")
    assert is_signed_in(sign_in("alice"))


def test_no_log_line_names_who_failed(
    hospital: Hospital, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(11):
        sign_in("alice", "wrong")
    assert "alice" not in caplog.text


def test_signing_out_is_an_event_and_needs_a_post(hospital: Hospital) -> None:
    client = sign_in("alice")
    assert client.get("/logout/").status_code == 405  # type: ignore[attr-defined]
    assert is_signed_in(client)
    client.post("/logout/")  # type: ignore[attr-defined]
    assert not is_signed_in(client)
    assert kinds() == ["signed_in", "signed_out"]
    client.post("/logout/")  # type: ignore[attr-defined]
    assert kinds() == ["signed_in", "signed_out"]


def test_a_person_who_left_cannot_sign_in_and_a_session_ends(
    hospital: Hospital, client_of: Callable[[User], Client]
) -> None:
    client = client_of(hospital.alice)
    assert is_signed_in(client)
    hospital.alice.is_active = False
    hospital.alice.save()
    assert not is_signed_in(client)
    assert not is_signed_in(sign_in("alice"))


def test_the_form_is_protected_against_forgery(hospital: Hospital) -> None:
    client = Client(enforce_csrf_checks=True)
    fields = {"username": "alice", "password": PASSWORD}
    assert client.post("/login/", fields).status_code == 403
    token = client.get("/login/").context["csrf_token"]
    answer = client.post("/login/", {**fields, "csrfmiddlewaretoken": str(token)})
    assert answer.status_code == 302


def test_a_session_needs_the_csrf_header_for_the_api(hospital: Hospital) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        hospital.alice, backend="django.contrib.auth.backends.ModelBackend"
    )
    answer = client.post(
        "/api/v1/uploads", {"worklist": "emergency"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


def test_the_page_lists_demo_accounts_in_a_demo_only(settings: Settings) -> None:
    (settings.DATA_DIR / "demo_accounts.json").write_text(
        '[{"username": "demo-reader", "password": "shown", "role": "Radiologist"}]'
    )
    assert "demo-reader" not in Client().get("/login/").content.decode()
    settings.DEMO = True
    assert "demo-reader" in Client().get("/login/").content.decode()
