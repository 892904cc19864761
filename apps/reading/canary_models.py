"""Canaries: films of known truth among the cases. In tables of their own.

No case, list, label or event points here, so that none can leak it: only what asks
these tables learns that a case is a canary, and that is apps.reading.canaries.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.accounts.models import Department, Site
from apps.core.models import BaseModel
from workers.types import FileFormat


class Truth(models.TextChoices):
    """What a stocked film is known to be."""

    AUTHENTIC = "authentic", "Authentic"
    GENERATED = "generated", "Generated as a whole"
    ALTERED = "altered", "Altered in a part"


class CanaryFilm(BaseModel):
    """A film of known truth, in stock for one department; released at most once.

    sha256: of its bytes in the object store, as they were given; a DICOM film is
    released with another header, so this digest never shows up anywhere else.
    phashes, aspect: as the reuse index keeps them.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="+"
    )
    sha256 = models.CharField(max_length=64)
    pixel_sha256 = models.CharField(max_length=64)
    phashes = models.JSONField()
    aspect = models.FloatField()
    format = models.CharField(
        max_length=8, choices=[(item.value, item.value) for item in FileFormat]
    )
    truth = models.CharField(max_length=9, choices=Truth.choices)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "pixel_sha256"], name="canary_picture_once_in_site"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ReleaseStage(models.TextChoices):
    """Where a drawn release stands."""

    DRAWN = "drawn", "Drawn"
    RELEASED = "released", "Released"
    DROPPED = "dropped", "Dropped"


class CanaryRelease(BaseModel):
    """That a canary was drawn after a case was opened, and what became of that.

    after: the ordinary case that was drawn; the canary comes in by the same door.
    due_at: when it is to come in. film, sha256: set once released; the digest of the
    bytes that were sent in. case: set when their case is opened.
    """

    after = models.OneToOneField(
        "reading.Case", on_delete=models.PROTECT, related_name="+"
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="+"
    )
    due_at = models.DateTimeField()
    stage = models.CharField(
        max_length=8, choices=ReleaseStage.choices, default=ReleaseStage.DRAWN
    )
    film = models.OneToOneField(
        CanaryFilm, on_delete=models.PROTECT, null=True, related_name="release"
    )
    sha256 = models.CharField(max_length=64, blank=True)
    case = models.OneToOneField(
        "reading.Case", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="canary_drawn",
                condition=models.Q(stage="drawn"),
            ),
            models.Index(fields=["sha256"], name="canary_sha256"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class CanaryResult(BaseModel):
    """What a reader made of a canary: recorded with the first verdict, never changed.

    Nobody is told before the case is closed.
    """

    release = models.ForeignKey(
        CanaryRelease, on_delete=models.PROTECT, related_name="results"
    )
    read = models.OneToOneField(
        "reading.Read", on_delete=models.PROTECT, related_name="+"
    )
    truth = models.CharField(max_length=9, choices=Truth.choices)
    first_answer = models.CharField(max_length=12)
    outcome = models.CharField(max_length=12)

    def __str__(self) -> str:
        return str(self.pk)
