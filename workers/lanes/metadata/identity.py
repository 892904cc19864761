"""Rules on who made the object: UIDs, implementation, required attributes, charset."""

from __future__ import annotations

import re

from workers.lanes.metadata.rule import Detail, Rule, Subject

_UID = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+")
_LONGEST_UID = 64

# Roots that manufacturers registered, as seen in their conformance statements.
_VENDOR_ROOTS = (
    ("1.2.840.113619.", "ge"),
    ("1.3.12.2.1107.", "siemens"),
    ("1.3.46.670589.", "philips"),
    ("1.2.392.200036.9125.", "fuji"),
    ("1.2.392.200036.9107.", "konica"),
    ("1.2.392.200036.9116.", "toshiba"),
    ("1.3.51.", "agfa"),
    ("1.2.840.113681.", "hologic"),
)
_VENDOR_NAMES = (
    ("ge", re.compile(r"\bge\b|general electric", re.IGNORECASE)),
    ("siemens", re.compile(r"siemens", re.IGNORECASE)),
    ("philips", re.compile(r"philips", re.IGNORECASE)),
    ("fuji", re.compile(r"fuji", re.IGNORECASE)),
    ("konica", re.compile(r"konica", re.IGNORECASE)),
    ("toshiba", re.compile(r"toshiba|canon medical", re.IGNORECASE)),
    ("agfa", re.compile(r"agfa", re.IGNORECASE)),
    ("hologic", re.compile(r"hologic|lorad", re.IGNORECASE)),
)
# Program libraries; no device identifies itself by them.
_TOOLKITS = (
    ("1.2.826.0.1.3680043.8.498.", "pydicom"),
    ("1.2.826.0.1.3680043.9.3811.", "pynetdicom"),
    ("1.2.276.0.7230010.3.", "DCMTK"),
    ("1.2.826.0.1.3680043.2.1143.", "GDCM"),
    ("1.2.40.0.13.1.", "dcm4che"),
    ("1.3.6.1.4.1.30071.8.", "fo-dicom"),
)
# PS3.3 C.12.1.1.2, defined terms, single byte and with code extensions.
_CHARSETS = re.compile(
    r"|ISO_IR (6|13|100|101|109|110|144|127|126|138|148|166|192|203)"
    r"|ISO 2022 IR (6|13|87|159|149|58|100|101|109|110|144|127|126|138|148|166|203)"
    r"|GB18030|GBK"
)
# PS3.4 B.5: storage classes of radiographs, and the modality of their IOD (PS3.3 A).
_CLASS_MODALITIES = {
    "1.2.840.10008.5.1.4.1.1.1": frozenset({"CR"}),
    "1.2.840.10008.5.1.4.1.1.1.1": frozenset({"DX"}),
    "1.2.840.10008.5.1.4.1.1.1.1.1": frozenset({"DX"}),
    "1.2.840.10008.5.1.4.1.1.1.2": frozenset({"MG"}),
    "1.2.840.10008.5.1.4.1.1.1.2.1": frozenset({"MG"}),
    "1.2.840.10008.5.1.4.1.1.1.3": frozenset({"IO"}),
    "1.2.840.10008.5.1.4.1.1.1.3.1": frozenset({"IO"}),
    "1.2.840.10008.5.1.4.1.1.2": frozenset({"CT"}),
    "1.2.840.10008.5.1.4.1.1.4": frozenset({"MR"}),
}
_EDITORS = re.compile(
    r"photoshop|\bgimp\b|imagej|stable.?diffusion|midjourney|dall-e|openai|"
    r"paint\.net|roentgen ai",
    re.IGNORECASE,
)
_TYPE_1 = (
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "Modality",
)


def _check_required(subject: Subject) -> Detail | None:
    missing = [keyword for keyword in _TYPE_1 if not subject.text(keyword)]
    return {"missing": missing} if missing else None


def _check_uid_form(subject: Subject) -> Detail | None:
    bad = []
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        uid = subject.text(keyword)
        if uid and (len(uid) > _LONGEST_UID or not _UID.fullmatch(uid)):
            bad.append(keyword)
    return {"malformed": bad} if bad else None


def _check_meta(subject: Subject) -> Detail | None:
    pairs = (
        ("MediaStorageSOPClassUID", "SOPClassUID"),
        ("MediaStorageSOPInstanceUID", "SOPInstanceUID"),
    )
    bad = []
    for outer, inner in pairs:
        declared = str(subject.header.file_meta.get(outer) or "").strip(" \x00")
        if declared and subject.text(inner) and declared != subject.text(inner):
            bad.append(inner)
    return {"differ": bad} if bad else None


def _check_uids_differ(subject: Subject) -> Detail | None:
    uids = [
        subject.text(keyword)
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    ]
    present = [uid for uid in uids if uid]
    return {"equal": True} if len(set(present)) < len(present) else None


