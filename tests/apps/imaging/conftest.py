"""Films go through real ingest here; the lanes after it are not run (tests of detection
and reading do that)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client, TestCase

from apps.accounts.models import User
from apps.core.objects import open_local
from apps.detection.receivers import analyse_registered_image
from apps.imaging.signals import image_registered
from tests.conftest import Hospital

JSON = "application/json"


@pytest.fixture(autouse=True)
def _without_lanes() -> Iterator[None]:
    receivers = list(image_registered.receivers)
    image_registered.disconnect(analyse_registered_image)
    yield
    # The list as it was: receivers are called in the order in which they connected.
    image_registered.receivers[:] = receivers
    image_registered.sender_receivers_cache.clear()


@dataclass(frozen=True)
class Door:
    """One person's browser at the upload page; tasks run when a request commits."""

    client: Client

    def open(self, worklist: str = "emergency", **more: Any) -> str:
        """Open an upload and return its id."""
        answer = self.client.post(
            "/api/v1/uploads", {"worklist": worklist, **more}, content_type=JSON
        )
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])

    def send(self, upload_id: str, path: Path, **fields: str) -> dict[str, Any]:
        """Send one file and return its item as it ended."""
        with path.open("rb") as film, commits_run_tasks():
            answer = self.client.post(
                f"/api/v1/uploads/{upload_id}/files", {"file": film, **fields}
            )
        assert answer.status_code == 202, answer.content
        items = {item["id"]: item for item in self.items(upload_id)}
        return items[answer.json()["id"]]

    def items(self, upload_id: str) -> list[dict[str, Any]]:
        """Return all items of an upload, page by page."""
        found: list[dict[str, Any]] = []
        query: dict[str, str] = {"limit": "200"}
        while True:
            page = self.client.get(f"/api/v1/uploads/{upload_id}/items", query).json()
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]

    def counts(self, upload_id: str) -> dict[str, int]:
        """Return the counts of an upload that are not zero."""
        counts = self.client.get(f"/api/v1/uploads/{upload_id}").json()["counts"]
        return {status: count for status, count in counts.items() if count}


def commits_run_tasks() -> Any:
    """Return a context in which what waits for a commit runs, nested or not."""
    return TestCase.captureOnCommitCallbacks(execute=connection.in_atomic_block)


@pytest.fixture
def door(hospital: Hospital, client_of: Callable[[User], Client]) -> Door:
    """Return Alice's upload page."""
    return Door(client_of(hospital.alice))


def stored_bytes(sha256: str) -> bytes:
    """Return what the store keeps under a digest."""
    with open_local(sha256) as path:
        return path.read_bytes()
