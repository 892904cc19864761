"""PostgreSQL under an ASGI server: requests share a bounded pool of connections.

tests/apps/audit/test_postgres.py runs this on a server of its own.
"""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.db import connection

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="only PostgreSQL has a pool"
    ),
]
AT_ONCE, ROUNDS = 20, 3


async def _get(path: str) -> int:
    """Return the status of one request, served as uvicorn serves it."""
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }
    wire = ApplicationCommunicator(ASGIHandler(), scope)
    await wire.send_input({"type": "http.request", "body": b""})
    start = await wire.receive_output(timeout=30)
    await wire.receive_output(timeout=30)
    await wire.wait(timeout=30)
    status: int = start["status"]
    return status


async def _get_often(path: str) -> set[int]:
    told: set[int] = set()
    for _ in range(ROUNDS):
        told |= set(await asyncio.gather(*(_get(path) for _ in range(AT_ONCE))))
    return told


def _connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        )
        row = cursor.fetchone()
    return int(row[0])


def test_many_requests_leave_no_more_connections_than_the_pool_holds() -> None:
    most = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
    assert most < AT_ONCE
    # A connection whose thread has ended is closed by the collector at some later time.
    gc.disable()
    try:
        assert asyncio.run(_get_often("/health/ready")) == {200}
        assert _connections() <= most
    finally:
        gc.enable()


def test_a_thread_that_ends_gives_its_connection_back() -> None:
    most = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]

    def ask() -> None:
        try:
            _connections()
        finally:
            connection.close()

    for _ in range(2 * most):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(timeout=60)
        assert not thread.is_alive()
    assert _connections() <= most
