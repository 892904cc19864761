"""Asking a colleague: who may ask whom, what each is told, and what the log holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Role, User
from apps.audit.models import Event, EventKind
from apps.audit.selectors import find_first_bad_position
from apps.reading.asking_models import Question, Reply
from apps.reading.models import Case, CaseState
from apps.reading.services.asking import MAX_CHARACTERS, MAX_QUESTIONS
from apps.reading.services.cases import claim_case, release_case
from tests.apps.reading.colleagues import (
    NOTE,
    REPLY,
    ask,
    bell,
    questions_at,
    reply,
    send,
    told,
)
from tests.conftest import Hospital
from tests.factories import UserFactory, decide, make_case, opinion_of, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
ASKED = "/api/v1/questions"


@pytest.fixture
def case(hospital: Hospital) -> Case:
    """Return a ready case of the blind department."""
    return make_case(hospital.blind)


def _kinds(case: Case) -> list[str]:
    events = Event.objects.filter(case_id=case.pk).order_by("position")
    return list(events.values_list("kind", flat=True))


def test_a_question_reaches_the_colleague_and_the_reply_comes_back(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice, bob = client_of(hospital.alice), client_of(hospital.bob)
    body = {"person_id": str(hospital.bob.pk), "note": f"  {NOTE} "}
    answer = send(alice, questions_at(case), body)
    assert answer.status_code == 201
    asked = answer.json()
    assert (asked["note"], asked["reply"]) == (NOTE, None)
    assert asked["asked"] == {"id": str(hospital.bob.pk), "display_name": "Bob"}
    (waiting,) = bob.get(ASKED).json()["items"]
    assert waiting["id"] == asked["id"]
    assert waiting["asker"]["display_name"] == "Alice"
    assert waiting["case"]["id"] == str(case.pk)
    assert waiting["case"]["worklist"] == "emergency"
    (shown,) = told(bob, case)
    assert shown == asked
    address = f"{questions_at(case)}/{asked['id']}/reply"
    replied = send(bob, address, {"text": REPLY})
    assert replied.status_code == 201
    assert replied.json()["text"] == REPLY
    assert bob.get(ASKED).json()["items"] == []
    seal(case, hospital.alice)
    (shown,) = told(alice, case)
    assert shown["reply"] == replied.json()


def test_the_log_holds_who_asked_whom_and_commitments_and_no_word(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    question = ask(case, hospital.alice, hospital.bob)
    told(client_of(hospital.bob), case)
    reply(question)
    seal(case, hospital.alice)
    for _ in range(2):
        told(client_of(hospital.alice), case)
        told(client_of(hospital.bob), case)
    decide(case, hospital.alice)
    assert _kinds(case) == [
        "colleague_asked",
        "question_read",
        "colleague_replied",
        "read_sealed",
        "reply_read",
        "verdict_filed",
    ]
    events = {event.kind: event for event in Event.objects.filter(case_id=case.pk)}
    alice, bob = f"user:{hospital.alice.pk}", f"user:{hospital.bob.pk}"
    assert events["colleague_asked"].subject == bob
    assert events["question_read"].subject == alice
    assert events["reply_read"].subject == bob
    assert events["question_read"].data["informed"] is False
    leaves = json.dumps(list(Event.objects.values_list("leaf", flat=True)))
    assert "CANARY" not in leaves
    assert Reply.objects.get().reply_sha256 in leaves
    assert question.note_sha256 in leaves
    assert question.salt not in leaves
    assert find_first_bad_position() is None


def test_a_question_changes_nothing_on_the_case(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    before = Case.objects.filter(pk=case.pk).values().get()
    reply(ask(case, hospital.alice, hospital.bob))
    told(client_of(hospital.bob), case)
    assert Case.objects.filter(pk=case.pk).values().get() == before


@pytest.mark.parametrize(
    ("who", "code"),
    [("alice", "bad_person"), ("max", "bad_person"), ("charlie", "bad_person")],
    ids=["oneself", "no reader", "another site"],
)
def test_only_other_readers_of_the_site_can_be_asked(
    who: str,
    code: str,
    case: Case,
    hospital: Hospital,
    charlie: User,
    client_of: ClientOf,
) -> None:
    person = charlie if who == "charlie" else getattr(hospital, who)
    body = {"person_id": str(person.pk), "note": NOTE}
    answer = send(client_of(hospital.alice), questions_at(case), body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    User.objects.filter(pk=hospital.bob.pk).update(is_active=False)
    body["person_id"] = str(hospital.bob.pk)
    answer = send(client_of(hospital.alice), questions_at(case), body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Question.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"note": "x" * (MAX_CHARACTERS + 1)}, "text_too_long"),
        ({"note": "x" * 4001}, "invalid"),
        ({"note": "a\x00b"}, "invalid"),
        ({"person_id": "bob"}, "invalid"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_and_not_quoted(
    body: dict[str, Any],
    code: str,
    case: Case,
    hospital: Hospital,
    client_of: ClientOf,
) -> None:
    whole = {"person_id": str(hospital.bob.pk), **body}
    answer = send(client_of(hospital.alice), questions_at(case), whole)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert "xxxx" not in answer.content.decode()
    assert not Question.objects.exists()


def test_strangers_and_others_without_the_right_are_refused(
    case: Case, hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    question = ask(case, hospital.alice, hospital.bob)
    address = f"{questions_at(case)}/{question.pk}/reply"
    body = {"person_id": str(hospital.bob.pk)}
    for person, status in ((charlie, 404), (hospital.max, 403), (hospital.ada, 403)):
        browser = client_of(person)
        assert browser.get(questions_at(case)).status_code == status
        assert send(browser, questions_at(case), body).status_code == status
        assert send(browser, address, {"text": REPLY}).status_code == status
    assert client_of(charlie).get(ASKED).json()["items"] == []
    for path in (questions_at(case), ASKED, address):
        assert Client().get(path).status_code in (401, 405)
    assert client_of(hospital.alice).put(questions_at(case)).status_code == 405


def test_a_third_reader_learns_nothing_of_a_question(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    question = reply(ask(case, hospital.alice, hospital.bob))
    lena = client_of(hospital.lena)
    assert told(lena, case) == []
    assert lena.get(ASKED).json()["items"] == []
    assert bell(lena) == {"items": [], "next_cursor": None, "unread": 0}
    # Nor may anyone but the colleague reply: not the lead, not the asker.
    other = ask(case, hospital.alice, hospital.lena)
    for person, target in ((hospital.lena, question), (hospital.alice, other)):
        address = f"{questions_at(case)}/{target.pk}/reply"
        answer = send(client_of(person), address, {"text": REPLY})
        assert answer.status_code == 404


def test_a_reply_is_given_once_and_stays(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    question = ask(case, hospital.alice, hospital.bob)
    address = f"{questions_at(case)}/{question.pk}/reply"
    bob = client_of(hospital.bob)
    empty = send(bob, address, {"text": "  "})
    assert (empty.status_code, empty.json()["code"]) == (422, "text_required")
    assert send(bob, address, {"text": REPLY}).status_code == 201
    again = send(bob, address, {"text": "Another"})
    assert (again.status_code, again.json()["code"]) == (409, "already_replied")
    assert Reply.objects.get().text == REPLY
    assert bob.put(address).status_code == bob.delete(address).status_code == 405


def test_a_reply_belongs_to_the_case_of_its_question(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    question = ask(case, hospital.alice, hospital.bob)
    other = make_case(hospital.blind)
    address = f"{questions_at(other)}/{question.pk}/reply"
    answer = send(client_of(hospital.bob), address, {"text": REPLY})
    assert answer.status_code == 404


def test_one_colleague_is_asked_again_only_after_the_reply_was_heard(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    seal(case, hospital.alice)
    body = {"person_id": str(hospital.bob.pk), "note": NOTE}
    assert send(alice, questions_at(case), body).status_code == 201
    again = send(alice, questions_at(case), body)
    assert (again.status_code, again.json()["code"]) == (409, "already_asked")
    reply(Question.objects.get())
    assert send(alice, questions_at(case), body).status_code == 201


def test_a_person_asks_a_bounded_number_of_times_about_a_case(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    for _ in range(MAX_QUESTIONS):
        ask(case, hospital.alice, UserFactory.create(site=hospital.site))
    body = {"person_id": str(hospital.bob.pk)}
    answer = send(client_of(hospital.alice), questions_at(case), body)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_questions")


def test_who_was_asked_by_the_holder_may_seal_beside_the_claim_and_is_no_first_reader(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    claim_case(case=case, user=hospital.alice)
    body = {"answer": "authentic", "confidence": 3}
    address = f"/api/v1/cases/{case.pk}/seal"
    bob, lena = client_of(hospital.bob), client_of(hospital.lena)
    refused = send(bob, address, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "claimed_by_other")
    ask(case, hospital.alice, hospital.bob)
    sealed = send(bob, address, body)
    assert sealed.status_code == 201
    assert (sealed.json()["read"]["kind"], sealed.json()["read"]["mode"]) == (
        "later",
        "blind_first",
    )
    assert send(lena, address, body).status_code == 409
    first = send(client_of(hospital.alice), address, body)
    assert first.json()["read"]["kind"] == "first"


def test_a_guest_does_not_close_the_case_over_its_readers_head(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    claim_case(case=case, user=hospital.alice)
    ask(case, hospital.alice, hospital.bob)
    seal(case, hospital.bob)
    bob = client_of(hospital.bob)
    address = f"/api/v1/cases/{case.pk}/verdict"
    body = {
        "decision": "confirm",
        "reason_codes": ["natural_noise"],
        "opinion_sha256": opinion_of(case),
    }
    early = send(bob, address, body)
    assert (early.status_code, early.json()["code"]) == (409, "claimed_by_other")
    case.refresh_from_db()
    assert case.state == CaseState.SEALED
    seal(case, hospital.alice)
    decide(case, hospital.alice)
    assert send(bob, address, body).status_code == 201


def test_a_guest_may_take_over_a_case_that_was_given_back(
    case: Case, hospital: Hospital
) -> None:
    claim_case(case=case, user=hospital.alice)
    ask(case, hospital.alice, hospital.bob)
    seal(case, hospital.bob)
    release_case(case=case, user=hospital.alice)
    decide(case, hospital.bob)
    case.refresh_from_db()
    assert case.state == CaseState.DONE


def test_a_question_of_somebody_who_holds_nothing_opens_no_claim(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    ask(case, hospital.alice, hospital.bob)
    claim_case(case=case, user=hospital.lena)
    body = {"answer": "authentic", "confidence": 3}
    answer = send(client_of(hospital.bob), f"/api/v1/cases/{case.pk}/seal", body)
    assert answer.status_code == 409


def test_a_closed_case_can_still_be_asked_about(
    decided: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    reply(ask(decided, hospital.alice, hospital.bob))
    (shown,) = told(client_of(hospital.alice), decided)
    assert shown["reply"]["text"] == REPLY
    decided.refresh_from_db()
    assert decided.state == CaseState.DONE


def test_the_list_of_what_one_was_asked_is_paged_newest_first(
    hospital: Hospital, client_of: ClientOf, django_assert_num_queries: Any
) -> None:
    asked = [
        ask(make_case(hospital.blind), hospital.alice, hospital.bob) for _ in range(5)
    ]
    bob = client_of(hospital.bob)
    with django_assert_num_queries(4):  # session, person, site, questions
        page = bob.get(ASKED, {"limit": 3}).json()
    rest = bob.get(ASKED, {"limit": 3, "cursor": page["next_cursor"]}).json()
    ids = [row["id"] for row in page["items"] + rest["items"]]
    assert ids == [str(question.pk) for question in reversed(asked)]
    assert rest["next_cursor"] is None
    assert NOTE not in json.dumps([page, rest])
    bad = bob.get(ASKED, {"cursor": "x"})
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize("count", [1, 6])
def test_the_questions_on_a_case_cost_the_same_however_many_there_are(
    count: int,
    case: Case,
    hospital: Hospital,
    client_of: ClientOf,
    django_assert_num_queries: Any,
) -> None:
    people = [UserFactory.create(site=hospital.site) for _ in range(count)]
    for person in people:
        ask(case, hospital.alice, person)
    alice = client_of(hospital.alice)
    # session, person, site, case, questions; own read, own eyes; who knows, two.
    with django_assert_num_queries(9):
        assert len(told(alice, case)) == count


def test_who_left_the_readers_is_told_no_more(
    case: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    ask(case, hospital.alice, hospital.bob)
    User.objects.filter(pk=hospital.bob.pk).update(role=Role.ML)
    bob = client_of(hospital.bob)
    assert bob.get(ASKED).status_code == 403
    assert bob.get(questions_at(case)).status_code == 403
    assert bell(bob)["items"] == []
    assert not Event.objects.filter(kind=EventKind.QUESTION_READ).exists()
