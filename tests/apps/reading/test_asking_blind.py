"""What colleagues tell each other opens no door past the seal: not by a byte, a count,
a refusal, an order or a piece of news."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.config.api import api
from apps.reading.asking_models import Question, Reply
from apps.reading.models import Answer, Case, Decision, Read
from apps.reading.notification_models import Notification, NotificationKind
from apps.reading.services.adjudication import record_answers_served
from tests.apps.reading.colleagues import (
    REPLY,
    ask,
    bell,
    questions_at,
    reply,
    send,
    text_of,
    told,
)
from tests.apps.reading.conftest import FLAGGED, Twins, read_fully
from tests.apps.reading.sockets import open_socket
from tests.conftest import Hospital
from tests.factories import image_of, make_case, make_upload, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
JSON = "application/json"
# Entries that say that a colleague replied, never what: for who may read the log.
LOG = "/api/v1/audit/"


# --- replies --------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["alice", "lena"])
def test_no_operation_gives_the_asker_a_byte_of_a_reply_before_the_seal(
    who: str, twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    asker, case = getattr(hospital, who), twins.flagged
    seal(case, hospital.bob, Answer.SUSPICIOUS)
    question = reply(ask(case, asker, hospital.bob))
    written = Reply.objects.get()
    secret = ("REPLYCANARY", str(written.pk), written.salt)
    browser = client_of(asker)
    upload = make_upload(hospital.blind, asker)
    values = {
        "slug": "emergency",
        "case_id": str(case.pk),
        "image_id": str(image_of(case).pk),
        "lane": "tamper",
        "frame": "0",
        "question_id": str(question.pk),
        "upload_id": str(upload.pk),
        "step": "read",
    }
    asked = 0
    for path, methods in api.get_openapi_schema()["paths"].items():
        if path.endswith("/seal"):
            continue
        places = range(Event.objects.count()) if "{position}" in path else (0,)
        for position in places:
            filled = values | {"position": str(position)}
            names = re.findall(r"\{(\w+)\}", path)
            address = path.format(**{n: filled.get(n, str(case.pk)) for n in names})
            for method in methods:
                answer = browser.generic(
                    method.upper(), address, "{}", content_type=JSON
                )
                found = [word for word in secret if word in text_of(answer)]
                assert not found, f"{method} {path}: {found}"
                if not path.startswith(LOG):
                    assert "replied" not in text_of(answer), f"{method} {path}"
                asked += 1
    assert asked > 45
    for page in ("/", f"/cases/{case.pk}"):
        assert "CANARY" not in text_of(browser.get(page))


def test_a_held_reply_changes_no_byte_of_what_the_asker_is_answered(
    twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    case = twins.flagged
    question = ask(case, hospital.alice, hospital.bob)
    alice = client_of(hospital.alice)
    body = {"person_id": str(hospital.bob.pk), "note": ""}
    look: dict[str, Callable[[], Any]] = {
        "questions": lambda: alice.get(questions_at(case)),
        "bell": lambda: alice.get("/api/v1/notifications"),
        "case": lambda: alice.get(f"/api/v1/cases/{case.pk}"),
        "list": lambda: alice.get("/api/v1/worklists/emergency/cases"),
        "queues": lambda: alice.get("/api/v1/worklists/emergency/queues"),
        # Whether a colleague may be asked again must not tell of a reply either.
        "again": lambda: send(alice, questions_at(case), body),
    }

    def answers() -> dict[str, tuple[int, str]]:
        shown = {name: call() for name, call in look.items()}
        return {name: (one.status_code, text_of(one)) for name, one in shown.items()}

    before = answers()
    reply(question)
    assert answers() == before
    assert before["again"][0] == 409
    seal(case, hospital.alice)
    after = answers()
    assert {name for name in look if after[name] != before[name]} == {
        "questions",
        "bell",
        "case",
        "list",
        "again",
    }


def test_a_held_reply_costs_the_asker_the_same_queries(
    twins: Twins,
    hospital: Hospital,
    client_of: ClientOf,
    django_assert_num_queries: Any,
) -> None:
    ask(twins.clear, hospital.alice, hospital.bob)
    reply(ask(twins.flagged, hospital.alice, hospital.bob))
    alice = client_of(hospital.alice)
    for case in (twins.flagged, twins.clear):
        with django_assert_num_queries(9):
            told(alice, case)


def test_the_seal_lets_the_reply_and_its_notification_out_in_one_transaction(
    twins: Twins,
    hospital: Hospital,
    client_of: ClientOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = twins.flagged
    reply(ask(case, hospital.alice, hospital.bob))
    alice = client_of(hospital.alice)
    assert [line["reply"] for line in told(alice, case)] == [None]
    assert bell(alice)["items"] == []
    with monkeypatch.context() as broken:
        broken.setattr(
            "apps.reading.services.reads.tell_replies", lambda **_: 1 / 0, raising=True
        )
        with pytest.raises(ZeroDivisionError):
            seal(case, hospital.alice)
    assert not Read.objects.exists()
    seal(case, hospital.alice)
    (line,) = bell(alice)["items"]
    assert (line["kind"], line["actor"]["display_name"]) == ("replied", "Bob")
    assert [line["reply"]["text"] for line in told(alice, case)] == [REPLY]


def test_replies_after_the_seal_are_told_at_once_and_each_once(
    twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    case = twins.flagged
    first = ask(case, hospital.alice, hospital.bob)
    second = ask(case, hospital.alice, hospital.lena)
    reply(first)
    seal(case, hospital.alice)
    reply(second)
    lines = bell(client_of(hospital.alice))["items"]
    assert [line["actor"]["display_name"] for line in lines] == ["Lena", "Bob"]


def test_a_reply_read_between_seal_and_verdict_is_on_the_log_between_them(
    twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    case = twins.flagged
    reply(ask(case, hospital.alice, hospital.bob))
    alice = client_of(hospital.alice)
    told(alice, case)
    read_fully(case, hospital.alice, Answer.SUSPICIOUS, Decision.CONFIRM)
    # Held until the seal, and then not looked at: nothing is claimed to have been read.
    assert not Event.objects.filter(kind=EventKind.REPLY_READ).exists()
    other = twins.clear
    reply(ask(other, hospital.alice, hospital.bob))
    seal(other, hospital.alice)
    told(alice, other)
    entry = Event.objects.get(kind=EventKind.REPLY_READ)
    assert (entry.case_id, entry.actor) == (other.pk, hospital.alice)
    sealed = Event.objects.get(kind=EventKind.READ_SEALED, case_id=other.pk)
    assert entry.position > sealed.position


def test_an_adjudicator_hears_replies_once_they_looked_at_the_answers(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    reply(ask(differing, hospital.lena, hospital.alice))
    lena = client_of(hospital.lena)
    assert [line["reply"] for line in told(lena, differing)] == [None]
    record_answers_served(case=differing, user=hospital.lena)
    assert [line["reply"]["text"] for line in told(lena, differing)] == [REPLY]


# --- news and races -------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
async def test_a_held_reply_is_no_news_and_the_seal_makes_it_news_to_the_asker_alone(
    hospital: Hospital, charlie: User
) -> None:
    case: Case = await sync_to_async(make_case)(hospital.blind, said=FLAGGED)
    question: Question = await sync_to_async(ask)(case, hospital.alice, hospital.bob)
    people = (hospital.alice, hospital.bob, hospital.lena, hospital.max, charlie)
    async with AsyncExitStack() as stack:
        sockets = {
            person.username: await stack.enter_async_context(open_socket(person))
            for person in people
        }
        await sync_to_async(reply)(question)
        assert [await socket.drain() for socket in sockets.values()] == [[]] * 5
        await sync_to_async(seal)(case, hospital.alice)
        heard = {}
        for name in ("alice", "bob", "lena"):
            # Waited for: the five share one thread of the database.
            first = json.loads((await sockets[name].receive())["text"])
            heard[name] = [first, *await sockets[name].drain()]
        heard |= {name: await sockets[name].drain() for name in ("max", "charlie")}
    line = await Notification.objects.aget(kind=NotificationKind.REPLIED)
    mine = {"kind": "notification.changed", "id": str(line.pk), "version": 0}
    assert mine in heard.pop("alice")
    for name in ("bob", "lena"):
        assert [news["kind"] for news in heard[name]] == ["case.changed"], name
    assert heard["max"] == heard["charlie"] == []
