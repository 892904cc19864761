"""A key that never leaves its token: smart card, HSM, or SoftHSM (PKCS #11).

Needs the package python-pkcs11, of the extra `pkcs11`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from workers.dicom.signatures.macs import Algorithm
from workers.dicom.signatures.sign import CannotSign, load_signing_certificate


@dataclass(frozen=True)
class Pkcs11Signer:
    """A private key of an open session, and the certificate of its public one."""

    certificate: x509.Certificate
    key: pkcs11.SignMixin

    def sign(self, digest: bytes, algorithm: Algorithm) -> bytes:
        """Return the signature of a digest. Raises CannotSign if the token refuses."""
        try:
            if isinstance(self.certificate.public_key(), rsa.RSAPublicKey):
                block = algorithm.digest_info + digest
                signature = self.key.sign(block, mechanism=pkcs11.Mechanism.RSA_PKCS)
                return bytes(signature)
            pair = bytes(self.key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA))
        except pkcs11.PKCS11Error:
            raise CannotSign("The token refuses to sign with this key.") from None
        # SPEC PKCS #11 2.40, 2.3.1: r and s, each as long as the curve's order.
        half = len(pair) // 2
        return encode_dss_signature(
            int.from_bytes(pair[:half], "big"), int.from_bytes(pair[half:], "big")
        )


@contextmanager
def open_token(
    module: Path, *, token: str, key: str, pin: str, certificate: bytes
) -> Iterator[Pkcs11Signer]:
    """Yield a signer while the session is open. Raises CannotSign.

    module: the vendor's library. token, key: their labels. certificate: PEM.
    """
    owner = load_signing_certificate(certificate)
    with ExitStack() as stack:
        # Only the opening: what fails while it is open has words of its own.
        try:
            found = pkcs11.lib(str(module)).get_token(token_label=token)
            session = stack.enter_context(found.open(user_pin=pin))
            private = session.get_key(
                object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=key
            )
        except pkcs11.NoSuchKey:
            raise CannotSign("The token has no private key of this label.") from None
        except pkcs11.NoSuchToken:
            raise CannotSign("There is no token of this label.") from None
        except pkcs11.PinIncorrect:
            raise CannotSign("The token refuses this PIN.") from None
        except (pkcs11.PKCS11Error, RuntimeError):
            raise CannotSign("The token cannot be used.") from None
        if not isinstance(private, pkcs11.SignMixin):
            raise CannotSign("The key of this label is not one to sign with.")
        yield Pkcs11Signer(owner, private)
