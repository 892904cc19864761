"""The registry by HTTP: who may what, what is answered, and what is refused."""

from __future__ import annotations

import base64
import datetime as dt
import logging
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Role, User
from apps.audit.models import Event
from apps.imaging.device_models import Authority, Device, DeviceCertificate
from tests.apps.imaging.registry import (
    DAY,
    FACTS,
    enrol,
    make_cert,
    make_root,
    vouch,
)
from tests.conftest import Hospital
from tests.pure.signatures.keys import der_of, make_key, pem_of
from workers.dicom.signatures.pasted import MAX_CERTIFICATE_BYTES

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
BASE = "/api/v1/devices"
BODY = {
    "name": "Room 3",
    "manufacturer": "Test Works",
    "serial_number": "SN-1",
    "ae_title": "ROOM3",
}


def send(client: Client, path: str, body: dict[str, Any], method: str = "post") -> Any:
    return getattr(client, method)(
        f"{BASE}{path}", body, content_type="application/json"
    )


def pem(certificate: x509.Certificate) -> str:
    return pem_of(certificate).decode()


@pytest.fixture
def ada(hospital: Hospital, client_of: ClientOf) -> Client:
    return client_of(hospital.ada)


@pytest.fixture
def lena(hospital: Hospital, client_of: ClientOf) -> Client:
    return client_of(hospital.lena)


def test_a_device_goes_through_its_life(ada: Client, lena: Client) -> None:
    first, second = make_cert(1), make_cert(2)
    answer = send(ada, "", {**BODY, "certificate": pem(first)})
    assert answer.status_code == 201
    device = answer.json()
    at = f"/{device['id']}"
    assert (device["state"], device["version"]) == ("trusted", 1)
    assert device["certificate"]["sha256"] == first.fingerprint(SHA256()).hex()
    assert device["certificate"]["approved_by"]["display_name"] == "Ada"

    changed = send(ada, at, {**BODY, "name": "Room 4", "version": 1}, "put").json()
    assert changed["history"][0]["changes"] == {"name": ["Room 3", "Room 4"]}

    body = {"certificate": pem(second), "version": 2}
    replaced = send(ada, f"{at}/certificate", body).json()
    states = [one["state"] for one in replaced["certificates"]]
    assert states == ["current", "replaced"]

    revoked = send(
        ada,
        f"{at}/revoke",
        {
            "certificate_id": replaced["certificate"]["id"],
            "reason": "key_compromise",
            "revoked_at": (timezone.now() - DAY).isoformat(),
            "note": "USB stick lost",
        },
    ).json()
    assert revoked["state"] == "revoked"
    assert revoked["certificates"][0]["reason"] == "key_compromise"

    retired = send(ada, f"{at}/retire", {"version": revoked["version"]}).json()
    assert retired["state"] == "retired"
    seen = lena.get(f"{BASE}{at}").json()
    assert seen == retired
    assert [event["kind"] for event in seen["history"]] == [
        "device_retired",
        "certificate_revoked",
        "certificate_replaced",
        "device_changed",
        "device_enrolled",
    ]
    assert {event["actor"]["display_name"] for event in seen["history"]} == {"Ada"}


def test_a_certificate_is_shown_before_it_is_enrolled(ada: Client) -> None:
    certificate = make_cert(ends_in=3 * DAY)
    for content in (pem(certificate), base64.b64encode(der_of(certificate)).decode()):
        shown = send(ada, "/inspect", {"content": content}).json()
        assert shown["certificate"]["subject"] == "CN=Device 1"
        assert shown["certificate"]["key"] == "ECDSA secp256r1"
        assert [r["code"] for r in shown["remarks"]] == ["expires_soon"]
        assert not shown["remarks"][0]["is_refusal"]
    body = {"content": pem(certificate), "role": "authority"}
    remarks = send(ada, "/inspect", body).json()["remarks"]
    assert [r["code"] for r in remarks if r["is_refusal"]] == ["not_an_authority"]
    assert not Device.objects.exists()
    assert set(Event.objects.values_list("kind", flat=True)) == {"signed_in"}


