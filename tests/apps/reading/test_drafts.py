"""Drafts: kept for their reader alone, never over a newer one, gone with the seal."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Event
from apps.config.api import api
from apps.core.errors import Conflict
from apps.reading.models import Case, Draft
from apps.reading.personal_models import DraftStep
from apps.reading.services.drafts import MAX_DRAFT_BYTES, save_draft
from tests.conftest import Hospital
from tests.factories import decide, image_of, make_case, seal
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], Client]
JSON = "application/json"
NOTE = "DRAFTCANARY: the left hilum"
EMPTY: dict[str, Any] = {
    "answer": None,
    "confidence": None,
    "decision": None,
    "changed_mind_code": None,
    "outcome": None,
    "reason_codes": [],
    "regions": [],
    "note": "",
}
NONE = {"read": None, "verdict": None, "ruling": None}
BODY = {
    **EMPTY,
    "answer": "suspicious",
    "reason_codes": ["uniform_grain"],
    "note": NOTE,
}


@pytest.fixture
def case(hospital: Hospital) -> Case:
    """Return a ready case of the blind department."""
    return make_case(hospital.blind)


def _at(case: Case, step: str = "") -> str:
    return f"/api/v1/cases/{case.pk}/drafts{step and f'/{step}'}"


def _put(browser: Client, case: Case, revision: int, **more: Any) -> Any:
    body = {**BODY, "revision": revision, **more}
    return browser.put(_at(case, "read"), body, content_type=JSON)


def test_a_draft_comes_back_whole_to_its_reader_on_any_machine(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    region = {
        "image_id": str(image_of(case).pk),
        "frame": 0,
        "kind": "box",
        "points": [[1.25, 2.5], [30.0, 40.0]],
    }
    kept = _put(client_of(hospital.alice), case, 0, regions=[region], confidence=4)
    assert kept.status_code == 200
    elsewhere = client_of(hospital.alice).get(_at(case)).json()
    assert elsewhere == {**NONE, "read": kept.json()}
    told = elsewhere["read"]
    assert told["regions"] == [region]
    assert (told["answer"], told["confidence"], told["note"]) == ("suspicious", 4, NOTE)
    assert told["revision"] > 0


def test_a_draft_is_served_to_nobody_else(
    case: Case, hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    _put(client_of(hospital.alice), case, 0)
    for other in (hospital.bob, hospital.lena):
        answer = client_of(other).get(_at(case))
        assert (answer.status_code, answer.json()) == (
            200,
            NONE,
        )
        # Nor can they change it: theirs is another row, and discarding spares hers.
        assert _put(client_of(other), case, 0, note="mine").status_code == 200
        assert client_of(other).delete(_at(case, "read")).status_code == 204
    for person, status in (
        (charlie, 404),
        (hospital.max, 403),
        (hospital.ada, 403),
    ):
        browser = client_of(person)
        assert browser.get(_at(case)).status_code == status
        assert _put(browser, case, 0).status_code == status
        assert browser.delete(_at(case, "read")).status_code == status
    assert Client().get(_at(case)).status_code == 401
    assert Draft.objects.get().reader == hospital.alice


def test_who_leaves_the_site_no_longer_reads_their_draft(
    case: Case, hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    _put(browser, case, 0)
    User.objects.filter(pk=hospital.alice.pk).update(site=charlie.site)
    assert browser.get(_at(case)).status_code == 404


@pytest.mark.parametrize("who", ["bob", "lena", "max", "ada"])
def test_no_operation_of_the_api_shows_a_draft_to_others(
    who: str, case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    _put(client_of(hospital.alice), case, 0)
    before = Event.objects.count()
    browser = client_of(getattr(hospital, who))
    asked = 0
    for path, methods in api.get_openapi_schema()["paths"].items():
        if "get" not in methods:
            continue
        address = path.replace("{slug}", "emergency").replace("{case_id}", str(case.pk))
        answer = browser.get(address)
        body = answer.getvalue().decode("utf-8", "replace")
        assert "DRAFTCANARY" not in body, path
        asked += 1
    assert asked >= 15
    leaves = "".join(
        Event.objects.filter(position__gte=before).values_list("leaf", flat=True)
    )
    assert "DRAFTCANARY" not in leaves


def test_saving_a_draft_is_no_event_and_changes_nothing_others_see(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice, bob = client_of(hospital.alice), client_of(hospital.bob)
    list_of_bob = "/api/v1/worklists/emergency/cases"
    before = (Event.objects.count(), bob.get(list_of_bob).json())
    revision = _put(alice, case, 0).json()["revision"]
    assert _put(alice, case, revision, note="more").status_code == 200
    assert alice.delete(_at(case, "read")).status_code == 204
    assert (Event.objects.count(), bob.get(list_of_bob).json()) == before


def test_a_tab_that_has_not_seen_the_newest_draft_may_not_overwrite_it(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    here, there = client_of(hospital.alice), client_of(hospital.alice)
    first = _put(here, case, 0).json()["revision"]
    second = _put(there, case, first, note="from there").json()["revision"]
    assert second == first + 1
    late = _put(here, case, first, note="from here")
    assert (late.status_code, late.json()["code"]) == (409, "draft_changed")
    assert here.get(_at(case)).json()["read"]["note"] == "from there"
    assert _put(here, case, second, note="from here").status_code == 200


def test_saving_the_same_twice_is_one_save(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    first = _put(browser, case, 0).json()
    # Its answer was lost on the way, and the browser sends it again.
    assert _put(browser, case, 0).json() == first
    browser.delete(_at(case, "read"))
    assert browser.delete(_at(case, "read")).status_code == 204


def test_a_discarded_draft_is_not_answered_to_by_its_old_revision(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    old = _put(browser, case, 0).json()["revision"]
    browser.delete(_at(case, "read"))
    assert _put(browser, case, old, note="stale").json()["code"] == "draft_changed"
    new = _put(browser, case, 0, note="anew").json()["revision"]
    assert new != old
    assert _put(browser, case, old, note="stale").json()["code"] == "draft_changed"


def test_the_seal_takes_the_draft_and_a_late_save_brings_none_back(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    revision = _put(browser, case, 0).json()["revision"]
    _put(client_of(hospital.bob), case, 0)
    sealed = browser.post(
        f"/api/v1/cases/{case.pk}/seal",
        {"answer": "suspicious", "confidence": 4},
        content_type=JSON,
    )
    assert sealed.status_code == 201
    for based_on in (revision, 0):
        late = _put(browser, case, based_on, note="late")
        assert (late.status_code, late.json()["code"]) == (409, "already_sealed")
    assert Draft.objects.get().reader == hospital.bob  # not sealed, so it stays


def test_a_refused_seal_leaves_the_draft(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    _put(browser, case, 0)
    address = f"/api/v1/cases/{case.pk}/seal"
    bad = {"answer": "suspicious", "confidence": 4, "reason_codes": ["no_such_code"]}
    assert browser.post(address, bad, content_type=JSON).status_code == 422
    assert browser.get(_at(case)).json()["read"]["note"] == NOTE


def test_a_verdict_is_kept_after_the_seal_and_until_it_is_filed(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    body = {**EMPTY, "decision": "confirm", "note": "sure", "revision": 0}
    address = _at(case, "verdict")
    early = browser.put(address, body, content_type=JSON)
    assert (early.status_code, early.json()["code"]) == (403, "seal_first")
    seal(case, hospital.alice)
    kept = browser.put(address, body, content_type=JSON).json()
    assert browser.get(_at(case)).json() == {**NONE, "verdict": kept}
    decide(case, hospital.alice)
    assert browser.get(_at(case)).json() == NONE
    late = browser.put(address, body, content_type=JSON)
    assert (late.status_code, late.json()["code"]) == (409, "already_decided")
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "more",
    [
        {"confidence": 6},
        {"answer": "maybe"},
        {"revision": -1},
        {"note": "x" * 4001},
        {"note": "a\x00b"},
        {"reason_codes": ["c"] * 41},
    ],
)
def test_a_malformed_draft_is_refused(
    more: dict[str, Any], case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    answer = _put(client_of(hospital.alice), case, **{"revision": 0, **more})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert not Draft.objects.exists()


def test_a_draft_over_the_limit_or_nowhere_is_refused(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    point = [0.123456789, 1.0]
    mark = {"image_id": str(case.pk), "kind": "freehand", "points": [point]}
    long = {**mark, "points": [point] * 2000}
    large = _put(browser, case, 0, regions=[long] * 50)
    assert len(json.dumps([long] * 50)) > MAX_DRAFT_BYTES
    assert (large.status_code, large.json()["code"]) == (413, "draft_too_large")
    text = json.dumps({**BODY, "revision": 0, "regions": [mark]})
    nowhere = text.replace("0.123456789", "NaN")
    answer = browser.put(_at(case, "read"), nowhere, content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_region")
    assert browser.put(_at(case, "amend"), "{}", content_type=JSON).status_code == 422
    assert browser.post(_at(case, "read"), "{}", content_type=JSON).status_code == 405
    assert not Draft.objects.exists()


def _save(case: Case, reader: User, based_on: int, note: str) -> Draft:
    return save_draft(
        case=case,
        reader=reader,
        step=DraftStep.READ,
        based_on=based_on,
        body={**BODY, "note": note},
    )


def test_of_two_tabs_that_save_at_once_one_is_told(
    case: Case, hospital: Hospital
) -> None:
    alice = hospital.alice
    for notes in (("a", "b"), ("c", "d")):
        begun = Draft.objects.first()
        based_on = begun.revision if begun else 0
        results = at_once(
            *[lambda n=n, b=based_on: _save(case, alice, b, n) for n in notes]
        )
        assert results.count("draft_changed") == 1
        (kept,) = (r for r in results if isinstance(r, Draft))
        assert Draft.objects.get().body["note"] == kept.body["note"]


def test_a_save_and_a_seal_at_once_leave_no_draft(
    case: Case, hospital: Hospital
) -> None:
    for reader in (hospital.alice, hospital.bob, hospital.lena):
        at_once(
            partial(_save, case, reader, 0, "on its way"), partial(seal, case, reader)
        )
        assert not Draft.objects.exists()
        with pytest.raises(Conflict, match="sealed"):
            _save(case, reader, 0, "late")


def test_reading_the_drafts_costs_one_query_beside_the_case(
    case: Case,
    hospital: Hospital,
    client_of: ClientOf,
    django_assert_num_queries: Any,
) -> None:
    browser = client_of(hospital.alice)
    _put(browser, case, 0)
    with django_assert_num_queries(5):  # session, person, site, case, drafts
        browser.get(_at(case))
