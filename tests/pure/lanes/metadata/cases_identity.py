"""Breach and near miss of each rule on who made the object."""

from __future__ import annotations

from pydicom.uid import UID

from tests import dicom
from tests.pure.lanes.metadata.films import (
    GE_UID,
    SIEMENS_UID,
    Film,
    edited,
    film,
    received,
)

_UID = b"8.498.77.2.7.1.1"
_GE = "GE Healthcare"
_RANDOM_UUID = str(UID(f"2.25.{0x1234567812344234B234567812345678}"))
_OURS = dicom.IMPLEMENTATION_CLASS_UID.encode()
_OWN = {"SOPInstanceUID": "1.2.276.0.99.1"}

UIDS: dict[str, list[tuple[Film, Film]]] = {
    "uid_malformed": [
        (film(StudyInstanceUID="1.2." + "9" * 62), film(StudyInstanceUID="1.2.99")),
        (film(SeriesInstanceUID="1.2.ab"), film(SeriesInstanceUID="1.2.10")),
    ],
    "uid_components": [
        (film(StudyInstanceUID="1.2.03.4"), film(StudyInstanceUID="1.2.0.4")),
        (film(StudyInstanceUID="3.2.1"), film(StudyInstanceUID="2.100.1")),
        (film(StudyInstanceUID="1.40.1"), film(StudyInstanceUID="1.39.1")),
    ],
    "uuid_too_large": [
        (
            film(StudyInstanceUID=f"2.25.{1 << 128}"),
            film(StudyInstanceUID=f"2.25.{(1 << 128) - 1}"),
        ),
        (film(StudyInstanceUID="2.25.1.2"), film(StudyInstanceUID=_RANDOM_UUID)),
    ],
    "uuid_of_no_version": [
        (film(StudyInstanceUID="2.25.12345"), film(StudyInstanceUID=_RANDOM_UUID))
    ],
    "uid_of_image_shared": [
        (
            film(SeriesInstanceUID="1.2.99.5", SOPInstanceUID="1.2.99.5"),
            film(SeriesInstanceUID="1.2.99.5", SOPInstanceUID="1.2.99.5.1"),
        )
    ],
    "uid_of_study_is_series": [
        (
            film(SeriesInstanceUID="1.2.99.5", StudyInstanceUID="1.2.99.5"),
            film(SeriesInstanceUID="1.2.99.5.1", StudyInstanceUID="1.2.99.5"),
        )
    ],
    "uid_below_standard": [
        (
            film(StudyInstanceUID="1.2.840.10008.77.1"),
            film(StudyInstanceUID="1.2.840.100080.77.1"),
        )
    ],
    "uid_example": [
        (film(StudyInstanceUID="1.2.3.4.5"), film(StudyInstanceUID="1.2.30.4.5"))
    ],
    "uid_before_picture": [
        (
            film(SOPInstanceUID="1.2.99.20231230101010"),
            film(SOPInstanceUID="1.2.99.20240102101010"),
        ),
        # Not a moment: the month is 13.
        (
            film(SOPInstanceUID="1.2.99.20220101101010123"),
            film(SOPInstanceUID="1.2.99.20221301101010"),
        ),
    ],
    "uid_after_receipt": [
        (
            received("2024-02-01", StudyInstanceUID="1.2.99.20240301120000"),
            received("2024-03-01", StudyInstanceUID="1.2.99.20240301120000"),
        )
    ],
    "uid_root_of_other_vendor": [
        (
            film(SOPInstanceUID=GE_UID, Manufacturer="SIEMENS"),
            film(SOPInstanceUID=GE_UID, Manufacturer="GE MEDICAL SYSTEMS"),
        ),
        (
            film(SOPInstanceUID=SIEMENS_UID, Manufacturer=_GE),
            film(
                SOPInstanceUID=SIEMENS_UID,
                Manufacturer=_GE,
                ImageType=["DERIVED", "PRIMARY"],
            ),
        ),
    ],
    "uid_of_toolkit": [
        (
            film(Manufacturer=_GE),
            film(Manufacturer=_GE, ImageType=["DERIVED", "PRIMARY"]),
        ),
        (film(Manufacturer="SIEMENS"), film(Manufacturer="SIEMENS", **_OWN)),
    ],
}

FILE: dict[str, list[tuple[Film, Film]]] = {
    "file_meta_class_differs": [
        (edited(b"4.1.1.1\0", b"4.1.1.7\0"), edited(_UID, b"8.498.77.2.7.1.9"))
    ],
    "file_meta_image_differs": [
        (edited(_UID, b"8.498.77.2.7.1.9"), edited(b"4.1.1.1\0", b"4.1.1.7\0"))
    ],
    "file_meta_incomplete": [
        (
            edited(b"\x02\x00\x12\x00UI", b"\x02\x00\x15\x00UI"),
            film(),
        )
    ],
    "written_by_toolkit": [
        (film(Manufacturer=_GE), film(Manufacturer="Unknown Works")),
    ],
    "written_by_other_vendor": [
        (
            edited(
                _OURS,
                b"1.3.12.2.1107.5.1".ljust(len(_OURS), b"\0"),
                Manufacturer=_GE,
            ),
            edited(
                _OURS,
                b"1.2.840.113619.6".ljust(len(_OURS), b"\0"),
                Manufacturer=_GE,
            ),
        )
    ],
    # What pydicom calls itself, and after it another library's name for the same UID.
    "implementation_name": [(edited(b"PYDICOM ", b"GDCM 2.8"), film())],
    "private_block_unclaimed": [
        (
            edited(b"\x18\x00\x60\x00DS", b"\x19\x00\x60\x10DS"),
            film(),
        )
    ],
    "deidentified_without_method": [
        (
            film(PatientIdentityRemoved="YES"),
            film(PatientIdentityRemoved="YES", DeidentificationMethod="profile"),
        )
    ],
}

