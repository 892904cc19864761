"""X.509 certificates of signers, and the CRLs that end them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification

from workers.dicom.signatures.model import Certificate

# NIST SP 800-131A rev. 2: RSA below 2048 bits and curves below 224 are disallowed.
_LEAST_RSA_BITS = 2048
_LEAST_CURVE_BITS = 224
_LONGEST_CHAIN = 8
# What the library raises on hostile bytes, each seen.
_PARSE_ERRORS = (
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


class CertificateError(ValueError):
    """The bytes are no certificate or revocation list that can be read."""


def cut_der(value: bytes) -> bytes:
    """Return an ASN.1 value without what follows it: DICOM pads to an even length.

    Raises CertificateError where the length is missing or longer than the value.
    """
    if len(value) < 2:
        raise CertificateError("It is too short.")
    length, head = value[1], 2
    if length & 0x80:
        size = length & 0x7F
        head += size
        if not 1 <= size <= 4 or len(value) < head:
            raise CertificateError("Its length cannot be read.")
        length = int.from_bytes(value[2:head], "big")
    if head + length > len(value):
        raise CertificateError("It is cut off.")
    return value[: head + length]


def load_certificate(value: bytes) -> x509.Certificate:
    """Return a certificate from DER (padded or not). Raises CertificateError."""
    try:
        certificate = x509.load_der_x509_certificate(cut_der(value))
        # Parsed only when asked for.
        certificate.public_key()
        certificate.subject.rfc4514_string()
        certificate.issuer.rfc4514_string()
    except CertificateError:
        raise
    except _PARSE_ERRORS:
        # What the library says may quote the certificate.
        raise CertificateError("It cannot be read.") from None
    return certificate


def describe(certificate: x509.Certificate) -> Certificate:
    """Return what people and rules need of a certificate."""
    der = certificate.public_bytes(Encoding.DER)
    key, is_weak = _describe_key(certificate.public_key())
    return Certificate(
        der=der,
        sha256=hashlib.sha256(der).hexdigest(),
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial_number=certificate.serial_number,
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        key=key,
        is_key_weak=is_weak,
    )


def load_crl(value: bytes) -> x509.CertificateRevocationList:
    """Return a revocation list from DER or PEM. Raises CertificateError."""
    try:
        if value.lstrip().startswith(b"-----BEGIN"):
            return x509.load_pem_x509_crl(value)
        return x509.load_der_x509_crl(value)
    except _PARSE_ERRORS:
        raise CertificateError("It is no certificate revocation list.") from None


def find_chain(
    leaf: x509.Certificate,
    *,
    anchors: Sequence[x509.Certificate],
    intermediates: Sequence[x509.Certificate] = (),
    at: dt.datetime,
) -> tuple[x509.Certificate, ...]:
    """Return the certificates from `leaf` to an anchor, both included; () if there are
    none that were valid at `at`, or only by SHA-1, MD5 or too short keys.

    The leaf's extensions are not looked at: what a signer of images must state is
    nowhere laid down, and the library's own policies are those of TLS.
    """
    if not anchors:
        return ()
    authority = verification.ExtensionPolicy.permit_all().require_present(
        x509.BasicConstraints, verification.Criticality.AGNOSTIC, None
    )
    builder = (
        verification.PolicyBuilder()
        .store(verification.Store(list(anchors)))
        .time(at)
        .max_chain_depth(_LONGEST_CHAIN)
        .extension_policies(
            ee_policy=verification.ExtensionPolicy.permit_all(), ca_policy=authority
        )
    )
    try:
        verified = builder.build_client_verifier().verify(leaf, list(intermediates))
    except (UnsupportedAlgorithm, ValueError, verification.VerificationError):
        return ()
    return tuple(verified.chain)


def find_revocation(
    certificate: x509.Certificate,
    *,
    issuers: Iterable[x509.Certificate],
    crls: Iterable[x509.CertificateRevocationList],
) -> dt.datetime | None:
    """Return when a certificate was revoked by one of its issuers, None if it was not.

    A list that no issuer at hand has signed says nothing (RFC 5280 6.3).
    """
    known = [issuer for issuer in issuers if issuer.subject == certificate.issuer]
    for crl in crls:
        if crl.issuer != certificate.issuer:
            continue
        if not any(has_signed_crl(issuer, crl) for issuer in known):
            continue
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is not None:
            return entry.revocation_date_utc
    return None


def has_signed_crl(
    issuer: x509.Certificate, crl: x509.CertificateRevocationList
) -> bool:
    """Return whether an authority's key made the signature of a revocation list."""
    key = issuer.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return False
    try:
        return crl.is_signature_valid(key)
    except (TypeError, UnsupportedAlgorithm, ValueError):
        return False


def _describe_key(key: PublicKeyTypes) -> tuple[str, bool]:
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}", key.key_size < _LEAST_RSA_BITS
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"ECDSA {key.curve.name}", key.curve.key_size < _LEAST_CURVE_BITS
    return type(key).__name__.removesuffix("PublicKey"), True
