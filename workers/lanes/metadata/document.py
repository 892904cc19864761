"""The rules as a document: `python -m workers.lanes.metadata.document [PATH]`.

Writes docs/metadata-rules.md unless told where else; a test compares the two.
"""

from __future__ import annotations

import sys
from pathlib import Path

from workers.lanes.metadata.lane import (
    FINDING_WEIGHT,
    GROUPS,
    MANY,
    MANY_SLIPS,
    MANY_SLIPS_WEIGHT,
    MANY_WEIGHT,
    RULES,
    SLIP_WEIGHT,
    Group,
)
from workers.lanes.metadata.rule import Rule

DEFAULT_PATH = Path("docs/metadata-rules.md")

_HEAD = f"""# Rules on the header

Made from the rules themselves by `python -m workers.lanes.metadata.document`; do not
edit by hand.

The metadata lane asks whether a header can belong to its pixels. It has {len(RULES)}
rules. Each looks at one film, says one sentence, and cites what it rests on. What it
tells beside the sentence are names of attributes and numbers of the device, never
names, dates or numbers of the patient. A film without a DICOM header is not assessable.

**Weights.** 0.25 is curious, 0.5 unusual, 0.7 and above strong: what cannot be, by
calendar or geometry. The lane reports a finding from {FINDING_WEIGHT} on; a rule
lighter than that only adds its sentence to a clear lane. Findings of {FINDING_WEIGHT}
and more in {MANY} groups at once are strong together ({MANY_WEIGHT}); slips of
{SLIP_WEIGHT} and more in {MANY_SLIPS} groups at once are a finding
({MANY_SLIPS_WEIGHT}).

**Calibration.** No genuine film of those at hand, 57 DICOM files taken from 1992 to
2020 by devices of six makers and more, has a finding of {FINDING_WEIGHT} or more, and
none has slips in more than {MANY_SLIPS - 2} groups. A quirk of an honest file keeps the
weight of its rule below that line, or the rule lets it pass; the last column says
which. This is a small set: expect quirks that it does not hold.

**What a clear lane does not mean.** Whoever copies a whole header from a genuine film
breaks few rules. Generated pictures put under the headers of seven genuine radiographs
(280 pairs): with their 8 bits stretched to the depth of the header all were found; with
noise added in that depth 5 %; left in 8 bits and declared so none. The pixels of one
genuine radiograph under the header of another (42 pairs): 12 %. The rules catch what
was invented, mixed or left behind.

**The study's other films** are those that the server had analysed before; on a command
line there are none. The first film of a study is not judged anew when a second comes.
"""


def write_document() -> str:
    """Return the document, Markdown."""
    parts = [_HEAD, *(_write_group(group) for group in GROUPS)]
    return "\n".join(parts)


def _write_group(group: Group) -> str:
    lines = [
        f"## {group.title}",
        "",
        "| rule | says | weight | applies to | source | tolerated |",
        "|---|---|---|---|---|---|",
        *(_write_rule(rule) for rule in group.rules),
        "",
    ]
    return "\n".join(lines)


def _write_rule(rule: Rule) -> str:
    cells = (
        f"`{rule.code}`",
        rule.sentence,
        f"{rule.weight:g}",
        rule.scope.title,
        rule.source,
        rule.tolerated,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main(arguments: list[str]) -> None:
    """Write the document to the path given, else to its place."""
    path = Path(arguments[0]) if arguments else DEFAULT_PATH
    path.write_text(write_document(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
