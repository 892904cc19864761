"""What manufacturers and program libraries are known by in a header."""

from __future__ import annotations

import re

from workers.lanes.metadata.rule import Subject

# Roots that manufacturers registered, as seen in their conformance statements.
_VENDOR_ROOTS = (
    ("1.2.840.113619.", "ge"),
    ("1.3.12.2.1107.", "siemens"),
    ("1.3.46.670589.", "philips"),
    ("1.2.392.200036.9125.", "fuji"),
    ("1.2.392.200036.9107.", "konica"),
    ("1.2.392.200036.9116.", "toshiba"),
    ("1.2.392.200036.9123.", "hitachi"),
    ("1.2.392.200046.", "canon"),
    ("1.3.51.", "agfa"),
    ("1.2.840.113564.", "kodak"),
    ("1.2.840.113681.", "hologic"),
    ("1.2.410.200034.", "samsung"),
)
_VENDOR_NAMES = tuple(
    (vendor, re.compile(pattern, re.IGNORECASE))
    for vendor, pattern in (
        ("ge", r"\bge\b|\bg\.e\.|general electric|gems\b"),
        ("siemens", r"siemens"),
        ("philips", r"philips"),
        ("fuji", r"fuji"),
        ("konica", r"konica"),
        ("toshiba", r"toshiba|canon medical"),
        ("canon", r"\bcanon\b"),
        ("hitachi", r"hitachi"),
        ("agfa", r"agfa"),
        ("kodak", r"kodak|carestream"),
        ("hologic", r"hologic|lorad"),
        ("samsung", r"samsung"),
    )
)
# Fuji took over Hitachi's scanners; Canon Toshiba's. Their roots live on.
_HEIRS = {("hitachi", "fuji"), ("toshiba", "canon"), ("canon", "toshiba")}

# Program libraries; no device identifies itself by them.
_TOOLKITS = (
    ("1.2.826.0.1.3680043.8.498.", "pydicom"),
    ("1.2.826.0.1.3680043.9.3811.", "pynetdicom"),
    ("1.2.826.0.1.3680043.9.7433.", "highdicom"),
    ("1.2.276.0.7230010.3.", "DCMTK"),
    ("1.2.826.0.1.3680043.2.1143.", "GDCM"),
    ("1.2.40.0.13.1.", "dcm4che"),
    ("1.3.6.1.4.1.30071.8.", "fo-dicom"),
)
# PS3.7 D.3.3.2: the name belongs to the class UID; these are the libraries' own.
_TOOLKIT_NAMES = (
    (re.compile(r"OFFIS_DCMTK_\d"), "DCMTK"),
    (re.compile(r"PYDICOM \d"), "pydicom"),
    (re.compile(r"PYNETDICOM_\d"), "pynetdicom"),
    (re.compile(r"GDCM \d"), "GDCM"),
    (re.compile(r"dcm4che-\d"), "dcm4che"),
    (re.compile(r"fo-dicom \d"), "fo-dicom"),
    (re.compile(r"highdicom v?\d"), "highdicom"),
)
_PROGRAM_MAKERS = re.compile(
    r"pydicom|pynetdicom|\bdcmtk\b|\boffis\b|fo-dicom|dcm4che|\bgdcm\b|radstract|"
    r"highdicom|\bmatlab\b|simpleitk|\bitk\b|orthanc|img2dcm",
    re.IGNORECASE,
)

