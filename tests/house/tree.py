"""What the house tests read: the tracked files and the documents."""

from __future__ import annotations

import subprocess
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]


def list_tracked_files() -> list[Path]:
    """Return the files that git tracks or would track, without deleted ones."""
    found = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=BASE_DIR,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = [BASE_DIR / name for name in found.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def list_python_files(*folders: str) -> list[Path]:
    """Return the Python modules below these folders, migrations left out."""
    return sorted(
        path
        for folder in folders
        for path in (BASE_DIR / folder).rglob("*.py")
        if "migrations" not in path.parts
    )


def read_documents() -> str:
    """Return the README and everything under docs/, as one text."""
    paths = [BASE_DIR / "README.md", *sorted((BASE_DIR / "docs").rglob("*.md"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)
