"""What one reader asks another about a case, and the reply. Neither is changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.core.models import BaseModel


class Question(BaseModel):
    """That a reader asked a colleague about a case.

    note: may be empty. Served to the two of them alone; see asking_selectors.py when.
    asker_informed: whether the asker could know the system's opinion or others' answers
    when writing the note.
    read_at: when the note was first served to the colleague.
    note_sha256: of the note with `salt`; the log holds it, so that the note may be
    erased and the entry stays true.
    """

    case = models.ForeignKey(
        "reading.Case", on_delete=models.PROTECT, related_name="questions"
    )
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    note = models.TextField(blank=True)
    asker_informed = models.BooleanField()
    asked_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    salt = models.CharField(max_length=64)
    note_sha256 = models.CharField(max_length=64)
    log_position = models.PositiveBigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["asked", "-asked_at", "-id"], name="question_asked")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Reply(BaseModel):
    """The colleague's answer; there is one.

    read_at: when it was first served to who had asked.
    """

    question = models.OneToOneField(
        Question, on_delete=models.PROTECT, related_name="reply"
    )
    text = models.TextField()
    replied_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    salt = models.CharField(max_length=64)
    reply_sha256 = models.CharField(max_length=64)
    log_position = models.PositiveBigIntegerField()

    class Meta:
        verbose_name_plural = "replies"

    def __str__(self) -> str:
        return str(self.pk)
