"""The bytes of a data set that a digital signature covers.

SPEC PS3.3 C.12.1.1.3.1 leaves the lengths of sequences, items and fragments out, so
that a file may be written anew without harm to its signatures. What it leaves open is
done as DCMTK does it (checked byte by byte against `dcmsign --dump`).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from enum import Enum

from pydicom import DataElement, Dataset
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element
from pydicom.tag import BaseTag, Tag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, VR

Feed = Callable[[bytes | memoryview], object]

MAC_PARAMETERS = Tag(0x4FFE0001)
SIGNATURES = Tag(0xFFFAFFFA)

_ITEM = b"\xfe\xff\x00\xe0"
_SEQUENCE_DELIMITER = b"\xfe\xff\xdd\xe0"
_UNDEFINED_LENGTH = 0xFFFFFFFF
_FIRST_GROUP = 0x0008
_SIGNATURES_GROUP = 0xFFFA
# Length to End (retired), MAC Parameters, Data Set Trailing Padding.
_NEVER_SIGNED = frozenset({0x00080001, 0x4FFE0001, 0xFFFCFFFC})
# Of an item of the Digital Signatures Sequence: certificate, signature, and the time
# stamp, which is made of the signature.
_AFTER_THE_MAC = frozenset({0x04000115, 0x04000120, 0x04000305, 0x04000310})
# Bytes of one number, by VR (PS3.5 6.2); of the others the order of bytes is fixed.
_NUMBER_BYTES = {
    VR.AT: 2,
    VR.FD: 8,
    VR.FL: 4,
    VR.OD: 8,
    VR.OF: 4,
    VR.OL: 4,
    VR.OV: 8,
    VR.OW: 2,
    VR.SL: 4,
    VR.SS: 2,
    VR.SV: 8,
    VR.UL: 4,
    VR.US: 2,
    VR.UV: 8,
}
_ARRAY_CODES = {2: "H", 4: "I", 8: "Q"}


class StreamError(ValueError):
    """The data set cannot be turned into the bytes of a signature; no values in it."""


def list_signable(data_set: Dataset) -> tuple[int, ...]:
    """Return the tags that a signature can cover, ascending."""
    return tuple(
        int(tag)
        for tag in sorted(data_set.keys())
        if _is_wholly_signable(data_set, tag)
    )


def _is_wholly_signable(data_set: Dataset, tag: BaseTag) -> bool:
    """Return whether a signature would cover all of an element: of a sequence with an
    element of an unknown VR in it, it would not, and it must not seem so."""
    vr = read_vr(data_set, tag)
    if not is_signable(tag, vr):
        return False
    return vr != VR.SQ or all(
        _is_wholly_signable(item, inner)
        for item in data_set[tag].value or ()
        for inner in sorted(item.keys())
    )


def is_signable(tag: BaseTag, vr: str) -> bool:
    """Return whether an element can be covered by a signature at all.

    SPEC PS3.3 C.12.1.1.3.1.1: not the signatures themselves, not the padding, no group
    lengths, and nothing of an unknown VR.
    """
    if tag.group < _FIRST_GROUP or tag.group == _SIGNATURES_GROUP or tag.element == 0:
        return False
    return int(tag) not in _NEVER_SIGNED and vr != VR.UN


class Nested(Enum):
    """What of a signed sequence enters the digest."""

    # What can be signed, at every depth: PS3.3 C.12.1.1.3.1.1.
    SIGNABLE = "signable"
    # Everything, also group lengths and signatures of items: DCMTK 3.6.
    EVERYTHING = "everything"


def feed_elements(
    data_set: Dataset,
    tags: Iterable[int],
    feed: Feed,
    *,
    nested: Nested = Nested.SIGNABLE,
) -> None:
    """Pass the bytes of the named elements on, ascending by tag.

    Named elements that are absent give nothing, as in DCMTK: that they are missing
    shows in the digest. Raises StreamError where a sequence or fragments are broken.
    """
    wanted = {Tag(tag) for tag in tags}
    for tag in sorted(wanted.intersection(data_set.keys())):
        if is_signable(tag, read_vr(data_set, tag)):
            _feed_element(data_set, tag, feed, nested)


def feed_signature_item(item: Dataset, feed: Feed) -> None:
    """Pass the bytes of a Digital Signatures Sequence item on, which come last."""
    feed_elements(item, set(map(int, item.keys())) - _AFTER_THE_MAC, feed)


def has_unsignable(data_set: Dataset, tags: Iterable[int]) -> bool:
    """Return whether named sequences hold elements that cannot be signed, so that the
    two ways of `Nested` differ."""
    return any(
        read_vr(data_set, Tag(tag)) == VR.SQ
        and not _is_wholly_signable(data_set, Tag(tag))
        for tag in tags
        if Tag(tag) in data_set
    )


def read_vr(data_set: Dataset, tag: BaseTag) -> str:
    """Return the VR of an element: that of the file, else of the dictionary."""
    element = data_set.get_item(tag)
    if not isinstance(element, RawDataElement):
        return str(element.VR) if isinstance(element, DataElement) else VR.UN
    if element.VR is not None:
        return element.VR
    if tag.is_private_creator:
        return VR.LO
    try:
        vr = dictionary_VR(tag)
    except KeyError:
        return VR.UN
    if vr == VR.US_SS:
        return VR.SS if data_set.get("PixelRepresentation", 0) == 1 else VR.US
    # SPEC PS3.5 A.1: in implicit VR, pixel data and its like are OW.
    return VR.OW if vr in (VR.OB_OW, VR.US_OW, VR.US_SS_OW) else vr


def _feed_element(data_set: Dataset, tag: BaseTag, feed: Feed, nested: Nested) -> None:
    vr = read_vr(data_set, tag)
    head = tag.group.to_bytes(2, "little") + tag.element.to_bytes(2, "little")
    head += vr.encode("ascii")
    element = data_set.get_item(tag)
    if vr == VR.SQ:
        feed(head + b"\0\0")
        for item in data_set[tag].value or ():
            feed(_ITEM)
            for inner in sorted(item.keys()):
                if nested is Nested.EVERYTHING or is_signable(
                    inner, read_vr(item, inner)
                ):
                    _feed_element(item, inner, feed, nested)
        feed(_SEQUENCE_DELIMITER)
    elif isinstance(element, RawDataElement) and element.length == _UNDEFINED_LENGTH:
        feed(head + b"\0\0")
        _feed_fragments(element.value or b"", feed)
        feed(_SEQUENCE_DELIMITER)
    else:
        value = _read_value(element, vr)
        padding = b"" if len(value) % 2 == 0 else b"\0"
        length = len(value) + len(padding)
        if vr in EXPLICIT_VR_LENGTH_32:
            feed(head + b"\0\0" + length.to_bytes(4, "little"))
        elif length <= 0xFFFF:
            feed(head + length.to_bytes(2, "little"))
        else:
            # SPEC PS3.5 6.2.2, note 2: too long for its VR in explicit form, hence UN.
            return
        feed(value)
        feed(padding)


def _read_value(element: object, vr: str) -> bytes:
    """Return the value as explicit VR little endian holds it."""
    if isinstance(element, RawDataElement):
        value = bytes(element.value or b"")
        return value if element.is_little_endian else _swap(value, vr)
    assert isinstance(element, DataElement)
    return _encode(element)


def _swap(value: bytes, vr: str) -> bytes:
    size = _NUMBER_BYTES.get(VR(vr), 1)
    if size == 1:
        return value
    if len(value) % size:
        raise StreamError("A number of the header is cut off.")
    numbers = array(_ARRAY_CODES[size], value)
    numbers.byteswap()
    return numbers.tobytes()


def _encode(element: DataElement) -> bytes:
    """Return the value of an element that was made or changed in memory."""
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_data_element(buffer, element)
    return buffer.getvalue()[12 if element.VR in EXPLICIT_VR_LENGTH_32 else 8 :]


def _feed_fragments(content: bytes, feed: Feed) -> None:
    """Pass the fragments of encapsulated pixel data on, without their lengths.

    SPEC PS3.5 A.4: item tag, 32-bit length, bytes; the first is the offset table.
    """
    view = memoryview(content)
    position = 0
    while position + 8 <= len(view):
        tag = bytes(view[position : position + 4])
        length = int.from_bytes(view[position + 4 : position + 8], "little")
        position += 8
        if tag == _SEQUENCE_DELIMITER:
            return
        if tag != _ITEM or position + length > len(view):
            raise StreamError("The fragments of the pixel data are broken.")
        feed(_ITEM)
        feed(view[position : position + length])
        position += length
    if position != len(view):
        raise StreamError("The fragments of the pixel data are cut off.")
