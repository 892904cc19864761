"""The same radiograph gets the same score, whatever file it arrives in."""

from __future__ import annotations

from pathlib import Path

import cv2
import gdcm
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from tests.dicom import write_film
from tests.pure.lanes.test_synthesis import make_film
from tests.recode import recode_by_gdcm
from workers.decode import decode_film
from workers.lanes.synthesis import SynthesisLane
from workers.lanes.synthesis.features import quantise_luma
from workers.types import Context

# Measured: no difference at all. The full window maps 12-bit x to 255 x / 4095 levels,
# which never lies half-way between two, so that rounding leaves no choice; MONOCHROME1
# is turned over before. A window with half-way values may move single pixels by one
# level, and would be the only source of a difference.
_TOLERANCE = 1e-6
_FULL_WINDOW = {"WindowCenter": "2048", "WindowWidth": "4096"}


def score(path: Path) -> float:
    """Return the suspicion; the content check is no matter here."""
    lane = SynthesisLane(any_content=True)
    suspicion = lane.assess(decode_film(path), Context()).suspicion
    assert suspicion is not None
    return suspicion


def write_dicom(
    path: Path,
    stored: NDArray[np.uint16],
    photometric: str = "MONOCHROME2",
    syntax: UID = ExplicitVRLittleEndian,
) -> Path:
    """Write 12-bit values; MONOCHROME1 gets them upside down, to look the same."""
    if photometric == "MONOCHROME1":
        stored = (4095 - stored).astype(np.uint16)
    return write_film(
        path,
        array=stored,
        photometric=photometric,
        transfer_syntax=syntax,
        overrides=_FULL_WINDOW,
    )


@pytest.fixture(scope="module")
def stored() -> NDArray[np.uint16]:
    """Return 12-bit values of a phantom with grain."""
    return np.rint(make_film(560, 520) * 4095).astype(np.uint16)


@pytest.fixture(scope="module")
def plain_score(
    stored: NDArray[np.uint16], tmp_path_factory: pytest.TempPathFactory
) -> float:
    """Return the score of the uncompressed MONOCHROME2 film."""
    return score(write_dicom(tmp_path_factory.mktemp("plain") / "film.dcm", stored))


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, JPEG2000Lossless, RLELossless]
)
def test_lossless_dicom_scores_the_same_in_every_syntax_and_polarity(
    tmp_path: Path,
    stored: NDArray[np.uint16],
    plain_score: float,
    photometric: str,
    syntax: UID,
) -> None:
    path = write_dicom(tmp_path / "film.dcm", stored, photometric, syntax)
    assert score(path) == pytest.approx(plain_score, abs=_TOLERANCE)


@pytest.mark.parametrize(
    "syntax",
    [gdcm.TransferSyntax.JPEGLSLossless, gdcm.TransferSyntax.JPEGLosslessProcess14_1],
)
def test_dicom_transcoded_by_another_library_scores_the_same(
    tmp_path: Path, stored: NDArray[np.uint16], plain_score: float, syntax: int
) -> None:
    source = write_dicom(tmp_path / "film.dcm", stored)
    path = recode_by_gdcm(source, tmp_path / "coded.dcm", syntax)
    assert score(path) == pytest.approx(plain_score, abs=_TOLERANCE)


def test_eight_bit_png_scores_like_the_twelve_bit_dicom(
    tmp_path: Path, stored: NDArray[np.uint16], plain_score: float
) -> None:
    levels = quantise_luma(stored.astype(np.float32) / np.float32(4095))
    cv2.imwrite(str(tmp_path / "film.png"), levels)
    assert score(tmp_path / "film.png") == pytest.approx(plain_score, abs=_TOLERANCE)


@pytest.mark.slow
def test_real_film_scores_alike_as_dicom_jpeg_2000_and_png(tmp_path: Path) -> None:
    found = get_testdata_file("RG1_UNCR.dcm", download=False)
    if found is None:
        pytest.skip("pydicom-data is not installed: no real film to try")
    source = Path(str(found))
    film = dcmread(source)
    plain = score(source)
    film.compress(JPEG2000Lossless, generate_instance_uid=False)
    film.save_as(tmp_path / "coded.dcm")
    assert score(tmp_path / "coded.dcm") == pytest.approx(plain, abs=_TOLERANCE)
    levels = quantise_luma(decode_film(source).luma)
    cv2.imwrite(str(tmp_path / "film.png"), levels)
    assert score(tmp_path / "film.png") == pytest.approx(plain, abs=_TOLERANCE)
