"""What the reading endpoints take and answer."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from ninja import Field, Schema

from apps.accounts.models import ReadingMode
from apps.core.schemas import PersonOut, SlugText
from apps.reading.column_schemas import ColumnIn
from apps.reading.models import Outcome, ReadKind, ReasonGroup


class WorklistOut(Schema):
    """A department's worklist."""

    id: uuid.UUID
    slug: str
    name: str
    mode: ReadingMode
    # At most 10,001, which means "more than 10,000".
    open_count: int
    # Cases of another department come here by themselves, to be read once more.
    audits_others: bool


class WorklistRef(Schema):
    """The worklist a case is on."""

    id: uuid.UUID
    slug: str
    name: str
    mode: ReadingMode


class SiteOut(Schema):
    """A site."""

    id: uuid.UUID
    name: str


class Me(Schema):
    """The caller. columns: those chosen for worklists of a mode; absent: its own.

    keys: as in KeysIn, with single_keys.
    """

    id: uuid.UUID
    username: str
    display_name: str
    role: str
    site: SiteOut | None
    permissions: list[str]
    opens_staff_pages: bool
    worklists: list[WorklistOut]
    columns: dict[str, list[ColumnIn]]
    keys: dict[str, list[str]]
    single_keys: bool


class PatientOut(Schema):
    """Who the film is filed under. PHI."""

    name: str
    patient_id: str
    age_years: int | None
    sex: str


class CasePick(Schema):
    """Which cases of a worklist."""

    state: str = "open"
    modality: SlugText = ""
    mine: str = ""
    sort: str = ""
    cursor: str | None = None
    limit: int = 100


class ProgressOut(Schema):
    """Lanes that have reported, over all images."""

    done: int
    total: int


class TriageOut(Schema):
    """The system's opinion, on triage worklists only."""

    suspicion: float | None
    flagged: bool
    top_lane: str | None
    reason: str


class CaseRow(Schema):
    """One line of a worklist. `triage` is absent, not null, on a blind one."""

    id: uuid.UUID
    version: int
    received_at: dt.datetime
    patient: PatientOut
    modality: str
    description: str
    accession_number: str
    view_count: int
    state: Literal[
        "analysing",
        "ready",
        "in_read",
        "sealed",
        "second_read",
        "adjudication",
        "done",
    ]
    progress: ProgressOut
    claimed_by: PersonOut | None
    claim_expires_at: dt.datetime | None
    read_phase: Literal["unread", "sealed", "done"]
    priority: Literal["routine", "urgent", "stat"]
    due_at: dt.datetime
    triage: TriageOut | None = None


class ImageRef(Schema):
    """One image of a case. Images of a series may form a stack."""

    id: uuid.UUID
    series_id: uuid.UUID
    rows: int
    columns: int
    frame_count: int
    format: str
    view: str
    laterality: str
    file_name: str


class RegionIn(Schema):
    """A region: points are [column, row] in image pixels."""

    image_id: uuid.UUID
    frame: int = Field(0, ge=0)
    kind: Literal["box", "freehand"]
    points: list[tuple[float, float]] = Field(max_length=2000)


class SealIn(Schema):
    """A first answer."""

    answer: Literal["authentic", "suspicious", "cannot_tell"]
    confidence: int = Field(ge=1, le=5)
    reason_codes: list[str] = Field([], max_length=40)
    regions: list[RegionIn] = Field([], max_length=50)
    note: str = Field("", max_length=4000)


class ReasonWords(Schema):
    """A reason as it was worded when it was given."""

    code: str
    label: str
    version: int


class ReadOut(Schema):
    """A sealed read."""

    id: uuid.UUID
    answer: str
    confidence: int
    reason_codes: list[str]
    reason_words: list[ReasonWords]
    regions: list[dict[str, Any]]
    note: str
    mode: str
    kind: ReadKind
    policy_version: int
    sealed_at: dt.datetime
    seal_sha256: str
    log_position: int
    reader: PersonOut


class SealOut(Schema):
    """What the log holds of the seal."""

    read: ReadOut
    log_position: int


class DecisionIn(Schema):
    """What a reader decides about the system's opinion, and why."""

    decision: Literal["confirm", "overrule", "inconclusive"]
    reason_codes: list[str] = Field(max_length=40)
    regions: list[RegionIn] = Field([], max_length=50)
    note: str = Field("", max_length=4000)
    changed_mind_code: str | None = None


class VerdictIn(DecisionIn):
    """A final answer.

    opinion_sha256: of the evidence that the reader decided about. An opinion that has
    changed since is refused: confirmed would be what nobody saw.
    """

    opinion_sha256: str = Field(min_length=64, max_length=64)


class VerdictOut(Schema):
    """A filed verdict."""

    id: uuid.UUID
    decision: str
    outcome: str
    reason_codes: list[str]
    reason_words: list[ReasonWords]
    regions: list[dict[str, Any]]
    note: str
    changed_mind_code: str | None
    filed_at: dt.datetime
    log_position: int
    reader: PersonOut
    flagged: bool
    replaces: uuid.UUID | None
    amend_reason: str


class ClosedOut(Schema):
    """How a case ended; only who filed a verdict on it is told."""

    outcome: Outcome
    how: Literal["single", "agreed", "adjudicated", "readers_differ"]


class CaseDetail(CaseRow):
    """A case as the reading page needs it."""

    worklist: WorklistRef
    study_date: dt.date | None
    manufacturer: str
    images: list[ImageRef]
    first_read: ReadOut | None
    verdict: VerdictOut | None
    closed: ClosedOut | None
    # Whether the caller may settle it and has been shown all answers: on the log.
    has_seen_answers: bool


class NextCase(Schema):
    """Where to go on."""

    case_id: uuid.UUID | None


class ReasonCodeOut(Schema):
    """A reason code."""

    code: str
    label: str
    group: ReasonGroup
    hotkey: str
    active: bool
    version: int


class LaneEvidence(Schema):
    """What one lane says of one image."""

    lane: str
    version: str
    status: Literal["finding", "clear", "not_assessable"]
    reason: str
    suspicion: float | None
    findings: list[dict[str, Any]]
    has_heatmap: bool
    has_reliability: bool
    model_sha256: str | None
    seconds: float


class ShareOut(Schema):
    """A share, 0 to 1, and its 95 % interval."""

    value: float
    low: float
    high: float


class FlagValueOut(Schema):
    """How often a flag of a lane is right where `prevalence` of the films are fake.

    sensitivity, false_alarms: of the lane's model at its threshold. value: positive
    predictive value; its interval is that of the sensitivity alone.
    """

    lane: str
    prevalence: float
    false_alarms: float
    sensitivity: ShareOut
    value: ShareOut


class ImageEvidence(Schema):
    """All lanes on one image, and the fused opinion."""

    image_id: uuid.UUID
    suspicion: float | None
    flagged: bool
    reason: str
    override: str | None
    top_lane: str | None
    lanes: list[LaneEvidence]


class FlagRecord(Schema):
    """How the department's last flags ended."""

    flags: int
    overruled: int


class CaseEvidence(Schema):
    """The system's opinion of a case; only for who may see it."""

    suspicion: float | None
    flagged: bool
    reason: str
    threshold: float
    images: list[ImageEvidence]
    overruled_of_last: FlagRecord
    flag_values: list[FlagValueOut]
    opinion_sha256: str


class HeatmapOut(Schema):
    """A lane's map: base64 of little-endian float32, row-major, 0..1."""

    rows: int
    columns: int
    spacing_px: tuple[float, float]
    origin_px: tuple[float, float]
    values: str
    reliability: str | None
