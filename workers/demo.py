"""The demo studies: public sample radiographs and known fakes made from them.

Sources are the files of PyPI's `pydicom-data` (read offline): a chest film and a lower
leg from CR, and a shoulder slice from MR. Each study shows its own part of a film, so
that only the one reused film matches another. Names, descriptions and file names are
neutral, because readers are blind: the truth is in `DemoFilm` alone.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless

from workers.training import forge
from workers.types import LaneName, Region

CHEST = "RG1_UNCR.dcm"
LEG = "RG3_UNCR.dcm"
SHOULDER = "MR2_UNCR.dcm"

# Fixed days: a seeded demo has the same bytes wherever it is made.
_STUDY_DAYS = ("20240311", "20240312", "20240314", "20240318", "20240320")
_PRIOR_DAY = "20240116"

# Identity of the sample's patient and clinic, and its empty or zeroed geometry; nothing
# of it belongs to the demo's made-up people.
_DROPPED = (
    "OtherPatientIDs",
    "InstitutionName",
    "ReferringPhysicianName",
    "InstitutionalDepartmentName",
    "ImageComments",
    "DataSetTrailingPadding",
    "TimezoneOffsetFromUTC",
    "InstanceCreatorUID",
    "DateOfLastCalibration",
    "TimeOfLastCalibration",
)


@dataclass(frozen=True)
class DemoFilm:
    """One demo file and the truth about it.

    kind: what was done to it, one of the kinds of `_SPECS`.
    truth: authentic, suspicious or unreadable (goes to quarantine).
    lane: the lane in whose field the forgery lies (it may miss it), None for authentic
        films.
    region: box of the altered part, None where there is none.
    worklist: blind or triage.
    """

    path: Path
    patient_id: str
    kind: str
    truth: str
    lane: LaneName | None
    region: Region | None
    worklist: str


@dataclass(frozen=True)
class FilmSpec:
    """How one film is made.

    part: (top, left, bottom, right) in source pixels, None for all of it.
    prior_of: the number of the patient whose earlier study this is, 0 for none.
    """

    number: int
    given_name: str
    source: str
    kind: str
    lane: LaneName | None
    worklist: str
    part: tuple[int, int, int, int] | None = None
    seed: int = 0
    prior_of: int = 0

    @property
    def patient_id(self) -> str:
        """Return the patient's id."""
        return f"DEMO-{self.prior_of or self.number}"


# In the order of arrival: the reused film comes after the film it was made from.
_SPECS = (
    FilmSpec(4107, "Anna", CHEST, "untouched", None, "blind"),
    FilmSpec(4112, "Boris", LEG, "untouched", None, "triage"),
    FilmSpec(
        4118,
        "Clara",
        CHEST,
        "copy_move",
        LaneName.TAMPER,
        "blind",
        (230, 80, 1480, 1010),
        11,
    ),
    FilmSpec(
        4121, "David", CHEST, "lossless_copy", None, "triage", (0, 850, 1150, 1841)
    ),
    FilmSpec(
        4126,
        "Elena",
        LEG,
        "resynthesise_region",
        LaneName.TAMPER,
        "triage",
        (640, 470, 1560, 1190),
        5,
    ),
    FilmSpec(4133, "Felix", CHEST, "untouched", None, "blind", (860, 760, 1955, 1841)),
    FilmSpec(
        4139,
        "Greta",
        CHEST,
        "resynthesise_image",
        LaneName.SYNTHESIS,
        "blind",
        (420, 280, 1955, 1560),
        7,
    ),
    FilmSpec(4144, "Henry", SHOULDER, "untouched", None, "blind"),
    FilmSpec(
        4150,
        "Irene",
        LEG,
        "forge_header",
        LaneName.METADATA,
        "triage",
        (60, 460, 1060, 1230),
        3,
    ),
    FilmSpec(
        4157,
        "Jonas",
        CHEST,
        "photograph_screen",
        LaneName.CONTAINER,
        "triage",
        (60, 500, 1240, 1841),
        9,
    ),
    FilmSpec(4163, "Karla", CHEST, "reuse", LaneName.REUSE, "triage", None, 21),
    FilmSpec(
        4168,
        "Louis",
        LEG,
        "resynthesise_image_declared",
        LaneName.PROVENANCE,
        "triage",
        (900, 440, 1760, 1200),
        13,
    ),
    FilmSpec(
        4172,
        "Maria",
        CHEST,
        "resynthesise_region",
        LaneName.TAMPER,
        "blind",
        (150, 860, 1420, 1780),
        17,
    ),
    FilmSpec(
        4179,
        "Boris",
        LEG,
        "untouched",
        None,
        "triage",
        (820, 400, 1760, 1240),
        prior_of=4112,
    ),
    FilmSpec(
        4185,
        "Olga",
        SHOULDER,
        "copy_move",
        LaneName.TAMPER,
        "triage",
        (330, 180, 940, 1000),
        4,
    ),
    FilmSpec(4191, "Peter", CHEST, "truncate", None, "blind", (700, 60, 1700, 1100), 2),
)


