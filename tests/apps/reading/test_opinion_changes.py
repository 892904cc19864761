"""A verdict, a ruling and a closed case are about what their people saw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import SecondReader, User
from apps.audit.models import Event, EventKind
from apps.detection.models import RunStatus
from apps.imaging.models import Image
from apps.reading.models import (
    Adjudication,
    Answer,
    Case,
    CaseState,
    Decision,
    Read,
    ReasonCode,
    Verdict,
)
from apps.reading.outcomes import outcome_of_case
from apps.reading.services.amendments import amend_verdict
from apps.reading.services.cases import add_image_to_case, claim_case, follow_analysis
from apps.reading.services.late_images import want_read_of_late_image
from apps.reading.services.reads import FinalAnswer
from tests.apps.reading.conftest import OVERRULED, post, read_fully, set_policy
from tests.conftest import Hospital
from tests.factories import (
    Said,
    decide,
    make_case,
    make_image,
    make_run,
    opinion_of,
    seal,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
VERDICT: dict[str, Any] = {"decision": "confirm", "reason_codes": ["natural_noise"]}
FORGED = Said(suspicion=0.99, flagged=True)


def send_image(case: Case, said: Said | None = FORGED) -> Image:
    """Let one more image of the study come in, analysed unless `said` is None."""
    image = make_image(case.department, study=case.study)
    want_read_of_late_image(case=add_image_to_case(image=image, actor=None), actor=None)
    if said is not None:
        follow_analysis(run=make_run(image, said))
    case.refresh_from_db()
    return image


# --- a verdict ------------------------------------------------------------------------
def test_a_verdict_on_evidence_that_has_changed_is_refused(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    browser = client_of(hospital.alice)
    seal(case, hospital.alice, Answer.CANNOT_TELL)
    seen = browser.get(f"/api/v1/cases/{case.pk}/evidence").json()
    assert seen["flagged"] is False
    send_image(case)

    body = {**VERDICT, "opinion_sha256": seen["opinion_sha256"]}
    refused = post(browser, case, "verdict", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "opinion_changed")
    assert not Verdict.objects.exists()

    now = browser.get(f"/api/v1/cases/{case.pk}/evidence").json()
    assert now["flagged"] is True
    body = {**VERDICT, "opinion_sha256": now["opinion_sha256"]}
    filed = post(browser, case, "verdict", body)
    assert (filed.status_code, filed.json()["outcome"]) == (201, "suspicious")


def test_a_verdict_waits_for_the_lanes_of_a_late_image(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    seal(case, hospital.alice)
    image = send_image(case, said=None)
    run = make_run(image, FORGED)
    run.status = RunStatus.RUNNING
    run.save()
    answer = post(client_of(hospital.alice), case, "verdict", VERDICT)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")


def test_a_verdict_names_what_it_is_about(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    seal(case, hospital.alice)
    browser = client_of(hospital.alice)
    address = f"/api/v1/cases/{case.pk}/verdict"
    answer = browser.post(address, VERDICT, content_type="application/json")
    assert answer.status_code == 422


# --- a late image ---------------------------------------------------------------------
@pytest.mark.parametrize("said", [FORGED, Said(suspicion=0.01, flagged=False)])
def test_an_image_that_comes_to_a_closed_case_sends_it_to_another_reader(
    said: Said, hospital: Hospital, client_of: ClientOf
) -> None:
    """Whatever the lanes say of it: being open again is no hint."""
    case = make_case(hospital.blind)
    read_fully(case, hospital.alice, Answer.AUTHENTIC, Decision.CONFIRM)
    case.refresh_from_db()
    assert case.state == CaseState.DONE
    send_image(case, said)
    assert (case.state, case.readers_wanted, case.round) == ("second_read", 2, 2)
    event = Event.objects.get(kind=EventKind.CASE_REOPENED)
    assert event.data["cause"] == "late_image"
    assert event.actor is None
    # Slices of one series: one more reader for all of them.
    send_image(case, said)
    assert (case.readers_wanted, case.round) == (2, 2)

    rows = client_of(hospital.bob).get("/api/v1/worklists/emergency/cases").json()
    assert [row["id"] for row in rows["items"]] == [str(case.pk)]
    answer = Answer.SUSPICIOUS if said.flagged else Answer.AUTHENTIC
    read_fully(case, hospital.bob, answer, Decision.CONFIRM)
    case.refresh_from_db()
    assert case.state == (CaseState.ADJUDICATION if said.flagged else CaseState.DONE)


def test_an_image_that_comes_after_the_seal_asks_for_a_second_reader(
    hospital: Hospital,
) -> None:
    case = make_case(hospital.blind)
    seal(case, hospital.alice)
    case.refresh_from_db()
    send_image(case)
    assert (case.state, case.readers_wanted) == ("sealed", 2)
    decide(case, hospital.alice, Decision.OVERRULE)
    case.refresh_from_db()
    assert case.state == CaseState.SECOND_READ


def test_an_image_before_the_second_reader_has_sealed_asks_for_no_third(
    waiting: Case, hospital: Hospital
) -> None:
    send_image(waiting)
    assert (waiting.state, waiting.readers_wanted) == ("second_read", 2)
    seal(waiting, hospital.bob)
    send_image(waiting)
    assert waiting.readers_wanted == 3


def test_an_image_that_comes_to_an_adjudication_takes_it_back(
    differing: Case, hospital: Hospital
) -> None:
    claim_case(case=differing, user=hospital.lena)
    send_image(differing)
    assert (differing.state, differing.claimed_by) == ("second_read", None)
    assert differing.readers_wanted == 3


def test_an_image_of_a_case_nobody_has_sealed_only_waits_for_its_lanes(
    hospital: Hospital,
) -> None:
    case = make_case(hospital.blind)
    send_image(case)
    assert (case.state, case.readers_wanted) == ("ready", 1)


# --- a ruling -------------------------------------------------------------------------
RULING: dict[str, Any] = {
    "outcome": "suspicious",
    "reason_codes": ["uniform_grain"],
    "note": "The grain repeats.",
}


def amend(case: Case, reader: User) -> None:
    mind = ReasonCode.objects.filter(group="changed_mind")[0].code
    amend_verdict(
        case=case,
        reader=reader,
        verdict_id=Verdict.objects.get(read__reader=reader, replaced_by=None).pk,
        reason="On second thoughts.",
        answer=FinalAnswer(
            Decision.INCONCLUSIVE, ("uniform_grain",), changed_mind_code=mind
        ),
    )


def test_a_ruling_on_answers_that_have_changed_is_refused(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.lena)
    address = f"/api/v1/cases/{differing.pk}/adjudication"
    shown = browser.get(address).json()["readers"]
    seen = {"verdicts": [both["verdict"]["id"] for both in shown]}
    amend(differing, hospital.alice)
    differing.refresh_from_db()
    assert differing.state == CaseState.ADJUDICATION

    refused = post(browser, differing, "adjudication", {**RULING, **seen})
    assert (refused.status_code, refused.json()["code"]) == (409, "answers_changed")
    assert not Adjudication.objects.exists()
    browser.get(address)
    served = Event.objects.filter(kind=EventKind.ANSWERS_SERVED)
    assert served.count() == 2
    assert post(browser, differing, "adjudication", RULING).status_code == 201


# --- a reader nobody asked for --------------------------------------------------------
def test_a_later_readers_verdict_neither_opens_nor_decides_a_closed_case(
    hospital: Hospital,
) -> None:
    case = make_case(hospital.blind, said=OVERRULED)
    read_fully(case, hospital.alice, Answer.AUTHENTIC, Decision.OVERRULE)
    read_fully(case, hospital.bob, Answer.SUSPICIOUS, Decision.CONFIRM)
    case.refresh_from_db()
    assert (case.state, Read.objects.get(reader=hospital.bob).kind) == ("done", "later")
    ended = outcome_of_case(case=case)
    assert ended is not None
    assert (ended.outcome, ended.how) == ("authentic", "single")


def test_a_policy_that_has_changed_since_does_not_open_it_either(
    hospital: Hospital,
) -> None:
    case = make_case(hospital.blind)
    read_fully(case, hospital.alice, Answer.AUTHENTIC, Decision.CONFIRM)
    set_policy(hospital.blind, SecondReader.ALWAYS)
    read_fully(case, hospital.bob, Answer.AUTHENTIC, Decision.CONFIRM)
    case.refresh_from_db()
    assert case.state == CaseState.DONE


def test_a_digest_of_the_opinion_stands_while_nothing_is_said(
    hospital: Hospital,
) -> None:
    case = make_case(hospital.blind)
    before = opinion_of(case)
    seal(case, hospital.alice)
    assert opinion_of(case) == before
    send_image(case, said=None)
    assert opinion_of(case) == before
    follow_analysis(run=make_run(make_image(case.department, study=case.study), FORGED))
    assert opinion_of(case) != before
