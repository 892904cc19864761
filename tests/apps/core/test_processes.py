"""The supervisor ends what it started, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.core import processes
from apps.core.demo_key import load_or_make_signing_key
from apps.core.embedded import find_port_trouble, load_or_make_key, write_private
from apps.core.processes import (
    Child,
    read_start_mark,
    reap_orphans,
    record_children,
    stop_children,
)
from workers.dicom.signatures.certificates import describe
from workers.dicom.signatures.sign import FileSigner

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('deaf', flush=True); time.sleep(60)",
]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    made = Child("sleeper", SLEEP, dict(os.environ), tmp_path, tmp_path / "sleeper.log")
    made.start()
    yield made
    stop_children([made], within_s=0)


def _pid_of(child: Child) -> int:
    assert child.process is not None
    return child.process.pid


def _heal_within(child: Child, said: list[str], seconds: float) -> bool:
    deadline_s = time.monotonic() + seconds
    while time.monotonic() < deadline_s:
        if child.heal(said.append):
            return True
        time.sleep(0.02)
    return False


def test_a_child_that_lives_is_left_alone(child: Child, said: list[str]) -> None:
    before = _pid_of(child)
    assert not child.heal(said.append)
    assert (_pid_of(child), said) == (before, [])


def test_a_killed_child_is_started_again_and_said_so(
    child: Child, said: list[str]
) -> None:
    before = _pid_of(child)
    os.kill(before, signal.SIGKILL)
    assert _heal_within(child, said, 5)
    assert child.is_alive()
    assert _pid_of(child) != before
    assert len(said) == 1
    assert "sleeper ended (signal 9)" in said[0]


@pytest.mark.slow
def test_each_early_death_doubles_the_wait(child: Child, said: list[str]) -> None:
    for expected_s in (0.5, 1.0):
        assert child.backoff_s == expected_s
        os.kill(_pid_of(child), signal.SIGKILL)
        assert _heal_within(child, said, 5)


def test_a_child_deaf_to_the_request_is_killed_at_the_deadline(tmp_path: Path) -> None:
    log = tmp_path / "deaf.log"
    child = Child("deaf", STUBBORN, dict(os.environ), tmp_path, log)
    child.start()
    while "deaf" not in log.read_text():
        time.sleep(0.02)
    stop_children([child], within_s=0.2)
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_an_orphan_of_a_killed_supervisor_is_ended(
    child: Child, said: list[str], tmp_path: Path
) -> None:
    record = tmp_path / "processes.json"
    record_children(record, [child])
    reap_orphans(record, said.append)
    assert child.process is not None
    assert child.process.wait(timeout=5) == -signal.SIGKILL
    assert len(said) == 1
    assert not record.exists()


def test_a_stranger_with_a_recycled_number_is_left_alone(
    child: Child, said: list[str], tmp_path: Path
) -> None:
    record = tmp_path / "processes.json"
    row = {"pid": _pid_of(child), "mark": "another boot:1", "name": "valkey"}
    record.write_text(json.dumps([row]))
    reap_orphans(record, said.append)
    assert child.is_alive()
    assert said == []


@pytest.mark.parametrize("content", ["", "not json", "[]"])
def test_a_damaged_record_stops_no_start(
    content: str, said: list[str], tmp_path: Path
) -> None:
    record = tmp_path / "processes.json"
    record.write_text(content)
    reap_orphans(record, said.append)
    assert said == []


def test_the_start_mark_of_a_process_that_ended_is_none() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pid = ended.pid
    assert read_start_mark(pid) is None
    assert read_start_mark(os.getpid()) is not None


def test_a_long_log_is_kept_once_and_begun_again(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "LOG_LIMIT_BYTES", 8)
    child.log_path.write_text("0123456789")
    child.rotate_log()
    assert child.log_path.read_text() == ""
    assert child.log_path.with_suffix(".log.1").read_text() == "0123456789"


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    key = load_or_make_key(path)
    assert len(key) >= 50
    assert load_or_make_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_private_file_is_never_readable_by_others_even_if_replaced(
    tmp_path: Path,
) -> None:
    path = tmp_path / "environment.json"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)


def test_a_port_in_use_is_named_as_trouble() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert find_port_trouble("127.0.0.1", port) == "Address already in use"


def test_the_demos_signing_key_stays_the_same_and_is_private(tmp_path: Path) -> None:
    key, certificate = load_or_make_signing_key(tmp_path)
    assert load_or_make_signing_key(tmp_path) == (key, certificate)
    signer = FileSigner.load(key=key.encode(), certificate=certificate.encode())
    assert "demo" in describe(signer.certificate).subject
    assert (tmp_path / "demo_key.pem").stat().st_mode & 0o077 == 0
    # A start that was cut off between the two files makes both anew.
    (tmp_path / "demo_cert.pem").unlink()
    again = load_or_make_signing_key(tmp_path)
    FileSigner.load(key=again[0].encode(), certificate=again[1].encode())
