"""Certificates and revocation lists as people paste or drop them: PEM, Base64 or DER.

What is refused says why, and nothing of the content is quoted: it may be a private key.
"""

from __future__ import annotations

import base64
import binascii
import re

from asn1crypto import pkcs12
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from workers.dicom.signatures.certificates import (
    CertificateError,
    load_certificate,
    load_crl,
)

MAX_CERTIFICATE_BYTES = 64 * 1024
MAX_CRL_BYTES = 1024 * 1024
_ARMOUR = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----(.*?)-----END \1-----", re.S)
_BEGIN = b"-----BEGIN "
# What a private key is called where it is not plain DER: PEM of any kind, PuTTY's own.
_PRIVATE_WORDS = (b"PRIVATE KEY", b"PuTTY-User-Key-File")
_CERTIFICATE_LABELS = (b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE")
_CRL_LABEL = b"X509 CRL"


class PastedError(CertificateError):
    """What was pasted is not what was asked for. `code` is stable, for machines."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def holds_private_key(value: bytes) -> bool:
    """Return whether bytes are or hold a private key, also an encrypted one.

    PEM of any label, PuTTY, DER of PKCS #1, SEC 1 and PKCS #8, and PKCS #12, each also
    as Base64.
    """
    if any(word in value for word in _PRIVATE_WORDS):
        return True
    return any(_is_private_der(der) for der in _list_binaries(value))


def read_pasted_certificate(value: bytes) -> x509.Certificate:
    """Return the one certificate in `value`.

    Raises PastedError: private_key, too_large, several_certificates, revocation_list,
    not_a_certificate.
    """
    _refuse_private_key(value)
    _refuse_large(value, MAX_CERTIFICATE_BYTES)
    labels = [label for label, _ in _ARMOUR.findall(value)]
    if sum(label in _CERTIFICATE_LABELS for label in labels) > 1:
        raise PastedError(
            "several_certificates",
            "These are several certificates. Give that of the device alone, not its"
            " chain.",
        )
    for der in _list_binaries(value):
        try:
            return load_certificate(der)
        except CertificateError:
            continue
    if _is_crl(value):
        raise PastedError("revocation_list", "This is a revocation list.")
    raise PastedError(
        "not_a_certificate", "This is no X.509 certificate that can be read."
    )


def read_pasted_crl(value: bytes) -> x509.CertificateRevocationList:
    """Return the revocation list in `value`.

    Raises PastedError: private_key, too_large, not_a_revocation_list.
    """
    _refuse_private_key(value)
    _refuse_large(value, MAX_CRL_BYTES)
    for der in _list_binaries(value):
        try:
            return load_crl(der)
        except CertificateError:
            continue
    raise PastedError(
        "not_a_revocation_list", "This is no revocation list that can be read."
    )


def _refuse_private_key(value: bytes) -> None:
    # Before its size: a large file may hold one as well.
    if holds_private_key(value):
        raise PastedError(
            "private_key",
            "This holds a private key. It was not kept. Whoever has it can sign as the"
            " device: keep it there, and give the certificate alone.",
        )


def _refuse_large(value: bytes, limit: int) -> None:
    # Base64 needs four characters for three bytes, and line ends.
    if len(value) > limit * 3 // 2:
        raise PastedError("too_large", f"This is larger than {limit // 1024} KiB.")


def _is_crl(value: bytes) -> bool:
    for der in _list_binaries(value):
        try:
            load_crl(der)
        except CertificateError:
            continue
        return True
    return False


def _list_binaries(value: bytes) -> list[bytes]:
    """Return the DER values that `value` is or holds, as far as Base64 can be read."""
    if _BEGIN in value:
        bodies = [body for _, body in _ARMOUR.findall(value)]
        return [der for body in bodies if (der := _from_base64(body))]
    bare = value.lstrip()
    der = _from_base64(bare)
    # Every structure asked for here is a SEQUENCE.
    return [one for one in (bare if bare[:1] == b"\x30" else b"", der) if one]


def _from_base64(value: bytes) -> bytes:
    """Return decoded bytes, empty if it is no Base64."""
    try:
        return base64.b64decode(b"".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_private_der(der: bytes) -> bool:
    # Somebody may have put Base64 around PEM.
    if any(word in der for word in _PRIVATE_WORDS):
        return True
    try:
        serialization.load_der_private_key(
            der, password=None, unsafe_skip_rsa_key_validation=True
        )
    except TypeError:
        # Encrypted, and no password was given.
        return True
    except (UnsupportedAlgorithm, ValueError):
        return _is_pkcs12(der)
    return True


def _is_pkcs12(der: bytes) -> bool:
    try:
        pfx = pkcs12.Pfx.load(der, strict=True)
        kind = pfx["auth_safe"]["content_type"].native
        return pfx["version"].native == "v3" and kind in ("data", "signed_data")
    except (TypeError, ValueError, KeyError):
        return False
