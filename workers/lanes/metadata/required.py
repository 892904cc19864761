"""Rules on what an object of its kind must hold, and what it cannot hold."""

from __future__ import annotations

from dataclasses import dataclass

from workers.lanes.metadata.rule import (
    CR_CLASS,
    DX_OBJECTS,
    MR_SLICES,
    RADIOGRAPHS,
    SLICES,
    Detail,
    Rule,
    Scope,
    Subject,
)


@dataclass(frozen=True)
class Module:
    """Attributes that a module of PS3.3 makes type 1 (there and filled) and type 2
    (there, maybe empty), unconditional ones of its top level."""

    section: str
    type_1: tuple[str, ...] = ()
    type_2: tuple[str, ...] = ()


# Image Pixel (C.7.6.3) is left out: without it nothing is decoded.
_PATIENT = Module(
    "C.7.1.1", (), ("PatientName", "PatientID", "PatientBirthDate", "PatientSex")
)
_STUDY = Module(
    "C.7.2.1",
    (),
    (
        "StudyDate",
        "StudyTime",
        "AccessionNumber",
        "ReferringPhysicianName",
        "StudyID",
    ),
)
_SERIES = Module("C.7.3.1", (), ("SeriesNumber",))
_EQUIPMENT = Module("C.7.5.1", (), ("Manufacturer",))
_GENERAL_IMAGE = Module("C.7.6.1", (), ("InstanceNumber",))
_FRAME = Module("C.7.4.1", ("FrameOfReferenceUID",), ("PositionReferenceIndicator",))
_PLANE = Module(
    "C.7.6.2",
    ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"),
    ("SliceThickness",),
)
_CR_SERIES = Module("C.8.1.1", (), ("BodyPartExamined", "ViewPosition"))
_DX_SERIES = Module("C.8.11.1", ("PresentationIntentType",))
_DX_ANATOMY = Module("C.8.11.2", ("ImageLaterality",), ("AnatomicRegionSequence",))
_DX_IMAGE = Module(
    "C.8.11.3",
    (
        "ImageType",
        "BurnedInAnnotation",
        "PixelIntensityRelationship",
        "PixelIntensityRelationshipSign",
        "RescaleIntercept",
        "RescaleSlope",
        "RescaleType",
        "LossyImageCompression",
        "PresentationLUTShape",
    ),
)
_DX_DETECTOR = Module("C.8.11.4", ("ImagerPixelSpacing",), ("DetectorType",))
_MG_IMAGE = Module("C.8.11.7", ("PositionerType", "OrganExposed", "ViewCodeSequence"))
_IO_IMAGE = Module("C.8.11.9", ("PositionerType",))
_CONTEXT = Module("C.7.6.14", (), ("AcquisitionContextSequence",))
_CT_IMAGE = Module(
    "C.8.2.1",
    ("ImageType", "RescaleIntercept", "RescaleSlope"),
    ("KVP", "AcquisitionNumber"),
)
_MR_IMAGE = Module(
    "C.8.3.1",
    ("ImageType", "ScanningSequence", "SequenceVariant"),
    ("ScanOptions", "MRAcquisitionType", "EchoTime", "EchoTrainLength"),
)
_X_RAY_IMAGE = Module("C.8.7.1", ("ImageType", "PixelIntensityRelationship"))
_X_RAY_ACQUISITION = Module("C.8.7.2", ("RadiationSetting",), ("KVP",))
_XA_POSITIONER = Module(
    "C.8.7.5", (), ("PositionerPrimaryAngle", "PositionerSecondaryAngle")
)
_SC_EQUIPMENT = Module("C.8.6.1", ("ConversionType",))

