"""DICOM files in other transfer syntaxes, by an encoder that is not ours (GDCM)."""

from __future__ import annotations

from pathlib import Path

import gdcm


def recode_by_gdcm(source: Path, target: Path, syntax: int) -> Path:
    """Write `source` in another transfer syntax, a `gdcm.TransferSyntax`."""
    reader = gdcm.ImageReader()
    reader.SetFileName(str(source))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(target))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return target