# Model families, their maker and the modalities they can have made.
_XR = frozenset({"CR", "DX", "RG", "RF", "XA", "OT", "SR"})
_MODELS = tuple(
    (re.compile(pattern, re.IGNORECASE), vendor, modalities)
    for pattern, vendor, modalities in (
        (r"\bsomatom\b|\bnaeotom\b", "siemens", frozenset({"CT", "SR", "OT", "PT"})),
        (r"\bmagnetom\b", "siemens", frozenset({"MR", "SR", "OT", "PT"})),
        (r"\bmammomat\b", "siemens", frozenset({"MG", "SR", "OT"})),
        (r"\bysio\b|\bmultix\b|fluorospot|\baxiom\b", "siemens", _XR),
        (r"\bsenograph", "ge", frozenset({"MG", "SR", "OT"})),
        (r"\blightspeed\b", "ge", frozenset({"CT", "SR", "OT", "PT"})),
        (r"\bsigna\b", "ge", frozenset({"MR", "SR", "OT", "PT"})),
        (r"\bdefinium\b|\bdiscovery xr", "ge", _XR),
        (r"digitaldiagnost|bucky.?diagnost|\bpcr eleva", "philips", _XR),
        (r"\bingenia\b|\bachieva\b", "philips", frozenset({"MR", "SR", "OT"})),
        (r"\bmicrodose\b", "philips", frozenset({"MG", "SR", "OT"})),
        (r"\bregius\b|\baerodr\b", "konica", _XR | {"MG"}),
        (r"\baquilion\b", "toshiba", frozenset({"CT", "SR", "OT"})),
        (r"\badc_51|\bdx-d ?\d", "agfa", _XR | {"MG"}),
        (r"\bselenia\b", "hologic", frozenset({"MG", "SR", "OT", "CT"})),
        (r"\bdrx[- ]|directview", "kodak", _XR | {"MG"}),
    )
)
# Private blocks that the acquiring device itself writes; not those of archives.
_CREATORS = (
    (re.compile(r"GEMS_(ACQU|PARM|IDEN|SENO|FALCON|DL_)", re.IGNORECASE), "ge"),
    (re.compile(r"SIEMENS (CSA|MR|CT|MED SMS|SYNGO ENC)", re.IGNORECASE), "siemens"),
    (re.compile(r"Philips (Imaging DD|MR Imaging|DX)", re.IGNORECASE), "philips"),
    (re.compile(r"FDMS 1\.0", re.IGNORECASE), "fuji"),
    (re.compile(r"LORAD Selenia|HOLOGIC", re.IGNORECASE), "hologic"),
    (re.compile(r"TOSHIBA_MEC_CT", re.IGNORECASE), "toshiba"),
)


def name_vendor(name: str) -> str | None:
    """Return the known manufacturer that a name means, else None."""
    return next((vendor for vendor, form in _VENDOR_NAMES if form.search(name)), None)


def find_vendor(subject: Subject) -> str | None:
    """Return the known manufacturer that the header names, else None."""
    return name_vendor(subject.text("Manufacturer"))


def find_root(uid: str) -> tuple[str, str] | None:
    """Return (root, manufacturer) of a UID of a known manufacturer, else None."""
    return next((pair for pair in _VENDOR_ROOTS if uid.startswith(pair[0])), None)


def find_toolkit(uid: str) -> str | None:
    """Return the program library whose root the UID has, else None."""
    return next((name for root, name in _TOOLKITS if f"{uid}.".startswith(root)), None)


def name_toolkit(version_name: str) -> str | None:
    """Return the library that an Implementation Version Name means, else None."""
    return next(
        (name for form, name in _TOOLKIT_NAMES if form.match(version_name)), None
    )


def find_program(subject: Subject) -> str | None:
    """Return the program library that the header gives as manufacturer, else None."""
    match = _PROGRAM_MAKERS.search(subject.text("Manufacturer"))
    return match[0] if match else None


def find_model(subject: Subject) -> tuple[str, frozenset[str]] | None:
    """Return maker and modalities of a known model family, else None."""
    model = subject.text("ManufacturerModelName")
    return next(
        ((maker, kinds) for form, maker, kinds in _MODELS if form.search(model)), None
    )


def find_creators(subject: Subject) -> dict[str, str]:
    """Return the private creators of acquiring devices: the maker of each."""
    found = {}
    for name in read_creators(subject):
        for form, vendor in _CREATORS:
            if form.match(name):
                found[name] = vendor
    return found


def read_creators(subject: Subject) -> list[str]:
    """Return the private creators of the top level (PS3.5 7.8.1)."""
    return [
        str(subject.header[tag].value).strip(" \x00")
        for tag in list(subject.header.keys())
        if tag.is_private_creator
    ]


def are_kin(first: str, second: str) -> bool:
    """Return whether two manufacturers are one, or one took over the other's line."""
    return first == second or (first, second) in _HEIRS or (second, first) in _HEIRS
