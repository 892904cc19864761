"""What content credentials declare of the picture: its source, and edits to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workers.lanes import source_types
from workers.lanes.provenance.integrity import (
    SPEC,
    altered_places,
    bytes_match,
    covers_all,
    is_as_signed,
    signature_holds,
)
from workers.lanes.provenance.store import Manifest, Store, clean_text, find_key
from workers.lanes.source_types import SourceType
from workers.types import Finding

_INTACT_AI_WEIGHT = 1.0
_BROKEN_AI_WEIGHT = 0.9
# An input is what a program was shown (a prompt's picture), not what is seen.
_INPUT_WEIGHT = 0.5
_TRUSTED_CAPTURE_WEIGHT = -0.5
_MOST_NAMED = 8

# Actions after which the picture shows something else than before, and those that
# change how it looks (C2PA 2.2, 18.15: predefined actions). Left out: opening, saving,
# converting, resizing, publishing.
_CONTENT_EDITS = frozenset(
    {
        "c2pa.addedText",
        "c2pa.deleted",
        "c2pa.drawing",
        "c2pa.edited",
        "c2pa.placed",
        "c2pa.removed",
    }
)
_LOOK_EDITS = frozenset(
    {
        "c2pa.adjustedColor",
        "c2pa.color_adjustments",
        "c2pa.cropped",
        "c2pa.enhanced",
        "c2pa.filtered",
        "c2pa.orientation",
    }
)

_RELATIONS = {
    "parentOf": "an earlier version of the picture",
    "componentOf": "a picture that is part of this one",
    "inputTo": "a picture that was shown to the program",
}


@dataclass(frozen=True)
class _Declaration:
    """One source type declared in one manifest."""

    kind: SourceType
    manifest: Manifest
    path: tuple[str, ...]
    assertion: str
    action: str
    agent: str


def state_declarations(store: Store) -> list[Finding]:
    """Return the findings on declared source types and edits, of all manifests."""
    findings: dict[tuple[str, str], Finding] = {}
    for declared in _find_declarations(store):
        finding = _state_source(declared, store)
        # The same said twice (created, then watermarked) is one statement.
        findings.setdefault((finding.code, finding.text), finding)
    return [*findings.values(), *_state_edits(store)]


def _find_declarations(store: Store) -> Iterator[_Declaration]:
    for manifest, path in store.walk():
        for label, data in manifest.assertions.items():
            for holder in find_key(data, "digitalsourcetype"):
                written = next(
                    value
                    for key, value in holder.items()
                    if str(key).rpartition(":")[2].lower() == "digitalsourcetype"
                )
                for kind in source_types.find_source_types(str(written)[:500]):
                    yield _Declaration(
                        kind,
                        manifest,
                        path,
                        clean_text(label, 80),
                        clean_text(holder.get("action"), 80),
                        _agent(holder.get("softwareAgent")),
                    )


def _agent(value: object) -> str:
    """Return the software of an action: text in version 1, a map in version 2."""
    if isinstance(value, dict):
        value = value.get("name")
    return clean_text(value, 80)


def _state_source(declared: _Declaration, store: Store) -> Finding:
    kind = declared.kind
    intact, doubt = _is_intact(declared, store)
    by = f" ({declared.agent})" if declared.agent else ""
    parts = [f"The content credentials declare the picture {kind.meaning}{by}"]
    if declared.path:
        nearest = declared.path[-1]
        where = _RELATIONS.get(nearest, "an ingredient of the picture")
        parts.append(f"this stands in the credentials of {where}")
    is_gathered = declared.assertion in declared.manifest.gathered
    if is_gathered:
        parts.append("the signature covers this, but the signer does not vouch for it")
    if doubt:
        parts.append(doubt)
    if kind.is_ai:
        code = "c2pa_declares_ai"
        weight = _INTACT_AI_WEIGHT if intact else _BROKEN_AI_WEIGHT
    else:
        code, weight = "c2pa_declares_source", kind.weight
    if "inputTo" in declared.path:
        weight = min(weight, _INPUT_WEIGHT)
    vouched = intact and not declared.path and not is_gathered
    if kind.is_capture and vouched and _may_relieve(store):
        weight = _TRUSTED_CAPTURE_WEIGHT
    detail = {
        "source_type": kind.term,
        "assertion": declared.assertion,
        "action": declared.action,
        "software": declared.agent,
        "in_ingredient": list(declared.path),
        "gathered": is_gathered,
        "intact": intact,
    }
    source = f"{SPEC}, 18.15 (actions); {source_types.SOURCE}"
    return Finding(code, "; ".join(parts) + ".", weight, source, detail=detail)


def _is_intact(declared: _Declaration, store: Store) -> tuple[bool, str]:
    """Return whether the declaration is as signed and of this file, and what is not."""
    if not signature_holds(store.active):
        return False, "their signature does not hold"
    if not bytes_match(store.active):
        return False, "they do not fit the bytes of this file"
    if declared.assertion in altered_places(declared.manifest):
        return False, "this statement is not as it was signed"
    if declared.path and not is_as_signed(declared.manifest):
        return False, "the credentials of that picture are not as they were signed"
    return True, ""


def _may_relieve(store: Store) -> bool:
    """Whether a declared capture may speak for the film: a trusted signer alone."""
    active = store.active
    revoked = active.has("signingCredential.ocsp.revoked")
    trusted = active.has("signingCredential.trusted") and not active.has(
        "signingCredential.untrusted"
    )
    return trusted and not revoked and covers_all(active)


def _state_edits(store: Store) -> list[Finding]:
    findings = []
    for manifest, path in store.walk():
        actions = [
            clean_text(holder["action"], 80)
            for label, data in manifest.assertions.items()
            if label.startswith("c2pa.actions")
            for holder in find_key(data, "action")
            if "action" in holder
        ]
        edits = list(dict.fromkeys(a for a in actions if a in _CONTENT_EDITS))
        looks = list(dict.fromkeys(a for a in actions if a in _LOOK_EDITS))
        if not edits and not looks:
            continue
        named = (edits + looks)[:_MOST_NAMED]
        where = " (in an ingredient)" if path else ""
        words = ", ".join(action.removeprefix("c2pa.") for action in named)
        findings.append(
            Finding(
                "c2pa_edits_declared",
                f"The content credentials declare edits{where}: {words}.",
                0.5 if edits else 0.25,
                f"{SPEC}, 18.15 (actions)",
                detail={"actions": named, "in_ingredient": list(path)},
            )
        )
    return findings
