"""Digital signatures in words: separate statements, each with its weight."""

from __future__ import annotations

import datetime as dt

from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset

from workers.decode.parsing import read_element
from workers.dicom.signatures.model import (
    PATIENT_TAGS,
    PIXEL_TAGS,
    Integrity,
    Signature,
)
from workers.dicom.signatures.trust import (
    Signer,
    SignerKind,
    judge_signer,
    signing_time,
)
from workers.types import Finding, SignatureTrust

_ANNEX_C = "PS3.15 Annex C; PS3.3 C.12.1.1.3"
# Elements that may be missing from a signature without a word: what archives correct.
_MOST_NAMED = 12


def state_signatures(
    header: Dataset,
    signatures: tuple[Signature, ...],
    *,
    trust: SignatureTrust | None,
    now: dt.datetime,
) -> list[Finding]:
    """Return what the signatures of a data set state, in the order in which they lie.

    header: of the file, to hold against the device that signed. now: aware.
    """
    if not signatures:
        return [
            Finding(
                "signature_absent",
                "The file carries no digital signature, as almost no film does yet.",
                0.0,
                _ANNEX_C,
            )
        ]
    findings = []
    for number, signature in enumerate(signatures, start=1):
        name = (
            "The digital signature" if len(signatures) == 1 else f"Signature {number}"
        )
        signer = judge_signer(signature, trust)
        findings += _Statements(name, signature, signer, header, now).list_all()
    return findings


def say_unreadable() -> Finding:
    """Return the statement of a file whose signatures cannot even be listed."""
    return Finding(
        "signature_unreadable",
        "The file's digital signatures cannot be read.",
        0.25,
        _ANNEX_C,
    )


