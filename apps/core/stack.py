"""The whole of Truefilm on one machine: `python -m apps.core.stack`, or `make run`.

Starts the embedded Valkey, prepares the database, runs the web server, the worker and
the scheduler, starts again what dies, and leaves no process when it is stopped.
`python -m apps.core.stack manage COMMAND...` runs a management command on its data.

No Django here: the settings need a key and an address that this module makes.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

import environ

from apps.core.demo_key import load_or_make_signing_key
from apps.core.embedded import (
    configure_valkey,
    find_port_trouble,
    fingerprint_files,
    is_ready,
    is_set,
    keep_database_open,
    load_or_make_key,
    wait_for_port,
    write_private,
)
from apps.core.processes import (
    Child,
    die_with_parent,
    reap_orphans,
    record_children,
    signal_group,
    stop_children,
)

BASE_DIR = Path(__file__).absolute().parents[2]
STOP_WITHIN_S = 8.0
READY_WITHIN_S = 90.0
QUEUES = "ingest,detect,learn"


class CannotStart(Exception):
    """The stack cannot start; the message says what to do."""


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(f"truefilm: {text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Run the stack until it is told to stop; return the exit status."""
    environ.Env.read_env(BASE_DIR / ".env", overwrite=False)
    stack = Stack(Path(os.environ.get("TRUEFILM_DATA_DIR") or BASE_DIR / "var"))
    try:
        if arguments[:1] == ["manage"]:
            return stack.run_management_command(arguments[1:])
        if arguments:
            raise CannotStart(f"unknown argument {arguments[0]!r}; try: manage")
        return stack.run()
    except CannotStart as error:
        say(str(error))
        return 1


