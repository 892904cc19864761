"""The socket carries news to those who may know, after the commit, and never data."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Department, Role, User
from apps.core.push import CaseChanged, CaseProgress, UploadItemChanged, push
from apps.detection import services
from apps.reading.consumers import CLOSE_NOT_SIGNED_IN
from apps.reading.models import Case, CaseOpinion
from apps.reading.services.cases import claim_case
from apps.reading.services.presence import leave_case, note_presence
from tests.apps.reading.conftest import CANARY, SUSPICION
from tests.apps.reading.sockets import Socket, open_socket, sign_in
from tests.conftest import Hospital
from tests.dicom import write_film
from tests.factories import UserFactory, make_case, make_upload, seal, take_file
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    Finding,
    LaneName,
    LaneStatus,
)

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], Client]


def _case_news(room: Department) -> CaseChanged:
    return CaseChanged(site_id=str(room.site_id), id="1", version=2, worklist=room.slug)


async def _assert_closed(user: Any) -> None:
    socket = Socket(user)
    await socket.open()
    closed = await socket.receive()
    assert closed["type"] == "websocket.close"
    assert closed["code"] == CLOSE_NOT_SIGNED_IN == 4401


@pytest.mark.parametrize("user", [AnonymousUser(), None], ids=["anonymous", "nobody"])
async def test_who_is_not_signed_in_is_closed_with_4401(user: Any) -> None:
    await _assert_closed(user)


async def test_a_person_without_a_site_is_closed_with_4401(db: None) -> None:
    await _assert_closed(await sync_to_async(UserFactory.create)(site=None))


async def test_readers_get_case_news_and_others_do_not(
    hospital: Hospital, charlie: User
) -> None:
    expected = {
        "kind": "case.changed", "id": "1", "version": 2, "worklist": "emergency",
    }  # fmt: skip
    heard = {
        hospital.alice: [expected],
        hospital.lena: [expected],
        hospital.max: [],
        hospital.ada: [],
        charlie: [],
    }
    for user, news in heard.items():
        async with open_socket(user) as socket:
            await sync_to_async(push)(_case_news(hospital.blind))
            assert await socket.drain() == news, user.username


@pytest.mark.parametrize(
    "change",
    [{"role": Role.ML}, {"is_active": False}, {"site": None}],
    ids=["other role", "locked", "no site"],
)
async def test_who_loses_the_right_while_connected_hears_no_more(
    change: dict[str, Any], hospital: Hospital
) -> None:
    async with open_socket(hospital.alice) as socket:
        await sync_to_async(push)(_case_news(hospital.blind))
        assert len(await socket.drain()) == 1
        await User.objects.filter(pk=hospital.alice.pk).aupdate(**change)
        await sync_to_async(push)(_case_news(hospital.blind))
        assert await socket.drain() == []


async def test_who_changes_sites_while_connected_hears_of_neither(
    hospital: Hospital, charlie: User
) -> None:
    async with open_socket(hospital.alice) as socket:
        site_id = charlie.site_id
        await User.objects.filter(pk=hospital.alice.pk).aupdate(site_id=site_id)
        await sync_to_async(push)(_case_news(hospital.blind))
        assert await socket.drain() == []


async def _assert_told_to_leave(socket: Socket) -> None:
    closed = await socket.receive()
    assert (closed["type"], closed["code"]) == ("websocket.close", 4401)


async def test_signing_out_closes_the_sockets_of_that_session_alone(
    hospital: Hospital, client_of: ClientOf
) -> None:
    here = await sync_to_async(client_of)(hospital.alice)
    session = await sync_to_async(lambda: here.session)()
    async with (
        open_socket(hospital.alice, session) as socket,
        open_socket(hospital.alice) as elsewhere,
        open_socket(hospital.bob) as other,
    ):
        answer = await sync_to_async(here.post)("/logout/")
        assert answer.status_code == 302
        await _assert_told_to_leave(socket)
        await sync_to_async(push)(_case_news(hospital.blind))
        assert await socket.is_silent()
        assert len(await elsewhere.drain()) == 1
        assert len(await other.drain()) == 1


@pytest.mark.parametrize("end", ["deleted", "expired", "of another person"])
async def test_a_session_that_ended_otherwise_is_told_nothing_more(
    end: str, hospital: Hospital
) -> None:
    session = await sync_to_async(sign_in)(hospital.alice)
    async with open_socket(hospital.alice, session) as socket:
        if end == "deleted":
            await Session.objects.all().adelete()
        elif end == "expired":
            await Session.objects.aupdate(expire_date=timezone.now())
        else:
            await session.aset(SESSION_KEY, str(hospital.bob.pk))
            await session.asave()
        await sync_to_async(push)(_case_news(hospital.blind))
        await _assert_told_to_leave(socket)
        assert await socket.is_silent()


async def test_a_person_without_a_session_is_closed_with_4401(
    hospital: Hospital,
) -> None:
    await _assert_closed(hospital.alice)


async def test_upload_news_goes_to_its_owner_and_to_quarantine_staff(
    hospital: Hospital, charlie: User
) -> None:
    upload = await sync_to_async(make_upload)(hospital.blind, hospital.alice)
    news = UploadItemChanged(
        site_id=str(hospital.site.pk),
        id="1",
        upload_id=str(upload.pk),
        status="stored",
    )
    heard = {
        hospital.alice: 1,
        hospital.bob: 0,
        hospital.lena: 1,
        hospital.ada: 1,
        hospital.max: 0,
        charlie: 0,
    }
    for user, count in heard.items():
        async with open_socket(user) as socket:
            await sync_to_async(push)(news)
            assert len(await socket.drain()) == count, user.username


async def test_news_comes_after_the_commit_and_not_after_a_rollback(
    hospital: Hospital,
) -> None:
    news = _case_news(hospital.blind)

    def change(*, rolls_back: bool) -> None:
        with transaction.atomic():
            push(news)
            transaction.set_rollback(rolls_back)

    async with open_socket(hospital.alice) as socket:
        await sync_to_async(change)(rolls_back=True)
        assert await socket.drain() == []
        await sync_to_async(change)(rolls_back=False)
        assert len(await socket.drain()) == 1


async def test_news_waits_for_the_outermost_commit(hospital: Hospital) -> None:
    waiting = asyncio.Event()
    loop = asyncio.get_running_loop()
    go_on = asyncio.Event()

    def change() -> None:
        with transaction.atomic():
            with transaction.atomic():
                push(_case_news(hospital.blind))
            loop.call_soon_threadsafe(waiting.set)
            asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(timeout=10)

    async with open_socket(hospital.alice) as socket:
        task = asyncio.create_task(sync_to_async(change, thread_sensitive=False)())
        await waiting.wait()
        assert await socket.is_silent()
        go_on.set()
        await task
        assert len(await socket.drain()) == 1


async def test_what_a_browser_sends_is_ignored(hospital: Hospital) -> None:
    async with open_socket(hospital.alice) as socket:
        await socket.send(json.dumps({"kind": "case.changed", "id": "1"}))
        assert await socket.drain() == []


def test_news_holds_no_data_and_not_the_address() -> None:
    news = CaseProgress(
        site_id="site", id="1", version=3, worklist="emergency", done=2, total=6
    )
    assert news.to_message() == {
        "kind": "case.progress",
        "id": "1",
        "version": 3,
        "worklist": "emergency",
        "done": 2,
        "total": 6,
    }


class _TellingLane:
    """A lane that finds what its film's tests say it finds."""

    version = "test"
    model_sha256: str | None = None

    def __init__(self, name: LaneName, *, finds: bool) -> None:
        self.name = name
        self._finds = finds

    def assess(self, image: DecodedImage, context: Context) -> Evidence:
        """Return a canary, or nothing."""
        if not self._finds:
            return Evidence(self.name, "test", LaneStatus.CLEAR, "Nothing.", 0.01)
        finding = Finding("moved", f"{CANARY}FINDING", 0.9, "a test")
        return Evidence(
            self.name,
            "test",
            LaneStatus.FINDING,
            f"{CANARY}REASON",
            SUSPICION,
            (finding,),
        )