class _Statements:
    """What one signature states."""

    def __init__(
        self,
        name: str,
        signature: Signature,
        signer: Signer,
        header: Dataset,
        now: dt.datetime,
    ) -> None:
        self._name = name
        self._signature = signature
        self._signer = signer
        self._header = header
        self._now = now

    def list_all(self) -> list[Finding]:
        """Return the statements, the main one first."""
        signature = self._signature
        if signature.integrity is Integrity.UNREADABLE:
            return [
                self._say(
                    "signature_unreadable",
                    f"cannot be verified. {signature.problem}",
                    0.25,
                )
            ]
        if signature.integrity is Integrity.BROKEN:
            return [
                self._say(
                    "signature_broken",
                    f"is broken: {self._where()}the file was changed after signing.",
                    0.9,
                )
            ]
        return [
            self._state_signer(),
            *self._state_device(),
            *self._state_strength(),
            *self._state_coverage(),
            *self._state_validity(),
            *self._state_time_stamp(),
        ]

    def _say(self, code: str, words: str, weight: float, **detail: object) -> Finding:
        signature, certificate = self._signature, self._signature.certificate
        return Finding(
            code,
            f"{self._name} {words}",
            weight,
            _ANNEX_C,
            detail={
                "uid": signature.uid,
                "path": signature.path or "(top level)",
                "algorithm": signature.algorithm,
                "certificate_sha256": certificate.sha256 if certificate else None,
                **detail,
            },
        )

    def _where(self) -> str:
        path = self._signature.path
        return f"in {path}, " if path else ""

    def _state_signer(self) -> Finding:
        signature, signer = self._signature, self._signer
        key = signature.certificate.key if signature.certificate else ""
        how = f"({key}, {signature.algorithm})"
        if signer.revoked_at is not None:
            return self._say(
                "signature_revoked",
                f"holds, but its certificate was revoked on {_day(signer.revoked_at)}.",
                0.7,
            )
        if signer.device is not None:
            if signer.is_enrolled_then:
                return self._say(
                    "signature_trusted_device",
                    f"holds {how}; the enrolled device {signer.device.name} made it.",
                    self._weight_of_device(),
                    device=signer.device.device_id,
                )
            return self._say(
                "signature_ended_device",
                f"holds, but with a key that {signer.device.name} did not have then.",
                0.5,
                device=signer.device.device_id,
            )
        if signer.kind is SignerKind.AUTHORITY:
            return self._say(
                "signature_known_authority",
                f"holds {how}; {signer.authority} vouches for its signer, which is no"
                " enrolled device.",
                0.0,
            )
        return self._say(
            "signature_unknown_signer",
            f"holds {how}, but who made it is not known here.",
            0.0,
        )

    def _weight_of_device(self) -> float:
        """Hard evidence for the film only of a strong signature over its pixels and its
        patient at the top level, by a device that the header names."""
        signature = self._signature
        certificate = signature.certificate
        is_strong = (
            not signature.is_hash_weak
            and certificate is not None
            and not certificate.is_key_weak
            and signature.covers_pixels
            # Else a genuine film of somebody else's would clear this patient's.
            and PATIENT_TAGS.isdisjoint(signature.uncovered_tags)
            and not signature.path
            and not self._list_contradictions()
        )
        return -1.0 if is_strong else 0.0

    def _list_contradictions(self) -> list[str]:
        """Return the header's elements that name another than the enrolled device."""
        device = self._signer.device
        if device is None:
            return []
        stated = {
            "DeviceSerialNumber": device.serial_number,
            "Manufacturer": device.manufacturer,
        }
        return [
            keyword
            for keyword, enrolled in stated.items()
            if enrolled
            and _fold(read_element(self._header, keyword)) not in ("", _fold(enrolled))
        ]

    def _state_device(self) -> list[Finding]:
        fields = self._list_contradictions()
        if not fields:
            return []
        return [
            self._say(
                "signature_other_device",
                "was made by a device other than the one that the header names"
                f" ({', '.join(fields)}).",
                0.8,
                fields=fields,
            )
        ]

    def _state_strength(self) -> list[Finding]:
        signature, certificate = self._signature, self._signature.certificate
        weak = [signature.algorithm] if signature.is_hash_weak else []
        if certificate is not None and certificate.is_key_weak:
            weak.append(certificate.key)
        if not weak:
            return []
        return [
            self._say(
                "signature_weak",
                f"rests on {' and '.join(weak)}, which can be forged today.",
                0.0,
            )
        ]

    def _state_coverage(self) -> list[Finding]:
        signature = self._signature
        if signature.path:
            return [
                self._say(
                    "signature_of_item",
                    f"covers an item at {signature.path} only, not the film.",
                    0.0,
                )
            ]
        findings = []
        if not signature.covers_pixels and not PIXEL_TAGS.isdisjoint(
            signature.uncovered_tags
        ):
            findings.append(
                self._say(
                    "signature_without_pixels",
                    "does not cover the picture itself.",
                    0.25,
                )
            )
        patient = sorted(PATIENT_TAGS.intersection(signature.uncovered_tags))
        if patient:
            findings.append(
                self._say(
                    "signature_without_patient",
                    f"does not cover whose film it is ({_name(patient)}).",
                    0.0,
                )
            )
        others = set(signature.uncovered_tags) - PATIENT_TAGS - PIXEL_TAGS
        if others:
            what = (
                "one further element" if len(others) == 1 else f"{len(others)} others"
            )
            findings.append(
                self._say(
                    "signature_partial",
                    f"does not cover {what} ({_name(sorted(others))}).",
                    0.0,
                )
            )
        return findings

    def _state_validity(self) -> list[Finding]:
        certificate, at = self._signature.certificate, signing_time(self._signature)
        if certificate is None:
            return []
        if at is None:
            return [
                self._say("signature_undated", "does not say when it was made.", 0.25)
            ]
        if not certificate.is_valid_at(at):
            return [
                self._say(
                    "signature_outside_validity",
                    f"was made on {_day(at)}, when its certificate was not valid"
                    f" ({_day(certificate.valid_from)} to"
                    f" {_day(certificate.valid_until)}).",
                    0.5,
                )
            ]
        if not certificate.is_valid_at(self._now):
            return [
                self._say(
                    "signature_expired_since",
                    f"was made in time; its certificate expired on"
                    f" {_day(certificate.valid_until)}.",
                    0.0,
                )
            ]
        return []

    def _state_time_stamp(self) -> list[Finding]:
        stamp = self._signature.time_stamp
        if stamp is None:
            return []
        if stamp.problem or stamp.at is None:
            return [
                self._say(
                    "signature_stamp_broken",
                    f"carries a time stamp that does not hold. {stamp.problem}",
                    0.5,
                )
            ]
        by = stamp.authority.subject if stamp.authority else "an unknown authority"
        voucher = self._signer.stamp_authority
        vouched = f"for which {voucher} vouches" if voucher else "unknown here"
        return [
            self._say(
                "signature_stamped",
                f"existed on {_day(stamp.at)}, by a time stamp of {by}, {vouched}.",
                0.0,
            )
        ]


def _day(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d}"


def _fold(value: object) -> str:
    return "" if value is None else str(value).strip(" \0").casefold()


def _name(tags: list[int]) -> str:
    """Return the names of elements, the first of them; private ones by their tag."""
    names = [
        keyword_for_tag(tag) or f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
        for tag in tags[:_MOST_NAMED]
    ]
    rest = len(tags) - len(names)
    return ", ".join(names) + (f" and {rest} more" if rest else "")
