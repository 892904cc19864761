"""What the registry of devices takes and answers."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from cryptography import x509
from ninja import Field, Schema
from pydantic import AwareDatetime, StringConstraints

from apps.accounts.models import User
from apps.audit.models import Event
from apps.core.schemas import PersonOut
from apps.imaging.device_models import (
    Authority,
    CertificateState,
    Device,
    DeviceCertificate,
    DeviceState,
    RevocationList,
    RevocationReason,
    StoredCertificate,
)
from apps.imaging.device_selectors import certificates_of, state_of_device
from workers.dicom.signatures.certificates import describe
from workers.dicom.signatures.enrolment import CertificateRole, Remark

# Above what is read as a certificate or list: those refuse by name what is too large.
Pasted = Annotated[str, StringConstraints(max_length=3_000_000)]
Short = Annotated[str, StringConstraints(max_length=64, strip_whitespace=True)]


class InspectIn(Schema):
    """What was pasted or dropped: PEM, or Base64 of DER; to be enrolled as what."""

    content: Pasted
    role: CertificateRole = CertificateRole.DEVICE


class CertificateFacts(Schema):
    """What a certificate says of itself. sha256: its fingerprint, of its DER.

    starts_at, ends_at: its validity.
    """

    sha256: str
    subject: str
    issuer: str
    serial_number: str
    key: str
    starts_at: dt.datetime
    ends_at: dt.datetime

    @classmethod
    def of(cls, certificate: x509.Certificate) -> CertificateFacts:
        """Return the facts of a certificate that is not kept yet."""
        known = describe(certificate)
        return cls(
            sha256=known.sha256,
            subject=known.subject,
            issuer=known.issuer,
            serial_number=f"{known.serial_number:x}",
            key=known.key,
            starts_at=known.valid_from,
            ends_at=known.valid_until,
        )


class RemarkOut(Schema):
    """What stands against a certificate; a refusal, or else a warning."""

    code: str
    text: str
    is_refusal: bool

    @classmethod
    def of(cls, remark: Remark) -> RemarkOut:
        """Return the shape of a remark."""
        return cls(code=remark.code, text=remark.text, is_refusal=remark.is_refusal)


class InspectOut(Schema):
    """A certificate before it is enrolled."""

    certificate: CertificateFacts
    remarks: list[RemarkOut]


class DeviceFactsIn(Schema):
    """What a device is called, as its images name it."""

    name: Annotated[str, StringConstraints(max_length=80, strip_whitespace=True)]
    manufacturer: Short
    serial_number: Short
    model_name: Short = ""
    ae_title: Annotated[
        str, StringConstraints(max_length=16, strip_whitespace=True)
    ] = ""


class CertificateIn(Schema):
    """A certificate, and the part of its validity in which it counts; null: all."""

    certificate: Pasted
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None


class EnrolIn(DeviceFactsIn, CertificateIn):
    """A device to enrol."""


class ChangeIn(DeviceFactsIn):
    """What a device is called from now on. version: the one that was looked at."""

    version: int


class ReplaceIn(CertificateIn):
    """Another certificate of a device. version: the one that was looked at."""

    version: int


class RevokeIn(Schema):
    """Which certificate counts no more, why and since when."""

    certificate_id: uuid.UUID
    reason: RevocationReason
    revoked_at: AwareDatetime
    note: Annotated[
        str,
        StringConstraints(max_length=300, strip_whitespace=True, pattern=r"^[^\x00]*$"),
    ] = ""


class RetireIn(Schema):
    """version: the one that was looked at."""

    version: int


class PastedIn(Schema):
    """A certificate of an authority, or a revocation list."""

    content: Pasted


class CertificateOut(CertificateFacts):
    """A certificate of a device, and what it is worth.

    valid_from, valid_until: when it counts as the device's.
    """

    id: uuid.UUID
    state: CertificateState
    valid_from: dt.datetime
    valid_until: dt.datetime
    approved_by: PersonOut
    approved_at: dt.datetime
    ended_by: PersonOut | None
    ended_at: dt.datetime | None
    revoked_at: dt.datetime | None
    reason: RevocationReason | None
    note: str

    @classmethod
    def of_row(cls, row: DeviceCertificate) -> CertificateOut:
        """Return the shape of a certificate whose people are loaded."""
        return cls(
            **_stored(row),
            id=row.pk,
            state=CertificateState(row.state),
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            approved_by=_person(row.approved_by),
            approved_at=row.approved_at,
            ended_by=_person(row.ended_by) if row.ended_by else None,
            ended_at=row.ended_at,
            revoked_at=row.revoked_at,
            reason=RevocationReason(row.reason) if row.reason else None,
            note=row.note,
        )


class DeviceOut(Schema):
    """A device of the registry. certificate: the current one, else the last."""

    id: uuid.UUID
    name: str
    manufacturer: str
    model_name: str
    serial_number: str
    ae_title: str
    state: DeviceState
    version: int
    enrolled_at: dt.datetime
    enrolled_by: PersonOut
    retired_at: dt.datetime | None
    certificate: CertificateOut

    @classmethod
    def of(cls, device: Device) -> DeviceOut:
        """Return the shape of a device that a selector loaded."""
        return cls(**_device_fields(device))


class DeviceEventOut(Schema):
    """One entry of the log about a device. changes: what was and what is, by field."""

    position: int
    kind: str
    label: str
    occurred_at: dt.datetime
    actor: PersonOut | None
    changes: dict[str, tuple[str, str]] = Field(default_factory=dict)

    @classmethod
    def of(cls, event: Event) -> DeviceEventOut:
        """Return the shape of an event whose actor is loaded."""
        return cls(
            position=event.position,
            kind=event.kind,
            label=event.get_kind_display(),
            occurred_at=event.occurred_at,
            actor=_person(event.actor) if event.actor else None,
            changes={
                field: (str(event.data[f"{field}_was"]), str(value))
                for field, value in event.data.items()
                if f"{field}_was" in event.data and field != "certificate"
            },
        )


class DeviceDetail(DeviceOut):
    """A device with all its certificates and what happened to it, newest first."""

    certificates: list[CertificateOut]
    history: list[DeviceEventOut]

    @classmethod
    def of_all(cls, device: Device, events: list[Event]) -> DeviceDetail:
        """Return the shape of a device that a selector loaded."""
        return cls(
            **_device_fields(device),
            certificates=[CertificateOut.of_row(r) for r in certificates_of(device)],
            history=[DeviceEventOut.of(event) for event in events],
        )


class RevocationListOut(Schema):
    """A revocation list of an authority."""

    id: uuid.UUID
    sha256: str
    number: str
    this_update: dt.datetime
    next_update: dt.datetime | None
    entries: int
    is_current: bool
    added_at: dt.datetime
    added_by: PersonOut

    @classmethod
    def of(cls, row: RevocationList) -> RevocationListOut:
        """Return the shape of a list whose person is loaded."""
        return cls(
            id=row.pk,
            sha256=row.sha256,
            number=row.number,
            this_update=row.this_update,
            next_update=row.next_update,
            entries=row.entries,
            is_current=row.is_current,
            added_at=row.created_at,
            added_by=_person(row.uploaded_by),
        )


class AddedListOut(RevocationListOut):
    """A list that was added, and the devices whose certificates it revoked here."""

    authority_id: uuid.UUID
    revoked_devices: list[uuid.UUID]


class AuthorityOut(CertificateFacts):
    """An authority with its lists, the newest first."""

    id: uuid.UUID
    added_at: dt.datetime
    added_by: PersonOut
    withdrawn_at: dt.datetime | None
    withdrawn_by: PersonOut | None
    lists: list[RevocationListOut]

    @classmethod
    def of_row(cls, row: Authority) -> AuthorityOut:
        """Return the shape of an authority that a selector loaded."""
        return cls(
            **_stored(row),
            id=row.pk,
            added_at=row.created_at,
            added_by=_person(row.added_by),
            withdrawn_at=row.withdrawn_at,
            withdrawn_by=_person(row.withdrawn_by) if row.withdrawn_by else None,
            lists=[RevocationListOut.of(one) for one in row.revocation_lists.all()],
        )


def _stored(row: StoredCertificate) -> dict[str, Any]:
    fields = CertificateFacts.model_fields
    return {field: getattr(row, field) for field in fields}


def _device_fields(device: Device) -> dict[str, Any]:
    return {
        "id": device.pk,
        "name": device.name,
        "manufacturer": device.manufacturer,
        "model_name": device.model_name,
        "serial_number": device.serial_number,
        "ae_title": device.ae_title,
        "state": state_of_device(device),
        "version": device.version,
        "enrolled_at": device.created_at,
        "enrolled_by": _person(device.enrolled_by),
        "retired_at": device.retired_at,
        "certificate": CertificateOut.of_row(certificates_of(device)[0]),
    }


def _person(user: User) -> PersonOut:
    return PersonOut(id=user.pk, display_name=str(user))
