"""Rules on who made the object: device, program, file meta, storage class."""

from __future__ import annotations

import re

from workers.lanes.metadata import vendors
from workers.lanes.metadata.rule import (
    CR_CLASS,
    DX_OBJECTS,
    RADIOGRAPH_OBJECTS,
    Detail,
    Rule,
    Subject,
)

# PS3.4 B.5: storage classes, and the modality of their IOD (PS3.3 A).
_CLASS_MODALITIES = {
    CR_CLASS: frozenset({"CR"}),
    "1.2.840.10008.5.1.4.1.1.1.1": frozenset({"DX"}),
    "1.2.840.10008.5.1.4.1.1.1.1.1": frozenset({"DX"}),
    "1.2.840.10008.5.1.4.1.1.1.2": frozenset({"MG"}),
    "1.2.840.10008.5.1.4.1.1.1.2.1": frozenset({"MG"}),
    # PS3.3 C.8.11.8: panoramic pictures are PX in the DX class, or IO here.
    "1.2.840.10008.5.1.4.1.1.1.3": frozenset({"IO"}),
    "1.2.840.10008.5.1.4.1.1.1.3.1": frozenset({"IO"}),
    "1.2.840.10008.5.1.4.1.1.2": frozenset({"CT"}),
    "1.2.840.10008.5.1.4.1.1.4": frozenset({"MR"}),
    "1.2.840.10008.5.1.4.1.1.12.1": frozenset({"XA"}),
    "1.2.840.10008.5.1.4.1.1.12.2": frozenset({"RF"}),
}
_CLOSE_KIN = frozenset({"CR", "DX", "RG", "PX", "IO"})
_FOR_PROCESSING = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.1.1.1",
        "1.2.840.10008.5.1.4.1.1.1.2.1",
        "1.2.840.10008.5.1.4.1.1.1.3.1",
    }
)
_EDITORS = re.compile(
    r"photoshop|\bgimp\b|imagej|stable.?diffusion|midjourney|dall-?e\b|openai|"
    r"paint\.net|roentgen ai|comfyui|automatic1111|imagemagick",
    re.IGNORECASE,
)
_EQUIPMENT = (
    "SoftwareVersions",
    "Manufacturer",
    "ManufacturerModelName",
    "StationName",
    "DeviceSerialNumber",
)
_WORDS = ("DerivationDescription", "SeriesDescription", "ImageComments", "ProtocolName")
# The roots of identity that a device writes of itself.
_DEVICE = ("Manufacturer", "ManufacturerModelName", "StationName", "DeviceSerialNumber")


def _check_meta_class(subject: Subject) -> Detail | None:
    declared, inner = subject.meta("MediaStorageSOPClassUID"), subject.sop_class
    return {"differs": True} if declared and inner and declared != inner else None


def _check_meta_instance(subject: Subject) -> Detail | None:
    declared = subject.meta("MediaStorageSOPInstanceUID")
    inner = subject.text("SOPInstanceUID")
    return {"differs": True} if declared and inner and declared != inner else None


def _check_meta_whole(subject: Subject) -> Detail | None:
    wanted = (
        "MediaStorageSOPClassUID",
        "MediaStorageSOPInstanceUID",
        "TransferSyntaxUID",
        "ImplementationClassUID",
    )
    missing = [keyword for keyword in wanted if not subject.meta(keyword)]
    return {"missing": missing} if missing else None


def _check_implementation(subject: Subject) -> Detail | None:
    toolkit = vendors.find_toolkit(subject.meta("ImplementationClassUID"))
    if toolkit is None or vendors.find_vendor(subject) is None:
        return None
    return {"toolkit": toolkit}


def _check_implementation_vendor(subject: Subject) -> Detail | None:
    vendor = vendors.find_vendor(subject)
    root = vendors.find_root(subject.meta("ImplementationClassUID"))
    if vendor is None or root is None or vendors.are_kin(root[1], vendor):
        return None
    return {"root_of": root[1], "manufacturer": vendor}


def _check_implementation_name(subject: Subject) -> Detail | None:
    named = vendors.name_toolkit(subject.meta("ImplementationVersionName"))
    uid = subject.meta("ImplementationClassUID")
    if named is None or not uid:
        return None
    root = vendors.find_root(uid)
    owner = vendors.find_toolkit(uid) or (root[1] if root else None)
    if owner is None or owner == named:
        return None
    return {"name_of": named, "uid_of": owner}


def _check_class(subject: Subject) -> Detail | None:
    allowed = _CLASS_MODALITIES.get(subject.sop_class)
    if allowed is None or not subject.modality or subject.modality in allowed:
        return None
    if {subject.modality, *allowed} <= _CLOSE_KIN:
        return None
    return {"class_says": sorted(allowed), "modality": subject.modality[:16]}


