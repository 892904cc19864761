"""Labels: one row per film judged, the same in CSV, Parquet and JSON, nobody's name."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.imaging.models import Image, Patient
from apps.learning.exports import COLUMNS
from apps.reading.models import Answer, Case, Decision, Read, Verdict
from tests.conftest import Hospital
from tests.factories import (
    DepartmentFactory,
    Said,
    UserFactory,
    decide,
    image_of,
    make_case,
    make_image,
    make_run,
    seal,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
FLAGGED = Said(suspicion=0.875, flagged=True)
LABELS = "/api/v1/learning/labels"


def _judge(hospital: Hospital, said: Said = FLAGGED) -> Case:
    case = make_case(hospital.blind, said=said)
    seal(case, hospital.alice, Answer.AUTHENTIC)
    decide(case, hospital.alice, Decision.CONFIRM, "looked_again")
    return case


def _csv(browser: Client) -> list[dict[str, str]]:
    text = browser.get(f"{LABELS}.csv").content.decode()
    return list(csv.DictReader(io.StringIO(text)))


def _parquet(browser: Client) -> list[dict[str, Any]]:
    content = browser.get(f"{LABELS}.parquet").content
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(content)).to_pylist()
    return rows


def test_a_label_tells_who_judged_what_when_and_what_was_shown(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = _judge(hospital)
    image, read, verdict = image_of(case), Read.objects.get(), Verdict.objects.get()
    (row,) = _parquet(client_of(hospital.max))
    assert row == {
        "label_id": f"{verdict.pk}:{image.sha256[:12]}",
        "case_id": str(case.pk),
        "image_sha256": image.sha256,
        "pixel_sha256": image.pixel_sha256,
        "outcome": "suspicious",
        "decision": "confirm",
        "first_answer": "authentic",
        "confidence": 3,
        "mode": "blind_first",
        "reason_codes": ["natural_noise"],
        "regions": "[]",
        "films_in_case": 1,
        "changed_mind_code": "looked_again",
        "reader": str(hospital.alice.pk),
        "sealed_at": read.sealed_at,
        "filed_at": verdict.filed_at,
        "flagged": True,
        "suspicion": 0.875,
        "pipeline_version": "test",
        "model_sha256s": ["a" * 64],
        "log_position": verdict.log_position,
        "read_kind": "first",
        "policy_version": 1,
        "replaces": "",
        "case_outcome": "suspicious",
        "case_outcome_by": "single",
        "is_demo": False,
    }


def test_csv_parquet_and_json_hold_the_same_rows(
    hospital: Hospital, client_of: ClientOf
) -> None:
    for suspicion in (0.1, None, 0.30000000000000004):
        _judge(hospital, Said(suspicion=suspicion, flagged=True))
    browser = client_of(hospital.max)
    as_csv, as_parquet = _csv(browser), _parquet(browser)
    as_json = browser.get(LABELS).json()["items"]
    assert tuple(as_csv[0]) == tuple(as_parquet[0]) == COLUMNS
    assert len(as_csv) == len(as_parquet) == len(as_json) == 3
    for text, row, item in zip(as_csv, as_parquet, reversed(as_json), strict=True):
        assert set(item) == set(COLUMNS)
        for name, value in row.items():
            if name in ("sealed_at", "filed_at"):
                assert text[name] == value.isoformat()
            elif isinstance(value, list):
                assert text[name].split() == value == item[name]
            else:
                assert text[name] == ("" if value is None else str(value))
                assert item[name] == value


def test_nothing_in_a_label_names_a_person(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = _judge(hospital)
    Read.objects.update(note="NOTE-CANARY")
    Verdict.objects.update(note="NOTE-CANARY")
    patient, image = case.study.patient, image_of(case)
    browser = client_of(hospital.max)
    shown = "".join(
        browser.get(f"{LABELS}{suffix}").content.decode() for suffix in ("", ".csv")
    )
    shown += str(_parquet(browser))
    for private in (
        patient.name,
        patient.patient_id,
        image.file_name,
        case.study.study_instance_uid,
        "NOTE-CANARY",
        "alice",
        "Alice",
    ):
        assert private not in shown


def test_every_film_of_a_case_is_labelled_but_none_that_came_after_the_seal(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    second = make_image(hospital.blind, study=case.study)
    make_run(second)
    seal(case, hospital.alice)
    late = make_image(hospital.blind, study=case.study)
    make_run(late)
    decide(case, hospital.alice)
    rows = _csv(client_of(hospital.max))
    labelled = {row["image_sha256"] for row in rows}
    assert labelled == {image_of(case).sha256, second.sha256}
    assert {row["films_in_case"] for row in rows} == {"2"}


def test_marks_go_with_the_film_they_were_drawn_on_the_final_ones_first(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = _judge(hospital)
    second = make_image(hospital.blind, study=case.study)
    sealed_at = Read.objects.get().sealed_at
    Image.objects.filter(pk=second.pk).update(created_at=sealed_at)

    def mark(image: Image, column: float) -> dict[str, Any]:
        points = [[column, 1.0], [column + 5, 9.5]]
        return {"image_id": str(image.pk), "frame": 0, "kind": "box", "points": points}

    Read.objects.update(regions=[mark(image_of(case), 2.0)])
    browser = client_of(hospital.max)

    def shown() -> dict[str, Any]:
        return {
            row["image_sha256"]: json.loads(row["regions"]) for row in _csv(browser)
        }

    sealed = {"frame": 0, "kind": "box", "points": [[2.0, 1.0], [7.0, 9.5]]}
    assert shown() == {image_of(case).sha256: [sealed], second.sha256: []}
    Verdict.objects.update(regions=[mark(second, 4.0)])
    final = {"frame": 0, "kind": "box", "points": [[4.0, 1.0], [9.0, 9.5]]}
    assert shown() == {image_of(case).sha256: [], second.sha256: [final]}


def test_the_models_named_are_those_whose_opinion_was_judged(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = _judge(hospital)
    later = make_run_of_next_model(case)
    later.lane_results.update(model_sha256="b" * 64)
    (row,) = _csv(client_of(hospital.max))
    assert row["model_sha256s"] == "a" * 64


def make_run_of_next_model(case: Case) -> Any:
    """Return a later run of the case's film under another model."""
    image = image_of(case)
    image.runs.update(pipeline_version="old")
    Verdict.objects.update(pipeline_version="old")
    return make_run(image)


