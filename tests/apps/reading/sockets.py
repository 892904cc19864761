"""A browser's end of `/ws/events`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client

from apps.reading.consumers import EventsConsumer

# Longer than rights take to be looked up on a busy machine.
SILENCE_S = 0.15


class Socket:
    """A browser's end of `/ws/events` (channels' own helper needs daphne)."""

    def __init__(self, user: Any, session: SessionBase | None = None) -> None:
        scope = {
            "type": "websocket",
            "path": "/ws/events",
            "user": user,
            "session": session,
        }
        self._wire = ApplicationCommunicator(EventsConsumer.as_asgi(), scope)

    async def open(self) -> None:
        """Ask to be let in; the consumer accepts before it looks at the person."""
        await self._wire.send_input({"type": "websocket.connect"})
        assert (await self.receive())["type"] == "websocket.accept"

    async def close(self) -> None:
        """Leave."""
        await self._wire.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._wire.wait(5)

    async def send(self, text: str) -> None:
        """Say something."""
        await self._wire.send_input({"type": "websocket.receive", "text": text})

    async def receive(self) -> dict[str, Any]:
        """Return the server's next message."""
        message: dict[str, Any] = await self._wire.receive_output(5)
        return message

    async def hear(self, count: int) -> list[dict[str, Any]]:
        """Return the next pieces of news, however long each takes."""
        return [json.loads((await self.receive())["text"]) for _ in range(count)]

    async def is_silent(self) -> bool:
        """Return whether nothing comes for a while."""
        return bool(await self._wire.receive_nothing(timeout=SILENCE_S))

    async def drain(self) -> list[dict[str, Any]]:
        """Return all that arrives until the socket is silent."""
        arrived = []
        while not await self.is_silent():
            arrived.append(json.loads((await self.receive())["text"]))
        return arrived


def sign_in(user: Any) -> SessionBase:
    """Return a session of `user`, as a browser has one."""
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser.session


@asynccontextmanager
async def open_socket(
    user: Any, session: SessionBase | None = None
) -> AsyncIterator[Socket]:
    """Yield an open socket of `user` that has been greeted."""
    socket = Socket(user, session or await sync_to_async(sign_in)(user))
    await socket.open()
    assert await socket.drain() == [{"kind": "hello", "id": "", "version": 0}]
    yield socket
    await socket.close()
