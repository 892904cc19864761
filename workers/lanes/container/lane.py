"""The container lane: reads the file as a file."""

from __future__ import annotations

from dataclasses import dataclass

from workers.lanes.container.dicom import judge_dicom
from workers.lanes.container.pictures import judge_picture
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    FileFormat,
    LaneName,
    LaneStatus,
)

# "0.5 unusual" on the scale of workers.types.Finding.
_FINDING_WEIGHT = 0.5


@dataclass(frozen=True)
class ContainerLane:
    """Gives findings and no probability: nothing here was calibrated."""

    name: LaneName = LaneName.CONTAINER
    version: str = "container-0.3"
    model_sha256: str | None = None

    def assess(self, image: DecodedImage, context: Context) -> Evidence:
        """Return what the file shows; FINDING from weight 0.5 on, else CLEAR."""
        if image.format is FileFormat.DICOM:
            found = judge_dicom(image)
        else:
            found = judge_picture(image)
        findings = tuple(sorted(found, key=lambda finding: -finding.weight))
        if findings and findings[0].weight >= _FINDING_WEIGHT:
            status, reason = LaneStatus.FINDING, findings[0].text
        else:
            status = LaneStatus.CLEAR
            reason = "Nothing in the file's structure speaks against it."
        return Evidence(self.name, self.version, status, reason, findings=findings)
