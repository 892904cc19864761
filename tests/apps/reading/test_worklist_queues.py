"""The queues of a worklist: what each holds, how it is found and counted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import SecondReader, User
from apps.reading.asking_models import Question
from apps.reading.list_models import TriagePlace
from apps.reading.models import Answer, Case, CaseState, Decision, Outcome
from apps.reading.queues import QUEUES, count_queues
from apps.reading.services.adjudication import reopen_case
from apps.reading.services.cases import claim_case
from tests.apps.reading.colleagues import ask, reply
from tests.apps.reading.conftest import OVERRULED, read_fully, set_policy
from tests.conftest import Hospital
from tests.factories import UserFactory, make_case, rule

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def _listed(browser: Client, queue: str, slug: str = "emergency") -> list[str]:
    address = f"/api/v1/worklists/{slug}/cases"
    rows = browser.get(address, {"mine": queue}).json()["items"]
    return [row["id"] for row in rows]


@pytest.fixture
def busy(hospital: Hospital) -> dict[str, Case]:
    """Return a case of each queue; Bob holds one, Alice has read two, Bob one."""
    set_policy(hospital.blind, SecondReader.ALWAYS)
    cases = {
        name: make_case(hospital.blind, said=OVERRULED)
        for name in ("free", "held", "second", "differ")
    }
    for name in ("second", "differ"):
        read_fully(cases[name], hospital.alice, Answer.AUTHENTIC, Decision.OVERRULE)
    read_fully(cases["differ"], hospital.bob, Answer.SUSPICIOUS, Decision.CONFIRM)
    claim_case(case=cases["held"], user=hospital.bob)
    ask(cases["held"], hospital.bob, hospital.lena)
    return cases


@pytest.mark.parametrize(
    ("who", "held"),
    [
        ("alice", {"mine": "", "unclaimed": "free", "second_reads": ""}),
        ("bob", {"mine": "held", "unclaimed": "free", "second_reads": "second"}),
        (
            "lena",
            {
                "unclaimed": "free",
                "second_reads": "second",
                "adjudication": "differ",
                "asked": "held",
            },
        ),
    ],
)
@pytest.mark.parametrize("walks", [False, True], ids=["gathered", "walked"])
def test_each_queue_lists_and_counts_the_same_cases(
    walks: bool,
    who: str,
    held: dict[str, str],
    busy: dict[str, Case],
    hospital: Hospital,
    client_of: ClientOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if walks:
        monkeypatch.setattr("apps.reading.worklist.GATHER_LIMIT", -1)
    browser = client_of(getattr(hospital, who))
    counts = browser.get("/api/v1/worklists/emergency/queues").json()
    for name, queue in QUEUES.items():
        wanted = [str(busy[held[name]].pk)] if held.get(name) else []
        assert _listed(browser, queue) == wanted, name
        assert counts[name] == len(wanted), name


def test_a_question_leaves_the_queue_with_its_reply_and_with_the_end_of_the_case(
    busy: dict[str, Case], hospital: Hospital, client_of: ClientOf
) -> None:
    lena = client_of(hospital.lena)
    # To Alice a case that waits for its adjudicator is told as any other that is open
    # to its readers; to who never read it, it has ended.
    dora = UserFactory.create(site=hospital.site)
    ask(busy["differ"], hospital.bob, hospital.alice)
    ask(busy["differ"], hospital.bob, dora)
    for person, listed in ((hospital.alice, 1), (dora, 0)):
        browser = client_of(person)
        counts = browser.get("/api/v1/worklists/emergency/queues").json()
        assert (len(_listed(browser, "asked")), counts["asked"]) == (listed, listed)
    reply(Question.objects.get(asked=hospital.lena))
    counts = lena.get("/api/v1/worklists/emergency/queues").json()
    assert (_listed(lena, "asked"), counts["asked"]) == ([], 0)


def test_a_queue_is_filtered_further(
    busy: dict[str, Case], hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.bob)
    address = "/api/v1/worklists/emergency/cases/search"
    for text, found in (("state:second_read", 1), ("-state:second_read", 0)):
        body = {"mine": "second_reads", "filter": text}
        answer = browser.post(address, body, content_type="application/json").json()
        assert (len(answer["items"]), answer["total"]) == (found, found)


def test_a_queue_is_counted_to_its_limit(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.reading.queues.QUEUE_COUNT_LIMIT", 2)
    for _ in range(4):
        make_case(hospital.blind)
    counts = count_queues(user=hospital.bob, department=hospital.blind)
    assert counts == {
        "mine": 0,
        "unclaimed": 3,
        "second_reads": 0,
        "adjudication": 0,
        "asked": 0,
    }


def test_a_case_keeps_its_place_in_the_order_of_suspicion_until_it_is_closed(
    hospital: Hospital, client_of: ClientOf
) -> None:
    set_policy(hospital.triage, SecondReader.ALWAYS)
    case = make_case(hospital.triage, said=OVERRULED)

    def place() -> tuple[str, int, bool]:
        case.refresh_from_db()
        is_open = TriagePlace.objects.get(case=case).is_open
        shown = _listed(client_of(hospital.lena), "", "claims")
        return case.state, is_open, str(case.pk) in shown

    assert place() == (CaseState.READY, 1, True)
    read_fully(case, hospital.alice, Answer.AUTHENTIC, Decision.OVERRULE)
    assert place() == (CaseState.SECOND_READ, 1, True)
    read_fully(case, hospital.bob, Answer.SUSPICIOUS, Decision.CONFIRM)
    assert place() == (CaseState.ADJUDICATION, 1, True)
    rule(case, hospital.lena, Outcome.AUTHENTIC)
    assert place() == (CaseState.DONE, 0, False)
    reopen_case(case=case, lead=hospital.lena, reason="New prior.")
    assert place() == (CaseState.SECOND_READ, 1, True)
