"""The interface document is for people who signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from tests.conftest import Hospital

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/openapi.json"


def test_a_stranger_is_sent_to_the_sign_in_page() -> None:
    answer = Client().get(ADDRESS)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/")


def test_a_signed_in_person_gets_the_document(
    hospital: Hospital, client_of: Callable[[User], Client]
) -> None:
    answer = client_of(hospital.max).get(ADDRESS)
    assert answer.status_code == 200
    assert "/api/v1/worklists" in answer.json()["paths"]
