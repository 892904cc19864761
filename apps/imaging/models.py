"""Patients, studies, series, images, and the uploads they arrived in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.accounts.models import Department, Site
from apps.core.models import BaseModel
from apps.imaging.device_models import Authority as Authority
from apps.imaging.device_models import Device as Device
from apps.imaging.device_models import DeviceCertificate as DeviceCertificate
from apps.imaging.device_models import RevocationList as RevocationList
from workers.types import FileFormat


class Patient(BaseModel):
    """Who a film is filed under, as its header or the sender says. PHI."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    patient_id = models.CharField(max_length=64)
    name = models.CharField(max_length=324, blank=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=16, blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "patient_id"], name="patient_id_unique_in_site"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Study(BaseModel):
    """One study of one patient; read in one department only."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="studies"
    )
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="studies"
    )
    study_instance_uid = models.CharField(max_length=64)
    accession_number = models.CharField(max_length=64, blank=True)
    claim_reference = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=200, blank=True)
    study_date = models.DateField(null=True)
    modality = models.CharField(max_length=16, blank=True)
    manufacturer = models.CharField(max_length=120, blank=True)
    patient_age_years = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            # The same UID under two patients is two studies: a forged header must not
            # be able to pull films into another patient's study.
            models.UniqueConstraint(
                fields=["site", "patient", "study_instance_uid"],
                name="study_uid_unique_for_patient",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Series(BaseModel):
    """One series of a study."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="series")
    series_instance_uid = models.CharField(max_length=64)
    modality = models.CharField(max_length=16, blank=True)
    number = models.IntegerField(null=True)
    body_part = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "series_instance_uid"], name="series_uid_unique"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Image(BaseModel):
    """One film, photograph or slice: an object of the store that decodes to pixels."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="images")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="images")
    sop_class_uid = models.CharField(max_length=64, blank=True)
    sop_instance_uid = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    pixel_sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField()
    format = models.CharField(
        max_length=8, choices=[(item.value, item.value) for item in FileFormat]
    )
    file_name = models.CharField(max_length=255, blank=True)
    rows = models.PositiveIntegerField()
    columns = models.PositiveIntegerField()
    frame_count = models.PositiveIntegerField(default=1)
    number = models.IntegerField(null=True)
    view_position = models.CharField(max_length=16, blank=True)
    laterality = models.CharField(max_length=16, blank=True)
    log_position = models.PositiveBigIntegerField(null=True)

    class Meta:
        constraints = [
            # The same object twice is one object.
            models.UniqueConstraint(
                fields=["site", "sha256"], name="object_unique_in_site"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ImagePlane(BaseModel):
    """Where the frames of an image lie in the patient; only where its file says so.

    normal: unit vector [x, y, z] in patient coordinates. positions_mm: of each frame
    along it. As `workers.dicom.plane.SlicePlane`.
    """

    image = models.OneToOneField(Image, on_delete=models.CASCADE, related_name="plane")
    frame_of_reference_uid = models.CharField(max_length=64, blank=True)
    normal = models.JSONField()
    positions_mm = models.JSONField()

    def __str__(self) -> str:
        return str(self.pk)


class UploadSource(models.TextChoices):
    """The door an upload came through."""

    BROWSER = "browser", "Browser"
    API = "api", "API"
    STOW = "stow", "STOW-RS"
    COMMAND = "command", "Command line"


class UploadState(models.TextChoices):
    """Whether files are still expected or waiting."""

    OPEN = "open", "Open"
    SETTLED = "settled", "Settled"
    CANCELLED = "cancelled", "Cancelled"


class Upload(BaseModel):
    """A batch of files sent together."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    source = models.CharField(max_length=8, choices=UploadSource.choices)
    claim_reference = models.CharField(max_length=64, blank=True)
    expected_files = models.PositiveIntegerField(null=True)
    is_cancelled = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["site", "-created_at"], name="upload_recent")]

    def __str__(self) -> str:
        return str(self.pk)


class ItemStatus(models.TextChoices):
    """Where one file of an upload stands."""

    RECEIVED = "received", "Received"
    UNPACKING = "unpacking", "Unpacking"
    STORED = "stored", "Stored"
    DUPLICATE = "duplicate", "Duplicate"
    QUARANTINED = "quarantined", "Quarantined"
    CANCELLED = "cancelled", "Cancelled"


PENDING_STATUSES = (ItemStatus.RECEIVED, ItemStatus.UNPACKING)


class UploadItem(BaseModel):
    """One received file. Its bytes are in the store before the row exists.

    queued_at: when its task was last sent.
    lease_until: a worker holds the item until then; later another may take it.
    code, reason: why it is quarantined, for machines and for people, without PHI.
    """

    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="items")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="members"
    )
    member_index = models.PositiveIntegerField(null=True)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    status = models.CharField(
        max_length=12, choices=ItemStatus.choices, default=ItemStatus.RECEIVED
    )
    code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    image = models.ForeignKey(
        Image, on_delete=models.PROTECT, null=True, related_name="upload_items"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "member_index"], name="archive_member_once"
            )
        ]
        indexes = [
            models.Index(fields=["upload", "created_at", "id"], name="item_upload"),
            models.Index(
                fields=["queued_at"],
                name="item_pending",
                condition=models.Q(status__in=["received", "unpacking"]),
            ),
            models.Index(
                fields=["-created_at", "id"],
                name="item_quarantine",
                condition=models.Q(status="quarantined"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
