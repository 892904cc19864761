"""A browser for each file of browser tests, and a stack that those share which leave
the cases of the demo as they are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.reader import launch_browser
from tests.e2e.stack import StackProcess, run_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """Yield a running stack with the demo. Files that change cases override it."""
    yield from run_stack(tmp_path_factory.mktemp("stack"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield a headless Chromium."""
    with sync_playwright() as playwright:
        launched = launch_browser(playwright)
        yield launched
        launched.close()
