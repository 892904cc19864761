"""The metadata lane: every rule over one header."""

from __future__ import annotations

from dataclasses import dataclass

from workers.decode.parsing import PARSE_ERRORS, quiet_warnings
from workers.lanes.metadata import (
    anatomy,
    beam,
    compression,
    dates,
    depth,
    detector,
    dose,
    encoding,
    identity,
    patient,
    picture,
    quantum,
    required,
    slices,
    study,
    tube,
    uids,
)
from workers.lanes.metadata.rule import Rule, Subject
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    Finding,
    LaneName,
    LaneStatus,
)


@dataclass(frozen=True)
class Group:
    """Rules on one subject; one slip of a writer tends to stay within it."""

    title: str
    rules: tuple[Rule, ...]


# `encoding` first: it looks at elements that nobody has parsed yet.
GROUPS: tuple[Group, ...] = (
    Group("Text and form", encoding.RULES),
    Group("Unique identifiers", uids.RULES),
    Group("File meta information", identity.FILE_RULES),
    Group("Device and storage class", identity.DEVICE_RULES),
    Group("What must and cannot be there", required.RULES),
    Group("Dates and times", dates.RULES),
    Group("Patient", patient.RULES),
    Group("Bits and values", depth.RULES),
    Group("Compression", compression.RULES),
    Group("Tones and colours", picture.TONE_RULES),
    Group("Kind of image", picture.KIND_RULES),
    Group("Tube", tube.RULES),
    Group("Dose and exposure index", dose.RULES),
    Group("Exposure against picture and detector", quantum.RULES),
    Group("Beam geometry", beam.RULES),
    Group("Detector and pixels", detector.RULES),
    Group("Slices", slices.RULES),
    Group("Side, view and body part", anatomy.RULES),
    Group("The study's other films", study.RULES),
)
RULES: tuple[Rule, ...] = tuple(rule for group in GROUPS for rule in group.rules)

# "0.5 unusual" on the scale of workers.types.Finding.
FINDING_WEIGHT = 0.5
# Genuine headers at hand: none has one group of that weight, and none has slips in more
# than four groups.
MANY = 3
MANY_WEIGHT = 0.75
SLIP_WEIGHT = 0.3
MANY_SLIPS = 6
MANY_SLIPS_WEIGHT = 0.5
_TOGETHER_SOURCE = (
    "Calibrated on the 57 genuine headers at hand (docs/metadata-rules.md)"
)


@dataclass(frozen=True)
class MetadataLane:
    """Gives findings and no probability: how often honest headers break a rule is not
    yet known here."""

    name: LaneName = LaneName.METADATA
    version: str = "metadata-0.2"
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
        subject = Subject(image, image.header, received, context.study_headers)
        with quiet_warnings():
            broken = {
                group.title: [
                    finding
                    for rule in group.rules
                    if (finding := _apply(rule, subject)) is not None
                ]
                for group in GROUPS
            }
        every = [finding for group in broken.values() for finding in group]
        every += _judge_together(broken)
        findings = tuple(sorted(every, key=lambda finding: -finding.weight))
        if findings and findings[0].weight >= FINDING_WEIGHT:
            status, reason = LaneStatus.FINDING, findings[0].text
        else:
            status = LaneStatus.CLEAR
            reason = f"No serious contradiction in {len(RULES)} rules on the header."
        return Evidence(self.name, self.version, status, reason, findings=findings)


def _judge_together(broken: dict[str, list[Finding]]) -> list[Finding]:
    """Return a finding if rules of many groups are broken at once: one slip has a dull
    explanation, several independent ones hardly have the same."""
    for code, sentence, least, many, weight in (
        (
            "several_contradictions",
            "The header contradicts itself in {} independent ways.",
            FINDING_WEIGHT,
            MANY,
            MANY_WEIGHT,
        ),
        (
            "several_slips",
            "The header is odd in {} independent ways, each of them small.",
            SLIP_WEIGHT,
            MANY_SLIPS,
            MANY_SLIPS_WEIGHT,
        ),
    ):
        serious = [
            [finding.code for finding in findings if finding.weight >= least]
            for findings in broken.values()
        ]
        count = sum(map(bool, serious))
        if count >= many:
            told = {"codes": [code for codes in serious for code in codes]}
            text = sentence.format(count)
            return [Finding(code, text, weight, _TOGETHER_SOURCE, detail=told)]
    return []


def _apply(rule: Rule, subject: Subject) -> Finding | None:
    try:
        detail = rule.check(subject) if rule.applies_to(subject) else None
    except PARSE_ERRORS:
        # An element this rule needs cannot be parsed; it says nothing then.
        return None
    if detail is None:
        return None
    return Finding(rule.code, rule.sentence, rule.weight, rule.source, detail=detail)
