"""What can be said of a digital signature in a DICOM file: facts, and no badge."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Integrity(StrEnum):
    """Whether the signed elements are those that were signed."""

    INTACT = "intact"
    BROKEN = "broken"
    # Cannot be told: the items are malformed, or a method is not known here.
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Certificate:
    """The signer's X.509 certificate. Times are aware; der: its exact bytes.

    key: kind and size, as "RSA 2048". sha256: of `der`, lower-case hexadecimal.
    """

    der: bytes
    sha256: str
    subject: str
    issuer: str
    serial_number: int
    valid_from: dt.datetime
    valid_until: dt.datetime
    key: str
    is_key_weak: bool

    def is_valid_at(self, at: dt.datetime) -> bool:
        """Return whether `at` lies within the certificate's validity."""
        return self.valid_from <= at <= self.valid_until


@dataclass(frozen=True)
class TimeStamp:
    """A certified time stamp (RFC 3161) of a signature.

    at: the time that it certifies. problem: why it does not hold, or empty.
    """

    at: dt.datetime | None
    authority: Certificate | None
    problem: str


@dataclass(frozen=True)
class Signature:
    """One item of a Digital Signatures Sequence, verified without regard to trust.

    path: where the sequence lies, "" at the top, else as "(0040,A730)[0]".
    mac_id: which item of the MAC Parameters Sequence it uses.
    problem: why it is not intact, as the end of a sentence; empty if it is.
    signed_at: Digital Signature DateTime, as the signer states it; None if unreadable.
    signed_tags: what the signature names, ascending. absent_tags: those of them that
        the data set no longer has. uncovered_tags: what it has besides.
    is_recoded: the file's transfer syntax is not the one that was signed.
    purpose: code of the signature's purpose, PS3.16 CID 7007, or empty.
    profiles: of PS3.15 Annex C, whose required elements are all covered.
    """

    uid: str
    path: str
    mac_id: int | None
    algorithm: str
    is_hash_weak: bool
    integrity: Integrity
    problem: str
    signed_at: dt.datetime | None
    signed_tags: tuple[int, ...]
    absent_tags: tuple[int, ...]
    uncovered_tags: tuple[int, ...]
    is_recoded: bool
    purpose: str
    certificate: Certificate | None
    time_stamp: TimeStamp | None
    profiles: tuple[str, ...]

    @property
    def covers_pixels(self) -> bool:
        """Return whether the pixel data is among what was signed."""
        return not PIXEL_TAGS.isdisjoint(self.signed_tags)

    @property
    def covers_patient(self) -> bool:
        """Return whether the patient's name and id are among what was signed."""
        return set(self.signed_tags) >= PATIENT_TAGS


# Pixel Data, Float Pixel Data, Double Float Pixel Data.
PIXEL_TAGS = frozenset({0x7FE00010, 0x7FE00008, 0x7FE00009})
# Patient's Name, Patient ID.
PATIENT_TAGS = frozenset({0x00100010, 0x00100020})
