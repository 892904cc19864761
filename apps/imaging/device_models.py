"""The registry of devices whose signatures count, and who vouches for others.

Rows are never deleted: what was trusted when must stay answerable. What a certificate
was worth ends by a new state, with when, why and by whom.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.accounts.models import Site
from apps.core.models import BaseModel
from workers.dicom.signatures.enrolment import EXPIRES_SOON


class CertificateState(models.TextChoices):
    """What a certificate of a device is worth."""

    CURRENT = "current", "Current"
    REPLACED = "replaced", "Replaced"
    RETIRED = "retired", "Retired with its device"
    REVOKED = "revoked", "Revoked"


class RevocationReason(models.TextChoices):
    """Why nothing of a certificate is trusted any more (after RFC 5280 5.3.1)."""

    KEY_COMPROMISE = "key_compromise", "The key was stolen, lost or copied"
    DEVICE_COMPROMISE = "device_compromise", "The device was tampered with"
    WRONG_DEVICE = "wrong_device", "Enrolled by mistake, or as another device"
    CEASED = "ceased", "The device is not ours any more"
    LISTED = "listed", "An authority's revocation list names it"
    OTHER = "other", "Another reason"


class DeviceState(models.TextChoices):
    """Where a device stands, as its list says it."""

    TRUSTED = "trusted", "Trusted"
    EXPIRES_SOON = "expires_soon", "Certificate expires soon"
    EXPIRED = "expired", "Certificate expired"
    REVOKED = "revoked", "Certificate revoked"
    RETIRED = "retired", "Retired"


class Device(BaseModel):
    """A device that signs its films, or for which a gateway signs.

    manufacturer, serial_number: as its images name them; a signed image that names
    another is a finding. version: counts up with every change.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    manufacturer = models.CharField(max_length=64)
    model_name = models.CharField(max_length=64, blank=True)
    serial_number = models.CharField(max_length=64)
    ae_title = models.CharField(max_length=16, blank=True)
    version = models.PositiveIntegerField(default=1)
    enrolled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"],
                condition=models.Q(retired_at=None),
                name="device_name_unique_in_site",
            ),
            models.UniqueConstraint(
                fields=["site", "manufacturer", "serial_number"],
                condition=models.Q(retired_at=None),
                name="device_serial_unique_in_site",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StoredCertificate(BaseModel):
    """What is kept of any certificate. starts_at, ends_at: its own validity."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    der = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    subject = models.CharField(max_length=400)
    issuer = models.CharField(max_length=400)
    serial_number = models.CharField(max_length=48)
    key = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        abstract = True


class DeviceCertificate(StoredCertificate):
    """A certificate of a device.

    valid_from, valid_until: when it counts as the device's. ended_at: when it was
    replaced, retired or revoked here, and by whom. revoked_at: since when its key is
    not to be trusted, as the person who revoked it states. note: may hold anything, and
    is not on the log.
    """

    device = models.ForeignKey(
        Device, on_delete=models.PROTECT, related_name="certificates"
    )
    state = models.CharField(
        max_length=8, choices=CertificateState.choices, default=CertificateState.CURRENT
    )
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(
        max_length=20, choices=RevocationReason.choices, blank=True
    )
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "sha256"], name="certificate_unique_in_site"
            ),
            models.UniqueConstraint(
                fields=["device"],
                condition=models.Q(state="current"),
                name="one_current_certificate_a_device",
            ),
            models.CheckConstraint(
                condition=models.Q(state="revoked", revoked_at__isnull=False)
                | (~models.Q(state="revoked") & models.Q(revoked_at=None)),
                name="revoked_certificate_says_since_when",
            ),
            models.CheckConstraint(
                condition=models.Q(state="current", ended_at=None)
                | (~models.Q(state="current") & models.Q(ended_at__isnull=False)),
                name="ended_certificate_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.sha256


class Authority(StoredCertificate):
    """An authority: who signed with a certificate of its making is known by name, and
    its revocation lists count. It makes nobody a trusted device."""

    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "sha256"],
                condition=models.Q(withdrawn_at=None),
                name="authority_unique_in_site",
            )
        ]

    def __str__(self) -> str:
        return self.sha256


class RevocationList(BaseModel):
    """A revocation list that an authority signed. number: decimal, empty if it has none
    (it has up to 20 octets). is_current: the newest one is what counts."""

    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="revocation_lists"
    )
    der = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    number = models.CharField(max_length=50, blank=True)
    this_update = models.DateTimeField()
    next_update = models.DateTimeField(null=True)
    entries = models.PositiveIntegerField()
    is_current = models.BooleanField(default=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority"],
                condition=models.Q(is_current=True),
                name="one_current_list_an_authority",
            )
        ]

    def __str__(self) -> str:
        return self.sha256


def state_of(
    device: Device, newest: DeviceCertificate | None, now: dt.datetime
) -> DeviceState:
    """Return where a device stands. newest: its current certificate, else the last one
    that ended."""
    if device.retired_at is not None:
        return DeviceState.RETIRED
    if newest is None or newest.state != CertificateState.CURRENT:
        return DeviceState.REVOKED
    if now > newest.valid_until:
        return DeviceState.EXPIRED
    if newest.valid_until - now <= EXPIRES_SOON:
        return DeviceState.EXPIRES_SOON
    return DeviceState.TRUSTED
