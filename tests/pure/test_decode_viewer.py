"""What the viewer is told, and what it is shown."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset

from tests import dicom
from workers.decode import read_header
from workers.dicom.viewer import read_viewer_meta, render_preview, viewer_meta


def test_meta_tells_window_rescale_and_range(tmp_path: Path) -> None:
    pixels = dicom.make_pixels()
    path = dicom.write_film(
        tmp_path / "film.dcm",
        array=pixels,
        overrides={
            "WindowCenter": [1000, 500],
            "WindowWidth": [2000, 100],
            "WindowCenterWidthExplanation": ["LUNG", "BONE"],
            "VOILUTFunction": "SIGMOID",
            "RescaleSlope": 2,
            "RescaleIntercept": -1024,
        },
    )
    meta = read_viewer_meta(path)
    assert [(w.center, w.width, w.label) for w in meta.windows] == [
        (1000, 2000, "LUNG"),
        (500, 100, "BONE"),
    ]
    assert (meta.slope, meta.intercept, meta.voi_function) == (2, -1024, "SIGMOID")
    assert (meta.pixel_min, meta.pixel_max) == (pixels.min(), pixels.max())
    assert (meta.dtype, meta.spacing_mm) == ("uint16", (0.2, 0.2))


def test_film_without_window_gets_one_over_its_values(tmp_path: Path) -> None:
    pixels = dicom.make_pixels()
    meta = read_viewer_meta(dicom.write_film(tmp_path / "f.dcm", array=pixels))
    (window,) = meta.windows
    assert window.center - window.width / 2 == pixels.min()
    assert window.center + window.width / 2 == pixels.max() + 1
    # As frontend/src/imaging/window.ts knows it: nobody may take it for the file's own.
    assert window.label == "Full range, no window in the file"


def test_zero_spacing_is_withheld_with_a_reason(tmp_path: Path) -> None:
    meta = read_viewer_meta(dicom.write_zero_spacing(tmp_path / "film.dcm"))
    assert meta.spacing_mm is None
    assert "cannot be given" in meta.spacing_note


def test_colour_is_served_as_rgb_bytes(tmp_path: Path) -> None:
    meta = read_viewer_meta(dicom.write_rgb_ultrasound(tmp_path / "film.dcm"))
    assert (meta.photometric, meta.samples, meta.dtype) == ("RGB", 3, "uint8")
    assert meta.windows == ()


def test_signed_film_is_described_without_decoding(tmp_path: Path) -> None:
    header = read_header(dicom.write_signed_monochrome1(tmp_path / "film.dcm"))
    meta = viewer_meta(header)
    assert (meta.dtype, meta.photometric) == ("int16", "MONOCHROME1")
    assert (meta.pixel_min, meta.pixel_max) == (-32768, 32767)


def test_modality_lut_is_applied_for_the_viewer(tmp_path: Path) -> None:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [4096, 0, 16])
    item.add_new("LUTData", "US", list(range(8192, 0, -2)))
    path = dicom.write_film(
        tmp_path / "film.dcm", overrides={"ModalityLUTSequence": [item]}
    )
    meta = read_viewer_meta(path)
    pixels = dicom.make_pixels().astype(int)
    assert (meta.slope, meta.intercept, meta.bits_stored) == (1.0, 0.0, 16)
    assert meta.pixel_max == 8192 - 2 * pixels.min()


@pytest.mark.parametrize("size", [64, 80])
def test_preview_fits_the_size_and_looks_like_the_film(
    tmp_path: Path, size: int
) -> None:
    path = dicom.write_film(tmp_path / "film.dcm")
    with Image.open(io.BytesIO(render_preview(path, size=size))) as picture:
        assert picture.format == "WEBP"
        assert max(picture.size) == size
        grey = np.asarray(picture.convert("L"), np.float64)
    assert grey[:, -5:].mean() > grey[:, :5].mean() + 100
