"""docs/container.md, made of the table of findings; run as a module, prints it."""

from __future__ import annotations

import sys

from workers.lanes.container.findings import TABLE
from workers.lanes.container.kinds import ALL, PICTURES, Kind
from workers.types import FileFormat

_NAMES = {
    FileFormat.PNG: "PNG",
    FileFormat.JPEG: "JPEG",
    FileFormat.TIFF: "TIFF",
    FileFormat.WEBP: "WebP",
    FileFormat.DICOM: "DICOM",
}
_HEAD = """\
# What the container lane can say

Made by `python -m workers.lanes.container.document`; a test compares. The lane reads
the file as a file: structure, text, tables and ends, never what the film shows. It
gives no probability. It reports a finding from weight 0.5 on; lighter ones are listed
under a clear lane. From 0.7 on a finding counts in the fused opinion.

Each finding names its offset, field or place in the file. Words in braces are filled
in. Where a finding has several weights, the first is the usual one.

| code | weight | what it says | files | source |
|---|---|---|---|---|
"""


def render() -> str:
    """Return the whole document."""
    return _HEAD + "".join(map(_row, TABLE))


def _row(kind: Kind) -> str:
    weights = " / ".join(f"{weight:g}" for weight in kind.weights)
    files = ", ".join(_NAMES[kind_of] for kind_of in kind.applies_to)
    if kind.applies_to == ALL:
        files = "all"
    elif kind.applies_to == PICTURES:
        files = "pictures"
    sentence = kind.sentence.replace("|", "\\|")
    return f"| `{kind.code}` | {weights} | {sentence} | {files} | {kind.source} |\n"


if __name__ == "__main__":
    sys.stdout.write(render())
