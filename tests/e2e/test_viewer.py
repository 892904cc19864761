"""The viewer in a real browser: measures, stacks, pixel views, and how quick it is."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.films import (
    LARGE_COLUMNS,
    LARGE_ROWS,
    SLICES,
    make_large_films,
    make_slices,
)
from tests.e2e.measure import print_line, trace_tasks
from tests.e2e.reader import (
    find_axe_problems,
    grab_pixels,
    keep_screenshot,
    signed_in,
)
from tests.e2e.stack import StackProcess

pytestmark = pytest.mark.timeout(420)
ANALYSED_WITHIN_MS = 180_000
# The budgets, on a machine with nothing else to do; the figures themselves are printed.
WARM_MS, COLD_MS = 150.0, 1000.0
# A shared runner draws in software on two cores that also run the server and the lanes.
LIMIT = 3.0
LEAST_FPS = 30
DRAG_MOVES = 120

# Each drawing of the film begins by clearing its canvas. The moves below come with each
# frame: Playwright's own mouse waits for the page.
COUNT_DRAWINGS = """
window.drawings = 0;
const clear = CanvasRenderingContext2D.prototype.fillRect;
CanvasRenderingContext2D.prototype.fillRect = function (...box) {
  if ("film" in this.canvas.dataset) window.drawings += 1;
  return clear.apply(this, box);
};
"""
DRAG = """
async ([x, y, moves]) => {
  const film = document.elementFromPoint(x, y);
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  const [begun, before] = [performance.now(), window.drawings];
  for (let n = 1; n <= moves; n += 1) {
    const [clientX, clientY] = [x + 2 * n, y + 2 * n];
    const init = { bubbles: true, pointerId: 1, buttons: 1, clientX, clientY };
    film.dispatchEvent(new PointerEvent("pointermove", init));
    await frame();
  }
  return [window.drawings - before, performance.now() - begun];
}
"""
# Left: when a key went down. Right: when a film was drawn on the canvas.
WATCH = """
window.pressedAt = 0;
window.paintedAt = 0;
addEventListener("keydown", () => { window.pressedAt = performance.now(); }, true);
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (entry.name === "truefilm-film-painted") window.paintedAt = entry.startTime;
}).observe({ entryTypes: ["mark"] });
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    started = StackProcess(tmp_path_factory.mktemp("viewer"))
    started.start()
    films = tmp_path_factory.mktemp("films")
    paths = [*make_large_films(films), *make_slices(films)]
    told = started.manage("ingest", "--worklist", "emergency", *map(str, paths))
    assert told.returncode == 0, told.stderr
    yield started
    started.stop()


def open_case(page: Page, patient: str) -> None:
    page.goto("/worklists/emergency")
    # Taken by this reader in an earlier test, it is in their hands.
    row = page.get_by_role("row").filter(has_text=patient)
    row = row.filter(has_text=re.compile("Ready|In read", re.IGNORECASE))
    expect(row.first).to_be_visible(timeout=ANALYSED_WITHIN_MS)
    row.first.dblclick()
    page.wait_for_url("**/cases/*")
    expect(page.locator("[data-film-ready]")).to_be_visible(timeout=20_000)


def find_film(page: Page) -> Locator:
    return page.get_by_role("region", name="Film").get_by_role("img").first


def list_measures(page: Page) -> Locator:
    measures = page.get_by_role("list", name="Measures on this image")
    if not measures.is_visible():
        page.get_by_text(re.compile(r"^\d+ measures?$")).click()
    return measures.get_by_role("listitem")


def test_a_measure_is_drawn_moved_and_deleted_by_keyboard_alone(
    stack: StackProcess, browser: Browser
) -> None:
    with signed_in(browser, stack, "radiologist") as page:
        open_case(page, "Ring")
        page.keyboard.press("End")
        expect(page.locator("[data-slice]")).to_have_text(f"{SLICES} / {SLICES}")
        expect(page.locator("[data-film-ready]")).to_be_visible()
        page.keyboard.press("Shift+B")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
        (only,) = list_measures(page).all()
        # The middle of the last slice is even: the file's unit, no spread.
        expect(only).to_contain_text("mean 1100 HU, SD 0")
        expect(only).to_contain_text("mm²")

        page.keyboard.press("Shift+Q")
        dialog = page.get_by_role("dialog")
        for field, value in zip(
            dialog.get_by_role("textbox").all(), ("10", "60", "30", "68"), strict=True
        ):
            field.fill(value)
        page.keyboard.press("Enter")
        # 20 x 8 pixels of 0.5 mm; the ring of 0 HU crosses it.
        expect(only).to_contain_text("40.0 mm²")
        expect(only).to_contain_text("min 0, max 1100")

        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+Q")
        expect(dialog.get_by_role("textbox").first).to_have_value("11")
        page.keyboard.press("Escape")
        page.keyboard.press("Delete")
        expect(page.locator("[data-measure]")).to_have_count(0)
        page.keyboard.press("z")
        expect(page.locator("[data-measure]")).to_have_count(1)
        # It lies on its slice alone.
        page.keyboard.press("PageUp")
        expect(page.locator("[data-measure]")).to_have_count(0)


