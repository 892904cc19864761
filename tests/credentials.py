"""Films with content credentials (C2PA), signed by a chain made on the spot."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MIME = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
MIME["TIFF"] = "image/tiff"

_NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
_DAY = dt.timedelta(days=1)
_OFFLINE = {
    "version": 1,
    "core": {"allowed_network_hosts": []},
    # What is signed here is at times wrong on purpose.
    "verify": {"verify_after_sign": False, "remote_manifest_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}


@dataclass(frozen=True)
class Signer:
    """A signing certificate with its chain; `anchor` is the root, PEM."""

    chain: bytes
    key: bytes
    anchor: bytes


def make_signer(
    *,
    organisation: str = "Test Works",
    valid_from: dt.datetime = _NOW - 30 * _DAY,
    valid_to: dt.datetime = _NOW + 30 * _DAY,
) -> Signer:
    """Return an ES256 signer below a root of its own (C2PA 2.2, 14.5.1)."""
    root_key = ec.generate_private_key(ec.SECP256R1())
    root_name = _name("Test Anchor", "Test Root CA")
    root = (
        _build(root_name, root_name, root_key.public_key(), valid_from, valid_to)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(_key_id(root_key), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(organisation, f"{organisation} Signing")
    leaf = (
        _build(subject, root_name, key.public_key(), valid_from, valid_to)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]),
            critical=False,
        )
        .add_extension(_key_id(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
        .sign(root_key, hashes.SHA256())
    )
    anchor = root.public_bytes(serialization.Encoding.PEM)
    return Signer(
        chain=leaf.public_bytes(serialization.Encoding.PEM) + anchor,
        key=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        anchor=anchor,
    )


def make_action(
    action: str = "c2pa.created", source: str | None = None, agent: str = "Test Agent"
) -> dict[str, Any]:
    """Return one action of `c2pa.actions.v2`."""
    said: dict[str, Any] = {"action": action, "softwareAgent": {"name": agent}}
    if source is not None:
        said["digitalSourceType"] = SOURCE_TYPE + source
    return said


def sign_picture(
    plain: bytes,
    kind: str,
    signer: Signer,
    actions: Sequence[dict[str, Any]],
    *,
    ingredient: bytes | None = None,
    relationship: str = "parentOf",
    gathered: bool = False,
) -> bytes:
    """Return the picture `plain` (of Pillow format `kind`) with signed credentials.

    ingredient: another picture of the same format that this one is said to hold.
    """
    assertion = {
        "label": "c2pa.actions.v2",
        "data": {"actions": list(actions)},
        "created": not gathered,
    }
    manifest = {
        "claim_generator_info": [{"name": "Test Claim Maker", "version": "1"}],
        "assertions": [assertion],
    }
    info = c2pa.C2paSignerInfo(
        c2pa.C2paSigningAlg.ES256, signer.chain, signer.key, None
    )
    signed = io.BytesIO()
    context = c2pa.Context.from_dict(_OFFLINE)
    with (
        c2pa.Builder(manifest, context=context) as builder,
        c2pa.Signer.from_info(info) as pen,
    ):
        if ingredient is not None:
            about = {"title": "earlier", "relationship": relationship}
            builder.add_ingredient(
                json.dumps(about), MIME[kind], io.BytesIO(ingredient)
            )
        builder.sign(pen, MIME[kind], io.BytesIO(plain), signed)
    return signed.getvalue()


def write_anchors(path: Path, signers: Sequence[Signer]) -> Path:
    """Write the anchors of `signers` as one PEM file with text between, as in lists."""
    blocks = [b"Subject\tCN=Test Root CA\n" + signer.anchor for signer in signers]
    path.write_bytes(b"\n".join(blocks))
    return path


def _name(organisation: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _build(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    valid_from: dt.datetime,
    valid_to: dt.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_to)
    )


def _key_id(key: ec.EllipticCurvePrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
