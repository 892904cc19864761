"""Devices and authorities of the registry, for tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.models import Event
from apps.core.errors import RequestError
from apps.imaging.device_models import (
    Authority,
    Device,
    DeviceCertificate,
    DeviceState,
    RevocationList,
)
from apps.imaging.device_selectors import get_device, state_of_device
from apps.imaging.services.authorities import add_authority
from apps.imaging.services.devices import DeviceFacts, enrol_device
from tests.pure.signatures.keys import Key, make_certificate, make_key

DAY = dt.timedelta(days=1)
FACTS = DeviceFacts(
    name="Room 3",
    manufacturer="Test Works",
    serial_number="SN-1",
    model_name="Ray 2",
    ae_title="ROOM3",
)


def make_cert(
    number: int = 0,
    *,
    issuer: tuple[Key, x509.Certificate] | None = None,
    name: str = "Device 1",
    ends_in: dt.timedelta = 400 * DAY,
    starts: dt.timedelta = -30 * DAY,
) -> x509.Certificate:
    """Return a certificate that is valid today."""
    now = timezone.now().replace(microsecond=0)
    return make_certificate(
        make_key("p256", number),
        name,
        issuer=issuer,
        valid_from=now + starts,
        valid_until=now + ends_in,
    )


def make_root(name: str = "Root", number: int = 50) -> tuple[Key, x509.Certificate]:
    """Return an authority's key and certificate."""
    now = timezone.now().replace(microsecond=0)
    key = make_key("p256", number)
    root = make_certificate(
        key,
        name,
        is_authority=True,
        valid_from=now - 30 * DAY,
        valid_until=now + 900 * DAY,
    )
    return key, root


def enrol(
    actor: User,
    *,
    certificate: x509.Certificate | None = None,
    facts: DeviceFacts = FACTS,
) -> Device:
    """Return a device that `actor` enrolled at their site."""
    assert actor.site is not None
    return enrol_device(
        site=actor.site,
        actor=actor,
        facts=facts,
        certificate=certificate or make_cert(),
    )


def vouch(actor: User, root: x509.Certificate) -> Authority:
    """Return an authority that `actor` added at their site."""
    assert actor.site is not None
    return add_authority(site=actor.site, actor=actor, certificate=root)


def refusal_of(deed: Callable[..., Any], **fields: Any) -> str:
    """Return the code of the refusal, which left no row and no event."""
    before = _list_rows()
    with pytest.raises(RequestError) as refusal:
        deed(**fields)
    assert _list_rows() == before
    return refusal.value.code


def _list_rows() -> list[list[Any]]:
    tables = (Event, Device, DeviceCertificate, Authority, RevocationList)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def state_now(device: Device, user: User) -> DeviceState:
    """Return where a device stands, as `user` sees it."""
    return state_of_device(get_device(user=user, device_id=device.pk))


def newest_event() -> Event:
    """Return the last entry of the log."""
    return Event.objects.order_by("-position")[0]
