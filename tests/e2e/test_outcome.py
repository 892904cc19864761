"""What a newcomer does on the first evening, in a real browser on the real stack."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Request, expect
from pydicom import dcmread
from pydicom.data import get_testdata_file

from tests.dicom import write_truncated
from tests.e2e.reader import (
    drop_files,
    find_axe_problems,
    grab_colours,
    grab_pixels,
    keep_screenshot,
    signed_in,
)
from tests.e2e.stack import StackProcess, run_stack

pytestmark = pytest.mark.timeout(420)
ANALYSED_WITHIN_MS = 120_000


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """Yield a stack whose cases these tests may read to the end."""
    yield from run_stack(tmp_path_factory.mktemp("own"))


def make_film(path: Path) -> tuple[Path, NDArray[np.float64]]:
    """Write a crop of the public chest film as PNG; return its luma too.

    A crop of its own, so that no demo study holds the same film.
    """
    source = get_testdata_file("RG1_UNCR.dcm", download=False)
    pixels = dcmread(str(source)).pixel_array.astype(np.float64)
    part = pixels.max() - pixels[400:1500, 300:1400]
    luma = np.round(255 * (part - part.min()) / np.ptp(part)).astype(np.uint8)
    Image.fromarray(luma).save(path)
    return path, luma.astype(np.float64)


def correlate(shown: NDArray[np.float64], film: NDArray[np.float64]) -> float:
    """Return how well the middle of the viewport agrees with the film, -1..1.

    The film is square and fitted to the shorter side of the viewport.
    """
    height, width = shown.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = shown[top : top + side, left : left + side]
    inner = slice(side // 5, -side // 5)
    small = Image.fromarray(film.astype(np.uint8)).resize((side, side))
    expected = np.asarray(small, dtype=np.float64)[inner, inner]
    pair = np.corrcoef(square[inner, inner].ravel(), expected.ravel())
    return float(pair[0, 1])


def test_a_newcomer_gets_from_a_dropped_film_to_a_label(
    stack: StackProcess, browser: Browser, tmp_path: Path
) -> None:
    film, luma = make_film(tmp_path / "film-from-a-claim.png")
    broken = write_truncated(tmp_path / "broken.dcm")
    with signed_in(browser, stack, "radiologist") as page:
        send_films(page, [film, broken])
        asked: list[str] = []

        def note(request: Request) -> None:
            asked.append(request.url)

        page.on("request", note)
        open_from_worklist(page, "Unidentified")
        check_film_is_shown(page, luma)
        assert not [url for url in asked if "/evidence" in url]
        seal_answer(page)
        check_map_is_drawn(page)
        page.remove_listener("request", note)
        case_url = page.url
        file_verdict(page)
        expect(page).not_to_have_url(case_url)
        expect(
            page.get_by_role("region", name="Film").get_by_role("img")
        ).to_be_visible()
    with signed_in(browser, stack, "lead") as page:
        page.goto("/audit")
        entries = page.get_by_role("main").get_by_role("listitem").get_by_role("button")
        expect(entries.filter(has_text="Read sealed").first).to_be_visible()
        entries.filter(has_text="Verdict filed").first.click()
        proof = page.get_by_role("status").filter(has_text="erified in your browser")
        expect(proof).to_be_visible()
        keep_screenshot(page, "audit")
        page.goto("/insights")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_timeout(800)
        keep_screenshot(page, "insights")
    with signed_in(browser, stack, "ml") as page:
        check_label_files(page)


def send_films(page: Page, paths: list[Path]) -> None:
    page.get_by_role("link", name="Upload").click()
    page.get_by_role("combobox", name="Worklist").select_option(
        label="Emergency radiology"
    )
    drop_files(page, paths)
    rows = page.get_by_role("region", name="Files of this upload").get_by_role(
        "listitem"
    )
    film, broken = (rows.filter(has_text=path.name) for path in paths)
    expect(film).to_contain_text("Stored", timeout=60_000)
    expect(broken).to_contain_text("Quarantined", timeout=60_000)
    expect(broken).to_contain_text("The file is cut off")
    keep_screenshot(page, "upload")


def open_from_worklist(page: Page, patient: str) -> None:
    page.get_by_role("link", name="Worklist").click()
    page.get_by_role("navigation", name="Worklists").get_by_text(
        "Emergency radiology"
    ).click()
    row = page.get_by_role("row").filter(has_text=patient).filter(has_text="Ready")
    # A list that was open before keeps its rows still; new ones wait behind a chip.
    # The bell, outside the page itself, counts what is new too.
    chip = page.get_by_role("main").get_by_role("button", name=re.compile(r"\d+ new"))
    expect(row.or_(chip).first).to_be_visible(timeout=ANALYSED_WITHIN_MS)
    if chip.is_visible():
        chip.click()
    expect(row).to_be_visible(timeout=ANALYSED_WITHIN_MS)
    grid = page.get_by_role("grid")
    for word in ("Suspicion", "Flagged", "Top lane"):
        expect(grid.get_by_text(word)).to_have_count(0)
    keep_screenshot(page, "worklist")
    row.dblclick()
    page.wait_for_url("**/cases/*")


def check_film_is_shown(page: Page, luma: NDArray[np.float64]) -> None:
    viewport = page.get_by_role("region", name="Film").get_by_role("img")
    expect(viewport).to_be_visible()
    page.wait_for_timeout(1500)
    upright = grab_pixels(viewport)
    assert upright.std() > 20, "the viewport is flat"
    assert correlate(upright, luma) > 0.95
    keep_screenshot(page, "reading")
    page.keyboard.press("v")
    page.wait_for_timeout(500)
    assert correlate(grab_pixels(viewport), luma) < -0.95
    page.keyboard.press("v")
    page.wait_for_timeout(500)


def seal_answer(page: Page) -> None:
    page.keyboard.press("a")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    rail = page.get_by_role("complementary", name="Reading")
    expect(
        rail.get_by_text(re.compile(r"Sealed \d\d:\d\d:\d\d\. Entry [\d,]+"))
    ).to_be_visible()
    evidence = page.get_by_role("region", name="Evidence")
    for lane in ("Container", "Provenance", "Metadata", "Reuse", "Synthesis", "Tamper"):
        expect(evidence.get_by_text(lane, exact=True)).to_be_visible()


def check_map_is_drawn(page: Page) -> None:
    viewport = page.get_by_role("region", name="Film")
    before = grab_colours(viewport)
    page.keyboard.press("h")
    expect(page.get_by_text("Synthesis map")).to_be_visible()
    page.wait_for_timeout(700)
    after = grab_colours(viewport)
    assert np.abs(after - before).mean() > 5, "the map changed nothing"
    chroma = np.ptp(after, axis=2).mean()
    assert chroma > np.ptp(before, axis=2).mean() + 5, "the map has no colour"
    keep_screenshot(page, "unsealed")
    page.keyboard.press("h")


def file_verdict(page: Page) -> None:
    flagged = page.get_by_text("Flagged", exact=True).count() > 0
    page.keyboard.press("o" if flagged else "c")
    page.get_by_role("combobox").first.click()
    page.get_by_role("option", name="Natural noise").click()
    page.keyboard.press("Escape")
    keep_screenshot(page, "verdict")
    page.get_by_role("button", name=re.compile("^File and")).click()


def check_label_files(page: Page) -> None:
    page.goto("/learning")
    with page.expect_download() as csv_download:
        page.get_by_role("link", name=re.compile("CSV")).click()
    text = Path(csv_download.value.path()).read_text(encoding="utf-8")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["outcome"] == "authentic"
    assert row["mode"] == "blind_first"
    with page.expect_download() as parquet_download:
        page.get_by_role("link", name=re.compile("Parquet")).click()
    table = pq.read_table(parquet_download.value.path()).to_pylist()
    assert [label["label_id"] for label in table] == [row["label_id"]]
    keep_screenshot(page, "learning")


PAGES_BY_PERSON = {
    "radiologist": ("/worklists/emergency", "/worklists/claims", "/upload"),
    "lead": ("/audit", "/insights", "/quarantine", "/learning"),
    "ml": ("/learning",),
}


@pytest.mark.parametrize("person", PAGES_BY_PERSON)
def test_pages_pass_axe(stack: StackProcess, browser: Browser, person: str) -> None:
    with signed_in(browser, stack, person) as page:
        for path in PAGES_BY_PERSON[person]:
            page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            page.wait_for_timeout(800)
            assert find_axe_problems(page) == [], path


def test_the_triage_desk_shows_flags_and_sorts_by_suspicion(
    stack: StackProcess, browser: Browser
) -> None:
    with signed_in(browser, stack, "second") as page:
        page.goto("/worklists/claims")
        grid = page.get_by_role("grid")
        flagged = grid.get_by_role("row").filter(has_text="Flagged")
        expect(flagged.first).to_be_visible(timeout=ANALYSED_WITHIN_MS)
        expect(grid.get_by_text("analysing")).to_have_count(
            0, timeout=ANALYSED_WITHIN_MS
        )
        # Fetched anew: a list that is open does not let its rows jump.
        page.reload()
        expect(flagged.first).to_be_visible()
        rows = grid.get_by_role("row").all_inner_texts()[1:]
        # The column stands before the reason, which may quote numbers too.
        numbers = [float(re.findall(r"\b[01]\.\d\d\b", row)[0]) for row in rows]
        assert len(numbers) > 5
        assert numbers == sorted(numbers, reverse=True)
        keep_screenshot(page, "triage")
        flagged.filter(has_text="appears twice").first.dblclick()
        page.wait_for_url("**/cases/*")
        evidence = page.get_by_role("region", name="Evidence")
        expect(evidence.get_by_text("Flagged", exact=True)).to_be_visible()
        page.keyboard.press("j")
        expect(page.get_by_text("Tamper map")).to_be_visible()
        page.wait_for_timeout(1200)
        assert find_axe_problems(page) == []
        evidence.get_by_text("Tamper", exact=True).scroll_into_view_if_needed()
        keep_screenshot(page, "evidence")


def test_two_people_on_one_case_see_each_other_and_who_holds_it(
    stack: StackProcess, browser: Browser
) -> None:
    with (
        signed_in(browser, stack, "radiologist") as mine,
        signed_in(browser, stack, "second", width=1920) as theirs,
    ):
        mine.goto("/worklists/emergency")
        row = mine.get_by_role("row").filter(has_text="Ready").first
        expect(row).to_be_visible(timeout=ANALYSED_WITHIN_MS)
        row.dblclick()
        mine.wait_for_url("**/cases/*")
        theirs.goto(mine.url)
        here = theirs.get_by_role("status").filter(has_text="has this case open")
        expect(here).to_contain_text("R. First")
        expect(here).to_contain_text("Claimed by R. First")
        # The first one is told by the socket, long before the page reports again.
        expect(
            mine.get_by_role("status").filter(has_text="R. Second has this case open")
        ).to_be_attached()
        assert find_axe_problems(theirs) == []
        mine.goto("/upload")
        left = theirs.get_by_role("status").filter(has_text="Not claimed")
        expect(left).not_to_contain_text("R. First")
        claim = theirs.get_by_role("button", name="Claim", exact=True)
        claim.focus()
        theirs.keyboard.press("Enter")
        expect(claim).to_have_count(0)
        expect(left).to_have_count(0)


def count_unread(page: Page) -> int:
    """Return what the server counts under a person's bell."""
    unread: int = page.evaluate(
        "async () => (await (await fetch('/api/v1/notifications')).json()).unread"
    )
    return unread