_COMMON = (_PATIENT, _STUDY, _SERIES, _EQUIPMENT, _GENERAL_IMAGE)
_DX = (*_COMMON, _DX_SERIES, _DX_ANATOMY, _DX_IMAGE, _DX_DETECTOR, _CONTEXT)
_MG = (*_DX, _MG_IMAGE)
_IO = (*_DX, _IO_IMAGE)
# PS3.3 A.2, A.3, A.4, A.8, A.14, A.16, A.26 to A.28: the mandatory modules of each.
OBJECTS: dict[str, tuple[Module, ...]] = {
    CR_CLASS: (*_COMMON, _CR_SERIES),
    "1.2.840.10008.5.1.4.1.1.1.1": _DX,
    "1.2.840.10008.5.1.4.1.1.1.1.1": _DX,
    "1.2.840.10008.5.1.4.1.1.1.2": _MG,
    "1.2.840.10008.5.1.4.1.1.1.2.1": _MG,
    "1.2.840.10008.5.1.4.1.1.1.3": _IO,
    "1.2.840.10008.5.1.4.1.1.1.3.1": _IO,
    "1.2.840.10008.5.1.4.1.1.2": (*_COMMON, _FRAME, _PLANE, _CT_IMAGE),
    "1.2.840.10008.5.1.4.1.1.4": (*_COMMON, _FRAME, _PLANE, _MR_IMAGE),
    "1.2.840.10008.5.1.4.1.1.7": (_PATIENT, _STUDY, _SERIES, _SC_EQUIPMENT),
    "1.2.840.10008.5.1.4.1.1.12.1": (
        *_COMMON,
        _X_RAY_IMAGE,
        _X_RAY_ACQUISITION,
        _XA_POSITIONER,
    ),
    "1.2.840.10008.5.1.4.1.1.12.2": (*_COMMON, _X_RAY_IMAGE, _X_RAY_ACQUISITION),
}
_KNOWN = Scope(
    "objects of the CR, DX, MG, IO, CT, MR, XA, RF and SC storage classes",
    classes=frozenset(OBJECTS),
)
_ALWAYS = (
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "Modality",
)
# A header that lacks half of what its kind demands was not made by a device.
_MANY_SHARE = 0.5

# Only a tomograph has these (PS3.3 C.7.6.2, C.8.2.1, C.8.3.1).
_OF_SLICES = (
    "ImageOrientationPatient",
    "ConvolutionKernel",
    "SpiralPitchFactor",
    "RepetitionTime",
    "EchoTime",
    "MagneticFieldStrength",
    "FlipAngle",
    "ReconstructionDiameter",
)
_OF_X_RAYS = ("KVP", "XRayTubeCurrent", "Exposure", "ExposureIndex", "PlateType")
_OF_RADIOGRAPHS = (
    "PlateType",
    "CassetteSize",
    "ExposureIndex",
    "DetectorActiveDimensions",
    "BodyPartThickness",
)


def _check_always(subject: Subject) -> Detail | None:
    missing = [keyword for keyword in _ALWAYS if not subject.text(keyword)]
    return {"missing": missing} if missing else None


def _is_filled(subject: Subject, keyword: str) -> bool:
    if keyword.endswith("Sequence"):
        return subject.has(keyword)
    return bool(subject.text(keyword))


def _find_missing(subject: Subject) -> tuple[list[str], list[str]]:
    """Return type 1 attributes not there or empty, and type 2 ones not there."""
    modules = OBJECTS[subject.sop_class]
    first = [
        keyword
        for module in modules
        for keyword in module.type_1
        # Laterality is type 1 for DX since 1998; unpaired parts are told by "U".
        if not _is_filled(subject, keyword)
    ]
    second = [
        keyword
        for module in modules
        for keyword in module.type_2
        if not subject.has(keyword)
    ]
    return first, second


def _check_type_1(subject: Subject) -> Detail | None:
    missing, _ = _find_missing(subject)
    return {"missing": missing} if missing else None


def _check_type_2(subject: Subject) -> Detail | None:
    _, missing = _find_missing(subject)
    return {"missing": missing} if missing else None


def _check_many(subject: Subject) -> Detail | None:
    modules = OBJECTS[subject.sop_class]
    demanded = sum(len(module.type_1) + len(module.type_2) for module in modules)
    missing = sum(map(len, _find_missing(subject)))
    if missing < _MANY_SHARE * demanded:
        return None
    return {"missing": missing, "demanded": demanded}


def _find_filled(subject: Subject, keywords: tuple[str, ...]) -> Detail | None:
    found = [keyword for keyword in keywords if subject.text(keyword)]
    return {"found": found} if found else None


def _check_slice_attributes(subject: Subject) -> Detail | None:
    return _find_filled(subject, _OF_SLICES)


def _check_x_ray_attributes(subject: Subject) -> Detail | None:
    return _find_filled(subject, _OF_X_RAYS)


def _check_radiograph_attributes(subject: Subject) -> Detail | None:
    return _find_filled(subject, _OF_RADIOGRAPHS)


def _check_plate_and_panel(subject: Subject) -> Detail | None:
    kind = subject.code("DetectorType")
    if kind not in ("DIRECT", "SCINTILLATOR"):
        return None
    found = _find_filled(subject, ("PlateType", "PhosphorType", "CassetteSize"))
    return {"detector": kind, **found} if found else None


