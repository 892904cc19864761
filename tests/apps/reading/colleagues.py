"""Readers who ask each other, as the tests of questions need them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.test import Client

from apps.accounts.models import User
from apps.reading.asking_models import Question
from apps.reading.models import Case
from apps.reading.services.asking import ask_colleague, reply_to_question

JSON = "application/json"
NOTE = "NOTECANARY is this spine too straight?"
REPLY = "REPLYCANARY it is too straight."


def questions_at(case: Case) -> str:
    """Return the address of the questions on a case."""
    return f"/api/v1/cases/{case.pk}/questions"


def send(browser: Client, address: str, body: dict[str, Any]) -> Any:
    """Return the answer to a POST."""
    return browser.post(address, body, content_type=JSON)


def told(browser: Client, case: Case) -> list[dict[str, Any]]:
    """Return the questions on a case as a person is told them."""
    answer = browser.get(questions_at(case))
    assert answer.status_code == 200
    shown: list[dict[str, Any]] = answer.json()
    return shown


def bell(browser: Client) -> dict[str, Any]:
    """Return a person's notifications."""
    answer = browser.get("/api/v1/notifications")
    assert answer.status_code == 200
    shown: dict[str, Any] = answer.json()
    return shown


def ask(case: Case, asker: User, asked: User, note: str = NOTE) -> Question:
    """Ask, past HTTP."""
    return ask_colleague(case=case, asker=asker, asked_id=asked.pk, note=note)


def reply(question: Question, text: str = REPLY) -> Question:
    """Reply as who was asked, past HTTP."""
    return reply_to_question(
        case=question.case,
        question_id=question.pk,
        replier=question.asked,
        text=text,
    )


def text_of(answer: HttpResponseBase) -> str:
    """Return an answer's body and headers."""
    return answer.getvalue().decode("utf-8", "replace") + str(dict(answer.headers))
