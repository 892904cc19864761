"""Writes on the registry of devices: enrol, change, replace, revoke, retire."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from cryptography import x509
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Site, User
from apps.audit.models import EventKind
from apps.audit.services import append_event, lock_log
from apps.core.errors import Conflict, Invalid, NotFound
from apps.imaging.device_models import (
    Authority,
    CertificateState,
    Device,
    DeviceCertificate,
    RevocationList,
    RevocationReason,
)
from workers.dicom.signatures.certificates import (
    describe,
    find_revocation,
    load_certificate,
    load_crl,
)
from workers.dicom.signatures.enrolment import CertificateRole, judge_certificate

MAX_NAME = 400
# A clock that is a little ahead is no lie.
CLOCK_LEEWAY = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class DeviceFacts:
    """What a device is called. manufacturer, serial_number, ae_title: as its images
    name them, without spaces around them."""

    name: str
    manufacturer: str
    serial_number: str
    model_name: str = ""
    ae_title: str = ""


@dataclass(frozen=True)
class Validity:
    """From when until when a certificate counts as the device's; None: as long as the
    certificate itself is valid."""

    valid_from: dt.datetime | None = None
    valid_until: dt.datetime | None = None


ALL_OF_IT = Validity()


@transaction.atomic
def enrol_device(
    *,
    site: Site,
    actor: User,
    facts: DeviceFacts,
    certificate: x509.Certificate,
    validity: Validity = ALL_OF_IT,
) -> Device:
    """Return the new device with its certificate; one event.

    Raises Invalid (`bad_device`, `bad_validity`, and the refusals of
    `judge_certificate`), Conflict (`duplicate_device`, `duplicate_name`,
    `duplicate_certificate`, `revoked_by_list`).
    """
    lock_log()
    _check_facts(facts)
    _refuse_taken(site, facts)
    device = Device.objects.create(site=site, enrolled_by=actor, **asdict(facts))
    row = _approve(device, actor, certificate, validity)
    append_event(
        kind=EventKind.DEVICE_ENROLLED,
        site=site,
        actor=actor,
        subject=f"device:{device.pk}",
        data={**asdict(facts), **_certificate_facts(row)},
    )
    return device


@transaction.atomic
def change_device(
    *, device: Device, actor: User, version: int, facts: DeviceFacts
) -> Device:
    """Return the device as it is called now; one event, unless nothing changes.

    What was said of films analysed before stays as it is. Raises Invalid
    (`bad_device`), Conflict (`duplicate_device`, `duplicate_name`, `device_retired`,
    `device_changed`).
    """
    locked = _lock(device, version)
    _check_facts(facts)
    _refuse_taken(locked.site, facts, but=locked)
    before = {field: getattr(locked, field) for field in asdict(facts)}
    changed = [
        field for field, value in asdict(facts).items() if value != before[field]
    ]
    if not changed:
        return locked
    for field in changed:
        setattr(locked, field, getattr(facts, field))
    _save(locked)
    append_event(
        kind=EventKind.DEVICE_CHANGED,
        site=locked.site,
        actor=actor,
        subject=f"device:{locked.pk}",
        data={
            **{field: getattr(facts, field) for field in changed},
            **{f"{field}_was": before[field] for field in changed},
        },
    )
    return locked


@transaction.atomic
def replace_certificate(
    *,
    device: Device,
    actor: User,
    version: int,
    certificate: x509.Certificate,
    validity: Validity = ALL_OF_IT,
) -> Device:
    """Return the device with a new certificate; the one it had counts until now.

    Also after a revocation, when it has none. Raises as `enrol_device` of the
    certificate, and Conflict (`device_retired`, `device_changed`).
    """
    locked = _lock(device, version)
    was = _end_current(locked, actor, CertificateState.REPLACED)
    row = _approve(locked, actor, certificate, validity)
    _save(locked)
    append_event(
        kind=EventKind.CERTIFICATE_REPLACED,
        site=locked.site,
        actor=actor,
        subject=f"device:{locked.pk}",
        data={**_certificate_facts(row), "certificate_was": was.sha256 if was else ""},
    )
    return locked


@transaction.atomic
def revoke_certificate(
    *,
    device: Device,
    actor: User,
    certificate_id: uuid.UUID,
    reason: RevocationReason,
    revoked_at: dt.datetime,
    note: str = "",
) -> Device:
    """Return the device, of which this certificate, current or not, counts for nothing.

    Not for want of a version: who revokes must not be held up. Raises NotFound, Invalid
    (`revoked_in_future`), Conflict (`certificate_revoked`).
    """
    lock_log()
    row = (
        DeviceCertificate.objects.select_for_update(of=("self",))
        .select_related("device__site")
        .filter(pk=certificate_id, device=device)
        .first()
    )
    if row is None:
        raise NotFound("The device has no such certificate.")
    if row.state == CertificateState.REVOKED:
        raise Conflict("It was revoked before.", code="certificate_revoked")
    if revoked_at > timezone.now() + CLOCK_LEEWAY:
        raise Invalid("The date lies in the future.", code="revoked_in_future")
    revoke_row(row=row, actor=actor, reason=reason, revoked_at=revoked_at, note=note)
    return row.device


def revoke_row(
    *,
    row: DeviceCertificate,
    actor: User,
    reason: RevocationReason,
    revoked_at: dt.datetime,
    note: str = "",
) -> None:
    """Revoke a locked certificate: its row, its device's version, one event."""
    row.state = CertificateState.REVOKED
    row.ended_by, row.ended_at = actor, timezone.now()
    row.revoked_at, row.reason, row.note = revoked_at, reason, note
    row.save()
    _save(row.device)
    append_event(
        kind=EventKind.CERTIFICATE_REVOKED,
        site=row.device.site,
        actor=actor,
        subject=f"device:{row.device_id}",
        data={
            "certificate": row.sha256,
            "reason": reason.value,
            "revoked_at": revoked_at.astimezone(dt.UTC).isoformat(),
        },
    )


