"""Asking a colleague about a case, and replying. Nothing here changes the case: its
row, its version and its place tell nobody that a reply exists."""

from __future__ import annotations

import secrets
import uuid

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.selectors import list_readers
from apps.audit.models import EventKind
from apps.audit.services import append_event, lock_log
from apps.core.errors import Conflict, Invalid, NotFound
from apps.reading.asking_models import Question, Reply
from apps.reading.asking_selectors import Told, may_hear, tell_questions
from apps.reading.models import Case
from apps.reading.notification_models import Notification, NotificationKind
from apps.reading.selectors import was_unblinded
from apps.reading.services.notifications import tell_asked, tell_replies
from apps.reading.services.reads import commit_plain, lock_case

MAX_CHARACTERS = 1000
MAX_QUESTIONS = 20


@transaction.atomic
def ask_colleague(
    *, case: Case, asker: User, asked_id: uuid.UUID, note: str
) -> Question:
    """Return the question, put before a colleague of the department.

    Raises Invalid (`bad_person`, `text_too_long`) or Conflict (`already_asked`,
    `too_many_questions`).
    """
    note = _clean(note)
    readers = {person.pk: person for person in list_readers(department=case.department)}
    asked = readers.get(asked_id)
    if asked is None or asked.pk == asker.pk:
        raise Invalid("This person cannot be asked.", code="bad_person")
    lock_log()
    locked = lock_case(case)
    hears = may_hear(case=locked, user=asker)
    _refuse_more(locked, asker, asked, hears)
    at = timezone.now()
    salt = secrets.token_hex(32)
    plain: dict[str, object] = {"note": note, "asked": str(asked.pk)}
    digest = commit_plain(salt, case, asker, at.isoformat(), plain)
    event = append_event(
        kind=EventKind.COLLEAGUE_ASKED,
        site=case.site,
        actor=asker,
        case_id=case.pk,
        subject=f"user:{asked.pk}",
        data={"note_sha256": digest},
    )
    question = Question.objects.create(
        case=case,
        asker=asker,
        asked=asked,
        note=note,
        asker_informed=hears or was_unblinded(case=case, user=asker),
        asked_at=at,
        salt=salt,
        note_sha256=digest,
        log_position=event.position,
    )
    tell_asked(question=question)
    return question


@transaction.atomic
def reply_to_question(
    *, case: Case, question_id: uuid.UUID, replier: User, text: str
) -> Question:
    """Return the question with its reply, which stays as it is.

    The asker is told at once only where that may reach them now; the seal tells the
    others. Raises NotFound, Invalid (`text_required`, `text_too_long`) or Conflict
    (`already_replied`).
    """
    text = _clean(text)
    lock_log()
    locked = lock_case(case)
    asked_me = Question.objects.filter(case=case, asked=replier)
    question = (
        asked_me.select_related("asker", "asked", "reply")
        .filter(pk=question_id)
        .first()
    )
    if question is None:
        raise NotFound("There is no such question.")
    if not text:
        raise Invalid("Write a reply.", code="text_required")
    if getattr(question, "reply", None) is not None:
        raise Conflict("You have replied before.", code="already_replied")
    question.reply = _write_reply(question, case, replier, text)
    waiting = Notification.objects.filter(user=replier, kind=NotificationKind.ASKED)
    waiting.filter(question=question).update(is_read=True)
    if may_hear(case=locked, user=question.asker):
        tell_replies(case=case, asker=question.asker)
    return question


def _write_reply(question: Question, case: Case, replier: User, text: str) -> Reply:
    at = timezone.now()
    salt = secrets.token_hex(32)
    plain: dict[str, object] = {"text": text, "question": str(question.pk)}
    digest = commit_plain(salt, case, replier, at.isoformat(), plain)
    event = append_event(
        kind=EventKind.COLLEAGUE_REPLIED,
        site=case.site,
        actor=replier,
        case_id=case.pk,
        subject=f"user:{question.asker_id}",
        data={"reply_sha256": digest, "note_sha256": question.note_sha256},
    )
    return Reply.objects.create(
        question=question,
        text=text,
        replied_at=at,
        salt=salt,
        reply_sha256=digest,
        log_position=event.position,
    )


def open_questions(*, case: Case, user: User) -> list[Told]:
    """Return a person's questions on a case; what they are told for the first time is
    on the log before it is served."""
    told = tell_questions(case=case, user=user)
    if any(each.is_first for each in told):
        _record_told(case, user, told)
    return told


@transaction.atomic
def _record_told(case: Case, user: User, told: list[Told]) -> None:
    lock_log()
    for each in told:
        if not each.is_first:
            continue
        if each.question.asker_id != user.pk:
            _record_question_read(each.question, case, user)
        elif each.reply is not None:
            _record_reply_read(each.reply, each.question, case, user)


def _record_question_read(question: Question, case: Case, user: User) -> None:
    # Two tabs that open at once: one of them records it.
    unread = Question.objects.filter(pk=question.pk, read_at=None)
    if unread.update(read_at=timezone.now()) == 1:
        append_event(
            kind=EventKind.QUESTION_READ,
            site=case.site,
            actor=user,
            case_id=case.pk,
            subject=f"user:{question.asker_id}",
            data={
                "note_sha256": question.note_sha256,
                "informed": question.asker_informed,
            },
        )


def _record_reply_read(
    reply: Reply, question: Question, case: Case, user: User
) -> None:
    unread = Reply.objects.filter(pk=reply.pk, read_at=None)
    if unread.update(read_at=timezone.now()) == 1:
        append_event(
            kind=EventKind.REPLY_READ,
            site=case.site,
            actor=user,
            case_id=case.pk,
            subject=f"user:{question.asked_id}",
            data={"reply_sha256": reply.reply_sha256},
        )


def _refuse_more(case: Case, asker: User, asked: User, hears: bool) -> None:
    mine = Question.objects.filter(case=case, asker=asker)
    if mine.count() >= MAX_QUESTIONS:
        raise Conflict(
            "You have asked often enough about this case.", code="too_many_questions"
        )
    open_ones = mine.filter(asked=asked)
    if hears:
        # A reply that is held back must not show in what may be asked again.
        open_ones = open_ones.filter(reply=None)
    if open_ones.exists():
        raise Conflict("You have asked this colleague.", code="already_asked")


def _clean(text: str) -> str:
    text = text.strip()
    if len(text) > MAX_CHARACTERS:
        raise Invalid(
            f"The text is longer than {MAX_CHARACTERS} characters.",
            code="text_too_long",
        )
    return text
