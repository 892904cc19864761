"""The child of `workers.lanes.provenance.store`: reads one manifest store with c2pa-rs.

Run by its path, not as a module, so that it loads nothing but the library: a panic in
it ends the process, and what it may allocate is limited before the file is opened.
It is offline: no remote manifest, no revocation check, no identity is fetched.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import IO, Any

try:
    # Its loader looks in the working folder first: the parent sets one of ours.
    import c2pa
except (ImportError, OSError, RuntimeError):  # no wheel for this machine
    c2pa = None
try:
    import resource
except ImportError:  # no such limits on Windows; the deadline remains
    resource = None  # type: ignore[assignment]

# c2pa-rs 0.91 is the first that takes anchors by kind; older ones ignore them silently.
_FIRST_WITH_KINDS = (0, 91)


def main(line: bytes, out: IO[bytes]) -> None:
    """Write the answer to one request (see `store.read_store`) as JSON."""
    request = json.loads(line)
    _limit_memory(int(request["memory_bytes"]))
    out.write(json.dumps(_answer(request)).encode())
    out.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    logging.disable(logging.CRITICAL)
    if c2pa is None:
        return {"outcome": "no_library"}
    error_kinds: tuple[type[Exception], ...] = (c2pa.C2paError, OSError, ValueError)
    context, anchors = _make_context(request, error_kinds)
    try:
        with (
            Path(request["path"]).open("rb") as stream,
            c2pa.Reader(request["mime"], stream, context=context) as reader,
        ):
            active = json.loads(reader.json()).get("active_manifest")
            return {
                "outcome": "read",
                "anchors": anchors,
                "active": active,
                "report": json.loads(reader.crjson()),
                "sdk": c2pa.sdk_version(),
            }
    except error_kinds as error:
        # The class names the kind of fault; the message may quote the file.
        return {"outcome": "refused", "kind": type(error).__name__.strip("_")}


def _make_context(
    request: dict[str, Any], error_kinds: tuple[type[Exception], ...]
) -> tuple[Any, str]:
    """Return the library's context and what became of the anchors."""
    if None in request["anchors"].values():
        return c2pa.Context.from_dict(_settings([])), "unusable"
    anchors = [
        {"trust_anchors": pem, "trust_kind": kind, "trust_uri": f"urn:truefilm:{kind}"}
        for kind in ("manifest", "tsa")
        for pem in request["anchors"][kind]
    ]
    if not anchors:
        return c2pa.Context.from_dict(_settings([])), "none"
    # What was asked for signers: anchors of time stamps alone vouch for no signer.
    loaded = "loaded" if request["anchors"]["manifest"] else "none"
    version = tuple(int(part) for part in c2pa.sdk_version().split(".")[:2])
    if version >= _FIRST_WITH_KINDS:
        try:
            return c2pa.Context.from_dict(_settings(anchors)), loaded
        except error_kinds:
            pass
    return c2pa.Context.from_dict(_settings([])), "unusable"


def _settings(anchors: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "version": 1,
        "trust": {"anchors": anchors},
        "core": {
            # An empty list blocks all hosts; without a list all are allowed.
            "allowed_network_hosts": [],
            "decode_identity_assertions": False,
            "backing_store_memory_threshold_in_mb": 64,
            "max_decompressed_manifest_size_in_mb": 8,
        },
        "verify": {
            "verify_after_reading": True,
            "verify_trust": True,
            "verify_timestamp_trust": True,
            "remote_manifest_fetch": False,
            "ocsp_fetch": False,
        },
    }


def _limit_memory(most_bytes: int) -> None:
    if resource is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard != resource.RLIM_INFINITY:
            most_bytes = min(most_bytes, hard)
        try:
            resource.setrlimit(resource.RLIMIT_AS, (most_bytes, hard))
        except (OSError, ValueError):
            # macOS refuses the limit at times; the deadline still holds.
            return


if __name__ == "__main__":
    main(sys.stdin.buffer.readline(1 << 24), sys.stdout.buffer)
