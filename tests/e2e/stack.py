"""A real stack for the e2e tests: own folder, own port, real processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import APIRequestContext, APIResponse, Playwright
from playwright.sync_api import Error as PlaywrightError

BASE_DIR = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 240.0


def find_free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class StackProcess:
    """`python -m apps.core.stack` on a folder of its own."""

    data_dir: Path
    port: int = field(default_factory=find_free_port)
    demo: bool = True
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """Return what the stack said at its terminal."""
        path = self.data_dir / "stack.out"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the command and return at once."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with (self.data_dir / "stack.out").open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "apps.core.stack"],
                cwd=BASE_DIR,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=self._make_environment(),
            )

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a management command the way a person does."""
        return subprocess.run(
            [sys.executable, "-m", "apps.core.stack", "manage", *arguments],
            cwd=BASE_DIR,
            env=self._make_environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def _make_environment(self) -> dict[str, str]:
        # The tests' own settings must not leak into the real thing.
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("TRUEFILM_") and name != "DJANGO_SETTINGS_MODULE"
        }
        return {
            **inherited,
            "TRUEFILM_DATA_DIR": str(self.data_dir),
            "TRUEFILM_PORT": str(self.port),
            "TRUEFILM_DEMO": "1" if self.demo else "0",
            "TRUEFILM_SWEEP_SECONDS": "2",
            "TRUEFILM_LEASE_SECONDS": "20",
            **self.settings,
        }

    def is_running(self) -> bool:
        """Return whether the supervisor runs."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the stack and return when it said that it is open."""
        told_before = self.output.count("truefilm: open ")
        self.process = self.launch()
        deadline_s = time.monotonic() + READY_WITHIN_S
        while self.output.count("truefilm: open ") == told_before:
            if self.process.poll() is not None or time.monotonic() > deadline_s:
                raise AssertionError(f"the stack did not start:\n{self.output[-3000:]}")
            time.sleep(0.1)

    def stop(self) -> float:
        """Stop as Ctrl-C does; return the seconds it took."""
        assert self.process is not None
        began_s = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=30)
        return time.monotonic() - began_s

    def kill_supervisor(self) -> None:
        """Take the supervisor away without a warning."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def find_leader(self, name: str) -> int:
        """Return the process id of `web`, `worker`, `beat` or `valkey`."""
        path = self.data_dir / "run" / "processes.json"
        rows = json.loads(path.read_text(encoding="utf-8"))
        return next(int(row["pid"]) for row in rows if row["name"] == name)

    def kill(self, name: str) -> None:
        """kill -9 one of the processes and whatever it forked."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.find_leader(name), signal.SIGKILL)

    def kill_worker_fork(self) -> None:
        """kill -9 one of the processes that run tasks, and leave their parent."""
        leader = self.find_leader("worker")
        forks = [pid for pid in self.list_processes() if _read_parent(pid) == leader]
        assert forks
        with contextlib.suppress(ProcessLookupError):
            os.kill(forks[0], signal.SIGKILL)

    def list_processes(self) -> list[int]:
        """Return every process that carries this stack's data folder in its
        environment or its command."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                traces = (folder / "environ").read_bytes()
                traces += (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if str(self.data_dir).encode() in traces:
                found.append(int(folder.name))
        return [pid for pid in found if pid != os.getpid()]


def run_stack(data_dir: Path) -> Iterator[StackProcess]:
    """Yield a running stack with the demo, and stop it afterwards."""
    started = StackProcess(data_dir)
    started.start()
    yield started
    started.stop()


def is_alive(pid: int) -> bool:
    """Return whether a process of that id runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _read_parent(pid: int) -> int | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return None
    return int(text.rpartition(")")[2].split()[1])


class ApiClient:
    """The HTTP interface as a browser's user has it: session cookie and CSRF token."""

    def __init__(self, context: APIRequestContext, base_url: str) -> None:
        self._context = context
        self._base_url = base_url

    def sign_in(self, username: str, password: str) -> None:
        """Sign in through the page, as a person does."""
        self._context.get("/login/")
        answer = self._context.post(
            "/login/",
            form={
                "username": username,
                "password": password,
                "csrfmiddlewaretoken": self._read_csrf_token(),
            },
            headers={"Referer": f"{self._base_url}/login/"},
        )
        assert not answer.url.endswith("/login/"), "the sign-in was refused"

    def get(self, path: str) -> Any:
        """Return the JSON answer of a call that must succeed."""
        return _read_json(self._context.get(f"/api/v1{path}"))

    def post(self, path: str, **kwargs: Any) -> Any:
        """Return the JSON answer of a call that must succeed."""
        headers = {
            "X-CSRFToken": self._read_csrf_token(),
            "Referer": f"{self._base_url}/",
        }
        answer = self._context.post(f"/api/v1{path}", headers=headers, **kwargs)
        return _read_json(answer)

    def upload(self, upload_id: str, name: str, content: bytes) -> Any:
        """Send one file of a batch and return its item."""
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        return self.post(
            f"/uploads/{upload_id}/files",
            multipart={"file": file, "relative_path": name},
        )

    def list_all(self, path: str) -> list[Any]:
        """Return the items of every page of a list."""
        items: list[Any] = []
        cursor = ""
        while True:
            mark = "&" if "?" in path else "?"
            page = self.get(f"{path}{mark}limit=200{cursor}")
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            cursor = f"&cursor={page['next_cursor']}"

    def _read_csrf_token(self) -> str:
        cookies = self._context.storage_state()["cookies"]
        return next(c["value"] for c in cookies if c["name"] == "csrftoken")


def _read_json(answer: APIResponse) -> Any:
    assert answer.ok, f"{answer.status} {answer.url}: {answer.text()[:500]}"
    return answer.json()


@contextlib.contextmanager
def open_client(playwright: Playwright, stack: StackProcess) -> Iterator[ApiClient]:
    """Yield a client of the stack that is not signed in yet."""
    context = playwright.request.new_context(base_url=stack.url)
    try:
        yield ApiClient(context, stack.url)
    finally:
        context.dispose()


def wait_for(
    look: Callable[[], bool], *, within_s: float, what: str, every_s: float = 0.5
) -> None:
    """Look until it is true; a server that is down just now counts as not yet."""
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        with contextlib.suppress(PlaywrightError):
            if look():
                return
        time.sleep(every_s)
    raise AssertionError(f"not within {within_s:.0f} s: {what}")