def test_labels_of_demo_patients_say_so(
    hospital: Hospital, client_of: ClientOf
) -> None:
    demo = _judge(hospital)
    _judge(hospital)
    Patient.objects.filter(pk=demo.study.patient_id).update(is_demo=True)
    rows = _csv(client_of(hospital.max))
    assert {row["case_id"]: row["is_demo"] for row in rows}[str(demo.pk)] == "True"
    assert [row["is_demo"] for row in rows].count("False") == 1


def test_an_undecided_case_has_no_label(
    hospital: Hospital, client_of: ClientOf
) -> None:
    seal(make_case(hospital.blind, said=FLAGGED), hospital.alice)
    browser = client_of(hospital.max)
    assert _csv(browser) == _parquet(browser) == []
    assert browser.get(LABELS).json() == {
        "items": [], "next_cursor": None, "total": 0,
    }  # fmt: skip


def test_pages_hold_each_verdict_once_newest_first(
    hospital: Hospital, client_of: ClientOf
) -> None:
    for _ in range(5):
        _judge(hospital)
    filed = Verdict.objects.order_by("-filed_at").values_list("filed_at", flat=True)
    same = filed[2]
    Verdict.objects.filter(filed_at__lt=same).update(filed_at=same)
    browser = client_of(hospital.max)
    page = browser.get(f"{LABELS}?limit=2").json()
    seen = page["items"]
    while page["next_cursor"]:
        query = {"limit": "2", "cursor": page["next_cursor"]}
        page = browser.get(LABELS, query).json()
        seen += page["items"]
        assert page["total"] == 5
    assert len({item["label_id"] for item in seen}) == len(seen) == 5
    times = [item["filed_at"] for item in seen]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("cursor", ["x", "WyJhIiwiYiJd", "WzEsMl0"])
def test_a_cursor_that_is_not_ours_is_refused(
    cursor: str, hospital: Hospital, client_of: ClientOf
) -> None:
    answer = client_of(hospital.max).get(LABELS, {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_an_export_is_an_entry_with_the_digest_of_what_left(
    suffix: str, hospital: Hospital, client_of: ClientOf
) -> None:
    _judge(hospital)
    answer = client_of(hospital.max).get(f"{LABELS}.{suffix}")
    event = Event.objects.get(kind=EventKind.LABELS_EXPORTED)
    assert event.actor == hospital.max
    assert event.data == {
        "format": suffix,
        "rows": 1,
        "sha256": hashlib.sha256(answer.content).hexdigest(),
    }
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert f"truefilm-labels.{suffix}" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("path", ["labels", "labels.csv", "labels.parquet"])
def test_labels_are_for_the_ml_role_of_the_site(
    path: str, hospital: Hospital, client_of: ClientOf
) -> None:
    _judge(hospital)
    address = f"/api/v1/learning/{path}"
    for who in (hospital.alice, hospital.lena, hospital.ada, hospital.script):
        assert client_of(who).get(address).status_code == 403
    stranger = UserFactory.create(role="ml", site=DepartmentFactory.create().site)
    content = client_of(stranger).get(address).content
    assert str(Verdict.objects.get().pk).encode() not in content
    assert Client().get(address).status_code == 401
    assert client_of(hospital.max).post(address).status_code == 405


def test_lists_and_exports_cost_the_same_queries_whatever_their_length(
    hospital: Hospital, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    browser = client_of(hospital.max)
    for rows in (1, 15):
        for _ in range(rows):
            _judge(hospital)
        # Session, user, site; count, verdicts, films, models; how the cases ended:
        # rulings, readers.
        with django_assert_max_num_queries(9):
            browser.get(f"{LABELS}?limit=200")
        # The same, with ids before, and the entry on the log in its transaction.
        with django_assert_max_num_queries(14):
            browser.get(f"{LABELS}.csv")


def test_the_models_page_shows_the_cards_of_what_runs(
    hospital: Hospital, client_of: ClientOf
) -> None:
    models = client_of(hospital.max).get("/api/v1/learning/models").json()
    assert [model["name"] for model in models] == ["radiograph", "synthesis"]
    for model in models:
        assert model["sha256"] == model["card"]["sha256"]
        assert len(bytes.fromhex(model["sha256"])) == 32
        assert model["stage"] == "active"
    assert client_of(hospital.alice).get("/api/v1/learning/models").status_code == 403


def test_a_model_says_how_many_of_its_sources_may_not_be_sold(
    hospital: Hospital, client_of: ClientOf
) -> None:
    model = client_of(hospital.max).get("/api/v1/learning/models").json()[-1]
    note = model["card"]["training"]["licence_note"]
    assert note["non_commercial"]
    count = len(note["non_commercial"])
    assert model["licence"].startswith(f"{count} sources non-commercial")
