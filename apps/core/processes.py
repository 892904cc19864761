"""Child processes that end with their parent and start again when they die."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LOG_LIMIT_BYTES = 10 * 1024**2
BACKOFF_START_S = 0.5
BACKOFF_MAX_S = 30.0
# A child that lived this long is taken to be sound: its next death starts from scratch.
SOUND_AFTER_S = 30.0
PR_SET_PDEATHSIG = 1


def read_start_mark(pid: int) -> str | None:
    """Return what tells process `pid` from a later one of the same number, or None."""
    if Path("/proc/self/stat").exists():
        try:
            # The name in brackets may hold spaces; state is field 3, start time 22.
            stat = Path(f"/proc/{pid}/stat").read_text()
            fields = stat.rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            return None
        return None if fields[0] == "Z" else f"{boot}:{fields[19]}"
    ps = shutil.which("ps")
    if ps is None:
        return None
    found = subprocess.run(
        [ps, "-o", "lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or None


def die_with_parent() -> None:
    """Ask Linux to end this process when its parent is killed; elsewhere do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process under supervision, in a process group of its own."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log_path: Path
    process: subprocess.Popen[bytes] | None = None
    restart_at_s: float | None = None
    backoff_s: float = BACKOFF_START_S
    started_s: float = field(default=0.0)

    def start(self) -> None:
        """Start the process; its output is appended to the log."""
        with self.log_path.open("ab") as log:
            # Its own session: Ctrl-C reaches the supervisor alone, which stops all in
            # order, and whatever the child forked can be ended with it.
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=dict(self.environment),
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self.started_s = time.monotonic()
        self.restart_at_s = None

    def is_alive(self) -> bool:
        """Return whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def heal(self, say: Callable[[str], None]) -> bool:
        """Start a process that died again, later each time; return whether it did."""
        if self.process is None or self.is_alive():
            return False
        now_s = time.monotonic()
        if self.restart_at_s is None:
            # Prefork children outlive a killed parent and would work beside its heir.
            self.signal(signal.SIGKILL)
            if now_s - self.started_s > SOUND_AFTER_S:
                self.backoff_s = BACKOFF_START_S
            say(
                f"{self.name} ended ({_describe_end(self.process.returncode)}); "
                f"starting it again in {self.backoff_s:g} s, see {self.log_path}"
            )
            self.restart_at_s = now_s + self.backoff_s
            self.backoff_s = min(self.backoff_s * 2, BACKOFF_MAX_S)
        if now_s < self.restart_at_s:
            return False
        self.start()
        return True

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and all that it forked."""
        if self.process is not None:
            signal_group(self.process.pid, number)

    def rotate_log(self) -> None:
        """Move a log past its limit to NAME.log.1; the child keeps its open file."""
        try:
            if self.log_path.stat().st_size < LOG_LIMIT_BYTES:
                return
            shutil.copyfile(self.log_path, self.log_path.with_suffix(".log.1"))
            os.truncate(self.log_path, 0)
        except OSError:
            return


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to a process group; one that is gone is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def stop_children(children: Sequence[Child], *, within_s: float) -> None:
    """End the processes and what they forked, in the given order of asking.

    The leaders alone are asked: a worker lets its forks finish their task. What is
    left when a leader has gone, or at the deadline, is killed.
    """
    for child in children:
        if child.process is not None and child.is_alive():
            child.process.terminate()
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s and any(c.is_alive() for c in children):
        time.sleep(0.05)
    for child in children:
        child.signal(signal.SIGKILL)
        if child.process is not None:
            child.process.wait()


def record_children(path: Path, children: Sequence[Child]) -> None:
    """Write down who runs, for a successor that finds us killed."""
    rows = [
        {"pid": pid, "mark": read_start_mark(pid), "name": child.name}
        for child in children
        if child.process is not None and (pid := child.process.pid)
    ]
    part = path.with_suffix(".part")
    part.write_text(json.dumps(rows), encoding="utf-8")
    part.replace(path)


def reap_orphans(path: Path, say: Callable[[str], None]) -> None:
    """End what a killed supervisor left behind, and only that.

    A group is signalled only while its leader is provably the recorded process: the
    number alone may belong to a stranger by now.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    for row in rows:
        pid, mark = int(row["pid"]), row["mark"]
        if mark is None or read_start_mark(pid) != mark:
            continue
        say(f"ending {row['name']} (process {pid}), left by a stack that was killed")
        signal_group(pid, signal.SIGKILL)
        deadline_s = time.monotonic() + 5
        while read_start_mark(pid) == mark and time.monotonic() < deadline_s:
            time.sleep(0.02)
    path.unlink(missing_ok=True)


def _describe_end(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"
