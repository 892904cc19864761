"""Rules on how values are written: character sets, lengths, representations."""

from __future__ import annotations

import re

from pydicom.charset import python_encoding
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement

from workers.lanes.metadata.rule import LONGEST_VALUE_BYTES, Detail, Rule, Subject

# PS3.3 C.12.1.1.2, defined terms, single byte and with code extensions.
_CHARSETS = re.compile(
    r"|ISO_IR (6|13|100|101|109|110|144|127|126|138|148|166|192|203)"
    r"|ISO 2022 IR (6|13|87|159|149|58|100|101|109|110|144|127|126|138|148|166|203)"
    r"|GB18030|GBK"
)
_ALONE = frozenset({"ISO_IR 192", "GB18030", "GBK"})
# PS3.5 6.1.2.3 and 6.2: representations that Specific Character Set governs.
_TEXT_VRS = frozenset({"SH", "LO", "ST", "LT", "PN", "UC", "UT"})
# PS3.5 6.2: longest single value, in characters; names count per group.
_LONGEST = {
    "AE": 16, "AS": 4, "CS": 16, "DA": 10, "DS": 16, "DT": 26, "IS": 12, "LO": 64,
    "SH": 16, "TM": 16, "UI": 64,
}  # fmt: skip
_MULTI_BYTE_FACTOR = 4
# Representations that readers of every age have taken for one another.
_KIN = (
    frozenset({"SH", "LO", "ST", "LT", "UT", "UC", "PN", "CS"}),
    frozenset({"OB", "OW", "UN", "US", "SS", "OF", "OL"}),
    frozenset({"DS", "IS"}),
)
_CODE = re.compile(rb"[A-Z0-9 _\x00\\]*")
_LISTED = 8
_SENSIBLE_ELEMENTS = 4000


def _terms(subject: Subject) -> tuple[str, ...]:
    return subject.texts("SpecificCharacterSet")


def _check_charset(subject: Subject) -> Detail | None:
    bad = [term for term in _terms(subject) if not _CHARSETS.fullmatch(term)]
    return {"terms": [term[:16] for term in bad[:4]]} if bad else None


def _check_combination(subject: Subject) -> Detail | None:
    terms = _terms(subject)
    alone = [term for term in terms if term in _ALONE]
    return {"terms": len(terms)} if alone and len(terms) > 1 else None


def _texts(subject: Subject) -> list[tuple[str, bytes]]:
    """Return name and bytes of the texts that the character set governs."""
    return [
        (_name(element), element.value)
        for element in subject.raw_elements()
        if element.VR in _TEXT_VRS
        and isinstance(element.value, bytes)
        and len(element.value) <= LONGEST_VALUE_BYTES
    ]


def _check_undeclared(subject: Subject) -> Detail | None:
    if _terms(subject) not in ((), ("",), ("ISO_IR 6",)):
        return None
    tags = [name for name, text in _texts(subject) if not text.isascii()]
    return {"elements": tags[:_LISTED]} if tags else None


def _check_undecodable(subject: Subject) -> Detail | None:
    terms = _terms(subject)
    if len(terms) != 1 or not _CHARSETS.fullmatch(terms[0]) or not terms[0]:
        return None
    codec = python_encoding.get(terms[0])
    if codec is None:
        return None
    bad = []
    for name, text in _texts(subject):
        try:
            text.decode(codec)
        except UnicodeDecodeError:
            bad.append(name)
    return {"elements": bad[:_LISTED]} if bad else None


def _name(element: RawDataElement) -> str:
    tag = element.tag
    return f"({tag.group:04X},{tag.element:04X})"


def _check_length(subject: Subject) -> Detail | None:
    bad = []
    for element in subject.raw_elements():
        limit = _LONGEST.get(element.VR or "")
        value = element.value
        if limit is None or not isinstance(value, bytes) or element.tag.is_private:
            continue
        limit *= _MULTI_BYTE_FACTOR if element.VR in _TEXT_VRS else 1
        parts = value[:LONGEST_VALUE_BYTES].split(b"\\")
        if max(len(part.strip(b" \x00")) for part in parts) > limit:
            bad.append(_name(element))
    return {"elements": bad[:_LISTED]} if bad else None


