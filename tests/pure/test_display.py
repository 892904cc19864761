"""What a viewer prints beside a film."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests import dicom
from workers.dicom.display import DisplayFacts, read_display
from workers.dicom.viewer import read_viewer_meta


def read(overrides: dict[str, Any]) -> DisplayFacts:
    data_set = dicom.make_data_set(dicom.make_pixels(), overrides=overrides)
    return read_display(data_set, has_spacing=True)


def test_a_film_that_is_no_dicom_says_nothing(tmp_path: Path) -> None:
    path = dicom.write_png(tmp_path / "a.png", np.zeros((90, 90), np.uint8))
    facts = read_viewer_meta(path).display
    assert facts == DisplayFacts("", "", None, "none", ())


def test_orientation_is_where_columns_and_rows_run_to() -> None:
    assert read({}).orientation == ("L", "F")
    axial = {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}
    assert read(axial).orientation == ("L", "P")
    coronal = {"ImageOrientationPatient": [1, 0, 0, 0, 0, -1]}
    assert read(coronal).orientation == ("L", "F")
    oblique = {"ImageOrientationPatient": [0.8, 0.6, 0, 0, 0, -1]}
    assert read(oblique).orientation == ("LP", "F")


@pytest.mark.parametrize(
    "overrides",
    [
        {"PatientOrientation": None},
        {"PatientOrientation": ["L", "R"]},
        {"PatientOrientation": ["LE", "V"]},
        {"PatientOrientation": ["L"]},
        {"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]},
        {"ImageOrientationPatient": [2, 0, 0, 0, 1, 0]},
    ],
)
def test_an_orientation_that_makes_no_sense_gives_no_marker(
    overrides: dict[str, Any],
) -> None:
    assert read(overrides).orientation is None


def test_an_enhanced_film_states_its_plane_for_all_frames() -> None:
    plane, group = Dataset(), Dataset()
    plane.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
    group.PlaneOrientationSequence = [plane]
    assert read({"SharedFunctionalGroupsSequence": [group]}).orientation == ("P", "F")


@pytest.mark.parametrize(
    ("overrides", "frame"),
    [
        ({"Modality": "CT"}, "patient"),
        ({}, "detector"),
        ({"PixelSpacing": None}, "detector"),
        ({"ImagerPixelSpacing": None}, "unstated"),
        ({"PixelSpacing": [0.18, 0.18]}, "calibrated"),
        ({"PixelSpacingCalibrationType": "FIDUCIAL"}, "calibrated"),
    ],
)
def test_spacing_says_where_it_holds(overrides: dict[str, Any], frame: str) -> None:
    assert read(overrides).spacing_frame == frame


def test_values_have_a_unit_only_where_the_file_gives_one() -> None:
    rescale = {"RescaleSlope": 1, "RescaleIntercept": -1024}
    assert read({}).value_unit == ""
    assert read({"Modality": "CT", **rescale}).value_unit == "HU"
    assert read({"Modality": "CT"}).value_unit == ""
    scout = {"Modality": "CT", "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}
    assert read({**scout, **rescale}).value_unit == ""
    assert read({"RescaleType": "US", **rescale}).value_unit == ""
    assert read({"RescaleType": "OD", **rescale}).value_unit == "OD"


def test_technique_is_short_and_holds_no_name() -> None:
    facts = read({"Exposure": 3, "ConvolutionKernel": "x" * 60, "EchoTime": None})
    assert facts.technique == (("kV", "120"), ("mAs", "3"))
    assert "Film" not in str(facts)
