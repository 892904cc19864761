"""Sign a DICOM file: one signature over everything that can be signed at the top."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from workers.decode.parsing import PARSE_ERRORS, bad_header, quiet_warnings
from workers.dicom.signatures import stream
from workers.dicom.signatures.certificates import describe
from workers.dicom.signatures.macs import (
    ALGORITHMS,
    NO_DIGEST_INFO,
    PREHASHED,
    Algorithm,
)
from workers.dicom.signatures.model import Integrity
from workers.dicom.signatures.profiles import list_profiles
from workers.dicom.signatures.stream import MAC_PARAMETERS, SIGNATURES, StreamError
from workers.dicom.signatures.verify import verify_data_set
from workers.errors import RejectedInput

_LARGEST_MAC_ID = 0xFFFF
# PS3.16 CID 7007, of ASTM E2084; the code 18 is left out, which is for time stamps.
PURPOSES = {
    "1": "Author's Signature",
    "2": "Coauthor's Signature",
    "3": "Co-participant's Signature",
    "4": "Transcriptionist/Recorder Signature",
    "5": "Verification Signature",
    "6": "Validation Signature",
    "7": "Consent Signature",
    "8": "Signature Witness Signature",
    "9": "Event Witness Signature",
    "10": "Identity Witness Signature",
    "11": "Consent Witness Signature",
    "12": "Interpreter Signature",
    "13": "Review Signature",
    "14": "Source Signature",
    "15": "Addendum Signature",
    "16": "Modification Signature",
    "17": "Administrative (Error/Edit) Signature",
}


class CannotSign(RejectedInput):
    """The file or the key does not allow the signature that was asked for."""

    code = "cannot_sign"


class Signer(Protocol):
    """A private key, wherever it is kept, and the certificate of its public one."""

    @property
    def certificate(self) -> x509.Certificate:
        """Return the certificate that the signature will carry."""
        ...

    def sign(self, digest: bytes, algorithm: Algorithm) -> bytes:
        """Return the signature of a digest: PKCS #1 v1.5 for RSA, DER for ECDSA."""
        ...


@dataclass(frozen=True)
class FileSigner:
    """A key that was read from a file."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    @classmethod
    def load(
        cls, *, key: bytes, certificate: bytes, password: bytes | None = None
    ) -> FileSigner:
        """Return a signer from PEM. Raises CannotSign where they cannot be read, do not
        belong together, or are too weak for new signatures."""
        try:
            loaded = serialization.load_pem_private_key(key, password)
        except (TypeError, ValueError):
            raise CannotSign("The key cannot be read with this password.") from None
        if not isinstance(loaded, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise CannotSign("The key is neither RSA nor ECDSA.")
        owner = load_signing_certificate(certificate)
        if owner.public_key() != loaded.public_key():
            raise CannotSign("The certificate is not that of the key.")
        return cls(owner, loaded)

    def sign(self, digest: bytes, algorithm: Algorithm) -> bytes:
        """Return the signature of a digest."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            block = algorithm.digest_info + digest
            return self.key.sign(block, padding.PKCS1v15(), NO_DIGEST_INFO)
        return self.key.sign(digest, ec.ECDSA(Prehashed(PREHASHED[len(digest)])))


def load_signing_certificate(pem: bytes) -> x509.Certificate:
    """Return a certificate fit for new signatures. Raises CannotSign."""
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        described = describe(certificate)
    except (UnsupportedAlgorithm, TypeError, ValueError):
        raise CannotSign("The certificate cannot be read.") from None
    if described.is_key_weak:
        raise CannotSign(f"A key of {described.key} is too weak to sign with.")
    return certificate


