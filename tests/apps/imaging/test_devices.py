"""The registry of devices: what is enrolled, what ends it, and what is refused."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.models import Role, User
from apps.audit.models import Event, EventKind
from apps.core.errors import RequestError
from apps.imaging.device_models import (
    CertificateState,
    Device,
    DeviceCertificate,
    DeviceState,
    RevocationReason,
)
from apps.imaging.device_selectors import (
    get_device,
    signature_trust_of,
    state_of_device,
)
from apps.imaging.services.devices import (
    Validity,
    change_device,
    enrol_device,
    replace_certificate,
    retire_device,
    revoke_certificate,
)
from tests.apps.imaging.registry import DAY, FACTS, enrol, make_cert, make_root
from tests.conftest import Hospital
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def refusal_of(deed: Callable[..., Any], **fields: Any) -> str:
    """Return the code of the refusal, which left no row and no event."""
    before = (Event.objects.count(), list(DeviceCertificate.objects.values()))
    with pytest.raises(RequestError) as refusal:
        deed(**fields)
    assert (Event.objects.count(), list(DeviceCertificate.objects.values())) == before
    return refusal.value.code


def state_now(device: Device, user: User) -> DeviceState:
    return state_of_device(get_device(user=user, device_id=device.pk))


def newest_event() -> Event:
    return Event.objects.order_by("-position")[0]


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


# --- replace, revoke, retire ----------------------------------------------------------


def test_a_replaced_certificate_counts_until_it_was_replaced(
    hospital: Hospital,
) -> None:
    device = enrol(hospital.ada, certificate=make_cert(1))
    before = timezone.now()
    replace_certificate(
        device=device, actor=hospital.ada, version=1, certificate=make_cert(2)
    )
    old = device.certificates.get(state=CertificateState.REPLACED)
    assert before <= old.valid_until <= timezone.now()
    (known,) = signature_trust_of(site_id=hospital.site.pk).devices
    assert len(known.certificates) == 2
    assert state_now(device, hospital.ada) == DeviceState.TRUSTED


def test_a_revoked_certificate_is_told_to_the_lanes_and_can_be_followed_by_another(
    hospital: Hospital,
) -> None:
    device = enrol(hospital.ada, certificate=make_cert(1))
    since = timezone.now() - 3 * DAY
    revoke: dict[str, Any] = {
        "device": device,
        "actor": hospital.ada,
        "certificate_id": device.certificates.get().pk,
        "reason": RevocationReason.KEY_COMPROMISE,
        "revoked_at": since,
    }
    revoke_certificate(**revoke)
    (known,) = signature_trust_of(site_id=hospital.site.pk).devices
    assert known.certificates[0].revoked_at == since
    assert state_now(device, hospital.ada) == DeviceState.REVOKED
    assert refusal_of(revoke_certificate, **revoke) == "already_revoked"
    stranger = {**revoke, "certificate_id": uuid.uuid4()}
    assert refusal_of(revoke_certificate, **stranger) == "not_found"

    device.refresh_from_db()
    replace_certificate(
        device=device,
        actor=hospital.ada,
        version=device.version,
        certificate=make_cert(2),
    )
    assert state_now(device, hospital.ada) == DeviceState.TRUSTED
    assert newest_event().data["certificate_was"] == ""


def test_a_certificate_that_was_replaced_can_still_be_revoked(
    hospital: Hospital,
) -> None:
    device = enrol(hospital.ada, certificate=make_cert(1))
    old = device.certificates.get()
    replace_certificate(
        device=device, actor=hospital.ada, version=1, certificate=make_cert(2)
    )
    revoke_certificate(
        device=device,
        actor=hospital.ada,
        certificate_id=old.pk,
        reason=RevocationReason.OTHER,
        revoked_at=timezone.now(),
    )
    assert state_now(device, hospital.ada) == DeviceState.TRUSTED
    states = dict(device.certificates.values_list("sha256", "state"))
    assert states[old.sha256] == CertificateState.REVOKED


def test_nothing_is_revoked_as_of_tomorrow(hospital: Hospital) -> None:
    device = enrol(hospital.ada)
    code = refusal_of(
        revoke_certificate,
        device=device,
        actor=hospital.ada,
        certificate_id=device.certificates.get().pk,
        reason=RevocationReason.OTHER,
        revoked_at=timezone.now() + DAY,
    )
    assert code == "revoked_in_future"


def test_a_retired_device_keeps_what_it_signed_and_takes_no_change(
    hospital: Hospital,
) -> None:
    device = enrol(hospital.ada, certificate=make_cert(1))
    retire_device(device=device, actor=hospital.ada, version=1)
    (known,) = signature_trust_of(site_id=hospital.site.pk).devices
    assert known.certificates[0].valid_until <= timezone.now()
    assert known.certificates[0].revoked_at is None
    assert state_now(device, hospital.ada) == DeviceState.RETIRED
    deed = {"device": device, "actor": hospital.ada, "version": 2}
    assert refusal_of(retire_device, **deed) == "device_retired"
    assert refusal_of(change_device, facts=FACTS, **deed) == "device_retired"
    new = make_cert(2)
    assert refusal_of(replace_certificate, certificate=new, **deed) == "device_retired"
    # Its serial number is free for who enrols it again.
    assert enrol(hospital.ada, certificate=new).pk != device.pk


def test_who_looks_at_an_old_page_changes_nothing(hospital: Hospital) -> None:
    device = enrol(hospital.ada)
    facts = replace(FACTS, name="Room 5")
    change_device(device=device, actor=hospital.ada, version=1, facts=facts)
    deed = {"device": device, "actor": hospital.ada, "version": 1}
    assert refusal_of(change_device, facts=FACTS, **deed) == "changed_meanwhile"
    assert refusal_of(retire_device, **deed) == "changed_meanwhile"
    code = refusal_of(replace_certificate, certificate=make_cert(2), **deed)
    assert code == "changed_meanwhile"


# --- where it stands ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends_in", "state"),
    [(31 * DAY, DeviceState.TRUSTED), (29 * DAY, DeviceState.EXPIRES_SOON)],
)
def test_a_certificate_that_ends_soon_is_said_to(
    ends_in: dt.timedelta, state: DeviceState, hospital: Hospital
) -> None:
    device = enrol(hospital.ada, certificate=make_cert(ends_in=ends_in))
    assert state_now(device, hospital.ada) == state


def test_a_certificate_that_has_ended_is_said_to(hospital: Hospital) -> None:
    device = enrol(hospital.ada)
    device.certificates.update(valid_until=timezone.now() - DAY)
    assert state_now(device, hospital.ada) == DeviceState.EXPIRED


# --- the database ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"state": "revoked", "ended_at": timezone.now()},
        {"revoked_at": timezone.now()},
        {"state": "replaced"},
        {"ended_at": timezone.now()},
    ],
)
def test_the_database_refuses_states_that_contradict_themselves(
    change: dict[str, Any], hospital: Hospital
) -> None:
    enrol(hospital.ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        DeviceCertificate.objects.update(**change)


@pytest.mark.parametrize(
    "twin",
    [
        {"sha256": "ab" * 32},
        {"state": CertificateState.REPLACED, "ended_at": timezone.now()},
    ],
)
def test_the_database_keeps_one_current_certificate_a_device_and_one_of_a_kind(
    twin: dict[str, Any], hospital: Hospital
) -> None:
    row = enrol(hospital.ada).certificates.get()
    row.pk, row._state.adding = uuid.uuid4(), True
    for field, value in twin.items():
        setattr(row, field, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_the_trust_of_a_site_costs_three_queries_however_many_devices(
    hospital: Hospital, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        facts = replace(FACTS, name=f"Room {number}", serial_number=f"SN-{number}")
        enrol(hospital.ada, certificate=make_cert(number), facts=facts)
    UserFactory.create()
    with django_assert_num_queries(3):
        trust = signature_trust_of(site_id=hospital.site.pk)
    assert len(trust.devices) == 3
