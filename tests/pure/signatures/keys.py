"""Keys, certificates, revocation lists and time stamps that nobody trusts but tests."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cache
from ipaddress import ip_address

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from workers.dicom.signatures.sign import FileSigner

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
YEAR = dt.timedelta(days=365)
_SHA256 = {"algorithm": "sha256"}


@cache
def make_key(kind: str = "rsa", number: int = 0) -> Key:
    """Return a key; the same for the same arguments. kind: rsa, weak, p256 or p521."""
    if kind in ("rsa", "weak"):
        return rsa.generate_private_key(65537, 2048 if kind == "rsa" else 1024)
    return ec.generate_private_key(ec.SECP256R1() if kind == "p256" else ec.SECP521R1())


def make_certificate(
    key: Key,
    name: str = "Device 1",
    *,
    issuer: tuple[Key, x509.Certificate] | None = None,
    valid_from: dt.datetime = NOW - YEAR,
    valid_until: dt.datetime = NOW + 9 * YEAR,
    is_authority: bool = False,
    usage: x509.ObjectIdentifier | None = None,
    address: str = "",
) -> x509.Certificate:
    """Return a certificate of the key, signed by itself without an issuer.

    address: the IP address of a TLS server.
    """
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[1].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_until)
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    if address:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(issuer[0] if issuer else key, hashes.SHA256())


def make_signer(
    kind: str = "rsa", number: int = 0, name: str = "Device 1"
) -> FileSigner:
    """Return a signer with a certificate of its own making."""
    key = make_key(kind, number)
    return FileSigner(make_certificate(key, name), key)


def make_crl(
    issuer: tuple[Key, x509.Certificate], *revoked: x509.Certificate
) -> x509.CertificateRevocationList:
    """Return a list that revokes certificates as of `NOW`."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer[1].subject)
        .last_update(NOW)
        .next_update(NOW + YEAR)
    )
    for certificate in revoked:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(certificate.serial_number)
            .revocation_date(NOW)
            .build()
        )
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer[0], hashes.SHA256())


def pem_of(item: Key | x509.Certificate) -> bytes:
    """Return a key (unencrypted) or certificate as PEM."""
    if isinstance(item, x509.Certificate):
        return item.public_bytes(serialization.Encoding.PEM)
    return item.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def der_of(item: x509.Certificate | x509.CertificateRevocationList) -> bytes:
    """Return a certificate or revocation list as DER."""
    return item.public_bytes(serialization.Encoding.DER)


def make_authority(
    name: str = "Time authority", *, issuer: tuple[Key, x509.Certificate] | None = None
) -> tuple[Key, x509.Certificate]:
    """Return the key and certificate of a time stamping authority (RFC 3161 2.3)."""
    key = make_key("rsa", 9)
    usage = ExtendedKeyUsageOID.TIME_STAMPING
    return key, make_certificate(key, name, issuer=issuer, usage=usage)


def make_stamp(
    signature: bytes, authority: tuple[Key, x509.Certificate], *, at: dt.datetime = NOW
) -> bytes:
    """Return an RFC 3161 time stamp token over a signature value."""
    key, certificate = authority
    assert isinstance(key, rsa.RSAPrivateKey)
    content = _stamp_content(signature, at)
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
        ]
    )
    owner = asn1_x509.Certificate.load(der_of(certificate))
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                {"issuer": owner.issuer, "serial_number": owner.serial_number},
            ),
            "digest_algorithm": algos.DigestAlgorithm(_SHA256),
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
            "signature": key.sign(
                attributes.dump(), padding.PKCS1v15(), hashes.SHA256()
            ),
        }
    )
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [_SHA256],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(content),
            },
            "certificates": [owner],
            "signer_infos": [signer],
        }
    )
    token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
    return bytes(token.dump())


def _stamp_content(signature: bytes, at: dt.datetime) -> bytes:
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.2.3.4",
            "message_imprint": {
                "hash_algorithm": _SHA256,
                "hashed_message": hashlib.sha256(signature).digest(),
            },
            "serial_number": 7,
            "gen_time": at,
        }
    )
    return bytes(info.dump())
