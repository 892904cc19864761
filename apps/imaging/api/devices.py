"""HTTP doorways of the registry: leads may look, administrators change it."""

from __future__ import annotations

import uuid
from typing import Literal

from cryptography import x509
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from apps.accounts.auth import user_of
from apps.accounts.models import Site, User
from apps.accounts.permissions import Permission, require
from apps.core.errors import Invalid, TooLarge
from apps.core.schemas import Page, SearchText
from apps.imaging.device_models import RevocationReason
from apps.imaging.device_schemas import (
    AddedListOut,
    AuthorityOut,
    CertificateFacts,
    CertificateIn,
    ChangeIn,
    DeviceDetail,
    DeviceFactsIn,
    DeviceOut,
    EnrolIn,
    InspectIn,
    InspectOut,
    PastedIn,
    RemarkOut,
    ReplaceIn,
    RetireIn,
    RevocationListOut,
    RevokeIn,
)
from apps.imaging.device_selectors import (
    get_authority,
    get_device,
    list_authorities,
    list_device_events,
    list_devices,
)
from apps.imaging.services.authorities import (
    add_authority,
    add_revocation_list,
    withdraw_authority,
)
from apps.imaging.services.devices import (
    DeviceFacts,
    Validity,
    change_device,
    enrol_device,
    replace_certificate,
    retire_device,
    revoke_certificate,
)
from workers.dicom.signatures.enrolment import judge_certificate
from workers.dicom.signatures.pasted import (
    PastedError,
    read_pasted_certificate,
    read_pasted_crl,
)

router = Router(tags=["devices"])


class DeviceQuery(Schema):
    """Which devices. attention: no certificate that is valid for another month."""

    q: SearchText = ""
    shown: Literal["in_use", "attention", "retired", "all"] = "in_use"
    cursor: str | None = None
    limit: int = 100


@router.get("/devices", response=Page[DeviceOut])
def read_devices(request: HttpRequest, wanted: Query[DeviceQuery]) -> Page[DeviceOut]:
    """List the site's devices by name."""
    user, _ = _viewer(request)
    devices, next_cursor = list_devices(
        user=user,
        text=wanted.q,
        shown=wanted.shown,
        cursor=wanted.cursor,
        limit=wanted.limit,
    )
    return Page(items=[DeviceOut.of(d) for d in devices], next_cursor=next_cursor)


@router.post("/devices", response={201: DeviceDetail})
def enrol(request: HttpRequest, payload: EnrolIn) -> Status[DeviceDetail]:
    """Enrol a device with its certificate."""
    user, site = _manager(request)
    device = enrol_device(
        site=site,
        actor=user,
        facts=_facts(payload),
        certificate=_certificate(payload.certificate),
        validity=_validity(payload),
    )
    return Status(201, _detail(user, device.pk))


@router.post("/devices/inspect", response=InspectOut)
def inspect(request: HttpRequest, payload: InspectIn) -> InspectOut:
    """Tell what a certificate says, and what stands against it; nothing is kept."""
    _manager(request)
    certificate = _certificate(payload.content)
    remarks = judge_certificate(certificate, role=payload.role, now=timezone.now())
    return InspectOut(
        certificate=CertificateFacts.of(certificate),
        remarks=[RemarkOut.of(remark) for remark in remarks],
    )


@router.get("/devices/authorities", response=list[AuthorityOut])
def read_authorities(request: HttpRequest) -> list[AuthorityOut]:
    """List the site's authorities with their revocation lists."""
    user, _ = _viewer(request)
    return [AuthorityOut.of_row(row) for row in list_authorities(user=user)]


@router.post("/devices/authorities", response={201: AuthorityOut})
def post_authority(request: HttpRequest, payload: PastedIn) -> Status[AuthorityOut]:
    """Add an authority, whose signers are known by name and whose lists count."""
    user, site = _manager(request)
    row = add_authority(
        site=site, actor=user, certificate=_certificate(payload.content)
    )
    return Status(201, AuthorityOut.of_row(row))


@router.post("/devices/authorities/{authority_id}/withdraw", response=AuthorityOut)
def withdraw(request: HttpRequest, authority_id: uuid.UUID) -> AuthorityOut:
    """Withdraw an authority."""
    user, _ = _manager(request)
    authority = get_authority(user=user, authority_id=authority_id)
    return AuthorityOut.of_row(withdraw_authority(authority=authority, actor=user))