def _check_lossy_ratio(subject: Subject) -> Detail | None:
    if subject.code("LossyImageCompression") != "01":
        return None
    missing = [
        keyword
        for keyword in ("LossyImageCompressionRatio", "LossyImageCompressionMethod")
        if not subject.text(keyword)
    ]
    return {"missing": missing} if missing else None


def _check_halves(subject: Subject) -> Detail | None:
    halves = [
        name
        for name, first, second in (
            ("rescale", "RescaleSlope", "RescaleIntercept"),
            ("window", "WindowCenter", "WindowWidth"),
        )
        if bool(subject.text(first)) != bool(subject.text(second))
    ]
    return {"halves": halves} if halves else None


def _check_planar(subject: Subject) -> Detail | None:
    if subject.image.stored.ndim != 3 or subject.text("PlanarConfiguration"):
        return None
    return {"missing": ["PlanarConfiguration"]}


RULES = (
    Rule(
        "required_missing",
        "Attributes that every image must have are missing or empty.",
        0.5,
        "PS3.3 C.12.1, C.7.2.1, C.7.3.1 (type 1)",
        _check_always,
    ),
    Rule(
        "type_1_missing",
        "An attribute that this kind of object must fill is missing or empty.",
        0.3,
        "PS3.3, the type 1 attributes of "
        "C.7.4.1, C.7.6.2, C.8.2.1, C.8.3.1, C.8.6.1, C.8.7.1, C.8.7.2, "
        "C.8.11.1 to C.8.11.4, C.8.11.7, C.8.11.9",
        _check_type_1,
        _KNOWN,
        "De-identifiers and old devices leave some out, such as the presentation LUT.",
    ),
    Rule(
        "type_2_missing",
        "An attribute that this kind of object must carry, even empty, is missing.",
        0.15,
        "PS3.3, the type 2 attributes of "
        "C.7.1.1, C.7.2.1, C.7.3.1, C.7.5.1, C.7.6.1, C.7.6.2, C.7.6.14, C.8.1.1, "
        "C.8.2.1, C.8.3.1, C.8.7.2, C.8.7.5, C.8.11.2, C.8.11.4",
        _check_type_2,
        _KNOWN,
        "Many devices and most de-identifiers drop what is empty.",
    ),
    Rule(
        "half_missing",
        "Half of what this kind of object must carry is missing.",
        0.4,
        "PS3.3, as for the two rules above; PS3.3 A.2 to A.28 (mandatory modules)",
        _check_many,
        _KNOWN,
        "Published data sets that were converted from pictures.",
    ),
    Rule(
        "attributes_of_slices",
        "A radiograph carries attributes that only CT and MR have.",
        0.6,
        "PS3.3 C.7.6.2, C.8.2.1, C.8.3.1 (not among the modules of A.2, A.26 to A.28)",
        _check_slice_attributes,
        RADIOGRAPHS,
    ),
    Rule(
        "x_rays_in_mr",
        "An MR picture states a tube voltage, exposure or plate.",
        0.6,
        "PS3.3 C.8.3.1 and A.4 (no X-ray module)",
        _check_x_ray_attributes,
        MR_SLICES,
    ),
    Rule(
        "plate_in_slice",
        "A CT or MR picture names a plate, cassette or flat detector.",
        0.5,
        "PS3.3 A.3 and A.4 (no CR or DX module)",
        _check_radiograph_attributes,
        SLICES,
    ),
    Rule(
        "plate_and_panel",
        "The header names a flat panel and an imaging plate at once.",
        0.45,
        "PS3.3 C.8.11.4, Detector Type (0018,7004); C.8.1.2, Plate Type (0018,1260)",
        _check_plate_and_panel,
        DX_OBJECTS,
    ),
    Rule(
        "lossy_undescribed",
        "The header admits loss, but states no ratio or method.",
        0.2,
        "PS3.3 C.7.6.1.1.5 and C.8.11.3, (0028,2112) and (0028,2114)",
        _check_lossy_ratio,
        tolerated="Common compressors leave out one of them.",
    ),
    Rule(
        "half_of_a_pair",
        "One of two attributes is there that mean nothing without the other.",
        0.3,
        "PS3.3 C.11.1 and C.11.2.1.2 (type 1C)",
        _check_halves,
    ),
    Rule(
        "planar_missing",
        "A colour picture does not say how its colours are laid out.",
        0.25,
        "PS3.3 C.7.6.3.1.3, Planar Configuration (type 1C)",
        _check_planar,
    ),
)
