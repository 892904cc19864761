"""HTTP doorways of questions between colleagues, and of notifications."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from ninja import Router, Status

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.core.schemas import Page
from apps.reading.asking_models import Question
from apps.reading.asking_schemas import (
    AskedOut,
    CaseName,
    MarkIn,
    NotificationOut,
    NotificationPage,
    QuestionIn,
    QuestionOut,
    ReplyIn,
    ReplyOut,
    UnreadOut,
)
from apps.reading.asking_selectors import Told, list_asked_of
from apps.reading.models import Case
from apps.reading.notification_models import Notification, NotificationKind
from apps.reading.notification_selectors import count_unread, list_notifications
from apps.reading.selectors import get_case
from apps.reading.services.asking import (
    ask_colleague,
    open_questions,
    reply_to_question,
)
from apps.reading.services.notifications import mark_notifications
from apps.reading.shapes import shape_person

router = Router(tags=["reading"])


@router.get("/questions", response=Page[AskedOut])
def read_asked(
    request: HttpRequest, cursor: str | None = None, limit: int = 50
) -> Page[AskedOut]:
    """List the questions that wait for the caller's reply."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    questions, following = list_asked_of(user=user, cursor=cursor, limit=limit)
    return Page(items=[_shape_asked(q) for q in questions], next_cursor=following)


@router.get("/cases/{case_id}/questions", response=list[QuestionOut])
def read_questions(request: HttpRequest, case_id: uuid.UUID) -> list[QuestionOut]:
    """List the questions that the caller asked or was asked about a case."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    case = get_case(user=user, case_id=case_id)
    return [_shape(told) for told in open_questions(case=case, user=user)]


@router.post("/cases/{case_id}/questions", response={201: QuestionOut})
def ask(
    request: HttpRequest, case_id: uuid.UUID, payload: QuestionIn
) -> Status[QuestionOut]:
    """Ask a colleague about a case."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    question = ask_colleague(
        case=get_case(user=user, case_id=case_id),
        asker=user,
        asked_id=payload.person_id,
        note=payload.note,
    )
    return Status(201, _shape(Told(question, question.note, None, False)))


@router.post("/cases/{case_id}/questions/{question_id}/reply", response={201: ReplyOut})
def reply(
    request: HttpRequest, case_id: uuid.UUID, question_id: uuid.UUID, payload: ReplyIn
) -> Status[ReplyOut]:
    """Reply to a colleague; it cannot be changed."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    question = reply_to_question(
        case=get_case(user=user, case_id=case_id),
        question_id=question_id,
        replier=user,
        text=payload.text,
    )
    return Status(201, ReplyOut.from_orm(question.reply))


@router.get("/notifications", response=NotificationPage)
def read_notifications(
    request: HttpRequest, cursor: str | None = None, limit: int = 50
) -> NotificationPage:
    """List the caller's notifications, newest first."""
    user = user_of(request)
    told, following = list_notifications(user=user, cursor=cursor, limit=limit)
    return NotificationPage(
        items=[_shape_notification(line) for line in told],
        next_cursor=following,
        unread=count_unread(user=user),
    )


@router.post("/notifications/mark", response=UnreadOut)
def mark(request: HttpRequest, payload: MarkIn) -> UnreadOut:
    """Mark notifications of the caller as looked at, or as new again."""
    user = user_of(request)
    mark_notifications(user=user, ids=payload.ids, is_read=payload.is_read)
    return UnreadOut(unread=count_unread(user=user))


def _shape(told: Told) -> QuestionOut:
    question, heard = told.question, told.reply
    return QuestionOut(
        id=question.pk,
        asker=shape_person(question.asker),
        asked=shape_person(question.asked),
        note=told.note,
        asked_at=question.asked_at,
        log_position=question.log_position,
        reply=ReplyOut.from_orm(heard) if heard else None,
    )


def _shape_asked(question: Question) -> AskedOut:
    return AskedOut(
        id=question.pk,
        asker=shape_person(question.asker),
        asked_at=question.asked_at,
        case=_shape_name(question.case),
    )


def _shape_notification(line: Notification) -> NotificationOut:
    return NotificationOut(
        id=line.pk,
        kind=NotificationKind(line.kind),
        is_read=line.is_read,
        told_at=line.told_at,
        actor=shape_person(line.actor) if line.actor else None,
        case=_shape_name(line.case) if line.case else None,
        upload_id=line.upload_id,
        count=line.count,
        quarantined=line.quarantined,
    )


def _shape_name(case: Case) -> CaseName:
    return CaseName(
        id=case.pk,
        worklist=case.department.slug,
        patient_name=case.study.patient.name,
        modality=case.study.modality,
        description=case.study.description,
    )