async def test_a_flagged_film_makes_the_same_news_as_a_clear_one(
    hospital: Hospital, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = []
    for seed, finds in ((1, True), (2, False)):
        lanes = tuple(_TellingLane(name, finds=finds) for name in LaneName)
        monkeypatch.setattr(services, "active_lanes", lambda lanes=lanes: lanes)
        async with open_socket(hospital.alice) as socket:
            upload = await sync_to_async(make_upload)(hospital.blind, hospital.alice)
            film = write_film(tmp_path / f"{seed}.dcm", seed=seed)
            await sync_to_async(take_file)(upload, film)
            heard.append(await socket.drain())
    opinions = [o async for o in CaseOpinion.objects.order_by("case__received_at")]
    assert [opinion.flagged for opinion in opinions] == [True, False]
    for news in heard:
        text = json.dumps(news)
        for word in (CANARY, str(SUSPICION), "suspicion", "flagged", "tamper"):
            assert word not in text
    first, second = (
        [{**item, "id": "", "upload_id": ""} for item in news] for news in heard
    )
    assert first == second
    done = [item["done"] for item in first if item["kind"] == "case.progress"]
    assert done == [1, 2, 3, 4, 5, 6]


async def test_claims_and_seals_are_news_without_their_content(
    hospital: Hospital,
) -> None:
    case: Case = await sync_to_async(make_case)(hospital.blind)
    async with open_socket(hospital.bob) as socket:
        await sync_to_async(claim_case)(case=case, user=hospital.alice)
        await sync_to_async(seal)(case, hospital.alice)
        news = await socket.drain()
    assert [sorted(item) for item in news] == [
        ["id", "kind", "version", "worklist"],
        ["id", "kind", "version", "worklist"],
    ]


async def _news_of_presence(case: Case, visitor: User, listener: User) -> list[Any]:
    """Return what a listener hears while a visitor opens a case, stays and leaves."""
    tab = uuid.uuid4()
    async with open_socket(listener) as socket:
        for _ in range(2):
            await sync_to_async(note_presence)(case=case, user=visitor, tab=tab)
        await sync_to_async(leave_case)(
            case=case, user=visitor, tab=tab, keeps_claim=False
        )
        return await socket.drain()


async def test_opening_and_leaving_are_news_that_name_nobody_and_staying_is_none(
    hospital: Hospital, charlie: User
) -> None:
    case: Case = await sync_to_async(make_case)(hospital.blind)
    news = {"kind": "presence.changed", "id": str(case.pk), "version": 0}
    for listener, expected in {
        hospital.bob: [news, news],
        hospital.lena: [news, news],
        hospital.max: [],
        hospital.ada: [],
        charlie: [],
    }.items():
        assert await _news_of_presence(case, hospital.alice, listener) == expected


async def test_an_adjudicators_coming_is_no_news_to_whom_the_case_is_told_as_done(
    differing: Case, hospital: Hospital
) -> None:
    dora = await sync_to_async(UserFactory.create)(site=hospital.site)
    heard = {
        listener: len(await _news_of_presence(differing, hospital.lena, listener))
        for listener in (dora, hospital.alice)
    }
    assert heard == {dora: 0, hospital.alice: 2}
