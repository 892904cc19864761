"""What the browser did, in milliseconds, and a line about it in the test's output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page

TRACED = ["disabled-by-default-devtools.timeline"]


@contextmanager
def trace_tasks(page: Page) -> Iterator[list[float]]:
    """Yield a list that holds, afterwards, what each task of the main thread took.

    In milliseconds of processor time: what other processes take of two cores is no
    fault of the page.
    """
    browser = page.context.browser
    assert browser is not None
    took_ms: list[float] = []
    browser.start_tracing(page=page, categories=TRACED)
    yield took_ms
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    took_ms.extend(
        event.get("tdur", 0) / 1000
        for event in events
        if event["name"] == "RunTask" and (event["pid"], event["tid"]) in mains
    )
    assert took_ms, "the trace has no tasks"


def print_line(request: pytest.FixtureRequest, line: str) -> None:
    """Show a figure whether the test passes or not."""
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    assert reporter is not None
    reporter.write_line(f"\n{line}")
