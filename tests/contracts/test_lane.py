"""The contract of every lane: `workers.types.Lane` and `workers.types.Evidence`."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from workers.decode import decode_film
from workers.lanes.reuse import InMemoryReuseIndex, make_fingerprint
from workers.pipeline import build_lanes
from workers.serialise import evidence_to_json
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    Heatmap,
    IndexedFilm,
    Lane,
    LaneName,
    LaneStatus,
)

_CR = UID("1.2.840.10008.5.1.4.1.1.1")


def _textured(rows: int, columns: int, top: int) -> NDArray[Any]:
    rng = np.random.default_rng(4)
    coarse = rng.random((5, 5)).astype(np.float32)
    body = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
    grain = rng.normal(0, 0.02, (rows, columns))
    return np.rint(np.clip(body * 0.7 + 0.15 + grain, 0, 1) * top).astype(np.uint16)


def _write_dicom(
    path: Path, stored: NDArray[Any], photometric: str = "MONOCHROME2"
) -> None:
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.SOPClassUID = header.file_meta.MediaStorageSOPClassUID = _CR
    uid = generate_uid(entropy_srcs=[path.name])
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = uid
    header.StudyInstanceUID = generate_uid(entropy_srcs=[path.name, "study"])
    header.SeriesInstanceUID = generate_uid(entropy_srcs=[path.name, "series"])
    header.Modality = "CR"
    header.PatientID = "TEST-1"
    header.Rows, header.Columns = stored.shape
    header.SamplesPerPixel = 1
    header.PhotometricInterpretation = photometric
    header.BitsAllocated, header.BitsStored, header.HighBit = 16, 12, 11
    header.PixelRepresentation = int(stored.dtype == np.int16)
    header.PixelData = stored.tobytes()
    header["PixelData"].VR = "OW"
    header.save_as(path, enforce_file_format=True)


def _normal(path: Path) -> Path:
    _write_dicom(path.with_suffix(".dcm"), _textured(600, 520, 4095))
    return path.with_suffix(".dcm")


def _one_row(path: Path) -> Path:
    _write_dicom(path.with_suffix(".dcm"), _textured(1, 400, 4095))
    return path.with_suffix(".dcm")


def _constant(path: Path) -> Path:
    _write_dicom(path.with_suffix(".dcm"), np.full((400, 400), 77, np.uint16))
    return path.with_suffix(".dcm")


def _tiny(path: Path) -> Path:
    _write_dicom(path.with_suffix(".dcm"), _textured(16, 16, 4095))
    return path.with_suffix(".dcm")


def _large(path: Path) -> Path:
    _write_dicom(path.with_suffix(".dcm"), _textured(1300, 1200, 4095))
    return path.with_suffix(".dcm")


def _colour(path: Path) -> Path:
    grey = (_textured(420, 400, 255) / 1).astype(np.uint8)
    rgb = np.stack([grey, grey[::-1], grey[:, ::-1]], axis=-1)
    cv2.imwrite(str(path.with_suffix(".png")), rgb)
    return path.with_suffix(".png")


def _signed(path: Path) -> Path:
    stored = (_textured(400, 420, 4000).astype(np.int32) - 2000).astype(np.int16)
    _write_dicom(path.with_suffix(".dcm"), stored, "MONOCHROME1")
    return path.with_suffix(".dcm")


def _jpeg(path: Path) -> Path:
    grey = _textured(512, 640, 255).astype(np.uint8)
    cv2.imwrite(str(path.with_suffix(".jpg")), grey)
    return path.with_suffix(".jpg")


_FILMS: dict[str, Callable[[Path], Path]] = {
    "normal": _normal,
    "one-row": _one_row,
    "constant": _constant,
    "tiny": _tiny,
    "large": _large,
    "colour": _colour,
    "signed": _signed,
    "jpeg": _jpeg,
}


@pytest.fixture(scope="module")
def lanes() -> dict[LaneName, Lane]:
    return {lane.name: lane for lane in build_lanes()}


_PARAMS = [
    pytest.param(name, marks=pytest.mark.slow) if name == "large" else name
    for name in sorted(_FILMS)
]


@pytest.fixture(scope="module", params=_PARAMS)
def film(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> DecodedImage:
    folder = tmp_path_factory.mktemp("film")
    return decode_film(_FILMS[request.param](folder / request.param))


@pytest.fixture(scope="module")
def context(film: DecodedImage) -> Context:
    earlier = IndexedFilm(
        film_id="earlier",
        patient_key="another patient",
        study_key="another study",
        fingerprint=make_fingerprint(film),
        received_at=dt.datetime(2024, 3, 11, tzinfo=dt.UTC),
    )
    return Context(
        file_name=film.path.name,
        patient_key="patient",
        study_key="study",
        reuse_index=InMemoryReuseIndex([earlier]),
    )


@pytest.mark.parametrize("name", list(LaneName))
def test_lane_keeps_its_contract(
    name: LaneName,
    lanes: dict[LaneName, Lane],
    film: DecodedImage,
    context: Context,
) -> None:
    lane = lanes[name]
    for given in (context, Context()):
        evidence = lane.assess(film, given)
        assert evidence.lane is name
        assert evidence.version == lane.version
        _check_words(evidence)
        _check_status(evidence)
        _check_findings(evidence, film)
        _check_maps(evidence, film)
        json.dumps(evidence_to_json(evidence), allow_nan=False)
        _check_same(evidence, lane.assess(film, given))


def _check_words(evidence: Evidence) -> None:
    assert evidence.version
    assert evidence.reason.endswith(".")
    assert not evidence.reason.endswith("..")
    assert "\n" not in evidence.reason
    assert evidence.reason[0].isupper()
    # One sentence: no full stop with another sentence after it.
    assert ". " not in evidence.reason


def _check_status(evidence: Evidence) -> None:
    assert isinstance(evidence.status, LaneStatus)
    if evidence.status is LaneStatus.NOT_ASSESSABLE:
        assert evidence.suspicion is None
        assert evidence.heatmap is None
    if evidence.suspicion is not None:
        assert 0.0 <= evidence.suspicion <= 1.0
    if evidence.status is LaneStatus.FINDING:
        assert evidence.findings
    if evidence.model_sha256 is not None:
        assert len(evidence.model_sha256) == 64


def _check_findings(evidence: Evidence, film: DecodedImage) -> None:
    for finding in evidence.findings:
        assert finding.code.replace("_", "").replace("-", "").isalnum()
        assert finding.source
        assert finding.text.endswith(".")
        assert -1.0 <= finding.weight <= 1.0
        if finding.region is not None:
            region = finding.region
            assert region.row >= 0
            assert region.column >= 0
            assert region.height > 0
            assert region.width > 0
            assert region.row + region.height <= film.rows
            assert region.column + region.width <= film.columns


def _check_maps(evidence: Evidence, film: DecodedImage) -> None:
    if evidence.heatmap is None:
        assert evidence.reliability is None
        return
    maps = [evidence.heatmap]
    if evidence.reliability is not None:
        maps.append(evidence.reliability)
        assert evidence.reliability.values.shape == evidence.heatmap.values.shape
        assert evidence.reliability.spacing_px == evidence.heatmap.spacing_px
        assert evidence.reliability.origin_px == evidence.heatmap.origin_px
    for heatmap in maps:
        assert heatmap.values.dtype == np.float32
        assert heatmap.values.ndim == 2
        assert np.isfinite(heatmap.values).all()
        assert heatmap.values.min() >= 0.0
        assert heatmap.values.max() <= 1.0
        _check_grid(heatmap, film)


def _check_grid(heatmap: Heatmap, film: DecodedImage) -> None:
    for axis, length in enumerate((film.rows, film.columns)):
        cells = heatmap.values.shape[axis]
        first = heatmap.origin_px[axis]
        assert heatmap.spacing_px[axis] > 0
        assert first >= 0
        assert first + (cells - 1) * heatmap.spacing_px[axis] <= length - 1


def _check_same(first: Evidence, second: Evidence) -> None:
    one, two = evidence_to_json(first), evidence_to_json(second)
    assert one == two
    for a, b in (
        (first.heatmap, second.heatmap),
        (first.reliability, second.reliability),
    ):
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            assert np.array_equal(a.values, b.values)
