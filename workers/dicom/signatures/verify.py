"""Verify the digital signatures of a data set: the facts; trust is judged elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import UID
from pydicom.valuerep import DT, VR

from workers.decode.parsing import PARSE_ERRORS, quiet_warnings
from workers.dicom.signatures import stream
from workers.dicom.signatures.certificates import (
    CertificateError,
    describe,
    load_certificate,
)
from workers.dicom.signatures.macs import ALGORITHMS, Algorithm, MacError, is_signed_by
from workers.dicom.signatures.model import Integrity, Signature
from workers.dicom.signatures.profiles import list_profiles
from workers.dicom.signatures.stream import MAC_PARAMETERS, SIGNATURES, StreamError
from workers.dicom.signatures.timestamps import read_time_stamp

# A hostile file may hold thousands, each over the whole picture.
MOST_SIGNATURES = 32
_CERTIFICATE_TYPE = "X509_1993_SIG"
# SPEC PS3.3 C.12.1.1.3.1.4: Original Attributes tell of the past, its signatures too.
_ORIGINAL_ATTRIBUTES = Tag(0x04000561)


class _Unreadable(ValueError):
    """Why a signature cannot be verified at all, in words without values."""


@dataclass(frozen=True)
class _Parameters:
    """An item of the MAC Parameters Sequence."""

    algorithm: Algorithm
    tags: tuple[int, ...]
    transfer_syntax: str


def verify_file(path: Path) -> tuple[Signature, ...]:
    """Return the signatures of a DICOM file, verified, top level first.

    Nothing is decoded or kept. Raises OSError, and what pydicom raises for a file that
    it cannot parse (workers.decode.parsing.PARSE_ERRORS).
    """
    with quiet_warnings():
        return verify_data_set(dcmread(path, force=True))


def has_signatures(data_set: Dataset) -> bool:
    """Return whether a data set carries a signature, at the top or in any item."""
    return next(_list_items(data_set), None) is not None


def verify_data_set(data_set: Dataset) -> tuple[Signature, ...]:
    """Return the signatures of a data set as it was read, verified, top level first.

    data_set: fresh from `pydicom.dcmread`, with its pixel data: elements that were
        changed since are encoded anew. Never more than `MOST_SIGNATURES`.
    """
    meta = getattr(data_set, "file_meta", None) or {}
    syntax = str(meta.get("TransferSyntaxUID") or "")
    found: list[Signature] = []
    for path, level, item in _list_items(data_set):
        if len(found) == MOST_SIGNATURES:
            break
        found.append(_verify(level, item, path=path, transfer_syntax=syntax))
    return tuple(found)


def _list_items(
    data_set: Dataset, path: str = ""
) -> Iterator[tuple[str, Dataset, Dataset]]:
    """Yield where a signature lies, the data set it is of, and its own item."""
    if SIGNATURES in data_set:
        for item in _items(data_set, SIGNATURES):
            yield path, data_set, item
    for tag in sorted(data_set.keys()):
        if tag in (SIGNATURES, MAC_PARAMETERS, _ORIGINAL_ATTRIBUTES):
            continue
        if stream.read_vr(data_set, tag) != VR.SQ:
            continue
        for index, inner in enumerate(_items(data_set, tag)):
            yield from _list_items(inner, f"{path}{tag!s}[{index}]".replace(" ", ""))


def _items(data_set: Dataset, tag: int) -> list[Dataset]:
    try:
        return list(data_set[tag].value or ())
    except PARSE_ERRORS:
        return []


def _verify(
    level: Dataset, item: Dataset, *, path: str, transfer_syntax: str
) -> Signature:
    certificate, parameters, is_recoded = None, None, False
    try:
        certificate = _read_certificate(item)
        parameters = _read_parameters(level, item)
        is_recoded = not _is_same_coding(parameters.transfer_syntax, transfer_syntax)
        integrity, problem = _check(
            level, item, certificate, parameters, is_recoded=is_recoded
        )
    except (_Unreadable, CertificateError, MacError, StreamError) as error:
        integrity, problem = Integrity.UNREADABLE, str(error)
    except PARSE_ERRORS:
        integrity, problem = Integrity.UNREADABLE, "Its items cannot be parsed."
    tags = parameters.tags if parameters else ()
    covered, present = set(tags), set(map(int, level.keys()))
    stamp = _read_bytes(item, "CertifiedTimestamp")
    purpose = _read_purpose(item)
    return Signature(
        uid=_read_text(item, "DigitalSignatureUID"),
        path=path,
        mac_id=_read_number(item, "MACIDNumber"),
        algorithm=parameters.algorithm.name if parameters else "",
        is_hash_weak=parameters.algorithm.is_weak if parameters else False,
        integrity=integrity,
        problem=problem,
        signed_at=_read_time(item),
        signed_tags=tags,
        absent_tags=tuple(tag for tag in tags if tag not in present),
        uncovered_tags=tuple(tag for tag in _list_present(level) if tag not in covered),
        is_recoded=is_recoded,
        purpose=purpose,
        certificate=describe(certificate) if certificate else None,
        time_stamp=read_time_stamp(stamp, signature=_read_bytes(item, "Signature"))
        if stamp
        else None,
        profiles=list_profiles(level, tags, purpose=purpose) if not path else (),
    )


def _list_present(level: Dataset) -> list[int]:
    """Return what a data set holds beside signatures and group lengths."""
    groups = (0x4FFE, 0xFFFA, 0xFFFC)
    tags = sorted(level.keys())
    return [int(tag) for tag in tags if tag.element and tag.group not in groups]


def _read_certificate(item: Dataset) -> x509.Certificate:
    if _read_text(item, "CertificateType") != _CERTIFICATE_TYPE:
        raise _Unreadable("The kind of its certificate is not known.")
    value = _read_bytes(item, "CertificateOfSigner")
    if not value:
        raise _Unreadable("It carries no certificate.")
    try:
        return load_certificate(value)
    except CertificateError:
        raise _Unreadable("Its certificate cannot be read.") from None


def _read_parameters(level: Dataset, item: Dataset) -> _Parameters:
    number = _read_number(item, "MACIDNumber")
    if number is None:
        raise _Unreadable("It does not say how it was made.")
    for candidate in _items(level, MAC_PARAMETERS) if MAC_PARAMETERS in level else ():
        if _read_number(candidate, "MACIDNumber") == number:
            break
    else:
        raise _Unreadable("It does not say how it was made.")
    algorithm = ALGORITHMS.get(_read_text(candidate, "MACAlgorithm"))
    if algorithm is None:
        raise _Unreadable("Its hash is not one of the standard.")
    signed = candidate.get("DataElementsSigned")
    values = [] if signed is None else [signed] if isinstance(signed, int) else signed
    tags = tuple(sorted({int(tag) for tag in values}))
    if not tags:
        raise _Unreadable("It names no element that it covers.")
    syntax = _read_text(candidate, "MACCalculationTransferSyntaxUID")
    return _Parameters(algorithm, tags, syntax)


def _check(
    level: Dataset,
    item: Dataset,
    certificate: x509.Certificate,
    how: _Parameters,
    *,
    is_recoded: bool,
) -> tuple[Integrity, str]:
    value = _read_bytes(item, "Signature")
    if not value:
        raise _Unreadable("Its value is missing.")
    for nested in stream.Nested:
        if nested is stream.Nested.EVERYTHING and not stream.has_unsignable(
            level, how.tags
        ):
            break
        digest = how.algorithm.new()
        stream.feed_elements(level, how.tags, digest.update, nested=nested)
        stream.feed_signature_item(item, digest.update)
        if is_signed_by(
            certificate,
            signature=value,
            algorithm=how.algorithm,
            digest=digest.digest(),
        ):
            return Integrity.INTACT, ""
    if is_recoded:
        # Compressed anew, or without its VRs, the file no longer has the bytes signed.
        raise _Unreadable("The file was recoded since it was signed.")
    return Integrity.BROKEN, "What it covers is not what was signed."


def _is_same_coding(signed: str, now: str) -> bool:
    """Return whether elements still have the bytes that were signed: of uncompressed
    codings all but the implicit one, which has lost the VRs, hold the same."""
    if signed == now:
        return True
    known = [UID(uid) for uid in (signed, now)]
    if any(not uid.is_transfer_syntax for uid in known):
        return False
    return not any(uid.is_compressed or uid.is_implicit_VR for uid in known)


def _read_text(data_set: Dataset, keyword: str) -> str:
    try:
        value = data_set.get(keyword)
    except PARSE_ERRORS:
        return ""
    return "" if value is None else str(value).strip(" \0")


def _read_number(data_set: Dataset, keyword: str) -> int | None:
    try:
        value = data_set.get(keyword)
    except PARSE_ERRORS:
        return None
    return value if isinstance(value, int) else None


def _read_bytes(data_set: Dataset, keyword: str) -> bytes:
    try:
        value = data_set.get(keyword)
    except PARSE_ERRORS:
        return b""
    return value if isinstance(value, bytes) else b""


def _read_time(item: Dataset) -> dt.datetime | None:
    """Return the time that the signer states. SPEC PS3.3 C.12.1.1.3: it shall include
    the offset from UTC; without one it is taken for UTC."""
    try:
        value = DT(_read_text(item, "DigitalSignatureDateTime"))
    except PARSE_ERRORS:
        return None
    if value is None or not isinstance(value, dt.datetime):
        return None
    # Made anew: pydicom's own class keeps the text it was read from.
    return dt.datetime.fromtimestamp(
        value.replace(tzinfo=value.tzinfo or dt.UTC).timestamp(), dt.UTC
    )


def _read_purpose(item: Dataset) -> str:
    """Return the code of PS3.16 CID 7007, or an empty string."""
    tag = Tag("DigitalSignaturePurposeCodeSequence")
    purposes = _items(item, tag) if tag in item else []
    return _read_text(purposes[0], "CodeValue") if purposes else ""
