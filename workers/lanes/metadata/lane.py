"""The metadata lane: every rule over one header."""

from __future__ import annotations

from dataclasses import dataclass

from workers.decode.parsing import PARSE_ERRORS, quiet_warnings
from workers.lanes.metadata import dates, identity, physics, picture
from workers.lanes.metadata.rule import Rule, Subject
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    Finding,
    LaneName,
    LaneStatus,
)

RULES: tuple[Rule, ...] = (
    *identity.RULES,
    *dates.RULES,
    *picture.RULES,
    *physics.RULES,
)

# "0.5 unusual" on the scale of workers.types.Finding.
_FINDING_WEIGHT = 0.5
_MANY = 3
_MANY_WEIGHT = 0.75


@dataclass(frozen=True)
class MetadataLane:
    """Gives findings and no probability: how often honest headers break a rule is not
    yet known here."""

    name: LaneName = LaneName.METADATA
    version: str = "metadata-0.1"
    model_sha256: str | None = None

    def assess(self, image: DecodedImage, context: Context) -> Evidence:
        """Return the broken rules; FINDING from weight 0.5 on, else CLEAR."""
        if image.header is None:
            return Evidence(
                self.name,
                self.version,
                LaneStatus.NOT_ASSESSABLE,
                "The film came as a picture, without a DICOM header to check.",
            )
        received = context.first_seen.at if context.first_seen else None
        subject = Subject(image, image.header, received)
        with quiet_warnings():
            found = [_apply(rule, subject) for rule in RULES]
        broken = [finding for finding in found if finding is not None]
        broken += _judge_together(broken)
        findings = tuple(sorted(broken, key=lambda finding: -finding.weight))
        if findings and findings[0].weight >= _FINDING_WEIGHT:
            status, reason = LaneStatus.FINDING, findings[0].text
        else:
            status = LaneStatus.CLEAR
            reason = f"No serious contradiction in {len(RULES)} rules on the header."
        return Evidence(self.name, self.version, status, reason, findings=findings)


def _judge_together(broken: list[Finding]) -> list[Finding]:
    """Return a strong finding if many rules are broken at once: one slip has a dull
    explanation, several independent ones hardly have the same."""
    serious = [finding.code for finding in broken if finding.weight >= _FINDING_WEIGHT]
    if len(serious) < _MANY:
        return []
    return [
        Finding(
            "several_contradictions",
            f"The header contradicts itself in {len(serious)} independent ways.",
            _MANY_WEIGHT,
            "Of 57 genuine headers at hand, none breaks more than two such rules",
            detail={"codes": serious},
        )
    ]


def _apply(rule: Rule, subject: Subject) -> Finding | None:
    try:
        detail = rule.check(subject) if rule.applies_to(subject) else None
    except PARSE_ERRORS:
        # An element this rule needs cannot be parsed; it says nothing then.
        return None
    if detail is None:
        return None
    return Finding(rule.code, rule.sentence, rule.weight, rule.source, detail=detail)
