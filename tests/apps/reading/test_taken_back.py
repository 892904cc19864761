"""What was given and taken away again is told no more under the bell."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from apps.accounts.models import User
from apps.reading.models import Case
from apps.reading.notification_models import Notification
from apps.reading.services.bulk import (
    RowResult,
    Standing,
    assign_cases,
    release_cases,
    restore_cases,
)
from apps.reading.services.cases import claim_case, release_case
from tests.apps.reading.colleagues import bell, send
from tests.apps.reading.sockets import open_socket
from tests.conftest import Hospital
from tests.factories import make_case

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], Client]
MARK = "/api/v1/notifications/mark"


def _assign(hospital: Hospital, cases: list[Case], person: User) -> None:
    assign_cases(
        actor=hospital.lena,
        department=hospital.blind,
        case_ids=[case.pk for case in cases],
        person=person,
    )


def _lines(user: User) -> list[tuple[str, int, bool]]:
    told = Notification.objects.filter(user=user).order_by("-told_at")
    return [(line.kind, line.count, line.is_read) for line in told]


def _undoing(rows: list[RowResult]) -> dict[uuid.UUID, Standing]:
    return {
        row.case_id: replace(row.before, version=row.after.version)
        for row in rows
        if row.before is not None and row.after is not None
    }


def test_what_was_taken_away_again_is_told_no_more(
    hospital: Hospital, client_of: ClientOf
) -> None:
    cases = [make_case(hospital.blind) for _ in range(3)]
    by: dict[str, Any] = {"actor": hospital.lena, "department": hospital.blind}
    ids = [case.pk for case in cases]
    rows = assign_cases(**by, case_ids=ids, person=hospital.alice)
    standings = _undoing(rows)
    alice = client_of(hospital.alice)
    send(alice, MARK, {"ids": [bell(alice)["items"][0]["id"]]})
    restore_cases(**by, standings={ids[0]: standings[ids[0]]})
    # Of the others it still tells, as it was read, by the first that is left.
    assert _lines(hospital.alice) == [("assigned", 2, True)]
    assert bell(alice)["items"][0]["case"]["id"] == str(ids[1])
    release_cases(**by, case_ids=[ids[1]])
    assert _lines(hospital.alice) == [("assigned", 1, True)]
    assign_cases(**by, case_ids=[ids[2]], person=hospital.bob)
    assert _lines(hospital.alice) == []
    assert _lines(hospital.bob) == [("assigned", 1, False)]


def test_what_a_person_gives_back_was_given_to_them_all_the_same(
    hospital: Hospital,
) -> None:
    case, other = make_case(hospital.blind), make_case(hospital.blind)
    _assign(hospital, [case, other], hospital.alice)
    release_cases(actor=hospital.alice, department=hospital.blind, case_ids=[case.pk])
    release_case(case=other, user=hospital.alice)
    assert _lines(hospital.alice) == [("assigned", 2, False)]


def test_undoing_that_a_case_was_taken_away_tells_of_it_again(
    hospital: Hospital,
) -> None:
    given, claimed = make_case(hospital.blind), make_case(hospital.blind)
    by: dict[str, Any] = {"actor": hospital.lena, "department": hospital.blind}
    _assign(hospital, [given], hospital.alice)
    claim_case(case=claimed, user=hospital.alice)
    rows = release_cases(**by, case_ids=[given.pk, claimed.pk])
    assert _lines(hospital.alice) == []
    restore_cases(**by, standings=_undoing(rows))
    # What she had taken herself was never given to her.
    assert _lines(hospital.alice) == [("assigned", 1, False)]
    assert Notification.objects.get().case == given


async def test_that_a_line_is_gone_is_news_to_its_person_alone(
    hospital: Hospital,
) -> None:
    case: Case = await sync_to_async(make_case)(hospital.blind)
    await sync_to_async(_assign)(hospital, [case], hospital.alice)
    line = await Notification.objects.aget()
    taken = sync_to_async(release_cases)
    async with open_socket(hospital.alice) as hers, open_socket(hospital.bob) as his:
        await taken(actor=hospital.lena, department=hospital.blind, case_ids=[case.pk])
        heard = {"alice": await hers.hear(2), "bob": await his.hear(1)}
        assert await hers.is_silent()
        assert await his.is_silent()
    gone = {"kind": "notification.changed", "id": str(line.pk), "version": 0}
    kinds = {name: {each["kind"] for each in news} for name, news in heard.items()}
    assert kinds == {
        "alice": {"case.changed", "notification.changed"},
        "bob": {"case.changed"},
    }
    assert gone in heard["alice"]
