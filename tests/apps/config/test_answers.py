"""Answers that every address shares: problems, policy, health, the page."""

from __future__ import annotations

import io
import logging
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from pytest_django.fixtures import Settings
from redis.exceptions import ConnectionError as RedisConnectionError

from apps.accounts.models import User
from apps.config.logs import PlaceFormatter
from tests.conftest import Hospital

SignIn = Callable[[User], Client]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what the deployed formatter writes."""
    logging_settings: dict[str, Any] = django_settings.LOGGING
    formatter = logging_settings["formatters"]["plain"]
    assert formatter["()"] == "apps.config.logs.PlaceFormatter"
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(PlaceFormatter(formatter["format"], style=formatter["style"]))
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)


# --- failures -------------------------------------------------------------------------


@pytest.mark.urls("tests.apps.config.urls_that_fail")
@pytest.mark.parametrize("address", ["/api/v1/failing/crash", "/page/crash"])
def test_a_defect_leaves_no_name_in_answer_or_log(
    address: str, log: io.StringIO
) -> None:
    answer = Client(raise_request_exception=False).get(address)
    assert answer.status_code == 500
    written = log.getvalue()
    for phi in ("SMITH", "19700101"):
        assert phi not in answer.content.decode()
        assert phi not in written
    assert "ValueError" in written
    assert "urls_that_fail" in written or "crash_in_api:" in written


@pytest.mark.urls("tests.apps.config.urls_that_fail")
def test_a_defect_in_the_api_is_a_problem_that_says_nothing_is_lost() -> None:
    answer = Client().get("/api/v1/failing/crash")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "https://truefilm.invalid/problems/internal",
        "title": "Our fault",
        "status": 500,
        "detail": "Something failed on our side. Nothing that was saved is lost.",
        "code": "internal",
    }


@pytest.mark.urls("tests.apps.config.urls_that_fail")
def test_what_django_itself_refuses_under_the_api_is_a_problem(
    log: io.StringIO,
) -> None:
    answer = Client().get("/api/suspicious")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert "SMITH" not in answer.content.decode()


def test_a_cause_is_told_by_class_and_place_even_if_another_handler_cached_its_words(
    log: io.StringIO,
) -> None:
    def fail() -> None:
        try:
            raise KeyError("SMITH^JOHN")
        except KeyError as error:
            raise ValueError("19700101") from error

    try:
        fail()
    except ValueError:
        record = logging.LogRecord(
            "a",
            logging.ERROR,
            __file__,
            1,
            "failed",
            None,
            sys.exc_info(),
        )
        record.exc_text = "ValueError: SMITH^JOHN"
        logging.getLogger().handle(record)
    written = log.getvalue()
    assert "SMITH" not in written
    assert "19700101" not in written
    assert written.index("ValueError") < written.index("KeyError")
    assert " fail\n" in written


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/api/v1/nothing", "/api/v2/me", "/dicomweb/nothing", "/api/"]
)
def test_an_unknown_address_for_programs_is_a_problem(address: str) -> None:
    answer = Client().get(address)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "address"),
    [("put", "/api/v1/uploads"), ("post", "/api/v1/me"), ("get", "/dicomweb/studies")],
)
def test_a_wrong_method_is_a_problem_that_names_the_right_ones(
    method: str, address: str
) -> None:
    answer = getattr(Client(), method)(address)
    assert (answer.status_code, answer.json()["code"]) == (405, "wrong_method")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Allow"]


@pytest.mark.django_db
def test_a_refused_value_is_not_echoed(hospital: Hospital, client_of: SignIn) -> None:
    answer = client_of(hospital.alice).post(
        "/api/v1/uploads",
        {"worklist": "emergency", "expected_files": "SMITH^JOHN"},
        content_type="application/json",
    )
    assert answer.status_code == 422
    assert "expected_files" in answer.json()["detail"]
    assert "SMITH" not in answer.content.decode()


@pytest.mark.django_db
def test_a_busy_database_says_try_again_and_the_log_gets_the_kind_of_failure(
    hospital: Hospital,
    client_of: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def locked(**_: object) -> None:
        cause = sqlite3.OperationalError("database is locked: SMITH^JOHN")
        cause.sqlite_errorname = "SQLITE_BUSY"
        raise OperationalError("database is locked: SMITH^JOHN") from cause

    monkeypatch.setattr("apps.imaging.api.uploads.list_uploads", locked)
    answer = client_of(hospital.alice).get("/api/v1/uploads")
    assert (answer.status_code, answer.json()["code"]) == (503, "try_again")
    assert answer["Retry-After"] == "2"
    assert "SMITH" not in answer.content.decode()
    assert "try again: OperationalError SQLITE_BUSY" in caplog.messages
    assert "SMITH" not in caplog.text


# --- health ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_health_needs_no_sign_in_and_tells_no_details() -> None:
    assert Client().get("/health/live").json() == {"status": "ok"}
    ready = Client().get("/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"status": "ok"})
    assert "no-cache" in ready["Cache-Control"]
    assert Client().post("/health/ready").status_code == 405


def break_database(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("could not connect to postgres at 10.0.0.7")

    monkeypatch.setattr(connection, "cursor", refuse)


def break_cache(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RedisConnectionError("10.0.0.7 refused")

    monkeypatch.setattr(type(cache._connections["default"]), "get", refuse)  # type: ignore[attr-defined]


def break_store(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    (Path(settings.DATA_DIR) / "objects").write_bytes(b"not a folder")


@pytest.mark.django_db
@pytest.mark.parametrize("harm", [break_database, break_cache, break_store])
def test_a_part_out_of_reach_is_not_ready_but_alive(
    harm: Callable[[pytest.MonkeyPatch, Settings], None],
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    harm(monkeypatch, settings)
    ready = Client().get("/health/ready")
    assert (ready.status_code, ready.json()) == (503, {"status": "not ready"})
    assert Client().get("/health/live").status_code == 200


# --- the page and its headers ---------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/login/", "/api/v1/me", "/health/live", "/admin/login/", "/nowhere"]
)
def test_every_answer_carries_the_policy_without_inline_script(address: str) -> None:
    answer = Client().get(address)
    policy = dict(
        part.strip().split(" ", 1)
        for part in answer["Content-Security-Policy"].split(";")
    )
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/worklists/emergency", "/cases/1", "/any"])
def test_the_page_is_for_people_who_signed_in(
    address: str,
    hospital: Hospital,
    client_of: SignIn,
    settings: Settings,
    tmp_path: Path,
) -> None:
    anonymous = Client().get(address)
    assert (anonymous.status_code, anonymous["Location"]) == (
        302,
        f"/login/?next={address}",
    )
    (tmp_path / "index.html").write_text("<div id=root></div>")
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path]}]
    alice = client_of(hospital.alice)
    page = alice.get(address)
    assert page.content == b"<div id=root></div>"
    assert page.cookies["csrftoken"].value
    assert "no-store" in page["Cache-Control"]
    assert alice.post(address).status_code == 405


@pytest.mark.django_db
def test_a_page_that_was_not_built_says_how_to_build_it(
    hospital: Hospital, client_of: SignIn, settings: Settings, tmp_path: Path
) -> None:
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path]}]
    answer = client_of(hospital.alice).get("/")
    assert answer.status_code == 503
    assert b"make setup" in answer.content
