"""Films that were signed for a verdict (DICOM PS3.15 C.3, Authorization Profile)."""

from __future__ import annotations

from django.db import models

from apps.core.models import BaseModel


class FilmAuthorization(BaseModel):
    """A signed copy of a film that its reader holds to be authentic. Never changed.

    sha256: of the signed file in the object store. signature_uid: of the signature in
    it. It stays what it was if the verdict is amended later: that is on the log.
    """

    verdict = models.ForeignKey(
        "reading.Verdict", on_delete=models.PROTECT, related_name="authorizations"
    )
    image = models.ForeignKey(
        "imaging.Image", on_delete=models.PROTECT, related_name="+"
    )
    sha256 = models.CharField(max_length=64)
    signature_uid = models.CharField(max_length=64)
    certificate_sha256 = models.CharField(max_length=64)
    certificate_subject = models.CharField(max_length=512)
    signed_at = models.DateTimeField()
    log_position = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["verdict", "image"], name="film_authorized_once_per_verdict"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
