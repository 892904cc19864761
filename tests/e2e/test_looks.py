"""Each page in the appearances that the other walks do not take: light, German,
upright, at 400 % zoom, mirrored, with something open over it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.reader import find_axe_problems, open_page, sign_in, signed_in
from tests.e2e.stack import StackProcess

pytestmark = pytest.mark.timeout(420)
ANALYSED_WITHIN_MS = 120_000
DESK: ViewportSize = {"width": 1280, "height": 800}
UPRIGHT: ViewportSize = {"width": 1200, "height": 1600}
# WCAG 1.4.10: 1280 x 1024 at 400 %.
ZOOMED: ViewportSize = {"width": 320, "height": 256}
LIST = "/worklists/emergency"
READER_PAGES = (LIST, "/worklists/claims", "/upload", "/practice", "/me/reading")
STAFF_PAGES = (
    "/admin/",
    "/admin/accounts/user/",
    "/admin/accounts/user/add/",
    "/admin/accounts/department/",
    "/admin/reading/reasoncode/",
    "/admin/password_change/",
)
LEAD_PAGES = (
    *("/audit", "/insights", "/learning?tab=models", "/quarantine"),
    *("/devices", "/devices?tab=authorities"),
)
# A table, and only that, may be wider than the page and scroll by itself.
FIND_SIDEWAYS = """() => [...document.querySelectorAll("*")]
  .filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 40)
  .filter((e) => ["auto", "scroll"].includes(getComputedStyle(e).overflowX)
    || e === document.scrollingElement)
  .filter((e) => !e.matches(".panel:has(> .data-table), .case-scroller"))
  .map((e) => `${e.tagName}.${e.className} ${e.scrollWidth} > ${e.clientWidth}`)"""
# An inline link in a sentence is excepted (WCAG 2.5.8).
FIND_SMALL = """() => [...document.querySelectorAll("button, select, a.button")]
  .filter((e) => e.checkVisibility({visibilityProperty: true}))
  .map((e) => [e.ariaLabel ?? e.innerText, e.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.width < 23.5 || box.height < 23.5))
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""
# Rows of the toolbar, by the top edges of its buttons.
COUNT_TOOL_ROWS = """() => new Set([...document.querySelectorAll(".toolbar .tool")]
  .filter((e) => e.checkVisibility())
  .map((e) => Math.round(e.getBoundingClientRect().top))).size"""
FILM_SHARE = "() => document.querySelector('.viewer').clientWidth / innerWidth"


@pytest.fixture(scope="module")
def reader(stack: StackProcess, browser: Browser) -> Iterator[Page]:
    with signed_in(browser, stack, "radiologist", width=1280) as page:
        yield page


@pytest.fixture(scope="module")
def lead(stack: StackProcess, browser: Browser) -> Iterator[Page]:
    with signed_in(browser, stack, "lead", width=1280) as page:
        yield page


def show(page: Page, path: str, size: ViewportSize = DESK) -> None:
    """Open a page at a size and wait until it has its data."""
    page.set_viewport_size(size)
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")


def open_case(page: Page, path: str = LIST) -> None:
    show(page, path)
    row = page.get_by_role("row").filter(has_text="DEMO, ").first
    expect(row).to_be_visible(timeout=ANALYSED_WITHIN_MS)
    row.dblclick()
    page.wait_for_url("**/cases/*")
    expect(page.locator("[data-film-ready]")).to_be_visible(timeout=20_000)


