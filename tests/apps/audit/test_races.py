"""Things done at once: one wins, none is lost, and the log keeps its order.

These run on SQLite with all others, and on PostgreSQL through test_postgres.
"""

from __future__ import annotations

import pytest
from django.db import transaction

from apps.audit.models import Event, EventKind, LogHead
from apps.audit.selectors import find_first_bad_position, get_head
from apps.audit.services import append_event
from apps.detection.models import AnalysisRun, RunStatus
from apps.detection.services import claim_run, fail_run
from apps.reading.models import Answer, Case, CaseState, Read, Verdict
from apps.reading.services.cases import claim_case, release_case
from tests.conftest import Hospital
from tests.factories import Said, decide, image_of, make_case, make_image, seal
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
FLAGGED = Said(suspicion=0.9, flagged=True)


def test_appends_of_many_writers_keep_order_without_gaps(hospital: Hospital) -> None:
    def write() -> None:
        for _ in range(5):
            with transaction.atomic():
                append_event(kind=EventKind.CASE_VIEWED, site=hospital.site)

    assert not LogHead.objects.exists()
    at_once(*[write] * 6)
    positions = Event.objects.order_by("position").values_list("position", flat=True)
    assert list(positions) == list(range(30))
    times = list(Event.objects.order_by("position").values_list("occurred_at"))
    assert times == sorted(times)
    assert get_head()[0] == 30
    assert find_first_bad_position() is None


def test_two_seals_of_one_reader_at_once_are_one(hospital: Hospital) -> None:
    case = make_case(hospital.blind)
    answers = (Answer.AUTHENTIC, Answer.SUSPICIOUS)
    results = at_once(
        *[lambda a=a: seal(Case.objects.get(), hospital.alice, a) for a in answers]
    )
    assert results.count("already_sealed") == 1
    read = Read.objects.get()
    assert Event.objects.filter(kind=EventKind.READ_SEALED).count() == 1
    assert Event.objects.get(position=read.log_position).case_id == case.pk


def test_seals_of_two_readers_at_once_are_two(hospital: Hospital) -> None:
    make_case(hospital.blind)
    people = (hospital.alice, hospital.bob)
    at_once(*[lambda p=p: seal(Case.objects.get(), p) for p in people])
    assert {read.reader for read in Read.objects.all()} == set(people)
    assert find_first_bad_position() is None


def test_two_verdicts_at_once_are_one(hospital: Hospital) -> None:
    case = make_case(hospital.blind, said=FLAGGED)
    seal(case, hospital.alice, Answer.SUSPICIOUS)
    results = at_once(*[lambda: decide(Case.objects.get(), hospital.alice)] * 2)
    assert results.count("already_decided") == 1
    assert Verdict.objects.count() == 1
    assert Event.objects.filter(kind=EventKind.VERDICT_FILED).count() == 1


def test_of_two_claims_at_once_one_holds(hospital: Hospital) -> None:
    make_case(hospital.blind)
    people = (hospital.alice, hospital.bob)
    results = at_once(
        *[lambda p=p: claim_case(case=Case.objects.get(), user=p) for p in people]
    )
    assert results.count("claimed_by_other") == 1
    assert Event.objects.filter(kind=EventKind.CASE_CLAIMED).count() == 1


def test_of_many_workers_one_gets_the_run(hospital: Hospital) -> None:
    image = make_image(hospital.blind)
    run = AnalysisRun.objects.create(image=image, site=hospital.site)
    claims = at_once(*[lambda: claim_run(run_id=str(run.pk))] * 5)
    assert sum(claim is not None for claim in claims) == 1
    run.refresh_from_db()
    assert (run.status, run.attempts) == (RunStatus.RUNNING, 1)


def test_claiming_a_case_while_its_runs_end_does_not_deadlock(
    hospital: Hospital,
) -> None:
    case = make_case(hospital.blind, state=CaseState.ANALYSING)
    runs = [
        AnalysisRun.objects.create(
            image=image_of(case), site=hospital.site, pipeline_version=str(number)
        )
        for number in range(12)
    ]

    def end_runs() -> None:
        for run in runs:
            fail_run(run=run, reason="A test.")

    def claim_and_release() -> None:
        mine = Case.objects.get()
        for _ in range(12):
            claim_case(case=mine, user=hospital.alice)
            release_case(case=mine, user=hospital.alice)

    at_once(end_runs, claim_and_release)
    case.refresh_from_db()
    assert case.state == CaseState.READY
    assert Event.objects.count() == 36
    assert find_first_bad_position() is None
