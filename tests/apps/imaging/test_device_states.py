"""What ends a certificate, where a device stands then, and what the database holds."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.imaging.device_models import (
    CertificateState,
    DeviceCertificate,
    DeviceState,
    RevocationReason,
)
from apps.imaging.device_selectors import (
    signature_trust_of,
)
from apps.imaging.services.devices import (
    change_device,
    replace_certificate,
    retire_device,
    revoke_certificate,
)
from tests.apps.imaging.registry import (
    DAY,
    FACTS,
    enrol,
    make_cert,
    newest_event,
    refusal_of,
    state_now,
)
from tests.conftest import Hospital
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


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
    assert refusal_of(revoke_certificate, **revoke) == "certificate_revoked"
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
    assert refusal_of(change_device, facts=FACTS, **deed) == "device_changed"
    assert refusal_of(retire_device, **deed) == "device_changed"
    code = refusal_of(replace_certificate, certificate=make_cert(2), **deed)
    assert code == "device_changed"


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