def test_a_measure_is_taken_hold_of_by_mouse(
    stack: StackProcess, browser: Browser
) -> None:
    with signed_in(browser, stack, "radiologist") as page:
        open_case(page, "Ring")
        page.keyboard.press("Shift+E")
        box = find_film(page).bounding_box()
        assert box is not None

        def drag(start: tuple[float, float], end: tuple[float, float]) -> None:
            places = [
                (box["x"] + fx * box["width"], box["y"] + fy * box["height"])
                for fx, fy in (start, end)
            ]
            page.mouse.move(*places[0])
            page.mouse.down()
            page.mouse.move(*places[1], steps=5)
            page.mouse.up()

        drag((0.45, 0.45), (0.55, 0.55))
        (only,) = list_measures(page).all()
        before = only.inner_text()
        page.keyboard.press("w")
        drag((0.55, 0.55), (0.6, 0.6))
        page.wait_for_timeout(200)
        larger = float(re.findall(r"([\d.]+) mm²", only.inner_text())[0])
        assert larger > 1.8 * float(re.findall(r"([\d.]+) mm²", before)[0])
        # Beside every measure a drag is what the tool says: here a window.
        window = page.locator("[data-readout]").inner_text()
        drag((0.9, 0.2), (0.95, 0.3))
        expect(page.locator("[data-readout]")).not_to_have_text(window)
        expect(page.locator(".mark-handle")).to_have_count(0)
        assert find_axe_problems(page) == []


def test_a_stack_is_walked_through_with_window_and_zoom_kept(
    stack: StackProcess, browser: Browser
) -> None:
    with signed_in(browser, stack, "radiologist") as page:
        open_case(page, "Ring")
        number = page.locator("[data-slice]")
        expect(number).to_have_text(f"1 / {SLICES}")
        page.keyboard.press("8")
        page.keyboard.press("6")
        page.keyboard.press("+")
        readout = page.locator("[data-readout]")
        kept = re.findall(r"W/L \S+", readout.inner_text())
        darkest = grab_pixels(find_film(page)).mean()
        page.keyboard.press("7")
        for _ in range(4):
            page.keyboard.press("ArrowDown")
        expect(number).to_have_text(f"5 / {SLICES}")
        find_film(page).hover()
        page.mouse.wheel(0, 120)
        expect(number).to_have_text(f"7 / {SLICES}")
        page.keyboard.press("Home")
        page.keyboard.press("End")
        expect(number).to_have_text(f"{SLICES} / {SLICES}")
        expect(readout).to_contain_text(f"slice {SLICES} of {SLICES}")
        expect(readout).to_contain_text("W/L 1400/600")
        assert kept != ["W/L 1400/600"]
        assert grab_pixels(find_film(page)).mean() > darkest + 20
        page.get_by_role("slider", name="Slice").fill("3")
        expect(number).to_have_text(f"3 / {SLICES}")
        for side, name in (
            ("left", "R"),
            ("right", "L"),
            ("top", "A"),
            ("bottom", "P"),
        ):
            expect(page.locator(f"[data-side={side}]")).to_contain_text(name)
        page.keyboard.press("Shift+M")
        expect(number).not_to_have_text(f"3 / {SLICES}")
        page.keyboard.press("Shift+M")


def test_pixel_views_wait_for_the_seal(stack: StackProcess, browser: Browser) -> None:
    with signed_in(browser, stack, "radiologist") as page:
        open_case(page, "Large0")
        # The bar is too narrow here for all tools: the rare ones are in its menu.
        more = page.get_by_role("button", name=re.compile("^More tools"))
        views = page.get_by_role("menuitemcheckbox", name=re.compile("^Pixel views"))
        more.click()
        expect(
            page.get_by_role("menuitemcheckbox", name=re.compile("^Probe a pixel"))
        ).to_be_visible()
        expect(views).to_have_count(0)
        page.keyboard.press("Escape")
        page.keyboard.press("a")
        page.keyboard.press("3")
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name="Evidence")).to_be_visible()
        before = grab_pixels(find_film(page))
        more.click()
        views.click()
        panel = page.get_by_role("complementary", name="Pixel views")
        expect(panel).to_contain_text("Cannot tell:")
        for view in (
            "Noise residual",
            "Local noise",
            "Spectrum",
            "Error levels",
            "Bit plane",
        ):
            panel.get_by_role("combobox").select_option(label=view)
            picture = panel.get_by_role("img", name=f"{view}, whole")
            expect(picture).to_be_visible(timeout=30_000)
            page.wait_for_timeout(100)
            assert grab_pixels(picture).std() > 5, f"{view} is flat"
        assert np.abs(grab_pixels(find_film(page)) - before).mean() > 10
        keep_screenshot(page, "pixel-views")
        assert find_axe_problems(page) == []