@router.post("/devices/revocation-lists", response={201: AddedListOut})
def post_revocation_list(
    request: HttpRequest, payload: PastedIn
) -> Status[AddedListOut]:
    """Add the revocation list of an authority; it says itself of which."""
    user, site = _manager(request)
    try:
        crl = read_pasted_crl(payload.content.encode())
    except PastedError as error:
        raise _refused(error) from None
    row, touched = add_revocation_list(site=site, actor=user, crl=crl)
    shape = RevocationListOut.of(row)
    return Status(
        201,
        AddedListOut(
            **shape.model_dump(),
            authority_id=row.authority_id,
            revoked_devices=touched,
        ),
    )


@router.get("/devices/{device_id}", response=DeviceDetail)
def read_device(request: HttpRequest, device_id: uuid.UUID) -> DeviceDetail:
    """Tell of one device, its certificates and what happened to it."""
    user, _ = _viewer(request)
    return _detail(user, device_id)


@router.put("/devices/{device_id}", response=DeviceDetail)
def change(
    request: HttpRequest, device_id: uuid.UUID, payload: ChangeIn
) -> DeviceDetail:
    """Change what a device is called."""
    user, _ = _manager(request)
    change_device(
        device=get_device(user=user, device_id=device_id),
        actor=user,
        version=payload.version,
        facts=_facts(payload),
    )
    return _detail(user, device_id)


@router.post("/devices/{device_id}/certificate", response=DeviceDetail)
def replace(
    request: HttpRequest, device_id: uuid.UUID, payload: ReplaceIn
) -> DeviceDetail:
    """Give a device another certificate; the one it had counts until now."""
    user, _ = _manager(request)
    replace_certificate(
        device=get_device(user=user, device_id=device_id),
        actor=user,
        version=payload.version,
        certificate=_certificate(payload.certificate),
        validity=_validity(payload),
    )
    return _detail(user, device_id)


@router.post("/devices/{device_id}/revoke", response=DeviceDetail)
def revoke(
    request: HttpRequest, device_id: uuid.UUID, payload: RevokeIn
) -> DeviceDetail:
    """Revoke a certificate of a device: nothing of it counts any more."""
    user, _ = _manager(request)
    if payload.reason == RevocationReason.LISTED:
        raise Invalid("Only a revocation list gives this reason.", code="bad_reason")
    revoke_certificate(
        device=get_device(user=user, device_id=device_id),
        actor=user,
        certificate_id=payload.certificate_id,
        reason=payload.reason,
        revoked_at=payload.revoked_at,
        note=payload.note,
    )
    return _detail(user, device_id)


@router.post("/devices/{device_id}/retire", response=DeviceDetail)
def retire(
    request: HttpRequest, device_id: uuid.UUID, payload: RetireIn
) -> DeviceDetail:
    """Take a device out of use; what it signed before still counts."""
    user, _ = _manager(request)
    device = get_device(user=user, device_id=device_id)
    retire_device(device=device, actor=user, version=payload.version)
    return _detail(user, device_id)


def _viewer(request: HttpRequest) -> tuple[User, Site]:
    return require(user_of(request), Permission.VIEW_DEVICES)


def _manager(request: HttpRequest) -> tuple[User, Site]:
    return require(user_of(request), Permission.MANAGE_DEVICES)


def _detail(user: User, device_id: uuid.UUID) -> DeviceDetail:
    device = get_device(user=user, device_id=device_id)
    return DeviceDetail.of_all(device, list_device_events(device=device))


def _facts(payload: DeviceFactsIn) -> DeviceFacts:
    return DeviceFacts(
        name=payload.name,
        manufacturer=payload.manufacturer,
        serial_number=payload.serial_number,
        model_name=payload.model_name,
        ae_title=payload.ae_title,
    )


def _validity(payload: CertificateIn) -> Validity:
    return Validity(payload.valid_from, payload.valid_until)


def _certificate(content: str) -> x509.Certificate:
    try:
        return read_pasted_certificate(content.encode())
    except PastedError as error:
        raise _refused(error) from None


def _refused(error: PastedError) -> Invalid | TooLarge:
    refusal = TooLarge if error.code == "too_large" else Invalid
    return refusal(error.message, code=error.code)
