"""Bearer tokens: shown once, kept as a digest, alive until they are not."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.models import ApiToken, Department, Role, Site, User
from apps.accounts.services import issue_token, revoke_token
from apps.audit.models import Event, EventKind
from apps.core.errors import Conflict, Invalid
from tests.conftest import Hospital

pytestmark = pytest.mark.django_db


def status_with(secret: str, scheme: str = "Bearer") -> int:
    headers = {"Authorization": f"{scheme} {secret}"}
    return Client().get("/api/v1/uploads", headers=headers).status_code


def issue(hospital: Hospital, **more: dt.datetime) -> tuple[ApiToken, str]:
    return issue_token(
        user=hospital.script, name="pacs", created_by=hospital.ada, **more
    )


def test_a_token_opens_the_api_for_its_integration(hospital: Hospital) -> None:
    _, secret = issue(hospital)
    assert status_with(secret) == 200
    headers = {"Authorization": f"Bearer {secret}"}
    me = Client().get("/api/v1/me", headers=headers).json()
    assert (me["username"], me["permissions"]) == ("script", ["upload"])
    event = Event.objects.get(kind=EventKind.TOKEN_ISSUED)
    assert event.actor == hospital.ada


def test_only_the_digest_of_a_token_is_kept_anywhere(hospital: Hospital) -> None:
    token, secret = issue(hospital)
    assert len(secret) > 40
    assert secret not in (token.digest, token.name)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert secret not in repr(cursor.fetchall()), table


@pytest.mark.parametrize("wrong", ["", "tf_", "x" * 5000, "tf_\xe4", "tf_' OR 1=1"])
def test_a_wrong_token_is_a_stranger(wrong: str, hospital: Hospital) -> None:
    issue(hospital)
    assert status_with(wrong) == 401


def test_the_digest_is_no_token_and_another_scheme_is_not_taken(
    hospital: Hospital,
) -> None:
    token, secret = issue(hospital)
    assert status_with(token.digest) == 401
    assert status_with(secret, scheme="Token") == 401
    assert Client().get("/api/v1/uploads", {"token": secret}).status_code == 401


def test_an_expired_token_is_a_stranger(hospital: Hospital) -> None:
    now = timezone.now()
    _, alive = issue(hospital, expires_at=now + dt.timedelta(minutes=1))
    _, expired = issue(hospital, expires_at=now - dt.timedelta(seconds=1))
    assert (status_with(alive), status_with(expired)) == (200, 401)


def test_a_revoked_token_is_a_stranger_at_once_and_is_revoked_once(
    hospital: Hospital,
) -> None:
    token, secret = issue(hospital)
    revoke_token(token=token, actor=hospital.ada)
    assert status_with(secret) == 401
    with pytest.raises(Conflict) as refusal:
        revoke_token(token=token, actor=hospital.ada)
    assert refusal.value.code == "already_revoked"
    assert Event.objects.filter(kind=EventKind.TOKEN_REVOKED).count() == 1


def test_a_token_of_an_inactive_integration_is_a_stranger(hospital: Hospital) -> None:
    _, secret = issue(hospital)
    User.objects.filter(pk=hospital.script.pk).update(is_active=False)
    assert status_with(secret) == 401


def test_a_token_does_not_become_a_readers_when_the_role_changes(
    hospital: Hospital,
) -> None:
    _, secret = issue(hospital)
    User.objects.filter(pk=hospital.script.pk).update(role=Role.RADIOLOGIST)
    assert status_with(secret) == 401


def test_people_get_no_tokens(hospital: Hospital) -> None:
    with pytest.raises(Invalid) as refusal:
        issue_token(user=hospital.alice, name="mine", created_by=hospital.ada)
    assert refusal.value.code == "not_an_integration"
    assert not ApiToken.objects.exists()


# --- commands -------------------------------------------------------------------------


def call(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().strip()


def test_create_token_makes_an_integration_that_can_only_use_tokens(
    hospital: Hospital,
) -> None:
    secret = call("create_token", "pacs", "--site", "north")
    user = User.objects.get(username="pacs")
    assert (user.role, user.site) == (Role.INTEGRATION, hospital.site)
    assert not user.has_usable_password()
    assert status_with(secret) == 200
    assert status_with(call("create_token", "pacs", "--site", "north")) == 200
    assert User.objects.filter(username="pacs").count() == 1


@pytest.mark.parametrize(
    ("username", "site", "message"),
    [
        ("pacs", "nowhere", "no such site"),
        ("alice", "north", "Tokens are for integration users"),
        ("script", "south", "belongs to another site"),
    ],
)
def test_create_token_says_what_is_wrong(
    username: str, site: str, message: str, hospital: Hospital, charlie: User
) -> None:
    with pytest.raises(CommandError, match=message):
        call("create_token", username, "--site", site)
    assert not ApiToken.objects.exists()


def test_create_site_makes_departments_in_the_order_given() -> None:
    call(
        "create_site", "east", "East Hospital",
        "--blind", "er=Emergency", "--blind", "icu", "--triage", "claims=Claims",
    )  # fmt: skip
    rows = Department.objects.filter(site__slug="east")
    assert [(d.slug, d.name, d.reading_mode) for d in rows] == [
        ("er", "Emergency", "blind_first"),
        ("icu", "icu", "blind_first"),
        ("claims", "Claims", "triage"),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("north", "Another"),
        ("new", "North"),
        ("bad slug!", "New"),
        ("new", "New", "--blind", "not a slug=ER"),
        ("new", "New", "--blind", "=ER"),
        ("new", "New", "--blind", "er=A", "--triage", "er=B"),
    ],
)
def test_create_site_makes_all_or_nothing(
    arguments: tuple[str, ...], hospital: Hospital
) -> None:
    with pytest.raises(CommandError):
        call("create_site", *arguments)
    assert Site.objects.count() == 1
    assert Department.objects.count() == 2
