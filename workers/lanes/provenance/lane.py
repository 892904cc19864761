"""Provenance: what the file, its signer or our own log state about its origin.

States what the header declares, what content credentials say (`credentials`), what
its digital signatures are worth (`signatures`), and when these bytes were first seen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from pydicom.dataset import Dataset

from workers.decode.parsing import PARSE_ERRORS, quiet_warnings
from workers.lanes.provenance.credentials import Credentials, judge_credentials
from workers.lanes.provenance.signatures import judge_signatures
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    Finding,
    LaneName,
    LaneStatus,
)

_FINDING_WEIGHT = 0.5
_HARD_WEIGHT = 1.0
# PS3.16 CID 7005, Contributing Equipment Purposes of Reference.
_SYNTHESIZING_EQUIPMENT = ("109100", "DCM")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class ProvenanceLane:
    """States origin; never a score, and never one badge for all statements.

    clock: tells what certificates are held against.
    """

    name: LaneName = LaneName.PROVENANCE
    version: str = "provenance-0.3"
    model_sha256: str | None = None
    clock: Callable[[], dt.datetime] = _now

    def assess(self, image: DecodedImage, context: Context) -> Evidence:
        """Return the statements found; see DESIGN, evidence lanes."""
        with quiet_warnings():
            declared = _read_declarations(image.header)
        now = self.clock()
        signatures = judge_signatures(image, context.signature_trust, now)
        credentials = judge_credentials(image, context.credential_trust, now)
        said = [*declared, *(credentials.findings if credentials else ()), *signatures]
        said.sort(key=lambda finding: -finding.weight)
        seen = _state_first_seen(context)
        status, reason = _conclude(said, credentials)
        if not said and seen:
            reason = f"{reason} {seen[0].text}"
        findings = (*said, *seen)
        return Evidence(self.name, self.version, status, reason, findings=findings)


def _conclude(
    said: list[Finding], credentials: Credentials | None
) -> tuple[LaneStatus, str]:
    """Return status and reason; nothing is CLEAR but what a trusted signer signed."""
    summary = credentials.summary if credentials else ""
    if said and said[0].weight >= _FINDING_WEIGHT:
        text = said[0].text
        if summary and said[0].code.startswith("c2pa_"):
            text = f"{text.rstrip('.')}; {summary}."
        return LaneStatus.FINDING, text
    if said and said[-1].weight <= -_HARD_WEIGHT:
        return LaneStatus.CLEAR, said[-1].text
    if credentials and credentials.vouched:
        return LaneStatus.CLEAR, f"The content credentials hold: {summary}."
    if credentials and summary:
        return (
            LaneStatus.NOT_ASSESSABLE,
            f"The content credentials state no AI: {summary}; the signer is not"
            " known here.",
        )
    if credentials:
        return LaneStatus.NOT_ASSESSABLE, credentials.findings[0].text
    if said:
        return LaneStatus.NOT_ASSESSABLE, said[0].text
    return (
        LaneStatus.NOT_ASSESSABLE,
        "The file carries no digital signature and no other statement of origin that"
        " could be checked.",
    )


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
