"""Forgeries that touch the file and leave the pixels alone."""

from __future__ import annotations

import copy

import numpy as np
from pydicom.dataset import Dataset


def forge_header(header: Dataset, seed: int) -> Dataset:
    """Return a copy whose device, dates and geometry cannot belong to these pixels.

    Pixel data are kept. What a careless forger does: the acquisition lies after its own
    content date, the technique is one no tube delivers, and the stated detector
    pixels would make a plate of several metres.
    """
    rng = np.random.default_rng(seed)
    forged = copy.deepcopy(header)
    year = 2031 + int(rng.integers(0, 4))
    forged.AcquisitionDate = f"{year}0214"
    forged.ContentDate = "20190611"
    forged.Manufacturer = "SIEMENS"
    forged.ManufacturerModelName = "DigitalDiagnost"
    forged.KVP = str(int(rng.integers(4, 9)))
    forged.ImagerPixelSpacing = [2.5, 2.5]
    forged.PatientBirthDate = "20340101"
    return forged


def truncate(content: bytes, seed: int) -> bytes:
    """Return the leading 40 to 70 % of a file: a transfer that broke off."""
    share = np.random.default_rng(seed).uniform(0.4, 0.7)
    return content[: int(len(content) * share)]