def _check_class_kin(subject: Subject) -> Detail | None:
    allowed = _CLASS_MODALITIES.get(subject.sop_class, frozenset())
    if subject.modality in allowed or not allowed:
        return None
    # PS3.3 C.8.11.1: RG and PX films travel as DX objects.
    if subject.sop_class != CR_CLASS and subject.modality in ("RG", "PX"):
        return None
    if not {subject.modality, *allowed} <= _CLOSE_KIN:
        return None
    return {"class_says": sorted(allowed), "modality": subject.modality}


def _check_intent(subject: Subject) -> Detail | None:
    intent = subject.code("PresentationIntentType")
    is_raw = subject.sop_class in _FOR_PROCESSING
    wanted = "FOR PROCESSING" if is_raw else "FOR PRESENTATION"
    return {"class_says": wanted} if intent and intent != wanted else None


def _find_editor(subject: Subject, keywords: tuple[str, ...]) -> Detail | None:
    for keyword in keywords:
        match = _EDITORS.search(subject.text(keyword))
        if match is not None:
            return {"attribute": keyword, "program": match[0]}
    return None


def _check_software(subject: Subject) -> Detail | None:
    return _find_editor(subject, _EQUIPMENT)


def _check_words(subject: Subject) -> Detail | None:
    return _find_editor(subject, _WORDS)


def _check_program_maker(subject: Subject) -> Detail | None:
    program = vendors.find_program(subject)
    return {"program": program} if program else None


def _check_unnamed(subject: Subject) -> Detail | None:
    if any(subject.text(keyword) for keyword in _DEVICE):
        return None
    return {"empty": list(_DEVICE)}


def _check_model_maker(subject: Subject) -> Detail | None:
    vendor, model = vendors.find_vendor(subject), vendors.find_model(subject)
    if vendor is None or model is None or vendors.are_kin(vendor, model[0]):
        return None
    return {"model_of": model[0], "manufacturer": vendor}


def _check_model_modality(subject: Subject) -> Detail | None:
    model = vendors.find_model(subject)
    if model is None or not subject.modality or subject.modality in model[1]:
        return None
    return {"model_makes": sorted(model[1]), "modality": subject.modality[:16]}


def _check_creator_vendor(subject: Subject) -> Detail | None:
    vendor = vendors.find_vendor(subject)
    creators = vendors.find_creators(subject)
    strange = sorted(
        {maker for maker in creators.values() if not vendors.are_kin(maker, vendor)}
        if vendor
        else ()
    )
    return {"blocks_of": strange, "manufacturer": vendor} if strange else None


def _check_private_missing(subject: Subject) -> Detail | None:
    vendor = vendors.find_vendor(subject)
    if vendor is None or not subject.is_original:
        return None
    return {"manufacturer": vendor} if not vendors.read_creators(subject) else None


def _check_private_unclaimed(subject: Subject) -> Detail | None:
    header = subject.header
    orphans = {
        f"{tag.group:04X}"
        for tag in list(header.keys())
        # SPEC PS3.5 7.8.1: element gggg,bbxx is claimed by its creator gggg,00bb.
        if tag.is_private
        and tag.element >= 0x1000
        and (tag.group, tag.element >> 8) not in header
    }
    return {"groups": sorted(orphans)[:8]} if orphans else None


def _check_qualification(subject: Subject) -> Detail | None:
    value = subject.code("ContentQualification")
    return {"value": value} if value in ("RESEARCH", "SERVICE") else None


def _check_quality_control(subject: Subject) -> Detail | None:
    named = [
        keyword
        for keyword in ("QualityControlImage", "CalibrationImage")
        if subject.code(keyword) == "YES"
    ]
    return {"attributes": named} if named else None


def _check_deidentified(subject: Subject) -> Detail | None:
    if subject.code("PatientIdentityRemoved") != "YES":
        return None
    if subject.text("DeidentificationMethod"):
        return None
    if subject.has("DeidentificationMethodCodeSequence"):
        return None
    return {"method": None}


