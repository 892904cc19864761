"""Cases on worklists, sealed reads, verdicts."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.accounts.models import Department, ReadingMode, Site
from apps.core.models import BaseModel
from apps.imaging.models import Study
from workers.types import LaneName


class CaseState(models.TextChoices):
    """Where a case stands. `in_read` is not stored: `ready` under a live claim."""

    ANALYSING = "analysing", "Analysing"
    READY = "ready", "Ready"
    SEALED = "sealed", "Sealed"
    DONE = "done", "Done"


# Ranks below every suspicion: no lane could tell, or none has yet.
NO_OPINION = -1.0
OPEN_STATES = (CaseState.ANALYSING, CaseState.READY, CaseState.SEALED)


def random_shuffle_key() -> int:
    """Return a place in the blind order that tells nothing of the case."""
    return secrets.randbelow(2**62)


class Case(models.Model):
    """A study on its department's worklist; it has the study's id.

    Holds nothing of the system's opinion, so that no list of cases can leak it: that
    lies in CaseOpinion.
    """

    study = models.OneToOneField(
        Study, on_delete=models.PROTECT, primary_key=True, related_name="case"
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="cases"
    )
    state = models.CharField(
        max_length=10, choices=CaseState.choices, default=CaseState.ANALYSING
    )
    received_at = models.DateTimeField(default=timezone.now)
    shuffle_key = models.BigIntegerField(default=random_shuffle_key)
    image_count = models.PositiveIntegerField(default=0)
    lanes_done = models.PositiveIntegerField(default=0)
    lanes_total = models.PositiveIntegerField(default=0)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    claim_expires_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(
                fields=["department", "state", "-received_at"], name="case_received"
            ),
            models.Index(
                fields=["department", "state", "shuffle_key"], name="case_shuffled"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class CaseOpinion(models.Model):
    """The system's opinion of a case: the most suspicious of its images.

    Joined only by selectors that checked who may see it.
    """

    case = models.OneToOneField(
        Case, on_delete=models.CASCADE, primary_key=True, related_name="opinion"
    )
    suspicion = models.FloatField(null=True)
    # SQLite and PostgreSQL sort null differently.
    suspicion_rank = models.FloatField(default=NO_OPINION, db_index=True)
    flagged = models.BooleanField(default=False)
    top_lane = models.CharField(
        max_length=16,
        blank=True,
        choices=[(lane.value, lane.value) for lane in LaneName],
    )
    reason = models.CharField(max_length=600, blank=True)

    def __str__(self) -> str:
        return str(self.pk)


class Answer(models.TextChoices):
    """A reader's first answer."""

    AUTHENTIC = "authentic", "Authentic"
    SUSPICIOUS = "suspicious", "Suspicious"
    CANNOT_TELL = "cannot_tell", "Cannot tell"


class Read(BaseModel):
    """A sealed first answer. Never changed.

    mode: blind_first only if this reader had seen no evidence of the case.
    seal_sha256: of the answer's canonical JSON with `salt`; the log holds it, so that
    the note may be erased and the entry stays true.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reads")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reads"
    )
    mode = models.CharField(max_length=16, choices=ReadingMode.choices)
    answer = models.CharField(max_length=12, choices=Answer.choices)
    confidence = models.PositiveSmallIntegerField()
    reason_codes = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    note = models.TextField(blank=True)
    opened_at = models.DateTimeField(null=True)
    sealed_at = models.DateTimeField()
    salt = models.CharField(max_length=64)
    seal_sha256 = models.CharField(max_length=64)
    log_position = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "reader"], name="one_sealed_read_per_reader"
            ),
            models.CheckConstraint(
                condition=models.Q(confidence__gte=1, confidence__lte=5),
                name="confidence_is_1_to_5",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Decision(models.TextChoices):
    """A verdict on the system's opinion."""

    CONFIRM = "confirm", "Confirm"
    OVERRULE = "overrule", "Overrule"
    INCONCLUSIVE = "inconclusive", "Inconclusive"


class Outcome(models.TextChoices):
    """What the label will say of the film."""

    AUTHENTIC = "authentic", "Authentic"
    SUSPICIOUS = "suspicious", "Suspicious"
    INCONCLUSIVE = "inconclusive", "Inconclusive"


class Verdict(BaseModel):
    """The final answer beside the first, never over it. Never changed.

    flagged, suspicion, pipeline_version, models_digest: the opinion the reader saw.
    """

    read = models.OneToOneField(Read, on_delete=models.PROTECT, related_name="verdict")
    decision = models.CharField(max_length=12, choices=Decision.choices)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    reason_codes = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    note = models.TextField(blank=True)
    changed_mind_code = models.CharField(max_length=40, blank=True)
    flagged = models.BooleanField()
    suspicion = models.FloatField(null=True)
    pipeline_version = models.CharField(max_length=32, blank=True)
    models_digest = models.CharField(max_length=64, blank=True)
    filed_at = models.DateTimeField()
    salt = models.CharField(max_length=64)
    verdict_sha256 = models.CharField(max_length=64)
    log_position = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return str(self.pk)
