"""Trust anchors of content credentials, as operators keep them: PEM files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates

from workers.types import CredentialTrust


def read_anchors(path: Path) -> tuple[bytes, ...]:
    """Return the certificates in a file, each as PEM, without the text between them.

    Raises OSError, and ValueError where there are none or one cannot be read.
    """
    certificates = load_pem_x509_certificates(path.read_bytes())
    return tuple(item.public_bytes(Encoding.PEM) for item in certificates)


def digest_credential_trust(trust: CredentialTrust | None) -> str:
    """Return a digest of whose credentials count, lower-case hexadecimal; empty where
    nobody's do. The order of the anchors does not matter."""
    if trust is None or not (trust.anchors or trust.time_anchors):
        return ""
    lines = [f"anchor {hashlib.sha256(pem).hexdigest()}" for pem in trust.anchors]
    lines += [f"time {hashlib.sha256(pem).hexdigest()}" for pem in trust.time_anchors]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