class Stack:
    """The processes over one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()
        self.run_dir = self.data_dir / "run"
        self.log_dir = self.data_dir / "log"
        self.host = os.environ.get("TRUEFILM_HOST") or "127.0.0.1"
        self.port = _parse_number("TRUEFILM_PORT", "8000")
        self.children: list[Child] = []
        self.preparing: subprocess.Popen[bytes] | None = None
        self.stop_signals = 0
        self.database: sqlite3.Connection | None = None

    @property
    def address(self) -> str:
        """Return the address a browser on this machine opens."""
        return f"http://{_local_host(self.host)}:{self.port}/"

    def run(self) -> int:
        """Start everything, watch it, and stop everything."""
        started_s = time.monotonic()
        for folder in (self.data_dir, self.run_dir, self.log_dir):
            folder.mkdir(parents=True, exist_ok=True)
        self.run_dir.chmod(0o700)
        lock = self._lock()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_stop_signal)
        try:
            reap_orphans(self.run_dir / "processes.json", say)
            if (trouble := find_port_trouble(self.host, self.port)) is not None:
                raise CannotStart(
                    f"cannot listen on {self.host}:{self.port} ({trouble}); "
                    "choose another port: TRUEFILM_PORT=8001 make run"
                )
            variables = self._make_environment()
            if self.stop_signals or not self._prepare(variables):
                return 0
            self.database = keep_database_open(self.data_dir, variables)
            self._start_services(variables)
            if self._wait_until_ready():
                say(f"ready after {time.monotonic() - started_s:.0f} s")
                self._print_welcome(variables)
            self._watch()
        finally:
            self._stop()
            if self.database is not None:
                self.database.close()
            lock.close()
        return 0

    def run_management_command(self, arguments: Sequence[str]) -> int:
        """Run `manage.py` with the data, key and queue of the running stack."""
        path = self.run_dir / "environment.json"
        try:
            made = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise CannotStart("there is no stack here yet: `make run` first") from error
        command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
        return subprocess.call(command, env={**os.environ, **made})

    # --- start ------------------------------------------------------------------------
    def _lock(self) -> IO[str]:
        lock = (self.run_dir / "lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise CannotStart(f"already running: {lock.read().strip()}") from error
        lock.truncate(0)
        lock.write(f"{self.address} (process {os.getpid()})")
        lock.flush()
        return lock

    def _make_environment(self) -> dict[str, str]:
        """Return the children's environment; starts Valkey unless one was named."""
        made = {
            "TRUEFILM_DATA_DIR": str(self.data_dir),
            "TRUEFILM_DEMO": os.environ.get("TRUEFILM_DEMO") or "1",
            "TRUEFILM_HTTPS": os.environ.get("TRUEFILM_HTTPS") or "0",
        }
        if not is_set("TRUEFILM_SECRET_KEY"):
            made["TRUEFILM_SECRET_KEY"] = load_or_make_key(self.data_dir / "secret_key")
        if _is_demo(made) and not is_set("TRUEFILM_SIGNING_KEY"):
            key, certificate = load_or_make_signing_key(self.data_dir)
            made["TRUEFILM_SIGNING_KEY"] = key
            made["TRUEFILM_SIGNING_CERTIFICATE"] = certificate
        if not is_set("TRUEFILM_REDIS_URL"):
            made["TRUEFILM_REDIS_URL"] = self._start_valkey()
        write_private(self.run_dir / "environment.json", json.dumps(made))
        return {**os.environ, **made, "PYTHONUNBUFFERED": "1"}

    def _start_valkey(self) -> str:
        valkey = configure_valkey(self.run_dir)
        say("starting Valkey")
        self._start("valkey", valkey.command, dict(os.environ))
        if not wait_for_port(valkey.port, within_s=15):
            raise CannotStart(f"Valkey does not answer; see {self.log_dir}/valkey.log")
        return valkey.url

    def _prepare(self, variables: dict[str, str]) -> bool:
        """Bring database, static files and demo up to date; False if told to stop."""
        seeded = self.data_dir / "demo_seeded"
        collected = self.run_dir / "static_fingerprint"
        steps = [("preparing the database", ["migrate", "--noinput", "--verbosity=0"])]
        if not (
            collected.exists() and collected.read_text() == self._fingerprint_static()
        ):
            steps.append(
                (
                    "collecting the page's files",
                    ["collectstatic", "--noinput", "--verbosity=0"],
                )
            )
        if _is_demo(variables) and not seeded.exists():
            steps.append(("making the demo films (first start)", ["seed_demo"]))
        for text, arguments in steps:
            say(text)
            command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
            self.preparing = subprocess.Popen(
                command,
                env=variables,
                cwd=BASE_DIR,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
            status = self.preparing.wait()
            self.preparing = None
            if self.stop_signals:
                return False
            if status != 0:
                raise CannotStart(f"`manage.py {arguments[0]}` failed ({status})")
            if arguments[0] == "collectstatic":
                collected.write_text(self._fingerprint_static())
            if arguments[0] == "seed_demo":
                seeded.touch()
        return True

    def _fingerprint_static(self) -> str:
        sources = [
            BASE_DIR / "frontend" / "dist",
            *(BASE_DIR / "apps").glob("*/static"),
        ]
        # Packages bring files too: installing one touches the folder they lie in.
        packages_ns = Path(environ.__file__).parents[1].stat().st_mtime_ns
        is_there = (self.data_dir / "static").exists()
        return f"{fingerprint_files(sources)} {packages_ns} {is_there}"

    def _start_services(self, variables: dict[str, str]) -> None:
        processes = _parse_number("TRUEFILM_WORKER_PROCESSES", "2")
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "--app", "apps.config", "--quiet"]
        say("starting web server, worker and scheduler")
        self._start(
            "web",
            [
                *(*python, "uvicorn", "apps.config.asgi:application"),
                *("--host", self.host, "--port", str(self.port)),
                # Addresses hold ids and search words: no access log.
                *("--no-access-log", "--no-server-header", "--lifespan", "off"),
                *("--ws-ping-interval", "20", "--ws-ping-timeout", "20"),
                *("--timeout-graceful-shutdown", "4"),
            ],
            variables,
        )
        self._start(
            "worker",
            [
                *(*celery, "worker", "--queues", QUEUES),
                *("--concurrency", str(processes), "--hostname", "truefilm@embedded"),
                *("--without-gossip", "--without-mingle"),
            ],
            variables,
        )
        schedule = str(self.run_dir / "beat-schedule")
        self._start("beat", [*celery, "beat", "--schedule", schedule], variables)

    def _start(self, name: str, command: list[str], variables: dict[str, str]) -> None:
        child = Child(name, command, variables, BASE_DIR, self.log_dir / f"{name}.log")
        self.children.append(child)
        child.start()
        record_children(self.run_dir / "processes.json", self.children)

    # --- run --------------------------------------------------------------------------
    def _wait_until_ready(self) -> bool:
        deadline_s = time.monotonic() + READY_WITHIN_S
        told_s = time.monotonic()
        while not self.stop_signals:
            self._heal()
            if is_ready(_local_host(self.host), self.port):
                return True
            if time.monotonic() > deadline_s:
                raise CannotStart(
                    f"not ready after {READY_WITHIN_S:.0f} s; see {self.log_dir}"
                )
            if time.monotonic() - told_s > 5:
                told_s = time.monotonic()
                say("waiting for the web server")
            time.sleep(0.2)
        return False

    def _watch(self) -> None:
        looked_at_logs_s = time.monotonic()
        while not self.stop_signals:
            self._heal()
            if time.monotonic() - looked_at_logs_s > 30:
                looked_at_logs_s = time.monotonic()
                for child in self.children:
                    child.rotate_log()
            time.sleep(0.2)

    def _heal(self) -> None:
        healed = [child.heal(say) for child in self.children]
        if any(healed):
            record_children(self.run_dir / "processes.json", self.children)

    def _print_welcome(self, variables: dict[str, str]) -> None:
        say(f"open {self.address}    (Ctrl-C stops it; logs in {self.log_dir})")
        path = self.data_dir / "demo_accounts.json"
        if not (_is_demo(variables) and path.exists()):
            return
        say("demo accounts, for this machine only:")
        for account in json.loads(path.read_text(encoding="utf-8")):
            say(
                f"  {account['role']:<16} {account['username']:<14} "
                f"{account['password']}"
            )

    # --- stop -------------------------------------------------------------------------
    def _on_stop_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop_signals += 1
        if self.preparing is not None:
            signal_group(self.preparing.pid, signal.SIGTERM)
        if self.stop_signals > 1:  # impatient: what is unfinished is queued again
            for child in self.children:
                child.signal(signal.SIGKILL)

    def _stop(self) -> None:
        if not self.children:
            return
        say("stopping")
        # Valkey goes last: a worker that ends its task still talks to it.
        others = [child for child in self.children if child.name != "valkey"]
        stop_children(others, within_s=STOP_WITHIN_S)
        stop_children(
            [child for child in self.children if child.name == "valkey"], within_s=1.0
        )
        (self.run_dir / "processes.json").unlink(missing_ok=True)
        say("stopped")


def _parse_number(name: str, default: str) -> int:
    text = os.environ.get(name) or default
    if not text.isdecimal():
        raise CannotStart(f"{name} must be a whole number, not {text!r}")
    return int(text)


def _is_demo(variables: Mapping[str, str]) -> bool:
    # The same words as django-environ's bool.
    return variables["TRUEFILM_DEMO"].lower() in {"1", "true", "on", "ok", "y", "yes"}


def _local_host(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