def write_demo_studies(out_dir: Path) -> tuple[DemoFilm, ...]:
    """Write the demo films into `out_dir` and return them in order of arrival.

    The same bytes every time. Raises FileNotFoundError without `pydicom-data`.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    sources = {name: read_source(name) for name in (CHEST, LEG, SHOULDER)}
    return tuple(write_film(spec, sources[spec.source], out_dir) for spec in _SPECS)


def read_source(name: str) -> Dataset:
    """Return a film of `pydicom-data`. Raises FileNotFoundError without it."""
    found = get_testdata_file(name, download=False)
    if not isinstance(found, str):
        raise FileNotFoundError(f"{name} is part of the package pydicom-data")
    return dcmread(found)


def write_film(spec: FilmSpec, source: Dataset, out_dir: Path) -> DemoFilm:
    """Write the film that `spec` tells of; the same bytes every time."""
    stored = _cut(source.pixel_array, spec.part)
    stored, region = _alter(spec, stored)
    header = _make_header(spec, source, stored)
    path = out_dir / f"DEMO-{spec.number}.dcm"
    if spec.kind == "photograph_screen":
        path = path.with_suffix(".png")
        _write_photo(path, stored, source, spec.seed)
    elif spec.kind == "lossless_copy":
        # The same instance: lossless coding need not change the UID (PS3.3 C.12.4.1).
        header.compress(
            JPEG2000Lossless, encoding_plugin="pylibjpeg", generate_instance_uid=False
        )
        header.save_as(path, enforce_file_format=True)
    else:
        header.save_as(path, enforce_file_format=True)
    if spec.kind == "truncate":
        path.write_bytes(forge.truncate(path.read_bytes(), spec.seed))
    return DemoFilm(
        path=path,
        patient_id=spec.patient_id,
        kind=spec.kind,
        truth=_truth(spec.kind),
        lane=spec.lane,
        region=region,
        worklist=spec.worklist,
    )


def _truth(kind: str) -> str:
    if kind == "truncate":
        return "unreadable"
    return "authentic" if kind in ("untouched", "lossless_copy") else "suspicious"


def _cut(stored: NDArray[Any], part: tuple[int, int, int, int] | None) -> NDArray[Any]:
    if part is None:
        return stored
    top, left, bottom, right = part
    return np.ascontiguousarray(stored[top:bottom, left:right])


def _alter(spec: FilmSpec, stored: NDArray[Any]) -> tuple[NDArray[Any], Region | None]:
    """Return the pixels after the forgery of `spec`, and its box if it has one."""
    local = {
        "copy_move": forge.copy_move,
        "resynthesise_region": forge.resynthesise_region,
    }
    if spec.kind in local:
        return local[spec.kind](stored, spec.seed)
    whole: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
        "resynthesise_image": lambda film: forge.resynthesise_image(film, spec.seed),
        "resynthesise_image_declared": lambda film: forge.resynthesise_image(
            film, spec.seed
        ),
        "reuse": lambda film: forge.rewindow(forge.flip(film), spec.seed),
    }
    change = whole.get(spec.kind)
    return (stored, None) if change is None else (change(stored), None)


def _make_header(spec: FilmSpec, source: Dataset, stored: NDArray[Any]) -> Dataset:
    """Return a data set of the demo's own patient around `stored`."""
    header = copy.deepcopy(source)
    # The samples open as TIFF too, a real oddity that would mark every demo film.
    header.preamble = bytes(128)
    for keyword in _DROPPED:
        if keyword in header:
            delattr(header, keyword)
    spacing = header.get("PixelSpacing")
    if spacing is not None and not all(float(step) > 0 for step in spacing):
        del header.PixelSpacing
    _name_patient(header, spec)
    _date_study(header, spec)
    header.ContentQualification = "RESEARCH"
    if spec.part is not None or spec.kind != "untouched":
        header.ImageType = ["DERIVED", *list(header.ImageType)[1:]]
    header.Rows, header.Columns = stored.shape
    header.PixelData = stored.astype("<u2").tobytes()
    header["PixelData"].VR = "OW"
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    if spec.kind == "resynthesise_image_declared":
        header.SyntheticData = "YES"
    if spec.kind == "forge_header":
        header = forge.forge_header(header, spec.seed)
    return header