def test_a_private_key_is_refused_and_found_nowhere(
    ada: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = pem_of(make_key("p256")).decode()
    line = secret.splitlines()[1]
    both = pem(make_cert()) + secret
    answers = [
        send(ada, "", {**BODY, "certificate": both}),
        send(ada, "/inspect", {"content": secret}),
        send(ada, "/authorities", {"content": both}),
        send(ada, "/revocation-lists", {"content": secret}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (422, "private_key")
        assert line not in answer.content.decode()
    assert line not in caplog.text
    assert not Device.objects.exists()
    assert set(Event.objects.values_list("kind", flat=True)) == {"signed_in"}


def test_what_is_no_certificate_is_refused_by_its_name(ada: Client) -> None:
    root = make_root()
    one = pem(make_cert())
    refused = {
        "not_a_certificate": "hello",
        "several_certificates": one + one,
        "expired": pem(make_cert(starts=-9 * DAY, ends_in=-DAY)),
        "not_yet_valid": pem(make_cert(starts=DAY)),
        "certificate_authority": pem(root[1]),
    }
    for code, content in refused.items():
        answer = send(ada, "", {**BODY, "certificate": content})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer["Content-Type"] == "application/problem+json"
    large = send(ada, "/inspect", {"content": "A" * (2 * MAX_CERTIFICATE_BYTES)})
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    assert not Device.objects.exists()


def test_enrolling_twice_is_refused_and_changes_nothing(ada: Client) -> None:
    certificate = pem(make_cert())
    assert send(ada, "", {**BODY, "certificate": certificate}).status_code == 201
    again = send(ada, "", {**BODY, "certificate": certificate})
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_device")
    other = {**BODY, "name": "Room 4", "serial_number": "SN-4"}
    again = send(ada, "", {**other, "certificate": certificate})
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_certificate")
    assert (Device.objects.count(), DeviceCertificate.objects.count()) == (1, 1)


def test_malformed_bodies_are_refused(ada: Client, hospital: Hospital) -> None:
    device = enrol(hospital.ada)
    row = device.certificates.get()
    revoke = {"certificate_id": str(row.pk), "reason": "other"}
    at = f"/{device.pk}"
    naive = {**revoke, "revoked_at": "2026-06-01T12:00:00"}
    for path, body in (
        ("", {}),
        ("", {**BODY, "certificate": pem(make_cert(1)), "name": "x" * 81}),
        ("", {**BODY, "certificate": pem(make_cert(1)), "name": "x\0y"}),
        (f"{at}/revoke", revoke),
        (f"{at}/revoke", naive),
        (f"{at}/revoke", {**naive, "revoked_at": "2026-06-01T12:00:00Z", "note": "\0"}),
        (
            f"{at}/revoke",
            {**revoke, "revoked_at": "2026-06-01T12:00:00Z", "reason": "listed"},
        ),
        (f"{at}/retire", {}),
        ("/revocation-lists", {"content": "hello"}),
    ):
        assert send(ada, path, body).status_code == 422, (path, body)
    device.refresh_from_db()
    assert device.version == 1
    assert ada.get(f"{BASE}?shown=some").status_code == 422
    assert ada.get(f"{BASE}?cursor=x").status_code == 422
    assert ada.delete(f"{BASE}{at}").status_code == 405


def test_a_lead_looks_and_changes_nothing(lena: Client, hospital: Hospital) -> None:
    device = enrol(hospital.ada)
    assert lena.get(f"{BASE}/{device.pk}").status_code == 200
    body = {**BODY, "name": "Mine", "version": 1}
    assert send(lena, f"/{device.pk}", body, "put").status_code == 403
    assert send(lena, f"/{device.pk}/retire", {"version": 1}).status_code == 403


def test_another_site_finds_nothing(
    charlie: User, client_of: ClientOf, hospital: Hospital
) -> None:
    User.objects.filter(pk=charlie.pk).update(role=Role.ADMIN)
    device, authority = enrol(hospital.ada), vouch(hospital.ada, make_root()[1])
    stranger = client_of(charlie)
    at = f"/{device.pk}"
    row = device.certificates.get()
    revoke = {
        "certificate_id": str(row.pk),
        "reason": "other",
        "revoked_at": timezone.now().isoformat(),
    }
    assert stranger.get(f"{BASE}?shown=all").json()["items"] == []
    assert stranger.get(f"{BASE}/authorities").json() == []
    assert stranger.get(f"{BASE}{at}").status_code == 404
    body = {"certificate": pem(make_cert(2)), "version": 1}
    for path, payload, method in (
        (at, {**BODY, "version": 1}, "put"),
        (f"{at}/certificate", body, "post"),
        (f"{at}/revoke", revoke, "post"),
        (f"{at}/retire", {"version": 1}, "post"),
        (f"/authorities/{authority.pk}/withdraw", {}, "post"),
    ):
        assert send(stranger, path, payload, method).status_code == 404, path
    own = enrol(charlie)
    # A certificate of one's own device is looked for there, not anywhere.
    assert send(stranger, f"/{own.pk}/revoke", revoke).status_code == 404
    row.refresh_from_db()
    assert row.state == "current"


def test_the_list_is_by_name_in_pages_and_pinned(
    ada: Client, hospital: Hospital, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        facts = replace(FACTS, name=f"Room {number}", serial_number=f"SN-{number}")
        enrol(hospital.ada, certificate=make_cert(number), facts=facts)
    names, cursor = [], ""
    while cursor is not None:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        # Session, person, site, and the two of the selector.
        with django_assert_num_queries(5):
            page = ada.get(BASE, query).json()
        names += [one["name"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert names == [f"Room {number}" for number in range(5)]
    found = ada.get(BASE, {"q": "sn-3"}).json()["items"]
    assert [one["name"] for one in found] == ["Room 3"]


def test_the_list_shows_what_wants_attention(ada: Client, hospital: Hospital) -> None:
    for number, days in enumerate((400, 10)):
        facts = replace(FACTS, name=f"Room {number}", serial_number=f"SN-{number}")
        certificate = make_cert(number, ends_in=dt.timedelta(days=days))
        enrol(hospital.ada, certificate=certificate, facts=facts)
    retired = enrol(
        hospital.ada,
        certificate=make_cert(9),
        facts=replace(FACTS, name="Room 9", serial_number="SN-9"),
    )
    send(ada, f"/{retired.pk}/retire", {"version": 1})

    def shown(which: str) -> list[str]:
        items = ada.get(BASE, {"shown": which}).json()["items"]
        return [one["name"] for one in items]

    assert shown("in_use") == ["Room 0", "Room 1"]
    assert shown("attention") == ["Room 1"]
    assert shown("retired") == ["Room 9"]
    assert shown("all") == ["Room 0", "Room 1", "Room 9"]


def test_authorities_and_their_lists(ada: Client, lena: Client) -> None:
    key, root = make_root()
    added = send(ada, "/authorities", {"content": pem(root)})
    assert added.status_code == 201
    listed = make_cert(1, issuer=(key, root))
    device = send(ada, "", {**BODY, "certificate": pem(listed)}).json()
    now = timezone.now().replace(microsecond=0)
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.subject)
        .last_update(now - DAY)
        .next_update(now + DAY)
        .add_extension(x509.CRLNumber(3), critical=False)
        .add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(listed.serial_number)
            .revocation_date(now - DAY)
            .build()
        )
        .sign(key, hashes.SHA256())
    )
    body = {"content": crl.public_bytes(Encoding.PEM).decode()}
    answer = send(ada, "/revocation-lists", body)
    assert answer.status_code == 201
    assert answer.json()["revoked_devices"] == [device["id"]]
    assert answer.json()["authority_id"] == added.json()["id"]
    assert send(ada, "/revocation-lists", body).json()["code"] == "crl_known"
    assert lena.get(f"{BASE}/{device['id']}").json()["state"] == "revoked"

    (shown,) = lena.get(f"{BASE}/authorities").json()
    assert (shown["subject"], shown["lists"][0]["number"]) == ("CN=Root", "3")
    assert shown["lists"][0]["is_current"]
    at = f"/authorities/{shown['id']}/withdraw"
    assert send(ada, at, {}).json()["withdrawn_by"]["display_name"] == "Ada"
    assert send(ada, at, {}).status_code == 409
    assert send(ada, f"/authorities/{uuid.uuid4()}/withdraw", {}).status_code == 404
    assert Authority.objects.count() == 1
