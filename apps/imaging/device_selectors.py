"""Reads on the registry of devices; everything is cut to the person's site here."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.models import Event, EventKind
from apps.core.errors import NotFound
from apps.core.pagination import (
    bad_cursor,
    clamp_limit,
    decode_cursor,
    encode_cursor,
)
from apps.imaging.device_models import (
    Authority,
    CertificateState,
    Device,
    DeviceCertificate,
    DeviceState,
    RevocationList,
    state_of,
)
from workers.dicom.signatures.enrolment import EXPIRES_SOON
from workers.types import EnrolledCertificate, EnrolledDevice, SignatureTrust

MAX_ROWS = 200
DEVICE_EVENTS = (
    EventKind.DEVICE_ENROLLED,
    EventKind.DEVICE_CHANGED,
    EventKind.CERTIFICATE_REPLACED,
    EventKind.CERTIFICATE_REVOKED,
    EventKind.DEVICE_RETIRED,
)


def signature_trust_of(*, site_id: uuid.UUID) -> SignatureTrust:
    """Return whose signatures count at a site now. 3 queries.

    Retired devices are among them: what they signed while in use still counts.
    """
    rows = (
        DeviceCertificate.objects.filter(site=site_id)
        .select_related("device")
        .only(*_TRUST_FIELDS)
        .order_by("device_id", "sha256")
    )
    held: dict[Device, list[EnrolledCertificate]] = defaultdict(list)
    for row in rows:
        held[row.device].append(
            EnrolledCertificate(
                sha256=row.sha256,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                revoked_at=row.revoked_at,
            )
        )
    live = Authority.objects.filter(site=site_id, withdrawn_at=None)
    lists = RevocationList.objects.filter(
        authority__site=site_id, authority__withdrawn_at=None, is_current=True
    )
    return SignatureTrust(
        devices=tuple(_enrolled(device, known) for device, known in held.items()),
        anchors=_ders(live.order_by("sha256").values_list("der", flat=True)),
        crls=_ders(lists.order_by("sha256").values_list("der", flat=True)),
    )


_TRUST_FIELDS = (
    *("sha256", "valid_from", "valid_until", "revoked_at"),
    *(
        f"device__{field}"
        for field in ("name", "manufacturer", "serial_number", "ae_title")
    ),
)


def _enrolled(device: Device, known: list[EnrolledCertificate]) -> EnrolledDevice:
    return EnrolledDevice(
        device_id=str(device.pk),
        name=device.name,
        manufacturer=device.manufacturer,
        serial_number=device.serial_number,
        ae_title=device.ae_title,
        certificates=tuple(known),
    )


def _ders(values: Iterable[bytes | memoryview]) -> tuple[bytes, ...]:
    # PostgreSQL hands out memoryviews.
    return tuple(bytes(value) for value in values)


def list_devices(
    *, user: User, text: str, shown: str, cursor: str | None, limit: int
) -> tuple[list[Device], str | None]:
    """Return a page of the site's devices by name, certificates loaded. 2 queries.

    shown: in_use, attention (no certificate that is valid for another month), retired
    or all.
    """
    devices = _with_certificates(Device.objects.filter(site=user.site))
    devices = _cut(devices, shown).order_by("name", "id")
    if text:
        devices = devices.filter(
            Q(name__icontains=text)
            | Q(manufacturer__icontains=text)
            | Q(model_name__icontains=text)
            | Q(serial_number__icontains=text)
            | Q(ae_title__icontains=text)
        )
    if cursor:
        name, last_id = _read_name_cursor(cursor)
        devices = devices.filter(Q(name__gt=name) | Q(name=name, id__gt=last_id))
    limit = clamp_limit(limit)
    page = list(devices[: limit + 1])
    more = len(page) > limit
    page = page[:limit]
    last = page[-1] if page else None
    following = encode_cursor([last.name, str(last.pk)]) if more and last else None
    return page, following


def get_device(*, user: User, device_id: uuid.UUID) -> Device:
    """Return a device of the user's site. Raises NotFound. 2 queries."""
    devices = _with_certificates(Device.objects.filter(site=user.site, pk=device_id))
    device = devices.first()
    if device is None:
        raise NotFound("There is no such device.")
    return device


def certificates_of(device: Device) -> list[DeviceCertificate]:
    """Return a loaded device's certificates: the current one, then from the one that
    ended last."""
    return sorted(
        device.certificates.all(),
        key=lambda row: (
            row.state != CertificateState.CURRENT,
            -(row.ended_at or row.approved_at).timestamp(),
        ),
    )


def state_of_device(device: Device) -> DeviceState:
    """Return where a loaded device stands now."""
    newest = next(iter(certificates_of(device)), None)
    return state_of(device, newest, timezone.now())


def list_device_events(*, device: Device) -> list[Event]:
    """Return what happened to a device, newest first. 1 query."""
    events = Event.objects.filter(
        site=device.site_id, kind__in=DEVICE_EVENTS, subject=f"device:{device.pk}"
    )
    return list(events.select_related("actor").order_by("-position")[:MAX_ROWS])


def list_authorities(*, user: User) -> list[Authority]:
    """Return the site's authorities, those in force first, each with its lists, newest
    first. 2 queries."""
    lists = RevocationList.objects.select_related("uploaded_by").defer("der")
    rows = (
        Authority.objects.filter(site=user.site)
        .select_related("added_by", "withdrawn_by")
        .defer("der")
        .prefetch_related(
            Prefetch("revocation_lists", queryset=lists.order_by("-created_at"))
        )
    )
    return sorted(
        rows, key=lambda row: (row.withdrawn_at is not None, row.subject.casefold())
    )


def get_authority(*, user: User, authority_id: uuid.UUID) -> Authority:
    """Return an authority of the user's site. Raises NotFound. 1 query."""
    found = Authority.objects.filter(site=user.site, pk=authority_id)
    authority = found.select_related("site").first()
    if authority is None:
        raise NotFound("There is no such authority.")
    return authority


def _with_certificates(devices: QuerySet[Device]) -> QuerySet[Device]:
    rows = DeviceCertificate.objects.select_related("approved_by", "ended_by")
    return devices.select_related("site", "enrolled_by").prefetch_related(
        Prefetch("certificates", queryset=rows.defer("der"))
    )


def _cut(devices: QuerySet[Device], shown: str) -> QuerySet[Device]:
    if shown == "retired":
        return devices.exclude(retired_at=None)
    if shown == "all":
        return devices
    in_use = devices.filter(retired_at=None)
    if shown != "attention":
        return in_use
    good = DeviceCertificate.objects.filter(
        device=OuterRef("pk"),
        state=CertificateState.CURRENT,
        valid_until__gt=timezone.now() + EXPIRES_SOON,
    )
    return in_use.exclude(Exists(good))


def _read_name_cursor(cursor: str) -> tuple[str, uuid.UUID]:
    name, last_id = decode_cursor(cursor, length=2)
    if not isinstance(name, str) or not isinstance(last_id, str) or "\0" in name:
        raise bad_cursor()
    try:
        return name, uuid.UUID(last_id)
    except ValueError as error:
        raise bad_cursor() from error
