"""A reader clears ten demo cases, blind and triage, without ever touching the mouse."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.stack import StackProcess, run_stack

pytestmark = pytest.mark.timeout(600)
ANALYSED_WITHIN_MS = 180_000
BUDGET_S = 300.0
# Name, slug, how many cases: the blind list to its end, then four of the triage desk.
LISTS = (("Emergency radiology", "emergency", 6), ("Claims desk", "claims", 4))
BLIND = {"emergency"}
# A key pressed on a button makes a click too, but of no pointer and with no count.
COUNT_POINTER = """
() => {
  window.pointerEvents = 0;
  for (const kind of ["pointerdown", "mousedown", "touchstart", "wheel"]) {
    addEventListener(kind, () => (window.pointerEvents += 1), true);
  }
}
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """Yield a stack whose cases these tests may read to the end."""
    yield from run_stack(tmp_path_factory.mktemp("own"))


@pytest.fixture
def page(browser: Browser, stack: StackProcess) -> Iterator[Page]:
    context = browser.new_context(
        base_url=stack.url, viewport={"width": 1440, "height": 900}
    )
    opened = context.new_page()
    opened.add_init_script(f"({COUNT_POINTER})()")
    yield opened
    context.close()


def type_keys(page: Page, *names: str) -> None:
    for name in names:
        page.keyboard.press(name)


def find_password(data_dir: Path, username: str) -> str:
    accounts = json.loads((data_dir / "demo_accounts.json").read_text())
    return str(next(a["password"] for a in accounts if a["username"] == username))


def go_to(page: Page, words: str, path: str) -> None:
    """Go to a page through the command palette."""
    type_keys(page, "Control+k")
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_focused()
    page.keyboard.type(words)
    expect(
        page.get_by_role("option", selected=True).filter(has_text=words)
    ).to_be_visible()
    type_keys(page, "Enter")
    page.wait_for_url(f"**{path}")
    # The address changes a moment before the page does.
    tabs = page.get_by_role("navigation", name="Worklists")
    expect(tabs.locator("[aria-current=page]")).to_contain_text(words)


def open_first(page: Page) -> None:
    ready = page.get_by_role("grid").get_by_role("row").filter(has_text="Ready")
    expect(ready.first).to_be_visible()
    type_keys(page, "Home")
    expect(page.locator("[role='row'][aria-current='true']")).to_be_visible()
    type_keys(page, "Enter")
    page.wait_for_url("**/cases/*")


def find_chosen(page: Page, legend: str) -> Locator:
    return page.get_by_role("group", name=legend).get_by_role("radio", checked=True)


def read_case(page: Page, *, is_blind: bool) -> None:
    """Read the case that is open, from the first look to a verdict ready to file."""
    seal = page.get_by_role("button", name=re.compile("^Seal"))
    # First, since the case before has none: the address changes before the page does.
    expect(seal).to_be_visible(timeout=20_000)
    expect(page.locator("[data-film-ready]")).to_be_visible(timeout=20_000)
    opinion = page.get_by_role("region", name="Evidence").get_by_text(
        re.compile("^(Flagged|Not flagged)$")
    )
    expect(opinion).to_have_count(0 if is_blind else 1)
    type_keys(page, "s", "4", "Enter")
    expect(page.locator("[data-sealed]")).to_be_focused(timeout=15_000)
    expect(opinion).to_be_visible()
    type_keys(page, "c")
    if opinion.inner_text() == "Not flagged":
        # The reader gives in: what changed their mind is asked before the reasons.
        expect(
            page.get_by_role("group", name="What changed your mind?")
        ).to_be_visible()
        type_keys(page, "1")
    reasons = page.get_by_role("combobox").first
    expect(reasons).to_be_focused()
    type_keys(page, "1")
    file = page.get_by_role("button", name=re.compile("^File"))
    expect(file).to_be_enabled()


def test_ten_cases_are_cleared_by_keyboard_alone_in_under_five_minutes(
    stack: StackProcess, page: Page
) -> None:
    page.goto("/")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("radiologist")
    type_keys(page, "Tab")
    page.keyboard.type(find_password(stack.data_dir, "radiologist"))
    type_keys(page, "Enter")
    page.wait_for_url("**/worklists/**")
    for name, path, _ in LISTS:
        go_to(page, name, f"/worklists/{path}")
        grid = page.get_by_role("grid")
        expect(grid.get_by_text("Ready").first).to_be_visible(
            timeout=ANALYSED_WITHIN_MS
        )
        expect(grid.get_by_text("analysing")).to_have_count(
            0, timeout=ANALYSED_WITHIN_MS
        )
    started = time.monotonic()
    done = 0
    for name, path, count in LISTS:
        go_to(page, name, f"/worklists/{path}")
        open_first(page)
        for number in range(count):
            case_url = page.url
            read_case(page, is_blind=path in BLIND)
            type_keys(page, "Enter")
            if number < count - 1:
                expect(page).not_to_have_url(case_url)
            else:
                # The last one stays open; its verdict is on the server.
                expect(
                    page.get_by_role("button", name=re.compile("^File"))
                ).to_have_count(0)
            done += 1
    seconds = time.monotonic() - started
    assert done == 10
    assert page.evaluate("window.pointerEvents") == 0
    assert seconds < BUDGET_S, f"{seconds:.0f} s"
