"""Second readers: who is asked, that they stay blind to the first, how it ends."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from scipy.stats import binomtest

from apps.accounts.models import Department, SecondReader, User
from apps.audit.models import Event, EventKind
from apps.core.errors import Conflict
from apps.reading.models import (
    Answer,
    Case,
    CaseState,
    Decision,
    SecondReadReason,
)
from apps.reading.outcomes import outcome_of_case
from apps.reading.services.cases import claim_case
from tests.apps.reading.conftest import read_fully, set_policy
from tests.conftest import Hospital
from tests.factories import Said, UserFactory, decide, make_case, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
JSON = "application/json"
FLAGGED = Said(suspicion=0.9, flagged=True)


def _state(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


# --- when -----------------------------------------------------------------------------

# first answer, decision about a flag, second reader wanted on disagreement
DISAGREEMENTS = [
    (Answer.SUSPICIOUS, Decision.CONFIRM, "", False),
    (Answer.CANNOT_TELL, Decision.CONFIRM, "", False),
    (Answer.SUSPICIOUS, Decision.INCONCLUSIVE, "", False),
    (Answer.AUTHENTIC, Decision.OVERRULE, "", True),
    # Gave in to the system: the first answer disagreed.
    (Answer.AUTHENTIC, Decision.CONFIRM, "looked_again", True),
]


@pytest.mark.parametrize(("answer", "decision", "mind", "wanted"), DISAGREEMENTS)
def test_disagreement_with_the_system_asks_for_a_second_reader(
    answer: Answer, decision: Decision, mind: str, wanted: bool, hospital: Hospital
) -> None:
    set_policy(hospital.blind, SecondReader.ON_DISAGREEMENT, "0.001")
    case = make_case(hospital.blind, said=FLAGGED)
    Case.objects.filter(pk=case.pk).update(second_read_draw=999)
    read_fully(case, hospital.alice, answer, decision, mind)
    assert _state(case) == ("second_read" if wanted else "done")
    case.refresh_from_db()
    assert case.second_read_reason == ("disagreement" if wanted else "")


@pytest.mark.parametrize(
    ("policy", "draw", "wanted"),
    [
        (SecondReader.NEVER, 0, ""),
        (SecondReader.ALWAYS, 999, "always"),
        (SecondReader.RANDOM, 249, "random"),
        (SecondReader.RANDOM, 250, ""),
        (SecondReader.ON_DISAGREEMENT, 249, "random"),
        (SecondReader.ON_DISAGREEMENT, 250, ""),
    ],
)
def test_the_share_decides_by_the_draw_of_the_ingest(
    policy: SecondReader, draw: int, wanted: str, hospital: Hospital
) -> None:
    set_policy(hospital.blind, policy, "0.25")
    case = make_case(hospital.blind, said=FLAGGED)
    Case.objects.filter(pk=case.pk).update(second_read_draw=draw)
    read_fully(case, hospital.alice, Answer.SUSPICIOUS, Decision.CONFIRM)
    case.refresh_from_db()
    assert case.second_read_reason == wanted
    assert case.state == ("second_read" if wanted else "done")


def test_the_draw_is_even_and_knows_nothing_of_the_suspicion(
    hospital: Hospital,
) -> None:
    cases = [
        make_case(hospital.blind, said=Said(suspicion=n / 300, flagged=n >= 150))
        for n in range(300)
    ]
    drawn = [case.second_read_draw < 250 for case in cases]
    # An even draw falls outside once in a hundred thousand runs.
    assert binomtest(sum(drawn), 300, 0.25).pvalue > 1e-5
    flagged, clear = sum(drawn[150:]), sum(drawn[:150])
    assert binomtest(flagged, flagged + clear, 0.5).pvalue > 1e-5


def test_the_policy_in_force_is_kept_with_the_read_and_its_seal(
    hospital: Hospital,
) -> None:
    set_policy(hospital.blind, SecondReader.ALWAYS, policy_version=7)
    # A department loaded before the change must not decide.
    case = make_case(hospital.blind, said=FLAGGED)
    set_policy(hospital.blind, SecondReader.RANDOM, "0.125", policy_version=8)
    read = seal(case, hospital.alice)
    policy = {
        "mode": "blind_first",
        "second_reader": "random",
        "second_read_share": "0.125",
        "adjudication": True,
        "max_wait_hours": 0,
        "canary_share": "0.000",
        "pause_cases": 0,
        "pause_minutes": 0,
        "audit_share": "0.000",
        "audit_department": "",
    }
    assert (read.policy, read.policy_version, read.kind) == (policy, 8, "first")
    data = Event.objects.get(kind=EventKind.READ_SEALED).data
    assert data["policy_version"] == 8
    assert {key[7:]: data[key] for key in data if key[7:] in policy} == policy


# --- who ------------------------------------------------------------------------------


def _listed(browser: Client, queue: str) -> list[str]:
    found = browser.get("/api/v1/worklists/emergency/cases", {"mine": queue}).json()
    assert found["total"] == len(found["items"])
    return [row["id"] for row in found["items"]]


def _counts(browser: Client) -> dict[str, int]:
    found: dict[str, int] = browser.get("/api/v1/worklists/emergency/queues").json()
    return found


def test_a_second_read_is_offered_to_others_and_never_to_the_first_reader(
    waiting: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    other = make_case(hospital.blind)
    alice, bob = client_of(hospital.alice), client_of(hospital.bob)
    assert _listed(bob, "second_reads") == [str(waiting.pk)]
    assert _listed(alice, "second_reads") == []
    assert _counts(bob) == {
        "mine": 0, "unclaimed": 1, "second_reads": 1, "adjudication": 0,
        "asked": 0,
    }  # fmt: skip
    assert _counts(alice) == {
        "mine": 0, "unclaimed": 1, "second_reads": 0, "adjudication": 0,
        "asked": 0,
    }  # fmt: skip
    following = f"/api/v1/cases/{other.pk}/next"
    assert alice.get(following).json() == {"case_id": None}
    assert bob.get(following).json() == {"case_id": str(waiting.pk)}
    with pytest.raises(Conflict) as refused:
        claim_case(case=waiting, user=hospital.alice)
    assert refused.value.code == "already_read"
    assert not Event.objects.filter(kind=EventKind.CASE_CLAIMED).exists()


def test_what_a_colleague_holds_leaves_the_queue_of_second_reads(
    waiting: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    claim_case(case=waiting, user=hospital.bob)
    dora = UserFactory.create(username="dora", site=hospital.site)
    assert _listed(client_of(dora), "second_reads") == []
    assert _listed(client_of(hospital.bob), "second_reads") == [str(waiting.pk)]


def test_an_unknown_queue_and_a_stranger_are_refused(
    waiting: Case, charlie: User, hospital: Hospital, client_of: ClientOf
) -> None:
    bad = client_of(hospital.bob).get(
        "/api/v1/worklists/emergency/cases", {"mine": "everyones"}
    )
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_queue")
    stranger = client_of(charlie)
    assert stranger.get("/api/v1/worklists/emergency/queues").status_code == 404
    address = f"/api/v1/cases/{waiting.pk}"
    assert stranger.get(f"{address}/adjudication").status_code == 403
    assert stranger.post(f"{address}/verdict/amend", {}, JSON).status_code == 422


def test_queue_counts_cost_the_same_queries_whatever_their_length(
    hospital: Hospital, client_of: ClientOf, django_assert_num_queries: Any
) -> None:
    browser = client_of(hospital.bob)
    for more in (1, 9):
        for _ in range(more):
            make_case(hospital.blind, state=CaseState.SECOND_READ)
        # Session, user, site, department, counts.
        with django_assert_num_queries(5):
            assert _counts(browser)["second_reads"] in (1, 10)


# --- how it ends ----------------------------------------------------------------------


def test_readers_who_agree_close_the_case(waiting: Case, hospital: Hospital) -> None:
    read_fully(waiting, hospital.bob, Answer.AUTHENTIC, Decision.OVERRULE)
    waiting.refresh_from_db()
    assert waiting.state == CaseState.DONE
    ended = outcome_of_case(case=waiting)
    assert ended is not None
    assert (ended.outcome, ended.how) == ("authentic", "agreed")


def test_readers_who_differ_go_to_adjudication(
    waiting: Case, hospital: Hospital
) -> None:
    read_fully(waiting, hospital.bob, Answer.SUSPICIOUS, Decision.CONFIRM)
    waiting.refresh_from_db()
    assert waiting.state == CaseState.ADJUDICATION
    assert outcome_of_case(case=waiting) is None
    kinds = Event.objects.filter(case_id=waiting.pk).order_by("position")
    assert [event.kind for event in kinds] == [
        "read_sealed", "verdict_filed", "second_read_asked",
        "read_sealed", "verdict_filed", "adjudication_asked",
    ]  # fmt: skip


def test_a_department_may_leave_differences_as_they_are(
    waiting: Case, hospital: Hospital
) -> None:
    Department.objects.update(adjudication=False)
    read_fully(waiting, hospital.bob, Answer.SUSPICIOUS, Decision.CONFIRM)
    waiting.refresh_from_db()
    assert waiting.state == CaseState.DONE
    ended = outcome_of_case(case=waiting)
    assert ended is not None
    assert (ended.outcome, ended.how) == ("inconclusive", "readers_differ")


def test_how_a_case_ended_is_told_to_its_readers_alone(
    waiting: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    address = f"/api/v1/cases/{waiting.pk}"
    assert client_of(hospital.alice).get(address).json()["closed"] is None
    read_fully(waiting, hospital.bob, Answer.AUTHENTIC, Decision.OVERRULE)
    told = {"outcome": "authentic", "how": "agreed"}
    for reader in (hospital.alice, hospital.bob):
        assert client_of(reader).get(address).json()["closed"] == told
    assert client_of(hospital.lena).get(address).json()["closed"] is None


def test_two_who_had_sealed_before_the_first_verdict_need_no_third(
    hospital: Hospital,
) -> None:
    set_policy(hospital.blind, SecondReader.ALWAYS)
    case = make_case(hospital.blind, said=FLAGGED)
    seal(case, hospital.alice, Answer.SUSPICIOUS)
    seal(case, hospital.bob, Answer.SUSPICIOUS)
    decide(case, hospital.alice)
    assert _state(case) == "second_read"
    decide(case, hospital.bob)
    assert _state(case) == "done"


def test_a_random_course_of_reads_ends_where_its_verdicts_say(
    hospital: Hospital,
) -> None:
    """Closed if and only if enough readers filed, and they agree; what is filed after
    that changes nothing."""
    dice = random.Random(4)
    readers = [hospital.alice, hospital.bob, hospital.lena]
    for _ in range(30):
        policy = dice.choice([SecondReader.NEVER, SecondReader.ALWAYS])
        set_policy(hospital.blind, policy)
        case = make_case(hospital.blind, said=FLAGGED)
        wanted = 2 if policy == SecondReader.ALWAYS else 1
        outcomes: list[bool] = []
        for reader in dice.sample(readers, dice.randint(1, 3)):
            confirms = dice.random() < 0.6
            if _state(case) not in ("done", "adjudication"):
                outcomes.append(confirms)
            answer = Answer.SUSPICIOUS if confirms else Answer.AUTHENTIC
            decision = Decision.CONFIRM if confirms else Decision.OVERRULE
            read_fully(case, reader, answer, decision)
            expected = "done" if len(set(outcomes)) == 1 else "adjudication"
            if len(outcomes) < wanted:
                expected = "second_read"
            assert _state(case) == expected, (policy, outcomes)


def test_neither_answers_nor_why_another_reader_is_asked_are_on_the_log(
    waiting: Case,
) -> None:
    leaves = "".join(Event.objects.values_list("leaf", flat=True))
    for word in ("CANARY", "authentic", "overrule", "processing_artefact"):
        assert word not in leaves
    asked = Event.objects.get(kind=EventKind.SECOND_READ_ASKED)
    assert asked.data == {"round": 1, "readers_wanted": 2, "policy_version": 1}
    assert waiting.second_read_reason == SecondReadReason.ALWAYS
