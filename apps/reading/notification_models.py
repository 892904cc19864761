"""What a person is told of, and whether they have looked."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.core.models import BaseModel


class NotificationKind(models.TextChoices):
    """Why a person is told."""

    ASSIGNED = "assigned", "Cases were given to you"
    ASKED = "asked", "A colleague asks you"
    REPLIED = "replied", "A colleague replied"
    # Whatever became of its files; the other one while some still wait.
    UPLOAD_FINISHED = "upload_finished", "Your upload is through"
    UPLOAD_QUARANTINED = "upload_quarantined", "Files of yours are in quarantine"


ABOUT_CASES = (
    NotificationKind.ASSIGNED,
    NotificationKind.ASKED,
    NotificationKind.REPLIED,
)
ABOUT_UPLOADS = (
    NotificationKind.UPLOAD_FINISHED,
    NotificationKind.UPLOAD_QUARANTINED,
)


class Notification(BaseModel):
    """One line under a person's bell. Never on the log: what it tells of is there.

    Holds ids and counts alone: names and words are read when it is served.

    told_at: when it was told last; an upload keeps one line, told again as it changes.
    case: the first one, where several were given at once (`count`).
    cases: the ids of all of them, so that what is taken away again can be taken back.
    count, quarantined: cases given; files of an upload, and how many are in quarantine.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    site = models.ForeignKey(
        "accounts.Site", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=20, choices=NotificationKind.choices)
    is_read = models.BooleanField(default=False)
    told_at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    case = models.ForeignKey(
        "reading.Case", on_delete=models.CASCADE, null=True, related_name="+"
    )
    cases = models.JSONField(default=list)
    question = models.ForeignKey(
        "reading.Question", on_delete=models.CASCADE, null=True, related_name="+"
    )
    upload = models.ForeignKey(
        "imaging.Upload", on_delete=models.CASCADE, null=True, related_name="+"
    )
    count = models.PositiveIntegerField(default=1)
    quarantined = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "question"],
                condition=models.Q(question__isnull=False),
                name="one_notification_per_question",
            ),
            models.UniqueConstraint(
                fields=["user", "upload"],
                condition=models.Q(upload__isnull=False),
                name="one_notification_per_upload",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-told_at", "-id"], name="notification_newest")
        ]

    def __str__(self) -> str:
        return str(self.pk)