def sign_file(
    content: bytes,
    *,
    signer: Signer,
    profile: str,
    at: dt.datetime,
    algorithm: str = "SHA256",
    purpose: str = "",
) -> bytes:
    """Return a DICOM file with one more signature in it.

    Everything that can be signed at the top level is, so that nothing can be changed
    later without breaking it; elements of an unknown VR cannot. Other elements keep
    their bytes. Files in implicit or big-endian coding are written in explicit VR
    little endian, of which signatures are made; others stay in the coding they have.

    profile: one of `workers.dicom.signatures.profiles`. at: aware. purpose: a code of
    PS3.16 CID 7007, or none. Raises CannotSign, and UnreadableFile if it is no DICOM.
    """
    method = ALGORITHMS[algorithm]
    if method.is_weak:
        raise CannotSign(f"{algorithm} is too weak to sign with.")
    if not describe(signer.certificate).is_valid_at(at):
        raise CannotSign("The certificate is not valid at this time.")
    with quiet_warnings():
        try:
            data_set = _read_explicit(content)
            tags = stream.list_signable(data_set)
            if profile not in list_profiles(data_set, tags, purpose=purpose):
                raise CannotSign(f"The file lacks what the {profile} profile asks for.")
            _add_signature(data_set, tags, signer, method, at, purpose)
            signed = _write(data_set)
            last = verify_data_set(dcmread(io.BytesIO(signed)))
        except StreamError as error:
            raise CannotSign(str(error)) from None
        except PARSE_ERRORS:
            raise bad_header() from None
    mine = [signature for signature in last if not signature.path][-1:]
    if not mine or mine[0].integrity is not Integrity.INTACT:
        raise CannotSign(
            "The signature does not verify: the key and certificate differ."
        )
    return signed


def _read_explicit(content: bytes) -> FileDataset:
    data_set = dcmread(io.BytesIO(content))
    syntax = data_set.file_meta.TransferSyntaxUID
    if syntax.is_implicit_VR or not syntax.is_little_endian:
        data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        buffer = io.BytesIO()
        dcmwrite(buffer, data_set, implicit_vr=False, little_endian=True)
        data_set = dcmread(io.BytesIO(buffer.getvalue()))
    return data_set


def _write(data_set: FileDataset) -> bytes:
    buffer = io.BytesIO()
    dcmwrite(buffer, data_set, enforce_file_format=False)
    return buffer.getvalue()


def _add_signature(
    data_set: FileDataset,
    tags: tuple[int, ...],
    signer: Signer,
    method: Algorithm,
    at: dt.datetime,
    purpose: str,
) -> None:
    number = _free_mac_id(data_set)
    parameters = Dataset()
    parameters.MACIDNumber = number
    parameters.MACCalculationTransferSyntaxUID = data_set.file_meta.TransferSyntaxUID
    parameters.MACAlgorithm = method.name
    parameters.DataElementsSigned = list(tags)

    item = Dataset()
    item.MACIDNumber = number
    item.DigitalSignatureUID = generate_uid(prefix=None)
    item.DigitalSignatureDateTime = f"{at.astimezone(dt.UTC):%Y%m%d%H%M%S.%f}+0000"
    item.CertificateType = "X509_1993_SIG"
    if purpose:
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator = purpose, "ASTM-sigpurpose"
        code.CodeMeaning = PURPOSES[purpose]
        item.DigitalSignaturePurposeCodeSequence = Sequence([code])

    digest = method.new()
    stream.feed_elements(data_set, tags, digest.update)
    stream.feed_signature_item(item, digest.update)
    item.CertificateOfSigner = signer.certificate.public_bytes(Encoding.DER)
    item.Signature = signer.sign(digest.digest(), method)
    _append(data_set, MAC_PARAMETERS, parameters)
    _append(data_set, SIGNATURES, item)


def _append(data_set: Dataset, tag: int, item: Dataset) -> None:
    known = list(data_set[tag].value or ()) if tag in data_set else []
    data_set.add_new(tag, "SQ", Sequence([*known, item]))


def _free_mac_id(data_set: FileDataset) -> int:
    """Return the least number that no MAC parameters at the top level use."""
    known = data_set[MAC_PARAMETERS].value if MAC_PARAMETERS in data_set else ()
    used = {item.get("MACIDNumber") for item in known or ()}
    return next(n for n in range(_LARGEST_MAC_ID + 1) if n not in used)