def _find_vendor(subject: Subject) -> str | None:
    name = subject.text("Manufacturer")
    return next((key for key, form in _VENDOR_NAMES if form.search(name)), None)


def _check_vendor_root(subject: Subject) -> Detail | None:
    vendor = _find_vendor(subject)
    uid = subject.text("SOPInstanceUID")
    root = next(((r, v) for r, v in _VENDOR_ROOTS if uid.startswith(r)), None)
    if vendor is None or root is None or root[1] == vendor:
        return None
    return {"uid_root": root[0], "root_of": root[1], "manufacturer": vendor}


def _check_toolkit_uid(subject: Subject) -> Detail | None:
    uid = subject.text("SOPInstanceUID")
    toolkit = next((name for r, name in _TOOLKITS if uid.startswith(r)), None)
    if toolkit is None or _find_vendor(subject) is None:
        return None
    return {"toolkit": toolkit}


def _check_implementation(subject: Subject) -> Detail | None:
    uid = str(subject.header.file_meta.get("ImplementationClassUID") or "")
    toolkit = next((name for r, name in _TOOLKITS if uid.startswith(r)), None)
    if toolkit is None or _find_vendor(subject) is None:
        return None
    return {"toolkit": toolkit}


def _check_charset(subject: Subject) -> Detail | None:
    value = subject.header.get("SpecificCharacterSet")
    if value is None:
        return None
    terms = [value] if isinstance(value, str) else list(value)
    bad = [str(term) for term in terms if not _CHARSETS.fullmatch(str(term).strip())]
    return {"terms": [term[:16] for term in bad]} if bad else None


def _check_class(subject: Subject) -> Detail | None:
    allowed = _CLASS_MODALITIES.get(subject.text("SOPClassUID"))
    if allowed is None or not subject.modality or subject.modality in allowed:
        return None
    return {"class_says": sorted(allowed), "modality": subject.modality[:16]}


def _check_software(subject: Subject) -> Detail | None:
    for keyword in ("SoftwareVersions", "Manufacturer", "ManufacturerModelName"):
        match = _EDITORS.search(subject.text(keyword))
        if match is not None:
            return {"attribute": keyword, "program": match[0]}
    return None


def _check_research(subject: Subject) -> Detail | None:
    value = subject.text("ContentQualification")
    return {"value": "RESEARCH"} if value.upper() == "RESEARCH" else None


RULES = (
    Rule(
        "required_missing",
        "Attributes that every image must have are missing or empty.",
        0.5,
        "PS3.3 C.12.1, C.7.2.1, C.7.3.1 (type 1)",
        _check_required,
    ),
    Rule(
        "uid_malformed",
        "A UID is not formed as the standard demands.",
        0.5,
        "PS3.5 9.1",
        _check_uid_form,
    ),
    Rule(
        "file_meta_differs",
        "The file meta information names another object than the data set.",
        0.6,
        "PS3.10 7.1, (0002,0002) and (0002,0003)",
        _check_meta,
    ),
    Rule(
        "uids_equal",
        "Study, series and image share a UID, which must be unique.",
        0.6,
        "PS3.5 9; PS3.3 C.7.2.1, C.7.3.1, C.12.1",
        _check_uids_differ,
    ),
    Rule(
        "uid_root_of_other_vendor",
        "The image's UID comes from another manufacturer than the header names.",
        0.5,
        "PS3.5 9.1 and B.1 (registered roots)",
        _check_vendor_root,
    ),
    Rule(
        "uid_of_toolkit",
        "The image's UID was made by a program library, not by the device named.",
        0.5,
        "PS3.5 9.1 (registered roots)",
        _check_toolkit_uid,
    ),
    Rule(
        "written_by_toolkit",
        "The file was last written by a program library; archives do so, too.",
        0.25,
        "PS3.10 7.1, Implementation Class UID (0002,0012)",
        _check_implementation,
    ),
    Rule(
        "charset_unknown",
        "The character set is not one the standard defines.",
        0.25,
        "PS3.3 C.12.1.1.2",
        _check_charset,
    ),
    Rule(
        "class_against_modality",
        "The storage class and the modality contradict each other.",
        0.5,
        "PS3.3 A.2, A.3, A.4, A.26 to A.28; PS3.4 B.5",
        _check_class,
    ),
    Rule(
        "editing_software",
        "The header names picture-editing or generating software as the equipment.",
        0.6,
        "PS3.3 C.7.5.1, General Equipment",
        _check_software,
    ),
    Rule(
        "research_content",
        "The header marks the content as made for research.",
        0.0,
        "PS3.3 C.8.13.2.1.2, Content Qualification (0018,9004)",
        _check_research,
    ),
)
