"""Whose signature it is: an enrolled device, somebody an authority vouches for, or
nobody known."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum

from cryptography import x509

from workers.dicom.signatures.certificates import (
    CertificateError,
    find_chain,
    find_revocation,
    load_certificate,
    load_crl,
)
from workers.dicom.signatures.model import Certificate, Signature
from workers.types import EnrolledDevice, SignatureTrust


class SignerKind(StrEnum):
    """What is known of a signer."""

    DEVICE = "device"
    AUTHORITY = "authority"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Signer:
    """A signer, judged. `device`: where it is an enrolled one, also of a revoked or
    ended certificate. authority: who vouches for it. revoked_at: None unless revoked.

    is_enrolled_then: whether the certificate was that of the device when it signed.
    stamp_authority: who vouches for the authority of its time stamp, empty if nobody.
    """

    kind: SignerKind
    device: EnrolledDevice | None = None
    is_enrolled_then: bool = False
    authority: str = ""
    revoked_at: dt.datetime | None = None
    stamp_authority: str = ""

    @property
    def is_trusted_device(self) -> bool:
        """Return whether an enrolled device signed, with what was its own then."""
        return self.is_enrolled_then and self.revoked_at is None


def signing_time(signature: Signature) -> dt.datetime | None:
    """Return when a signature was made: as certified, else as its signer states it.

    A time stamp counts even if nobody vouches for its authority: whoever makes one up
    could as well state the time.
    """
    stamp = signature.time_stamp
    if stamp is not None and not stamp.problem:
        return stamp.at
    return signature.signed_at


def judge_signer(signature: Signature, trust: SignatureTrust | None) -> Signer:
    """Return what is known of who made a signature.

    A revoked certificate counts for nothing, whenever it signed: a stolen key can state
    any time. Without a certified one, the stated time of signing decides which
    certificate was the device's then.
    """
    signer = _judge(signature, trust)
    if trust is None:
        return signer
    return replace(signer, stamp_authority=_find_stamp_authority(signature, trust))


def _judge(signature: Signature, trust: SignatureTrust | None) -> Signer:
    certificate = signature.certificate
    if certificate is None or trust is None:
        return Signer(SignerKind.UNKNOWN)
    at = signing_time(signature)
    revoked_at = _find_revoked(signature, trust)
    for device in trust.devices:
        for known in device.certificates:
            if known.sha256 == certificate.sha256:
                is_then = at is not None and known.valid_from <= at <= known.valid_until
                return Signer(
                    SignerKind.DEVICE,
                    device,
                    is_enrolled_then=is_then,
                    revoked_at=known.revoked_at or revoked_at,
                )
    anchor = _find_anchor(certificate, trust, at) if at is not None else ""
    if anchor:
        return Signer(SignerKind.AUTHORITY, authority=anchor, revoked_at=revoked_at)
    return Signer(SignerKind.UNKNOWN, revoked_at=revoked_at)


def _find_stamp_authority(signature: Signature, trust: SignatureTrust) -> str:
    stamp = signature.time_stamp
    if stamp is None or stamp.problem or stamp.at is None or stamp.authority is None:
        return ""
    return _find_anchor(stamp.authority, trust, stamp.at)


def _find_anchor(
    certificate: Certificate, trust: SignatureTrust, at: dt.datetime
) -> str:
    """Return the name of the anchor that vouches for a certificate, empty if none."""
    chain = find_chain(
        load_certificate(certificate.der), anchors=_load_anchors(trust), at=at
    )
    return chain[-1].subject.rfc4514_string() if chain else ""


def _find_revoked(signature: Signature, trust: SignatureTrust) -> dt.datetime | None:
    if signature.certificate is None or not trust.crls:
        return None
    lists = []
    for value in trust.crls:
        try:
            lists.append(load_crl(value))
        except CertificateError:
            continue
    leaf = load_certificate(signature.certificate.der)
    return find_revocation(leaf, issuers=_load_anchors(trust), crls=lists)


def _load_anchors(trust: SignatureTrust) -> list[x509.Certificate]:
    anchors = []
    for value in trust.anchors:
        try:
            anchors.append(load_certificate(value))
        except CertificateError:
            # The registry refuses such a file when it is added; see apps.imaging.
            continue
    return anchors
