"""Films signed for a verdict: whose, when, once, on the log, and for nobody else."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pydicom import dcmread
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.core.objects import iter_file, put_stream
from apps.reading.authorization_models import FilmAuthorization
from apps.reading.canary_models import CanaryRelease
from apps.reading.models import Answer, Case, Decision, Outcome, Verdict
from apps.reading.signing_key import check_signing_key
from tests.apps.reading.conftest import OVERRULED, post, read_fully
from tests.apps.reading.crawl import give_film
from tests.conftest import Hospital
from tests.dicom import write_film
from tests.factories import image_of, make_case, seal
from tests.pure.signatures.keys import make_certificate, make_key, pem_of
from workers.dicom.signatures.model import Integrity
from workers.dicom.signatures.profiles import AUTHORIZATION
from workers.dicom.signatures.verify import verify_data_set

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _key(settings: Settings) -> None:
    settings.SIGNING_KEY = pem_of(make_key()).decode()
    certificate = make_certificate(make_key(), "North Hospital")
    settings.SIGNING_CERTIFICATE = pem_of(certificate).decode()


@pytest.fixture
def film(decided: Case, tmp_path: Path) -> Case:
    """Return the case that Alice closed as authentic, with a film that can be read."""
    give_film(decided, tmp_path)
    return decided


def address(case: Case, rest: str = "") -> str:
    return f"/api/v1/cases/{case.pk}/authorizations{rest}"


def ask(browser: Client, case: Case) -> Any:
    return browser.post(
        f"/api/v1/cases/{case.pk}/films/{image_of(case).pk}/authorization"
    )


def test_a_film_is_signed_for_its_readers_verdict(
    film: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    image = image_of(film)
    before = alice.get(address(film)).json()
    assert before == {"signable": [str(image.pk)], "signed": []}
    answer = ask(alice, film)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["image_id"] == str(image.pk)
    assert made["certificate_subject"] == "CN=North Hospital"
    assert alice.get(address(film)).json() == {"signable": [], "signed": [made]}

    served = alice.get(address(film, f"/{made['id']}/file"))
    assert served.status_code == 200
    assert served["Content-Type"] == "application/dicom"
    data_set = dcmread(io.BytesIO(served.content))
    (signature,) = verify_data_set(data_set)
    assert signature.integrity is Integrity.INTACT
    assert AUTHORIZATION in signature.profiles
    assert signature.purpose == "5"
    assert signature.uid == made["signature_uid"]
    assert signature.covers_pixels
    assert signature.covers_patient
    assert str(data_set.PatientName) not in served["Content-Disposition"]


def test_it_is_on_the_log_whose_verdict_it_stands_for(
    film: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    made = ask(alice, film).json()
    alice.get(address(film, f"/{made['id']}/file"))
    signed, served = Event.objects.filter(case_id=film.pk).order_by("-position")[:2][
        ::-1
    ]
    assert (signed.kind, served.kind) == (
        EventKind.FILM_AUTHORIZED,
        EventKind.AUTHORIZED_FILM_SERVED,
    )
    assert signed.actor_id == served.actor_id == hospital.alice.pk
    assert signed.position == made["log_position"]
    assert signed.data["verdict"] == str(Verdict.objects.get().pk)
    assert signed.data["signed_sha256"] == made["sha256"] == served.data["sha256"]
    assert signed.data["image_sha256"] == image_of(film).sha256
    assert signed.data["certificate_sha256"] == made["certificate_sha256"]


def test_asked_for_twice_it_is_made_once(
    film: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    assert ask(alice, film).json() == ask(alice, film).json()
    row = FilmAuthorization.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_nobody_else_learns_of_it(
    film: Case, hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    made = ask(client_of(hospital.alice), film).json()
    path = address(film, f"/{made['id']}/file")
    for other in (hospital.bob, hospital.lena):
        browser = client_of(other)
        assert browser.get(address(film)).json() == {"signable": [], "signed": []}
        assert browser.get(path).status_code == 404
        assert ask(browser, film).json()["code"] == "not_authentic"
    stranger = client_of(charlie)
    assert stranger.get(address(film)).status_code == 404
    assert stranger.get(path).status_code == 404
    assert ask(stranger, film).status_code == 404


def test_an_open_case_and_one_held_to_be_suspicious_are_not_signed(
    hospital: Hospital, client_of: ClientOf, tmp_path: Path
) -> None:
    alice = client_of(hospital.alice)
    sealed = make_case(hospital.blind)
    doubted = make_case(hospital.blind, said=OVERRULED)
    seal(sealed, hospital.alice)
    read_fully(doubted, hospital.alice, Answer.SUSPICIOUS, Decision.CONFIRM)
    assert Verdict.objects.get().outcome == Outcome.SUSPICIOUS
    for case in (make_case(hospital.blind), sealed, doubted):
        assert ask(alice, case).json()["code"] == "not_authentic"
        assert alice.get(address(case)).json()["signable"] == []
    assert not FilmAuthorization.objects.exists()


def test_a_case_whose_readers_differ_is_not_signed(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    answer = ask(client_of(hospital.alice), differing)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_authentic")


def test_an_amended_verdict_takes_the_right_away_and_leaves_what_was_signed(
    film: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    made = ask(alice, film).json()
    amended = post(
        alice,
        film,
        "verdict/amend",
        {
            "replaces": str(Verdict.objects.get().pk),
            "decision": "confirm",
            "reason_codes": ["uniform_grain"],
            "changed_mind_code": "looked_again",
            "reason": "I mixed up two films.",
        },
    )
    assert amended.status_code == 201, amended.content
    assert ask(alice, film).json()["code"] == "not_authentic"
    assert alice.get(address(film)).json() == {"signable": [], "signed": [made]}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("png", "not_a_dicom_film"),
        ("canary", "cannot_sign"),
        ("no key", "no_signing_key"),
    ],
)
def test_what_cannot_be_signed_is_refused_by_name(
    film: Case, hospital: Hospital, client_of: ClientOf, settings: Settings,
    change: str, code: str,
) -> None:  # fmt: skip
    alice = client_of(hospital.alice)
    if change == "png":
        film.study.images.update(format="png")
    elif change == "canary":
        CanaryRelease.objects.create(
            after=make_case(hospital.blind), department=hospital.blind,
            due_at=timezone.now(), case=film,
        )  # fmt: skip
    else:
        settings.SIGNING_KEY = settings.SIGNING_CERTIFICATE = ""
    answer = ask(alice, film)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    # A canary is on offer as any other: the list must not tell.
    offered = alice.get(address(film)).json()["signable"]
    assert bool(offered) == (change == "canary")


def test_a_film_whose_header_cannot_be_signed_is_refused(
    film: Case, hospital: Hospital, client_of: ClientOf, tmp_path: Path
) -> None:
    path = write_film(tmp_path / "none.dcm", overrides={"StudyInstanceUID": None})
    image = image_of(film)
    image.sha256 = put_stream(iter_file(path), max_bytes=1 << 20).sha256
    image.save()
    answer = ask(client_of(hospital.alice), film)
    assert (answer.status_code, answer.json()["code"]) == (409, "cannot_sign")
    assert not FilmAuthorization.objects.exists()


def test_the_list_costs_the_same_however_many_films(
    film: Case,
    hospital: Hospital,
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    alice = client_of(hospital.alice)
    ask(alice, film)
    with django_assert_num_queries(10):
        alice.get(address(film))


def test_a_key_that_cannot_be_used_stops_the_start(settings: Settings) -> None:
    assert check_signing_key() == []
    settings.SIGNING_KEY = pem_of(make_key("p256")).decode()
    (error,) = check_signing_key()
    assert "not that of the key" in error.msg
    settings.SIGNING_KEY = ""
    assert len(check_signing_key()) == 1
    settings.SIGNING_CERTIFICATE = ""
    assert check_signing_key() == []
