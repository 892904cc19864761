"""Message authentication codes: digests, and what a public key says of a signature."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed

from workers.dicom.signatures.certificates import CertificateError, cut_der


class MacError(ValueError):
    """A digest or key of this kind cannot be used here; no values in it."""


@dataclass(frozen=True)
class Algorithm:
    """A hash of PS3.3 C.12.1.1.3.1.1 (MAC Algorithm).

    digest_info: what PKCS #1 v1.5 puts before the digest (RFC 8017, 9.2, note 1;
        RIPEMD-160 by ISO/IEC 10118-3's identifier 1.3.36.3.2.1).
    """

    name: str
    hashlib_name: str
    digest_info: bytes
    is_weak: bool

    def new(self) -> hashlib._Hash:
        """Return an empty digest. Raises MacError where OpenSSL was built without."""
        try:
            return hashlib.new(self.hashlib_name, usedforsecurity=False)
        except ValueError:
            raise MacError(f"{self.name} is not available on this machine.") from None


ALGORITHMS = {
    algorithm.name: algorithm
    for algorithm in (
        Algorithm(
            "RIPEMD160",
            "ripemd160",
            bytes.fromhex("3021300906052b2403020105000414"),
            is_weak=True,
        ),
        Algorithm(
            "MD5",
            "md5",
            bytes.fromhex("3020300c06082a864886f70d020505000410"),
            is_weak=True,
        ),
        Algorithm(
            "SHA1",
            "sha1",
            bytes.fromhex("3021300906052b0e03021a05000414"),
            is_weak=True,
        ),
        Algorithm(
            "SHA256",
            "sha256",
            bytes.fromhex("3031300d060960864801650304020105000420"),
            is_weak=False,
        ),
        Algorithm(
            "SHA384",
            "sha384",
            bytes.fromhex("3041300d060960864801650304020205000430"),
            is_weak=False,
        ),
        Algorithm(
            "SHA512",
            "sha512",
            bytes.fromhex("3051300d060960864801650304020305000440"),
            is_weak=False,
        ),
    )
}
# The library's types of `verify` forget it.
NO_DIGEST_INFO = cast(Prehashed, NoDigestInfo())
# What tells the library how long a digest is: for ECDSA nothing else counts.
PREHASHED: dict[int, hashes.HashAlgorithm] = {
    16: hashes.MD5(),
    20: hashes.SHA1(),
    32: hashes.SHA256(),
    48: hashes.SHA384(),
    64: hashes.SHA512(),
}


def is_signed_by(
    certificate: x509.Certificate,
    *,
    signature: bytes,
    algorithm: Algorithm,
    digest: bytes,
) -> bool:
    """Return whether the certificate's key signed this digest.

    RSA by PKCS #1 v1.5 as PS3.15 C.1 asks; ECDSA as DCMTK writes it (DER, FIPS 186).
    Raises MacError for keys of other kinds.
    """
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        # With the digest's prefix as ours: the library knows no RIPEMD-160.
        block = algorithm.digest_info + digest
        try:
            key.verify(signature, block, padding.PKCS1v15(), NO_DIGEST_INFO)
        except (InvalidSignature, ValueError):
            return False
        return True
    if isinstance(key, ec.EllipticCurvePublicKey):
        try:
            exact = cut_der(signature)
            key.verify(exact, digest, ec.ECDSA(Prehashed(PREHASHED[len(digest)])))
        except (CertificateError, InvalidSignature, UnsupportedAlgorithm, ValueError):
            return False
        return True
    raise MacError("The signer's key is neither RSA nor ECDSA.")
