"""The embedded profile's database: several processes open, write and close one file."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.slow
PROCESSES, SECONDS = 3, 4
# As the web process does it: a connection per request, on threads of their own.
REQUESTS = """
import json, sqlite3, sys, threading, time
path, pragmas, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
errors, done, end = [], [], time.monotonic() + seconds
def serve(writes):
    while time.monotonic() < end:
        try:
            one = sqlite3.connect(path, timeout=30, isolation_level=None)
            one.executescript(pragmas)
            if writes:
                one.execute("BEGIN IMMEDIATE")
                one.execute("INSERT INTO row VALUES (1)")
                one.execute("COMMIT")
                done.append(1)
            else:
                one.execute("SELECT count(*) FROM row").fetchone()
            one.close()
        except sqlite3.Error as error:
            errors.append(str(error))
threads = [threading.Thread(target=serve, args=(n % 2 == 0,)) for n in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps({"errors": sorted(set(errors)), "written": len(done)}))
"""


def test_processes_that_come_and_go_neither_fail_nor_lose_a_row(tmp_path: Path) -> None:
    pragmas = settings.DATABASES["default"]["OPTIONS"]["init_command"]
    path = str(tmp_path / "shared.sqlite3")
    with sqlite3.connect(path) as first:
        first.execute("CREATE TABLE row (value INTEGER)")
    first.close()
    command = [sys.executable, "-c", REQUESTS, path, pragmas, str(SECONDS)]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    told = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    assert [each["errors"] for each in told] == [[]] * PROCESSES
    with sqlite3.connect(path) as last:
        (rows,) = last.execute("SELECT count(*) FROM row").fetchone()
        assert last.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    last.close()
    assert rows == sum(each["written"] for each in told) > 0
