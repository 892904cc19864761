"""What people paste: a certificate, a list, the wrong thing, or a private key."""

from __future__ import annotations

import base64
import itertools

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.pure.signatures.keys import (
    der_of,
    make_certificate,
    make_crl,
    make_key,
    pem_of,
)
from workers.dicom.signatures.pasted import (
    MAX_CERTIFICATE_BYTES,
    MAX_CRL_BYTES,
    PastedError,
    holds_private_key,
    read_pasted_certificate,
    read_pasted_crl,
)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
CLEAR, LOCKED = NoEncryption(), BestAvailableEncryption(b"secret")


def _dump(
    key: PrivateKey,
    encoding: Encoding,
    form: PrivateFormat,
    lock: KeySerializationEncryption,
) -> bytes | None:
    """Return a key in one of its forms, None where there is no such form."""
    try:
        return key.private_bytes(encoding, form, lock)
    except (TypeError, UnsupportedAlgorithm, ValueError):
        return None


def list_private_keys() -> list[bytes]:
    keys = (make_key(), make_key("p256"), ed25519.Ed25519PrivateKey.generate())
    forms = (
        PrivateFormat.PKCS8,
        PrivateFormat.TraditionalOpenSSL,
        PrivateFormat.OpenSSH,
    )
    choices = itertools.product(
        keys, (Encoding.PEM, Encoding.DER), forms, (CLEAR, LOCKED)
    )
    dumped = [dump for one in choices if (dump := _dump(*one)) is not None]
    assert len(dumped) > 15
    key = make_key()
    stores = [
        pkcs12.serialize_key_and_certificates(
            b"device", key, make_certificate(key), None, lock
        )
        for lock in (CLEAR, LOCKED)
    ]
    return dumped + stores


def refusal_of(value: bytes, *, is_crl: bool = False) -> str:
    with pytest.raises(PastedError) as refusal:
        (read_pasted_crl if is_crl else read_pasted_certificate)(value)
    return refusal.value.code


def test_a_private_key_is_known_in_every_form() -> None:
    certificate = pem_of(make_certificate(make_key()))
    for value in list_private_keys():
        for dressed in (value, base64.encodebytes(value), b"\n  " + value):
            assert holds_private_key(dressed), dressed[:40]
            assert refusal_of(dressed) == "private_key"
            assert refusal_of(dressed, is_crl=True) == "private_key"
    for value in list_private_keys():
        if value.startswith(b"-----"):
            assert refusal_of(certificate + value) == "private_key"


def test_the_refusal_of_a_private_key_quotes_nothing_of_it() -> None:
    for value in list_private_keys():
        with pytest.raises(PastedError) as refusal:
            read_pasted_certificate(value)
        words = refusal.value.message.encode()
        assert not any(
            value[at : at + 12] in words for at in range(len(value)) if at % 6 == 0
        )
        assert refusal.value.__cause__ is None
        assert refusal.value.__context__ is None


def test_what_is_no_private_key_is_not_taken_for_one() -> None:
    key = make_key()
    certificate = make_certificate(key)
    crl = make_crl((key, certificate))
    public = key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    for value in (
        pem_of(certificate),
        der_of(certificate),
        der_of(crl),
        public,
        b"",
        b"0",
        b"hello",
        b"\x30\x00",
    ):
        assert not holds_private_key(value)


def test_a_certificate_is_read_however_it_comes() -> None:
    certificate = make_certificate(make_key(), "Room 3")
    pem, der = pem_of(certificate), der_of(certificate)
    for value in (
        pem,
        der,
        pem.replace(b"\n", b"\r\n"),
        b"Bag Attributes: x\n" + pem,
        b"\xef\xbb\xbf" + pem,
        base64.b64encode(der),
        base64.encodebytes(der),
        der + b"\0",
    ):
        assert read_pasted_certificate(value) == certificate


def test_a_list_is_read_however_it_comes() -> None:
    key = make_key()
    crl = make_crl((key, make_certificate(key)))
    der = der_of(crl)
    for value in (crl.public_bytes(Encoding.PEM), der, base64.encodebytes(der)):
        assert read_pasted_crl(value) == crl


def test_the_wrong_thing_is_called_by_its_name() -> None:
    key = make_key()
    certificate = make_certificate(key)
    pem, crl = pem_of(certificate), make_crl((key, certificate))
    assert refusal_of(pem + pem) == "several_certificates"
    assert refusal_of(crl.public_bytes(Encoding.PEM)) == "revocation_list"
    assert refusal_of(der_of(crl)) == "revocation_list"
    assert refusal_of(pem, is_crl=True) == "not_a_revocation_list"
    for rubbish in (b"", b"hello", pem[:200], der_of(certificate)[:-9], b"\x30" * 99):
        assert refusal_of(rubbish) == "not_a_certificate"
        assert refusal_of(rubbish, is_crl=True) == "not_a_revocation_list"
    assert refusal_of(b"A" * (2 * MAX_CERTIFICATE_BYTES)) == "too_large"
    assert refusal_of(b"A" * (2 * MAX_CRL_BYTES), is_crl=True) == "too_large"


@given(st.binary(max_size=200))
def test_rubbish_is_refused_and_never_crashes(value: bytes) -> None:
    assert refusal_of(value) in ("not_a_certificate", "private_key")
    assert refusal_of(b"0\x82" + value) in ("not_a_certificate", "private_key")
