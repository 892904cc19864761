"""Saved views: whose they are, what they may hold, who else sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.reading.models import SavedView
from tests.conftest import Hospital
from tests.factories import make_case

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
JSON = "application/json"
ADDRESS = "/api/v1/worklists/emergency/views"
NIGHT = {
    "name": "Night shift",
    "state": "ready",
    "modality": "DX",
    "mine": "unclaimed",
    "filter": "age<12h -priority:routine",
    "sort": "-received",
    "columns": [],
}


def _save(browser: Client, address: str = ADDRESS, **changes: Any) -> Any:
    return browser.post(address, {**NIGHT, **changes}, content_type=JSON)


def _names(browser: Client, address: str = ADDRESS) -> list[str]:
    return [view["name"] for view in browser.get(address).json()]


def test_a_view_is_kept_as_it_was_given_and_a_list_takes_it(
    hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    saved = _save(browser)
    assert saved.status_code == 201
    view = saved.json()
    assert {**NIGHT, "is_shared": False, "is_mine": True, "id": view["id"]} == view
    assert browser.get(ADDRESS).json() == [view]
    assert _names(browser, "/api/v1/worklists/claims/views") == []
    asked = {name: view[name] for name in NIGHT if name != "name"}
    search = "/api/v1/worklists/emergency/cases/search"
    assert browser.post(search, asked, content_type=JSON).status_code == 200


def test_a_view_is_its_owners_until_a_lead_shares_it(
    hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    alice, bob, lena = map(client_of, (hospital.alice, hospital.bob, hospital.lena))
    own = _save(alice, name="Own").json()
    refused = _save(alice, name="For all", is_shared=True)
    assert (refused.status_code, refused.json()["code"]) == (403, "denied")
    shared = _save(lena, name="For all", is_shared=True).json()
    assert _names(alice) == ["For all", "Own"]
    assert _names(bob) == ["For all"]
    assert bob.get(ADDRESS).json()[0]["is_mine"] is False
    assert client_of(charlie).get(ADDRESS).status_code == 404
    # Bob can neither see nor touch Alice's; the shared one he can only use.
    for method in (bob.put, bob.delete):
        body = {**NIGHT, "name": "Mine now"}
        mine = method(f"{ADDRESS}/{own['id']}", body, content_type=JSON)
        all_ = method(f"{ADDRESS}/{shared['id']}", body, content_type=JSON)
        assert (mine.status_code, all_.status_code) == (404, 403)
    assert client_of(charlie).delete(f"{ADDRESS}/{own['id']}").status_code == 404
    assert _names(alice) == ["For all", "Own"]


def test_a_view_is_changed_and_thrown_away(
    hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    view = _save(alice).json()
    _save(alice, name="Another")
    at = f"{ADDRESS}/{view['id']}"
    changed = alice.put(at, {**NIGHT, "name": " Late ", "sort": ""}, content_type=JSON)
    assert (changed.json()["name"], changed.json()["sort"]) == ("Late", "")
    taken = alice.put(at, {**NIGHT, "name": "Another"}, content_type=JSON)
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    elsewhere = at.replace("emergency", "claims")
    assert alice.delete(elsewhere).status_code == 404
    assert [alice.delete(at).status_code for _ in range(2)] == [204, 404]
    assert _names(alice) == ["Another"]


def test_a_name_is_taken_once_by_each_person(
    hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    assert [_save(alice).status_code for _ in range(2)] == [201, 409]
    assert _save(client_of(hospital.bob)).status_code == 201
    assert SavedView.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "  "}, "name_required"),
        ({"filter": "patient:anna"}, "private_filter"),
        ({"filter": "modality:DX anna"}, "private_filter"),
        ({"filter": "colour:red"}, "bad_filter"),
        ({"filter": "flagged:yes"}, "opinion_filter"),
        ({"sort": "-suspicion"}, "bad_sort"),
        ({"state": "gone"}, "bad_state"),
        ({"mine": "everyones"}, "bad_queue"),
        ({"name": "x" * 61}, "invalid"),
        ({"modality": "D\x00"}, "invalid"),
    ],
)
def test_a_view_that_no_list_would_take_or_that_names_a_patient_is_refused(
    changes: dict[str, Any], code: str, hospital: Hospital, client_of: ClientOf
) -> None:
    answer = _save(client_of(hospital.lena), **changes)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not SavedView.objects.exists()


def test_a_person_keeps_so_many_views_and_no_more(
    hospital: Hospital, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.reading.services.views.MAX_VIEWS", 2)
    alice = client_of(hospital.alice)
    codes = [_save(alice, name=name).status_code for name in "abc"]
    assert codes == [201, 201, 409]
    assert _save(client_of(hospital.bob)).status_code == 201


def test_views_cost_the_same_queries_whatever_their_number(
    hospital: Hospital, client_of: ClientOf, django_assert_num_queries: Any
) -> None:
    make_case(hospital.blind)
    alice = client_of(hospital.alice)
    for name in ("a", "bcdefgh"):
        for letter in name:
            _save(alice, name=letter)
        # Session, user, site, department, views.
        with django_assert_num_queries(5):
            alice.get(ADDRESS)


def test_a_view_of_the_opinion_is_refused_once_the_worklist_is_read_blind(
    hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    view = _save(
        browser, "/api/v1/worklists/claims/views", filter="flagged:yes", sort=""
    ).json()
    hospital.triage.reading_mode = "blind_first"
    hospital.triage.save()
    answer = browser.post(
        "/api/v1/worklists/claims/cases/search",
        {"filter": view["filter"]},
        content_type=JSON,
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "opinion_filter")
