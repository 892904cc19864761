"""Cases on worklists, sealed reads, verdicts."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.accounts.models import Department, ReadingMode, Site
from apps.core.models import BaseModel
from apps.imaging.models import Study
from apps.reading import asking_models as asking_models
from apps.reading import audit_models as audit_models
from apps.reading import authorization_models as authorization_models
from apps.reading import canary_models as canary_models
from apps.reading import notification_models as notification_models
from apps.reading.claim_kinds import ClaimKind as ClaimKind
from apps.reading.list_models import NO_OPINION, CaseWord, TriagePlace, words_of
from apps.reading.personal_models import Draft as Draft
from apps.reading.presence_models import Presence as Presence
from apps.reading.priorities import TIME_TO_READ as TIME_TO_READ
from apps.reading.priorities import Priority as Priority
from apps.reading.reason_models import ReasonCode as ReasonCode
from apps.reading.reason_models import ReasonGroup as ReasonGroup
from apps.reading.view_models import SavedView as SavedView
from apps.reading.words import fold
from workers.types import LaneName


class CaseState(models.TextChoices):
    """Where a case stands. `in_read` is not stored: `ready` under a live claim. Not
    everyone is told of `adjudication`: see `selectors.state_for_caller`."""

    ANALYSING = "analysing", "Analysing"
    READY = "ready", "Ready"
    SEALED = "sealed", "Sealed"
    SECOND_READ = "second_read", "Second read"
    ADJUDICATION = "adjudication", "Adjudication"
    DONE = "done", "Done"


# Keys of one priority class: routine 0 and up, urgent below 0, stat below those.
SHUFFLE_SPAN = 2**62
OPEN_STATES = (
    CaseState.ANALYSING,
    CaseState.READY,
    CaseState.SEALED,
    CaseState.SECOND_READ,
    CaseState.ADJUDICATION,
)
# A random share is kept and compared in thousandths.
DRAWS = 1000


class SecondReadReason(models.TextChoices):
    """Why a case needs another reader. Never served: most of these are a hint."""

    ALWAYS = "always", "Always"
    RANDOM = "random", "Drawn at random"
    DISAGREEMENT = "disagreement", "The first reader overruled the system"
    REOPENED = "reopened", "Re-opened"
    AUDIT = "audit", "Drawn for an audit"
    LATE_IMAGE = "late_image", "An image came after the answers"


def random_draw() -> int:
    """Return 0 to 999, at ingest: it cannot depend on what the lanes will say."""
    return secrets.randbelow(DRAWS)


def random_shuffle_key() -> int:
    """Return a place in the blind order that tells nothing of the case."""
    return secrets.randbelow(SHUFFLE_SPAN)


class Case(models.Model):
    """A study on its department's worklist; it has the study's id.

    Holds nothing of the system's opinion, so that no list of cases can leak it: that
    lies in CaseOpinion.

    second_read_draw: below the share (in thousandths) the case gets a second reader.
    readers_wanted: how many readers must have filed a verdict before it can be closed.
    round: counts re-openings; an adjudication settles the round it was made in.
    claim_kind: of the newest claim; it stays when that ends.
    """

    study = models.OneToOneField(
        Study, on_delete=models.PROTECT, primary_key=True, related_name="case"
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="cases"
    )
    state = models.CharField(
        max_length=12, choices=CaseState.choices, default=CaseState.ANALYSING
    )
    received_at = models.DateTimeField(default=timezone.now)
    shuffle_key = models.BigIntegerField(default=random_shuffle_key)
    second_read_draw = models.PositiveSmallIntegerField(default=random_draw)
    second_read_reason = models.CharField(
        max_length=12, choices=SecondReadReason.choices, blank=True
    )
    readers_wanted = models.PositiveSmallIntegerField(default=1)
    round = models.PositiveSmallIntegerField(default=1)
    image_count = models.PositiveIntegerField(default=0)
    lanes_done = models.PositiveIntegerField(default=0)
    lanes_total = models.PositiveIntegerField(default=0)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    claim_expires_at = models.DateTimeField(null=True)
    claim_kind = models.CharField(max_length=8, choices=ClaimKind.choices, blank=True)
    priority = models.SmallIntegerField(
        choices=Priority.choices, default=Priority.ROUTINE
    )
    version = models.PositiveIntegerField(default=1)
    # What lists are sorted and filtered by, beside the case: a join for a million rows
    # cannot be walked in order. A study's name and modality never change.
    # UTF-8: bytes have one order, whatever the database's locale.
    patient_key = models.BinaryField(max_length=64, default=b"")
    modality = models.CharField(max_length=16, blank=True)
    # A number, since an index does not serve a bare boolean on SQLite.
    is_open = models.GeneratedField(
        expression=models.Case(models.When(state="done", then=0), default=1),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )

    class Meta:
        # All begin with the department: then a query that names cases by id and no
        # department can only be served by the primary key (see worklist.py).
        indexes = [
            models.Index(
                fields=["department", "state", "received_at", "study"],
                name="case_state_received",
            ),
            models.Index(
                fields=["department", "is_open", "received_at", "study"],
                name="case_received",
            ),
            models.Index(
                fields=["department", "is_open", "shuffle_key", "study"],
                name="case_shuffled",
            ),
            models.Index(
                fields=["department", "is_open", "patient_key", "study"],
                name="case_patient",
            ),
            models.Index(
                fields=["department", "is_open", "modality", "received_at", "study"],
                name="case_modality",
            ),
            models.Index(
                fields=["department", "is_open", "modality", "shuffle_key", "study"],
                name="case_modality_shuffled",
            ),
            models.Index(fields=["department", "claim_expires_at"], name="case_claims"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def save(self, *args: Any, **options: Any) -> None:
        """Save, and keep what lists are walked by in step: 1 query more, 3 if new."""
        is_new = self._state.adding
        if is_new:
            self.patient_key = fold(self.study.patient.name).encode()[:64]
            self.modality = self.study.modality
        super().save(*args, **options)
        changed = options.get("update_fields")
        is_open = int(self.state != CaseState.DONE)
        if is_new:
            TriagePlace.objects.create(
                case=self, department_id=self.department_id, is_open=is_open
            )
            CaseWord.objects.bulk_create(words_of(self.pk, self.study))
        elif changed is None or "state" in changed:
            TriagePlace.objects.filter(case=self).update(is_open=is_open)


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

    def save(self, *args: Any, **options: Any) -> None:
        """Save, and move the case in the order of suspicion."""
        super().save(*args, **options)
        TriagePlace.objects.filter(case_id=self.case_id).update(
            suspicion_rank=self.suspicion_rank, is_flagged=int(self.flagged)
        )


class Answer(models.TextChoices):
    """A reader's first answer."""

    AUTHENTIC = "authentic", "Authentic"
    SUSPICIOUS = "suspicious", "Suspicious"
    CANNOT_TELL = "cannot_tell", "Cannot tell"


