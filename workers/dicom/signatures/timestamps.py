"""Certified time stamps of signatures: RFC 3161, embedded by PS3.3 C.12.1.1.3.1.3."""

from __future__ import annotations

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from workers.dicom.signatures.certificates import (
    CertificateError,
    cut_der,
    describe,
    load_certificate,
)
from workers.dicom.signatures.macs import ALGORITHMS, Algorithm, MacError, is_signed_by
from workers.dicom.signatures.model import TimeStamp

_BY_HASHLIB_NAME = {a.hashlib_name: a for a in ALGORITHMS.values()}


class _StampError(ValueError):
    """Why a stamp does not hold, in words."""


def read_time_stamp(value: bytes, *, signature: bytes) -> TimeStamp:
    """Return what a stamp certifies of a signature value, and whether it holds.

    value: a TimeStampToken, or a whole TimeStampResp. Whether the stamping authority is
    trusted is not judged here.
    """
    try:
        signed = _open(value)
        info = signed["encap_content_info"]["content"].parsed
        at = info["gen_time"].native
        signer = _find_signer(signed)
    except (_StampError, CertificateError) as error:
        return TimeStamp(None, None, str(error))
    except (KeyError, TypeError, ValueError, AttributeError):
        return TimeStamp(None, None, "It cannot be read.")
    authority = describe(signer)
    try:
        _check(signed, info, signer, signature)
    except (_StampError, MacError) as error:
        return TimeStamp(at, authority, str(error))
    except (KeyError, TypeError, ValueError, AttributeError):
        return TimeStamp(at, authority, "It cannot be read.")
    if not authority.is_valid_at(at):
        return TimeStamp(
            at, authority, "The authority's certificate was not valid then."
        )
    return TimeStamp(at, authority, "")


def _open(value: bytes) -> cms.SignedData:
    der = cut_der(value)
    try:
        content = tsp.TimeStampResp.load(der)["time_stamp_token"]
        content_type = content["content_type"].native
    except ValueError:
        content = cms.ContentInfo.load(der)
        content_type = content["content_type"].native
    if content_type != "signed_data":
        raise _StampError("It is no time stamp.")
    signed: cms.SignedData = content["content"]
    if signed["encap_content_info"]["content_type"].native != "tst_info":
        raise _StampError("It is no time stamp.")
    return signed


def _find_signer(signed: cms.SignedData) -> x509.Certificate:
    """Return the authority's certificate, which the token carries."""
    (signer_info,) = signed["signer_infos"]
    wanted = signer_info["sid"]
    for choice in signed["certificates"]:
        certificate = choice.chosen
        if wanted.name == "issuer_and_serial_number":
            issuer, number = wanted.chosen["issuer"], wanted.chosen["serial_number"]
            is_it = (certificate.issuer, certificate.serial_number) == (
                issuer,
                number.native,
            )
        else:
            is_it = certificate.key_identifier == wanted.native
        if is_it:
            return load_certificate(certificate.dump())
    raise _StampError("It does not carry the authority's certificate.")


def _check(
    signed: cms.SignedData,
    info: tsp.TSTInfo,
    signer: x509.Certificate,
    signature: bytes,
) -> None:
    imprint = info["message_imprint"]
    algorithm = _algorithm(imprint["hash_algorithm"]["algorithm"].native)
    stamped = imprint["hashed_message"].native
    # Whether a pad byte after an ECDSA signature counts is nowhere laid down.
    if stamped not in {
        _digest(algorithm, part) for part in _without_padding(signature)
    }:
        raise _StampError("It was made of another signature.")
    (signer_info,) = signed["signer_infos"]
    digests = _algorithm(signer_info["digest_algorithm"]["algorithm"].native)
    attributes = {
        attribute["type"].native: attribute["values"][0].native
        for attribute in signer_info["signed_attrs"]
    }
    content = signed["encap_content_info"]["content"].contents
    if attributes.get("message_digest") != _digest(digests, content):
        raise _StampError("Its content was altered.")
    if attributes.get("content_type") != "tst_info":
        raise _StampError("Its content was altered.")
    covered = signer_info["signed_attrs"].untag().dump()
    if not is_signed_by(
        signer,
        signature=signer_info["signature"].native,
        algorithm=digests,
        digest=_digest(digests, covered),
    ):
        raise _StampError("Its own signature is broken.")
    if not _may_stamp(signer):
        raise _StampError("Its certificate is not one for time stamps.")


def _algorithm(name: str) -> Algorithm:
    try:
        return _BY_HASHLIB_NAME[name]
    except KeyError:
        raise _StampError("It uses a hash that is not known here.") from None


def _digest(algorithm: Algorithm, message: bytes) -> bytes:
    digest = algorithm.new()
    digest.update(message)
    return digest.digest()


def _without_padding(signature: bytes) -> set[bytes]:
    try:
        return {signature, cut_der(signature)}
    except CertificateError:
        return {signature}


def _may_stamp(certificate: x509.Certificate) -> bool:
    """RFC 3161 2.3: the extended key usage names time stamping and nothing else."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
