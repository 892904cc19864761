"""Stacks beside the patient's earlier ones, in a real browser: scrolled as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page, expect
from pydicom.uid import CTImageStorage, XRayAngiographicImageStorage

from tests import dicom
from tests.e2e.reader import (
    find_axe_problems,
    grab_pixels,
    keep_screenshot,
    signed_in,
)
from tests.e2e.stack import StackProcess

pytestmark = pytest.mark.timeout(420)
SIDE = 256
NOW, BEFORE = "20260302", "20250210"
FIND_CASE = """async (accession) => {
  const answer = await fetch("/api/v1/worklists/emergency/cases?limit=200");
  const { items } = await answer.json();
  return items.find((row) => row.accession_number === accession).id;
}"""


def cut_phantom(z_mm: float) -> NDArray[np.uint16]:
    """Return a slice of a body at a height: no two heights look alike."""
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    hu: NDArray[np.float64] = np.full((SIDE, SIDE), -1000.0)
    hu[np.hypot(x / 1.3, y) < 70 + z_mm] = 40
    hu[np.hypot(x, y - 45) < 14] = 700
    for side in (-1, 1):
        hu[np.hypot((x - side * 45) / 0.8, y + 5) < 24 - z_mm / 3] = -850
    hu[np.hypot(x - 10, y + 40 - 3 * z_mm) < 9] = 250
    stored: NDArray[np.uint16] = np.rint(hu + 1024).astype(np.uint16)
    return stored


def write_study(
    folder: Path, name: str, day: str, films: list[dict[str, Any]]
) -> list[Path]:
    """Write the films of one study of the patient; two studies differ in their day."""
    paths = []
    uid = f"{dicom.UID_ROOT}.3.{sum(name.encode())}.{day}"
    for n, film in enumerate(films):
        overrides = {
            "PatientID": f"TEST-{name}",
            "PatientName": f"Test^{name}",
            "StudyInstanceUID": uid,
            "SeriesInstanceUID": f"{uid}.1",
            "SOPInstanceUID": f"{uid}.1.{n + 1}",
            "StudyDate": day,
            "AccessionNumber": f"{name}{day[:4]}",
            "InstanceNumber": n + 1,
            "RescaleSlope": 1,
            "RescaleIntercept": -1024,
            "WindowCenter": 40,
            "WindowWidth": 1200,
            "PatientOrientation": None,
            "ImagerPixelSpacing": None,
            **film.pop("overrides"),
        }
        path = folder / f"{name}-{day}-{n:02d}.dcm"
        paths.append(
            dicom.write_film(path, spacing=(1.0, 1.0), overrides=overrides, **film)
        )
    return paths


def make_ct(folder: Path, day: str, heights_mm: list[float]) -> list[Path]:
    """Write a CT series; both studies lie in one frame of reference."""
    return write_study(
        folder,
        "Body",
        day,
        [
            {
                "array": cut_phantom(z_mm),
                "overrides": {
                    "SOPClassUID": CTImageStorage,
                    "Modality": "CT",
                    "FrameOfReferenceUID": f"{dicom.UID_ROOT}.3.9",
                    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
                    "ImagePositionPatient": [-128, -128, z_mm],
                },
            }
            for z_mm in heights_mm
        ],
    )


def make_run(folder: Path, day: str, frames: int) -> list[Path]:
    """Write an angiogram: one image of several frames, which lie nowhere."""
    return write_study(
        folder,
        "Run",
        day,
        [
            {
                "array": np.stack([cut_phantom(2.0 * n) for n in range(frames)]),
                "frames": frames,
                "overrides": {
                    "SOPClassUID": XRayAngiographicImageStorage,
                    "Modality": "XA",
                },
            }
        ],
    )


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    started = StackProcess(tmp_path_factory.mktemp("stacks"))
    started.start()
    films = tmp_path_factory.mktemp("films")
    paths = [
        *make_ct(films, BEFORE, [0.0, 5.0, 10.0, 15.0]),
        *make_ct(films, NOW, [2.5 * n for n in range(9)]),
        *make_run(films, BEFORE, 4),
        *make_run(films, NOW, 6),
    ]
    told = started.manage("ingest", "--worklist", "emergency", *map(str, paths))
    assert told.returncode == 0, told.stderr
    yield started
    started.stop()


def open_compare(page: Page, accession: str, *steps: str) -> Locator:
    """Open a case, press keys on it, then lay its prior beside it; return both."""
    page.goto("/worklists/emergency")
    page.goto(f"/cases/{page.evaluate(FIND_CASE, accession)}")
    expect(page.locator("[data-film-ready]")).to_be_visible(timeout=20_000)
    for key in steps:
        page.keyboard.press(key)
    page.keyboard.press("p")
    page.wait_for_url("**/compare**")
    return page.locator(".compare-films")


def expect_pair(page: Page, first: str, other: str) -> None:
    """Wait until both slices are on screen and say so."""
    for which, words in (("first", first), ("other", other)):
        label = page.locator(f"[data-which={which}] > .compare-label")
        expect(label).to_contain_text(words, timeout=20_000)
    expect(page.locator(".compare-pane [data-film-ready]")).to_have_count(2)


def wait_until_seen(
    films: Locator, is_so: Callable[[NDArray[np.float64]], bool]
) -> None:
    """Look at the films until it is so: they are painted a frame or two later."""
    for _ in range(100):
        if is_so(grab_pixels(films)):
            return
        films.page.wait_for_timeout(100)
    raise AssertionError("not seen within 100 looks")


def test_slices_of_one_place_stand_side_by_side(
    stack: StackProcess, browser: Browser
) -> None:
    with signed_in(browser, stack, "radiologist") as page:
        # The reader was at the third slice, 5 mm up: the prior's second.
        films = open_compare(page, "Body2026", "PageDown", "PageDown")
        expect_pair(page, "slice 3 of 9", "slice 2 of 4")
        expect(page.get_by_role("button", name="Linked by position")).to_be_visible()
        keep_screenshot(page, "compare-stacks")
        assert find_axe_problems(page) == []

        page.keyboard.press("4")
        wait_until_seen(films, lambda seen: bool(seen.max() < 12))
        page.keyboard.press("PageDown")
        expect_pair(page, "slice 4 of 9", "slice 2 of 4")
        wait_until_seen(films, lambda seen: bool(seen.max() > 60))
        films.hover()
        # Over the other film its slices are the steps.
        page.mouse.wheel(0, 60)
        expect_pair(page, "slice 5 of 9", "slice 3 of 4")
        wait_until_seen(films, lambda seen: bool(seen.max() < 12))

        page.keyboard.press("End")
        expect_pair(page, "slice 9 of 9", "slice 4 of 4: the nearest, there is none")
        page.keyboard.press("Home")
        expect_pair(page, "slice 1 of 9", "slice 1 of 4")
        wait_until_seen(films, lambda seen: bool(seen.max() < 12))


def test_frames_are_brought_into_register_by_hand_with_zoom_and_window_kept(
    stack: StackProcess, browser: Browser
) -> None:
    with signed_in(browser, stack, "radiologist") as page:
        films = open_compare(page, "Run2026")
        expect_pair(page, "slice 1 of 6", "slice 1 of 4")
        expect(page.get_by_role("button", name="Linked by number")).to_be_visible()
        page.keyboard.press("l")
        expect(page.get_by_role("button", name="Not linked")).to_be_visible()
        for key in ("PageDown", "PageDown", "o", "PageDown"):
            page.keyboard.press(key)
        expect_pair(page, "slice 3 of 6", "slice 2 of 4")
        assert find_axe_problems(page) == []
        page.keyboard.press("l")
        expect(
            page.get_by_role("button", name="Moved by hand: \N{MINUS SIGN}1 slice")
        ).to_be_visible()

        # Enlarged and inverted, the next pair is so too: outside is white, on both.
        page.keyboard.press("v")
        page.keyboard.press("+")
        for words in ("slice 4 of 6", "slice 5 of 6"):
            page.keyboard.press("PageDown")
            expect_pair(page, words, "of 4")
        expect_pair(page, "slice 5 of 6", "slice 4 of 4")
        halves = np.array_split(grab_pixels(films), 2, axis=1)
        for half in halves:
            assert (half > 240).mean() > 0.1
        page.keyboard.press("PageDown")
        expect_pair(page, "slice 6 of 6", "slice 4 of 4: the nearest, there is none")
        page.keyboard.press("PageUp")
        expect_pair(page, "slice 5 of 6", "slice 4 of 4")