class ReadKind(models.TextChoices):
    """Whose turn a read was."""

    FIRST = "first", "First reader"
    SECOND = "second", "Second reader"
    LATER = "later", "Later reader, not asked for by the policy"
    AUDIT = "audit", "Audit of a triage department"


class Read(BaseModel):
    """A sealed first answer. Never changed.

    mode: blind_first only if this reader had seen no evidence of the case.
    policy, policy_version: the department's policy when the answer was sealed.
    reason_words: [{code, label, version}] as the reasons were worded then.
    opened_at: the last look at the case that the log held when it was sealed.
    seal_sha256: of the answer's canonical JSON with `salt`; the log holds it, so that
    the note may be erased and the entry stays true.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reads")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reads"
    )
    mode = models.CharField(max_length=16, choices=ReadingMode.choices)
    kind = models.CharField(
        max_length=6, choices=ReadKind.choices, default=ReadKind.FIRST
    )
    policy = models.JSONField(default=dict)
    policy_version = models.PositiveIntegerField(default=1)
    answer = models.CharField(max_length=12, choices=Answer.choices)
    confidence = models.PositiveSmallIntegerField()
    reason_codes = models.JSONField(default=list)
    reason_words = models.JSONField(default=list)
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

    An amendment is another row, which names the one it replaces; the newest of a read
    is the one that no row replaces (`replaced_by`).

    amend_reason: why; free text, never served to other readers nor put on the log.
    counts: False if nobody had asked for it and the case had ended; it settles nothing.
    flagged, suspicion, pipeline_version, models_digest: the opinion the reader saw.
    """

    read = models.ForeignKey(Read, on_delete=models.PROTECT, related_name="verdicts")
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by"
    )
    amend_reason = models.TextField(blank=True)
    decision = models.CharField(max_length=12, choices=Decision.choices)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    reason_codes = models.JSONField(default=list)
    reason_words = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    note = models.TextField(blank=True)
    changed_mind_code = models.CharField(max_length=40, blank=True)
    counts = models.BooleanField(default=True)
    flagged = models.BooleanField()
    suspicion = models.FloatField(null=True)
    pipeline_version = models.CharField(max_length=32, blank=True)
    models_digest = models.CharField(max_length=64, blank=True)
    filed_at = models.DateTimeField()
    salt = models.CharField(max_length=64)
    verdict_sha256 = models.CharField(max_length=64)
    log_position = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            # With the one-to-one above: a read's verdicts form one chain.
            models.UniqueConstraint(
                fields=["read"],
                condition=models.Q(replaces=None),
                name="one_first_verdict_per_read",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Adjudication(BaseModel):
    """The final outcome of a case whose readers differ. Never changed.

    round: of the case; a re-opened case may be adjudicated again.
    verdicts: ids of the verdicts that were settled, as they stood.
    """

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="adjudications"
    )
    adjudicator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    round = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    reason_codes = models.JSONField(default=list)
    note = models.TextField()
    verdicts = models.JSONField(default=list)
    filed_at = models.DateTimeField()
    salt = models.CharField(max_length=64)
    adjudication_sha256 = models.CharField(max_length=64)
    log_position = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round"], name="one_adjudication_per_round"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Reopening(BaseModel):
    """That a lead sent a closed case to another reader, and why. Never changed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reopenings")
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    round = models.PositiveSmallIntegerField()
    reason = models.TextField()
    reopened_at = models.DateTimeField()
    salt = models.CharField(max_length=64)
    reason_sha256 = models.CharField(max_length=64)
    log_position = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return str(self.pk)
