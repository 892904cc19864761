"""The container lane: reads the file as a file."""

from __future__ import annotations

from dataclasses import dataclass

from workers.decode.structure import (
    Structure,
    read_jpeg_structure,
    read_png_structure,
    read_webp_structure,
)
from workers.lanes.container.dicom import judge_dicom
from workers.lanes.container.jpeg import judge_tables
from workers.lanes.container.layout import (
    judge_chroma,
    judge_credentials,
    judge_size,
    judge_tail,
)
from workers.lanes.container.stealth import judge_hidden_settings
from workers.lanes.container.texts import read_texts
from workers.lanes.container.traces import judge_texts
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    FileFormat,
    Finding,
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
            found = _judge_raster(image)
        findings = tuple(sorted(found, key=lambda finding: -finding.weight))
        if findings and findings[0].weight >= _FINDING_WEIGHT:
            status, reason = LaneStatus.FINDING, findings[0].text
        else:
            status = LaneStatus.CLEAR
            reason = "Nothing in the file's structure speaks against it."
        return Evidence(self.name, self.version, status, reason, findings=findings)


def _judge_raster(image: DecodedImage) -> list[Finding]:
    structure = _read_structure(image)
    findings = judge_texts(read_texts(image.path, image.format, structure))
    findings += judge_tail(image.path, structure, image.size_bytes)
    findings += judge_credentials(image, structure)
    findings += judge_size(image)
    findings += judge_hidden_settings(image)
    findings += judge_chroma(image)
    if image.format is FileFormat.JPEG:
        findings += judge_tables(structure)
    return findings


def _read_structure(image: DecodedImage) -> Structure:
    if image.format is FileFormat.PNG:
        return read_png_structure(image.path)
    if image.format is FileFormat.JPEG:
        return read_jpeg_structure(image.path.read_bytes())
    if image.format is FileFormat.WEBP:
        return read_webp_structure(image.path)
    # A TIFF file's end cannot be told without following every offset in it.
    return Structure((), None)
