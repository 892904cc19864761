"""The practice set: who may add to it, what is refused, what the lanes are asked."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.config.management.commands.seed_demo import add_practice_set
from apps.core.errors import Conflict, Invalid
from apps.core.objects import iter_file, put_stream
from apps.learning.models import PracticeFilm, PracticeKind
from apps.learning.services.practice_films import (
    PracticeFacts,
    add_practice_film,
    analyse_film,
    claim_film,
    release_film,
    requeue_stranded_films,
)
from apps.learning.tasks import analyse_practice_film
from apps.reading.canary_models import CanaryFilm, Truth
from tests.apps.learning.conftest import REGION, Film
from tests.apps.reading.canary_room import make_scene, stock, write_known
from tests.conftest import Hospital
from tests.dicom import make_pixels, write_film, write_text
from tests.factories import make_image
from workers.errors import RejectedInput
from workers.types import LaneName

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
FACTS = PracticeFacts("Chest PA", PracticeKind.REGION_COPIED, "See the square.")


def _add(hospital: Hospital, path: Path, **change: Any) -> PracticeFilm:
    facts = PracticeFacts(**{**FACTS.__dict__, **change})
    stored = put_stream(iter_file(path), max_bytes=1 << 20)
    return add_practice_film(site=hospital.site, stored=stored, facts=facts)


# --- adding ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"description": "Chest, fake nodule"}, "description_tells"),
        ({"description": "AI chest"}, "description_tells"),
        ({"description": " "}, "words_missing"),
        ({"explanation": ""}, "words_missing"),
        ({"reason_codes": ("no_such",)}, "unknown_reason"),
        ({"reason_codes": ("looked_again",)}, "unknown_reason"),
        ({"regions": ({**REGION, "row": 90},)}, "bad_region"),
        ({"regions": ({**REGION, "width": 0},)}, "bad_region"),
        ({"regions": ({**REGION, "frame": 1},)}, "bad_region"),
        ({"regions": ({"row": 1},)}, "bad_region"),
        ({"regions": ({**REGION, "row": "1"},)}, "bad_region"),
        ({"regions": (REGION,), "kind": PracticeKind.WHOLE_FILM}, "bad_region"),
    ],
)
def test_facts_that_cannot_be_are_refused(
    change: dict[str, Any], code: str, hospital: Hospital, tmp_path: Path
) -> None:
    with pytest.raises(Invalid) as caught:
        _add(hospital, write_film(tmp_path / "a.dcm"), **change)
    assert caught.value.code == code
    assert not PracticeFilm.objects.exists()


def test_what_is_no_film_is_refused(hospital: Hospital, tmp_path: Path) -> None:
    with pytest.raises(RejectedInput):
        _add(hospital, write_text(tmp_path / "a.dcm"))


def test_the_same_file_is_one_film(hospital: Hospital, tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.dcm")
    _add(hospital, path)
    with pytest.raises(Conflict) as caught:
        _add(hospital, path)
    assert caught.value.code == "film_known"


def test_a_case_is_no_practice_film(hospital: Hospital, tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.dcm")
    film = _add(hospital, path)
    image = make_image(hospital.blind)
    image.pixel_sha256 = film.pixel_sha256
    image.save(update_fields=["pixel_sha256"])
    film.delete()
    with pytest.raises(Conflict) as caught:
        _add(hospital, path)
    assert caught.value.code == "film_in_use"


def _mirrored(tmp_path: Path) -> Path:
    """Write the picture of `write_known(..., 5)` as a reader would know it again."""
    array = make_scene(5)[:, ::-1]
    return write_film(tmp_path / "mirrored.dcm", array=array, seed=77)


def test_a_stocked_canary_is_no_practice_film(
    hospital: Hospital, tmp_path: Path
) -> None:
    path = write_known(tmp_path, 5)
    stock(hospital.blind, path, Truth.GENERATED, hospital.lena)
    told = set()
    for offered in (path, _mirrored(tmp_path)):
        with pytest.raises(Conflict) as caught:
            _add(hospital, offered)
        told.add((caught.value.code, caught.value.detail))
    # As of a film that is a case: what is stocked is not told.
    case_path = write_film(tmp_path / "case.dcm", array=make_scene(6), seed=6)
    film = _add(hospital, case_path)
    image = make_image(hospital.blind)
    image.pixel_sha256 = film.pixel_sha256
    image.save(update_fields=["pixel_sha256"])
    film.delete()
    with pytest.raises(Conflict) as caught:
        _add(hospital, case_path)
    assert told == {(caught.value.code, caught.value.detail)}
    assert caught.value.code == "film_in_use"


@pytest.mark.parametrize("is_active", [True, False])
def test_a_practice_film_is_no_canary(
    is_active: bool, hospital: Hospital, charlie: User, tmp_path: Path
) -> None:
    path = write_known(tmp_path, 5)
    _add(hospital, path)
    PracticeFilm.objects.update(is_active=is_active)
    for offered in (path, _mirrored(tmp_path)):
        with pytest.raises(Conflict) as caught:
            stock(hospital.triage, offered, Truth.GENERATED, hospital.lena)
        assert caught.value.code == "film_known"
    assert not CanaryFilm.objects.exists()
    # Another picture, and this one at a site that does not practise on it, are taken.
    stock(hospital.blind, write_known(tmp_path, 9), Truth.GENERATED, hospital.lena)
    PracticeFilm.objects.update(site=charlie.site)
    stock(hospital.blind, path, Truth.GENERATED, hospital.lena)


# --- the lanes ------------------------------------------------------------------------


def test_the_lanes_are_asked_once_and_without_other_films(
    hospital: Hospital, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    path = write_film(tmp_path / "a.dcm", array=make_pixels(600, 520))
    with django_capture_on_commit_callbacks(execute=True):
        film = _add(hospital, path)
    film.refresh_from_db()
    assert film.evidence is not None
    assert {lane["lane"] for lane in film.evidence["lanes"]} == set(LaneName)
    (reuse,) = [one for one in film.evidence["lanes"] if one["lane"] == "reuse"]
    assert reuse["status"] == "not_assessable"
    first = film.evidence
    analyse_practice_film.apply(kwargs={"film_id": str(film.pk)})
    film.refresh_from_db()
    assert (film.evidence, film.attempts, film.lease_until) == (first, 1, None)


def test_a_film_is_held_by_one_worker_until_its_lease_is_over(
    hospital: Hospital, tmp_path: Path
) -> None:
    film = _add(hospital, write_film(tmp_path / "a.dcm"))
    held = claim_film(film_id=str(film.pk))
    assert held is not None
    assert claim_film(film_id=str(film.pk)) is None
    over = timezone.now() - dt.timedelta(seconds=1)
    PracticeFilm.objects.filter(pk=film.pk).update(lease_until=over)
    second = claim_film(film_id=str(film.pk))
    assert second is not None
    # The first one comes back late: it changes nothing of the second one's.
    release_film(film=held)
    analyse_film(film=held)
    film.refresh_from_db()
    assert film.evidence is None
    assert film.lease_until is not None


def test_a_lost_task_is_sent_again_and_not_for_ever(
    hospital: Hospital, tmp_path: Path
) -> None:
    film = _add(hospital, write_film(tmp_path / "a.dcm"))
    assert requeue_stranded_films() == 0
    long_ago = timezone.now() - dt.timedelta(days=1)
    PracticeFilm.objects.filter(pk=film.pk).update(created_at=long_ago)
    assert requeue_stranded_films() == 1
    PracticeFilm.objects.filter(pk=film.pk).update(attempts=4)
    assert requeue_stranded_films() == 0


# --- the command ----------------------------------------------------------------------


def _list(folder: Path, *entries: dict[str, Any]) -> str:
    path = folder / "list.json"
    path.write_text(json.dumps(entries))
    return str(path)


def _entry(**change: Any) -> dict[str, Any]:
    entry = {
        "file": "a.dcm",
        "description": "Chest PA",
        "kind": "region_copied",
        "explanation": "See the square.",
        "reason_codes": ["copied_region"],
        "regions": [REGION],
    }
    return {**entry, **change}


def test_the_command_adds_what_is_missing(
    hospital: Hospital, tmp_path: Path, capsys: Any
) -> None:
    write_film(tmp_path / "a.dcm")
    call_command("add_practice_films", _list(tmp_path, _entry()))
    call_command("add_practice_films", _list(tmp_path, _entry()))
    film = PracticeFilm.objects.get()
    assert film.site == hospital.site
    assert film.regions == [{**REGION, "frame": 0}]
    out = capsys.readouterr().out
    assert "1 added, 0 known, 0 refused." in out
    assert "0 added, 1 known, 0 refused." in out


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "weird"},
        {"file": "missing.dcm"},
        {"truth": "altered"},
        {"description": "A fake chest"},
    ],
)
def test_the_command_says_what_it_refused(
    change: dict[str, Any], hospital: Hospital, tmp_path: Path
) -> None:
    write_film(tmp_path / "a.dcm")
    with pytest.raises(CommandError, match="refused"):
        call_command("add_practice_films", _list(tmp_path, _entry(**change)))
    assert not PracticeFilm.objects.exists()


# --- the staff pages ------------------------------------------------------------------

ADMIN = "/admin/learning/practicefilm/"


def _staff(person: User) -> User:
    User.objects.filter(pk=person.pk).update(is_staff=True)
    person.refresh_from_db()
    return person


def _form(path: Path, **change: Any) -> dict[str, Any]:
    form = {
        "file": SimpleUploadedFile("a.dcm", path.read_bytes()),
        "description": "Chest PA",
        "kind": "region_copied",
        "regions": json.dumps([REGION]),
        "reason_codes": '["copied_region"]',
        "explanation": "See the square.",
    }
    return {**form, **change}


@pytest.mark.parametrize("name", ["lena", "max"])
def test_leads_and_ml_engineers_keep_the_practice_set(
    name: str, hospital: Hospital, client_of: ClientOf, tmp_path: Path
) -> None:
    browser = client_of(_staff(getattr(hospital, name)))
    path = write_film(tmp_path / "a.dcm")
    answer = browser.post(f"{ADMIN}add/", _form(path))
    assert answer.status_code == 302, answer.content
    film = PracticeFilm.objects.get()
    assert (film.site, film.regions) == (hospital.site, [{**REGION, "frame": 0}])
    changed = browser.post(
        f"{ADMIN}{film.pk}/change/",
        {
            "description": "Chest AP",
            "reason_codes": "[]",
            "explanation": "Look again.",
            "kind": "untouched",
            "regions": "[]",
        },
    )
    assert changed.status_code == 302, changed.content
    film.refresh_from_db()
    assert (film.description, film.is_active) == ("Chest AP", False)
    # What answers were judged by stays.
    assert (film.kind, film.regions) == ("region_copied", [{**REGION, "frame": 0}])
    assert browser.post(f"{ADMIN}{film.pk}/delete/").status_code == 403


def test_the_staff_page_says_why_a_film_is_refused(
    hospital: Hospital, client_of: ClientOf, tmp_path: Path
) -> None:
    browser = client_of(_staff(hospital.lena))
    path = write_film(tmp_path / "a.dcm")
    answer = browser.post(f"{ADMIN}add/", _form(path, description="A fake chest"))
    assert answer.status_code == 200
    assert "must not hint at it" in answer.content.decode()
    text = write_text(tmp_path / "b.dcm")
    assert browser.post(f"{ADMIN}add/", _form(text)).status_code == 200
    assert not PracticeFilm.objects.exists()


@pytest.mark.parametrize("text", ["", "null", "5", '{"uniform_grain": 1}'])
def test_a_field_that_is_no_list_is_refused_in_words(
    text: str, hospital: Hospital, client_of: ClientOf, add_film: Film, tmp_path: Path
) -> None:
    film = add_film(PracticeKind.REGION_COPIED)
    browser = client_of(_staff(hospital.lena))
    words = {"description": "Chest PA", "explanation": "Look."}
    answer = browser.post(f"{ADMIN}{film.pk}/change/", {**words, "reason_codes": text})
    is_empty = text in ("", "null")
    assert answer.status_code == (302 if is_empty else 200)
    assert is_empty or "Give a list" in answer.content.decode()
    film.refresh_from_db()
    assert film.reason_codes == []
    path = write_film(tmp_path / "b.dcm", array=make_pixels(seed=99))
    answer = browser.post(f"{ADMIN}add/", _form(path, regions=text))
    assert answer.status_code == (302 if is_empty else 200), answer.content
    assert is_empty or "Give a list" in answer.content.decode()
    assert [one.regions for one in PracticeFilm.objects.exclude(pk=film.pk)] == (
        [[]] if is_empty else []
    )


@pytest.mark.parametrize("text", ["[5]", '[["uniform_grain"]]', "[null]"])
def test_codes_that_are_no_words_are_refused(
    text: str, hospital: Hospital, client_of: ClientOf, add_film: Film
) -> None:
    film = add_film()
    answer = client_of(_staff(hospital.lena)).post(
        f"{ADMIN}{film.pk}/change/",
        {"description": "Chest PA", "explanation": "Look.", "reason_codes": text},
    )
    assert answer.status_code == 200
    assert "Give a list" in answer.content.decode()


def test_others_cannot_look_at_the_practice_set(
    hospital: Hospital, client_of: ClientOf, charlie: User, add_film: Film
) -> None:
    film = add_film()
    for person in (hospital.alice, hospital.ada):
        browser = client_of(_staff(person))
        assert browser.get(ADMIN).status_code == 403
        assert browser.get(f"{ADMIN}{film.pk}/change/").status_code == 403
    User.objects.filter(pk=charlie.pk).update(role="lead")
    charlie.refresh_from_db()
    stranger = client_of(_staff(charlie))
    assert str(film.pk) not in stranger.get(ADMIN).content.decode()
    assert stranger.get(f"{ADMIN}{film.pk}/change/").status_code == 302


@pytest.mark.slow
def test_the_demo_seeds_eight_films_once(hospital: Hospital, tmp_path: Path) -> None:
    pytest.importorskip("data_store", reason="needs the package pydicom-data")
    for _ in range(2):
        add_practice_set(hospital.site, tmp_path)
    films = PracticeFilm.objects.all()
    assert len(films) == 8
    assert {str(film.truth) for film in films} == {"authentic", "generated", "altered"}
