"""Compare: earlier studies before the seal, reuse matches only after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from numpy.typing import NDArray

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.detection.models import LaneResult
from apps.imaging.models import Image, Patient, Study
from apps.reading.compare import MAX_PRIORS, list_matches, list_priors, read_transform
from apps.reading.models import Case
from apps.reading.selectors import get_case
from tests.conftest import Hospital
from tests.factories import Said, image_of, make_case, make_image, seal
from workers.lanes.reuse import InMemoryReuseIndex, ReuseLane, make_fingerprint
from workers.types import Context, DecodedImage, FileFormat, IndexedFilm

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def _study_of(patient: Patient, case: Case, day: dt.date | None) -> Study:
    serial = Study.objects.count()
    return Study.objects.create(
        site=case.site,
        department=case.department,
        patient=patient,
        study_instance_uid=f"2.25.{serial + 1}",
        study_date=day,
        modality="DX",
        description=f"Chest {day}",
    )


def _prior(case: Case, day: dt.date | None, said: Said | None = None) -> Case:
    study = _study_of(case.study.patient, case, day)
    made = make_case(
        case.department, said=said, image=make_image(case.department, study=study)
    )
    Case.objects.filter(pk=made.pk).update(
        received_at=case.received_at - dt.timedelta(hours=1)
    )
    return made


def _date(case: Case, day: dt.date) -> None:
    Study.objects.filter(pk=case.pk).update(study_date=day)


def _reuse(case: Case, film: Image, **more: Any) -> None:
    """Let the reuse lane have found `film`."""
    detail = {
        "film_id": str(film.pk),
        "distance": 3,
        "transform": "mirrored, inverted",
        "exact": False,
        **more,
    }
    result = LaneResult.objects.get(run__image__study_id=case.pk, lane="reuse")
    finding = {"code": "reuse_perceptual", "text": "x", "weight": 0.9, "detail": detail}
    result.findings = [*result.findings, finding]
    result.save()


# --- earlier studies ------------------------------------------------------------------


def test_earlier_studies_of_the_patient_are_served_before_the_seal_newest_first(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    _date(case, dt.date(2026, 5, 1))
    old = _prior(case, dt.date(2024, 1, 1))
    recent = _prior(case, dt.date(2026, 4, 1))
    undated = _prior(case, None)
    _prior(case, dt.date(2026, 6, 1))  # later: not a prior
    make_case(hospital.blind)  # another patient's
    answer = client_of(hospital.alice).get(f"/api/v1/cases/{case.pk}/priors")
    assert answer.status_code == 200
    ids = [row["case_id"] for row in answer.json()]
    assert ids == [str(recent.pk), str(old.pk), str(undated.pk)]
    (image,) = answer.json()[0]["images"]
    assert image["id"] == str(image_of(recent).pk)
    fetched = Event.objects.filter(actor=hospital.alice, kind=EventKind.CASE_FETCHED)
    assert set(fetched.values_list("case_id", flat=True)) == {
        old.pk,
        recent.pk,
        undated.pk,
    }


def test_neither_choice_nor_order_of_priors_follows_the_opinion(
    hospital: Hospital, client_of: ClientOf
) -> None:
    case = make_case(hospital.blind)
    _date(case, dt.date(2026, 5, 1))
    days = [dt.date(2025, month, 1) for month in (3, 1, 4, 2)]
    for step, day in enumerate(days):
        _prior(case, day, Said(suspicion=step / 4, flagged=step > 1))
    answer = client_of(hospital.alice).get(f"/api/v1/cases/{case.pk}/priors")
    served = [row["study_date"] for row in answer.json()]
    assert served == sorted((day.isoformat() for day in days), reverse=True)
    words = answer.content.decode()
    assert not any(word in words for word in ("suspicion", "flagged", "state"))


def test_priors_cost_two_queries_and_are_bounded(
    hospital: Hospital, django_assert_num_queries: Any
) -> None:
    made = make_case(hospital.blind)
    _date(made, dt.date(2026, 5, 1))
    for day in range(MAX_PRIORS + 2):
        _prior(made, dt.date(2025, 1, 1) + dt.timedelta(days=day))
    case = get_case(user=hospital.alice, case_id=made.pk)
    with django_assert_num_queries(2):
        priors = list_priors(case=case, user=hospital.alice)
        images = [list(prior.study.images.all()) for prior in priors]
    assert len(priors) == MAX_PRIORS
    assert all(images)


# --- reuse matches --------------------------------------------------------------------


def test_before_the_seal_a_match_and_none_are_refused_alike(
    hospital: Hospital, client_of: ClientOf
) -> None:
    film = image_of(make_case(hospital.triage))
    matched, clear = make_case(hospital.blind), make_case(hospital.blind)
    _reuse(matched, film)
    browser = client_of(hospital.alice)
    answers = [browser.get(f"/api/v1/cases/{c.pk}/matches") for c in (matched, clear)]
    assert [a.status_code for a in answers] == [403, 403]
    assert answers[0].json()["code"] == "seal_first"
    assert answers[0].content == answers[1].content
    assert not Event.objects.filter(kind=EventKind.EVIDENCE_SERVED).exists()


def test_after_the_seal_the_match_comes_aligned_and_without_a_name(
    hospital: Hospital, client_of: ClientOf
) -> None:
    other = make_case(hospital.triage)
    film = image_of(other)
    case = make_case(hospital.blind)
    _reuse(case, film)
    seal(case, hospital.alice)
    answer = client_of(hospital.alice).get(f"/api/v1/cases/{case.pk}/matches")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    (match,) = answer.json()
    assert match == {
        "image_id": str(image_of(case).pk),
        "film": {
            "id": str(film.pk),
            "series_id": str(film.series_id),
            "rows": 96,
            "columns": 64,
            "frame_count": 1,
        },
        "case_id": str(other.pk),
        "first_seen": match["first_seen"],
        "is_same_patient": False,
        "is_exact": False,
        "distance_bits": 3,
        "transform": {"quarter_turns": 0, "mirrored": True, "inverted": True},
    }
    patient = other.study.patient
    for phi in (patient.name, patient.patient_id, film.file_name):
        assert phi not in answer.content.decode()
    kinds = {(e.case_id, e.kind) for e in Event.objects.filter(actor=hospital.alice)}
    assert (case.pk, EventKind.EVIDENCE_SERVED) in kinds
    assert (other.pk, EventKind.CASE_FETCHED) in kinds


def test_a_film_of_a_case_still_to_be_read_blind_is_left_out(
    hospital: Hospital,
) -> None:
    other, case = make_case(hospital.blind), make_case(hospital.blind)
    _reuse(case, image_of(other))
    seal(case, hospital.alice)
    assert list_matches(case=case, user=hospital.alice) == []
    seal(other, hospital.alice)
    assert len(list_matches(case=case, user=hospital.alice)) == 1


def test_a_film_of_another_site_is_left_out(hospital: Hospital, charlie: User) -> None:
    assert charlie.site is not None
    foreign = make_case(hospital.triage)
    Image.objects.filter(study_id=foreign.pk).update(site=charlie.site)
    case = make_case(hospital.blind)
    _reuse(case, image_of(foreign))
    seal(case, hospital.alice)
    assert list_matches(case=case, user=hospital.alice) == []


@pytest.mark.parametrize("path", ["priors", "matches"])
def test_strangers_and_other_roles_are_refused(
    path: str, hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    case = make_case(hospital.triage)
    _reuse(case, image_of(make_case(hospital.triage)))
    address = f"/api/v1/cases/{case.pk}/{path}"
    assert client_of(hospital.bob).get(address).status_code == 200
    assert client_of(charlie).get(address).status_code == 404
    assert client_of(hospital.max).get(address).status_code == 403
    assert Client().get(address).status_code == 401
    assert client_of(hospital.bob).post(address).status_code == 405


# --- the lane's words -----------------------------------------------------------------


def _film(luma: NDArray[np.float32], digest: str) -> DecodedImage:
    return DecodedImage(
        path=Path("film"),
        sha256=digest * 64,
        size_bytes=1,
        format=FileFormat.PNG,
        luma=np.ascontiguousarray(luma),
        stored=luma,
        frame_index=0,
        frame_count=1,
        bits_stored=8,
        is_signed=False,
        photometric="MONOCHROME2",
        pixel_sha256=digest * 64,
        header=None,
        spacing_mm=None,
    )


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_the_transform_brings_the_film_onto_the_one_seen_before(
    turns: int, mirrored: bool, inverted: bool
) -> None:
    rng = np.random.default_rng(7)
    coarse = rng.random((8, 6)).astype(np.float32)
    before = np.kron(coarse, np.ones((32, 32), dtype=np.float32))
    turned = np.rot90(before, turns)
    sided = turned[:, ::-1] if mirrored else turned
    now = np.ascontiguousarray(1 - sided if inverted else sided)
    words = _lane_words(before, now)
    found = read_transform(words)
    assert found is not None
    assert found.inverted == inverted
    back = now[:, ::-1] if found.mirrored else now
    back = np.rot90(back, -found.quarter_turns)
    np.testing.assert_allclose(1 - back if found.inverted else back, before, atol=1e-6)


def test_words_the_lane_does_not_use_align_nothing() -> None:
    assert read_transform("sheared") is None
    assert read_transform("rotated 45 degrees") is None


def _lane_words(before: NDArray[np.float32], now: NDArray[np.float32]) -> str:
    seen = IndexedFilm(
        film_id="f",
        patient_key="p",
        study_key="s",
        fingerprint=make_fingerprint(_film(before, "a")),
        received_at=timezone.now(),
    )
    context = Context(
        file_name="x",
        patient_key="q",
        study_key="t",
        first_seen=None,
        reuse_index=InMemoryReuseIndex([seen]),
    )
    (finding,) = ReuseLane().assess(_film(now, "b"), context).findings
    return str(finding.detail["transform"])