def ask_by_key(mine: Page) -> Locator:
    """Open a case, ask the second reader, and return where that stands."""
    mine.goto("/worklists/emergency")
    row = mine.get_by_role("row").filter(has_text="Ready").first
    expect(row).to_be_visible(timeout=ANALYSED_WITHIN_MS)
    row.dblclick()
    mine.wait_for_url("**/cases/*")
    expect(mine.get_by_role("group", name="Is this film authentic?")).to_be_visible()
    mine.keyboard.press("g")
    whom = mine.get_by_role("combobox", name="Whom")
    expect(whom.get_by_role("option", name="R. Second")).to_be_attached()
    mine.keyboard.type("R. S")
    mine.keyboard.press("Tab")
    mine.keyboard.type("Too smooth?")
    assert find_axe_problems(mine) == []
    mine.keyboard.press("Control+Enter")
    asked = mine.get_by_role("region", name="Your questions")
    expect(asked).to_contain_text("You asked R. Second")
    return asked


def answer_by_key(theirs: Page, case_url: str) -> None:
    """Follow the bell, which rings wherever the colleague is, and reply."""
    bell = theirs.get_by_role("button", name=re.compile(r"Notifications, \d+ new"))
    expect(bell).to_be_visible()
    bell.focus()
    theirs.keyboard.press("Enter")
    line = theirs.get_by_role("link", name=re.compile("R. First asks you"))
    expect(line).to_be_visible()
    assert find_axe_problems(theirs) == []
    line.focus()
    theirs.keyboard.press("Enter")
    theirs.wait_for_url(case_url)
    theirs.get_by_label("Your reply to R. First").fill("REPLIEDWORDS, yes.")
    theirs.keyboard.press("Control+Enter")
    expect(theirs.get_by_text(re.compile("You replied"))).to_be_visible()
    assert find_axe_problems(theirs) == []


def test_a_colleague_is_asked_by_key_and_the_reply_comes_with_the_seal(
    stack: StackProcess, browser: Browser
) -> None:
    with (
        signed_in(browser, stack, "radiologist", width=1280) as mine,
        signed_in(browser, stack, "second") as theirs,
    ):
        # An upload of another test may have been told before.
        before = count_unread(mine)
        asked = ask_by_key(mine)
        answer_by_key(theirs, mine.url)
        # Not a word of it, and not that there is one, before the seal.
        mine.reload()
        expect(asked).to_contain_text("once you have sealed")
        assert "REPLIEDWORDS" not in mine.content()
        assert count_unread(mine) == before
        mine.keyboard.press("a")
        mine.keyboard.press("4")
        mine.keyboard.press("Enter")
        expect(asked).to_contain_text("REPLIEDWORDS")
        rings = f"Notifications, {before + 1} new"
        expect(mine.get_by_role("button", name=rings)).to_be_visible()
        assert find_axe_problems(mine) == []
