"""A reader chooses the columns of a worklist, by keyboard, and finds them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.reader import find_axe_problems, signed_in
from tests.e2e.stack import StackProcess

pytestmark = pytest.mark.timeout(300)
LIST = "/worklists/emergency"
COLUMN = "Accession"


def _header(page: Page) -> list[str]:
    expect(page.get_by_role("columnheader").first).to_be_attached()
    return [text.strip() for text in page.get_by_role("columnheader").all_inner_texts()]


@contextmanager
def _kept(page: Page) -> Iterator[None]:
    """Wait until the server has what was chosen."""
    with page.expect_response("**/api/v1/me/columns/*") as answer:
        yield
    assert answer.value.ok


def _open_dialog(page: Page) -> None:
    page.get_by_role("button", name="Choose the columns").press("Enter")
    expect(page.get_by_role("dialog", name="Columns of this list")).to_be_visible()


def test_a_column_is_added_moved_and_taken_away_by_keyboard(
    stack: StackProcess, browser: Browser
) -> None:
    with signed_in(browser, stack, "radiologist", width=1280) as page:
        page.goto(LIST)
        before = _header(page)
        assert COLUMN not in before
        _open_dialog(page)
        with _kept(page):
            page.get_by_role("checkbox", name=COLUMN, exact=True).press("Space")
        to_front = page.get_by_role("button", name=f"{COLUMN}: further to the front")
        with _kept(page):
            to_front.press("Enter")
        # Its button has moved with its line, and the focus with the button.
        focused = page.locator(":focus")
        expect(focused).to_have_accessible_name(f"{COLUMN}: further to the front")
        assert find_axe_problems(page) == []
        page.keyboard.press("Escape")
        chosen = [*before[:-1], COLUMN, before[-1]]
        assert _header(page) == chosen

        page.reload()
        expect(page.get_by_role("columnheader", name=COLUMN)).to_be_attached()
        assert _header(page) == chosen

        _open_dialog(page)
        with _kept(page):
            page.get_by_role("button", name="Back to the usual columns").press("Enter")
        page.keyboard.press("Escape")
        assert _header(page) == before
