"""Provenance: what the file, its signer or our own log state about its origin.

v0 states when these bytes were first seen, and what the header declares. Content
credentials and digital signatures are reported as present, not yet verified.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pydicom.dataset import Dataset

from workers.decode.parsing import PARSE_ERRORS, quiet_warnings
from workers.decode.structure import (
    read_jpeg_structure,
    read_png_structure,
    read_webp_structure,
)
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    FileFormat,
    Finding,
    LaneName,
    LaneStatus,
)

# C2PA 2.1, A.3: where a manifest store is embedded.
_C2PA_TIFF_TAG = 0xCD41
_MOST_TIFF_ENTRIES = 4096
_FINDING_WEIGHT = 0.5
# PS3.16 CID 7005, Contributing Equipment Purposes of Reference.
_SYNTHESIZING_EQUIPMENT = ("109100", "DCM")


@dataclass(frozen=True)
class ProvenanceLane:
    """States origin; never a score, and never one badge for all statements."""

    name: LaneName = LaneName.PROVENANCE
    version: str = "provenance-0.1"
    model_sha256: str | None = None

    def assess(self, image: DecodedImage, context: Context) -> Evidence:
        """Return the statements found; see DESIGN, evidence lanes."""
        with quiet_warnings():
            declared = [*_read_declarations(image.header)]
            credentials = [*_find_credentials(image), *_find_signatures(image.header)]
        seen = _state_first_seen(context)
        findings = (*declared, *credentials, *seen)
        if any(finding.weight >= _FINDING_WEIGHT for finding in declared):
            status, reason = LaneStatus.FINDING, declared[0].text
        else:
            status = LaneStatus.NOT_ASSESSABLE
            reason = (
                "The file carries credentials, which cannot be verified yet."
                if credentials
                else "The file carries no statement of origin that could be checked."
            )
            if seen:
                reason = f"{reason} {seen[0].text}"
        return Evidence(self.name, self.version, status, reason, findings=findings)


def _read_declarations(header: Dataset | None) -> list[Finding]:
    if header is None:
        return []
    findings: list[Finding] = []
    try:
        synthetic = str(header.get("SyntheticData") or "").strip().upper()
    except PARSE_ERRORS:
        synthetic = ""
    if synthetic == "YES":
        findings.append(
            Finding(
                "declared_synthetic",
                "The file itself declares its content synthetic.",
                1.0,
                "PS3.3 C.12.1.1.7, Synthetic Data (0008,001C)",
                detail={"tag": "(0008,001C)", "value": "YES"},
            )
        )
    try:
        equipment = header.get("ContributingEquipmentSequence") or []
        for index, item in enumerate(equipment):
            finding = _judge_equipment(item, index)
            if finding is not None:
                findings.append(finding)
    except PARSE_ERRORS:
        pass
    return findings


def _judge_equipment(item: Dataset, index: int) -> Finding | None:
    """Return a finding if contributing equipment synthesised the picture."""
    purposes = item.get("PurposeOfReferenceCodeSequence") or []
    for purpose in purposes:
        code = str(purpose.get("CodeValue") or "").strip()
        scheme = str(purpose.get("CodingSchemeDesignator") or "").strip()
        if (code, scheme) == _SYNTHESIZING_EQUIPMENT:
            return Finding(
                "synthesizing_equipment",
                "The file names equipment that synthesised its content.",
                1.0,
                "PS3.3 C.12.1.1.5, Contributing Equipment; PS3.16 CID 7005",
                detail={"tag": "(0018,A001)", "item": index, "code": code},
            )
    return None


def _find_signatures(header: Dataset | None) -> list[Finding]:
    if header is None or (0xFFFA, 0xFFFA) not in header:
        return []
    return [
        Finding(
            "signature_present",
            "The file carries a DICOM digital signature, not verified yet.",
            0.0,
            "PS3.15 Annex C; PS3.3 C.12.1.1.3",
            detail={"tag": "(FFFA,FFFA)"},
        )
    ]


def _find_credentials(image: DecodedImage) -> list[Finding]:
    offset = find_manifest(image)
    if offset is None:
        return []
    return [
        Finding(
            "c2pa_present",
            "The file carries content credentials (C2PA), not verified yet.",
            0.0,
            "C2PA specification 2.1, Annex A (embedding manifests)",
            detail={"offset": offset},
        )
    ]


def find_manifest(image: DecodedImage) -> int | None:
    """Return the offset of the block that holds a C2PA manifest store, or None."""
    if image.format is FileFormat.PNG:
        blocks = read_png_structure(image.path).blocks
        return next((block.offset for block in blocks if block.kind == "caBX"), None)
    if image.format is FileFormat.WEBP:
        blocks = read_webp_structure(image.path).blocks
        return next((block.offset for block in blocks if block.kind == "C2PA"), None)
    if image.format is FileFormat.JPEG:
        blocks = read_jpeg_structure(image.path.read_bytes()).blocks
        # JPEG XT box segments (ISO 18477-3): "JP", instance, sequence, then the box.
        return next(
            (
                block.offset
                for block in blocks
                if block.kind == "FFEB"
                and block.content[:2] == b"JP"
                and b"jumb" in block.content[:32]
            ),
            None,
        )
    if image.format is FileFormat.TIFF:
        return _find_tiff_manifest(image)
    return None


def _find_tiff_manifest(image: DecodedImage) -> int | None:
    """Return the offset of the manifest's entry in the first directory (TIFF 6, 2)."""
    with image.path.open("rb") as stream:
        head = stream.read(8)
        little = head[:2] == b"II"
        if head[2:4] not in (b"*\x00", b"\x00*"):
            return None

        def number(part: bytes) -> int:
            return int.from_bytes(part, "little" if little else "big")

        directory = number(head[4:8])
        stream.seek(directory)
        count = number(stream.read(2))
        for index in range(min(count, _MOST_TIFF_ENTRIES)):
            if number(stream.read(12)[:2]) == _C2PA_TIFF_TAG:
                return directory + 2 + 12 * index
    return None


def _state_first_seen(context: Context) -> list[Finding]:
    seen = context.first_seen
    if seen is None:
        return []
    entry = f", log entry {seen.log_position}" if seen.log_position is not None else ""
    return [
        Finding(
            "first_seen",
            f"These exact bytes were first registered here on"
            f" {seen.at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC{entry}.",
            0.0,
            "The log of this installation",
            detail={"at": seen.at.isoformat(), "log_position": seen.log_position},
        )
    ]
