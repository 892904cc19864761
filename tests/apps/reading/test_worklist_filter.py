"""The filter language: what it reads, what it refuses and where, what it finds."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.reading.filters import FilterFault, parse_filter
from apps.reading.models import Case, CaseState, Priority
from apps.reading.services.cases import claim_case
from tests.apps.reading.conftest import FLAGGED, Twins
from tests.conftest import Hospital
from tests.factories import Said, make_case, make_image, seal
from tests.house.tree import BASE_DIR

ClientOf = Callable[[User], Client]
JSON = "application/json"
EXAMPLES = json.loads(
    (BASE_DIR / "tests/vectors/worklist_filters.json").read_text(encoding="utf-8")
)


# --- the grammar ----------------------------------------------------------------------


@pytest.mark.parametrize("example", EXAMPLES["accepted"], ids=lambda e: e["text"])
def test_a_filter_is_read_as_its_example_says(example: dict[str, Any]) -> None:
    terms = parse_filter(example["text"], allow_opinion=example.get("opinion", False))
    assert [
        [t.field, t.operator, list(t.values), t.is_negated, t.start, t.end]
        for t in terms
    ] == example["terms"]


@pytest.mark.parametrize("example", EXAMPLES["refused"], ids=lambda e: e["text"])
def test_a_faulty_filter_is_refused_at_its_place(example: dict[str, Any]) -> None:
    with pytest.raises(FilterFault) as caught:
        parse_filter(example["text"], allow_opinion=example.get("opinion", False))
    assert caught.value.message == example["message"]
    assert caught.value.position == example["position"]
    assert f"(character {example['position'] + 1})" in caught.value.detail


def test_a_filter_has_a_longest_length_and_a_largest_number_of_parts() -> None:
    with pytest.raises(FilterFault, match="too long"):
        parse_filter("x" * 501, allow_opinion=False)
    with pytest.raises(FilterFault, match="at most 20"):
        parse_filter("x " * 21, allow_opinion=False)
    assert len(parse_filter("x " * 20, allow_opinion=False)) == 20


# --- what it finds --------------------------------------------------------------------


def _search(browser: Client, text: str, slug: str = "emergency", **more: Any) -> Any:
    return browser.post(
        f"/api/v1/worklists/{slug}/cases/search",
        {"filter": text, "limit": 200, **more},
        content_type=JSON,
    )


def _named(hospital: Hospital, name: str, **study: Any) -> Case:
    image = make_image(study.pop("room", hospital.blind))
    image.study.patient.name = name
    image.study.patient.save()
    for field, value in study.items():
        setattr(image.study, field, value)
    image.study.save()
    return make_case(image.study.department, image=image)


@pytest.fixture
def ward(hospital: Hospital) -> dict[str, Case]:
    """Return five cases that differ in what filters ask for."""
    cases = {
        "anna": _named(hospital, "Müller^Anna", modality="DX", description="Chest PA"),
        "ben": _named(hospital, "Miller^Ben", modality="CT", accession_number="ACC-77"),
        "cleo": _named(hospital, "Annan^Cleo", modality="CR", description="Lower leg"),
        "dan": _named(hospital, "Doe^Dan", modality="DX"),
        "eva": _named(hospital, "Doe^Eva", modality="MG"),
    }
    old = timezone.now() - dt.timedelta(days=3)
    Case.objects.filter(pk=cases["ben"].pk).update(received_at=old)
    claim_case(case=cases["dan"], user=hospital.alice)
    claim_case(case=cases["cleo"], user=hospital.bob)
    eva = cases["eva"]
    eva.state = CaseState.DONE
    eva.save(update_fields=["state"])
    anna = cases["anna"]
    anna.priority = Priority.STAT
    anna.shuffle_key -= 2 * 2**62
    anna.save()
    return cases


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "anna ben cleo dan"),
        ("modality:DX", "anna dan"),
        ("modality:DX,CT", "anna ben dan"),
        ("-modality:DX", "ben cleo"),
        ("patient:anna", "anna cleo"),
        ("patient:muller", "anna"),
        ("patient:MÜLL", "anna"),
        ('patient:"anna muller"', "anna"),
        ("patient:muller,miller", "anna ben"),
        ("-patient:anna", "ben dan"),
        ("patient:chest", ""),
        ("patient:nna", ""),
        ("chest", "anna ben dan"),
        ('"lower leg"', "cleo"),
        ("acc-77", "ben"),
        ("^", ""),
        ("age<2d", "anna cleo dan"),
        ("age>=2d", "ben"),
        ("-age>2d", "anna cleo dan"),
        ("with:me", "dan"),
        ("with:nobody", "anna ben"),
        ("with:bob", "cleo"),
        ("with:me,bob", "dan cleo"),
        ("-with:nobody", "cleo dan"),
        ("with:nobody,me", "anna ben dan"),
        ("with:zoe", ""),
        ("state:ready", "anna ben"),
        ("state:in_read", "cleo dan"),
        ("state:done", "eva"),
        ("state:all", "anna ben cleo dan eva"),
        ("state:done,ready", "anna ben eva"),
        ("-state:ready", "cleo dan"),
        ("state:sealed", ""),
        ("site:north", "anna ben cleo dan"),
        ("site:south", ""),
        ("-site:south", "anna ben cleo dan"),
        ("priority:stat", "anna"),
        ("-priority:stat", "ben cleo dan"),
        ("priority:routine,stat", "anna ben cleo dan"),
        ("modality:DX with:nobody chest patient:anna", "anna"),
    ],
)
@pytest.mark.parametrize("walks", [False, True], ids=["gathered", "walked"])
def test_a_filter_finds_what_it_says(
    walks: bool,
    text: str,
    names: str,
    ward: dict[str, Case],
    hospital: Hospital,
    client_of: ClientOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if walks:
        monkeypatch.setattr("apps.reading.worklist.GATHER_LIMIT", -1)
    answer = _search(client_of(hospital.alice), text)
    assert answer.status_code == 200, answer.content
    ids = {str(case.pk): name for name, case in ward.items()}
    found = [ids[row["id"]] for row in answer.json()["items"]]
    assert sorted(found) == sorted(names.split())
    assert answer.json()["total"] == len(found)
    assert answer.json()["is_total_exact"] is True


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "suspicions"),
    [
        ("suspicion>0.5", [0.9, 0.6]),
        ("suspicion<=0.6", [0.6, 0.1]),
        ("-suspicion>0.5", [0.1, None]),
        ("flagged:yes", [0.9]),
        ("flagged:no", [0.6, 0.1, None]),
        ("flagged:yes,no", [0.9, 0.6, 0.1, None]),
        ("lane:synthesis", [0.6]),
        ("-lane:synthesis", [0.9, 0.1, None]),
    ],
)
@pytest.mark.parametrize("walks", [False, True], ids=["gathered", "walked"])
def test_a_triage_list_can_be_filtered_by_the_opinion(
    walks: bool,
    text: str,
    suspicions: list[float | None],
    hospital: Hospital,
    client_of: ClientOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if walks:
        monkeypatch.setattr("apps.reading.worklist.GATHER_LIMIT", -1)
    for said in (
        Said(suspicion=0.9, flagged=True),
        Said(suspicion=0.6, top_lane="synthesis"),
        Said(suspicion=0.1),
        Said(suspicion=None),
    ):
        make_case(hospital.triage, said=said)
    rows = _search(client_of(hospital.alice), text, "claims").json()["items"]
    assert [row["triage"]["suspicion"] for row in rows] == suspicions


# --- what a blind list must not tell --------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    ["suspicion>0.5", "suspicion<=0", "flagged:yes", "-flagged:no", "lane:reuse"],
)
def test_a_blind_list_refuses_the_opinion_whatever_it_holds(
    text: str, hospital: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(hospital.alice)
    empty = _search(browser, text)
    for said in (FLAGGED, Said()):
        make_case(hospital.blind, said=said)
    full = _search(browser, text)
    assert (full.status_code, full.json()["code"]) == (422, "opinion_filter")
    assert full.content == empty.content
    seal(Case.objects.all()[0], hospital.alice)
    assert _search(browser, text).content == empty.content


@pytest.mark.django_db
def test_rows_asked_for_by_id_are_as_blind_as_the_list(
    twins: Twins, hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    ids = [str(twins.flagged.pk), str(twins.clear.pk)]
    address = "/api/v1/worklists/emergency/cases/rows"
    body = {"ids": ids, "filter": "modality:DX"}
    answer = client_of(hospital.alice).post(address, body, content_type=JSON)
    assert [row["id"] for row in answer.json()["items"]] == ids
    assert sorted(answer.json()["matching"]) == sorted(ids)
    assert b"triage" not in answer.content
    assert client_of(charlie).post(address, body, content_type=JSON).status_code == 404
    assert (
        client_of(hospital.max).post(address, body, content_type=JSON).status_code
        == 403
    )
    refused = client_of(hospital.alice).post(
        address, {"ids": ids, "filter": "flagged:yes"}, content_type=JSON
    )
    assert refused.json()["code"] == "opinion_filter"


@pytest.mark.django_db
def test_rows_tell_which_of_them_left_the_filter_and_none_of_another_list(
    hospital: Hospital, client_of: ClientOf
) -> None:
    here, done = make_case(hospital.blind), make_case(hospital.blind)
    elsewhere = make_case(hospital.triage)
    done.state = CaseState.DONE
    done.save(update_fields=["state"])
    body = {"ids": [str(case.pk) for case in (here, done, elsewhere)]}
    address = "/api/v1/worklists/emergency/cases/rows"
    answer = client_of(hospital.alice).post(address, body, content_type=JSON).json()
    assert [row["id"] for row in answer["items"]] == [str(here.pk), str(done.pk)]
    assert answer["matching"] == [str(here.pk)]
    many = {"ids": [str(here.pk)] * 201}
    refused = client_of(hospital.alice).post(address, many, content_type=JSON)
    assert refused.status_code == 422
