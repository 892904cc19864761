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


def test_a_film_is_compared_with_an_earlier_study_by_keyboard(
    stack: StackProcess, browser: Browser
) -> None:
    with signed_in(browser, stack, "radiologist") as page:
        films = open_compare(page)
        settle(page)
        assert find_axe_problems(page) == []
        keep_screenshot(page, "compare")
        beside = grab_pixels(films)
        left, right = np.array_split(beside, 2, axis=1)
        assert left.std() > 5, "this film is empty"
        assert right.std() > 5, "the earlier film is empty"

        # Both follow one hand: what is inverted on the left is so on the right.
        page.keyboard.press("v")
        settle(page)
        inverted = grab_pixels(films)
        for before, after in zip(
            np.array_split(beside, 2, axis=1),
            np.array_split(inverted, 2, axis=1),
            strict=True,
        ):
            assert np.abs(after - before).mean() > 10
        page.keyboard.press("v")

        page.keyboard.press("2")
        handle = page.get_by_role("slider", name="Swipe", exact=True)
        expect(handle).to_be_visible()
        settle(page)
        swiped = grab_pixels(films)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        settle(page)
        assert np.abs(grab_pixels(films) - swiped).max() > 20
        assert find_axe_problems(page) == []

        page.keyboard.press("3")
        settle(page)
        first = grab_pixels(films)
        page.keyboard.press(" ")
        settle(page)
        assert np.abs(grab_pixels(films) - first).mean() > 1
        page.keyboard.press("4")
        settle(page)
        assert np.abs(grab_pixels(films) - first).mean() > 1
        assert find_axe_problems(page) == []

        page.keyboard.press("Escape")
        page.wait_for_url(lambda url: url.rstrip("/").split("/")[-2] == "cases")
        expect(films).to_have_count(0)
        expect(page.locator("[data-film-ready]")).to_be_visible(timeout=20_000)
