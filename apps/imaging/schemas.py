"""What the imaging endpoints take and answer."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Literal

from ninja import Field, Schema

from apps.core.schemas import PersonOut, SearchText
from apps.imaging.models import Upload, UploadItem
from apps.imaging.selectors import upload_counts, upload_state


class UploadIn(Schema):
    """A batch to open."""

    worklist: str
    claim_reference: str = Field("", max_length=64)
    expected_files: int | None = Field(None, ge=0, le=1_000_000)


class UploadOut(Schema):
    """A batch and how far it is."""

    id: uuid.UUID
    worklist: str
    claim_reference: str
    source: str
    created_at: dt.datetime
    created_by: PersonOut | None
    state: str
    counts: dict[str, int]
    total: int

    @classmethod
    def of(cls, upload: Upload) -> UploadOut:
        """Return the shape of an upload that a selector of imaging annotated."""
        counts = upload_counts(upload)
        person = upload.created_by
        return cls(
            id=upload.pk,
            worklist=upload.department.slug,
            claim_reference=upload.claim_reference,
            source=upload.source,
            created_at=upload.created_at,
            created_by=PersonOut(id=person.pk, display_name=str(person))
            if person
            else None,
            state=upload_state(upload).value,
            counts=counts,
            total=sum(counts.values()),
        )


class UploadItemOut(Schema):
    """One file of a batch."""

    id: uuid.UUID
    upload_id: uuid.UUID
    parent_id: uuid.UUID | None
    file_name: str
    size_bytes: int
    sha256: str
    status: str
    code: str
    reason: str
    case_id: uuid.UUID | None
    version: int

    @classmethod
    def of(cls, item: UploadItem) -> UploadItemOut:
        """Return the shape of an item whose image and study are loaded."""
        return cls(
            id=item.pk,
            upload_id=item.upload_id,
            parent_id=item.parent_id,
            file_name=item.file_name,
            size_bytes=item.size_bytes,
            sha256=item.sha256,
            status=item.status,
            code=item.code,
            reason=item.reason,
            # A case has the id of its study (apps.reading.models.Case).
            case_id=item.image.study_id if item.image else None,
            version=item.version,
        )


class QuarantineOut(Schema):
    """A file that could not be read, and why."""

    id: uuid.UUID
    file_name: str
    size_bytes: int
    sha256: str
    code: str
    reason: str
    source: str
    received_at: dt.datetime

    @classmethod
    def of(cls, item: UploadItem) -> QuarantineOut:
        """Return the shape of a quarantined item whose upload is loaded."""
        return cls(
            id=item.pk,
            file_name=item.file_name,
            size_bytes=item.size_bytes,
            sha256=item.sha256,
            code=item.code,
            reason=item.reason,
            source=item.upload.source,
            received_at=item.created_at,
        )


class QuarantineSearch(Schema):
    """Which quarantined files; `q` matches file name, reason and code."""

    q: SearchText = ""
    cursor: str | None = None
    limit: int = 100


class WindowOut(Schema):
    """One window of the file's VOI LUT module, in output units of the modality LUT."""

    center: float
    width: float
    label: str


class TechniqueOut(Schema):
    """One setting the device noted: `kV`, `120`."""

    label: str
    value: str


class DisplayOut(Schema):
    """What a viewer prints beside a film. No PHI.

    orientation: where columns and rows run to in the patient, letters of L R A P H F.
    """

    modality: str
    value_unit: str
    orientation: tuple[str, str] | None
    spacing_frame: Literal["patient", "calibrated", "detector", "unstated", "none"]
    technique: list[TechniqueOut]


class ImageMetaOut(Schema):
    """What a viewer needs to show the stored values."""

    id: uuid.UUID
    rows: int
    columns: int
    frame_count: int
    samples: int
    bits_stored: int
    is_signed: bool
    dtype: str
    photometric: str
    slope: float
    intercept: float
    windows: list[WindowOut]
    voi_function: str
    spacing_mm: tuple[float, float] | None
    spacing_note: str
    pixel_min: float
    pixel_max: float
    display: DisplayOut


class PlaneOut(Schema):
    """Where the frames of an image lie in the patient.

    frame_of_reference: equal where positions are comparable; empty where not known.
    normal: unit vector, patient coordinates. positions_mm: of each frame along it.
    """

    frame_of_reference: str
    normal: tuple[float, float, float]
    positions_mm: list[float]


class SliceOut(Schema):
    """An image of a series. Without its file name, which may be a patient's."""

    id: uuid.UUID
    series_id: uuid.UUID
    rows: int
    columns: int
    frame_count: int
    plane: PlaneOut | None


class SeriesOut(Schema):
    """The images of a series in their order."""

    modality: str
    images: list[SliceOut]