DEVICE: dict[str, list[tuple[Film, Film]]] = {
    "class_against_modality": [
        (film(Modality="MG"), film(Modality="CR")),
        (film("ct", Modality="DX"), film("ct")),
    ],
    "class_of_related_modality": [
        (film(Modality="DX"), film("dx")),
        (film("dx", Modality="IO"), film("dx", Modality="PX", KVP=70)),
    ],
    "intent_against_class": [
        (
            film("dx", PresentationIntentType="FOR PROCESSING"),
            film(
                "dx",
                PresentationIntentType="FOR PROCESSING",
                SOPClassUID="1.2.840.10008.5.1.4.1.1.1.1.1",
            ),
        )
    ],
    "editing_software": [
        (film(SoftwareVersions="Adobe Photoshop 25"), film(SoftwareVersions="VB 25")),
        (film(StationName="ComfyUI"), film(StationName="COMFORT")),
    ],
    "editing_software_in_words": [
        (
            film(ImageComments="made with Stable Diffusion"),
            film(ImageComments="stable, no diffuse change"),
        )
    ],
    "program_as_manufacturer": [
        (film(Manufacturer="pydicom"), film(Manufacturer="Pyramid Dicom Works"))
    ],
    "device_unnamed": [
        (film(Manufacturer=""), film(Manufacturer="", StationName="ROOM1"))
    ],
    "model_of_other_vendor": [
        (
            film("dx", Manufacturer=_GE, ManufacturerModelName="Ysio Max", **_OWN),
            film("dx", Manufacturer="SIEMENS", ManufacturerModelName="Ysio", **_OWN),
        )
    ],
    "model_of_other_modality": [
        (
            film(Manufacturer="SIEMENS", ManufacturerModelName="SOMATOM", **_OWN),
            film("ct", Manufacturer="SIEMENS", ManufacturerModelName="SOMATOM", **_OWN),
        )
    ],
    "private_block_of_other_vendor": [
        (
            edited(
                b"\x18\x00\x60\x00DS\x06\x00120.0 ",
                b"\x19\x00\x10\x00LO\x0c\x00GEMS_ACQU_01",
                Manufacturer="SIEMENS",
            ),
            edited(
                b"\x18\x00\x60\x00DS\x06\x00120.0 ",
                b"\x19\x00\x10\x00LO\x0c\x00GEMS_ACQU_01",
                Manufacturer=_GE,
            ),
        )
    ],
    "private_blocks_missing": [
        (
            film(Manufacturer="SIEMENS", **_OWN),
            film(Manufacturer="SIEMENS", ImageType=["DERIVED", "PRIMARY"], **_OWN),
        )
    ],
    "research_content": [
        (film(ContentQualification="RESEARCH"), film(ContentQualification="PRODUCT"))
    ],
    "quality_control_image": [
        (film(QualityControlImage="YES"), film(QualityControlImage="NO"))
    ],
}

REQUIRED: dict[str, list[tuple[Film, Film]]] = {
    "required_missing": [(film(Modality=None), film()), (film(Modality=""), film())],
    "type_1_missing": [
        (film("dx", PresentationLUTShape=None), film("dx")),
        (film("mg", OrganExposed=""), film("mg")),
        (film("ct", FrameOfReferenceUID=None), film("ct")),
        (film("mr", ScanningSequence=None), film("mr")),
        (film("xa", RadiationSetting=None), film("xa")),
        (film("sc", ConversionType=None), film("sc")),
    ],
    "type_2_missing": [
        (film(AccessionNumber=None), film(AccessionNumber="")),
        (film("dx", AcquisitionContextSequence=None), film("dx")),
    ],
    "half_missing": [
        (
            film(
                **dict.fromkeys(
                    (
                        "PatientSex", "PatientBirthDate", "StudyDate", "StudyTime",
                        "AccessionNumber", "ReferringPhysicianName", "StudyID",
                    )
                )
            ),
            film(**dict.fromkeys(("PatientSex", "PatientBirthDate", "StudyTime"))),
        )
    ],
    "attributes_of_slices": [
        (film(EchoTime=100), film("mr")),
        (film("dx", ConvolutionKernel="H70"), film("ct", ConvolutionKernel="H70")),
    ],
    "x_rays_in_mr": [(film("mr", KVP=120), film("mr"))],
    "plate_in_slice": [(film("ct", PlateType="ST"), film(PlateType="ST"))],
    "plate_and_panel": [
        (film("dx", PlateType="ST"), film("dx", PlateType="ST", DetectorType="STORAGE"))
    ],
    "lossy_undescribed": [
        (
            film(LossyImageCompression="01"),
            film(
                LossyImageCompression="01",
                LossyImageCompressionRatio=10,
                LossyImageCompressionMethod="ISO_10918_1",
            ),
        )
    ],
    "half_of_a_pair": [
        (film(WindowCenter=2000), film(WindowCenter=2000, WindowWidth=4000)),
        (film(RescaleSlope=1), film(RescaleSlope=1, RescaleIntercept=0)),
    ],
    "planar_missing": [
        (
            Film(
                "cr",
                {"PlanarConfiguration": None},
                {"bits_stored": 8, "photometric": "RGB"},
            ),
            Film("cr", {}, {"bits_stored": 8, "photometric": "RGB"}),
        )
    ],
}  # fmt: skip
