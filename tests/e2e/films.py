"""Films for the viewer: a CT stack, and films as large as the budgets name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom.uid import CTImageStorage

from tests import dicom

SLICES = 12
LARGE_FILMS = 4
LARGE_ROWS, LARGE_COLUMNS = 2500, 2000


def make_slices(folder: Path) -> list[Path]:
    """Write a CT stack: slice n is n x 100 HU all over, with a water ring."""
    paths = []
    y, x = np.mgrid[:128, :128]
    ring = np.abs(np.hypot(x - 64, y - 64) - 50) < 4
    for n in range(SLICES):
        hu = np.where(ring, 0, 100 * n).astype(np.int64)
        path = folder / f"slice-{n:02d}.dcm"
        dicom.write_film(
            path,
            array=(hu + 1024).astype(np.uint16),
            seed=641,
            spacing=(0.5, 0.5),
            overrides={
                "SOPClassUID": CTImageStorage,
                "SOPInstanceUID": f"{dicom.UID_ROOT}.2.641.1.{n + 1}",
                "Modality": "CT",
                "InstanceNumber": n + 1,
                "RescaleSlope": 1,
                "RescaleIntercept": -1024,
                "WindowCenter": 600,
                "WindowWidth": 1400,
                "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
                "PatientOrientation": None,
                "ImagerPixelSpacing": None,
                "PatientName": "Test^Ring",
            },
        )
        paths.append(path)
    return paths


def make_large_films(folder: Path) -> list[Path]:
    """Write films of the size that the budget names, each a study of its own."""
    y, x = np.mgrid[:LARGE_ROWS, :LARGE_COLUMNS]
    random = np.random.default_rng(5)
    base = 1200 + 900 * np.sin(x / 240) * np.cos(y / 310)
    paths = []
    for n in range(LARGE_FILMS):
        grain = random.normal(0, 25, base.shape)
        array = np.clip(base + grain + 90 * n, 0, 4095).astype(np.uint16)
        path = folder / f"large-{n}.dcm"
        dicom.write_film(
            path, array=array, seed=700 + n, overrides={"PatientName": f"Test^Large{n}"}
        )
        paths.append(path)
    return paths
