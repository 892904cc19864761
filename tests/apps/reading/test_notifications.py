"""The bell: who is told of what, once, bounded, to that person alone."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from apps.accounts.models import Department, Role, User
from apps.core.push import NotificationChanged, push
from apps.imaging.models import ItemStatus, Upload, UploadItem
from apps.imaging.services.uploads import cancel_upload
from apps.reading.models import Case
from apps.reading.notification_models import Notification
from apps.reading.services.bulk import assign_cases
from apps.reading.services.notifications import KEPT, tell_assigned, tell_of_upload
from tests.apps.reading.colleagues import ask, bell, reply, send
from tests.apps.reading.conftest import CANARY, FLAGGED, SUSPICION
from tests.apps.reading.sockets import open_socket
from tests.conftest import Hospital
from tests.dicom import write_film
from tests.factories import make_case, make_upload, take_file

ClientOf = Callable[[User], Client]
BELL = "/api/v1/notifications"
MARK = f"{BELL}/mark"


def _assign(hospital: Hospital, cases: list[Case], person: User) -> None:
    assign_cases(
        actor=hospital.lena,
        department=hospital.blind,
        case_ids=[case.pk for case in cases],
        person=person,
    )


def _items(upload: Upload, *statuses: ItemStatus) -> None:
    for number, status in enumerate(statuses):
        UploadItem.objects.create(
            upload=upload,
            file_name=f"{number}.dcm",
            sha256="0" * 64,
            size_bytes=1,
            status=status,
        )


def _lines(user: User) -> list[tuple[str, int, int, bool]]:
    told = Notification.objects.filter(user=user).order_by("-told_at")
    return [(line.kind, line.count, line.quarantined, line.is_read) for line in told]


# --- cases ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_cases_given_at_once_are_one_line_that_names_the_first(
    hospital: Hospital, client_of: ClientOf
) -> None:
    cases = [make_case(hospital.blind, said=FLAGGED) for _ in range(3)]
    _assign(hospital, cases, hospital.alice)
    shown = bell(client_of(hospital.alice))
    (line,) = shown["items"]
    assert (line["kind"], line["count"], shown["unread"]) == ("assigned", 3, 1)
    assert line["actor"]["display_name"] == "Lena"
    assert line["case"] == {
        "id": str(cases[0].pk),
        "worklist": "emergency",
        "patient_name": cases[0].study.patient.name,
        "modality": "DX",
        "description": "Chest",
    }
    text = json.dumps(shown)
    assert CANARY not in text
    assert str(SUSPICION) not in text
    for other in (hospital.lena, hospital.bob):
        assert bell(client_of(other)) == {"items": [], "next_cursor": None, "unread": 0}


@pytest.mark.django_db
def test_what_one_takes_oneself_or_holds_already_is_no_news(
    hospital: Hospital,
) -> None:
    case = make_case(hospital.blind)
    _assign(hospital, [case], hospital.lena)
    _assign(hospital, [case], hospital.alice)
    _assign(hospital, [case], hospital.alice)
    _assign(hospital, [make_case(hospital.triage)], hospital.alice)
    assert _lines(hospital.alice) == [("assigned", 1, 0, False)]
    assert _lines(hospital.lena) == []


@pytest.mark.django_db
def test_a_reply_marks_the_question_as_looked_at(hospital: Hospital) -> None:
    question = ask(make_case(hospital.blind), hospital.alice, hospital.bob)
    assert _lines(hospital.bob) == [("asked", 1, 0, False)]
    reply(question)
    assert _lines(hospital.bob) == [("asked", 1, 0, True)]


# --- the list -------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_list_is_paged_newest_first_at_a_fixed_cost(
    hospital: Hospital, client_of: ClientOf, django_assert_num_queries: Any
) -> None:
    for _ in range(5):
        _assign(hospital, [make_case(hospital.blind)], hospital.alice)
    alice = client_of(hospital.alice)
    with django_assert_num_queries(5):  # session, person, site, lines, unread
        page = alice.get(BELL, {"limit": 3}).json()
    rest = alice.get(BELL, {"limit": 3, "cursor": page["next_cursor"]}).json()
    ids = [line["id"] for line in page["items"] + rest["items"]]
    newest = Notification.objects.order_by("-told_at").values_list("pk", flat=True)
    assert ids == [str(pk) for pk in newest]
    assert (page["unread"], rest["next_cursor"]) == (5, None)
    bad = alice.get(BELL, {"cursor": "x"})
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_cursor")


@pytest.mark.django_db
def test_a_person_marks_their_own_lines_read_and_unread_and_nobody_elses(
    hospital: Hospital, client_of: ClientOf
) -> None:
    for _ in range(2):
        _assign(hospital, [make_case(hospital.blind)], hospital.alice)
    alice, bob = client_of(hospital.alice), client_of(hospital.bob)
    ids = [line["id"] for line in bell(alice)["items"]]
    assert send(bob, MARK, {"ids": ids}).json() == {"unread": 0}
    assert bell(alice)["unread"] == 2
    for _ in range(2):
        answer = send(alice, MARK, {"ids": [ids[0], str(uuid.uuid4())]})
        assert (answer.status_code, answer.json()) == (200, {"unread": 1})
    assert [line["is_read"] for line in bell(alice)["items"]] == [True, False]
    again = send(alice, MARK, {"ids": ids, "is_read": False})
    assert again.json() == {"unread": 2}
    assert send(alice, MARK, {"ids": "all"}).status_code == 422
    assert send(alice, MARK, {"ids": [ids[0]] * 201}).status_code == 422
    assert alice.get(MARK).status_code == 405
    assert Client().get(BELL).status_code == 401


@pytest.mark.django_db
def test_only_the_newest_are_kept_of_each_person(hospital: Hospital) -> None:
    case = make_case(hospital.blind)
    for person in (hospital.alice, hospital.bob):
        for count in range(1, KEPT + 4):
            tell_assigned(
                person=person,
                actor=hospital.lena,
                site_id=hospital.site.pk,
                case_ids=[case.pk] * count,
            )
    for person in (hospital.alice, hospital.bob):
        counts = [count for _, count, _, _ in _lines(person)]
        assert counts == list(range(KEPT + 3, 3, -1))


@pytest.mark.django_db
def test_who_changes_role_or_site_is_shown_no_more_than_they_may_know(
    hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    _assign(hospital, [make_case(hospital.blind)], hospital.alice)
    upload = make_upload(hospital.blind, hospital.alice)
    _items(upload, ItemStatus.STORED)
    tell_of_upload(upload_id=upload.pk, is_quarantined=False)
    alice = client_of(hospital.alice)

    def kinds(**change: Any) -> list[str]:
        User.objects.filter(pk=hospital.alice.pk).update(**change)
        shown = bell(alice)
        assert shown["unread"] == len(shown["items"])
        return [line["kind"] for line in shown["items"]]

    assert kinds() == ["upload_finished", "assigned"]
    assert kinds(role=Role.ADMIN) == ["upload_finished"]
    assert kinds(role=Role.ML) == []
    assert kinds(role=Role.RADIOLOGIST, site=charlie.site) == []
    assert kinds(site=None) == []


# --- uploads --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_who_sent_films_is_told_when_they_are_through(
    hospital: Hospital, client_of: ClientOf, tmp_path: Path
) -> None:
    upload = make_upload(hospital.blind, hospital.alice)
    Upload.objects.filter(pk=upload.pk).update(expected_files=2)
    take_file(upload, write_film(tmp_path / "1.dcm", seed=1))
    assert _lines(hospital.alice) == []
    take_file(upload, write_film(tmp_path / "2.dcm", seed=2))
    (line,) = bell(client_of(hospital.alice))["items"]
    assert (line["kind"], line["count"]) == ("upload_finished", 2)
    assert (line["upload_id"], line["case"]) == (str(upload.pk), None)
    assert _lines(hospital.lena) == []


@pytest.mark.django_db(transaction=True)
def test_a_file_in_quarantine_is_told_at_once_and_counted_again_at_the_end(
    hospital: Hospital, client_of: ClientOf, tmp_path: Path
) -> None:
    upload = make_upload(hospital.blind, hospital.alice)
    Upload.objects.filter(pk=upload.pk).update(expected_files=3)
    broken = tmp_path / "PATIENTNAME-broken.dcm"
    for text in (b"not a film", b"nor this"):
        broken.write_bytes(text)
        take_file(upload, broken)
        assert _lines(hospital.alice) == [("upload_quarantined", 1, 1, False)]
    alice = client_of(hospital.alice)
    send(alice, MARK, {"ids": [bell(alice)["items"][0]["id"]]})
    take_file(upload, write_film(tmp_path / "1.dcm"))
    assert _lines(hospital.alice) == [("upload_finished", 3, 2, False)]
    assert "PATIENTNAME" not in json.dumps(bell(alice))


@pytest.mark.django_db
def test_that_an_upload_is_through_is_told_after_its_quarantine(
    hospital: Hospital,
) -> None:
    upload = make_upload(hospital.blind, hospital.alice)
    _items(upload, ItemStatus.RECEIVED, ItemStatus.QUARANTINED)
    tell_of_upload(upload_id=upload.pk, is_quarantined=True)
    assert _lines(hospital.alice) == [("upload_quarantined", 2, 1, False)]
    Notification.objects.update(is_read=True)
    # As many files as before, and as many of them in quarantine.
    UploadItem.objects.filter(status=ItemStatus.RECEIVED).update(
        status=ItemStatus.STORED
    )
    tell_of_upload(upload_id=upload.pk, is_quarantined=False)
    assert _lines(hospital.alice) == [("upload_finished", 2, 1, False)]
    # More was sent to it: no longer through, and then it is again.
    _items(upload, ItemStatus.QUARANTINED, ItemStatus.RECEIVED)
    tell_of_upload(upload_id=upload.pk, is_quarantined=True)
    assert _lines(hospital.alice) == [("upload_quarantined", 4, 2, False)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statuses", "expected", "told"),
    [
        ([], None, []),
        ([ItemStatus.STORED, ItemStatus.RECEIVED], None, []),
        ([ItemStatus.STORED, ItemStatus.UNPACKING], 2, []),
        ([ItemStatus.STORED], 2, []),
        ([ItemStatus.STORED, ItemStatus.DUPLICATE], 2, [("upload_finished", 2, 0)]),
        ([ItemStatus.STORED], None, [("upload_finished", 1, 0)]),
        ([ItemStatus.QUARANTINED], 3, [("upload_quarantined", 1, 1)]),
        ([ItemStatus.QUARANTINED], None, [("upload_finished", 1, 1)]),
    ],
)
def test_an_upload_is_through_once_nothing_waits_and_nothing_is_expected(
    statuses: list[ItemStatus],
    expected: int | None,
    told: list[tuple[str, int, int]],
    hospital: Hospital,
) -> None:
    upload = make_upload(hospital.blind, hospital.alice)
    Upload.objects.filter(pk=upload.pk).update(expected_files=expected)
    _items(upload, *statuses)
    is_quarantined = ItemStatus.QUARANTINED in statuses
    tell_of_upload(upload_id=upload.pk, is_quarantined=is_quarantined)
    assert [line[:3] for line in _lines(hospital.alice)] == told
    Notification.objects.update(is_read=True)
    tell_of_upload(upload_id=upload.pk, is_quarantined=is_quarantined)
    # Told again of the same, nothing is new.
    assert [line[3] for line in _lines(hospital.alice)] == [True] * len(told)


@pytest.mark.django_db
def test_nobody_is_told_of_cancelled_uploads_and_of_those_of_integrations(
    hospital: Hospital,
) -> None:
    cancelled = make_upload(hospital.blind, hospital.alice)
    _items(cancelled, ItemStatus.STORED)
    cancel_upload(upload=cancelled, actor=hospital.alice)
    for upload in (
        cancelled,
        make_upload(hospital.blind, hospital.script),
        make_upload(hospital.blind, None),
    ):
        _items(upload, ItemStatus.STORED)
        tell_of_upload(upload_id=upload.pk, is_quarantined=False)
    assert not Notification.objects.exists()


# --- the socket -----------------------------------------------------------------------


def test_the_news_is_an_id_and_the_address_stays_behind() -> None:
    news = NotificationChanged(site_id="site", user_id="person", id="1")
    assert news.to_message() == {
        "kind": "notification.changed",
        "id": "1",
        "version": 0,
    }
    assert news.group() == "user.person"


@pytest.mark.django_db(transaction=True)
async def test_a_persons_news_reaches_their_sockets_alone(
    hospital: Hospital, charlie: User
) -> None:
    case: Case = await sync_to_async(make_case)(hospital.blind)
    heard = {}
    for person in (hospital.alice, hospital.bob, hospital.lena, charlie):
        async with open_socket(person) as socket:
            await sync_to_async(tell_assigned)(
                person=hospital.alice,
                actor=hospital.lena,
                site_id=hospital.site.pk,
                case_ids=[case.pk],
            )
            heard[person.username] = await socket.drain()
    first = await Notification.objects.order_by("told_at").afirst()
    assert first is not None
    news = {"kind": "notification.changed", "id": str(first.pk), "version": 0}
    assert heard == {"alice": [news], "bob": [], "lena": [], "charlie": []}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "change",
    [{"role": Role.ML}, {"is_active": False}, {"site": None}],
    ids=["other role", "locked", "no site"],
)
async def test_who_loses_the_right_while_connected_hears_no_more(
    change: dict[str, Any], hospital: Hospital
) -> None:
    case: Case = await sync_to_async(make_case)(hospital.blind)
    told: dict[str, Any] = {
        "person": hospital.alice,
        "actor": hospital.lena,
        "site_id": hospital.site.pk,
        "case_ids": [case.pk],
    }
    async with open_socket(hospital.alice) as socket:
        await sync_to_async(tell_assigned)(**told)
        assert len(await socket.drain()) == 1
        await User.objects.filter(pk=hospital.alice.pk).aupdate(**change)
        await sync_to_async(tell_assigned)(**told)
        assert await socket.drain() == []


@pytest.mark.django_db(transaction=True)
async def test_news_of_another_persons_line_is_not_passed_on(
    hospital: Hospital,
) -> None:
    case: Case = await sync_to_async(make_case)(hospital.blind)
    await sync_to_async(tell_assigned)(
        person=hospital.bob,
        actor=hospital.lena,
        site_id=hospital.site.pk,
        case_ids=[case.pk],
    )
    bobs = await Notification.objects.aget()
    async with open_socket(hospital.alice) as socket:
        # As if it had been addressed to her by mistake.
        await sync_to_async(push)(
            NotificationChanged(
                site_id=str(hospital.site.pk),
                user_id=str(hospital.alice.pk),
                id=str(bobs.pk),
            )
        )
        assert await socket.drain() == []


@pytest.mark.django_db
def test_nothing_is_told_of_cases_that_were_not_given(hospital: Hospital) -> None:
    room: Department = hospital.blind
    results = assign_cases(
        actor=hospital.lena,
        department=room,
        case_ids=[uuid.uuid4()],
        person=hospital.alice,
    )
    assert [row.refusal is not None for row in results] == [True]
    assert _lines(hospital.alice) == []
