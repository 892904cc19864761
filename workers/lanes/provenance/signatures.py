"""DICOM digital signatures (PS3.15 Annex C): reported as present."""

from __future__ import annotations

from pydicom.dataset import Dataset

from workers.types import Finding


def find_signatures(header: Dataset | None) -> list[Finding]:
    """Return a note if the file carries a digital signature, not verified yet."""
    if header is None or (0xFFFA, 0xFFFA) not in header:
        return []
    return [
        Finding(
            "signature_present",
            "The file carries a DICOM digital signature, not verified yet.",
            0.0,
            "PS3.15 Annex C; PS3.3 C.12.1.1.3",
            detail={"tag": "(FFFA,FFFA)"},
        )
    ]
