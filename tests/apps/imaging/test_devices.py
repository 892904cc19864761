"""The registry of devices: what is enrolled, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from django.utils import timezone

from apps.accounts.models import Role, User
from apps.audit.models import Event, EventKind
from apps.imaging.device_models import (
    CertificateState,
    Device,
    DeviceCertificate,
    DeviceState,
    RevocationReason,
)
from apps.imaging.device_selectors import (
    signature_trust_of,
)
from apps.imaging.services.devices import (
    Validity,
    change_device,
    enrol_device,
    replace_certificate,
    retire_device,
    revoke_certificate,
)
from tests.apps.imaging.registry import (
    DAY,
    FACTS,
    enrol,
    make_cert,
    make_root,
    newest_event,
    refusal_of,
    state_now,
)
from tests.conftest import Hospital

pytestmark = pytest.mark.django_db


# --- enrol ----------------------------------------------------------------------------


def test_an_enrolled_device_is_trusted_from_then_on(hospital: Hospital) -> None:
    certificate = make_cert()
    device = enrol(hospital.ada, certificate=certificate)
    (known,) = signature_trust_of(site_id=hospital.site.pk).devices
    assert known.device_id == str(device.pk)
    assert (known.name, known.manufacturer) == ("Room 3", "Test Works")
    assert (known.serial_number, known.ae_title) == ("SN-1", "ROOM3")
    (held,) = known.certificates
    assert held.sha256 == certificate.fingerprint(SHA256()).hex()
    assert held.valid_from == certificate.not_valid_before_utc
    assert held.valid_until == certificate.not_valid_after_utc
    assert held.revoked_at is None
    assert state_now(device, hospital.ada) == DeviceState.TRUSTED
    row = device.certificates.get()
    assert (row.approved_by, row.state) == (hospital.ada, CertificateState.CURRENT)


def test_every_change_is_an_event_of_who_and_what(hospital: Hospital) -> None:
    first, second = make_cert(1), make_cert(2)
    device = enrol(hospital.ada, certificate=first)
    event = newest_event()
    assert event.kind == EventKind.DEVICE_ENROLLED
    assert (event.actor, event.subject) == (hospital.ada, f"device:{device.pk}")
    assert event.data["certificate"] == first.fingerprint(SHA256()).hex()
    assert event.data["serial_number"] == "SN-1"

    device = change_device(
        device=device,
        actor=hospital.ada,
        version=1,
        facts=replace(FACTS, serial_number="SN-2"),
    )
    event = newest_event()
    assert event.kind == EventKind.DEVICE_CHANGED
    assert event.data == {"serial_number": "SN-2", "serial_number_was": "SN-1"}

    device = replace_certificate(
        device=device, actor=hospital.ada, version=2, certificate=second
    )
    event = newest_event()
    assert event.kind == EventKind.CERTIFICATE_REPLACED
    assert event.data["certificate"] == second.fingerprint(SHA256()).hex()
    assert event.data["certificate_was"] == first.fingerprint(SHA256()).hex()

    revoke_certificate(
        device=device,
        actor=hospital.ada,
        certificate_id=device.certificates.get(state="current").pk,
        reason=RevocationReason.KEY_COMPROMISE,
        revoked_at=timezone.now(),
        note="Left on Mr Doe's desk",
    )
    event = newest_event()
    assert event.kind == EventKind.CERTIFICATE_REVOKED
    assert event.data["reason"] == "key_compromise"
    assert "Doe" not in event.leaf

    device.refresh_from_db()
    retire_device(device=device, actor=hospital.ada, version=device.version)
    assert newest_event().kind == EventKind.DEVICE_RETIRED
    assert DeviceCertificate.objects.count() == 2


def test_a_change_that_changes_nothing_is_no_event(hospital: Hospital) -> None:
    device = enrol(hospital.ada)
    count = Event.objects.count()
    same = change_device(device=device, actor=hospital.ada, version=1, facts=FACTS)
    assert (same.version, Event.objects.count()) == (1, count)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"name": " "}, "bad_device"),
        ({"serial_number": ""}, "bad_device"),
        ({"manufacturer": ""}, "bad_device"),
        ({"serial_number": "A\\B"}, "bad_device"),
        ({"name": "Room\n3"}, "bad_device"),
        ({"ae_title": "RÖNTGEN"}, "bad_device"),
        ({"name": "Other", "serial_number": "sn-1"}, "duplicate_device"),
        ({"name": "room 3", "serial_number": "SN-9"}, "duplicate_name"),
    ],
)
def test_facts_that_cannot_be_are_refused(
    facts: dict[str, str], code: str, hospital: Hospital
) -> None:
    enrol(hospital.ada)
    wanted: dict[str, Any] = {
        "site": hospital.site,
        "actor": hospital.ada,
        "facts": replace(FACTS, **facts),
        "certificate": make_cert(1),
    }
    assert refusal_of(enrol_device, **wanted) == code
    other = enrol(
        hospital.ada,
        certificate=make_cert(2),
        facts=replace(FACTS, name="Room 4", serial_number="SN-4"),
    )
    change = {"device": other, "actor": hospital.ada, "version": 1}
    assert refusal_of(change_device, facts=wanted["facts"], **change) == code


def test_certificates_that_cannot_be_are_refused(hospital: Hospital) -> None:
    taken = make_cert(1)
    enrol(hospital.ada, certificate=taken)
    refused = {
        "expired": make_cert(2, starts=-90 * DAY, ends_in=-DAY),
        "not_yet_valid": make_cert(3, starts=DAY),
        "certificate_authority": make_root()[1],
        "duplicate_certificate": taken,
    }
    facts = replace(FACTS, name="Room 4", serial_number="SN-4")
    wanted: dict[str, Any] = {
        "site": hospital.site,
        "actor": hospital.ada,
        "facts": facts,
    }
    for code, certificate in refused.items():
        assert refusal_of(enrol_device, certificate=certificate, **wanted) == code
    assert Device.objects.count() == 1


def test_one_certificate_may_be_enrolled_at_two_sites(
    hospital: Hospital, charlie: User
) -> None:
    enrol(hospital.ada)
    assert charlie.site is not None
    User.objects.filter(pk=charlie.pk).update(role=Role.ADMIN)
    device = enrol(charlie)
    assert [
        d.device_id for d in signature_trust_of(site_id=charlie.site.pk).devices
    ] == [str(device.pk)]


def test_a_validity_lies_within_that_of_the_certificate(hospital: Hospital) -> None:
    certificate = make_cert()
    starts, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    wanted: dict[str, Any] = {
        "site": hospital.site,
        "actor": hospital.ada,
        "facts": FACTS,
        "certificate": certificate,
    }
    for validity in (
        Validity(starts - DAY, None),
        Validity(None, ends + DAY),
        Validity(starts + 2 * DAY, starts + DAY),
    ):
        assert refusal_of(enrol_device, validity=validity, **wanted) == "bad_validity"
    enrol_device(validity=Validity(starts + DAY, ends - DAY), **wanted)
    ((held,),) = [
        known.certificates
        for known in signature_trust_of(site_id=hospital.site.pk).devices
    ]
    assert (held.valid_from, held.valid_until) == (starts + DAY, ends - DAY)
