"""Frozen values that cross the border between `workers` and `apps`.

Frames of reference: image coordinates are (row, column), 0-based, origin at the centre
of the top-left pixel of the picture as stored (before any viewer rotation).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset


class FileFormat(StrEnum):
    """The container a film arrived in."""

    DICOM = "dicom"
    PNG = "png"
    JPEG = "jpeg"
    TIFF = "tiff"
    WEBP = "webp"


class LaneName(StrEnum):
    """The evidence lanes, in the order in which they are run (cheap first)."""

    CONTAINER = "container"
    PROVENANCE = "provenance"
    METADATA = "metadata"
    REUSE = "reuse"
    SYNTHESIS = "synthesis"
    TAMPER = "tamper"


class LaneStatus(StrEnum):
    """What a lane may say."""

    FINDING = "finding"
    CLEAR = "clear"
    NOT_ASSESSABLE = "not_assessable"


@dataclass(frozen=True)
class Region:
    """A box in image pixels; `row`, `column` name its top-left pixel."""

    row: int
    column: int
    height: int
    width: int


@dataclass(frozen=True)
class Finding:
    """One observation of a lane.

    weight: -1..1. Positive speaks against the film, negative for it. 0.25 curious,
        0.5 unusual, 0.7 and above strong, 1.0 hard evidence (not a matter of pixels).
    source: the clause, publication or experiment the rule rests on.
    detail: machine-readable facts (offsets, tags, matched film), JSON values, no PHI.
    """

    code: str
    text: str
    weight: float
    source: str
    region: Region | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Heatmap:
    """A coarse map over the image.

    values: float32 (rows, columns), 0..1.
    spacing_px: (row, column) distance between neighbouring cell centres, image pixels.
    origin_px: (row, column) centre of cell [0, 0], image pixels.
    """

    values: NDArray[np.float32]
    spacing_px: tuple[float, float]
    origin_px: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What one lane says of one image.

    suspicion: calibrated probability 0..1 that the film is not what it claims, as far
        as this lane can see, or None (not assessable, or it gives no probability).
    reliability: same grid as heatmap, 0..1, or None.
    seconds: wall time, filled in by the pipeline.
    """

    lane: LaneName
    version: str
    status: LaneStatus
    reason: str
    suspicion: float | None = None
    findings: tuple[Finding, ...] = ()
    heatmap: Heatmap | None = None
    reliability: Heatmap | None = None
    model_sha256: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """One film, decoded once and shared by all lanes; treat arrays as read-only.

    path: the exact bytes as received.  sha256: of these bytes.
    luma: float32 (rows, columns), 0..1, 0 = black as displayed (MONOCHROME1 is
        inverted), VOI window of the file applied, of frame `frame_index`.
    stored: (rows, columns) or (rows, columns, samples) stored values of that frame, in
        the file's own integer type, before rescale, window or inversion.
    pixel_sha256: of the stored values of all frames in a canonical layout; the same for
        the same picture in another lossless transfer syntax.
    header: the data set without pixel data (file_meta attached), None unless DICOM.
    spacing_mm: (row, column), only where trustworthy (finite, > 0), else None.
    """

    path: Path
    sha256: str
    size_bytes: int
    format: FileFormat
    luma: NDArray[np.float32]
    stored: NDArray[Any]
    frame_index: int
    frame_count: int
    bits_stored: int
    is_signed: bool
    photometric: str
    pixel_sha256: str
    header: Dataset | None
    spacing_mm: tuple[float, float] | None

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return int(self.luma.shape[0])

    @property
    def columns(self) -> int:
        """Return the number of columns."""
        return int(self.luma.shape[1])


@dataclass(frozen=True)
class Fingerprint:
    """What the reuse index keeps of a film.

    phashes: 64-bit perceptual hashes of the eight dihedral views (4 rotations, then the
        same of the mirrored film), identity first, as unsigned integers.
    aspect: columns / rows.
    """

    pixel_sha256: str
    phashes: tuple[int, ...]
    aspect: float