@transaction.atomic
def retire_device(*, device: Device, actor: User, version: int) -> Device:
    """Return the device, out of use from now; what it signed before still counts.

    Raises Conflict (`device_retired`, `device_changed`).
    """
    locked = _lock(device, version)
    was = _end_current(locked, actor, CertificateState.RETIRED)
    locked.retired_at = timezone.now()
    _save(locked)
    append_event(
        kind=EventKind.DEVICE_RETIRED,
        site=locked.site,
        actor=actor,
        subject=f"device:{locked.pk}",
        data={"certificate_was": was.sha256 if was else ""},
    )
    return locked


def list_revoked_by(
    lists: Iterable[tuple[Authority, RevocationList]], certificate: x509.Certificate
) -> dt.datetime | None:
    """Return since when one of these lists revokes a certificate, None if none does."""
    pairs = list(lists)
    return find_revocation(
        certificate,
        issuers=[load_certificate(bytes(authority.der)) for authority, _ in pairs],
        crls=[load_crl(bytes(held.der)) for _, held in pairs],
    )


def _approve(
    device: Device, actor: User, certificate: x509.Certificate, validity: Validity
) -> DeviceCertificate:
    now = timezone.now()
    for remark in judge_certificate(certificate, role=CertificateRole.DEVICE, now=now):
        if remark.is_refusal:
            raise Invalid(remark.text, code=remark.code)
    known = describe(certificate)
    twin = (
        DeviceCertificate.objects.select_related("device")
        .filter(site=device.site, sha256=known.sha256)
        .first()
    )
    if twin is not None:
        raise Conflict(
            f"This certificate was enrolled before, for {twin.device.name}.",
            code="duplicate_certificate",
        )
    _refuse_listed(device.site, certificate)
    starts = validity.valid_from or known.valid_from
    ends = validity.valid_until or known.valid_until
    if not known.valid_from <= starts < ends <= known.valid_until:
        raise Invalid(
            "The validity must lie within that of the certificate.",
            code="bad_validity",
        )
    return DeviceCertificate.objects.create(
        device=device,
        site=device.site,
        approved_by=actor,
        approved_at=now,
        valid_from=starts,
        valid_until=ends,
        **stored_fields(certificate),
    )


