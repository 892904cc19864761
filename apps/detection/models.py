"""Analysis runs, the evidence of each lane, and the index of films seen before."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from apps.accounts.models import Site
from apps.core.models import BaseModel
from apps.imaging.models import Image
from workers.types import LaneName, LaneStatus


class RunStatus(models.TextChoices):
    """Where an analysis run stands."""

    PENDING = "pending", "Pending"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


OPEN_RUN_STATUSES = (RunStatus.PENDING, RunStatus.RUNNING)


class AnalysisRun(BaseModel):
    """One pass of the pipeline over one image; running twice changes nothing.

    The key holds the image row (its exact bytes) and not only the pixels, since the
    container, metadata and provenance lanes judge the bytes.
    trust_digest: of whose signatures counted then; empty where nobody's did.
    suspicion, flagged, top_lane, reason, override: the fused opinion, once done.
    """

    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="runs")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    pipeline_version = models.CharField(max_length=32)
    models_digest = models.CharField(max_length=64)
    trust_digest = models.CharField(max_length=64, blank=True, default="")
    status = models.CharField(
        max_length=8, choices=RunStatus.choices, default=RunStatus.PENDING
    )
    failure = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    frame_index = models.PositiveIntegerField(default=0)
    suspicion = models.FloatField(null=True)
    flagged = models.BooleanField(default=False)
    top_lane = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=600, blank=True)
    override = models.CharField(max_length=80, blank=True)
    fusion_version = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "pipeline_version", "models_digest", "trust_digest"],
                name="run_once_per_pipeline_models_and_trust",
            )
        ]
        indexes = [
            models.Index(
                fields=["queued_at"],
                name="run_open",
                condition=models.Q(status__in=["pending", "running"]),
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class LaneResult(BaseModel):
    """What one lane said in one run. Maps lie in the object store, by digest."""

    run = models.ForeignKey(
        AnalysisRun, on_delete=models.CASCADE, related_name="lane_results"
    )
    lane = models.CharField(
        max_length=16, choices=[(lane.value, lane.value) for lane in LaneName]
    )
    version = models.CharField(max_length=32)
    status = models.CharField(
        max_length=16, choices=[(status.value, status.value) for status in LaneStatus]
    )
    reason = models.TextField()
    suspicion = models.FloatField(null=True)
    findings = models.JSONField(default=list)
    heatmap_sha256 = models.CharField(max_length=64, blank=True)
    reliability_sha256 = models.CharField(max_length=64, blank=True)
    model_sha256 = models.CharField(max_length=64, blank=True)
    seconds = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "lane"], name="lane_once_per_run")
        ]

    def __str__(self) -> str:
        return f"{self.lane} {self.run_id}"


class IndexedImage(models.Model):
    """What the reuse search keeps of an image.

    upright_phash: the identity view's hash, shifted into a signed 64-bit column.
    """

    image = models.OneToOneField(
        Image, on_delete=models.CASCADE, primary_key=True, related_name="indexed"
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    pixel_sha256 = models.CharField(max_length=64, db_index=True)
    upright_phash = models.BigIntegerField()
    phashes = models.JSONField()
    aspect = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["site", "upright_phash"], name="reuse_site")]

    def __str__(self) -> str:
        return str(self.image_id)


class IndexedHeader(models.Model):
    """What the metadata lane keeps of a film's header, to hold the other films of its
    study against it (workers.types.HeaderFacts: the same fields).

    study_key: Study Instance UID. A study of two patients has two rows of `Study`, and
        that is one of the things to be found.
    """

    image = models.OneToOneField(
        Image, on_delete=models.CASCADE, primary_key=True, related_name="indexed_header"
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    study_key = models.CharField(max_length=64)
    series_key = models.CharField(max_length=64, blank=True)
    modality = models.CharField(max_length=64, blank=True)
    manufacturer = models.CharField(max_length=64, blank=True)
    model = models.CharField(max_length=64, blank=True)
    serial_number = models.CharField(max_length=64, blank=True)
    study_date = models.CharField(max_length=64, blank=True)
    patient_digest = models.CharField(max_length=32, blank=True)
    birth_digest = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [models.Index(fields=["site", "study_key"], name="header_study")]

    def __str__(self) -> str:
        return str(self.image_id)