@dataclass(frozen=True)
class IndexedFilm:
    """A film seen before. Equal (opaque) keys mean the same patient or study."""

    film_id: str
    patient_key: str
    study_key: str
    fingerprint: Fingerprint
    received_at: dt.datetime


class ReuseIndex(Protocol):
    """Everything seen before, without the film under assessment."""

    def count_films(self) -> int:
        """Return how many films the index holds."""
        ...

    def find_candidates(
        self, fingerprint: Fingerprint, *, max_distance: int
    ) -> Sequence[IndexedFilm]:
        """Return films with the same pixels, or whose upright hash lies within
        `max_distance` bits of any of the eight hashes of `fingerprint`."""
        ...


@dataclass(frozen=True)
class FirstSeen:
    """When these exact bytes were first registered, and their entry in the log."""

    at: dt.datetime
    log_position: int | None


@dataclass(frozen=True)
class EnrolledCertificate:
    """A device's certificate as the registry knows it. Times are aware.

    sha256: of its DER bytes, lower-case hexadecimal. valid_until: when it was replaced
        or its approval ends. revoked_at: from then on nothing of it is trusted.
    """

    sha256: str
    valid_from: dt.datetime
    valid_until: dt.datetime
    revoked_at: dt.datetime | None = None


@dataclass(frozen=True)
class EnrolledDevice:
    """A device of the registry. serial_number, manufacturer, ae_title: as its images
    name them; empty where the registry does not know."""

    device_id: str
    name: str
    manufacturer: str
    serial_number: str
    ae_title: str
    certificates: tuple[EnrolledCertificate, ...]


@dataclass(frozen=True)
class SignatureTrust:
    """Whose DICOM signatures count. anchors: certificates of authorities, DER.
    crls: revocation lists, DER; those that no anchor signed are ignored."""

    devices: tuple[EnrolledDevice, ...] = ()
    anchors: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class CredentialTrust:
    """Whose content credentials (C2PA) count; each entry is PEM certificates.

    anchors: roots of those who sign them, or their time stamps.  time_anchors: roots of
        time stamps alone.
    """

    anchors: tuple[bytes, ...] = ()
    time_anchors: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class HeaderFacts:
    """What is kept of a film's header to hold it against the rest of its study.

    At most 64 characters each, empty where the header says nothing. study_date: as
    written. patient_digest, birth_digest: equal where the same was written.
    """

    series_key: str
    modality: str
    manufacturer: str
    model: str
    serial_number: str
    study_date: str
    patient_digest: str
    birth_digest: str


@dataclass(frozen=True)
class Context:
    """What a lane may know beside the image; all optional.

    study_headers: of the other films of its study that were known by then.
    credential_trust: None where no anchors are configured: then nobody is trusted, and
        the evidence says that nobody could be.
    """

    file_name: str | None = None
    patient_key: str | None = None
    study_key: str | None = None
    first_seen: FirstSeen | None = None
    reuse_index: ReuseIndex | None = None
    signature_trust: SignatureTrust | None = None
    credential_trust: CredentialTrust | None = None
    study_headers: tuple[HeaderFacts, ...] = ()


class Lane(Protocol):
    """The one contract of every evidence lane (docs/architecture.md, evidence lanes).

    `assess` never raises for a film it cannot judge: that is NOT_ASSESSABLE with a
    reason. It may raise TransientError or ModelError; the pipeline reports those.
    """

    @property
    def name(self) -> LaneName: ...
    @property
    def version(self) -> str: ...
    @property
    def model_sha256(self) -> str | None: ...

    def assess(self, image: DecodedImage, context: Context) -> Evidence:
        """Return what this lane sees in `image`."""
        ...


@dataclass(frozen=True)
class FusedOpinion:
    """The lanes' evidence combined; orders the worklist, decides nothing.

    suspicion: probability 0..1, or None when no lane could tell.
    override: the finding code that outranked the pixels, if any.
    """

    suspicion: float | None
    flagged: bool
    top_lane: LaneName | None
    reason: str
    override: str | None
    version: str
