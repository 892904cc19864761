"""Breach and near miss of each rule on dates, patient, texts, sides and views."""

from __future__ import annotations

import numpy as np

from tests import dicom
from tests.pure.lanes.metadata.films import (
    Film,
    among,
    edited,
    film,
    received,
    with_pixels,
)


def _half_bright(*, left: bool) -> np.ndarray[tuple[int, ...], np.dtype[np.uint16]]:
    values = dicom.make_pixels(96, 64).copy()
    half = values[:, 32:] if left else values[:, :32]
    half[:] = 10
    other = values[:, :32] if left else values[:, 32:]
    other[:] = np.clip(other.astype(int) + 1500, 0, 4095)
    return values


DATES: dict[str, list[tuple[Film, Film]]] = {
    "taken_before_birth": [
        (film(PatientBirthDate="20250101"), film(PatientBirthDate="20240102"))
    ],
    "dated_in_future": [(received("2023-12-30"), received("2024-01-02"))],
    "dated_before_x_rays": [
        (
            film(StudyDate="18940101", PatientBirthDate=""),
            film(StudyDate="18951109", PatientBirthDate=""),
        )
    ],
    "dated_before_digital": [
        (
            film(StudyDate="19700101", PatientBirthDate=""),
            film(StudyDate="19830101", PatientBirthDate=""),
        )
    ],
    "taken_before_study": [
        (film(AcquisitionDate="20230102"), film(AcquisitionDate="20240101"))
    ],
    "date_malformed": [
        (film(ContentTime="250000"), film(ContentTime="101600.123456")),
        (edited(b"20240102", b"2024012 "), film(StudyDate="2024.01.02")),
    ],
    "acquired_after_content": [
        (film(AcquisitionTime="121700"), film(AcquisitionTime="111500"))
    ],
    "created_before_picture": [
        (
            film(InstanceCreationDate="20231201"),
            film(InstanceCreationDate="20240103"),
        )
    ],
    "acquisition_dated_twice": [
        (
            film(AcquisitionTime="101500", AcquisitionDateTime="20240103101500"),
            film(AcquisitionTime="101500", AcquisitionDateTime="20240102081500+0200"),
        )
    ],
    "calibrated_after_picture": [
        (
            film(DateOfLastCalibration="20240301"),
            film(DateOfLastCalibration="20240102"),
        )
    ],
    "device_younger_than_film": [
        (film(DateOfManufacture="20240601"), film(DateOfManufacture="20190601"))
    ],
    "offset_impossible": [
        (film(TimezoneOffsetFromUTC="+1500"), film(TimezoneOffsetFromUTC="+1400")),
        (film(TimezoneOffsetFromUTC="-1230"), film(TimezoneOffsetFromUTC="-0930")),
        (film(TimezoneOffsetFromUTC="0200"), film(TimezoneOffsetFromUTC="+0200")),
    ],
    "step_ends_before_start": [
        (
            film(
                PerformedProcedureStepStartDate="20240102",
                PerformedProcedureStepStartTime="1015",
                PerformedProcedureStepEndDate="20240102",
                PerformedProcedureStepEndTime="1005",
            ),
            film(
                PerformedProcedureStepStartDate="20240102",
                PerformedProcedureStepStartTime="1015",
                PerformedProcedureStepEndDate="20240102",
                PerformedProcedureStepEndTime="1025",
            ),
        )
    ],
    "taken_before_step": [
        (
            film(PerformedProcedureStepStartDate="20240201"),
            film(PerformedProcedureStepStartDate="20240103"),
        )
    ],
    "times_all_zero": [
        (
            film(StudyTime="000000.00", SeriesTime="000000", ContentTime="0000"),
            film(StudyTime="000000.00", SeriesTime="000000", ContentTime="0001"),
        )
    ],
}

PATIENT: dict[str, list[tuple[Film, Film]]] = {
    "age_against_birth": [(film(PatientAge="012Y"), film(PatientAge="053Y"))],
    "age_malformed": [(film(PatientAge="54"), film(PatientAge="054Y"))],
    "age_impossible": [
        (film(PatientBirthDate="18900101"), film(PatientBirthDate="19020101"))
    ],
    "sex_malformed": [(film(PatientSex="?"), film(PatientSex="F"))],
    "build_out_of_range": [
        (film(PatientSize=178), film(PatientSize=1.78)),
        (film(PatientWeight=9000), film(PatientWeight=90)),
    ],
    "adult_of_infant_size": [
        (
            film(PatientSize=0.4, PatientAge="054Y"),
            film(PatientSize=0.4, PatientAge="003D", PatientBirthDate="20231230"),
        )
    ],
}

