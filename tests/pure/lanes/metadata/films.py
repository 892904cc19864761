"""Sound films of every kind of object that the rules know, and changes to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tests import dicom
from workers.decode import decode_film
from workers.lanes.metadata import MetadataLane, read_facts
from workers.types import Context, Evidence, FirstSeen, HeaderFacts

CR = "1.2.840.10008.5.1.4.1.1.1"
DX = "1.2.840.10008.5.1.4.1.1.1.1"
MG = "1.2.840.10008.5.1.4.1.1.1.2"
CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
SC = "1.2.840.10008.5.1.4.1.1.7"
XA = "1.2.840.10008.5.1.4.1.1.12.1"
GE_UID = "1.2.840.113619.2.1.1.1"
SIEMENS_UID = "1.3.12.2.1107.5.9.9"
PIXELS_SHAPE = (400, 300)


def _code(meaning: str) -> list[Dataset]:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "1", "99T", meaning
    return [item]


_DX: dict[str, Any] = {
    "SOPClassUID": DX,
    "Modality": "DX",
    "PresentationIntentType": "FOR PRESENTATION",
    "ImageLaterality": "U",
    "Laterality": None,
    "AnatomicRegionSequence": _code("Chest"),
    "ImageType": ["ORIGINAL", "PRIMARY", ""],
    "BurnedInAnnotation": "NO",
    "PixelIntensityRelationship": "LOG",
    "PixelIntensityRelationshipSign": -1,
    "RescaleIntercept": 0,
    "RescaleSlope": 1,
    "RescaleType": "US",
    "LossyImageCompression": "00",
    "PresentationLUTShape": "IDENTITY",
    "DetectorType": "SCINTILLATOR",
    "AcquisitionContextSequence": [],
    "WindowCenter": 2048,
    "WindowWidth": 4096,
    "ManufacturerModelName": "Panel 1",
    "StationName": "ROOM1",
    "DeviceSerialNumber": "17",
    "DistanceSourceToDetector": 1800,
    "DistanceSourceToPatient": 1600,
    "ExposureTime": 100,
    "XRayTubeCurrent": 200,
    "Exposure": 20,
}
BASES: dict[str, dict[str, Any]] = {
    "cr": {},
    "dx": _DX,
    "mg": {
        **_DX,
        "SOPClassUID": MG,
        "Modality": "MG",
        "KVP": 28,
        "BodyPartExamined": "BREAST",
        "OrganExposed": "BREAST",
        "ImageLaterality": "L",
        "ViewPosition": "MLO",
        "PositionerType": "MAMMOGRAPHIC",
        "ViewCodeSequence": _code("medio-lateral oblique"),
        "AnodeTargetMaterial": "MOLYBDENUM",
        "FilterMaterial": "RHODIUM",
        "PatientOrientation": ["A", "FR"],
        "DistanceSourceToDetector": 650,
        "DistanceSourceToPatient": 600,
        "BodyPartThickness": 50,
        "CompressionForce": 120,
        "EntranceDoseInmGy": 1.8,
        "OrganDose": 0.011,
        "DistanceSourceToEntrance": 609,
        "HalfValueLayer": 0.35,
    },
    "ct": {
        "SOPClassUID": CT,
        "Modality": "CT",
        "FrameOfReferenceUID": f"{dicom.UID_ROOT}.2.7.5",
        "PositionReferenceIndicator": "",
        "ImagePositionPatient": [0, 0, 0],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "SliceThickness": 2,
        "AcquisitionNumber": 1,
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "RescaleIntercept": -1024,
        "RescaleSlope": 1,
        "ImagerPixelSpacing": None,
        "PatientOrientation": None,
        "ViewPosition": None,
        "ReconstructionDiameter": 19.2,
    },
    "mr": {
        "SOPClassUID": MR,
        "Modality": "MR",
        "KVP": None,
        "FrameOfReferenceUID": f"{dicom.UID_ROOT}.2.7.5",
        "PositionReferenceIndicator": "",
        "ImagePositionPatient": [0, 0, 0],
        "ImageOrientationPatient": [0, 1, 0, 0, 0, -1],
        "SliceThickness": 2,
        "ImageType": ["ORIGINAL", "PRIMARY", "M"],
        "ScanningSequence": "SE",
        "SequenceVariant": "SK",
        "ScanOptions": "",
        "MRAcquisitionType": "2D",
        "EchoTime": 108,
        "RepetitionTime": 5530,
        "EchoTrainLength": 17,
        "MagneticFieldStrength": 1.5,
        "ImagingFrequency": 63.68,
        "ImagedNucleus": "1H",
        "ImagerPixelSpacing": None,
        "PatientOrientation": None,
        "ViewPosition": None,
    },
    "xa": {
        "SOPClassUID": XA,
        "Modality": "XA",
        "ImageType": ["ORIGINAL", "PRIMARY", "SINGLE PLANE"],
        "PixelIntensityRelationship": "LIN",
        "RadiationSetting": "GR",
        "KVP": 80,
        "PositionerPrimaryAngle": 10,
        "PositionerSecondaryAngle": 0,
        "PatientOrientation": None,
        "ViewPosition": None,
    },
    "sc": {
        "SOPClassUID": SC,
        "Modality": "OT",
        "ConversionType": "WSD",
        "ImageType": ["DERIVED", "SECONDARY"],
        "KVP": None,
    },
}


@dataclass(frozen=True)
class Film:
    """A sound film of `base` with changes. `arguments` go to `dicom.write_film`; `edit`
    changes the written bytes; `received`: the day on which it was first seen;
    `beside`: the other films of its study."""

    base: str = "cr"
    overrides: dict[str, Any] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)
    edit: Callable[[bytes], bytes] | None = None
    received: dt.date | None = None
    beside: tuple[Film, ...] = ()

    def write(self, path: Path) -> Path:
        """Write the film and return its path."""
        overrides = {**BASES[self.base], **self.overrides}
        dicom.write_film(path, overrides=overrides, **self.arguments)
        if self.edit is not None:
            whole = path.read_bytes()
            changed = self.edit(whole)
            assert changed != whole, "the edit found nothing to change"
            path.write_bytes(changed)
        return path

    def assess(self, folder: Path) -> Evidence:
        """Return what the lane says of the film, written to `folder`."""
        headers = []
        for number, other in enumerate(self.beside):
            header = decode_film(other.write(folder / f"{number}.dcm")).header
            assert header is not None
            headers.append(read_facts(header))
        path = self.write(folder / "film.dcm")
        return assess(path, self.received, tuple(headers))


def film(base: str = "cr", /, **overrides: Any) -> Film:
    """Return a sound film of `base` with other attributes; None deletes one."""
    return Film(base, overrides)


def with_pixels(array: NDArray[Any], base: str = "dx", **overrides: Any) -> Film:
    """Return a film of the given stored values."""
    return replace(film(base, **overrides), arguments={"array": array})


def edited(old: bytes, new: bytes, base: str = "cr", **overrides: Any) -> Film:
    """Return a film whose bytes `old` are replaced once, at their first place."""
    return replace(
        film(base, **overrides), edit=lambda whole: whole.replace(old, new, 1)
    )


def received(day: str, base: str = "cr", **overrides: Any) -> Film:
    """Return a film that was first seen on the day given."""
    return replace(film(base, **overrides), received=dt.date.fromisoformat(day))


def among(other: Film, base: str = "cr", /, **overrides: Any) -> Film:
    """Return a film with another one in its study."""
    return replace(film(base, **overrides), beside=(other,))


def assess(
    path: Path, day: dt.date | None = None, beside: tuple[HeaderFacts, ...] = ()
) -> Evidence:
    """Return what the lane says of a file, first seen on `day`."""
    context = Context(study_headers=beside)
    if day is not None:
        moment = dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)
        context = replace(context, first_seen=FirstSeen(moment, None))
    return MetadataLane().assess(decode_film(path), context)


def codes(evidence: Evidence) -> set[str]:
    """Return the codes of all findings."""
    return {finding.code for finding in evidence.findings}


def noise(low: int = 200, high: int = 3800, *, step: int = 1) -> NDArray[np.uint16]:
    """Return evenly spread values of which every one is a multiple of `step`."""
    random = np.random.default_rng(3)
    values = random.integers(low // step, high // step, PIXELS_SHAPE) * step
    return values.astype(np.uint16)


def bell(spread: float = 60.0) -> NDArray[np.uint16]:
    """Return values spread about 2000 as noise spreads them."""
    random = np.random.default_rng(5)
    return np.rint(random.normal(2000, spread, PIXELS_SHAPE)).astype(np.uint16)


def stretch(values: NDArray[np.uint16], factor: float) -> NDArray[np.uint16]:
    """Return the values with contrast raised after digitising: a comb."""
    return np.floor(values.astype(np.float64) * factor).astype(np.uint16)
