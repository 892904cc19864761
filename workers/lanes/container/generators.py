"""Traces of image generators in the text of a picture file.

All of it can be written by anyone, and left out by anyone: the words are "the file
holds", never "was made". A signed declaration is the provenance lane's.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

from workers.lanes import source_types
from workers.lanes.container.findings import make
from workers.types import Finding

# Names that generators write of themselves, as whole words. Some are words of other
# languages ("imagen"), so they count in fields where software names itself alone. Names
# that devices bear, too, are left out ("Gemini" is a PET scanner, "Firefly" a camera).
_NAMES = (
    r"stable[ _-]?diffusion(?: ?xl)?|sdxl|midjourney|dall[- \u00b7]?e(?: ?[23])?|"
    r"comfyui|automatic1111|invoke ?ai|novelai|adobe firefly|firefly image|"
    r"google imagen|imagen \d|flux\.?[12](?:[ ._-][a-z]+)?|black forest labs|"
    r"gpt-4o|gpt-image(?:-\d)?|chatgpt|openai|leonardo\.ai|ideogram|dreamstudio|"
    r"fooocus|google gemini|runway ?ml|nano banana|google ai|swarmui|draw things|"
    r"diffusionbee|easy diffusion|bing image creator|microsoft designer|"
    r"imagined with ai|recraft|seedream|qwen-image|grok imagine|playground ai|"
    r"nightcafe|krea ai"
)
_NAME = re.compile(rf"(?<!\w)(?:{_NAMES})(?!\w)", re.IGNORECASE)
# In free text only a sentence that says so.
_SENTENCE = re.compile(
    r"(?<!\w)(?:generated|created|made|produced|edited)\s+(?:with|by|using)\s+"
    rf"(?:\w+['\u2019]?s?\s+){{0,2}}?({_NAMES})(?!\w)",
    re.IGNORECASE,
)

_MIDJOURNEY_JOB = re.compile(r"\bJob ID: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-")
_PARAMETERS = re.compile(r"\b(?:Sampler|CFG scale|Schedule type):")
_INVOKE_KEYS = frozenset(
    {"invokeai_metadata", "invokeai_graph", "invokeai_workflow", "sd-metadata", "dream"}
)
_EASY_DIFFUSION_KEYS = frozenset(
    {"use_stable_diffusion_model", "stable_diffusion_model_hash"}
)
# ComfyUI writes "prompt:{...}" into EXIF fields of WebP files.
_GRAPH_PREFIX = re.compile(r"(?:prompt|workflow):\s*(?=\{)", re.IGNORECASE)
_AI_SYSTEM = re.compile(
    r"\b(?:AISystemUsed|AIPromptInformation)\s*(?:=\s*[\"']|>)\s*[^\"'<\s]"
)
_AIGC = re.compile(r"\bAIGC\b.{0,40}?\bLabel[\"']?\s*:\s*[\"']?([123])", re.DOTALL)
_AIGC_ALONE = re.compile(r"\bLabel[\"']?\s*:\s*[\"']?([123])")
# GB 45438-2025: 1 = is, 2 = may be, 3 = is suspected to be generated.
_AIGC_MEANING = {
    "1": ("is made by AI", 0.9),
    "2": ("may be made by AI", 0.7),
    "3": ("is suspected to be made by AI", 0.5),
}


def find_recipe(key: str, text: str, place: dict[str, Any]) -> Finding | None:
    """Return the trace of a generator's own parameters or node graph."""
    maker = _name_maker(key.lower(), text)
    if maker is not None:
        return make("generator_parameters", maker=maker, detail=place)
    prefix = _GRAPH_PREFIX.match(text)
    graph = _load_map(text[prefix.end() :] if prefix else text)
    if graph is None:
        return None
    if _is_node_graph(graph):
        return make("generator_workflow", detail=place)
    names = {str(name).lower() for name in graph}
    if {"steps", "sampler"} <= names and names & {"seed", "uc", "base_model"}:
        # NovelAI `Comment` and Fooocus `parameters` are JSON of the settings.
        return make("generator_parameters", maker="a diffusion program", detail=place)
    return None


def _name_maker(key: str, text: str) -> str | None:
    if key in _INVOKE_KEYS:
        return "InvokeAI"
    if key == "fooocus_scheme":
        return "Fooocus"
    if _MIDJOURNEY_JOB.search(text):
        return "Midjourney"
    if key in _EASY_DIFFUSION_KEYS:
        return "Easy Diffusion"
    if '"sui_image_params"' in text and text.lstrip().startswith("{"):
        return "SwarmUI"
    if key == "title" and text.strip().lower() == "ai generated image":
        return "NovelAI"
    if re.search(r"\bSteps: \d+", text) and _PARAMETERS.search(text):
        return "a diffusion program"
    return None


def _load_map(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_node_graph(graph: dict[str, Any]) -> bool:
    if isinstance(graph.get("nodes"), list) and "links" in graph:
        return True
    return any(isinstance(v, dict) and "class_type" in v for v in graph.values())


def find_label(key: str, text: str, place: dict[str, Any]) -> Finding | None:
    """Return a declaration in a standard's own field: IPTC or the Chinese label."""
    known = [kind for kind in source_types.find_source_types(text) if kind.weight > 0]
    if known:
        heaviest = max(known, key=lambda kind: kind.weight)
        return make(
            "digital_source_type",
            weight=heaviest.weight,
            term=heaviest.term,
            detail=place,
        )
    if _AI_SYSTEM.search(text):
        return make("ai_system_used", detail=place)
    label = _find_aigc(key, text)
    if label is not None:
        meaning, weight = _AIGC_MEANING[label]
        return make("aigc_label", weight=weight, meaning=meaning, detail=place)
    return None


def _find_aigc(key: str, text: str) -> str | None:
    if key.upper() == "AIGC":
        found = _AIGC_ALONE.search(html.unescape(text))
    elif "AIGC" in text:
        found = _AIGC.search(html.unescape(text))
    else:
        return None
    return found[1] if found else None


def find_generator(
    text: str, place: dict[str, Any], *, names_itself: bool
) -> Finding | None:
    """Return the name of a generator; `names_itself`: the field is the software's own,
    not free text, in which only a sentence such as "generated with X" counts."""
    if names_itself:
        match = _NAME.search(text)
        name = match[0] if match else None
    else:
        match = _SENTENCE.search(text)
        name = match[1] if match else None
    if name is None:
        return None
    return make("generator_name", name=name, detail=place)
