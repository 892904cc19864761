"""Reason codes: seeded, kept by staff, versioned, retired and never deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.audit.selectors import find_first_bad_position
from apps.core.errors import Conflict, Invalid
from apps.reading.models import Answer, Case, Read, ReasonCode, ReasonGroup
from apps.reading.reason_codes import REASON_CODES
from apps.reading.services.reads import FirstAnswer, seal_read
from apps.reading.services.reasons import (
    ReasonFields,
    change_reason_code,
    make_reason_code,
)
from tests.conftest import Hospital
from tests.factories import make_case

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
ADDRESS = "/api/v1/reason-codes"
GRAIN = ReasonFields("Uniform grain", "2", 10, is_active=True)
CHANGE = "/admin/reading/reasoncode/uniform_grain/change/"


def _seal(case: Case, reader: User, *codes: str) -> Read:
    answer = FirstAnswer(Answer.SUSPICIOUS, 3, codes)
    return seal_read(case=case, reader=reader, answer=answer)


def test_a_new_installation_has_the_published_codes_in_their_order(
    hospital: Hospital, client_of: ClientOf
) -> None:
    shown = client_of(hospital.alice).get(ADDRESS).json()
    assert [row["code"] for row in shown] == [seed.code for seed in REASON_CODES]
    assert shown[1] == {
        "code": "uniform_grain",
        "label": "Uniform grain",
        "group": "against",
        "hotkey": "2",
        "active": True,
        "version": 1,
    }
    assert client_of(hospital.alice).post(ADDRESS).status_code == 405


def test_reasons_cost_one_query_whatever_their_number(
    hospital: Hospital, client_of: ClientOf, django_assert_num_queries: Any
) -> None:
    browser = client_of(hospital.alice)
    for more in (0, 20):
        ReasonCode.objects.bulk_create(
            ReasonCode(code=f"more_{n}", group="for", label="More") for n in range(more)
        )
        with django_assert_num_queries(4):  # session, user, site, codes
            browser.get(ADDRESS)


def test_other_words_are_a_new_version_and_old_reads_keep_theirs(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    _seal(case, hospital.alice, "uniform_grain")
    changed = replace(GRAIN, label="Grain without variation")
    change_reason_code(code="uniform_grain", fields=changed, actor=hospital.ada)
    later = make_case(hospital.blind)
    _seal(later, hospital.alice, "uniform_grain")
    browser = client_of(hospital.alice)
    first, second = (
        browser.get(f"/api/v1/cases/{which.pk}").json()["first_read"]["reason_words"]
        for which in (case, later)
    )
    assert first == [{"code": "uniform_grain", "label": GRAIN.label, "version": 1}]
    assert second == [{"code": "uniform_grain", "label": changed.label, "version": 2}]


def test_every_change_is_an_event_and_no_change_is_none(hospital: Hospital) -> None:
    for _ in range(2):
        keyless = replace(GRAIN, hotkey="")
        change_reason_code(code="uniform_grain", fields=keyless, actor=hospital.ada)
    event = Event.objects.get(kind=EventKind.REASON_CODE_CHANGED)
    assert (event.actor, event.subject) == (hospital.ada, "reason:uniform_grain")
    assert event.data == {
        "group": "against",
        "label": "Uniform grain",
        "version": 1,
        "hotkey": "",
        "position": 10,
        "active": True,
    }
    assert find_first_bad_position() is None


def test_a_retired_code_is_refused_and_still_named(
    hospital: Hospital, client_of: ClientOf
) -> None:
    retired = replace(GRAIN, is_active=False)
    change_reason_code(code="uniform_grain", fields=retired, actor=hospital.ada)
    with pytest.raises(Invalid) as refused:
        _seal(make_case(hospital.blind), hospital.alice, "uniform_grain")
    assert refused.value.code == "unknown_reason"
    shown = {row["code"]: row for row in client_of(hospital.alice).get(ADDRESS).json()}
    assert shown["uniform_grain"]["active"] is False


def test_a_code_that_staff_made_can_be_given_at_once(hospital: Hospital) -> None:
    fields = ReasonFields("Teeth do not match", "", 500, is_active=True)
    make_reason_code(
        code="teeth", group=ReasonGroup.AGAINST, fields=fields, actor=hospital.ada
    )
    read = _seal(make_case(hospital.blind), hospital.alice, "teeth")
    assert read.reason_words == [
        {"code": "teeth", "label": "Teeth do not match", "version": 1}
    ]


def test_one_key_picks_one_reason_of_a_list(hospital: Hospital) -> None:
    taken = replace(GRAIN, hotkey="3")
    with pytest.raises(Conflict) as refused:
        change_reason_code(code="uniform_grain", fields=taken, actor=hospital.ada)
    assert refused.value.code == "hotkey_taken"
    # The list of changed minds is another: both have a 1.
    assert ReasonCode.objects.filter(hotkey="1", is_active=True).count() == 2
    for bad in ("3", "x"):
        with pytest.raises(IntegrityError), transaction.atomic():
            ReasonCode.objects.filter(code="uniform_grain").update(hotkey=bad)


# --- the staff pages ------------------------------------------------------------------

FORM = {"label": "Grain like sand", "hotkey": "2", "position": "10", "is_active": "on"}


@pytest.fixture
def staff(hospital: Hospital, client_of: ClientOf) -> Client:
    """Return the browser of an administrator on the staff."""
    User.objects.filter(pk=hospital.ada.pk).update(is_staff=True, is_superuser=True)
    return client_of(hospital.ada)


def test_an_administrator_rewords_and_retires_but_never_renames_or_deletes(
    staff: Client, hospital: Hospital
) -> None:
    answer = staff.post(CHANGE, {**FORM, "code": "other", "group": "for"})
    assert answer.status_code == 302
    row = ReasonCode.objects.get(code="uniform_grain")
    assert (row.label, row.group, row.version) == ("Grain like sand", "against", 2)
    assert Event.objects.get(kind=EventKind.REASON_CODE_CHANGED).actor == hospital.ada
    staff.post(CHANGE, {name: FORM[name] for name in FORM if name != "is_active"})
    row.refresh_from_db()
    assert (row.is_active, row.version) == (False, 2)
    assert staff.post(CHANGE.replace("change", "delete")).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": ["uniform_grain"]}
    staff.post("/admin/reading/reasoncode/", bulk)
    assert ReasonCode.objects.filter(code="uniform_grain").exists()


@pytest.mark.parametrize("hotkey", ["x", "3"])
def test_the_page_refuses_a_key_that_is_no_digit_or_is_taken(
    hotkey: str, staff: Client
) -> None:
    answer = staff.post(CHANGE, {**FORM, "hotkey": hotkey})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert ReasonCode.objects.get(code="uniform_grain").hotkey == "2"
    assert not Event.objects.filter(kind=EventKind.REASON_CODE_CHANGED).exists()


@pytest.mark.parametrize("who", ["alice", "lena", "max"])
def test_reason_codes_are_not_for_staff_without_the_right(
    who: str, hospital: Hospital, client_of: ClientOf
) -> None:
    person = getattr(hospital, who)
    User.objects.filter(pk=person.pk).update(is_staff=True)
    assert client_of(person).post(CHANGE, FORM).status_code == 403
    assert ReasonCode.objects.get(code="uniform_grain").version == 1
