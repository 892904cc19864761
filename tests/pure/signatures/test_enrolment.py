"""Whether a certificate may be enrolled, and when a digest of trust changes."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID

from tests.pure.signatures.keys import (
    NOW,
    YEAR,
    make_certificate,
    make_crl,
    make_key,
)
from workers.dicom.signatures.enrolment import (
    CertificateRole,
    describe_crl,
    digest_trust,
    judge_certificate,
)
from workers.types import EnrolledCertificate, EnrolledDevice, SignatureTrust

DAY = dt.timedelta(days=1)


def remarks_on(
    certificate: x509.Certificate,
    role: CertificateRole = CertificateRole.DEVICE,
    now: dt.datetime = NOW,
) -> dict[str, bool]:
    said = judge_certificate(certificate, role=role, now=now)
    return {remark.code: remark.is_refusal for remark in said}


def build(key: object, *extensions: x509.ExtensionType) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Room 3")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())  # type: ignore[attr-defined]
        .serial_number(7)
        .not_valid_before(NOW - YEAR)
        .not_valid_after(NOW + YEAR)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    is_edwards = isinstance(key, ed25519.Ed25519PrivateKey)
    return builder.sign(key, None if is_edwards else hashes.SHA256())  # type: ignore[arg-type]


def test_a_good_certificate_is_remarked_on_by_nothing() -> None:
    for kind in ("rsa", "p256", "p521"):
        assert remarks_on(make_certificate(make_key(kind))) == {}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NOW + 10 * YEAR, {"expired": True}),
        (NOW - 2 * YEAR, {"not_yet_valid": True}),
        (NOW + 9 * YEAR - 29 * DAY, {"expires_soon": False}),
        (NOW + 9 * YEAR - 31 * DAY, {}),
    ],
)
def test_its_validity_is_looked_at(now: dt.datetime, expected: dict[str, bool]) -> None:
    assert remarks_on(make_certificate(make_key()), now=now) == expected


def test_an_authority_is_no_device_and_a_device_no_authority() -> None:
    authority = make_certificate(make_key(), is_authority=True)
    device = make_certificate(make_key())
    assert remarks_on(authority) == {"certificate_authority": True}
    assert remarks_on(authority, CertificateRole.AUTHORITY) == {}
    assert remarks_on(device, CertificateRole.AUTHORITY) == {"not_an_authority": True}


def test_weak_and_unknown_keys_are_told_apart() -> None:
    assert remarks_on(make_certificate(make_key("weak"))) == {"weak_key": False}
    edwards = build(ed25519.Ed25519PrivateKey.generate())
    assert remarks_on(edwards) == {"unsupported_key": True}


def test_a_key_that_is_not_for_signing_is_said_to_be_so() -> None:
    off = dict.fromkeys(
        (
            *("content_commitment", "key_encipherment", "data_encipherment"),
            *("key_agreement", "key_cert_sign", "crl_sign"),
            *("encipher_only", "decipher_only"),
        ),
        False,
    )
    for signs, expected in ((True, {}), (False, {"not_for_signing": False})):
        usage = x509.KeyUsage(digital_signature=signs, **off)
        assert remarks_on(build(make_key(), usage)) == expected


def test_a_list_is_described() -> None:
    key = make_key()
    authority = make_certificate(key, "Root", is_authority=True)
    facts = describe_crl(make_crl((key, authority), make_certificate(key)))
    assert (facts.issuer, facts.number, facts.entries) == ("CN=Root", None, 1)
    assert (facts.this_update, facts.next_update) == (NOW, NOW + YEAR)


# --- the digest -----------------------------------------------------------------------

KNOWN = EnrolledCertificate("ab" * 32, NOW - YEAR, NOW + YEAR)
DEVICE = EnrolledDevice("d-1", "Room 3", "Test Works", "SN-1", "ROOM3", (KNOWN,))
TRUST = SignatureTrust(devices=(DEVICE,), anchors=(b"a", b"b"), crls=(b"c",))


def test_where_nobody_is_trusted_the_digest_is_empty() -> None:
    assert digest_trust(SignatureTrust()) == ""


def test_every_fact_of_the_trust_is_in_its_digest() -> None:
    changed = [
        replace(TRUST, anchors=(b"a",)),
        replace(TRUST, anchors=(b"a", b"b", b"c"), crls=()),
        replace(TRUST, crls=(b"d",)),
        *(
            replace(TRUST, devices=(other,))
            for other in (
                replace(DEVICE, device_id="d-2"),
                replace(DEVICE, name="Room 4"),
                replace(DEVICE, manufacturer="Other Works"),
                replace(DEVICE, serial_number="SN-2"),
                replace(DEVICE, ae_title="ROOM4"),
            )
        ),
        *(
            replace(TRUST, devices=(replace(DEVICE, certificates=(one,)),))
            for one in (
                replace(KNOWN, sha256="cd" * 32),
                replace(KNOWN, valid_from=NOW),
                replace(KNOWN, valid_until=NOW),
                replace(KNOWN, revoked_at=NOW),
            )
        ),
        replace(TRUST, devices=(replace(DEVICE, certificates=()),)),
        replace(TRUST, devices=(DEVICE, replace(DEVICE, device_id="d-2"))),
    ]
    digests = {digest_trust(TRUST), *(digest_trust(one) for one in changed)}
    assert len(digests) == len(changed) + 1


def test_the_order_of_rows_is_not_in_the_digest() -> None:
    other = replace(DEVICE, device_id="d-2", name="Room 4")
    one = replace(TRUST, devices=(DEVICE, other))
    two = replace(TRUST, devices=(other, DEVICE), anchors=(b"b", b"a"))
    assert digest_trust(one) == digest_trust(two)
