"""A practice film whose pixels become a case: no answer, and its truth told no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.learning.models import PracticeFilm, PracticeItem
from apps.learning.services.practice import end_session, start_session
from tests.apps.learning.conftest import CANARY, Film, begin, said_of
from tests.conftest import Hospital
from tests.factories import make_image

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
BASE = "/api/v1/practice"
RIGHT = {"answer": "suspicious", "confidence": 4}


def _answer(browser: Client, item: PracticeItem) -> str:
    answer = browser.post(
        f"{BASE}/films/{item.pk}/answer", RIGHT, content_type="application/json"
    )
    assert answer.status_code == 201, answer.content
    return answer.content.decode()


def _make_a_case_of(film: PracticeFilm, hospital: Hospital) -> None:
    image = make_image(hospital.blind)
    image.pixel_sha256 = film.pixel_sha256
    image.save(update_fields=["pixel_sha256"])


def test_a_film_that_became_a_case_takes_no_answer_and_tells_no_truth(
    hospital: Hospital, client_of: ClientOf, altered: PracticeFilm
) -> None:
    (item,) = begin(hospital.alice)
    alice = client_of(hospital.alice)
    _make_a_case_of(altered, hospital)
    answer = alice.post(
        f"{BASE}/films/{item.pk}/answer", RIGHT, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "film_withdrawn")
    assert CANARY not in answer.content.decode()
    item.refresh_from_db()
    assert item.answered_at is None
    film = alice.get(f"{BASE}/films/{item.pk}").json()
    assert (film["is_withdrawn"], film["feedback"]) == (True, None)
    # Nor is it drawn again.
    end_session(session=item.session)
    with pytest.raises(NotFound):
        start_session(reader=hospital.alice, size=20)


def test_what_was_told_of_a_film_that_became_a_case_is_told_no_more(
    hospital: Hospital, client_of: ClientOf, altered: PracticeFilm, add_film: Film
) -> None:
    add_film()
    PracticeFilm.objects.update(evidence=said_of(0.9, "a" * 64))
    items = begin(hospital.alice)
    alice = client_of(hospital.alice)
    for item in items:
        assert CANARY in _answer(alice, item)
    _make_a_case_of(altered, hospital)
    session = alice.get(f"{BASE}/sessions/{items[0].session_id}").json()
    for item, place in zip(items, session["films"], strict=True):
        is_case = item.film_id == altered.pk
        film = alice.get(f"{BASE}/films/{item.pk}")
        assert film.json()["is_withdrawn"] is place["is_withdrawn"] is is_case
        assert (CANARY in film.content.decode()) is not is_case
        assert (place["is_right"] is None) is is_case
        assert place["is_answered"] is True
        if is_case:
            assert film.json()["feedback"] is None
            heatmap = alice.get(f"{BASE}/films/{item.pk}/tamper/heatmap")
            assert (heatmap.status_code, heatmap.json()["code"]) == (404, "no_map")


def test_a_session_ends_with_its_last_film_that_takes_an_answer(
    hospital: Hospital, client_of: ClientOf, altered: PracticeFilm, add_film: Film
) -> None:
    add_film()
    _make_a_case_of(altered, hospital)
    PracticeFilm.objects.filter(pk=altered.pk).update(pixel_sha256="0" * 64)
    items = begin(hospital.alice)
    assert len(items) == 2
    PracticeFilm.objects.filter(pk=altered.pk).update(pixel_sha256=altered.pixel_sha256)
    alice = client_of(hospital.alice)
    for item in items:
        if item.film_id != altered.pk:
            _answer(alice, item)
    assert alice.get(BASE).json()["session"] is None
