"""Who is no member of a department is served nothing of it, at any door."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.selectors import departments_of
from apps.accounts.services import add_member
from apps.audit.models import Event, EventKind
from apps.core.errors import Invalid
from apps.core.push import (
    CaseChanged,
    CaseProgress,
    NotificationChanged,
    PresenceChanged,
    UploadChanged,
    push,
)
from apps.detection.models import LaneResult
from apps.imaging.models import Image, ItemStatus, Study, Upload, UploadItem
from apps.reading.models import Case, Decision, Priority, SavedView
from apps.reading.notification_models import Notification
from apps.reading.selectors import cases_visible_to, list_worklists
from apps.reading.services.bulk import Standing, assign_cases, restore_cases
from apps.reading.services.notifications import tell_assigned
from tests.apps.accounts.test_permissions import BODIES
from tests.apps.reading.colleagues import ask
from tests.apps.reading.conftest import post
from tests.apps.reading.crawl import fill_path, give_film, list_operations
from tests.apps.reading.sockets import open_socket
from tests.conftest import Hospital
from tests.dicom import write_film
from tests.factories import (
    Said,
    decide,
    image_of,
    leave_room,
    make_case,
    make_image,
    make_upload,
    seal,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
JSON = "application/json"
NAME = "ROOMCANARY"
# What names a thing of the department in an address.
NAMED = ("{slug}", "{case_id}", "{image_id}", "{upload_id}", "{view_id}")


@dataclass(frozen=True)
class Room:
    """Cases of the blind department in which every door would find something, and one
    of the triage department with the same patient and the same picture.

    words: what stands in answers about the blind department, and nowhere else.
    """

    open: Case
    closed: Case
    upload: Upload
    near: Case
    words: tuple[str, ...]


@pytest.fixture
def room(hospital: Hospital, tmp_path: Path) -> Room:
    """Fill the blind department."""
    case = make_case(hospital.blind)
    Study.objects.filter(pk=case.pk).update(description=f"{NAME} chest")
    closed = make_case(hospital.blind, said=Said(suspicion=0.9, flagged=True))
    seal(closed, hospital.bob)
    decide(closed, hospital.bob, Decision.OVERRULE)
    for person in (hospital.alice, hospital.lena):
        ask(case, hospital.bob, person)
        tell_assigned(
            person=person,
            actor=hospital.bob,
            site_id=hospital.site.pk,
            case_ids=[case.pk],
        )
    SavedView.objects.create(
        owner=hospital.bob, department=hospital.blind, name=NAME, is_shared=True
    )
    upload = make_upload(hospital.blind, hospital.alice)
    UploadItem.objects.create(
        upload=upload,
        file_name=f"{NAME}.dcm",
        size_bytes=1,
        sha256="0" * 64,
        status=ItemStatus.QUARANTINED,
    )
    image = make_image(hospital.triage)
    image.study.patient = case.study.patient
    image.study.save()
    near = make_case(hospital.triage, image=image)
    _find_reuse(near, image_of(case))
    for each in (case, closed, near):
        give_film(each, tmp_path)
    rows = (case, closed, upload, image_of(case))
    words = (NAME, "emergency", *(str(row.pk) for row in rows))
    return Room(case, closed, upload, near, words)


def _find_reuse(case: Case, film: Image) -> None:
    result = LaneResult.objects.get(run__image__study_id=case.pk, lane="reuse")
    detail = {"film_id": str(film.pk), "distance": 0, "transform": "as is"}
    result.findings = [
        {
            "code": "reuse_exact", "text": f"As {NAME}.", "weight": 0.9, "source": "a",
            "region": None, "detail": {**detail, "exact": True},
        }
    ]  # fmt: skip
    result.reason = f"As {NAME}."
    result.save()


def _crawl(browser: Client, room: Room) -> dict[str, set[str]]:
    """Return which of the room's words each operation answers with, and the status
    where it names something of the room and is neither 403 nor 404."""
    found: dict[str, set[str]] = {}
    for method, path in list_operations():
        operation = f"{method.upper()} {path.removeprefix('/api/v1')}"
        body = json.dumps(BODIES.get(operation, {}))
        # By way of the other department's case: priors, matches, evidence, next.
        for case in (room.open, room.closed, room.near):
            address = fill_path(path, case, str(room.upload.pk))
            sent = browser.generic(method.upper(), address, body, content_type=JSON)
            text = sent.getvalue().decode("utf-8", "replace")
            assert sent.status_code < 500, f"{operation}: {sent.status_code}"
            told = {word for word in room.words if word in text + str(sent.headers)}
            is_ours = any(part in path for part in NAMED) and "practice" not in path
            by_way = case is room.near and "{slug}" not in path
            if is_ours and not by_way and sent.status_code not in (403, 404):
                told.add(str(sent.status_code))
            found.setdefault(operation, set()).update(told)
    return found


@pytest.mark.parametrize("who", ["alice", "lena", "max", "ada", "script"])
def test_no_operation_serves_a_non_member_anything_of_the_department(
    who: str, hospital: Hospital, room: Room, client_of: ClientOf
) -> None:
    person = getattr(hospital, who)
    leave_room(person, hospital.blind)
    told = _crawl(client_of(person), room)
    assert len(told) >= 50
    for operation, words in told.items():
        if operation == "POST /uploads/{upload_id}/files":
            words -= {"422"}  # no form: a test of its own below
        if operation.startswith("GET /audit/"):
            # The log belongs to the site. It holds ids of cases, and no patient.
            words &= {NAME}
        assert words == set(), operation


def test_the_same_crawl_finds_everything_for_a_member(
    hospital: Hospital, room: Room, client_of: ClientOf
) -> None:
    told = _crawl(client_of(hospital.lena), room)
    assert set().union(*told.values()) >= set(room.words)
    silent = {operation for operation, words in told.items() if not words}
    for operation in (
        "GET /me",
        "GET /worklists",
        "GET /worklists/{slug}/cases",
        "POST /worklists/{slug}/cases/search",
        "POST /worklists/{slug}/cases/csv",
        "GET /worklists/{slug}/views",
        "GET /worklists/{slug}/people",
        "GET /worklists/{slug}/queues",
        "GET /cases/{case_id}",
        "GET /cases/{case_id}/priors",
        "GET /cases/{case_id}/next",
        "GET /questions",
        "GET /notifications",
        "GET /uploads",
        "GET /quarantine",
        "GET /images/{image_id}",
        "GET /images/{image_id}/preview",
        "GET /insights/canaries",
    ):
        assert operation not in silent


# --- what a crawl does not see --------------------------------------------------------


def test_counts_and_figures_hold_no_case_of_other_departments(
    hospital: Hospital, room: Room, client_of: ClientOf
) -> None:
    lena, max_ = client_of(hospital.lena), client_of(hospital.max)
    summary, labels = "/api/v1/insights/summary", "/api/v1/learning/labels"
    before = lena.get(summary).json()
    assert (before["open_cases"], before["verdicts"]) == (2, 1)
    assert max_.get(labels).json()["total"] == 1
    runs = sum(lane["runs"] for lane in before["lanes"])
    for person in (hospital.lena, hospital.max):
        leave_room(person, hospital.blind)
    after = lena.get(summary).json()
    assert (after["open_cases"], after["verdicts"]) == (1, 0)
    assert (after["flags_decided"], after["overrule_rate"]["n"]) == (0, 0)
    assert runs > 0 == sum(lane["runs"] for lane in after["lanes"])
    assert max_.get(labels).json()["total"] == 0
    for form in ("csv", "parquet"):
        assert str(room.closed.pk).encode() not in max_.get(f"{labels}.{form}").content
    worklists = lena.get("/api/v1/worklists").json()
    assert [(each["slug"], each["open_count"]) for each in worklists] == [("claims", 1)]
    assert lena.get("/api/v1/notifications").json()["unread"] == 0


def test_a_match_with_a_film_of_another_department_names_nothing_of_it(
    hospital: Hospital, room: Room, client_of: ClientOf
) -> None:
    # Triage, so nothing here waits for a seal; Bob has read the other case besides.
    seal(room.open, hospital.bob)
    base = f"/api/v1/cases/{room.near.pk}"
    browser = client_of(hospital.bob)
    assert len(browser.get(f"{base}/matches").json()) == 1
    assert NAME in browser.get(f"{base}/evidence").content.decode()
    leave_room(hospital.bob, hospital.blind)
    assert browser.get(f"{base}/matches").json() == []
    text = browser.get(f"{base}/evidence").content.decode()
    assert "a case not open to you yet" in text
    assert NAME not in text
    assert str(image_of(room.open).pk) not in text


def test_only_members_can_be_asked_and_given_cases(
    hospital: Hospital, room: Room, client_of: ClientOf
) -> None:
    leave_room(hospital.alice, hospital.blind)
    room.open.refresh_from_db()
    with pytest.raises(Invalid) as asked:
        ask(room.open, hospital.lena, hospital.alice)
    assert asked.value.code == "bad_person"
    given: dict[str, Any] = {"actor": hospital.lena, "department": hospital.blind}
    with pytest.raises(Invalid) as assigned:
        assign_cases(**given, case_ids=[room.open.pk], person=hospital.alice)
    assert assigned.value.code == "bad_person"
    standing = Standing(
        hospital.alice.pk, timezone.now(), Priority.ROUTINE, room.open.version
    )
    (row,) = restore_cases(**given, standings={room.open.pk: standing})
    assert row.refusal is not None
    assert row.refusal.code == "bad_person"
    people = client_of(hospital.lena).get("/api/v1/worklists/emergency/people").json()
    assert [each["display_name"] for each in people] == ["Bob", "Lena"]


def test_second_reads_and_adjudication_are_for_members(
    hospital: Hospital, differing: Case, client_of: ClientOf
) -> None:
    lena = client_of(hospital.lena)
    queues = "/api/v1/worklists/emergency/queues"
    ruling = f"/api/v1/cases/{differing.pk}/adjudication"
    assert lena.get(queues).json()["adjudication"] == 1
    assert lena.get(ruling).status_code == 200
    leave_room(hospital.lena, hospital.blind)
    assert lena.get(queues).status_code == 404
    body = {"outcome": "authentic", "reason_codes": ["natural_noise"], "note": "Both."}
    for answer in (
        lena.get(ruling),
        post(lena, differing, "adjudication", body),
        lena.post(f"/api/v1/cases/{differing.pk}/claim"),
    ):
        assert answer.status_code == 404
    differing.refresh_from_db()
    assert differing.state == "adjudication"


def test_films_are_sent_to_the_own_departments_alone(
    hospital: Hospital, client_of: ClientOf, bearer: dict[str, str], tmp_path: Path
) -> None:
    film = SimpleUploadedFile("a.dcm", write_film(tmp_path / "a.dcm").read_bytes())
    mine = make_upload(hospital.blind, hospital.script)
    leave_room(hospital.script, hospital.blind)
    browser = Client(headers=bearer)
    for address, body in (
        ("/api/v1/studies", {"file": film, "worklist": "emergency"}),
        (f"/api/v1/uploads/{mine.pk}/files", {"file": film}),
    ):
        film.seek(0)
        assert browser.post(address, body).status_code == 404
    assert not UploadItem.objects.exists()
    # Without a name, the sender's first department takes them.
    assert departments_of(hospital.script).first() == hospital.triage


def test_a_view_of_a_case_by_a_non_member_is_no_event(
    hospital: Hospital, room: Room, client_of: ClientOf
) -> None:
    leave_room(hospital.alice, hospital.blind)
    client_of(hospital.alice).get(f"/api/v1/cases/{room.open.pk}")
    client_of(hospital.alice).get(f"/api/v1/cases/{room.near.pk}/priors")
    looks = (EventKind.CASE_VIEWED, EventKind.CASE_FETCHED)
    seen = Event.objects.filter(kind__in=looks, actor=hospital.alice)
    assert not seen.filter(case_id=room.open.pk).exists()


def test_who_comes_back_sees_the_department_again(
    hospital: Hospital, room: Room
) -> None:
    leave_room(hospital.alice, hospital.blind)
    assert not cases_visible_to(hospital.alice).filter(pk=room.open.pk).exists()
    add_member(department=hospital.blind, person=hospital.alice, actor=hospital.lena)
    assert cases_visible_to(hospital.alice).filter(pk=room.open.pk).exists()
    assert [each.slug for each in list_worklists(user=hospital.alice)] == [
        "emergency",
        "claims",
    ]


@pytest.mark.django_db(transaction=True)
async def test_a_socket_hears_of_the_own_departments_alone(hospital: Hospital) -> None:
    case = await sync_to_async(make_case)(hospital.blind)
    image = await sync_to_async(image_of)(case)
    upload = await sync_to_async(make_upload)(hospital.blind, hospital.alice)
    await sync_to_async(tell_assigned)(
        person=hospital.alice,
        actor=hospital.lena,
        site_id=hospital.site.pk,
        case_ids=[case.pk],
    )
    line = await Notification.objects.aget()
    site = str(hospital.site.pk)
    about: dict[str, Any] = {"site_id": site, "id": str(case.pk)}
    news = [
        CaseChanged(**about, worklist="emergency"),
        CaseProgress(**about, worklist="emergency", done=1, total=6),
        PresenceChanged(**about),
        UploadChanged(site_id=site, id=str(upload.pk)),
        NotificationChanged(
            site_id=site, user_id=str(hospital.alice.pk), id=str(line.pk)
        ),
    ]

    async def heard() -> list[str]:
        for each in news:
            await sync_to_async(push)(each)
        return [str(message["kind"]) for message in await socket.drain()]

    assert image.study_id == case.pk
    async with open_socket(hospital.alice) as socket:
        assert sorted(await heard()) == sorted(each.kind for each in news)
        # The socket stays open: rights are looked at for each piece of news.
        await sync_to_async(leave_room)(hospital.alice, hospital.blind)
        assert await heard() == []
        await sync_to_async(push)(CaseChanged(**about, worklist="claims"))
        assert len(await socket.drain()) == 1


def test_visibility_costs_no_query_more(
    hospital: Hospital, room: Room, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        list(cases_visible_to(hospital.alice))
    with django_assert_num_queries(1):
        list_worklists(user=hospital.alice)