def choose(page: Page, *, theme: str = "dark", language: str = "en") -> None:
    """Take an appearance and a language as a person keeps them in the browser."""
    page.evaluate("(theme) => localStorage.setItem('truefilm.theme', theme)", theme)
    page.context.add_cookies(
        [
            {
                "name": "truefilm_language",
                "value": language,
                "url": page.evaluate("location.origin"),
            }
        ]
    )


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "de")])
def test_a_case_and_the_lists_pass_axe_in_light_and_in_german(
    reader: Page, lead: Page, theme: str, language: str
) -> None:
    for page, paths in ((reader, READER_PAGES[1:2]), (lead, LEAD_PAGES)):
        choose(page, theme=theme, language=language)
        for path in paths:
            show(page, path)
            assert page.evaluate("document.documentElement.lang") == language
            assert page.evaluate("document.documentElement.dataset.theme") == theme
            assert find_axe_problems(page) == [], path
    open_case(reader)
    assert find_axe_problems(reader) == []
    # What is on as a rule is not called in use, in whichever language.
    more = {"en": "More tools", "de": "Weitere Werkzeuge"}[language]
    expect(reader.get_by_role("button", name=more, exact=True)).to_be_visible()
    for page in (reader, lead):
        choose(page)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_sign_in_page_has_the_appearance_chosen_before(
    stack: StackProcess, browser: Browser, theme: str
) -> None:
    page = open_page(browser, stack)
    page.add_init_script(f"localStorage.setItem('truefilm.theme', '{theme}')")
    page.goto("/login/")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    assert find_axe_problems(page) == []
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert find_axe_problems(page) == []
    page.context.close()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_staff_pages_look_as_the_app_does_and_pass_axe(
    stack: StackProcess, browser: Browser, theme: str
) -> None:
    # Not signed_in(): the CSP stops an inline style that jQuery tries on such pages.
    page = open_page(browser, stack, width=1280)
    sign_in(page, stack, "admin")
    choose(page, theme=theme)
    page.get_by_role("link", name="Staff pages").click()
    expect(page.get_by_role("heading", name="Staff pages")).to_be_visible()
    panel = page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--panel')"
    )
    assert panel == {"dark": "#111419", "light": "#ffffff"}[theme]
    for path in STAFF_PAGES:
        show(page, path)
        assert find_axe_problems(page) == [], path
        assert page.evaluate(FIND_SIDEWAYS) == [], path
    page.context.close()


def test_what_opens_over_a_page_passes_axe(reader: Page) -> None:
    open_case(reader)
    for key in ("?", "Control+k", "g", "q"):
        reader.keyboard.press(key)
        expect(reader.get_by_role("dialog")).to_be_visible()
        assert find_axe_problems(reader) == [], key
        reader.keyboard.press("Escape")
        expect(reader.get_by_role("dialog")).to_have_count(0)
    reader.keyboard.press("y")
    expect(reader.get_by_role("listbox")).to_be_visible()
    assert find_axe_problems(reader) == []


def test_an_upright_display_gives_its_width_to_the_film(reader: Page) -> None:
    open_case(reader)
    reader.set_viewport_size(UPRIGHT)
    # The names of the pages give way: 52 px of icons are left of the film.
    expect(reader.get_by_role("navigation", name="Pages")).to_have_css("width", "52px")
    assert reader.evaluate(FILM_SHARE) > 0.65
    assert find_axe_problems(reader) == []


def test_the_film_tools_take_one_row_from_1120_px_on(reader: Page) -> None:
    open_case(reader)
    for width in (1120, 1180, 1280, 1920):
        reader.set_viewport_size({"width": width, "height": 800})
        reader.wait_for_timeout(100)
        assert reader.evaluate(COUNT_TOOL_ROWS) == 1, width
        assert reader.evaluate(FIND_SMALL) == [], width


def test_no_page_scrolls_sideways_at_400_percent(reader: Page, lead: Page) -> None:
    for page, paths in ((reader, READER_PAGES), (lead, LEAD_PAGES)):
        for path in paths:
            show(page, path, ZOOMED)
            assert page.evaluate(FIND_SIDEWAYS) == [], path
            assert page.evaluate(FIND_SMALL) == [], path


def test_a_mirrored_page_does_not_scroll_sideways(reader: Page, lead: Page) -> None:
    for page, paths in ((reader, READER_PAGES), (lead, LEAD_PAGES)):
        for path in paths:
            mark = "&" if "?" in path else "?"
            show(page, f"{path}{mark}dir=rtl")
            assert page.evaluate("document.documentElement.dir") == "rtl"
            assert page.evaluate(FIND_SIDEWAYS) == [], path
