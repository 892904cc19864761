"""A note between colleagues opens nobody's eyes unnoticed: who had to be blind is shown
it after the own seal, and who read it before counts as told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import Department, ReadingMode, SecondReader, User
from apps.audit.models import Event, EventKind
from apps.reading.models import Answer, Case, CaseState, Decision, Read
from apps.reading.services.reads import FirstAnswer, seal_read
from tests.apps.reading.colleagues import (
    NOTE,
    REPLY,
    ask,
    questions_at,
    reply,
    text_of,
    told,
)
from tests.apps.reading.conftest import FLAGGED, Twins, read_fully, set_policy
from tests.conftest import Hospital
from tests.factories import make_case, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
OWN = re.compile(r"PID-[0-9a-f]{8}|Doe\^[0-9a-f]{32}|\"log_position\": ?\d+")


def _plain(text: str) -> str:
    return OWN.sub("OWN", TIME.sub("TIME", UUID.sub("ID", text)))


def _mode_of(case: Case, reader: User) -> str:
    return Read.objects.get(case=case, reader=reader).mode


def test_the_note_of_a_blind_asker_is_shown_at_once_and_opens_no_eyes(
    twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    case = twins.flagged
    ask(case, hospital.alice, hospital.bob)
    assert [line["note"] for line in told(client_of(hospital.bob), case)] == [NOTE]
    seal(case, hospital.bob)
    assert _mode_of(case, hospital.bob) == ReadingMode.BLIND_FIRST


@pytest.mark.parametrize("asks", ["after the seal", "before, blind"])
def test_the_note_of_who_has_sealed_waits_for_the_colleagues_own_seal(
    asks: str, twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    case = twins.flagged
    if asks == "before, blind":
        # By now it is a draft of a sealed answer.
        ask(case, hospital.alice, hospital.bob)
    seal(case, hospital.alice)
    if asks == "after the seal":
        ask(case, hospital.alice, hospital.bob)
    bob = client_of(hospital.bob)
    for path in (questions_at(case), "/api/v1/questions", "/api/v1/notifications"):
        assert "CANARY" not in text_of(bob.get(path))
    assert [line["note"] for line in told(bob, case)] == [None]
    seal(case, hospital.bob)
    assert _mode_of(case, hospital.bob) == ReadingMode.BLIND_FIRST
    assert [line["note"] for line in told(bob, case)] == [NOTE]


def test_an_informed_note_and_an_empty_one_look_alike_while_held(
    twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    for case, note in ((twins.flagged, NOTE), (twins.clear, "")):
        seal(case, hospital.alice)
        ask(case, hospital.alice, hospital.bob, note)
    bob = client_of(hospital.bob)
    first, second = (
        _plain(json.dumps(told(bob, case))) for case in (twins.flagged, twins.clear)
    )
    assert first == second


def test_who_read_an_informed_note_in_triage_counts_as_unblinded(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.triage, said=FLAGGED)
    ask(case, hospital.alice, hospital.bob)
    assert [line["note"] for line in told(client_of(hospital.bob), case)] == [NOTE]
    blind = {"reading_mode": ReadingMode.BLIND_FIRST}
    Department.objects.filter(pk=hospital.triage.pk).update(**blind)
    case = Case.objects.get(pk=case.pk)
    seal(case, hospital.bob)
    assert _mode_of(case, hospital.bob) == ReadingMode.TRIAGE
    seal(case, hospital.lena)
    assert _mode_of(case, hospital.lena) == ReadingMode.BLIND_FIRST


def test_who_heard_a_reply_in_triage_counts_as_unblinded(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.triage, said=FLAGGED)
    reply(ask(case, hospital.alice, hospital.bob))
    (line,) = told(client_of(hospital.alice), case)
    assert line["reply"]["text"] == REPLY
    blind = {"reading_mode": ReadingMode.BLIND_FIRST}
    Department.objects.filter(pk=hospital.triage.pk).update(**blind)
    case = Case.objects.get(pk=case.pk)
    seal(case, hospital.alice)
    assert _mode_of(case, hospital.alice) == ReadingMode.TRIAGE


def test_eyes_once_opened_open_those_of_the_next_colleague(
    hospital: Hospital, client_of: ClientOf
) -> None:
    # Alice asked Bob in triage, so Bob knows; what Bob then asks Lena is informed too,
    # though by then the department reads blind.
    case = make_case(hospital.triage, said=FLAGGED)
    ask(case, hospital.alice, hospital.bob)
    told(client_of(hospital.bob), case)
    blind = {"reading_mode": ReadingMode.BLIND_FIRST}
    Department.objects.filter(pk=hospital.triage.pk).update(**blind)
    case = Case.objects.get(pk=case.pk)
    assert ask(case, hospital.bob, hospital.lena).asker_informed
    assert [line["note"] for line in told(client_of(hospital.lena), case)] == [None]


def test_a_second_reader_who_read_a_first_readers_note_is_not_counted_as_blind(
    hospital: Hospital, client_of: ClientOf
) -> None:
    set_policy(hospital.blind, SecondReader.ALWAYS)
    case = make_case(hospital.blind, said=FLAGGED)
    ask(case, hospital.alice, hospital.bob)
    told(client_of(hospital.bob), case)
    read_fully(case, hospital.alice, Answer.SUSPICIOUS, Decision.CONFIRM)
    case.refresh_from_db()
    assert case.state == CaseState.SECOND_READ
    for reader, mode in ((hospital.bob, "triage"), (hospital.lena, "blind_first")):
        read = seal_read(
            case=case,
            reader=reader,
            answer=FirstAnswer(answer=Answer.SUSPICIOUS, confidence=3),
        )
        assert (read.kind, read.mode) == ("second", mode)


def test_an_empty_note_tells_nothing_and_is_no_entry(
    twins: Twins, hospital: Hospital, client_of: ClientOf
) -> None:
    ask(twins.clear, hospital.alice, hospital.bob, "")
    assert [line["note"] for line in told(client_of(hospital.bob), twins.clear)] == [""]
    assert not Event.objects.filter(kind=EventKind.QUESTION_READ).exists()