def test_corner_text_stays_as_the_reader_left_it(
    stack: StackProcess, browser: Browser
) -> None:
    with signed_in(browser, stack, "radiologist") as page:
        open_case(page, "Large1")
        corner = page.locator("[data-corner=patient]")
        expect(corner).to_contain_text("Large1")
        page.keyboard.press("Shift+T")
        expect(corner).to_have_count(0)
        page.reload()
        expect(page.locator("[data-film-ready]")).to_be_visible()
        expect(corner).to_have_count(0)
        page.keyboard.press("?")
        sheet = page.get_by_role("region", name="List of keys")
        for words in ("Measure an ellipse", "Probe a pixel", "Text in the corners"):
            expect(sheet).to_contain_text(words)


def time_key(page: Page, key: str) -> float:
    """Return the milliseconds from the key to the film drawn on the canvas."""
    page.evaluate("window.paintedAt = 0")
    page.keyboard.press(key)
    # Polled: wait_for_function evaluates a string, which the content policy forbids.
    for _ in range(400):
        page.wait_for_timeout(50)
        if page.evaluate("window.paintedAt > 0"):
            return float(page.evaluate("window.paintedAt - window.pressedAt"))
    raise AssertionError("no film was drawn within 20 s of the key")


def test_films_are_on_screen_within_their_budget(
    stack: StackProcess, browser: Browser, request: pytest.FixtureRequest
) -> None:
    with signed_in(browser, stack, "radiologist") as page:
        page.add_init_script(WATCH)
        page.goto("/worklists/emergency")
        ready = (
            page.get_by_role("row").filter(has_text="Large").filter(has_text="Ready")
        )
        expect(ready.nth(1)).to_be_visible(timeout=ANALYSED_WITHIN_MS)
        ready.nth(1).click()
        cold_ms = time_key(page, "Enter")
        page.wait_for_url("**/cases/*")
        warm_ms: list[float] = []
        for _ in range(16):
            # A reader looks for longer than this; the next film is fetched meanwhile.
            page.wait_for_timeout(1500)
            took_ms = time_key(page, "n")
            heading = page.get_by_role("heading", level=1)
            if "Large" in heading.inner_text():
                warm_ms.append(took_ms)
            if len(warm_ms) == 3:
                break
    warm = statistics.median(warm_ms)
    print_line(
        request,
        f"{LARGE_ROWS} x {LARGE_COLUMNS}, key to film on canvas: cold {cold_ms:.0f}"
        f" ms, warm {', '.join(f'{ms:.0f}' for ms in warm_ms)} (median {warm:.0f})",
    )
    assert warm <= LIMIT * WARM_MS
    assert cold_ms <= LIMIT * COLD_MS


def grab_at_rest(page: Page) -> NDArray[np.float64]:
    page.wait_for_timeout(1500)
    return grab_pixels(find_film(page))


def test_a_window_drag_keeps_up_with_the_hand(
    stack: StackProcess, browser: Browser, request: pytest.FixtureRequest
) -> None:
    with signed_in(browser, stack, "radiologist") as page:
        page.add_init_script(COUNT_DRAWINGS)
        page.set_viewport_size({"width": 2560, "height": 1440})
        open_case(page, "Large2")
        box = find_film(page).bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        with trace_tasks(page) as task_ms:
            drawings, took_ms = page.evaluate(DRAG, [x, y, DRAG_MOVES])
        page.mouse.up()
        # At rest the film is drawn from all its pixels again, as by a single change.
        at_rest = grab_at_rest(page)
        page.keyboard.press("v")
        assert np.abs(grab_at_rest(page) - at_rest).mean() > 10
        page.keyboard.press("v")
        assert np.array_equal(grab_at_rest(page), at_rest)
    per_drawing_ms, per_s = sum(task_ms) / max(1, drawings), 1000 * drawings / took_ms
    print_line(
        request,
        f"{box['width']:.0f} x {box['height']:.0f} on screen, window drag: {drawings} "
        f"drawings for {DRAG_MOVES} moves, {per_drawing_ms:.1f} ms of processor time "
        f"each, {per_s:.0f} a second",
    )
    assert per_drawing_ms <= 1000 / LEAST_FPS
    assert per_s >= LEAST_FPS / LIMIT
