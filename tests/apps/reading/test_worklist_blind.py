"""No list tells a reader that others differ: what waits for an adjudicator is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import SecondReader, User
from apps.reading.filters import STATES
from apps.reading.list_models import TriagePlace
from apps.reading.models import (
    Answer,
    Case,
    CaseOpinion,
    CaseState,
    Decision,
    Outcome,
)
from apps.reading.queues import QUEUES
from apps.reading.services.cases import claim_case
from apps.reading.worklist import SORTS, TRIAGE_SORTS
from tests.apps.reading.conftest import OVERRULED, read_fully, set_policy
from tests.conftest import Hospital
from tests.factories import UserFactory, make_case, rule

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
JSON = "application/json"
SLUGS = {"blind": "emergency", "triage": "claims"}


@pytest.fixture
def dora(hospital: Hospital) -> User:
    """Return a radiologist who has read nothing."""
    return UserFactory.create(username="dora", site=hospital.site)


@pytest.fixture(params=["blind", "triage"])
def pair(request: pytest.FixtureRequest, hospital: Hospital) -> tuple[str, Case, Case]:
    """Return a worklist and two cases read by two: who agreed, and who differ."""
    room = getattr(hospital, request.param)
    set_policy(room, SecondReader.ALWAYS)
    ended, differ = (make_case(room, said=OVERRULED) for _ in range(2))
    for case, second in (
        (ended, (Answer.AUTHENTIC, Decision.OVERRULE)),
        (differ, (Answer.SUSPICIOUS, Decision.CONFIRM)),
    ):
        read_fully(case, hospital.alice, Answer.AUTHENTIC, Decision.OVERRULE)
        read_fully(case, hospital.bob, *second)
        case.refresh_from_db()
    assert (ended.state, differ.state) == (CaseState.DONE, CaseState.ADJUDICATION)
    # The judge is at work: nor does a holder tell the two apart.
    claim_case(case=differ, user=hospital.lena)
    return SLUGS[request.param], ended, differ


def _questions(slug: str) -> Iterator[dict[str, Any]]:
    sorts = [*SORTS, *(TRIAGE_SORTS if slug == "claims" else ())]
    for state in STATES:
        yield {"state": state}
        yield {"filter": f"state:{state}"}
        yield {"state": "all", "filter": f"-state:{state}"}
        yield {"state": state, "filter": "age<2d"}
    for sort in sorts:
        for state in ("open", "done", "all"):
            yield {"state": state, "sort": sort}
    for queue in QUEUES.values():
        yield {"mine": queue}
        yield {"mine": queue, "state": "all"}
    for who in ("me", "nobody", "lena"):
        yield {"state": "all", "filter": f"with:{who}"}
        yield {"state": "all", "filter": f"-with:{who}"}
    yield {"state": "all", "filter": "state:ready,adjudication"}
    yield {"filter": "state:done,second_read"}


def _ask(browser: Client, slug: str, **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = browser.post(
        f"/api/v1/worklists/{slug}/cases/search", body, content_type=JSON
    ).json()
    return found


@pytest.mark.parametrize("walks", [False, True], ids=["gathered", "walked"])
def test_every_question_finds_both_or_neither(
    walks: bool,
    pair: tuple[str, Case, Case],
    dora: User,
    client_of: ClientOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if walks:
        monkeypatch.setattr("apps.reading.worklist.GATHER_LIMIT", -1)
    slug, ended, differ = pair
    browser = client_of(dora)
    met = 0
    for question in _questions(slug):
        page = _ask(browser, slug, **question)
        ids = {row["id"] for row in page["items"]}
        assert ids in (set(), {str(ended.pk), str(differ.pk)}), question
        assert page["total"] == len(ids), question
        assert {row["state"] for row in page["items"]} <= {"done"}, question
        # Counted, not met, where a page does not hold them all.
        counted = _ask(browser, slug, **question, limit=1)
        assert counted["total"] == len(ids) or not counted["is_total_exact"], question
        # The same rows one by one, through pages and by their ids.
        paged = []
        cursor = None
        while page["items"]:
            step = _ask(browser, slug, **question, limit=1, cursor=cursor)
            paged += [row["id"] for row in step["items"]]
            cursor = step["next_cursor"]
            if cursor is None:
                break
        assert sorted(paged) == sorted(ids), question
        rows = browser.post(
            f"/api/v1/worklists/{slug}/cases/rows",
            {**question, "ids": [str(ended.pk), str(differ.pk)]},
            content_type=JSON,
        ).json()
        assert set(rows["matching"]) == ids, question
        met += bool(ids)
    assert met > 20


def test_the_two_look_alike_to_who_has_no_part_in_them(
    pair: tuple[str, Case, Case], dora: User, client_of: ClientOf
) -> None:
    slug, ended, differ = pair
    browser = client_of(dora)
    own = ("id", "patient", "received_at", "due_at", "images")

    def shown(case: Case) -> str:
        detail = browser.get(f"/api/v1/cases/{case.pk}").json()
        (row,) = (
            row
            for row in _ask(browser, slug, state="all")["items"]
            if row["id"] == str(case.pk)
        )
        for found in (detail, row):
            for name in own:
                found.pop(name, None)
        bulk = [
            browser.post(
                f"/api/v1/worklists/{slug}/cases/bulk", body, content_type=JSON
            ).json()["items"][0]
            for body in (
                {"action": "assign", "ids": [str(case.pk)], "person_id": str(dora.pk)},
                {"action": "release", "ids": [str(case.pk)]},
                {
                    "action": "restore",
                    "standings": [
                        {
                            "id": str(case.pk),
                            "holder_id": None,
                            "claim_expires_at": None,
                            "priority": "routine",
                            "version": case.version,
                        }
                    ],
                },
            )
        ]
        for result in bulk:
            assert result.pop("id") == str(case.pk)
        return json.dumps([detail, row, bulk])

    assert shown(differ) == shown(ended)


def test_counts_tell_no_more_than_the_lists(
    pair: tuple[str, Case, Case], dora: User, hospital: Hospital, client_of: ClientOf
) -> None:
    slug, _, _ = pair
    for person, opened in ((dora, 0), (hospital.alice, 1), (hospital.lena, 1)):
        browser = client_of(person)
        listed = _ask(browser, slug)
        counts = {
            row["slug"]: row["open_count"]
            for row in browser.get("/api/v1/worklists").json()
        }
        assert (listed["total"], counts[slug]) == (opened, opened)
    queues = client_of(dora).get(f"/api/v1/worklists/{slug}/queues").json()
    assert set(queues.values()) == {0}


def test_its_readers_and_who_settles_it_are_told(
    pair: tuple[str, Case, Case], hospital: Hospital, client_of: ClientOf
) -> None:
    slug, _, differ = pair
    for person in (hospital.alice, hospital.bob, hospital.lena):
        browser = client_of(person)
        for question in ({}, {"filter": "state:adjudication"}):
            (row,) = _ask(browser, slug, **question)["items"]
            assert (row["id"], row["state"]) == (str(differ.pk), "adjudication")
            assert row["claimed_by"]["display_name"] == "Lena"


def test_nothing_changes_on_their_lists_when_it_is_settled(
    pair: tuple[str, Case, Case], dora: User, hospital: Hospital, client_of: ClientOf
) -> None:
    slug, _, differ = pair
    browser = client_of(dora)

    def seen() -> list[Any]:
        pages = [_ask(browser, slug, **question) for question in _questions(slug)]
        for page in pages:
            for row in page["items"]:
                del row["version"]
        return pages

    before = seen()
    rule(differ, hospital.lena, Outcome.AUTHENTIC)
    assert seen() == before


def test_no_answer_of_a_blind_list_knows_the_opinion(
    dora: User, hospital: Hospital, client_of: ClientOf
) -> None:
    """The same cases, first flagged, then clear: the same bytes to every question."""
    set_policy(hospital.blind, SecondReader.ALWAYS)
    waiting, fresh = (make_case(hospital.blind, said=OVERRULED) for _ in range(2))
    read_fully(waiting, hospital.alice, Answer.AUTHENTIC, Decision.OVERRULE)
    browser = client_of(dora)

    def seen() -> str:
        pages = [_ask(browser, "emergency", **q) for q in _questions("emergency")]
        queues = browser.get("/api/v1/worklists/emergency/queues").json()
        return json.dumps([pages, queues])

    flagged = seen()
    for case in (waiting, fresh):
        CaseOpinion.objects.filter(case=case).update(
            suspicion=0.01, suspicion_rank=0.01, flagged=False, top_lane="metadata"
        )
        opinion = CaseOpinion.objects.get(case=case)
        opinion.save()
    assert TriagePlace.objects.filter(suspicion_rank=0.01).count() == 2
    assert seen() == flagged


def test_a_claim_tells_no_case_that_waits_for_a_judge_from_a_done_one(
    pair: tuple[str, Case, Case], dora: User, client_of: ClientOf
) -> None:
    _, *cases = pair
    client = client_of(dora)
    answers = [client.post(f"/api/v1/cases/{case.pk}/claim") for case in cases]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert {answer.json()["code"] for answer in answers} == {"case_done"}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert not Case.objects.filter(claimed_by=dora).exists()
