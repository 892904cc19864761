"""A C2PA manifest store as plain values, read in a process of its own.

Source: C2PA specification 2.2 and 2.4; the JSON form is c2pa-rs's "crJSON".
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates

from workers.decode.isolation import ChildDied, open_child
from workers.types import CredentialTrust, FileFormat

_CHILD = Path(__file__).with_name("store_child.py")
# The ten real files take under 0.2 s; hashing 1 GB takes a few seconds.
_DEADLINE_S = 30.0
_MEMORY_BYTES = 448 << 20
# The largest real report is 12 kB. JSON takes tens of times its size once parsed.
_MOST_ANSWER_BYTES = 4 << 20
_MOST_MANIFESTS = 256
_MOST_DEPTH = 24

_MIME = {
    FileFormat.PNG: "image/png",
    FileFormat.JPEG: "image/jpeg",
    FileFormat.WEBP: "image/webp",
    FileFormat.TIFF: "image/tiff",
}
_LABEL = re.compile(r"/c2pa/([^/]+)")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00a0-\uffff]|[\u2028-\u202e\u2066-\u2069]")


class AnchorState(StrEnum):
    """What became of the trust anchors."""

    NONE = "none"
    LOADED = "loaded"
    UNUSABLE = "unusable"


class CredentialsUnreadable(Exception):
    """No report came back. kind: why, as a stable word; never the file's content."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Code:
    """One validation status code, and the part of the manifest it is about."""

    code: str
    place: str


@dataclass(frozen=True)
class Certificate:
    """What a certificate says of its holder, issuer and time; None where unreadable."""

    holder: str
    issuer: str
    valid_from: dt.datetime | None
    valid_to: dt.datetime | None


@dataclass(frozen=True)
class Manifest:
    """One manifest: its claims, who signed it, and what checking it gave.

    assertions: label -> data.  gathered: labels that the claim holds but does not
    attribute to its signer (C2PA 2.2, 18.14.2).  recorded_failures: what its maker
    found wrong with the pictures it took in.  stamped_at: of the time stamp;
    stamp_anchored: whether its authority leads to a trust anchor.
    """

    label: str
    certificate: Certificate | None = None
    stamped_at: dt.datetime | None = None
    stamp_anchored: bool = False
    successes: tuple[Code, ...] = ()
    notes: tuple[Code, ...] = ()
    failures: tuple[Code, ...] = ()
    assertions: Mapping[str, Any] = field(default_factory=dict)
    gathered: frozenset[str] = frozenset()
    recorded_failures: tuple[Code, ...] = ()

    def has(self, code: str) -> bool:
        """Whether checking gave this code, of whatever kind."""
        wanted = code.lower()
        every = (*self.successes, *self.notes, *self.failures)
        return any(item.code.lower() == wanted for item in every)


@dataclass(frozen=True)
class Store:
    """All manifests of a file; `active` speaks for the file as it is."""

    active: Manifest
    manifests: Mapping[str, Manifest]
    anchors: AnchorState

    def walk(self) -> Iterator[tuple[Manifest, tuple[str, ...]]]:
        """Yield the manifests the active one rests on, itself first, each once, with
        the relationships that lead to it ("parentOf", "componentOf", "inputTo")."""
        known = {self.active.label}
        waiting: list[tuple[Manifest, tuple[str, ...]]] = [(self.active, ())]
        while waiting:
            manifest, path = waiting.pop(0)
            yield manifest, path
            for label, relationship in _ingredients(manifest):
                target = self.manifests.get(label)
                if target is not None and label not in known:
                    known.add(label)
                    waiting.append((target, (*path, relationship)))


def read_store(path: Path, kind: FileFormat, trust: CredentialTrust | None) -> Store:
    """Return the manifest store of a file that holds one.

    Raises CredentialsUnreadable: the library refused it, crashed, hung, took too much
    memory, or is not installed ("no_library").
    """
    request = {
        "path": str(path.resolve()),
        "mime": _MIME[kind],
        "memory_bytes": _MEMORY_BYTES,
        "anchors": {
            "manifest": _clean_anchors(trust.anchors if trust else ()),
            "tsa": _clean_anchors(trust.time_anchors if trust else ()),
        },
    }
    arguments = ["-P", str(_CHILD)]
    try:
        with open_child(
            arguments, request, deadline_s=_DEADLINE_S, folder=_CHILD.parent
        ) as stream:
            line = stream.read(_MOST_ANSWER_BYTES + 1)
    except ChildDied:
        raise CredentialsUnreadable("crash") from None
    if len(line) > _MOST_ANSWER_BYTES:
        raise CredentialsUnreadable("too_large")
    return parse_answer(line)


def _clean_anchors(blocks: tuple[bytes, ...]) -> list[str] | None:
    """Return the certificates of PEM blocks without the text that lists put between
    them; None if one cannot be read: c2pa-rs would leave it out silently."""
    try:
        return [
            certificate.public_bytes(Encoding.PEM).decode()
            for block in blocks
            for certificate in load_pem_x509_certificates(block)
        ]
    except ValueError:
        return None


