"""A reader practises by keyboard alone, in a real browser on the real stack."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.e2e.reader import (
    find_axe_problems,
    keep_screenshot,
    open_page,
    sign_in,
    signed_in,
)
from tests.e2e.stack import StackProcess

pytestmark = pytest.mark.timeout(420)
FILMS = 8
TELLING = re.compile(
    rb"generated|altered|untouched|whole_film|region_copied|region_generated|"
    rb"explanation|reason_codes|suspicion"
)


def _wait_for_film(page: Page, number: int) -> None:
    expect(
        page.get_by_role("heading", name=f"Film {number} of {FILMS}")
    ).to_be_visible()
    expect(page.locator("[data-film-ready]")).to_be_visible(timeout=30_000)


def test_eight_films_are_practised_on_without_the_mouse(
    stack: StackProcess, browser: Browser
) -> None:
    with signed_in(browser, stack, "radiologist", width=1280) as page:
        before: list[bytes] = []

        def keep(response: Response) -> None:
            is_call = "/practice/" in response.url and "frames" not in response.url
            if is_call and response.request.method == "GET":
                before.append(response.body())

        page.goto("/practice")
        expect(page.get_by_text("8 films in an order drawn for you")).to_be_visible()
        assert find_axe_problems(page) == []
        page.on("response", keep)
        page.get_by_role("button", name="Begin to practise").focus()
        page.keyboard.press("Enter")
        _wait_for_film(page, 1)
        assert find_axe_problems(page) == []
        # Of what the page fetched before the first answer nothing tells the truth.
        assert before
        assert [body for body in before if TELLING.search(body)] == []
        page.remove_listener("response", keep)

        for number in range(1, FILMS + 1):
            _wait_for_film(page, number)
            page.keyboard.press("s")
            page.keyboard.press("4")
            page.keyboard.press("y")
            page.keyboard.press("7")
            page.keyboard.press("Enter")
            told = page.locator("[data-told]")
            expect(told).to_be_focused()
            expect(told).to_have_text(re.compile(r"This film is \w+\."))
            if number == 1:
                assert find_axe_problems(page) == []
            if "altered" in told.inner_text():
                expect(page.get_by_text("it is outlined on the film")).to_be_visible()
                keep_screenshot(page, "practice")
            page.keyboard.press("Enter")

        rate = page.get_by_role("region", name="Sensitivity")
        expect(rate).to_contain_text("5 of 5 generated or altered films")
        expect(page.get_by_role("region", name="Specificity")).to_contain_text("0 of 3")
        assert find_axe_problems(page) == []


def test_signing_out_in_one_tab_ends_the_other(
    stack: StackProcess, browser: Browser
) -> None:
    # Its console may tell of a call that came to the server after the sign-out.
    page = open_page(browser, stack)
    sign_in(page, stack, "second")
    other = page.context.new_page()
    other.goto("/practice")
    expect(other.get_by_role("heading", name="Practice")).to_be_visible()
    other.evaluate("sessionStorage.setItem('truefilm.read.someone.case', '{}')")
    page.bring_to_front()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog")
    expect(palette.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("sign out")
    expect(palette.get_by_text("Sign out")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/login/**")
    expect(other.get_by_label("User name")).to_be_visible()
    # A page that is about to go may never answer.
    other.wait_for_load_state("networkidle")
    kept = other.evaluate("Object.keys(sessionStorage)")
    assert [name for name in kept if name.startswith("truefilm.read.")] == []