def _name_patient(header: Dataset, spec: FilmSpec) -> None:
    header.PatientID = spec.patient_id
    header.PatientName = f"DEMO^{spec.given_name}"
    header.AccessionNumber = f"DEMO{spec.number}"
    header.StudyID = str(spec.number)
    person = spec.prior_of or spec.number
    header.PatientBirthDate = f"{1948 + person % 41}0{1 + person % 9}15"
    header.StudyDescription = {
        CHEST: "Chest PA",
        LEG: "Lower leg AP",
        SHOULDER: "Shoulder",
    }[spec.source]
    for keyword, level in (
        ("StudyInstanceUID", "study"),
        ("SeriesInstanceUID", "series"),
        ("SOPInstanceUID", "instance"),
    ):
        setattr(header, keyword, _make_uid(f"{spec.number} {level}"))


def _make_uid(name: str) -> str:
    """Return the same UID for the same name, of the UUID root (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, f'truefilm demo {name}').int}"


def _date_study(header: Dataset, spec: FilmSpec) -> None:
    """Give every date and time of the header one value that fits the others."""
    day = _STUDY_DAYS[spec.number % len(_STUDY_DAYS)]
    if spec.prior_of:
        day = _PRIOR_DAY
    minute = f"{8 + spec.number % 9:02d}{spec.number % 60:02d}"
    for name in ("Study", "Series", "Acquisition", "Content", "InstanceCreation"):
        date, time = f"{name}Date", f"{name}Time"
        if date in header or name in ("Study", "Content"):
            setattr(header, date, day)
            setattr(header, time, f"{minute}00")


def _write_photo(path: Path, stored: NDArray[Any], source: Dataset, seed: int) -> None:
    luma = stored.astype(np.float32)
    low, high = np.percentile(luma, (0.5, 99.5))
    luma = np.clip((luma - low) / max(float(high - low), 1.0), 0, 1)
    if source.PhotometricInterpretation == "MONOCHROME1":
        luma = 1 - luma
    photo = forge.photograph_screen(luma.astype(np.float32), seed)
    # Photographs of screens come cropped in an editor, which leaves its name.
    traces = PngInfo()
    traces.add_text("Software", "GIMP 2.10.36")
    Image.fromarray(photo).save(path, pnginfo=traces)