FILE_RULES = (
    Rule(
        "file_meta_class_differs",
        "The file meta information names another storage class than the data set.",
        0.6,
        "PS3.10 7.1, Media Storage SOP Class UID (0002,0002)",
        _check_meta_class,
    ),
    Rule(
        "file_meta_image_differs",
        "The file meta information names another image than the data set.",
        0.4,
        "PS3.10 7.1, Media Storage SOP Instance UID (0002,0003)",
        _check_meta_instance,
        tolerated="De-identifiers replace the UID of the data set and forget this one.",
    ),
    Rule(
        "file_meta_incomplete",
        "The file meta information lacks what every file must say of itself.",
        0.25,
        "PS3.10 7.1 (type 1)",
        _check_meta_whole,
        tolerated="Files of data sets sent without file meta, such as raw exports.",
    ),
    Rule(
        "written_by_toolkit",
        "The file was last written by a program library.",
        0.25,
        "PS3.10 7.1, Implementation Class UID (0002,0012)",
        _check_implementation,
        tolerated="Archives, gateways and de-identifiers are built on such libraries.",
    ),
    Rule(
        "written_by_other_vendor",
        "The file was last written by another manufacturer's program.",
        0.1,
        "PS3.10 7.1, Implementation Class UID (0002,0012)",
        _check_implementation_vendor,
        tolerated="Archives of one maker keep the films of another's devices.",
    ),
    Rule(
        "implementation_name",
        "Implementation name and UID belong to different programs.",
        0.5,
        "PS3.7 D.3.3.2; PS3.10 7.1, (0002,0012) and (0002,0013)",
        _check_implementation_name,
    ),
    Rule(
        "private_block_unclaimed",
        "Private elements have no private creator.",
        0.25,
        "PS3.5 7.8.1",
        _check_private_unclaimed,
        tolerated="De-identifiers that drop creators and leave their elements.",
    ),
    Rule(
        "deidentified_without_method",
        "The header says that identity was removed, but not how.",
        0.2,
        "PS3.3 C.7.1.1, (0012,0062) to (0012,0064)",
        _check_deidentified,
        tolerated="Common in data sets published for research.",
    ),
)

DEVICE_RULES = (
    Rule(
        "class_against_modality",
        "The storage class and the modality contradict each other.",
        0.6,
        "PS3.3 A.2, A.3, A.4, A.14, A.16, A.26 to A.28; PS3.4 B.5",
        _check_class,
    ),
    Rule(
        "class_of_related_modality",
        "The storage class is that of a related modality.",
        0.3,
        "PS3.3 A.2, A.26, A.28; PS3.4 B.5",
        _check_class_kin,
        tolerated="Converters and old systems store digital films as CR.",
    ),
    Rule(
        "intent_against_class",
        "Presentation intent and storage class contradict each other.",
        0.5,
        "PS3.3 C.8.11.1, (0008,0068); PS3.4 B.5.1.1 to B.5.1.3",
        _check_intent,
        DX_OBJECTS,
    ),
    Rule(
        "editing_software",
        "The header names picture-editing or generating software as the equipment.",
        0.6,
        "PS3.3 C.7.5.1, General Equipment",
        _check_software,
    ),
    Rule(
        "editing_software_in_words",
        "A description names picture-editing or generating software.",
        0.5,
        "PS3.3 C.12.4, (0008,2111); C.7.6.1, (0020,4000); C.7.3.1, (0008,103E)",
        _check_words,
    ),
    Rule(
        "program_as_manufacturer",
        "The header names a program library as the manufacturer.",
        0.35,
        "PS3.3 C.7.5.1, Manufacturer (0008,0070)",
        _check_program_maker,
        tolerated="Samples and conversions of published data sets.",
    ),
    Rule(
        "device_unnamed",
        "Nothing in the header says which device took the film.",
        0.3,
        "PS3.3 C.7.5.1, General Equipment",
        _check_unnamed,
        RADIOGRAPH_OBJECTS,
        tolerated="De-identifiers may empty all four attributes.",
    ),
    Rule(
        "model_of_other_vendor",
        "The model belongs to another manufacturer than the header names.",
        0.6,
        "PS3.3 C.7.5.1; the manufacturers' conformance statements",
        _check_model_maker,
        tolerated="Lines that changed hands (Toshiba to Canon, Hitachi to Fuji).",
    ),
    Rule(
        "model_of_other_modality",
        "The model named does not make pictures of this modality.",
        0.6,
        "PS3.3 C.7.5.1; the manufacturers' conformance statements",
        _check_model_modality,
    ),
    Rule(
        "private_block_of_other_vendor",
        "A private block of one device maker stands in the film of another's device.",
        0.45,
        "PS3.5 7.8; the manufacturers' conformance statements",
        _check_creator_vendor,
        tolerated="Blocks of archives and workstations are not counted.",
    ),
    Rule(
        "private_blocks_missing",
        "An original of this manufacturer comes without any private block.",
        0.15,
        "PS3.5 7.8; the manufacturers' conformance statements",
        _check_private_missing,
        tolerated="De-identification removes private elements (PS3.15 E.1); old "
        "devices wrote none.",
    ),
    Rule(
        "research_content",
        "The header marks the content as made for research or service.",
        0.0,
        "PS3.3 C.12.1 and C.8.13.2.1.2, Content Qualification (0018,9004)",
        _check_qualification,
        tolerated="Says nothing against the film: research software is honest.",
    ),
    Rule(
        "quality_control_image",
        "The header says that the film shows a phantom or calibrates the device.",
        0.4,
        "PS3.3 C.7.6.1, Quality Control Image (0028,0300); C.8.11.3, (0050,0004)",
        _check_quality_control,
    ),
)
