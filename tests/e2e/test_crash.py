"""kill -9 of any process, at any moment, loses nothing that was acknowledged."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Playwright, sync_playwright

from tests.e2e.stack import (
    ApiClient,
    StackProcess,
    is_alive,
    open_client,
    wait_for,
)

FILMS = 10
ANALYSED_WITHIN_S = 240.0

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not Path("/proc/self/environ").exists(), reason="looks processes up in /proc"
    ),
]


def _make_film(number: int) -> bytes:
    """Return a PNG, smooth with grain, another picture for each number."""
    random = np.random.default_rng(number)
    rows, columns = np.mgrid[0:640, 0:512]
    shape = np.hypot(rows - 320 - 9 * number, columns - 256)
    pixels = 40 + 150 * np.exp(-((shape / 180) ** 2)) + random.normal(0, 6, shape.shape)
    out = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def kept_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    kept = StackProcess(tmp_path_factory.mktemp("stack"))
    yield kept
    if kept.is_running():
        kept.stop()


@pytest.fixture
def stack(kept_stack: StackProcess) -> StackProcess:
    """The tests come in any order, and one of them stops the stack."""
    if not kept_stack.is_running():
        kept_stack.start()
    return kept_stack


@pytest.fixture
def client(playwright: Playwright, stack: StackProcess) -> Iterator[ApiClient]:
    accounts = json.loads((stack.data_dir / "demo_accounts.json").read_text())
    account = next(a for a in accounts if a["username"] == "radiologist")
    with open_client(playwright, stack) as opened:
        opened.sign_in(account["username"], account["password"])
        yield opened


def _send_films(client: ApiClient, first: int) -> str:
    worklist = client.get("/me")["worklists"][0]["slug"]
    body = {"worklist": worklist, "claim_reference": "", "expected_files": FILMS}
    upload_id: str = client.post("/uploads", data=body)["id"]
    for number in range(first, first + FILMS):
        client.upload(upload_id, f"film-{number}.png", _make_film(number))
    return upload_id


def _list_cases(client: ApiClient, upload_id: str) -> list[Any]:
    items = client.list_all(f"/uploads/{upload_id}/items")
    return [client.get(f"/cases/{i['case_id']}") for i in items if i["case_id"]]


def _count_finished(client: ApiClient, upload_id: str) -> int:
    cases = _list_cases(client, upload_id)
    return sum(
        case["progress"]["total"] > 0
        and case["progress"]["done"] == case["progress"]["total"]
        for case in cases
        if case["state"] != "analysing"
    )


def _wait_until_analysed(client: ApiClient, upload_id: str) -> None:
    wait_for(
        lambda: _count_finished(client, upload_id) == FILMS,
        within_s=ANALYSED_WITHIN_S,
        what=f"all {FILMS} films analysed",
        every_s=1.0,
    )
    items = client.list_all(f"/uploads/{upload_id}/items")
    assert [item["status"] for item in items] == ["stored"] * FILMS


def _answers(client: ApiClient) -> bool:
    try:
        client.get("/me")
    except (PlaywrightError, AssertionError):
        return False
    return True


def test_killing_worker_web_and_queue_in_mid_analysis_loses_no_film(
    stack: StackProcess, client: ApiClient
) -> None:
    upload_id = _send_films(client, first=0)
    wait_for(
        lambda: len(_list_cases(client, upload_id)) > 0,
        within_s=120,
        what="the first film is a case",
    )
    assert _count_finished(client, upload_id) < FILMS
    stack.kill_worker_fork()
    stack.kill("valkey")
    stack.kill("worker")
    stack.kill("web")
    stack.kill("beat")
    wait_for(lambda: _answers(client), within_s=60, what="the web server is back")
    # Once more, now that the sweeper has sent the work again.
    if _count_finished(client, upload_id) < FILMS:
        stack.kill("worker")
    _wait_until_analysed(client, upload_id)


def test_a_killed_supervisor_leaves_work_that_the_next_start_finishes(
    stack: StackProcess, client: ApiClient
) -> None:
    upload_id = _send_films(client, first=100)
    stack.kill_supervisor()
    stack.start()
    _wait_until_analysed(client, upload_id)


def test_the_write_ahead_log_stays_as_long_as_the_stack_runs(
    stack: StackProcess, client: ApiClient
) -> None:
    log = stack.data_dir / "truefilm.sqlite3-wal"
    before = log.stat().st_ino
    for _ in range(20):
        assert client.get("/me")
        assert log.stat().st_ino == before


def test_a_second_start_says_who_runs(stack: StackProcess) -> None:
    second = StackProcess(stack.data_dir, port=stack.port)
    process = second.launch()
    assert process.wait(timeout=30) == 1
    assert f"already running: {stack.url}/" in stack.output


def test_a_management_command_runs_on_the_data_of_the_stack(
    stack: StackProcess,
) -> None:
    # The command line must find the same key, queue and folder with no help.
    second = StackProcess(stack.data_dir, port=stack.port)
    found = second.manage("check")
    assert found.returncode == 0, found.stderr


def test_stopping_leaves_no_process_within_ten_seconds(stack: StackProcess) -> None:
    # Not found by its traces: Valkey shows neither the folder nor its environment.
    valkey = stack.find_leader("valkey")
    others = {stack.find_leader(name) for name in ("web", "worker", "beat")}
    assert others < set(stack.list_processes())
    assert is_alive(valkey)
    assert stack.stop() < 10
    assert stack.list_processes() == []
    assert not is_alive(valkey)
    assert isinstance(stack.process, subprocess.Popen)
    assert stack.process.returncode == 0
    # All is in the one file, which may then be copied.
    assert not (stack.data_dir / "truefilm.sqlite3-wal").exists()
