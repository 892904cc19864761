"""Where the browser of the e2e tests is, and how a machine gets one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_system_chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def find_chromium() -> str | None:
    """Return the path of a usable browser: the system's, or Playwright's own."""
    found = find_system_chromium()
    if found is not None:
        return found
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return str(own) if own.exists() else None


def install_chromium() -> bool:
    """Return whether there is a browser after apt, then Playwright, were tried."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("setup: installing chromium with apt", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"],
        ):
            subprocess.run(
                command, check=False, stdout=subprocess.DEVNULL, env=environment
            )
        if find_system_chromium():
            return True
    print("setup: downloading chromium with playwright", flush=True)
    subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"], check=False
    )
    return find_chromium() is not None


if __name__ == "__main__":
    if find_chromium() is None and not install_chromium():
        sys.exit(
            "The e2e tests need Chromium: it is not installed, and neither apt nor "
            "Playwright could fetch it."
        )
