"""Every command, task and endpoint is named in the documents."""

from __future__ import annotations

import re

from django.core.management import get_commands

from apps.audit.models import EventKind
from apps.config.api import api
from apps.config.celery import app as celery_app
from tests.house.tree import BASE_DIR, read_documents

METHODS = {"get", "post", "put", "patch", "delete"}
PREFIX = "/api/v1"


def _normalise(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")


def _documented_calls() -> set[tuple[str, str]]:
    text = (BASE_DIR / "docs/api.md").read_text(encoding="utf-8")
    calls = re.findall(r"\b(GET|POST|PUT|PATCH|DELETE) (/[^\s`?,]*)", text)
    return {(method.lower(), _normalise(path)) for method, path in calls}


def _served_calls() -> set[tuple[str, str]]:
    paths = api.get_openapi_schema()["paths"]
    return {
        (method, _normalise(path.removeprefix(PREFIX)))
        for path, operations in paths.items()
        for method in operations
        if method in METHODS
    }


def test_every_endpoint_is_documented() -> None:
    assert _served_calls() - _documented_calls() == set()


def test_every_documented_call_is_served() -> None:
    # Sign-out, language, DICOMweb and health are not part of the OpenAPI document.
    outside = ("/logout", "/language", "/dicomweb", "/health")
    documented = {c for c in _documented_calls() if not c[1].startswith(outside)}
    assert documented - _served_calls() == set()


def test_every_kind_of_event_is_told_in_words() -> None:
    words = (BASE_DIR / "frontend/src/features/audit/words.ts").read_text("utf-8")
    told = {
        kind: len(re.findall(rf"^  {kind}: ", words, flags=re.MULTILINE))
        for kind in EventKind.values
    }
    # As a sentence, and as a kind to filter by.
    assert {kind: count for kind, count in told.items() if count != 2} == {}


def test_every_management_command_is_documented() -> None:
    documents = read_documents()
    ours = [name for name, app in get_commands().items() if app.startswith("apps.")]
    assert ours
    assert [n for n in ours if not re.search(rf"\b{n}\b", documents)] == []


def test_every_task_is_documented() -> None:
    documents = read_documents()
    celery_app.loader.import_default_modules()
    ours = [name for name in celery_app.tasks if name.startswith("apps.")]
    assert ours
    assert [name for name in ours if f"`{name}`" not in documents] == []
