"""A film beside the patient's earlier study, in a real browser."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.reader import find_axe_problems, grab_pixels, keep_screenshot, signed_in
from tests.e2e.stack import StackProcess

pytestmark = pytest.mark.timeout(420)
FIND_CASE = """async () => {
  const answer = await fetch("/api/v1/worklists/claims/cases?limit=100");
  const { items } = await answer.json();
  return items.find((row) => row.accession_number === "DEMO4112").id;
}"""


def open_compare(page: Page) -> Locator:
    """Open the demo case that has a prior, lay both beside each other; return both."""
    page.goto("/worklists/claims")
    # Both studies of the patient are on the list; this one is the later.
    page.goto(f"/cases/{page.evaluate(FIND_CASE)}")
    expect(page.locator("[data-film-ready]")).to_be_visible(timeout=20_000)
    page.keyboard.press("p")
    page.wait_for_url("**/compare**")
    films = page.locator(".compare-pane [data-film-ready]")
    expect(films).to_have_count(2, timeout=20_000)
    return page.locator(".compare-films")


def settle(page: Page) -> None:
    """Wait for what was asked to be drawn: the films are painted a frame later."""
    page.wait_for_timeout(400)


def check_both_follow(page: Page, films: Locator) -> None:
    """Invert: what happens to the film on the left happens to the one on the right."""
    beside = np.array_split(grab_pixels(films), 2, axis=1)
    for half in beside:
        assert half.std() > 5, "a film is empty"
    page.keyboard.press("v")
    settle(page)
    inverted = np.array_split(grab_pixels(films), 2, axis=1)
    for before, after in zip(beside, inverted, strict=True):
        assert np.abs(after - before).mean() > 10
    page.keyboard.press("v")


def check_swipe(page: Page, films: Locator) -> None:
    """Swipe: the arrow keys move the line between the films."""
    page.keyboard.press("2")
    expect(page.get_by_role("slider", name="Swipe", exact=True)).to_be_visible()
    settle(page)
    before = grab_pixels(films)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    settle(page)
    assert np.abs(grab_pixels(films) - before).max() > 20


def check_blink_and_difference(page: Page, films: Locator) -> None:
    """Blink shows one film, then the other; the difference is neither."""
    page.keyboard.press("3")
    settle(page)
    first = grab_pixels(films)
    for key in (" ", "4"):
        page.keyboard.press(key)
        settle(page)
        assert np.abs(grab_pixels(films) - first).mean() > 1


def test_a_film_is_compared_with_an_earlier_study_by_keyboard(
    stack: StackProcess, browser: Browser
) -> None:
    with signed_in(browser, stack, "radiologist") as page:
        films = open_compare(page)
        settle(page)
        assert find_axe_problems(page) == []
        keep_screenshot(page, "compare")
        check_both_follow(page, films)
        check_swipe(page, films)
        assert find_axe_problems(page) == []
        check_blink_and_difference(page, films)
        assert find_axe_problems(page) == []

        page.keyboard.press("Escape")
        # The address changes a moment before the page does.
        expect(films).to_have_count(0)
        expect(page.locator("[data-film-ready]")).to_be_visible(timeout=20_000)
        assert page.url.rstrip("/").split("/")[-2] == "cases"
