"""The keys a person changed: kept as they are sent, theirs alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.key_models import KeyMap
from apps.accounts.models import User
from tests.conftest import Hospital

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
MINE = {"list.next": ["n"], "film.box": ["Shift+ö"], "case.ask": [], "film.fit": ["F2"]}


def _keep(browser: Client, keys: object, **more: object) -> Any:
    body = {"keys": keys, **more}
    return browser.put("/api/v1/me/keys", body, content_type="application/json")


def _kept(browser: Client) -> tuple[Any, Any]:
    me = browser.get("/api/v1/me").json()
    return me["keys"], me["single_keys"]


def test_keys_are_kept_as_they_were_sent_and_given_back_with_one_call(
    hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    assert _kept(alice) == ({}, True)
    answer = _keep(alice, MINE, single_keys=False)
    assert answer.json() == {"keys": MINE, "single_keys": False}
    assert _kept(alice) == (MINE, False)
    # The whole map each time: what is not in it is as usual again.
    _keep(alice, {"case.ask": ["o"]})
    assert _kept(alice) == ({"case.ask": ["o"]}, True)
    _keep(alice, {}, single_keys=False)
    assert _kept(alice) == ({}, False)
    _keep(alice, {})
    assert not KeyMap.objects.exists()


def test_keys_are_told_to_nobody_else(
    hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    _keep(client_of(hospital.alice), MINE)
    for other in (hospital.bob, hospital.ada, charlie):
        assert _kept(client_of(other)) == ({}, True)
        _keep(client_of(other), {})
    assert _kept(client_of(hospital.alice)) == (MINE, True)


@pytest.mark.parametrize(
    "keys",
    [
        None,
        [],
        {"next": ["n"]},
        {"List.next": ["n"]},
        {"list.next": "n"},
        {"list.next": [""]},
        {"list.next": [" "]},
        {"list.next": ["a b"]},
        {"list.next": ["\x00"]},
        {"list.next": ["a\n"]},
        {"list.next": ["x" * 17]},
        {"list.next": ["a", "b", "c", "d"]},
        {"list.next": [1]},
        {f"list.n{number}": ["n"] for number in range(201)},
    ],
)
def test_what_is_no_map_of_keys_is_refused_and_changes_nothing(
    keys: object, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    _keep(alice, MINE)
    refused = _keep(alice, keys)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert _kept(alice) == (MINE, True)


def test_a_person_without_a_site_has_keys_too(
    hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    User.objects.filter(pk=hospital.alice.pk).update(site=None)
    assert _keep(alice, MINE).status_code == 200
    assert _kept(alice) == (MINE, True)
