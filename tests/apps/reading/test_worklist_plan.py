"""The query behind a page walks the index of its order, and reads a page's rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.accounts.models import Department, User
from apps.detection.models import AnalysisRun
from apps.reading.conditions import CaseFilter
from apps.reading.list_models import TriagePlace
from apps.reading.models import CaseState
from apps.reading.queues import count_queues
from apps.reading.services.cases import claim_case, follow_analysis
from apps.reading.worklist import list_cases
from tests.apps.reading.plans import record_plans
from tests.conftest import Hospital
from tests.factories import Said, decide, image_of, make_case, seal
from tests.house.tree import list_python_files

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plans"),
]
ClientOf = Callable[[User], Client]


def _explain(user: User, room: Department, wanted: CaseFilter) -> list[list[str]]:
    """Return the plans of a first and a second page of one row each."""
    plans: list[list[str]] = []
    first = list_cases(user=user, department=room, wanted=wanted, cursor=None, limit=1)
    with record_plans(plans):
        list_cases(user=user, department=room, wanted=wanted, cursor=None, limit=1)
        list_cases(
            user=user,
            department=room,
            wanted=wanted,
            cursor=first.next_cursor,
            limit=1,
        )
    return plans


@pytest.mark.parametrize(
    ("slug", "wanted", "index"),
    [
        ("blind", CaseFilter(), "case_shuffled"),
        ("blind", CaseFilter(sort="received"), "case_received"),
        ("blind", CaseFilter(sort="-received"), "case_received"),
        ("blind", CaseFilter(sort="patient"), "case_patient"),
        ("blind", CaseFilter(sort="modality"), "case_modality"),
        ("blind", CaseFilter(state="all", sort="received"), "case_received"),
        ("triage", CaseFilter(), "case_by_suspicion"),
        ("triage", CaseFilter(sort="suspicion"), "case_by_suspicion"),
        ("triage", CaseFilter(state="done"), "case_by_suspicion"),
        ("blind", CaseFilter(query="state:done"), "case_shuffled"),
    ],
)
def test_a_page_is_walked_along_the_index_of_its_order(
    slug: str, wanted: CaseFilter, index: str, hospital: Hospital
) -> None:
    room: Department = getattr(hospital, slug)
    for _ in range(3):
        make_case(room)
    # A handful of open cases comes with the done ones, sorted, for who settles none.
    is_done = "done" in (wanted.state, wanted.query.removeprefix("state:"))
    user = hospital.lena if is_done else hospital.alice
    plans = _explain(user, room, wanted)
    walks = [plan for plan in plans if any(index in step for step in plan)]
    # Two pages, and for open and done together two walks each.
    assert len(walks) >= 2
    for plan in plans:
        assert not [step for step in plan if step.startswith("SCAN reading_")], plan
        assert not [step for step in plan if "TEMP B-TREE FOR ORDER" in step], plan


@pytest.mark.parametrize("slug", ["blind", "triage"])
def test_the_rows_of_a_page_are_read_by_id(slug: str, hospital: Hospital) -> None:
    room: Department = getattr(hospital, slug)
    # SQLite takes any other index for one that finds ten cases.
    for _ in range(12):
        make_case(room)
    plans: list[list[str]] = []
    with record_plans(plans):
        page = list_cases(
            user=hospital.alice,
            department=room,
            wanted=CaseFilter(),
            cursor=None,
            limit=100,
        )
    assert len(page.cases) == 12
    (rows,) = [
        plan for plan in plans if any("imaging_patient" in step for step in plan)
    ]
    tables = [
        step for step in rows if re.search(r" (reading_case|imaging_study) ", step)
    ]
    assert len(tables) == 2
    assert all(re.search(r"_1 \((study_)?id=\?\)$", step) for step in tables), rows


def test_no_count_of_a_queue_walks_a_department(hospital: Hospital) -> None:
    plans: list[list[str]] = []
    with record_plans(plans):
        count_queues(user=hospital.alice, department=hospital.blind)
    (steps,) = plans
    assert not [step for step in steps if step.endswith("(department_id=?)")], steps


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("patient:doe", "case_word"),
        ("age<2d", "case_received"),
        ("with:me", "case_claims"),
        ("modality:DX", "case_modality"),
        ("priority:stat", "case_shuffled"),
        ("state:sealed", "case_state_received"),
    ],
)
def test_few_matches_are_gathered_from_their_own_index_and_read_by_id(
    query: str, index: str, hospital: Hospital
) -> None:
    for _ in range(3):
        make_case(hospital.blind)
    wanted = CaseFilter(query=query)
    plans = _explain(hospital.alice, hospital.blind, wanted)
    assert any(index in step for step in plans[0]), plans[0]
    for plan in plans:
        assert not [step for step in plan if step.startswith("SCAN reading_")], plan


@pytest.mark.parametrize(
    ("queue", "index"),
    [
        ("true", "case_claims"),
        ("second_reads", "case_state_received"),
        ("adjudication", "case_state_received"),
        ("asked", "question_asked"),
    ],
)
def test_a_queue_is_gathered_from_the_index_of_what_is_rare_in_it(
    queue: str, index: str, hospital: Hospital
) -> None:
    for state in (CaseState.READY, CaseState.SECOND_READ, CaseState.ADJUDICATION):
        make_case(hospital.blind, state=state)
    claim_case(case=make_case(hospital.blind), user=hospital.lena)
    plans: list[list[str]] = []
    with record_plans(plans):
        list_cases(
            user=hospital.lena,
            department=hospital.blind,
            wanted=CaseFilter(mine=queue),
            cursor=None,
            limit=1,
        )
        count_queues(user=hospital.lena, department=hospital.blind)
    assert any(index in step for step in plans[0]), plans[0]
    assert any(index in step for step in plans[-1]), plans[-1]
    for plan in plans:
        assert not [step for step in plan if step.startswith("SCAN reading_")], plan


@pytest.mark.parametrize("sort", ["", "patient", "suspicion"])
def test_what_has_ended_for_a_reader_is_found_by_its_state_and_read_by_its_id(
    sort: str, hospital: Hospital
) -> None:
    room = hospital.triage if sort == "suspicion" else hospital.blind
    for state in (CaseState.ADJUDICATION, CaseState.READY, CaseState.DONE):
        make_case(room, state=state)
    for wanted, found in (("open", 1), ("done", 2), ("all", 3)):
        plans: list[list[str]] = []
        with record_plans(plans):
            page = list_cases(
                user=hospital.alice,
                department=room,
                wanted=CaseFilter(state=wanted, sort=sort),
                cursor=None,
                limit=10,
            )
        assert len(page.cases) == found
        for plan in plans:
            assert not [step for step in plan if step.startswith("SCAN reading_")], plan
        # Those that come with the done ones are read by id, not met on a walk of all.
        if wanted == "done":
            # Those that come with the done ones: read by id, not met on a walk of all.
            pinned = plans[1]
            assert "(study_id=?)" in pinned[0], pinned
            assert any("case_state_received" in step for step in pinned), pinned


@pytest.mark.parametrize(
    ("body", "queries"),
    [
        # Session, user, site, worklist; ids of the page, rows.
        ({}, 6),
        ({"state": "all"}, 7),  # open and done are walked each
        ({"filter": "age<2d"}, 7),  # how many are that young
        ({"filter": "patient:doe modality:DX"}, 8),
        ({"filter": "with:bob"}, 7),  # who Bob is; he has none, so no rows
    ],
)
@pytest.mark.parametrize("rows", [1, 20])
def test_a_filtered_page_costs_the_same_queries_whatever_its_length(
    rows: int,
    body: dict[str, str],
    queries: int,
    hospital: Hospital,
    client_of: ClientOf,
    django_assert_num_queries: Any,
) -> None:
    for _ in range(rows):
        make_case(hospital.blind)
    browser = client_of(hospital.alice)
    with django_assert_num_queries(queries):
        browser.post(
            "/api/v1/worklists/emergency/cases/search",
            {**body, "limit": 200},
            content_type="application/json",
        )


def test_later_pages_are_not_counted_again(
    hospital: Hospital, client_of: ClientOf, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        make_case(hospital.blind)
    browser = client_of(hospital.alice)
    address = "/api/v1/worklists/emergency/cases"
    first = browser.get(address, {"limit": 1}).json()
    assert (first["total"], first["is_total_exact"]) == (3, True)
    with django_assert_num_queries(6):
        later = browser.get(address, {"limit": 1, "cursor": first["next_cursor"]})
    assert later.json()["total"] is None


def test_a_list_longer_than_a_page_is_counted_by_its_index_or_not_at_all(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        make_case(hospital.blind)

    def total(query: str) -> tuple[int | None, bool]:
        page = list_cases(
            user=hospital.alice,
            department=hospital.blind,
            wanted=CaseFilter(query=query),
            cursor=None,
            limit=2,
        )
        return page.total, page.is_total_exact

    assert total("") == total("patient:doe") == (3, True)
    monkeypatch.setattr("apps.reading.worklist.GATHER_LIMIT", 2)
    assert total("patient:doe") == (2, False)


def test_a_count_ends_at_its_limit_and_says_so(
    hospital: Hospital, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.reading.worklist.COUNT_LIMIT", 2)
    monkeypatch.setattr("apps.reading.selectors.OPEN_COUNT_LIMIT", 2)
    for _ in range(4):
        make_case(hospital.blind)
    browser = client_of(hospital.alice)
    page = browser.get("/api/v1/worklists/emergency/cases?limit=3").json()
    assert (page["total"], page["is_total_exact"]) == (2, False)
    assert len(page["items"]) == 3
    counts = [row["open_count"] for row in browser.get("/api/v1/worklists").json()]
    assert counts == [3, 0]


# --- what is walked is in step with the cases -----------------------------------------


def test_the_order_of_suspicion_follows_state_and_opinion(hospital: Hospital) -> None:
    case = make_case(hospital.triage, said=Said(suspicion=0.7, flagged=True))
    place = TriagePlace.objects.get(case=case)
    assert (place.is_open, place.suspicion_rank, place.is_flagged) == (1, 0.7, 1)
    run = AnalysisRun.objects.get(image=image_of(case))
    run.suspicion, run.flagged = 0.2, False
    run.save()
    follow_analysis(run=run)
    place.refresh_from_db()
    assert (place.suspicion_rank, place.is_flagged) == (0.2, 0)
    seal(case, hospital.alice)
    decide(case, hospital.alice)
    place.refresh_from_db()
    case.refresh_from_db()
    assert (place.is_open, case.is_open, case.state) == (0, 0, CaseState.DONE)


def test_a_case_without_an_opinion_is_on_the_triage_list(
    hospital: Hospital, client_of: ClientOf
) -> None:
    told = make_case(hospital.triage, said=Said(suspicion=0.0))
    waiting = make_case(hospital.triage, state=CaseState.ANALYSING)
    rows = client_of(hospital.alice).get("/api/v1/worklists/claims/cases").json()
    assert [row["id"] for row in rows["items"]] == [str(told.pk), str(waiting.pk)]


def test_no_code_changes_a_cases_state_past_its_save() -> None:
    bare = re.compile(
        r"\.(?:update|bulk_update|bulk_create)\([^)]*\bstate\b", re.DOTALL
    )
    found = [
        str(path)
        for path in list_python_files("apps/reading")
        if "migrations" not in path.parts
        and bare.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
