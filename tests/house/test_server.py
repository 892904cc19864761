"""What holds for the server as a whole."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client


def _policy_of(client: Client, path: str) -> dict[str, list[str]]:
    header = client.get(path).headers["Content-Security-Policy"]
    words = [part.split() for part in header.split(";")]
    return {name: values for name, *values in words}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/login/", "/health/live", "/no/such/page"])
def test_every_page_forbids_inline_script_and_framing(
    client: Client, path: str
) -> None:
    policy = _policy_of(client, path)
    assert policy["default-src"] == ["'self'"]
    assert set(policy["script-src"]) == {"'self'", "'wasm-unsafe-eval'"}
    assert policy["object-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]


@pytest.mark.django_db
def test_the_sign_in_page_has_no_inline_script(client: Client) -> None:
    page = client.get("/login/").content.decode()
    assert "<script>" not in page
    assert " onclick=" not in page


@pytest.mark.django_db
def test_the_migrations_match_the_models() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
