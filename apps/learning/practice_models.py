"""Films with a known truth, and what readers answered about them while practising.

Nothing here is clinical: a practice film has no patient, case or analysis run, and no
answer reaches a label, a worklist, a figure of the department or the log.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Site
from apps.core.models import BaseModel
from apps.reading.models import Answer

# A film whose lanes did not all speak after so many attempts is left without them.
MAX_ATTEMPTS = 4


class PracticeTruth(models.TextChoices):
    """What a practice film is."""

    AUTHENTIC = "authentic", _("Authentic")
    GENERATED = "generated", _("Generated")
    ALTERED = "altered", _("Altered")


class PracticeKind(models.TextChoices):
    """What was done to a practice film; its truth follows."""

    UNTOUCHED = "untouched", _("Untouched film")
    REPROCESSED = "reprocessed", _("Authentic film, processed again")
    WHOLE_FILM = "whole_film", _("Whole film generated")
    REGION_GENERATED = "region_generated", _("Region painted in by a generator")
    REGION_COPIED = "region_copied", _("Region copied within the film")
    REGION_SPLICED = "region_spliced", _("Region taken from another film")
    REGION_REMOVED = "region_removed", _("Region removed")


TRUTH_OF_KIND: dict[str, PracticeTruth] = {
    PracticeKind.UNTOUCHED: PracticeTruth.AUTHENTIC,
    PracticeKind.REPROCESSED: PracticeTruth.AUTHENTIC,
    PracticeKind.WHOLE_FILM: PracticeTruth.GENERATED,
    PracticeKind.REGION_GENERATED: PracticeTruth.ALTERED,
    PracticeKind.REGION_COPIED: PracticeTruth.ALTERED,
    PracticeKind.REGION_SPLICED: PracticeTruth.ALTERED,
    PracticeKind.REGION_REMOVED: PracticeTruth.ALTERED,
}


class PracticeFilm(BaseModel):
    """A film of a site's practice set, with its truth. Its bytes lie in the store.

    description: what the reader is told before the answer ("Chest PA").
    kind, regions: never changed, since answers were judged by them; the rest may be.
    regions: [{row, column, height, width, frame}] of what was altered, image pixels.
    reason_codes: those that tell this film for what it is.
    evidence: what the lanes say, see `services.practice_films`; None until they did.
    lease_until, attempts: of the task that asks the lanes.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    pixel_sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    columns = models.PositiveIntegerField()
    frame_count = models.PositiveIntegerField(default=1)
    modality = models.CharField(max_length=16, blank=True)
    description = models.CharField(
        max_length=80,
        help_text=_("What the reader is told before the answer, as “Chest PA”."),
    )
    kind = models.CharField(max_length=20, choices=PracticeKind.choices)
    regions = models.JSONField(
        default=list,
        blank=True,
        help_text=_(
            "Boxes of the altered parts: "
            '[{"row": 10, "column": 20, "height": 80, "width": 60}]'
        ),
    )
    reason_codes = models.JSONField(
        default=list, blank=True, help_text=_('As ["uniform_grain", "smooth_bone"].')
    )
    explanation = models.TextField(
        max_length=1000, help_text=_("What to see; shown right after the answer.")
    )
    is_active = models.BooleanField(default=True)
    evidence = models.JSONField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "sha256"], name="practice_film_once_per_site"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def truth(self) -> PracticeTruth:
        """Return what the film is."""
        return TRUTH_OF_KIND[self.kind]

    @property
    def lanes_failed(self) -> bool:
        """Return whether nothing will ask the lanes again, and they never spoke."""
        is_held = self.lease_until is not None and self.lease_until > timezone.now()
        return self.evidence is None and self.attempts >= MAX_ATTEMPTS and not is_held

    @property
    def right_answer(self) -> Answer:
        """Return the answer that is right; "cannot tell" never is."""
        is_authentic = self.truth == PracticeTruth.AUTHENTIC
        return Answer.AUTHENTIC if is_authentic else Answer.SUSPICIOUS


def random_seed() -> str:
    """Return 128 random bits as hex."""
    return secrets.token_hex(16)


class PracticeSession(BaseModel):
    """One walk of a reader through films in an order that is secret to them.

    seed: the order follows from it; never served.
    ended_at: None while it may be gone on with; a reader has one such at most.
    """

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="practice_sessions",
    )
    seed = models.CharField(max_length=32, default=random_seed)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reader"],
                condition=models.Q(ended_at=None),
                name="one_open_practice_per_reader",
            )
        ]
        indexes = [
            models.Index(fields=["reader", "-created_at"], name="practice_recent")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class PracticeItem(BaseModel):
    """A film of a session, and the answer once it is given; then it never changes.

    Its id, not the film's, is in addresses: it is another in every session.
    """

    session = models.ForeignKey(
        PracticeSession, on_delete=models.CASCADE, related_name="items"
    )
    film = models.ForeignKey(PracticeFilm, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    answer = models.CharField(max_length=12, choices=Answer.choices, blank=True)
    confidence = models.PositiveSmallIntegerField(null=True)
    reason_codes = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "position"], name="practice_place_once"
            ),
            models.UniqueConstraint(
                fields=["session", "film"], name="practice_film_once"
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at=None, answer="", confidence=None)
                | models.Q(answered_at__isnull=False, confidence__range=(1, 5)),
                name="practice_answer_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_right(self) -> bool:
        """Return whether the answer is right. 1 query unless the film is loaded."""
        return self.answer == self.film.right_answer
