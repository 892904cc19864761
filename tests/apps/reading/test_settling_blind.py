"""While readers who differ are settled, nobody outside can tell that they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from apps.accounts.models import SecondReader, User
from apps.reading.models import Answer, Case, CaseState, Decision, Outcome
from apps.reading.notification_models import Notification
from apps.reading.services.cases import claim_case, release_case
from tests.apps.reading.colleagues import ask, reply
from tests.apps.reading.conftest import OVERRULED, post, read_fully, set_policy
from tests.apps.reading.sockets import open_socket
from tests.conftest import Hospital
from tests.factories import UserFactory, make_case, rule, seal

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], Client]


@pytest.fixture
def dora(hospital: Hospital) -> User:
    """Return a reader who has no part in the cases."""
    return UserFactory.create(username="dora", site=hospital.site)


@pytest.fixture
def agreed(differing: Case, hospital: Hospital) -> Case:
    """Return a case like `differing` on which both readers say the same."""
    case = make_case(hospital.blind, said=OVERRULED)
    read_fully(case, hospital.alice, Answer.AUTHENTIC, Decision.OVERRULE)
    read_fully(case, hospital.bob, Answer.AUTHENTIC, Decision.OVERRULE)
    case.refresh_from_db()
    assert case.state == CaseState.DONE
    return case


def test_an_adjudicators_claim_changes_nothing_that_others_are_told(
    differing: Case, agreed: Case, dora: User, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(dora)

    def row(case: Case) -> dict[str, Any]:
        shown = browser.get(f"/api/v1/cases/{case.pk}").json()
        for own in ("id", "patient", "received_at", "due_at", "images"):
            del shown[own]
        return dict(shown)

    before = row(differing)
    assert before == row(agreed)
    claim_case(case=differing, user=hospital.lena)
    assert row(differing) == before
    # Who differs is told, and sees who settles it.
    mine = client_of(hospital.alice).get(f"/api/v1/cases/{differing.pk}").json()
    assert mine["claimed_by"]["display_name"] == "Lena"


def test_a_seal_is_answered_alike_whoever_settles_the_case(
    differing: Case, agreed: Case, dora: User, hospital: Hospital, client_of: ClientOf
) -> None:
    claim_case(case=differing, user=hospital.lena)
    browser = client_of(dora)
    body = {"answer": "authentic", "confidence": 3}
    answers = [post(browser, case, "seal", body) for case in (differing, agreed)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert {answer.json()["read"]["kind"] for answer in answers} == {"later"}


def test_a_ruling_leaves_no_claim_that_names_its_judge(
    differing: Case, hospital: Hospital
) -> None:
    claim_case(case=differing, user=hospital.lena)
    rule(differing, hospital.lena, Outcome.AUTHENTIC)
    differing.refresh_from_db()
    assert (differing.state, differing.claimed_by) == ("done", None)


async def test_what_happens_while_a_case_is_settled_is_no_news_to_others(
    differing: Case, dora: User, hospital: Hospital
) -> None:
    def settle_it() -> None:
        claim_case(case=differing, user=hospital.lena)
        release_case(case=differing, user=hospital.lena)
        rule(differing, hospital.lena, Outcome.AUTHENTIC)

    async with open_socket(dora) as theirs, open_socket(hospital.alice) as mine:
        await sync_to_async(settle_it)()
        heard = [news["kind"] for news in await mine.drain()]
        assert heard.count("case.changed") == 3
        assert await theirs.drain() == []


def test_who_has_read_a_case_claims_it_for_adjudication_by_neither_door(
    hospital: Hospital, client_of: ClientOf
) -> None:
    set_policy(hospital.blind, SecondReader.ALWAYS)
    case = make_case(hospital.blind, said=OVERRULED)
    seal(case, hospital.lena)
    read_fully(case, hospital.alice, Answer.AUTHENTIC, Decision.OVERRULE)
    read_fully(case, hospital.bob, Answer.SUSPICIOUS, Decision.CONFIRM)
    lena = client_of(hospital.lena)
    claimed = lena.post(f"/api/v1/cases/{case.pk}/claim")
    assert (claimed.status_code, claimed.json()["code"]) == (409, "already_read")
    body = {"action": "assign", "ids": [str(case.pk)], "person_id": hospital.lena.pk}
    bulk = lena.post(
        "/api/v1/worklists/emergency/cases/bulk", body, content_type="application/json"
    )
    assert bulk.json()["items"][0]["code"] == "already_read"


def test_an_adjudicator_is_told_of_a_reply_that_was_held_back(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    leon = UserFactory.create(username="leon", site=hospital.site, role="lead")
    reply(ask(differing, hospital.lena, leon))
    told = Notification.objects.filter(user=hospital.lena, kind="replied")
    assert not told.exists()
    client_of(hospital.lena).get(f"/api/v1/cases/{differing.pk}/adjudication")
    assert told.count() == 1


def test_a_reply_that_was_read_is_not_told_again_when_its_line_is_gone(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.triage)
    lines = Notification.objects.filter(user=hospital.alice, kind="replied")
    reply(ask(case, hospital.alice, hospital.bob))
    assert lines.count() == 1
    client_of(hospital.alice).get(f"/api/v1/cases/{case.pk}/questions")
    lines.delete()
    reply(ask(case, hospital.alice, hospital.lena))
    assert lines.count() == 1
