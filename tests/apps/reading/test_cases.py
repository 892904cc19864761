"""Cases on a worklist: who holds one, which comes next, what following costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.core.errors import Conflict
from apps.reading.models import Answer, Case, CaseOpinion, CaseState
from apps.reading.selectors import get_case, next_case_id
from apps.reading.services.cases import claim_case, follow_analysis, release_case
from tests.conftest import Hospital
from tests.factories import (
    DepartmentFactory,
    Said,
    decide,
    image_of,
    make_case,
    make_image,
    make_run,
    seal,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
WORKLIST = "/api/v1/worklists/emergency/cases"


def _let_claim_expire(case: Case) -> None:
    past = timezone.now() - dt.timedelta(seconds=1)
    Case.objects.filter(pk=case.pk).update(claim_expires_at=past)


def _kinds(case: Case) -> list[str]:
    events = Event.objects.filter(case_id=case.pk).order_by("position")
    return list(events.values_list("kind", flat=True))


# --- claims ---------------------------------------------------------------------------


def test_a_claimed_case_shows_its_holder_and_refuses_others(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    alice, bob = client_of(hospital.alice), client_of(hospital.bob)
    address = f"/api/v1/cases/{case.pk}/claim"
    mine = alice.post(address).json()
    assert mine["state"] == "in_read"
    assert mine["claimed_by"] == {"id": str(hospital.alice.pk), "display_name": "Alice"}
    refused = bob.post(address)
    assert (refused.status_code, refused.json()["code"]) == (409, "claimed_by_other")
    (row,) = bob.get(WORKLIST).json()["items"]
    assert row["claimed_by"]["display_name"] == "Alice"


def test_claiming_again_prolongs_the_claim_and_is_one_event(hospital: Hospital) -> None:
    case = make_case(hospital.blind)
    first = claim_case(case=case, user=hospital.alice).claim_expires_at
    second = claim_case(case=case, user=hospital.alice).claim_expires_at
    assert first is not None
    assert second is not None
    assert second > first
    assert _kinds(case) == ["case_claimed"]


def test_claiming_an_assigned_case_does_not_shorten_the_assignment(
    hospital: Hospital,
) -> None:
    case = make_case(hospital.blind)
    claim_case(case=case, user=hospital.alice)
    tomorrow = timezone.now() + dt.timedelta(hours=24)
    Case.objects.filter(pk=case.pk).update(claim_expires_at=tomorrow)
    assert claim_case(case=case, user=hospital.alice).claim_expires_at == tomorrow
    # Its end has passed: a claim like any other.
    _let_claim_expire(case)
    until = claim_case(case=case, user=hospital.alice).claim_expires_at
    assert until is not None
    assert until < tomorrow


def test_an_expired_claim_is_no_claim(hospital: Hospital, client_of: ClientOf) -> None:
    case = make_case(hospital.blind)
    claim_case(case=case, user=hospital.alice)
    _let_claim_expire(case)
    (row,) = client_of(hospital.bob).get(WORKLIST).json()["items"]
    assert (row["state"], row["claimed_by"]) == ("ready", None)
    assert claim_case(case=case, user=hospital.bob).claimed_by == hospital.bob
    with pytest.raises(Conflict):
        claim_case(case=case, user=hospital.alice)


def test_a_release_by_who_does_not_hold_the_case_changes_nothing(
    hospital: Hospital,
) -> None:
    case = make_case(hospital.blind)
    claim_case(case=case, user=hospital.alice)
    before = Case.objects.values().get()
    release_case(case=case, user=hospital.bob)
    assert Case.objects.values().get() == before
    assert _kinds(case) == ["case_claimed"]
    assert release_case(case=case, user=hospital.alice).claimed_by is None
    assert _kinds(case) == ["case_claimed", "case_released"]


def test_a_stranger_cannot_claim_or_release(
    hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    claim_case(case=case, user=hospital.alice)
    address = f"/api/v1/cases/{case.pk}/claim"
    assert client_of(charlie).post(address).status_code == 404
    assert client_of(charlie).delete(address).status_code == 404
    assert Case.objects.get().claimed_by == hospital.alice


def test_filters_tell_claimed_from_unclaimed(
    hospital: Hospital, client_of: ClientOf
) -> None:
    held, expired, free = (make_case(hospital.blind) for _ in range(3))
    claim_case(case=held, user=hospital.alice)
    claim_case(case=expired, user=hospital.alice)
    _let_claim_expire(expired)
    browser = client_of(hospital.alice)

    def listed(**query: str) -> set[str]:
        return {row["id"] for row in browser.get(WORKLIST, query).json()["items"]}

    assert listed(mine="true") == {str(held.pk)}
    assert listed(mine="unclaimed") == {str(expired.pk), str(free.pk)}
    assert listed(state="in_read") == {str(held.pk)}
    assert listed(state="ready") == {str(expired.pk), str(free.pk)}


# --- next -----------------------------------------------------------------------------


def _next(case: Case, user: User) -> Any:
    return next_case_id(user=user, case=get_case(user=user, case_id=case.pk))


def test_the_next_blind_case_follows_the_shuffle_and_wraps_around(
    hospital: Hospital,
) -> None:
    cases = [make_case(hospital.blind) for _ in range(4)]
    for key, case in zip((30, 10, 40, 20), cases, strict=True):
        Case.objects.filter(pk=case.pk).update(shuffle_key=key)
    walked = [cases[0].pk]
    for _ in range(4):
        walked.append(_next(Case(pk=walked[-1]), hospital.alice))
    assert walked == [cases[i].pk for i in (0, 2, 1, 3, 0)]


def test_the_next_case_is_none_held_by_others_nor_decided_nor_analysing_nor_elsewhere(
    hospital: Hospital,
) -> None:
    here = make_case(hospital.blind)
    held, decided = make_case(hospital.blind), make_case(hospital.blind)
    make_case(hospital.blind, state=CaseState.ANALYSING)
    make_case(hospital.triage)
    make_case(DepartmentFactory.create())
    claim_case(case=held, user=hospital.bob)
    seal(decided, hospital.alice)
    decide(decided, hospital.alice)
    assert _next(here, hospital.alice) is None
    release_case(case=held, user=hospital.bob)
    assert _next(here, hospital.alice) == held.pk
    claim_case(case=held, user=hospital.bob)
    _let_claim_expire(held)
    assert _next(here, hospital.alice) == held.pk


def test_a_case_sealed_but_not_decided_comes_again(hospital: Hospital) -> None:
    here, open_one = make_case(hospital.blind), make_case(hospital.blind)
    seal(open_one, hospital.alice)
    assert _next(here, hospital.alice) == open_one.pk


def test_the_next_triage_case_is_the_most_suspicious(hospital: Hospital) -> None:
    here = make_case(hospital.triage, said=Said(suspicion=0.99))
    for suspicion in (0.1, 0.8, None):
        make_case(hospital.triage, said=Said(suspicion=suspicion))
    found = _next(here, hospital.alice)
    assert CaseOpinion.objects.get(pk=found).suspicion == 0.8


# --- following the analysis -----------------------------------------------------------


def test_a_case_takes_over_the_opinion_on_its_worst_film(hospital: Hospital) -> None:
    case = make_case(hospital.blind, state=CaseState.ANALYSING)
    make_run(image_of(case), Said(suspicion=0.7, reason="First."))
    worse = make_image(hospital.blind, study=case.study)
    run = make_run(worse, Said(suspicion=0.6, flagged=True, reason="Flagged."))
    follow_analysis(run=run)
    case.refresh_from_db()
    opinion = case.opinion
    assert (opinion.suspicion, opinion.flagged, opinion.reason) == (
        0.6, True, "Flagged.",
    )  # fmt: skip
    assert case.state == CaseState.READY
    assert (case.lanes_done, case.lanes_total) == (12, 12)


def test_a_film_that_comes_after_the_seal_does_not_reopen_the_read(
    hospital: Hospital,
) -> None:
    case = make_case(hospital.blind)
    seal(case, hospital.alice, Answer.AUTHENTIC)
    late = make_image(hospital.blind, study=case.study)
    follow_analysis(run=make_run(late, Said(suspicion=0.9, flagged=True)))
    case.refresh_from_db()
    assert case.state == CaseState.SEALED
    assert CaseOpinion.objects.get(pk=case.pk).flagged


# --- looking --------------------------------------------------------------------------


def test_looking_at_a_case_is_an_event_once_per_quarter_of_an_hour(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    for person in (hospital.alice, hospital.bob):
        for _ in range(3):
            client_of(person).get(f"/api/v1/cases/{case.pk}")
    assert _kinds(case) == ["case_viewed", "case_viewed"]
    Event.objects.filter(kind=EventKind.CASE_VIEWED).update(
        occurred_at=timezone.now() - dt.timedelta(minutes=16)
    )
    client_of(hospital.alice).get(f"/api/v1/cases/{case.pk}")
    assert len(_kinds(case)) == 3


@pytest.mark.parametrize("slug", ["emergency", "claims"])
def test_a_worklist_costs_the_same_queries_whatever_its_length(
    slug: str,
    hospital: Hospital,
    client_of: ClientOf,
    django_assert_num_queries: Any,
) -> None:
    room = hospital.blind if slug == "emergency" else hospital.triage
    browser = client_of(hospital.alice)
    address = f"/api/v1/worklists/{slug}/cases?limit=200"
    for rows in (1, 30):
        for _ in range(rows):
            claim_case(case=make_case(room), user=hospital.bob)
        # Session, user, site, worklist, ids of the page, page.
        with django_assert_num_queries(6):
            answer = browser.get(address)
    assert answer.json()["total"] == 31


def test_every_page_of_a_worklist_together_is_the_whole_of_it(
    hospital: Hospital, client_of: ClientOf
) -> None:
    made = {str(make_case(hospital.blind).pk) for _ in range(7)}
    same = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)
    Case.objects.all().update(received_at=same)
    browser = client_of(hospital.alice)
    for sort in ("received", "-received", "patient", "modality", "shuffled"):
        seen: list[str] = []
        cursor = ""
        while True:
            query = {"sort": sort, "limit": "3"} | (
                {"cursor": cursor} if cursor else {}
            )
            page = browser.get(WORKLIST, query).json()
            seen += [row["id"] for row in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert len(seen) == 7
        assert set(seen) == made


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIiwiYiJd", "W251bGwsbnVsbF0"])
@pytest.mark.parametrize("sort", ["received", "patient", "shuffled"])
def test_a_cursor_that_is_not_ours_is_refused(
    sort: str, cursor: str, hospital: Hospital, client_of: ClientOf
) -> None:
    make_case(hospital.blind)
    query = {"sort": sort, "cursor": cursor}
    answer = client_of(hospital.alice).get(WORKLIST, query)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")
