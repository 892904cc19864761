"""A person at a browser: signs in, drops files, looks at pixels."""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Playwright

from tests.e2e.browser import find_chromium
from tests.e2e.stack import BASE_DIR, StackProcess

BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENSHOTS = BASE_DIR / "docs" / "screenshots"
AXE = BASE_DIR / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
DROP = """
async (files) => {
  const transfer = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
    transfer.items.add(new File([bytes], name));
  }
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const event = new DragEvent(kind, { bubbles: true, cancelable: true });
    Object.defineProperty(event, "dataTransfer", { value: transfer });
    window.dispatchEvent(event);
  }
}
"""


def launch_browser(playwright: Playwright) -> Browser:
    """Return a headless Chromium that renders in software, as CI does."""
    path = find_chromium()
    assert path is not None, "no Chromium: run make chromium"
    return playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)


def open_page(browser: Browser, stack: StackProcess, *, width: int = 1440) -> Page:
    """Return an empty page of the stack, in a context of its own."""
    context = browser.new_context(
        base_url=stack.url, viewport={"width": width, "height": 900}
    )
    return context.new_page()


def sign_in(page: Page, stack: StackProcess, username: str) -> None:
    """Sign in as a person of the demo."""
    accounts = json.loads((stack.data_dir / "demo_accounts.json").read_text())
    password = next(a["password"] for a in accounts if a["username"] == username)
    page.goto("/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Demo hospital").first.wait_for()


@contextmanager
def signed_in(
    browser: Browser, stack: StackProcess, username: str, *, width: int = 1440
) -> Iterator[Page]:
    """Yield the first page after signing in, and leave it at the end as a person does;
    a script error on any page fails."""
    page = open_page(browser, stack, width=width)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda m: (
            problems.append(f"{m.text} {m.location['url']}")
            if m.type == "error"
            else None
        ),
    )
    sign_in(page, stack, username)
    yield page
    assert not problems, problems
    # Left to the browser's end after a failure: to close a context whose page no longer
    # answers can hang, and what went wrong would be lost behind the time-out.
    # A context that is closed says no good-bye: its case would count as open for 75 s.
    page.goto("/health/live")
    page.context.close()


def drop_files(page: Page, paths: Sequence[Path]) -> None:
    """Drop files on the page, as from a folder window."""
    files = [
        [path.name, base64.b64encode(path.read_bytes()).decode()] for path in paths
    ]
    page.evaluate(DROP, files)


def grab_pixels(target: Locator) -> NDArray[np.float64]:
    """Return what a person sees of an element, as luma 0..255."""
    with Image.open(io.BytesIO(target.screenshot())) as picture:
        return np.asarray(picture.convert("L"), dtype=np.float64)


def grab_colours(target: Locator) -> NDArray[np.float64]:
    """Return what a person sees of an element, as RGB 0..255."""
    with Image.open(io.BytesIO(target.screenshot())) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.float64)


def keep_screenshot(page: Page, name: str) -> None:
    """Keep the page under docs/screenshots when `make screenshots` asks for it."""
    if os.environ.get("KEEP_SCREENSHOTS"):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")


def find_axe_problems(page: Page) -> list[dict[str, Any]]:
    """Return the WCAG 2.2 AA violations that axe sees on the page as it is now."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        """() => axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a",
        "wcag21aa", "wcag22aa"]})"""
    )
    return [
        {"rule": v["id"], "at": [node["target"] for node in v["nodes"]][:3]}
        for v in found["violations"]
    ]
