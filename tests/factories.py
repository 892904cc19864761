"""Rows for tests: people, sites, and films that go through real ingest."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone
from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory, Password

from apps.accounts.models import Department, Membership, ReadingMode, Role, Site, User
from apps.core.objects import iter_file, put_stream
from apps.detection.models import AnalysisRun, LaneResult, RunStatus
from apps.detection.selectors import list_latest_runs
from apps.imaging.models import (
    Image,
    Patient,
    Series,
    Study,
    Upload,
    UploadItem,
    UploadSource,
)
from apps.imaging.services.uploads import open_upload, receive_file
from apps.reading.models import (
    Adjudication,
    Answer,
    Case,
    CaseOpinion,
    CaseState,
    Decision,
    Outcome,
    Read,
    ReasonCode,
    Verdict,
)
from apps.reading.reason_codes import REASON_CODES
from apps.reading.selectors import current_verdicts, digest_opinion
from apps.reading.services.adjudication import Ruling, adjudicate_case
from apps.reading.services.reads import (
    FinalAnswer,
    FirstAnswer,
    file_verdict,
    seal_read,
)
from workers.serialise import finding_to_json
from workers.types import Finding, LaneName

PASSWORD = "correct horse battery"


class SiteFactory(DjangoModelFactory[Site]):
    """A site."""

    class Meta:
        model = Site

    name = Sequence(lambda n: f"Hospital {n}")
    slug = Sequence(lambda n: f"hospital-{n}")


class DepartmentFactory(DjangoModelFactory[Department]):
    """A blind-first department; who is at the site belongs to it."""

    class Meta:
        model = Department

    site = SubFactory(SiteFactory)
    slug = Sequence(lambda n: f"department-{n}")
    name = LazyAttribute(lambda row: row.slug.title())
    reading_mode = ReadingMode.BLIND_FIRST

    @classmethod
    def _create(
        cls, model_class: type[Department], *args: Any, **fields: Any
    ) -> Department:
        made = super()._create(model_class, *args, **fields)  # type: ignore[no-untyped-call]
        room: Department = made
        for user in User.objects.filter(site=room.site):
            Membership.objects.create(department=room, user=user)
        return room


class UserFactory(DjangoModelFactory[User]):
    """A radiologist, who belongs to all departments that the site has."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = Sequence(lambda n: f"user-{n}")
    display_name = LazyAttribute(lambda row: row.username.title())
    site = SubFactory(SiteFactory)
    role = Role.RADIOLOGIST
    password = Password(PASSWORD)

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **fields: Any) -> User:
        made = super()._create(model_class, *args, **fields)  # type: ignore[no-untyped-call]
        user: User = made
        # A person without a site belongs to none of them.
        for room in Department.objects.filter(site=user.site_id):
            Membership.objects.create(department=room, user=user)
        return user


def seed_reason_codes() -> None:
    """Put back what the migration seeds: a transactional test empties every table."""
    if ReasonCode.objects.exists():
        return
    ReasonCode.objects.bulk_create(
        ReasonCode(
            code=seed.code,
            label=seed.label,
            group=seed.group,
            hotkey=seed.hotkey,
            position=10 * position,
        )
        for position, seed in enumerate(REASON_CODES)
    )


def make_upload(department: Department, created_by: User | None = None) -> Upload:
    """Return an open upload."""
    return open_upload(
        department=department, created_by=created_by, source=UploadSource.API
    )


def take_file(upload: Upload, path: Path, *, is_queued: bool = True) -> UploadItem:
    """Return the item of a file that was received.

    Its task, and the analysis after it, run at once where commits run their callbacks
    (transactional tests, or `django_capture_on_commit_callbacks`).
    """
    stored = put_stream(iter_file(path), max_bytes=1 << 30)
    item = receive_file(
        upload=upload, file_name=path.name, stored=stored, is_queued=is_queued
    )
    item.refresh_from_db()
    return item


@dataclass(frozen=True)
class Said:
    """What the lanes are to have said of a film; the canary strings of the tests."""

    suspicion: float | None = 0.05
    flagged: bool = False
    top_lane: str = "tamper"
    reason: str = "Nothing stood out."
    finding_text: str = ""
    film_id: str = ""
    heatmap_sha256: str = ""

    def to_findings(self) -> list[dict[str, Any]]:
        """Return the top lane's findings as the database keeps them."""
        if not self.finding_text:
            return []
        detail = {"film_id": self.film_id} if self.film_id else {}
        finding = Finding(
            f"{self.top_lane}_found", self.finding_text, 1.0, "a test", detail=detail
        )
        return [finding_to_json(finding)]


