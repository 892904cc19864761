"""Findings about DICOM files."""

from __future__ import annotations

from workers.lanes.container.kinds import DICOM, Kind

DICOM_FILES = (
    Kind(
        "no_preamble",
        (0.1,),
        "The file lacks the DICOM preamble and prefix.",
        "PS3.10 7.1",
        DICOM,
    ),
    Kind(
        "tiff_preamble",
        (0.1,),
        "The preamble opens the same pixels as a TIFF picture, a use the standard"
        " names.",
        "PS3.10 7.1",
        DICOM,
    ),
    Kind(
        "tiff_preamble_stale",
        (0.1,),
        "The preamble starts as a TIFF picture, but nothing in the file belongs to it:"
        " the file was rewritten and the preamble kept.",
        "PS3.10 7.1; TIFF 6.0 section 2",
        DICOM,
    ),
    Kind(
        "polyglot_preamble",
        (0.9, 0.7, 0.6),
        "The DICOM preamble opens as {name}: two programs can see two different files"
        " in it.",
        "CVE-2019-11687; PS3.10 7.1 and 7.5",
        DICOM,
    ),
    Kind(
        "codestream_mismatch",
        (0.7,),
        "The transfer syntax promises {promised}, the frame is {codec}.",
        "PS3.5 A.4: the codestream is that of the transfer syntax",
        DICOM,
    ),
    Kind(
        "lossy_in_lossless",
        (0.7,),
        "The transfer syntax promises lossless frames, but the frame was compressed"
        " with loss.",
        "PS3.5 A.4.3 and A.4.4; ITU-T T.800 A.6.1, ITU-T T.87 C.2.3",
        DICOM,
    ),
    Kind(
        "no_sequence_delimiter",
        (0.1,),
        "The compressed frames lack their closing delimiter.",
        "PS3.5 A.4",
        DICOM,
    ),
)
