"""Whether a certificate may be enrolled: as a device's, or as an authority's."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from workers.dicom.signatures.certificates import describe
from workers.types import SignatureTrust

EXPIRES_SOON = dt.timedelta(days=30)
_WEAK_HASHES = ("md5", "sha1")


class CertificateRole(StrEnum):
    """What a certificate is to be enrolled as."""

    DEVICE = "device"
    AUTHORITY = "authority"


@dataclass(frozen=True)
class Remark:
    """What is to be said of a certificate. is_refusal: else it is a warning."""

    code: str
    text: str
    is_refusal: bool


@dataclass(frozen=True)
class CrlFacts:
    """What people and rules need of a revocation list. Times are aware.

    number: CRL Number (RFC 5280 5.2.3), None where the list has none.
    """

    der: bytes
    sha256: str
    issuer: str
    number: int | None
    this_update: dt.datetime
    next_update: dt.datetime | None
    entries: int


def judge_certificate(
    certificate: x509.Certificate, *, role: CertificateRole, now: dt.datetime
) -> tuple[Remark, ...]:
    """Return what stands against enrolling a certificate, refusals first. now: aware.

    Codes of refusals: expired, not_yet_valid, unsupported_key, certificate_authority,
    not_an_authority. Of warnings: weak_key, weak_hash, not_for_signing, expires_soon.
    """
    remarks = [
        *_judge_validity(certificate, now),
        *_judge_key(certificate),
        *_judge_role(certificate, role),
    ]
    return tuple(sorted(remarks, key=lambda remark: not remark.is_refusal))


def describe_crl(crl: x509.CertificateRevocationList) -> CrlFacts:
    """Return what people and rules need of a revocation list."""
    der = crl.public_bytes(Encoding.DER)
    try:
        extension = crl.extensions.get_extension_for_class(x509.CRLNumber)
        number = extension.value.crl_number
    except (ValueError, x509.ExtensionNotFound):
        number = None
    return CrlFacts(
        der=der,
        sha256=hashlib.sha256(der).hexdigest(),
        issuer=crl.issuer.rfc4514_string(),
        number=number,
        this_update=crl.last_update_utc,
        next_update=crl.next_update_utc,
        entries=len(crl),
    )


def digest_trust(trust: SignatureTrust) -> str:
    """Return a digest of whose signatures count, lower-case hexadecimal; empty where
    nobody's do. Equal digests: the same film gets the same statements."""
    if not (trust.devices or trust.anchors or trust.crls):
        return ""
    lines = [f"anchor {hashlib.sha256(der).hexdigest()}" for der in trust.anchors]
    lines += [f"crl {hashlib.sha256(der).hexdigest()}" for der in trust.crls]
    for device in trust.devices:
        facts = (
            device.device_id,
            device.name,
            device.manufacturer,
            device.serial_number,
            device.ae_title,
        )
        # repr: a name may hold any character that would join two facts.
        lines.append(f"device {facts!r}")
        lines += [
            f"certificate {(device.device_id, one.sha256)!r} {_times(one.valid_from)}"
            f" {_times(one.valid_until)} {_times(one.revoked_at)}"
            for one in device.certificates
        ]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _times(at: dt.datetime | None) -> str:
    return at.astimezone(dt.UTC).isoformat() if at else "-"


def _judge_validity(certificate: x509.Certificate, now: dt.datetime) -> list[Remark]:
    starts, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now > ends:
        return [Remark("expired", f"It expired on {ends:%Y-%m-%d}.", True)]
    if now < starts:
        return [
            Remark("not_yet_valid", f"It is valid only from {starts:%Y-%m-%d}.", True)
        ]
    if ends - now <= EXPIRES_SOON:
        return [Remark("expires_soon", f"It expires on {ends:%Y-%m-%d}.", False)]
    return []


def _judge_key(certificate: x509.Certificate) -> list[Remark]:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return [
            Remark(
                "unsupported_key",
                "Its key is neither RSA nor ECDSA: DICOM knows no signatures by it.",
                True,
            )
        ]
    remarks = []
    known = describe(certificate)
    if known.is_key_weak:
        remarks.append(
            Remark(
                "weak_key",
                f"Its key ({known.key}) can be broken: signatures by it clear nothing.",
                False,
            )
        )
    try:
        algorithm = certificate.signature_hash_algorithm
        hash_name = algorithm.name if algorithm else ""
    except UnsupportedAlgorithm:
        hash_name = ""
    if hash_name in _WEAK_HASHES:
        remarks.append(
            Remark(
                "weak_hash",
                f"It was issued by {hash_name.upper()}, which can be forged.",
                False,
            )
        )
    return remarks


def _judge_role(certificate: x509.Certificate, role: CertificateRole) -> list[Remark]:
    is_authority, usage = _read_uses(certificate)
    if role is CertificateRole.AUTHORITY:
        if is_authority:
            return []
        return [
            Remark(
                "not_an_authority",
                "It is no certificate of an authority: it may not vouch for others.",
                True,
            )
        ]
    if is_authority:
        return [
            Remark(
                "certificate_authority",
                "It is that of an authority, not of a device. Add it among the"
                " authorities.",
                True,
            )
        ]
    if usage is not None and not usage.digital_signature:
        return [
            Remark("not_for_signing", "It is not meant for digital signatures.", False)
        ]
    return []


def _read_uses(certificate: x509.Certificate) -> tuple[bool, x509.KeyUsage | None]:
    """Return whether it may issue others, and its key usage where it states one."""
    try:
        extensions = certificate.extensions
    except ValueError:
        return False, None
    is_authority, usage = False, None
    for extension in extensions:
        if isinstance(extension.value, x509.BasicConstraints):
            is_authority = extension.value.ca
        elif isinstance(extension.value, x509.KeyUsage):
            usage = extension.value
    return is_authority, usage