TEXTS: dict[str, list[tuple[Film, Film]]] = {
    "charset_unknown": [
        (edited(b"ISO_IR 100", b"ISO_IR 999"), edited(b"ISO_IR 100", b"ISO_IR 101"))
    ],
    "charset_combined": [
        (
            edited(
                b"\x0a\x00ISO_IR 100",
                b"\x1a\x00ISO_IR 192\\ISO 2022 IR 87 ",
            ),
            edited(
                b"\x0a\x00ISO_IR 100",
                b"\x1c\x00ISO 2022 IR 6\\ISO 2022 IR 87",
            ),
        )
    ],
    "charset_missing": [
        (
            edited(
                b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100",
                b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 6  ",
                StudyDescription="Röntgen",
            ),
            film(StudyDescription="Röntgen"),
        )
    ],
    "charset_broken": [
        (
            edited(b"ISO_IR 100", b"ISO_IR 192", StudyDescription="Röntgen"),
            film(SpecificCharacterSet="ISO_IR 192", StudyDescription="Röntgen"),
        )
    ],
    "value_too_long": [
        (
            edited(
                b"\x20\x00\x10\x00SH\x02\x001 ",
                b"\x20\x00\x10\x00SH\x46\x00" + b"1" * 70,
            ),
            edited(
                b"\x20\x00\x10\x00SH\x02\x001 ",
                b"\x20\x00\x10\x00SH\x10\x00" + b"1" * 16,
            ),
        )
    ],
    "value_oversized": [
        (
            edited(
                b"\x18\x00\x60\x00DS\x06\x00120.0 ",
                b"\x18\x00\x60\x00DS\x00\x80" + b"120\\" * (1 << 13),
            ),
            edited(
                b"\x18\x00\x60\x00DS\x06\x00120.0 ",
                b"\x18\x00\x60\x00DS\x40\x00" + b"120\\" * 16,
            ),
        )
    ],
    "representation_of_other": [
        (
            edited(b"\x20\x00\x13\x00IS\x02\x001 ", b"\x20\x00\x13\x00UI\x02\x001\x00"),
            edited(b"\x20\x00\x13\x00IS", b"\x20\x00\x13\x00DS"),
        )
    ],
    "code_form": [
        (edited(b"CS\x06\x00CHEST ", b"CS\x06\x00Chest "), film()),
    ],
    "elements_without_number": [
        (
            edited(
                b"\xe0\x7f\x10\x00OW",
                b"".join(
                    group.to_bytes(2, "little") + b"\x10\x00UT" + bytes(6)
                    for group in range(0x3001, 0x5001, 2)
                )
                + b"\xe0\x7f\x10\x00OW",
            ),
            film(),
        )
    ],
}

ANATOMY: dict[str, list[tuple[Film, Film]]] = {
    "sides_differ": [
        (
            film(Laterality="L", ImageLaterality="R"),
            film(Laterality="L", ImageLaterality="L"),
        )
    ],
    "side_unknown": [(film(Laterality="LEFT"), film(Laterality="L"))],
    "directions_malformed": [
        (film(PatientOrientation=["L", "R"]), film(PatientOrientation=["R", "F"])),
        (film(PatientOrientation=["X", "F"]), film(PatientOrientation=["LP", "F"])),
        (film(PatientOrientation=["L"]), film(PatientOrientation="")),
    ],
    "view_against_directions": [
        (film(PatientOrientation=["P", "F"]), film(PatientOrientation=["R", "F"])),
        (
            film(PatientOrientation=["L", "F"], ViewPosition="LL"),
            film(PatientOrientation=["A", "F"], ViewPosition="LL"),
        ),
    ],
    "part_not_breast": [
        (film("mg", BodyPartExamined="CHEST"), film("mg", BodyPartExamined=""))
    ],
    "part_not_dental": [
        (
            film("dx", Modality="PX", KVP=70, BodyPartExamined="HAND"),
            film("dx", Modality="PX", KVP=70, BodyPartExamined="JAW"),
        )
    ],
    "organ_not_breast": [(film("mg", OrganExposed="LUNG"), film("mg"))],
    "view_not_of_breast": [(film("mg", ViewPosition="PA"), film("mg"))],
    "view_of_breast": [(film(ViewPosition="MLO"), film(ViewPosition="AP"))],
    "chest_wall_on_other_side": [
        (
            with_pixels(_half_bright(left=False), "mg"),
            with_pixels(_half_bright(left=True), "mg"),
        ),
        (
            with_pixels(_half_bright(left=True), "mg", PatientOrientation=["P", "FL"]),
            with_pixels(_half_bright(left=False), "mg", PatientOrientation=["P", "FL"]),
        ),
    ],
    "positioner_of_other_modality": [
        (film("mg", PositionerType="COLUMN"), film("mg")),
        (
            film("dx", PositionerType="MAMMOGRAPHIC"),
            film("dx", PositionerType="COLUMN"),
        ),
    ],
}

_ROOM = {"DeviceSerialNumber": "17", "ManufacturerModelName": "Panel 1"}

STUDY: dict[str, list[tuple[Film, Film]]] = {
    "series_of_several_devices": [
        (
            among(film(DeviceSerialNumber="18"), DeviceSerialNumber="17"),
            # Another series of the same study may be of another device.
            among(
                film(DeviceSerialNumber="18", SeriesInstanceUID="1.2.99.6"),
                DeviceSerialNumber="17",
            ),
        ),
        (among(film(Manufacturer="Other Works")), among(film(Manufacturer=""))),
    ],
    "series_of_several_modalities": [
        (among(film(Modality="DX")), among(film(Modality="cr"))),
    ],
    "study_of_several_patients": [
        (among(film(PatientID="TEST-8")), among(film(PatientID=""))),
        (among(film(PatientBirthDate="19700102")), among(film())),
    ],
    "study_dated_differently": [
        (among(film(StudyDate="20231201")), among(film(StudyDate="20240103"))),
    ],
    "serial_of_several_models": [
        (
            among(film(DeviceSerialNumber="17", ManufacturerModelName="P 2"), **_ROOM),
            among(film(DeviceSerialNumber="18", ManufacturerModelName="P 2"), **_ROOM),
        )
    ],
}
