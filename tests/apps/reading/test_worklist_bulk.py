"""Many cases changed at once: per row, on the log, undone; and who may not."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Role, User
from apps.audit.models import Event
from apps.reading.models import SHUFFLE_SPAN, Answer, Case, CaseState, Decision
from apps.reading.selectors import get_case, next_case_id
from apps.reading.services.cases import claim_case
from tests.apps.reading.conftest import read_fully
from tests.conftest import Hospital
from tests.factories import UserFactory, make_case

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
ADDRESS = "/api/v1/worklists/emergency/cases/bulk"


def _bulk(browser: Client, **body: Any) -> Any:
    return browser.post(ADDRESS, body, content_type="application/json")


def _ids(*cases: Case) -> list[str]:
    return [str(case.pk) for case in cases]


def _undo(browser: Client, items: list[dict[str, Any]]) -> Any:
    standings = [
        {"id": row["id"], **row["before"], "version": row["after"]["version"]}
        for row in items
        if row["before"] is not None
    ]
    return _bulk(browser, action="restore", standings=standings)


def _kinds(case: Case) -> list[str]:
    events = Event.objects.filter(case_id=case.pk).order_by("position")
    return list(events.values_list("kind", flat=True))


def test_a_lead_gives_cases_to_a_reader_and_each_is_an_event(
    hospital: Hospital, client_of: ClientOf
) -> None:
    cases = [make_case(hospital.blind) for _ in range(3)]
    claim_case(case=cases[2], user=hospital.alice)
    answer = _bulk(
        client_of(hospital.lena),
        action="assign",
        ids=_ids(*cases),
        person_id=str(hospital.bob.pk),
    )
    assert [row["code"] for row in answer.json()["items"]] == ["", "", ""]
    for case in cases:
        case.refresh_from_db()
        assert case.claimed_by == hospital.bob
        assert case.claim_expires_at is not None
        assert _kinds(case)[-1] == "case_assigned"
    event = Event.objects.get(case_id=cases[0].pk)
    assert (event.actor, event.subject) == (hospital.lena, f"user:{hospital.bob.pk}")


def test_a_refused_row_stops_no_other_and_leaves_nothing_on_the_log(
    hospital: Hospital, client_of: ClientOf
) -> None:
    free, held, done = (make_case(hospital.blind) for _ in range(3))
    elsewhere = make_case(hospital.triage)
    claim_case(case=held, user=hospital.bob)
    done.state = CaseState.DONE
    done.save(update_fields=["state"])
    nowhere = str(uuid.uuid4())
    answer = _bulk(
        client_of(hospital.alice),
        action="assign",
        ids=[*_ids(held, free, done, elsewhere), nowhere],
        person_id=str(hospital.alice.pk),
    )
    assert [row["code"] for row in answer.json()["items"]] == [
        "claimed_by_other", "", "case_done", "not_found", "not_found",
    ]  # fmt: skip
    assert _kinds(free) == ["case_assigned"]
    assert _kinds(held) == ["case_claimed"]
    assert _kinds(done) == _kinds(elsewhere) == []
    held.refresh_from_db()
    assert held.claimed_by == hospital.bob


def test_a_change_can_be_undone_unless_the_case_changed_since(
    hospital: Hospital, client_of: ClientOf
) -> None:
    held, free, moved = (make_case(hospital.blind) for _ in range(3))
    expires = claim_case(case=held, user=hospital.alice).claim_expires_at
    lena = client_of(hospital.lena)
    items = _bulk(
        lena,
        action="assign",
        ids=_ids(held, free, moved),
        person_id=str(hospital.bob.pk),
    ).json()["items"]
    claim_case(case=moved, user=hospital.bob)
    undone = _undo(lena, items).json()["items"]
    assert [row["code"] for row in undone] == ["", "", "changed_since"]
    for case in (held, free, moved):
        case.refresh_from_db()
    assert held.claimed_by == hospital.alice
    # Times travel in milliseconds.
    assert expires is not None
    assert held.claim_expires_at is not None
    assert abs(held.claim_expires_at - expires) < dt.timedelta(milliseconds=1)
    assert (free.claimed_by, free.claim_expires_at) == (None, None)
    assert moved.claimed_by == hospital.bob
    # Undone twice: nothing more changes.
    again = _undo(lena, items).json()["items"]
    assert {row["code"] for row in again} == {"changed_since"}


def test_a_priority_class_is_put_ahead_and_back_at_its_old_place(
    hospital: Hospital, client_of: ClientOf
) -> None:
    cases = [make_case(hospital.blind) for _ in range(4)]
    for key, case in zip((10, 20, 30, 40), cases, strict=True):
        Case.objects.filter(pk=case.pk).update(shuffle_key=key)
    lena, alice = client_of(hospital.lena), client_of(hospital.alice)

    def listed() -> list[str]:
        rows = alice.get("/api/v1/worklists/emergency/cases").json()["items"]
        return [row["id"] for row in rows]

    urgent = _bulk(lena, action="prioritise", ids=_ids(cases[2]), priority="urgent")
    stat = _bulk(lena, action="prioritise", ids=_ids(cases[3]), priority="stat")
    assert listed() == _ids(cases[3], cases[2], cases[0], cases[1])
    here = get_case(user=hospital.alice, case_id=cases[0].pk)
    assert next_case_id(user=hospital.alice, case=here) == cases[3].pk
    assert _kinds(cases[3]) == ["case_prioritised"]
    keys = list(Case.objects.values_list("shuffle_key", flat=True))
    assert all(-2 * SHUFFLE_SPAN <= key < SHUFFLE_SPAN for key in keys)
    for answer in (urgent, stat):
        assert _undo(lena, answer.json()["items"]).json()["items"][0]["code"] == ""
    assert listed() == _ids(*cases)


def test_what_changes_nothing_is_no_event_and_no_new_version(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    lena = client_of(hospital.lena)
    for body in (
        {"action": "release"},
        {"action": "prioritise", "priority": "routine"},
    ):
        (row,) = _bulk(lena, ids=_ids(case), **body).json()["items"]
        assert row["code"] == ""
        assert row["before"] == row["after"]
    case.refresh_from_db()
    assert case.version == 1
    assert _kinds(case) == []


def test_only_a_lead_gives_to_others_takes_from_others_and_sets_classes(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case, other = make_case(hospital.blind), make_case(hospital.blind)
    claim_case(case=other, user=hospital.bob)
    alice = client_of(hospital.alice)
    to_bob = _bulk(
        alice, action="assign", ids=_ids(case), person_id=str(hospital.bob.pk)
    )
    stat = _bulk(alice, action="prioritise", ids=_ids(case), priority="stat")
    assert (to_bob.status_code, stat.status_code) == (403, 403)
    (row,) = _bulk(alice, action="release", ids=_ids(other)).json()["items"]
    assert row["code"] == "claimed_by_other"
    # Undoing is no way round: version and class are as a lead would send them.
    forged = {
        "id": str(case.pk),
        "holder_id": str(hospital.bob.pk),
        "claim_expires_at": "2031-01-01T00:00:00Z",
        "priority": "stat",
        "version": 1,
    }
    for change in ({}, {"priority": "routine"}):
        (row,) = _bulk(alice, action="restore", standings=[forged | change]).json()[
            "items"
        ]
        assert row["code"] == "denied"
    case.refresh_from_db()
    assert (case.claimed_by, case.priority, case.version) == (None, 0, 1)
    assert _kinds(case) == []


def test_undoing_cannot_hold_a_case_longer_than_an_assignment(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    standing = {
        "id": str(case.pk),
        "holder_id": str(hospital.alice.pk),
        "claim_expires_at": "2099-01-01T00:00:00Z",
        "priority": "routine",
        "version": 1,
    }
    _bulk(client_of(hospital.alice), action="restore", standings=[standing])
    case.refresh_from_db()
    assert case.claim_expires_at is not None
    left = case.claim_expires_at - dt.datetime.now(dt.UTC)
    assert left <= dt.timedelta(hours=24)


def test_cases_go_to_nobody_who_cannot_read_them(
    hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    left = UserFactory.create(site=hospital.site, is_active=False)
    lena = client_of(hospital.lena)
    for person in (hospital.max, charlie, left):
        answer = _bulk(lena, action="assign", ids=_ids(case), person_id=str(person.pk))
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_person")
    people = lena.get("/api/v1/worklists/emergency/people").json()
    assert [row["display_name"] for row in people] == ["Alice", "Bob", "Lena"]


def test_a_stranger_changes_nothing(
    hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    User.objects.filter(pk=charlie.pk).update(role=Role.LEAD)
    charlie.refresh_from_db()
    stranger = client_of(charlie)
    body = {"action": "prioritise", "ids": _ids(case), "priority": "stat"}
    assert _bulk(stranger, **body).status_code == 404
    assert stranger.get("/api/v1/worklists/emergency/people").status_code == 404
    case.refresh_from_db()
    assert case.priority == 0


@pytest.mark.parametrize(
    "body",
    [
        {"action": "burn", "ids": []},
        {"action": "prioritise", "ids": []},
        {"action": "assign", "ids": []},
        {"action": "release", "ids": ["x"]},
        {"action": "release", "ids": [str(uuid.UUID(int=n)) for n in range(201)]},
    ],
    ids=["unknown", "no class", "no person", "no id", "too many"],
)
def test_a_request_that_makes_no_sense_is_refused(
    body: dict[str, Any], hospital: Hospital, client_of: ClientOf
) -> None:
    assert _bulk(client_of(hospital.lena), **body).status_code == 422


def test_an_assigned_case_is_the_readers_for_a_day(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    _bulk(
        client_of(hospital.lena),
        action="assign",
        ids=_ids(case),
        person_id=str(hospital.alice.pk),
    )
    case.refresh_from_db()
    assert case.claim_expires_at is not None
    left = case.claim_expires_at - dt.datetime.now(dt.UTC)
    assert dt.timedelta(hours=23) < left <= dt.timedelta(hours=24)
    refused = client_of(hospital.bob).post(f"/api/v1/cases/{case.pk}/claim")
    assert refused.json()["code"] == "claimed_by_other"


# --- what waits for another reader ----------------------------------------------------


def test_a_second_read_goes_to_anyone_but_its_first_reader(
    waiting: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    fresh = make_case(hospital.blind)
    lena = client_of(hospital.lena)
    before = _kinds(waiting)
    to_alice = _bulk(
        lena,
        action="assign",
        ids=_ids(waiting, fresh),
        person_id=str(hospital.alice.pk),
    )
    assert [row["code"] for row in to_alice.json()["items"]] == ["already_read", ""]
    assert _kinds(waiting) == before
    own = _bulk(
        client_of(hospital.alice),
        action="assign",
        ids=_ids(waiting),
        person_id=str(hospital.alice.pk),
    )
    assert own.json()["items"][0]["code"] == "already_read"
    waiting.refresh_from_db()
    assert waiting.claimed_by is None
    to_bob = _bulk(
        lena, action="assign", ids=_ids(waiting), person_id=str(hospital.bob.pk)
    )
    assert to_bob.json()["items"][0]["code"] == ""
    read_fully(waiting, hospital.bob, Answer.AUTHENTIC, Decision.OVERRULE)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.claimed_by) == (CaseState.DONE, None)


def test_undoing_gives_no_second_read_to_its_first_reader(
    waiting: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    standing = {
        "id": str(waiting.pk),
        "holder_id": str(hospital.alice.pk),
        "claim_expires_at": None,
        "priority": "routine",
        "version": waiting.version,
    }
    for browser in (client_of(hospital.lena), client_of(hospital.alice)):
        answer = _bulk(browser, action="restore", standings=[standing])
        assert answer.json()["items"][0]["code"] == "already_read"
    waiting.refresh_from_db()
    assert waiting.claimed_by is None


def test_a_case_to_be_settled_goes_only_to_who_may_settle_it(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    dora = UserFactory.create(username="dora", site=hospital.site)
    lena = client_of(hospital.lena)

    def code(person: User) -> str:
        answer = _bulk(
            lena, action="assign", ids=_ids(differing), person_id=str(person.pk)
        )
        return str(answer.json()["items"][0]["code"])

    assert (code(dora), code(hospital.alice)) == ("not_adjudicator",) * 2
    User.objects.filter(pk=hospital.alice.pk).update(role=Role.LEAD)
    assert code(hospital.alice) == "already_read"
    assert code(hospital.lena) == ""
