"""Colleagues who act at once: each thing happens once, and is told once.

These run on SQLite with all others, and on PostgreSQL through test_postgres.
"""

from __future__ import annotations

import pytest

from apps.audit.models import Event, EventKind
from apps.audit.selectors import find_first_bad_position
from apps.imaging.models import ItemStatus, UploadItem
from apps.reading.asking_models import Question, Reply
from apps.reading.models import Case, Read
from apps.reading.notification_models import Notification, NotificationKind
from apps.reading.services.asking import open_questions
from apps.reading.services.notifications import tell_of_upload
from tests.apps.reading.colleagues import ask, reply
from tests.conftest import Hospital
from tests.factories import make_case, make_upload, seal
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_seal_and_two_replies_at_once_tell_the_asker_exactly_once(
    hospital: Hospital,
) -> None:
    case = make_case(hospital.blind)
    question = ask(case, hospital.alice, hospital.bob)
    results = at_once(
        lambda: seal(Case.objects.get(), hospital.alice),
        lambda: reply(question),
        lambda: reply(question, "Another."),
    )
    assert results.count("already_replied") == 1
    assert Reply.objects.count() == Read.objects.count() == 1
    told = Notification.objects.filter(kind=NotificationKind.REPLIED)
    assert told.get().user == hospital.alice
    assert find_first_bad_position() is None


def test_the_same_question_asked_twice_at_once_is_one(hospital: Hospital) -> None:
    case = make_case(hospital.blind)
    results = at_once(*[lambda: ask(case, hospital.alice, hospital.bob)] * 3)
    assert results.count("already_asked") == 2
    assert Question.objects.count() == Notification.objects.count() == 1
    assert Event.objects.filter(kind=EventKind.COLLEAGUE_ASKED).count() == 1


def test_two_tabs_that_open_a_question_at_once_read_it_once(
    hospital: Hospital,
) -> None:
    case = make_case(hospital.blind)
    ask(case, hospital.alice, hospital.bob)
    at_once(*[lambda: open_questions(case=case, user=hospital.bob)] * 3)
    assert Event.objects.filter(kind=EventKind.QUESTION_READ).count() == 1


def test_workers_with_the_last_files_of_an_upload_tell_once(
    hospital: Hospital,
) -> None:
    upload = make_upload(hospital.blind, hospital.alice)
    for number in range(2):
        UploadItem.objects.create(
            upload=upload,
            file_name=f"{number}.dcm",
            sha256="0" * 64,
            size_bytes=1,
            status=ItemStatus.STORED,
        )
    at_once(
        *[lambda: tell_of_upload(upload_id=upload.pk, is_quarantined=False)] * 4,
    )
    line = Notification.objects.get()
    assert (line.kind, line.count) == (NotificationKind.UPLOAD_FINISHED, 2)