def parse_answer(line: bytes) -> Store:
    """Return the store that the child described; raises CredentialsUnreadable."""
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        # Nothing or half an answer: it panicked, or the deadline or memory ran out.
        raise CredentialsUnreadable("crash") from None
    answer = _mapping(answer)
    if answer.get("outcome") != "read":
        kind = answer.get("kind") or answer.get("outcome")
        raise CredentialsUnreadable(clean_text(kind, 40) or "crash")
    listed = _list(_mapping(answer.get("report")).get("manifests"))[:_MOST_MANIFESTS]
    manifests = {item.label: item for item in map(_parse_manifest, listed)}
    active = manifests.get(str(answer.get("active")))
    if active is None:
        raise CredentialsUnreadable("no_active_manifest")
    try:
        anchors = AnchorState(str(answer.get("anchors")))
    except ValueError:
        anchors = AnchorState.UNUSABLE
    return Store(active, manifests, anchors)


def _parse_manifest(value: object) -> Manifest:
    about = _mapping(value)
    signature = _mapping(about.get("signature"))
    stamp = _mapping(signature.get("timeStampInfo"))
    results = _mapping(about.get("validationResults"))
    claim = _mapping(about.get("claim.v2"))
    return Manifest(
        label=str(about.get("label")),
        certificate=_parse_certificate(signature.get("certificateInfo")),
        stamped_at=_parse_time(stamp.get("timestamp")),
        stamp_anchored=any(map(_is_anchored_stamp, _list(results.get("success")))),
        successes=_parse_codes(results.get("success")),
        notes=_parse_codes(results.get("informational")),
        failures=_parse_codes(results.get("failure")),
        assertions=_mapping(about.get("assertions")),
        gathered=frozenset(
            str(_mapping(item).get("url")).rpartition("/")[2]
            for item in _list(claim.get("gathered_assertions"))
        ),
        recorded_failures=_parse_recorded(_mapping(about.get("assertions"))),
    )


def _parse_recorded(assertions: dict[str, Any]) -> tuple[Code, ...]:
    """Return the failures that ingredient assertions carry, of versions 1 to 3."""
    codes: list[Code] = []
    for label, data in assertions.items():
        if not label.startswith("c2pa.ingredient"):
            continue
        about = _mapping(data)
        results = _mapping(
            _mapping(about.get("validationResults")).get("activeManifest")
        )
        codes += _parse_codes(results.get("failure"))
        codes += _parse_codes(about.get("validationStatus"))
    return tuple(codes)


def _parse_certificate(value: object) -> Certificate | None:
    about = _mapping(value)
    if not about:
        return None
    validity = _mapping(about.get("validity"))
    return Certificate(
        holder=_name(about.get("subject")),
        issuer=_name(about.get("issuer")),
        valid_from=_parse_time(validity.get("notBefore")),
        valid_to=_parse_time(validity.get("notAfter")),
    )


def _name(value: object) -> str:
    """Return "organisation (common name)", or the one of them that is there."""
    about = _mapping(value)
    organisation = clean_text(about.get("O"), 80)
    common = clean_text(about.get("CN"), 80)
    if organisation and common and common != organisation:
        return f"{organisation} ({common})"
    return organisation or common or "a nameless holder"


def _is_anchored_stamp(value: object) -> bool:
    """Whether this is the code of a time stamp that was held against the anchors:
    c2pa-rs passes those of claims of version 1 unchecked, as "legacy"."""
    about = _mapping(value)
    is_legacy = str(about.get("explanation")).lower().startswith("legacy")
    return about.get("code") == "timeStamp.trusted" and not is_legacy


def _parse_codes(value: object) -> tuple[Code, ...]:
    return tuple(
        Code(
            clean_text(_mapping(item).get("code"), 80),
            clean_text(str(_mapping(item).get("url")).rpartition("/")[2], 80),
        )
        for item in _list(value)
    )


def _parse_time(value: object) -> dt.datetime | None:
    try:
        time = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=dt.UTC)


def _ingredients(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Yield (label of the ingredient's manifest, relationship)."""
    for label, data in manifest.assertions.items():
        if not label.startswith("c2pa.ingredient"):
            continue
        about = _mapping(data)
        link = _mapping(about.get("activeManifest") or about.get("c2pa_manifest"))
        found = _LABEL.search(str(link.get("url")))
        if found is not None:
            yield found[1], clean_text(about.get("relationship"), 40)


def find_key(data: object, key: str, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield every map in `data` with a key of this name (case, prefix set aside)."""
    if depth > _MOST_DEPTH:
        return
    if isinstance(data, dict):
        if any(str(name).rpartition(":")[2].lower() == key for name in data):
            yield data
        for value in data.values():
            yield from find_key(value, key, depth + 1)
    elif isinstance(data, list):
        for value in data:
            yield from find_key(value, key, depth + 1)


def clean_text(value: object, most: int) -> str:
    """Return a text of the file in one printable line; empty unless it is text."""
    if not isinstance(value, str):
        return ""
    return " ".join(_UNPRINTABLE.sub(" ", value[: 4 * most]).split())[:most]


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
