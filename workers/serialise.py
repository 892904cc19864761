"""Evidence as JSON values and heatmaps as bytes, both ways and without loss.

The JSON form is what the database, the API and the CLI hold; arrays are never in it.
A heatmap travels as one small self-describing block of bytes.
"""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from workers.types import (
    Evidence,
    Finding,
    FusedOpinion,
    Heatmap,
    LaneName,
    LaneStatus,
    Region,
)

# Layout: magic, rows, columns (uint32), spacing row/column, origin row/column
# (float64), then rows x columns float32; everything little endian.
_MAGIC = b"TFHM\x01"
_HEAD = struct.Struct("<5sII4d")


class HeatmapFormatError(ValueError):
    """The bytes are not a heatmap written by `heatmap_to_bytes`."""


def plain_json(value: Any) -> Any:
    """Return `value` with numpy scalars, tuples and enums turned into JSON values.

    Not-a-number and infinity become None, because JSON has no word for them.
    Raises TypeError for anything else that JSON cannot hold.
    """
    if isinstance(value, Mapping):
        return {str(key): plain_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain_json(value.tolist())
    if isinstance(value, np.generic):
        return plain_json(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, bool | int):
        return value
    raise TypeError(f"{type(value).__name__} has no JSON form")


def region_to_json(region: Region | None) -> dict[str, int] | None:
    """Return the box as JSON, None for none."""
    if region is None:
        return None
    return {
        "row": region.row,
        "column": region.column,
        "height": region.height,
        "width": region.width,
    }


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """Return one finding in the shape of `LaneEvidence.findings` (docs/api.md)."""
    return {
        "code": finding.code,
        "text": finding.text,
        "weight": plain_json(finding.weight),
        "source": finding.source,
        "region": plain_json(region_to_json(finding.region)),
        "detail": plain_json(finding.detail),
    }


def finding_from_json(value: Mapping[str, Any]) -> Finding:
    """Return the finding that `finding_to_json` wrote."""
    region = value.get("region")
    return Finding(
        code=value["code"],
        text=value["text"],
        weight=float(value["weight"]),
        source=value["source"],
        region=None if region is None else Region(**region),
        detail=dict(value.get("detail") or {}),
    )


def evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    """Return the evidence in the shape of `LaneEvidence` (docs/api.md), no arrays."""
    return {
        "lane": str(evidence.lane),
        "version": evidence.version,
        "status": str(evidence.status),
        "reason": evidence.reason,
        "suspicion": plain_json(evidence.suspicion),
        "findings": [finding_to_json(finding) for finding in evidence.findings],
        "has_heatmap": evidence.heatmap is not None,
        "has_reliability": evidence.reliability is not None,
        "model_sha256": evidence.model_sha256,
        "seconds": plain_json(evidence.seconds),
    }


def evidence_from_json(
    value: Mapping[str, Any],
    *,
    heatmap: Heatmap | None = None,
    reliability: Heatmap | None = None,
) -> Evidence:
    """Return the evidence that `evidence_to_json` wrote, with its maps put back."""
    suspicion = value.get("suspicion")
    return Evidence(
        lane=LaneName(value["lane"]),
        version=value["version"],
        status=LaneStatus(value["status"]),
        reason=value["reason"],
        suspicion=None if suspicion is None else float(suspicion),
        findings=tuple(finding_from_json(item) for item in value["findings"]),
        heatmap=heatmap,
        reliability=reliability,
        model_sha256=value.get("model_sha256"),
        seconds=float(value.get("seconds") or 0.0),
    )


def fused_to_json(fused: FusedOpinion) -> dict[str, Any]:
    """Return the fused opinion as JSON."""
    return {
        "suspicion": plain_json(fused.suspicion),
        "flagged": fused.flagged,
        "top_lane": None if fused.top_lane is None else str(fused.top_lane),
        "reason": fused.reason,
        "override": fused.override,
        "version": fused.version,
    }


def heatmap_to_bytes(heatmap: Heatmap) -> bytes:
    """Return the heatmap as one block of bytes: geometry, then float32 values."""
    values = np.ascontiguousarray(heatmap.values, dtype="<f4")
    if values.ndim != 2:
        raise HeatmapFormatError("a heatmap has two axes")
    rows, columns = values.shape
    head = _HEAD.pack(_MAGIC, rows, columns, *heatmap.spacing_px, *heatmap.origin_px)
    return head + values.tobytes()


def heatmap_from_bytes(block: bytes) -> Heatmap:
    """Return the heatmap that `heatmap_to_bytes` wrote.

    Raises HeatmapFormatError where the magic or the length does not fit.
    """
    if len(block) < _HEAD.size or not block.startswith(_MAGIC):
        raise HeatmapFormatError("not a heatmap")
    _, rows, columns, *geometry = _HEAD.unpack_from(block)
    if len(block) != _HEAD.size + 4 * rows * columns:
        raise HeatmapFormatError("the length does not fit the grid")
    values = np.frombuffer(block, dtype="<f4", offset=_HEAD.size)
    return Heatmap(
        values=values.reshape(rows, columns).astype(np.float32),
        spacing_px=(geometry[0], geometry[1]),
        origin_px=(geometry[2], geometry[3]),
    )


def heatmap_to_json(
    heatmap: Heatmap, reliability: Heatmap | None = None
) -> dict[str, Any]:
    """Return the map in the shape of `HeatmapOut` (docs/api.md)."""
    rows, columns = heatmap.values.shape
    return {
        "rows": int(rows),
        "columns": int(columns),
        "spacing_px": [float(step) for step in heatmap.spacing_px],
        "origin_px": [float(place) for place in heatmap.origin_px],
        "values": _base64_float32(heatmap),
        "reliability": None if reliability is None else _base64_float32(reliability),
    }


def _base64_float32(heatmap: Heatmap) -> str:
    values = np.ascontiguousarray(heatmap.values, dtype="<f4")
    return base64.b64encode(values.tobytes()).decode("ascii")