def make_image(department: Department, *, study: Study | None = None) -> Image:
    """Return an image row, of a new patient and study unless `study` is given.

    Its bytes are not in the store; no case is opened and nothing is analysed.
    """
    serial = uuid.uuid4().hex
    if study is None:
        patient = Patient.objects.create(
            site=department.site, patient_id=f"PID-{serial[:8]}", name=f"Doe^{serial}"
        )
        study = Study.objects.create(
            site=department.site,
            department=department,
            patient=patient,
            study_instance_uid=f"2.25.{int(serial, 16)}",
            modality="DX",
            description="Chest",
        )
    series, _ = Series.objects.get_or_create(study=study, series_instance_uid="2.25.1")
    return Image.objects.create(
        site=department.site,
        study=study,
        series=series,
        sop_instance_uid=f"2.25.{int(serial, 16)}",
        sha256=hashlib.sha256(serial.encode()).hexdigest(),
        pixel_sha256=hashlib.sha256(serial[::-1].encode()).hexdigest(),
        size_bytes=1,
        format="dicom",
        file_name=f"{serial}.dcm",
        rows=96,
        columns=64,
    )


def make_run(image: Image, said: Said | None = None) -> AnalysisRun:
    """Return a finished run: six lanes, of which the top one says `said`."""
    said = said or Said()
    run = AnalysisRun.objects.create(
        image=image,
        site=image.site,
        pipeline_version="test",
        models_digest="d" * 64,
        status=RunStatus.DONE,
        attempts=1,
        suspicion=said.suspicion,
        flagged=said.flagged,
        top_lane=said.top_lane,
        reason=said.reason,
    )
    LaneResult.objects.bulk_create(
        LaneResult(
            run=run,
            lane=lane.value,
            version="test",
            status="finding" if lane == said.top_lane and said.flagged else "clear",
            reason=said.reason if lane == said.top_lane else "Nothing stood out.",
            suspicion=said.suspicion if lane == said.top_lane else None,
            findings=said.to_findings() if lane == said.top_lane else [],
            heatmap_sha256=said.heatmap_sha256 if lane == said.top_lane else "",
            model_sha256="a" * 64 if lane == LaneName.SYNTHESIS else "",
            seconds=0.5,
        )
        for lane in LaneName
    )
    return run


def make_case(
    department: Department,
    *,
    said: Said | None = None,
    image: Image | None = None,
    state: CaseState = CaseState.READY,
) -> Case:
    """Return a case with one image and, unless it is analysing, an opinion."""
    said = said or Said()
    image = image or make_image(department)
    case = Case.objects.create(
        study=image.study,
        site=department.site,
        department=department,
        state=state,
        image_count=1,
        lanes_done=len(LaneName),
        lanes_total=len(LaneName),
    )
    if state == CaseState.ANALYSING:
        return case
    make_run(image, said)
    CaseOpinion.objects.create(
        case=case,
        suspicion=said.suspicion,
        suspicion_rank=-1.0 if said.suspicion is None else said.suspicion,
        flagged=said.flagged,
        top_lane=said.top_lane,
        reason=said.reason,
    )
    return case


def image_of(case: Case) -> Image:
    """Return the first image of a case."""
    return Image.objects.filter(study_id=case.pk).order_by("created_at")[0]


def seal(case: Case, reader: User, answer: Answer = Answer.AUTHENTIC) -> Read:
    """Return a sealed read of confidence 3."""
    return seal_read(
        case=case, reader=reader, answer=FirstAnswer(answer=answer, confidence=3)
    )


def opinion_of(case: Case) -> str:
    """Return the digest that the evidence of a case has now."""
    return digest_opinion(list_latest_runs(study_ids=[case.pk]))


def rule(
    case: Case, adjudicator: User, outcome: Outcome, note: str = "Seen before."
) -> Adjudication:
    """Return a ruling on the verdicts as they stand, with one reason."""
    return adjudicate_case(
        case=case,
        adjudicator=adjudicator,
        ruling=Ruling(
            outcome,
            ("natural_noise",),
            note,
            tuple(verdict.pk for verdict in current_verdicts(case=case)),
        ),
    )


def decide(
    case: Case, reader: User, decision: Decision = Decision.CONFIRM, mind: str = ""
) -> Verdict:
    """Return a filed verdict with one reason."""
    return file_verdict(
        case=case,
        reader=reader,
        answer=FinalAnswer(
            decision=decision,
            reason_codes=("natural_noise",),
            changed_mind_code=mind,
        ),
        opinion_sha256=opinion_of(case),
    )


def leave_room(user: User, department: Department) -> None:
    """End a membership, without its event."""
    rows = Membership.objects.filter(user=user, department=department, ended_at=None)
    assert rows.update(ended_at=timezone.now()) == 1
