"""Traces that programs leave in the text of a picture file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from workers.types import Finding

_MOST_TEXT = 200_000


@dataclass(frozen=True)
class TextEntry:
    """One piece of text of a file: its key, its content, and where it starts."""

    key: str
    text: str
    offset: int


# Text anyone can write: strong, but not hard evidence as a verified signature is.
_DECLARED_WEIGHT = 0.9
_EDITOR_WEIGHT = 0.5

# Names that generators write of themselves into Software, Comment or XMP.
_GENERATORS = re.compile(
    r"stable[ _-]?diffusion|midjourney|dall[- ]?e\b|comfyui|automatic1111|invokeai|"
    r"novelai|adobe firefly|\bfirefly\b|imagen\b|\bflux\.?1|gpt-4o|gpt-image|"
    r"chatgpt|openai|leonardo\.ai|ideogram|dreamstudio|fooocus|google gemini|"
    r"made with google ai|runway ?ml",
    re.IGNORECASE,
)
_EDITORS = re.compile(
    r"photoshop|lightroom|\bgimp\b|affinity photo|paint\.net|pixelmator|snapseed|"
    r"\bcanva\b|photopea|krita|corel|picsart|facetune|meitu|capture one|imagemagick",
    re.IGNORECASE,
)
# IPTC NewsCodes, digital source type: the last part of the address, and its weight.
_SOURCE_TYPES = {
    "trainedAlgorithmicMedia": _DECLARED_WEIGHT,
    "compositeWithTrainedAlgorithmicMedia": _DECLARED_WEIGHT,
    "compositeSynthetic": _DECLARED_WEIGHT,
    "algorithmicMedia": 0.7,
    "virtualRecording": 0.5,
    "digitalArt": 0.5,
    "digitalCreation": 0.5,
}
_XMP_PROGRAM = re.compile(
    r"(?:CreatorTool|softwareAgent|credit|Credit|creator)(?:>|=\")([^<\"]{1,200})"
)
_SOURCE_TYPE = re.compile(r"digitalsourcetype/([A-Za-z]+)")


def judge_texts(entries: Iterable[TextEntry]) -> list[Finding]:
    """Return the findings of all texts, one per kind of trace with all its places."""
    findings: dict[tuple[str, str], Finding] = {}
    for entry in entries:
        text = entry.text[:_MOST_TEXT]
        found = _find_recipe(entry.key, text)
        if found is None:
            found = _find_source_type(text) or _find_program(entry.key, text)
        if found is not None:
            code, sentence, weight, source = found
            place = {"key": entry.key[:64], "offset": entry.offset}
            known = findings.setdefault(
                (code, sentence),
                Finding(code, sentence, weight, source, detail={"places": []}),
            )
            known.detail["places"].append(place)
    return list(findings.values())


_Found = tuple[str, str, float, str]


def _find_recipe(key: str, text: str) -> _Found | None:
    """Return the trace of a generator's own parameters."""
    if re.search(r"\bSteps: \d+", text) and re.search(r"\b(Sampler|CFG scale):", text):
        return (
            "generator_parameters",
            "The file holds the parameters with which a diffusion program made it.",
            _DECLARED_WEIGHT,
            "stable-diffusion-webui, PNG info text `parameters`",
        )
    if key.lower() in ("workflow", "prompt") and _is_node_graph(text):
        return (
            "generator_workflow",
            "The file holds the node graph of an image generator (ComfyUI).",
            _DECLARED_WEIGHT,
            "ComfyUI, PNG text chunks `prompt` and `workflow`",
        )
    if key.lower() in ("invokeai_metadata", "sd-metadata", "invokeai_graph", "dream"):
        return (
            "generator_parameters",
            "The file holds the parameters with which InvokeAI made it.",
            _DECLARED_WEIGHT,
            "InvokeAI, PNG text chunk `invokeai_metadata`",
        )
    return None


def _is_node_graph(text: str) -> bool:
    try:
        graph = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(graph, dict):
        return False
    if isinstance(graph.get("nodes"), list):
        return True
    return any(isinstance(v, dict) and "class_type" in v for v in graph.values())


def _find_source_type(text: str) -> _Found | None:
    for match in _SOURCE_TYPE.finditer(text):
        weight = _SOURCE_TYPES.get(match[1])
        if weight is not None:
            return (
                "digital_source_type",
                f"The file's metadata declares its source type as {match[1]}.",
                weight,
                "IPTC NewsCodes, Digital Source Type",
            )
    return None


def _find_program(key: str, text: str) -> _Found | None:
    """Return a program's name; XMP is searched whole, other text only if short."""
    is_credit = key.lower() in (
        "software",
        "comment",
        "source",
        "credit",
        "creator",
        "imagedescription",
        "usercomment",
        "title",
        "description",
        "author",
        "make",
        "model",
        "com",
    )
    is_xmp = "xmp" in key.lower() or key.lower() == "iptc"
    if not is_credit and not is_xmp:
        return None
    if is_xmp and key.lower() != "iptc":
        # The namespaces of XMP name a company, whoever wrote the file.
        text = " ".join(match[1] for match in _XMP_PROGRAM.finditer(text))
    generator = _GENERATORS.search(text)
    if generator is not None:
        return (
            "generator_name",
            f"The file's metadata names an image generator ({generator[0]}).",
            _DECLARED_WEIGHT,
            "EXIF 3.0 Software, XMP CreatorTool, PNG text chunks",
        )
    editor = _EDITORS.search(text)
    if editor is not None:
        return (
            "editor_name",
            f"The file was saved by picture-editing software ({editor[0]}).",
            _EDITOR_WEIGHT,
            "EXIF 3.0 Software, XMP CreatorTool, PNG text chunks",
        )
    return None
