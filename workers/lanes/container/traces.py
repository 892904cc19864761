"""Traces that programs leave in the text of a picture file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from workers.lanes.container.findings import make
from workers.lanes.container.generators import (
    find_generator,
    find_label,
    find_recipe,
)
from workers.types import Finding

_MOST_TEXT = 200_000


@dataclass(frozen=True)
class TextEntry:
    """One piece of text of a file: its key, its content, and where it starts."""

    key: str
    text: str
    offset: int


_EDITORS = (
    r"(?:adobe )?photoshop|lightroom|gimp|affinity photo|paint\.net|pixelmator|"
    r"snapseed|canva|photopea|krita|corel|picsart|facetune|meitu|capture one|"
    r"imagemagick|graphicsmagick|windows photo (?:editor|viewer|gallery)|irfanview|"
    r"acdsee|picasa|xnview|faststone|polarr|vsco|procreate|luminar|dxo photolab"
)
_EDITOR = re.compile(rf"(?<!\w)(?:{_EDITORS})(?!\w)", re.IGNORECASE)
_EDITOR_SENTENCE = re.compile(
    r"(?<!\w)(?:created|edited|exported|made|processed|saved|written)\s+"
    rf"(?:with|by|using|in)\s+({_EDITORS})(?!\w)",
    re.IGNORECASE,
)
# `<?xpacket` and `<?xml` open honest XMP.
_SCRIPT = re.compile(
    r"<\?php\b|<\?=|<script[\s>]|<html[\s>]|<iframe[\s>]", re.IGNORECASE
)
# Where software names itself, and where people write: a word of the second kind
# ("Imagen de torax") must not be taken for the name of a program.
_SOFTWARE_FIELDS = frozenset({"software", "source", "credit", "creator"})
_FREE_FIELDS = frozenset(
    {"author", "com", "comment", "description", "imagedescription", "title"}
    | {"usercomment"}
)
_XMP_PROGRAM = re.compile(
    r"\b(?:CreatorTool|softwareAgent|Credit)\s*(?:>|=\s*[\"'])([^<\"']{1,200})"
)
# IPTC-IIM 4.2: originating program (2:65), credit (2:110), source (2:115).
_IIM_PROGRAM = re.compile("\x1c\x02[\x41\x6e\x73]\x00([\x01-\xff])")


def judge_texts(entries: Iterable[TextEntry]) -> list[Finding]:
    """Return the findings of all texts, one per kind of trace with all its places."""
    findings: dict[tuple[str, str], Finding] = {}
    for entry in entries:
        place = {"key": entry.key[:64], "offset": entry.offset}
        found = _judge_text(entry.key, entry.text[:_MOST_TEXT], place)
        if found is not None:
            known = findings.setdefault(
                (found.code, found.text), replace(found, detail={"places": []})
            )
            known.detail["places"].append(place)
    return list(findings.values())


def judge_scripts(entries: Iterable[TextEntry]) -> list[Finding]:
    """Return a finding if a text holds code for a browser or a web server."""
    for entry in entries:
        if _SCRIPT.search(entry.text[:_MOST_TEXT]):
            place = {"key": entry.key[:64], "offset": entry.offset}
            return [make("script_in_text", detail={"places": [place]})]
    return []


def _judge_text(key: str, text: str, place: dict[str, Any]) -> Finding | None:
    return (
        find_recipe(key, text, place)
        or find_label(key, text, place)
        or _find_program(key, text, place)
    )


def _find_program(key: str, text: str, place: dict[str, Any]) -> Finding | None:
    """Return a program's name, in the fields that hold one."""
    lower = key.lower()
    names_itself = True
    if lower == "iptc":
        text = " ".join(_list_iim_programs(text))
    elif "xmp" in lower:
        # The namespaces of XMP name a company, whoever wrote the file.
        text = " ".join(match[1] for match in _XMP_PROGRAM.finditer(text))
    elif lower in _FREE_FIELDS:
        names_itself = False
    elif lower not in _SOFTWARE_FIELDS:
        return None
    return find_generator(text, place, names_itself=names_itself) or _find_editor(
        text, place, names_itself=names_itself
    )


def _list_iim_programs(text: str) -> list[str]:
    return [
        text[match.end() : match.end() + ord(match[1])]
        for match in _IIM_PROGRAM.finditer(text)
    ]


def _find_editor(
    text: str, place: dict[str, Any], *, names_itself: bool
) -> Finding | None:
    match = (_EDITOR if names_itself else _EDITOR_SENTENCE).search(text)
    if match is None:
        return None
    name = match[0] if names_itself else match[1]
    return make("editor_name", name=name, detail=place)
