"""Practising: sessions in a secret order, one answer a film, the truth right after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Role, User
from apps.core.errors import Conflict, NotFound
from apps.core.objects import put_bytes
from apps.learning.models import (
    PracticeFilm,
    PracticeItem,
    PracticeKind,
    PracticeSession,
)
from apps.learning.services.practice import (
    PracticeAnswer,
    answer_item,
    end_session,
    start_session,
)
from apps.reading.models import Answer
from tests.apps.learning.conftest import CANARY, REGION, Film, begin, said_of
from tests.conftest import Hospital
from tests.factories import UserFactory
from workers.serialise import heatmap_to_bytes
from workers.types import Heatmap

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
BASE = "/api/v1/practice"
RIGHT = {"answer": "suspicious", "confidence": 4}


def _answer(browser: Client, item: PracticeItem, **body: Any) -> dict[str, Any]:
    answer = browser.post(
        f"{BASE}/films/{item.pk}/answer",
        {**RIGHT, **body},
        content_type="application/json",
    )
    assert answer.status_code == 201, answer.content
    told: dict[str, Any] = answer.json()
    return told


def _box(item: PracticeItem, *points: list[float]) -> dict[str, Any]:
    return {"image_id": str(item.pk), "kind": "box", "points": list(points)}


# --- a session ------------------------------------------------------------------------


def test_a_session_is_begun_answered_and_ended(
    hospital: Hospital, client_of: ClientOf, add_film: Film, altered: PracticeFilm
) -> None:
    add_film()
    alice = client_of(hospital.alice)
    assert alice.get(BASE).json() == {"films": 2, "ended_sessions": 0, "session": None}
    begun = alice.post(f"{BASE}/sessions", {}, content_type="application/json")
    assert begun.status_code == 201
    session = begun.json()
    assert [film["is_answered"] for film in session["films"]] == [False, False]
    assert alice.get(BASE).json()["session"] == session
    for number, place in enumerate(session["films"], start=1):
        film = alice.get(f"{BASE}/films/{place['id']}").json()
        assert (film["number"], film["of"], film["feedback"]) == (number, 2, None)
        _answer(alice, PracticeItem.objects.get(pk=place["id"]))
    ended = alice.get(f"{BASE}/sessions/{session['id']}").json()
    assert ended["ended_at"] is not None
    assert sorted(film["is_right"] for film in ended["films"]) == [False, True]
    assert alice.get(BASE).json() == {"films": 2, "ended_sessions": 1, "session": None}
    # Repeats are welcome.
    again = alice.post(f"{BASE}/sessions", {}, content_type="application/json")
    assert again.status_code == 201


def test_one_session_at_a_time(hospital: Hospital, altered: PracticeFilm) -> None:
    first = start_session(reader=hospital.alice, size=20)
    with pytest.raises(Conflict) as caught:
        start_session(reader=hospital.alice, size=20)
    assert caught.value.code == "practice_open"
    start_session(reader=hospital.bob, size=20)
    end_session(session=first)
    start_session(reader=hospital.alice, size=20)


def test_without_films_there_is_nothing_to_begin(
    hospital: Hospital, client_of: ClientOf
) -> None:
    alice = client_of(hospital.alice)
    assert alice.get(BASE).json()["films"] == 0
    answer = alice.post(f"{BASE}/sessions", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_practice_films")


def test_a_session_may_be_ended_early_and_takes_no_answer_then(
    hospital: Hospital, client_of: ClientOf, altered: PracticeFilm
) -> None:
    (item,) = begin(hospital.alice)
    alice = client_of(hospital.alice)
    path = f"{BASE}/sessions/{item.session_id}/end"
    ended = alice.post(path).json()
    assert ended["ended_at"] is not None
    assert alice.post(path).json() == ended
    answer = alice.post(
        f"{BASE}/films/{item.pk}/answer", RIGHT, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "practice_ended")


def test_a_retired_film_is_drawn_no_more(
    hospital: Hospital, add_film: Film, altered: PracticeFilm
) -> None:
    add_film()
    PracticeFilm.objects.filter(pk=altered.pk).update(is_active=False)
    assert [item.film_id for item in begin(hospital.alice)] != [altered.pk]


# --- answers --------------------------------------------------------------------------


def test_the_truth_is_told_with_what_was_named_and_what_was_missed(
    hospital: Hospital, client_of: ClientOf, altered: PracticeFilm
) -> None:
    PracticeFilm.objects.update(evidence=said_of(0.875))
    (item,) = begin(hospital.alice)
    told = _answer(
        client_of(hospital.alice),
        item,
        reason_codes=["uniform_grain", "copied_region"],
        # Its centre lies in the square; the second one's does not.
        regions=[_box(item, [14, 14], [30, 30]), _box(item, [40, 40], [50, 50])],
    )["feedback"]
    assert told["is_right"] is True
    assert (told["truth"], told["kind"]) == ("altered", "region_copied")
    assert told["explanation"] == f"{CANARY}: look at the square."
    assert told["named_codes"] == ["copied_region"]
    assert told["missed_codes"] == ["local_inconsistency"]
    assert told["other_codes"] == ["uniform_grain"]
    assert told["regions"] == [{**REGION, "frame": 0, "found": True}]
    assert told["stray_marks"] == 1
    assert told["lanes"] == "told"
    assert told["evidence"]["suspicion"] == 0.875
    assert told["evidence"]["images"][0]["image_id"] == str(item.pk)
    assert told["evidence"]["images"][0]["lanes"][0]["lane"] == "tamper"


def test_a_box_round_the_whole_film_finds_nothing(
    hospital: Hospital, client_of: ClientOf, altered: PracticeFilm
) -> None:
    (item,) = begin(hospital.alice)
    whole = [_box(item, [0, 0], [63, 95])]
    told = _answer(client_of(hospital.alice), item, regions=whole)["feedback"]
    assert [region["found"] for region in told["regions"]] == [False]
    assert told["stray_marks"] == 1


@pytest.mark.parametrize(
    ("kind", "answer", "is_right"),
    [
        (PracticeKind.UNTOUCHED, "authentic", True),
        (PracticeKind.UNTOUCHED, "suspicious", False),
        (PracticeKind.REPROCESSED, "authentic", True),
        (PracticeKind.WHOLE_FILM, "suspicious", True),
        (PracticeKind.REGION_GENERATED, "authentic", False),
        (PracticeKind.WHOLE_FILM, "cannot_tell", False),
        (PracticeKind.UNTOUCHED, "cannot_tell", False),
    ],
)
def test_an_answer_is_right_where_it_says_what_the_film_is(
    kind: PracticeKind,
    answer: str,
    is_right: bool,
    hospital: Hospital,
    client_of: ClientOf,
    add_film: Film,
) -> None:
    add_film(kind)
    (item,) = begin(hospital.alice)
    told = _answer(client_of(hospital.alice), item, answer=answer)
    assert told["feedback"]["is_right"] is is_right


def test_an_answer_is_given_once(
    hospital: Hospital, client_of: ClientOf, altered: PracticeFilm, add_film: Film
) -> None:
    add_film()
    item = begin(hospital.alice)[0]
    alice = client_of(hospital.alice)
    told = _answer(alice, item, answer="cannot_tell", confidence=1)
    again = alice.post(
        f"{BASE}/films/{item.pk}/answer", RIGHT, content_type="application/json"
    )
    assert (again.status_code, again.json()["code"]) == (409, "already_answered")
    assert alice.get(f"{BASE}/films/{item.pk}").json() == told


def test_of_two_answers_at_once_the_first_stands(
    hospital: Hospital, altered: PracticeFilm, add_film: Film
) -> None:
    add_film()
    item = begin(hospital.alice)[0]
    # Both were read before either was answered.
    twin = PracticeItem.objects.select_related("film", "session").get(pk=item.pk)
    answer_item(item=item, answer=PracticeAnswer(Answer.SUSPICIOUS, 4))
    with pytest.raises(Conflict) as caught:
        answer_item(item=twin, answer=PracticeAnswer(Answer.AUTHENTIC, 1))
    assert caught.value.code == "already_answered"
    item.refresh_from_db()
    assert (item.answer, item.confidence) == ("suspicious", 4)


def test_an_answer_on_its_way_when_the_session_ends_is_refused(
    hospital: Hospital, altered: PracticeFilm
) -> None:
    (item,) = begin(hospital.alice)
    end_session(session=PracticeSession.objects.get())
    # `item` still holds the session as it was.
    with pytest.raises(Conflict) as caught:
        answer_item(item=item, answer=PracticeAnswer(Answer.SUSPICIOUS, 4))
    assert caught.value.code == "practice_ended"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"confidence": 6}, "invalid"),
        ({"answer": "maybe"}, "invalid"),
        ({"reason_codes": ["no_such"]}, "unknown_reason"),
        ({"reason_codes": ["looked_again"]}, "unknown_reason"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused_and_kept_nowhere(
    body: dict[str, Any],
    code: str,
    hospital: Hospital,
    client_of: ClientOf,
    altered: PracticeFilm,
) -> None:
    (item,) = begin(hospital.alice)
    answer = client_of(hospital.alice).post(
        f"{BASE}/films/{item.pk}/answer",
        {**RIGHT, **body},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not PracticeItem.objects.exclude(answered_at=None).exists()


def test_a_region_on_another_film_is_refused(
    hospital: Hospital, client_of: ClientOf, altered: PracticeFilm, add_film: Film
) -> None:
    add_film()
    one, other = begin(hospital.alice)
    answer = client_of(hospital.alice).post(
        f"{BASE}/films/{one.pk}/answer",
        {**RIGHT, "regions": [_box(other, [1, 1], [9, 9])]},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_region")


# --- what the lanes say ---------------------------------------------------------------


def test_a_map_is_served_after_the_answer_alone(
    hospital: Hospital, client_of: ClientOf, altered: PracticeFilm
) -> None:
    grid = Heatmap(np.full((3, 2), 0.5, np.float32), (32.0, 32.0), (0.0, 0.0))
    digest = put_bytes(heatmap_to_bytes(grid)).sha256
    PracticeFilm.objects.update(evidence=said_of(0.9, digest))
    (item,) = begin(hospital.alice)
    alice = client_of(hospital.alice)
    path = f"{BASE}/films/{item.pk}/tamper/heatmap"
    early = alice.get(path)
    assert (early.status_code, early.json()["code"]) == (403, "answer_first")
    _answer(alice, item)
    assert alice.get(path).json()["rows"] == 3
    missing = alice.get(f"{BASE}/films/{item.pk}/synthesis/heatmap")
    assert (missing.status_code, missing.json()["code"]) == (404, "no_map")


def test_lanes_that_have_not_spoken_are_waited_for(
    hospital: Hospital, client_of: ClientOf, altered: PracticeFilm
) -> None:
    (item,) = begin(hospital.alice)
    told = _answer(client_of(hospital.alice), item)["feedback"]
    assert (told["lanes"], told["evidence"]) == ("waiting", None)


def test_lanes_that_failed_for_good_are_not_waited_for(
    hospital: Hospital, client_of: ClientOf, altered: PracticeFilm
) -> None:
    (item,) = begin(hospital.alice)
    alice = client_of(hospital.alice)
    _answer(alice, item)
    now = timezone.now()
    for attempts, lease_until, lanes in (
        (4, now + dt.timedelta(minutes=1), "waiting"),
        (4, now - dt.timedelta(minutes=1), "failed"),
        (4, None, "failed"),
        (3, None, "waiting"),
    ):
        PracticeFilm.objects.update(attempts=attempts, lease_until=lease_until)
        told = alice.get(f"{BASE}/films/{item.pk}").json()["feedback"]
        assert (told["lanes"], told["evidence"]) == (lanes, None)


# --- whose it is ----------------------------------------------------------------------


def test_nobody_else_reaches_a_readers_practice(
    hospital: Hospital, client_of: ClientOf, charlie: User, altered: PracticeFilm
) -> None:
    (item,) = begin(hospital.alice)
    _answer(client_of(hospital.alice), item)
    film = f"{BASE}/films/{item.pk}"
    session = f"{BASE}/sessions/{item.session_id}"
    reads = [
        session,
        film,
        f"{film}/image",
        f"{film}/image/frames/0",
        f"{film}/tamper/heatmap",
    ]
    readers = {404: (hospital.bob, hospital.lena, charlie)}
    for person in (*readers[404], hospital.max, hospital.ada):
        browser = client_of(person)
        expected = 404 if person in readers[404] else 403
        assert [browser.get(path).status_code for path in reads] == [expected] * 5
        for path in (f"{session}/end", f"{film}/answer"):
            posted = browser.post(path, RIGHT, content_type="application/json")
            assert posted.status_code == expected


def test_films_of_another_site_are_not_practised_on(
    charlie: User, altered: PracticeFilm
) -> None:
    with pytest.raises(NotFound) as caught:
        start_session(reader=charlie, size=20)
    assert caught.value.code == "no_practice_films"


def test_who_moved_to_another_site_leaves_the_practice_behind(
    hospital: Hospital,
    client_of: ClientOf,
    charlie: User,
    altered: PracticeFilm,
    add_film: Film,
) -> None:
    mover = UserFactory.create(site=hospital.site, role=Role.RADIOLOGIST)
    (item,) = begin(mover)
    User.objects.filter(pk=mover.pk).update(site=charlie.site)
    mover.refresh_from_db()
    browser = client_of(mover)
    assert browser.get(f"{BASE}/films/{item.pk}").status_code == 404
    assert browser.get(BASE).json()["session"] is None
    # And is free to begin there.
    add_film(site=charlie.site)
    begun = browser.post(f"{BASE}/sessions", {}, content_type="application/json")
    assert begun.status_code == 201
    assert browser.get(BASE).json()["session"] == begun.json()
    again = browser.post(f"{BASE}/sessions", {}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "practice_open")


def test_the_calls_cost_what_they_cost(
    hospital: Hospital,
    client_of: ClientOf,
    add_film: Film,
    django_assert_num_queries: Any,
) -> None:
    for _ in range(3):
        add_film()
    items = begin(hospital.alice)
    alice = client_of(hospital.alice)
    _answer(alice, items[0])
    # Session cookie, user and site are three of each.
    for path, queries in (
        (BASE, 9),
        (f"{BASE}/sessions/{items[0].session_id}", 6),
        (f"{BASE}/films/{items[0].pk}", 6),
        (f"{BASE}/films/{items[1].pk}", 6),
        (f"{BASE}/progress", 4),
    ):
        with django_assert_num_queries(queries):
            assert alice.get(path).status_code == 200
