"""A signing key for the demo, made on the first start. Nobody vouches for it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from apps.core.embedded import write_private

_VALID_FOR = dt.timedelta(days=3650)


def load_or_make_signing_key(folder: Path) -> tuple[str, str]:
    """Return the private key and the certificate of this data folder's demo, PEM."""
    key_path, certificate_path = folder / "demo_key.pem", folder / "demo_cert.pem"
    # The certificate is written last: with it, both are there.
    if not certificate_path.exists():
        key = rsa.generate_private_key(65537, 2048)
        write_private(
            key_path,
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ).decode(),
        )
        write_private(certificate_path, _certify(key).decode())
    return key_path.read_text("utf-8"), certificate_path.read_text("utf-8")


def _certify(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Truefilm demo")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + _VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)
