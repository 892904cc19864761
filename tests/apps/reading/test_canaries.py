"""Canaries come in like any other case and cannot be told from one."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.models import Event
from apps.audit.selectors import find_first_bad_position
from apps.imaging.models import Image, Patient, Upload, UploadItem
from apps.reading.canary_models import (
    CanaryFilm,
    CanaryRelease,
    CanaryResult,
    Truth,
)
from apps.reading.models import Answer, Case, CaseState, Decision
from apps.reading.services.amendments import amend_verdict
from apps.reading.services.reads import FinalAnswer
from tests.apps.reading.canary_room import (
    analyse,
    make_canary,
    release_now,
    send,
    stock,
    write_known,
    write_ordinary,
    write_picture,
)
from tests.conftest import Hospital
from tests.factories import Said, decide, make_case, seal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_lanes")]
ClientOf = Callable[[User], Client]


@pytest.fixture
def pair(
    canary_room: Hospital, tmp_path: Path, bearer: dict[str, str]
) -> tuple[Case, Case]:
    """Return an ordinary case and a canary, both ready, with the same opinion."""
    stock(
        canary_room.blind, write_known(tmp_path, 9), Truth.GENERATED, canary_room.lena
    )
    ordinary = send(write_ordinary(tmp_path, 3), bearer)
    canary = release_now(CanaryRelease.objects.get(after=ordinary))
    for case in (ordinary, canary):
        analyse(case, Said(suspicion=0.7, flagged=True))
    return ordinary, canary


# --- what anyone is served ------------------------------------------------------------

_FORMS = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)"), "<time>"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<sha256>"),
    (re.compile(r"\b[0-9a-f-]{12}…"), "<digest>…"),
    (re.compile(r"\b(\d+\.){6,}\d+\b"), "<uid>"),
    (re.compile(r"[A-Z][a-z]+\^[A-Z][a-z]+"), "<Name^Name>"),
    (re.compile(r"UNKNOWN-[0-9a-f]{12}"), "<unknown>"),
    (re.compile(r"\d"), "9"),
)
# Grow with every entry and byte, or are the film's own: only their types must agree.
_COUNTED = {
    *("position", "log_position", "size_bytes", "next_cursor", "version"),
    *("pixel_min", "pixel_max", "center", "width", "age_years"),
}


def _form(value: Any, key: str = "") -> Any:
    """Return an answer with its ids, times, names and digits taken out."""
    if isinstance(value, dict):
        return {name: _form(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_form(inner) for inner in value]
    if key in _COUNTED and value is not None:
        return type(value).__name__
    if isinstance(value, str):
        for pattern, word in _FORMS:
            value = pattern.sub(word, value)
    return value


def _lines(value: Any) -> list[str]:
    """Return the form of an answer as lines, so that a difference is shown."""
    return json.dumps(_form(value), indent=1).splitlines()


def _audit(browser: Client, case: Case) -> list[dict[str, Any]]:
    """Return all entries on a case, its image, file and upload, oldest first."""
    item = UploadItem.objects.get(image__study=case.pk)
    subjects = (
        {"case": str(case.pk)},
        {"q": f"upload:{item.upload_id}"},
        {"q": f"item:{item.pk}"},
        {"q": f"image:{item.image_id}"},
    )
    found = {
        event["position"]: event
        for query in subjects
        for event in browser.get("/api/v1/audit/events", query).json()["items"]
    }
    return [
        {
            **found[position],
            "leaf": json.loads(
                browser.get(f"/api/v1/audit/events/{position}/proof").json()["leaf"]
            ),
        }
        for position in sorted(found)
    ]


def _upload_rows(browser: Client, case: Case) -> list[Any]:
    upload = UploadItem.objects.get(image__study=case.pk).upload_id
    path = f"/api/v1/uploads/{upload}"
    return [browser.get(path).json(), browser.get(f"{path}/items").json()]


def _served(browsers: dict[str, Client], case: Case) -> dict[str, Any]:
    """Return all that a reader, and a lead who reads, is served of a case."""
    served: dict[str, Any] = {}
    image = Image.objects.get(study=case.pk)
    for who, browser in browsers.items():
        pages = {
            "detail": f"/api/v1/cases/{case.pk}",
            "priors": f"/api/v1/cases/{case.pk}/priors",
            "questions": f"/api/v1/cases/{case.pk}/questions",
            "refused": f"/api/v1/cases/{case.pk}/evidence",
            "image": f"/api/v1/images/{image.pk}",
        }
        for what, path in pages.items():
            answer = browser.get(path)
            served[f"{who} {what}"] = [answer.status_code, answer.json()]
        preview = browser.get(f"/api/v1/images/{image.pk}/preview")
        served[f"{who} preview"] = sorted(set(preview.headers) - {"ETag"})
        rows = browser.post(
            "/api/v1/worklists/emergency/cases/rows",
            {"ids": [str(case.pk)]},
            content_type="application/json",
        ).json()
        served[f"{who} row"] = rows
    served["audit"] = _audit(browsers["lena"], case)
    served["upload"] = _upload_rows(browsers["lena"], case)
    csv = browsers["lena"].post(
        "/api/v1/worklists/emergency/cases/csv", {}, content_type="application/json"
    )
    lines = b"".join(csv).decode().splitlines()
    served["csv"] = [line for line in lines if line.startswith(str(case.pk))]
    return served


@pytest.fixture
def browsers(canary_room: Hospital, client_of: ClientOf) -> dict[str, Client]:
    """Return the browsers of a reader and of a lead, who reads too."""
    return {"alice": client_of(canary_room.alice), "lena": client_of(canary_room.lena)}


def test_a_canary_is_served_as_any_other_case_before_and_after_it_is_read(
    pair: tuple[Case, Case], canary_room: Hospital, browsers: dict[str, Client]
) -> None:
    ordinary, canary = pair
    before = [_lines(_served(browsers, case)) for case in pair]
    assert before[0] == before[1]
    for case in pair:
        seal(case, canary_room.alice, Answer.AUTHENTIC)
    between = [_lines(_served(browsers, case)) for case in pair]
    assert between[0] == between[1]
    for case in pair:
        decide(case, canary_room.alice, Decision.OVERRULE)
    assert CanaryResult.objects.count() == 1
    after = [_lines(_served(browsers, case)) for case in pair]
    assert after[0] == after[1]
    # The measure sees what differs: a case that came in by another door.
    assert _form(_upload_rows(browsers["lena"], canary)) != _form({"source": "stow"})
    Upload.objects.filter(items__image__study=canary.pk).update(source="command")
    assert _form(_upload_rows(browsers["lena"], ordinary)) != _form(
        _upload_rows(browsers["lena"], canary)
    )


def test_both_are_told_by_the_same_news(
    pair: tuple[Case, Case],
    canary_room: Hospital,
    tmp_path: Path,
    bearer: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[dict[str, Any]] = []

    def note(event: Any) -> None:
        told.append({"kind": type(event).__name__, **vars(event)})

    for module in ("imaging.services.uploads", "reading.services.cases"):
        monkeypatch.setattr(f"apps.{module}.push", note)
    stock(canary_room.blind, write_known(tmp_path, 19), Truth.ALTERED, canary_room.lena)
    ordinary = send(write_ordinary(tmp_path, 13), bearer)
    news_of_ordinary, told[:] = _form(told), []
    release_now(CanaryRelease.objects.get(after=ordinary))
    assert len(news_of_ordinary) >= 3
    assert _form(told) == news_of_ordinary


def test_the_identity_is_like_the_others_and_nobodys(
    pair: tuple[Case, Case], canary_room: Hospital
) -> None:
    ordinary, canary = (Image.objects.get(study=case.pk) for case in pair)
    patient = canary.study.patient
    assert re.fullmatch(r"N-400\d{3}", patient.patient_id)
    namesakes = Patient.objects.filter(name__iexact=patient.name)
    assert list(namesakes) == [patient]
    known = {
        part
        for n in Patient.objects.exclude(pk=patient.pk)
        for part in n.name.split("^")
    }
    assert set(patient.name.split("^")) <= known
    assert patient.sex == "F"
    assert re.fullmatch(r"RX700\d{4}", canary.study.accession_number)
    assert canary.study.accession_number != ordinary.study.accession_number
    assert canary.study.study_date in (
        timezone.localdate(),
        timezone.localdate() - dt.timedelta(days=1),
    )
    assert re.fullmatch(r"IM000\d{3}\.dcm", canary.file_name)
    assert canary.study.description == "Chest PA"
    film = CanaryFilm.objects.get()
    assert canary.sha256 != film.sha256
    assert canary.pixel_sha256 == film.pixel_sha256
    public = ("PUBLICSET", "Public", "Known", "fake_", "20110203")
    told = json.dumps([e.leaf for e in Event.objects.all()]) + film.sha256
    assert not any(word in told for word in public)
    assert film.sha256 not in "".join(e.leaf for e in Event.objects.all())
    assert find_first_bad_position() is None


def test_nothing_but_its_own_tables_holds_that_a_case_is_a_canary(
    pair: tuple[Case, Case], canary_room: Hospital
) -> None:
    columns = (
        *("state", "priority", "department_id", "site_id", "image_count", "modality"),
        *("readers_wanted", "second_read_reason", "claimed_by_id", "version"),
    )
    values = [[getattr(case, name) for name in columns] for case in pair]
    assert values[0] == values[1]
    kinds = [
        list(Event.objects.filter(case_id=case.pk).values_list("kind", flat=True))
        for case in pair
    ]
    assert kinds[0] == kinds[1]
    assert (
        not Event.objects.filter(leaf__icontains="canar")
        .exclude(kind__in=("policy_changed", "read_sealed"))
        .exists()
    )


def test_pictures_without_header_go_as_they_are(
    canary_room: Hospital,
    tmp_path: Path,
    bearer: dict[str, str],
    browsers: dict[str, Client],
) -> None:
    film = stock(
        canary_room.blind,
        write_picture(tmp_path, "fake.png", 9),
        Truth.GENERATED,
        canary_room.lena,
    )
    ordinary = send(write_picture(tmp_path, "IMG_20481.png", 3), bearer)
    canary = release_now(CanaryRelease.objects.get(after=ordinary))
    image = Image.objects.get(study=canary.pk)
    assert image.sha256 == film.sha256
    assert re.fullmatch(r"IMG_20\d{3}\.png", image.file_name)
    for case in (ordinary, canary):
        analyse(case, Said())
    forms = [_lines(_served(browsers, case)) for case in (ordinary, canary)]
    assert forms[0] == forms[1]


# --- results --------------------------------------------------------------------------


def test_the_result_is_kept_with_the_first_verdict_and_never_changed(
    hospital: Hospital,
) -> None:
    case = make_canary(hospital, Truth.ALTERED, said=Said(suspicion=0.9, flagged=True))
    read = seal(case, hospital.alice, Answer.AUTHENTIC)
    assert not CanaryResult.objects.exists()
    verdict = decide(case, hospital.alice, Decision.OVERRULE)
    amend_verdict(
        case=case,
        reader=hospital.alice,
        verdict_id=verdict.pk,
        answer=FinalAnswer(Decision.INCONCLUSIVE, ("natural_noise",)),
        reason="I have been told.",
    )
    result = CanaryResult.objects.get()
    assert (result.read, result.truth) == (read, Truth.ALTERED)
    assert (result.first_answer, result.outcome) == ("authentic", "authentic")
    case.refresh_from_db()
    assert case.state == CaseState.DONE


def test_who_stocked_a_film_and_an_ordinary_case_have_no_result(
    hospital: Hospital,
) -> None:
    for case, reader in (
        (make_canary(hospital, Truth.GENERATED), hospital.lena),
        (make_case(hospital.blind), hospital.alice),
    ):
        seal(case, reader)
        decide(case, reader)
    assert not CanaryResult.objects.exists()