def _check_oversized(subject: Subject) -> Detail | None:
    bad = [
        _name(element)
        for element in subject.raw_elements()
        if element.VR in _LONGEST
        and not element.tag.is_private
        and isinstance(element.value, bytes)
        and len(element.value) > LONGEST_VALUE_BYTES
    ]
    return {"elements": bad[:_LISTED]} if bad else None


def _check_representation(subject: Subject) -> Detail | None:
    if subject.header.original_encoding[0]:
        return None
    bad = []
    for element in subject.raw_elements():
        if element.tag.is_private or element.VR in (None, "UN"):
            continue
        try:
            wanted = dictionary_VR(element.tag)
        except KeyError:
            continue
        if not _is_kin(str(element.VR), wanted):
            bad.append(_name(element))
    return {"elements": bad[:_LISTED]} if bad else None


def _is_kin(found: str, wanted: str) -> bool:
    allowed = set(wanted.split(" or "))
    return found in allowed or any(found in kin and allowed & kin for kin in _KIN)


def _check_codes(subject: Subject) -> Detail | None:
    bad = [
        _name(element)
        for element in subject.raw_elements()
        if element.VR == "CS"
        and not element.tag.is_private
        and isinstance(element.value, bytes)
        and not _CODE.fullmatch(element.value[:LONGEST_VALUE_BYTES])
    ]
    return {"elements": bad[:_LISTED]} if bad else None


def _check_count(subject: Subject) -> Detail | None:
    count = len(subject.header)
    return {"elements": count} if count > _SENSIBLE_ELEMENTS else None


RULES = (
    Rule(
        "charset_unknown",
        "The character set is not one the standard defines.",
        0.25,
        "PS3.3 C.12.1.1.2",
        _check_charset,
    ),
    Rule(
        "charset_combined",
        "A character set that must stand alone stands beside another.",
        0.3,
        "PS3.3 C.12.1.1.2 (ISO_IR 192, GB18030 and GBK have no code extensions)",
        _check_combination,
    ),
    Rule(
        "charset_missing",
        "Texts hold other than ASCII, and the header names no character set for them.",
        0.25,
        "PS3.3 C.12.1.1.2; PS3.5 6.1.2",
        _check_undeclared,
        tolerated="Old devices and de-identifiers that drop the attribute.",
    ),
    Rule(
        "charset_broken",
        "Texts are not written in the character set that the header names.",
        0.3,
        "PS3.3 C.12.1.1.2; PS3.5 6.1.2.3",
        _check_undecodable,
        tolerated="Gateways that change the name and not the texts.",
    ),
    Rule(
        "value_too_long",
        "A value is longer than its representation allows.",
        0.15,
        "PS3.5 6.2",
        _check_length,
        tolerated="Decimal numbers of more than 16 characters are common; texts count "
        "four bytes a character.",
    ),
    Rule(
        "value_oversized",
        "A short field holds thousands of values: the header carries something else.",
        0.5,
        "PS3.5 6.2 and 6.4; PS3.6 6, value multiplicity",
        _check_oversized,
    ),
    Rule(
        "representation_of_other",
        "An element is written in another representation than the standard gives it.",
        0.3,
        "PS3.6 6; PS3.5 6.2",
        _check_representation,
        tolerated="Texts for texts, numbers for numbers, bytes for words: writers of "
        "all ages do.",
    ),
    Rule(
        "code_form",
        "A code holds other than capitals, digits, blanks and underscores.",
        0.15,
        "PS3.5 6.2, CS",
        _check_codes,
        tolerated="Many devices write small letters.",
    ),
    Rule(
        "elements_without_number",
        "The header has thousands of elements; no device writes so many.",
        0.3,
        "PS3.6 6: some 4,000 attributes in all",
        _check_count,
    ),
)
