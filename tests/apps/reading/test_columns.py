"""The columns a person chose: theirs alone, by mode, and no word of the opinion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Department, ReadingMode, User
from apps.reading.columns import COLUMNS, FIXED, OPINION_COLUMNS
from apps.reading.view_models import ColumnChoice
from tests.conftest import Hospital

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
JSON = "application/json"
VIEWS = "/api/v1/worklists/claims/views"


def _columns(*names: str, **widths: int) -> list[dict[str, Any]]:
    return [{"name": name, "width_px": widths.get(name)} for name in names]


def _choose(browser: Client, mode: str, columns: object) -> Any:
    body = {"columns": columns}
    return browser.put(f"/api/v1/me/columns/{mode}", body, content_type=JSON)


def _chosen(browser: Client) -> Any:
    return browser.get("/api/v1/me").json()["columns"]


def test_columns_are_kept_by_mode_and_given_back_with_one_call(
    hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    assert _chosen(alice) == {}
    blind = _columns("state", "patient", "due", due=120)
    triage = _columns("patient", "suspicion", "state")
    assert _choose(alice, "blind_first", blind).json() == {"columns": blind}
    assert _choose(alice, "triage", triage).status_code == 200
    assert _chosen(alice) == {"blind_first": blind, "triage": triage}
    again = _columns("patient", "state")
    assert _choose(alice, "triage", again).json() == {"columns": again}
    assert _choose(alice, "blind_first", []).json() == {"columns": []}
    assert _chosen(alice) == {"triage": again}


def test_columns_are_told_to_nobody_else(
    hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    _choose(client_of(hospital.alice), "triage", _columns("patient", "state"))
    for other in (hospital.bob, hospital.lena, charlie):
        assert _chosen(client_of(other)) == {}
    _choose(client_of(hospital.bob), "triage", [])
    assert ColumnChoice.objects.get().owner == hospital.alice


def test_a_blind_list_treats_the_opinion_as_any_word_it_never_had(
    hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    told = []
    for word in ("nonsense", *OPINION_COLUMNS):
        fixed = _columns("patient", word, "state")
        answers = [
            _choose(alice, "blind_first", columns)
            for columns in (fixed, _columns(word), [*fixed, *_columns(word)])
        ]
        told.append([(answer.status_code, answer.content) for answer in answers])
        assert _chosen(alice)["blind_first"] == _columns("patient", "state")
    assert told == [told[0]] * 4
    assert [status for status, _ in told[0]] == [200, 422, 422]


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        (_columns("patient"), "bad_columns"),
        (_columns("modality", "state"), "bad_columns"),
        (_columns("patient", "state", "views", "views"), "bad_columns"),
        (_columns("patient", "state", "DROP TABLE"), "invalid"),
        (_columns("patient", "state", "x" * 25), "invalid"),
        (_columns("patient", "state", state=39), "invalid"),
        (_columns("patient", "state", state=801), "invalid"),
        ([{"name": "patient", "width_px": "wide"}], "invalid"),
        (_columns(*(f"c_{'x' * n}" for n in range(41))), "invalid"),
        ("patient", "invalid"),
        (None, "invalid"),
    ],
)
def test_what_is_no_choice_of_columns_is_refused_and_changes_nothing(
    columns: object, code: str, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    kept = _columns("patient", "state", "due")
    _choose(alice, "triage", kept)
    refused = _choose(alice, "triage", columns)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert _chosen(alice) == {"triage": kept}


def test_there_is_no_other_mode(hospital: Hospital, client_of: ClientOf) -> None:
    assert _choose(client_of(hospital.alice), "suspicion", []).status_code == 422


def test_names_of_another_release_are_passed_over(
    hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    # Sent by a page that was loaded before an update.
    sent = _columns("patient", "fax", "state")
    assert _choose(alice, "triage", sent).json()["columns"] == _columns(
        "patient", "state"
    )
    # Kept by a release that had more.
    ColumnChoice.objects.update(columns=_columns("telex", "state", "patient"))
    assert _chosen(alice)["triage"] == _columns("state", "patient")
    # Kept by one that let the patient's column go: better the mode's own than none.
    ColumnChoice.objects.update(columns=_columns("telex", "state"))
    assert _chosen(alice) == {}


def test_every_list_can_show_all_it_has(
    hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    assert FIXED <= COLUMNS
    every = _columns(*sorted(COLUMNS | OPINION_COLUMNS))
    assert _choose(alice, "triage", every).json()["columns"] == every


def test_me_costs_the_same_queries_whatever_was_chosen(
    hospital: Hospital, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    alice = client_of(hospital.alice)
    for mode in ReadingMode.values:
        _choose(alice, mode, _columns("patient", "state"))
    # Session, user, site, worklists with their counts, columns, keys.
    with django_assert_max_num_queries(7):
        alice.get("/api/v1/me")


# --- saved views ----------------------------------------------------------------------


def _save(browser: Client, columns: list[dict[str, Any]], address: str = VIEWS) -> Any:
    body = {"name": "Night", "columns": columns}
    return browser.post(address, body, content_type=JSON)


def test_a_view_keeps_columns_and_tells_them_to_who_it_is_shared_with(
    hospital: Hospital, client_of: ClientOf
) -> None:
    lena = client_of(hospital.lena)
    columns = _columns("patient", "reason", "state", reason=400)
    body = {"name": "Night", "is_shared": True, "columns": columns}
    saved = lena.post(VIEWS, body, content_type=JSON).json()
    assert saved["columns"] == columns
    assert client_of(hospital.bob).get(VIEWS).json()[0]["columns"] == columns
    changed = lena.put(f"{VIEWS}/{saved['id']}", {"name": "Night"}, content_type=JSON)
    assert changed.json()["columns"] == []
    refused = _save(lena, _columns("patient"))
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_columns")


def test_a_view_tells_no_column_of_the_opinion_once_the_list_is_read_blind(
    hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    _save(alice, _columns("patient", "suspicion", "state"))
    Department.objects.filter(pk=hospital.triage.pk).update(
        reading_mode=ReadingMode.BLIND_FIRST
    )
    assert alice.get(VIEWS).json()[0]["columns"] == _columns("patient", "state")
    blind = "/api/v1/worklists/emergency/views"
    kept = _save(alice, _columns("patient", "flag", "state"), blind).json()
    assert kept["columns"] == _columns("patient", "state")
