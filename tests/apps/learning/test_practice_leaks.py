"""Before the answer no byte tells what a practice film is; later nobody else knows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.config.api import api
from apps.learning.models import PracticeFilm, PracticeItem, PracticeKind
from apps.reading.models import Answer, Case, Draft, Read, Verdict
from tests.apps.learning.conftest import CANARY, Film, begin, said_of
from tests.conftest import Hospital
from tests.factories import Said, decide, make_case, seal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
BASE = "/api/v1/practice"
# Whoever made the film may have labelled it anywhere.
LABELLED = {
    "PatientName": f"{CANARY}^Fake",
    "PatientID": CANARY,
    "PatientComments": CANARY,
    "StudyDescription": f"{CANARY} altered",
    "SeriesDescription": f"{CANARY} altered",
    "ImageComments": CANARY,
    "AccessionNumber": CANARY,
    "Manufacturer": CANARY,
    "BodyPartExamined": CANARY,
    "ViewPosition": CANARY,
    "WindowCenter": 2000,
    "WindowWidth": 1000,
    "WindowCenterWidthExplanation": CANARY,
    "ConvolutionKernel": CANARY,
    "RescaleIntercept": 0,
    "RescaleSlope": 1,
    "RescaleType": CANARY,
    "SyntheticData": "YES",
}
TELLING = [
    CANARY,
    *PracticeKind.values,
    "generated",
    "altered",
    "copied_region",
    "suspicio",
    "seed",
    "right_answer",
]


def _walk(browser: Client, item: PracticeItem) -> str:
    """Return all that the reader of an open film can fetch of it, headers included."""
    film = f"{BASE}/films/{item.pk}"
    paths = [
        BASE,
        f"{BASE}/sessions/{item.session_id}",
        film,
        f"{film}/image",
        f"{film}/image/frames/0",
        f"{BASE}/progress",
    ]
    parts = []
    for path in paths:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        parts += [path, str(dict(answer.headers))]
        parts.append(answer.content.decode("latin-1"))
    for lane in ("tamper", "synthesis"):
        refused = browser.get(f"{film}/{lane}/heatmap")
        assert refused.status_code == 403
        parts.append(refused.content.decode())
    return "\n".join(parts)


def test_no_byte_of_the_truth_leaves_before_the_answer(
    hospital: Hospital, client_of: ClientOf, add_film: Film
) -> None:
    film = add_film(
        PracticeKind.REGION_COPIED,
        header=LABELLED,
        codes=("copied_region",),
        regions=({"row": 16, "column": 16, "height": 16, "width": 16},),
    )
    PracticeFilm.objects.update(evidence=said_of(0.987654, "b" * 64))
    (item,) = begin(hospital.alice)
    said = _walk(client_of(hospital.alice), item)
    assert [word for word in TELLING if word.lower() in said.lower()] == []
    # Ids and digests of the film would tell which of the set it is.
    for name in (film.pk, film.sha256, film.pixel_sha256, item.session.seed):
        assert str(name) not in said
    assert "0.987654" not in said


def test_films_that_differ_in_truth_alone_are_served_alike(
    hospital: Hospital, client_of: ClientOf, add_film: Film
) -> None:
    add_film(PracticeKind.UNTOUCHED)
    add_film(PracticeKind.WHOLE_FILM, codes=("uniform_grain", "smooth_bone"))
    PracticeFilm.objects.update(evidence=said_of(0.9))
    alice = client_of(hospital.alice)
    shapes = []
    for item in begin(hospital.alice):
        film = alice.get(f"{BASE}/films/{item.pk}").json()
        meta = alice.get(f"{BASE}/films/{item.pk}/image").json()
        frame = alice.get(f"{BASE}/films/{item.pk}/image/frames/0")
        for own in ("id", "session_id", "number"):
            film.pop(own)
        for own in ("id", "pixel_min", "pixel_max", "windows"):
            meta.pop(own, None)
        headers = {k: v for k, v in frame.headers.items() if k != "ETag"}
        assert frame.headers["ETag"] == f'"{item.pk}-0"'
        shapes.append(json.dumps([film, meta, sorted(headers.items())]))
    assert shapes[0] == shapes[1]


def test_the_header_still_gives_what_a_viewer_needs(
    hospital: Hospital, client_of: ClientOf, add_film: Film
) -> None:
    add_film(header=LABELLED)
    (item,) = begin(hospital.alice)
    meta = client_of(hospital.alice).get(f"{BASE}/films/{item.pk}/image").json()
    assert (meta["rows"], meta["columns"]) == (96, 64)
    assert meta["windows"][0] == {"center": 2000.0, "width": 1000.0, "label": ""}
    assert meta["spacing_mm"] == [0.2, 0.2]
    assert meta["display"]["technique"] == [{"label": "kV", "value": "120"}]
    assert (meta["display"]["modality"], meta["display"]["value_unit"]) == ("CR", "")


def test_practice_reaches_no_label_worklist_figure_or_log(
    hospital: Hospital, client_of: ClientOf, altered: PracticeFilm
) -> None:
    case = make_case(hospital.blind, said=Said(suspicion=0.9, flagged=True))
    seal(case, hospital.alice, Answer.SUSPICIOUS)
    decide(case, hospital.alice)
    before = _clinical(hospital, client_of)
    logged = _logged()
    (item,) = begin(hospital.alice)
    answer = client_of(hospital.alice).post(
        f"{BASE}/films/{item.pk}/answer",
        {"answer": "authentic", "confidence": 5, "reason_codes": ["natural_noise"]},
        content_type="application/json",
    )
    assert answer.status_code == 201
    assert _clinical(hospital, client_of) == before
    assert _logged() == logged


def _clinical(hospital: Hospital, client_of: ClientOf) -> list[Any]:
    """Return all rows and figures that are about cases."""
    rows = [model.objects.count() for model in (Case, Read, Verdict, Draft)]
    views = {
        hospital.alice: ["/worklists/emergency/cases", "/me/reading", "/worklists"],
        hospital.lena: ["/insights/summary", "/learning/models"],
        hospital.max: ["/learning/labels"],
    }
    told: list[Any] = [rows]
    for person, paths in views.items():
        browser = client_of(person)
        told += [browser.get(f"/api/v1{path}").json() for path in paths]
    return told


def _logged() -> int:
    """Return how many entries the log has, but for those of people signing in."""
    return Event.objects.exclude(kind=EventKind.SIGNED_IN).count()


def test_no_address_of_practice_names_a_person() -> None:
    paths = [path for path in api.get_openapi_schema()["paths"] if "practice" in path]
    assert len(paths) == 10
    for path in paths:
        named = set(re.findall(r"\{(\w+)\}", path))
        assert named <= {"item_id", "session_id", "lane", "frame"}