def stored_fields(certificate: x509.Certificate) -> dict[str, object]:
    """Return the columns of a stored certificate."""
    known = describe(certificate)
    return {
        "der": known.der,
        "sha256": known.sha256,
        "subject": known.subject[:MAX_NAME],
        "issuer": known.issuer[:MAX_NAME],
        "serial_number": f"{known.serial_number:x}"[:48],
        "key": known.key[:40],
        "starts_at": known.valid_from,
        "ends_at": known.valid_until,
    }


def _certificate_facts(row: DeviceCertificate) -> dict[str, str]:
    return {
        "certificate": row.sha256,
        "valid_from": row.valid_from.astimezone(dt.UTC).isoformat(),
        "valid_until": row.valid_until.astimezone(dt.UTC).isoformat(),
    }


def _refuse_listed(site: Site, certificate: x509.Certificate) -> None:
    held = RevocationList.objects.select_related("authority").filter(
        authority__site=site, authority__withdrawn_at=None, is_current=True
    )
    since = list_revoked_by([(one.authority, one) for one in held], certificate)
    if since is not None:
        raise Conflict(
            f"Its authority's revocation list revoked it on {since:%Y-%m-%d}.",
            code="revoked_by_list",
        )


def _check_facts(facts: DeviceFacts) -> None:
    for field in ("name", "manufacturer", "serial_number"):
        if not getattr(facts, field).strip():
            raise Invalid(
                "Name, manufacturer and serial number must be given: films are held"
                " against them.",
                code="bad_device",
            )
    for value in asdict(facts).values():
        # DICOM's LO and AE know no backslash and no control characters (PS3.5 6.2).
        if "\\" in value or not value.isprintable():
            raise Invalid("A backslash cannot be part of it.", code="bad_device")
    if not facts.ae_title.isascii():
        raise Invalid("An AE title is of ASCII characters.", code="bad_device")


def _refuse_taken(site: Site, facts: DeviceFacts, but: Device | None = None) -> None:
    others = Device.objects.filter(site=site, retired_at=None)
    if but is not None:
        others = others.exclude(pk=but.pk)
    twin = others.filter(
        manufacturer__iexact=facts.manufacturer,
        serial_number__iexact=facts.serial_number,
    ).first()
    if twin is not None:
        raise Conflict(
            f"{twin.name} has this manufacturer and serial number.",
            code="duplicate_device",
        )
    if others.filter(name__iexact=facts.name).exists():
        raise Conflict("Another device has this name.", code="duplicate_name")


def _lock(device: Device, version: int) -> Device:
    lock_log()
    locked = (
        Device.objects.select_for_update(of=("self",))
        .select_related("site")
        .get(pk=device.pk)
    )
    if locked.retired_at is not None:
        raise Conflict("The device is retired.", code="device_retired")
    if locked.version != version:
        raise Conflict(
            "Somebody changed this device meanwhile. Look at it again.",
            code="device_changed",
        )
    return locked


def _save(device: Device) -> None:
    device.version += 1
    device.save()


def _end_current(
    device: Device, actor: User, state: CertificateState
) -> DeviceCertificate | None:
    """Return the certificate that was the current one, ended now, or None."""
    now = timezone.now()
    row = device.certificates.filter(state=CertificateState.CURRENT).first()
    if row is None:
        return None
    row.state, row.ended_by, row.ended_at = state, actor, now
    row.valid_until = min(row.valid_until, now)
    row.save()
    return row
