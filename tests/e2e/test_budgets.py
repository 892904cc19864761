"""Budgets of a page load: bytes, first paint, layout shifts, long tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.measure import print_line, trace_tasks
from tests.e2e.reader import open_page, sign_in
from tests.e2e.stack import StackProcess

pytestmark = pytest.mark.timeout(420)
ANALYSED_WITHIN_MS = 180_000
ENTRY_BYTES = 700_000
# What Web Vitals call good, and Lighthouse for the time that tasks block the page.
PAINT_MS, LARGEST_PAINT_MS, SHIFT, BLOCKING_MS = 1800.0, 2500.0, 0.1, 200.0
LONG_TASK_MS = 50.0
# A shared runner draws in software on two cores that also run the server and the lanes.
LIMIT = 3.0
WATCH = """
window.seen = { largest: 0, shift: 0 };
const watch = (type, keep) => new PerformanceObserver(
  (list) => list.getEntries().forEach(keep)).observe({ type, buffered: true });
watch("largest-contentful-paint", (e) => { window.seen.largest = e.startTime; });
watch("layout-shift", (e) => {
  if (!e.hadRecentInput) window.seen.shift += e.value;
});
"""
READ = """
() => ({
  ...window.seen,
  first: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  scripts: performance.getEntriesByType("resource")
    .filter((e) => e.name.endsWith(".js"))
    .map((e) => ({
      name: e.name.split("/").pop(), begun_ms: e.startTime, ended_ms: e.responseEnd,
      sent: e.encodedBodySize, whole: e.decodedBodySize,
    })),
})
"""


@dataclass(frozen=True)
class Script:
    """One script file: when it was fetched, its bytes on the wire and unpacked."""

    name: str
    begun_ms: float
    ended_ms: float
    sent: int
    whole: int

    @property
    def is_viewer(self) -> bool:
        return self.name.startswith("viewer-")


@dataclass(frozen=True)
class Load:
    """What a page load cost: milliseconds, a layout shift score, scripts.

    blocking_ms: by how much tasks ran over 50 ms of processor time, in all.
    """

    first_ms: float
    largest_ms: float
    shift: float
    blocking_ms: float
    scripts: list[Script]

    @property
    def entry(self) -> list[Script]:
        return [script for script in self.scripts if not script.is_viewer]

    @property
    def viewer(self) -> list[Script]:
        return [script for script in self.scripts if script.is_viewer]

    def __str__(self) -> str:
        entry, viewer = (
            sum(script.sent for script in part) / 1000
            for part in (self.entry, self.viewer)
        )
        return (
            f"first paint {self.first_ms:.0f} ms, largest {self.largest_ms:.0f} ms, "
            f"shift {self.shift:.3f}, blocked {self.blocking_ms:.0f} ms of processor "
            f"time, scripts {entry:.0f} kB, viewer {viewer:.0f} kB"
        )


def load_cold(page: Page, path: str, wait: Callable[[], None]) -> Load:
    """Load a page as one who was never here: nothing of it is in the cache."""
    session = page.context.new_cdp_session(page)
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    with trace_tasks(page) as task_ms:
        page.goto(path)
        wait()
        page.wait_for_load_state("networkidle")
    session.detach()
    seen: dict[str, Any] = page.evaluate(READ)
    return Load(
        first_ms=seen["first"],
        largest_ms=seen["largest"],
        shift=seen["shift"],
        blocking_ms=sum(max(0.0, ms - LONG_TASK_MS) for ms in task_ms),
        scripts=[Script(**script) for script in seen["scripts"]],
    )


def test_pages_load_within_their_budgets(
    stack: StackProcess, browser: Browser, request: pytest.FixtureRequest
) -> None:
    page = open_page(browser, stack)
    page.add_init_script(WATCH)
    field = page.get_by_label("User name")
    signing_in = load_cold(page, "/login/", lambda: expect(field).to_be_visible())
    sign_in(page, stack, "radiologist")

    page.goto("/worklists/emergency")
    grid = page.get_by_role("grid")
    ready = grid.get_by_role("row").filter(has_text="Ready").first
    expect(ready).to_be_visible(timeout=ANALYSED_WITHIN_MS)
    # Measured is the page, not the lanes beside it on the same two cores.
    expect(grid.get_by_text("analysing")).to_have_count(0, timeout=ANALYSED_WITHIN_MS)
    listed = load_cold(page, page.url, lambda: expect(ready).to_be_visible())
    ready.dblclick()
    page.wait_for_url("**/cases/*")
    film = page.locator("[data-film-ready]")
    reading = load_cold(
        page, page.url, lambda: expect(film).to_be_visible(timeout=20_000)
    )
    page.context.close()

    loads = {"sign-in": signing_in, "worklist": listed, "reading": reading}
    for name, load in loads.items():
        print_line(request, f"{name}: {load}")
    for load in loads.values():
        assert load.first_ms <= LIMIT * PAINT_MS
        assert load.largest_ms <= LIMIT * LARGEST_PAINT_MS
        assert load.blocking_ms <= LIMIT * BLOCKING_MS
        # No machine is too slow for this one.
        assert load.shift <= SHIFT
    assert sum(script.sent for script in listed.entry) <= ENTRY_BYTES
    assert all(
        script.sent < script.whole for script in listed.scripts if script.whole > 4096
    )
    # The list asks for the viewer while nothing else is to do, for the case to come.
    assert not signing_in.viewer
    assert reading.viewer
    last_ms = max(script.ended_ms for script in listed.entry if "Page" in script.name)
    assert all(script.begun_ms > last_ms for script in listed.viewer)
