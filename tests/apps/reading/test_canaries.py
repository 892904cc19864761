"""Canaries come in like any other case and cannot be told from one."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Department, User
from apps.audit.models import Event
from apps.audit.selectors import find_first_bad_position
from apps.core.errors import Conflict, Denied
from apps.core.objects import put_bytes
from apps.detection.receivers import analyse_registered_image
from apps.imaging.models import Image, Patient, Upload, UploadItem
from apps.imaging.signals import image_registered
from apps.reading.canary_models import (
    CanaryFilm,
    CanaryRelease,
    CanaryResult,
    ReleaseState,
    Truth,
)
from apps.reading.models import Answer, Case, CaseState, Decision
from apps.reading.services import canaries
from apps.reading.services.canaries import release_canary, send_due_canaries
from apps.reading.tasks import release_drawn_canary, sweep_canaries
from tests.apps.reading.canary_room import (
    analyse,
    fill_roster,
    make_canary,
    make_scene,
    run_tasks,
    send,
    stock,
    write_known,
    write_ordinary,
    write_picture,
)
from tests.conftest import Hospital
from tests.dicom import write_film
from tests.factories import Said, decide, make_case, seal
from workers.errors import RejectedInput

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _without_lanes() -> Iterator[None]:
    receivers = list(image_registered.receivers)
    image_registered.disconnect(analyse_registered_image)
    yield
    image_registered.receivers[:] = receivers
    image_registered.sender_receivers_cache.clear()


@pytest.fixture
def room(hospital: Hospital) -> Hospital:
    """Return the hospital; after each case of its blind worklist a canary is drawn."""
    Department.objects.filter(pk=hospital.blind.pk).update(canary_share=Decimal(1))
    hospital.blind.refresh_from_db()
    fill_roster(hospital.blind)
    return hospital


def _released(release: CanaryRelease) -> Case:
    """Return the case of a release that is due now."""
    CanaryRelease.objects.filter(pk=release.pk).update(due_at=timezone.now())
    with run_tasks():
        release_canary(release_id=str(release.pk))
    release.refresh_from_db()
    assert release.state == ReleaseState.RELEASED
    assert release.case is not None
    return release.case


@pytest.fixture
def pair(room: Hospital, tmp_path: Path, bearer: dict[str, str]) -> tuple[Case, Case]:
    """Return an ordinary case and a canary, both ready, with the same opinion."""
    stock(room.blind, write_known(tmp_path, 9), Truth.GENERATED, room.lena)
    ordinary = send(write_ordinary(tmp_path, 3), bearer)
    canary = _released(CanaryRelease.objects.get(after=ordinary))
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
def browsers(room: Hospital, client_of: ClientOf) -> dict[str, Client]:
    """Return the browsers of a reader and of a lead, who reads too."""
    return {"alice": client_of(room.alice), "lena": client_of(room.lena)}


def test_a_canary_is_served_as_any_other_case_before_and_after_it_is_read(
    pair: tuple[Case, Case], room: Hospital, browsers: dict[str, Client]
) -> None:
    ordinary, canary = pair
    before = [_lines(_served(browsers, case)) for case in pair]
    assert before[0] == before[1]
    for case in pair:
        seal(case, room.alice, Answer.AUTHENTIC)
    between = [_lines(_served(browsers, case)) for case in pair]
    assert between[0] == between[1]
    for case in pair:
        decide(case, room.alice, Decision.OVERRULE)
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
    room: Hospital,
    tmp_path: Path,
    bearer: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[dict[str, Any]] = []

    def note(event: Any) -> None:
        told.append({"kind": type(event).__name__, **vars(event)})

    for module in ("imaging.services.uploads", "reading.services.cases"):
        monkeypatch.setattr(f"apps.{module}.push", note)
    stock(room.blind, write_known(tmp_path, 19), Truth.ALTERED, room.lena)
    ordinary = send(write_ordinary(tmp_path, 13), bearer)
    news_of_ordinary, told[:] = _form(told), []
    _released(CanaryRelease.objects.get(after=ordinary))
    assert len(news_of_ordinary) >= 3
    assert _form(told) == news_of_ordinary


def test_the_identity_is_like_the_others_and_nobodys(
    pair: tuple[Case, Case], room: Hospital
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
    pair: tuple[Case, Case], room: Hospital
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


# --- drawing and releasing ------------------------------------------------------------


def test_none_is_drawn_by_default_nor_after_a_canary(
    room: Hospital, tmp_path: Path, bearer: dict[str, str]
) -> None:
    stock(room.blind, write_known(tmp_path, 9), Truth.ALTERED, room.lena)
    first = send(write_ordinary(tmp_path, 3), bearer)
    _released(CanaryRelease.objects.get(after=first))
    assert CanaryRelease.objects.count() == 1
    Department.objects.update(canary_share=0)
    send(write_ordinary(tmp_path, 4), bearer)
    assert CanaryRelease.objects.count() == 1
    assert Department(site=room.site).canary_share == 0


def test_releasing_twice_is_releasing_once(
    room: Hospital, tmp_path: Path, bearer: dict[str, str]
) -> None:
    for seed in (8, 9):
        stock(room.blind, write_known(tmp_path, seed), Truth.GENERATED, room.lena)
    ordinary = send(write_ordinary(tmp_path, 3), bearer)
    release = CanaryRelease.objects.get(after=ordinary)
    _released(release)
    with run_tasks():
        release_drawn_canary(release_id=str(release.pk))
    assert Upload.objects.count() == 2
    assert Case.objects.count() == 2
    assert CanaryFilm.objects.filter(release=None).count() == 1


def test_a_film_that_another_release_took_meanwhile_is_not_sent_twice(
    room: Hospital,
    tmp_path: Path,
    bearer: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    film = stock(room.blind, write_known(tmp_path, 9), Truth.GENERATED, room.lena)
    for seed in (3, 4):
        send(write_ordinary(tmp_path, seed), bearer)
    first, second = CanaryRelease.objects.order_by("created_at")

    def put_and_lose(content: bytes) -> Any:
        CanaryRelease.objects.filter(pk=second.pk).update(
            film=film, state=ReleaseState.RELEASED
        )
        return put_bytes(content)

    monkeypatch.setattr(canaries, "put_bytes", put_and_lose)
    with run_tasks():
        release_canary(release_id=str(first.pk))
    first.refresh_from_db()
    assert (first.state, first.film) == (ReleaseState.DRAWN, None)
    assert Upload.objects.count() == 2


def _dropped(case: Case) -> bool:
    release = CanaryRelease.objects.get(after=case)
    before = Upload.objects.count()
    with run_tasks():
        release_canary(release_id=str(release.pk))
    release.refresh_from_db()
    assert Upload.objects.count() == before
    return release.state == ReleaseState.DROPPED


def test_where_it_could_not_pass_none_is_sent(
    room: Hospital, tmp_path: Path, bearer: dict[str, str]
) -> None:
    only = stock(room.blind, write_known(tmp_path, 9), Truth.GENERATED, room.lena)
    # A film that a person sent, a film of another format, a name that may be a name.
    by_person = send(write_ordinary(tmp_path, 3), bearer)
    Upload.objects.update(created_by=room.alice)
    assert _dropped(by_person)
    assert _dropped(send(write_picture(tmp_path, "IM0001.png", 4), bearer))
    named = write_ordinary(tmp_path, 5).rename(tmp_path / "Hansson_Greta_001.dcm")
    assert _dropped(send(named, bearer))
    # One of a batch, a sender that is used no more, a task that comes too late.
    in_batch = send(write_ordinary(tmp_path, 6), bearer)
    other = UploadItem.objects.exclude(image__study=in_batch.pk).first()
    assert other is not None
    mine = UploadItem.objects.get(image__study=in_batch.pk)
    UploadItem.objects.filter(pk=other.pk).update(upload=mine.upload)
    assert _dropped(in_batch)
    old = send(write_ordinary(tmp_path, 7), bearer)
    Case.objects.update(received_at=timezone.now() - dt.timedelta(days=5))
    assert _dropped(old)
    late = send(write_ordinary(tmp_path, 10), bearer)
    CanaryRelease.objects.filter(after=late).update(
        due_at=timezone.now() - canaries.LATEST - dt.timedelta(seconds=1)
    )
    assert _dropped(late)
    # Too few names to put one together of.
    Patient.objects.filter(studies__images=None).update(name="Same^Name")
    assert _dropped(send(write_ordinary(tmp_path, 11), bearer))
    # The film is still there for a case after which it can pass.
    only.refresh_from_db()
    for number, patient in enumerate(Patient.objects.filter(name="Same^Name")):
        patient.name = f"Fam{number}^Giv{number}"
        patient.save()
    last = send(write_ordinary(tmp_path, 12), bearer)
    assert _released(CanaryRelease.objects.get(after=last)).study.images.count() == 1


def test_without_stock_or_once_switched_off_none_is_sent(
    room: Hospital, tmp_path: Path, bearer: dict[str, str]
) -> None:
    assert _dropped(send(write_ordinary(tmp_path, 3), bearer))
    stock(room.blind, write_known(tmp_path, 9), Truth.GENERATED, room.lena)
    case = send(write_ordinary(tmp_path, 4), bearer)
    Department.objects.update(canary_share=0)
    assert _dropped(case)


def test_a_picture_that_the_site_has_meanwhile_is_passed_over(
    room: Hospital, tmp_path: Path, bearer: dict[str, str]
) -> None:
    stock(room.blind, write_known(tmp_path, 9), Truth.GENERATED, room.lena)
    other = stock(room.blind, write_known(tmp_path, 8), Truth.GENERATED, room.lena)
    same = write_film(tmp_path / "IM000099.dcm", array=make_scene(9), seed=99)
    analyse(send(same, bearer), Said())  # indexed: by its pixels
    ordinary = send(write_ordinary(tmp_path, 3), bearer)
    release = CanaryRelease.objects.get(after=ordinary)
    _released(release)
    assert release.film == other


def test_pictures_without_header_go_as_they_are(
    room: Hospital, tmp_path: Path, bearer: dict[str, str], browsers: dict[str, Client]
) -> None:
    film = stock(
        room.blind, write_picture(tmp_path, "fake.png", 9), Truth.GENERATED, room.lena
    )
    ordinary = send(write_picture(tmp_path, "IMG_20481.png", 3), bearer)
    canary = _released(CanaryRelease.objects.get(after=ordinary))
    image = Image.objects.get(study=canary.pk)
    assert image.sha256 == film.sha256
    assert re.fullmatch(r"IMG_20\d{3}\.png", image.file_name)
    for case in (ordinary, canary):
        analyse(case, Said())
    forms = [_lines(_served(browsers, case)) for case in (ordinary, canary)]
    assert forms[0] == forms[1]


# --- the sweep ------------------------------------------------------------------------


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dt.datetime]:
    """Return the moments for which releases are sent to the workers."""
    moments: list[dt.datetime] = []

    def note(path: str, at: dt.datetime, **_: Any) -> None:
        assert path == "apps.reading.tasks.release_drawn_canary"
        moments.append(at)

    monkeypatch.setattr(canaries, "enqueue_at", note)
    return moments


def test_the_sweep_sends_what_is_due_soon_for_its_own_moment(
    hospital: Hospital, sent: list[dt.datetime]
) -> None:
    now = timezone.now()
    soon = now + dt.timedelta(seconds=41)
    for due_at, state in (
        (soon, ReleaseState.DRAWN),
        (now + dt.timedelta(hours=1), ReleaseState.DRAWN),
        (soon, ReleaseState.RELEASED),
        (soon, ReleaseState.DROPPED),
    ):
        CanaryRelease.objects.create(
            after=make_case(hospital.blind),
            department=hospital.blind,
            due_at=due_at,
            state=state,
        )
    sweep_canaries()
    assert sent == [soon]


def test_what_is_overdue_is_not_sent_on_the_beat_of_the_sweep(
    hospital: Hospital, sent: list[dt.datetime]
) -> None:
    now = timezone.now()
    for _ in range(20):
        CanaryRelease.objects.create(
            after=make_case(hospital.blind),
            department=hospital.blind,
            due_at=now - dt.timedelta(minutes=1),
        )
    assert send_due_canaries() == 20
    waits = [(at - now).total_seconds() for at in sent]
    assert all(0 <= wait < 40 for wait in waits)
    assert max(waits) - min(waits) > 5


# --- the stock ------------------------------------------------------------------------


def test_the_stock_refuses_what_would_give_itself_away(
    room: Hospital, tmp_path: Path, bearer: dict[str, str]
) -> None:
    stock(room.blind, write_known(tmp_path, 9), Truth.GENERATED, room.lena)
    again = write_film(tmp_path / "again.dcm", array=make_scene(9)[:, ::-1], seed=5)
    with pytest.raises(Conflict) as known:
        stock(room.triage, again, Truth.ALTERED, room.lena)
    assert known.value.code == "film_known"
    analyse(send(write_ordinary(tmp_path, 3), bearer), Said())
    with pytest.raises(Conflict):
        stock(room.blind, write_known(tmp_path, 3), Truth.AUTHENTIC, room.lena)
    blank = write_film(tmp_path / "blank.dcm", array=make_scene(1) * 0 + 5, seed=6)
    text = tmp_path / "notes.txt"
    text.write_text("no film")
    for path in (blank, text, write_known(tmp_path, 7, StudyDate=None)):
        with pytest.raises(RejectedInput):
            stock(room.blind, path, Truth.GENERATED, room.lena)
    assert CanaryFilm.objects.count() == 1


def test_only_a_lead_of_the_site_stocks_and_no_event_tells_of_it(
    room: Hospital, charlie: User, tmp_path: Path
) -> None:
    path = write_known(tmp_path, 9)
    for person in (room.alice, room.ada, room.max, charlie):
        with pytest.raises(Denied):
            stock(room.blind, path, Truth.GENERATED, person)
    before = Event.objects.count()
    film = stock(room.blind, path, Truth.GENERATED, room.lena)
    assert (film.added_by, film.truth) == (room.lena, Truth.GENERATED)
    assert Event.objects.count() == before


def test_the_command_stocks_and_says_what_it_refuses(
    room: Hospital, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    films = [str(write_known(tmp_path, seed)) for seed in (8, 9)]
    where = {"site": "north", "worklist": "emergency", "truth": "altered"}
    call_command("stock_canary", films[0], by="lena", **where)
    assert CanaryFilm.objects.get().truth == Truth.ALTERED
    with pytest.raises(CommandError, match="1 of 2 files refused"):
        call_command("stock_canary", *films, by="lena", **where)
    told = capsys.readouterr()
    assert "fake_9.dcm: stocked" in told.out
    assert "has this picture already" in told.err
    for wrong in ({"by": "nobody"}, {"by": "lena", "site": "south"}):
        with pytest.raises(CommandError, match="no such"):
            call_command("stock_canary", *films, **{**where, **wrong})
    with pytest.raises(CommandError, match="no such worklist"):
        call_command("stock_canary", *films, by="lena", **{**where, "worklist": "x"})
    assert CanaryFilm.objects.count() == 2


# --- results --------------------------------------------------------------------------


def test_the_result_is_kept_with_the_first_verdict_and_never_changed(
    hospital: Hospital,
) -> None:
    case = make_canary(hospital, Truth.ALTERED, said=Said(suspicion=0.9, flagged=True))
    read = seal(case, hospital.alice, Answer.AUTHENTIC)
    assert not CanaryResult.objects.exists()
    decide(case, hospital.alice, Decision.OVERRULE)
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


def test_the_same_bytes_at_another_site_are_no_canary(
    room: Hospital, charlie: User, tmp_path: Path, bearer: dict[str, str]
) -> None:
    assert charlie.site is not None
    far = Department.objects.create(site=charlie.site, slug="far", name="Far")
    path = write_ordinary(tmp_path, 3)
    release = CanaryRelease.objects.create(
        after=make_case(room.blind),
        department=far,
        due_at=timezone.now(),
        state=ReleaseState.RELEASED,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    send(path, bearer)
    release.refresh_from_db()
    assert release.case is None
    CanaryRelease.objects.filter(pk=release.pk).update(department=room.blind)
    other = write_ordinary(tmp_path, 4)
    sha256 = hashlib.sha256(other.read_bytes()).hexdigest()
    CanaryRelease.objects.filter(pk=release.pk).update(
        department=room.blind, sha256=sha256
    )
    case = send(other, bearer)
    release.refresh_from_db()
    assert release.case == case
