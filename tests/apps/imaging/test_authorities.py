"""Authorities and their revocation lists: what counts, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.utils import timezone

from apps.audit.models import Event, EventKind
from apps.imaging.device_models import (
    CertificateState,
    DeviceCertificate,
    RevocationList,
    RevocationReason,
)
from apps.imaging.device_selectors import signature_trust_of
from apps.imaging.services.authorities import (
    add_authority,
    add_revocation_list,
    withdraw_authority,
)
from apps.imaging.services.devices import enrol_device
from tests.apps.imaging.registry import (
    DAY,
    FACTS,
    enrol,
    make_cert,
    make_root,
    refusal_of,
    vouch,
)
from tests.conftest import Hospital
from tests.pure.signatures.keys import Key, der_of

pytestmark = pytest.mark.django_db
Root = tuple[Key, x509.Certificate]


def make_list(
    root: Root,
    *revoked: x509.Certificate,
    number: int | None = None,
    at: dt.timedelta = -DAY,
    extra: x509.ExtensionType | None = None,
) -> x509.CertificateRevocationList:
    now = timezone.now().replace(microsecond=0)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root[1].subject)
        .last_update(now + at)
        .next_update(now + at + 30 * DAY)
    )
    if number is not None:
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    if extra is not None:
        builder = builder.add_extension(extra, critical=True)
    for certificate in revoked:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(certificate.serial_number)
            .revocation_date(now - 2 * DAY)
            .build()
        )
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(root[0], hashes.SHA256())


def add(
    hospital: Hospital, crl: x509.CertificateRevocationList
) -> tuple[RevocationList, list[Any]]:
    return add_revocation_list(site=hospital.site, actor=hospital.ada, crl=crl)


def refused(hospital: Hospital, crl: x509.CertificateRevocationList) -> str:
    return refusal_of(
        add_revocation_list, site=hospital.site, actor=hospital.ada, crl=crl
    )


def test_an_authority_is_an_anchor_until_it_is_withdrawn(hospital: Hospital) -> None:
    _, root = make_root()
    authority = vouch(hospital.ada, root)
    assert signature_trust_of(site_id=hospital.site.pk).anchors == (der_of(root),)
    again = {"site": hospital.site, "actor": hospital.ada, "certificate": root}
    assert refusal_of(add_authority, **again) == "duplicate_authority"
    withdraw_authority(authority=authority, actor=hospital.ada)
    assert signature_trust_of(site_id=hospital.site.pk).anchors == ()
    twice = {"authority": authority, "actor": hospital.ada}
    assert refusal_of(withdraw_authority, **twice) == "already_withdrawn"
    assert vouch(hospital.ada, root).pk != authority.pk
    kinds = Event.objects.order_by("position").values_list("kind", flat=True)
    assert list(kinds) == [
        EventKind.AUTHORITY_ADDED,
        EventKind.AUTHORITY_WITHDRAWN,
        EventKind.AUTHORITY_ADDED,
    ]


def test_a_device_is_no_authority(hospital: Hospital) -> None:
    wanted: dict[str, Any] = {
        "site": hospital.site,
        "actor": hospital.ada,
        "certificate": make_cert(),
    }
    assert refusal_of(add_authority, **wanted) == "not_an_authority"


def test_a_list_counts_until_its_authority_is_withdrawn(hospital: Hospital) -> None:
    root = make_root()
    authority = vouch(hospital.ada, root[1])
    crl = make_list(root, number=7)
    row, _ = add(hospital, crl)
    assert (row.number, row.entries, row.uploaded_by) == ("7", 0, hospital.ada)
    assert signature_trust_of(site_id=hospital.site.pk).crls == (der_of(crl),)
    event = Event.objects.order_by("-position")[0]
    assert event.kind == EventKind.REVOCATION_LIST_ADDED
    assert event.data == {"sha256": row.sha256, "number": "7", "entries": 0}
    withdraw_authority(authority=authority, actor=hospital.ada)
    assert signature_trust_of(site_id=hospital.site.pk).crls == ()


def test_the_newest_list_of_an_authority_is_the_one_that_counts(
    hospital: Hospital,
) -> None:
    root = make_root()
    vouch(hospital.ada, root[1])
    first, second = make_list(root, at=-3 * DAY), make_list(root, at=-2 * DAY)
    add(hospital, first)
    add(hospital, second)
    assert signature_trust_of(site_id=hospital.site.pk).crls == (der_of(second),)
    assert RevocationList.objects.count() == 2
    assert refused(hospital, first) == "crl_older"
    assert refused(hospital, second) == "crl_known"
    # The same moment, a higher number: issued after it.
    numbered = make_list(root, number=2, at=-DAY)
    add(hospital, numbered)
    assert refused(hospital, make_list(root, number=1, at=-DAY)) == "crl_older"


def test_lists_that_cannot_count_are_refused(hospital: Hospital) -> None:
    root, other = make_root(), make_root("Other", 51)
    assert refused(hospital, make_list(root)) == "crl_unknown_authority"
    vouch(hospital.ada, root[1])
    assert refused(hospital, make_list(other)) == "crl_unknown_authority"
    forged = make_list((other[0], root[1]))
    assert refused(hospital, forged) == "crl_bad_signature"
    assert refused(hospital, make_list(root, at=DAY)) == "crl_from_future"
    delta = make_list(root, extra=x509.DeltaCRLIndicator(3))
    assert refused(hospital, delta) == "crl_delta"


def test_of_two_keys_of_one_name_the_one_that_signed_is_found(
    hospital: Hospital,
) -> None:
    old, new = make_root(number=50), make_root(number=51)
    for root in (old, new):
        vouch(hospital.ada, root[1])
    row, _ = add(hospital, make_list(new))
    assert bytes(row.authority.der) == der_of(new[1])


def test_a_list_revokes_the_enrolled_certificates_that_it_names(
    hospital: Hospital,
) -> None:
    root = make_root()
    vouch(hospital.ada, root[1])
    listed = make_cert(1, issuer=root)
    device = enrol(hospital.ada, certificate=listed)
    _, touched = add(hospital, make_list(root, listed))
    assert touched == [device.pk]
    row = DeviceCertificate.objects.get()
    assert (row.state, row.reason) == (
        CertificateState.REVOKED,
        RevocationReason.LISTED,
    )
    assert row.revoked_at is not None
    assert row.revoked_at < timezone.now() - DAY
    assert Event.objects.filter(kind=EventKind.CERTIFICATE_REVOKED).count() == 1
    # A later list without it gives nothing back, and counts no device twice.
    _, touched = add(hospital, make_list(root, at=-dt.timedelta(hours=1)))
    assert touched == []
    row.refresh_from_db()
    assert row.state == CertificateState.REVOKED


def test_a_list_leaves_certificates_of_others_alone(hospital: Hospital) -> None:
    root, other = make_root(), make_root("Other", 51)
    for one in (root, other):
        vouch(hospital.ada, one[1])
    mine = make_cert(1, issuer=root)
    enrol(hospital.ada, certificate=mine)
    # Another authority's list with the same serial number.
    _, touched = add(hospital, make_list(other, mine))
    assert touched == []
    assert DeviceCertificate.objects.get().state == CertificateState.CURRENT


def test_a_certificate_that_a_list_names_is_not_enrolled(hospital: Hospital) -> None:
    root = make_root()
    authority = vouch(hospital.ada, root[1])
    listed = make_cert(1, issuer=root)
    add(hospital, make_list(root, listed))
    wanted: dict[str, Any] = {
        "site": hospital.site,
        "actor": hospital.ada,
        "facts": FACTS,
        "certificate": listed,
    }
    assert refusal_of(enrol_device, **wanted) == "revoked_by_list"
    withdraw_authority(authority=authority, actor=hospital.ada)
    assert enrol_device(**wanted).pk
