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
    Kind(
        "hidden_frames",
        (0.5,),
        "The header announces {frames} frames, but {count} are in the file: viewers do"
        " not show the others.",
        "PS3.5 A.4; PS3.3 C.7.6.6.1.1: Number of Frames",
        DICOM,
    ),
    Kind(
        "pixel_data_excess",
        (0.5,),
        "The pixel data are {count:,} bytes longer than the picture, which no viewer"
        " shows.",
        "PS3.5 8.1.1 and 7.1.1",
        DICOM,
    ),
    Kind(
        "offset_table_conflict",
        (0.25,),
        "The {name} offset table does not fit the frames: readers that trust it show"
        " others than readers that do not.",
        "PS3.5 A.4: Basic Offset Table; PS3.3 C.7.6.3.1.8: Extended Offset Table",
        DICOM,
    ),
    Kind(
        "mixed_codestreams",
        (0.5,),
        "The frames were compressed in different ways ({names}).",
        "PS3.5 A.4: one transfer syntax for all frames",
        DICOM,
    ),
    Kind(
        "codestream_depth",
        (0.25,),
        "The compressed frame has {bits} bits a sample, the header claims {stored}.",
        "PS3.5 8.2: Bits Stored is that of the compressed data",
        DICOM,
    ),
    Kind(
        "frame_trailing_data",
        (0.3,),
        "{count:,} bytes follow the end of the last compressed frame.",
        "PS3.5 A.4: fragments are padded by at most one byte",
        DICOM,
    ),
    Kind(
        "frame_was_picture",
        (0.25,),
        "The compressed frame holds metadata of a picture file (EXIF, XMP or"
        " Photoshop): it was one before it became DICOM.",
        "PS3.5 8.2.1; EXIF 3.0",
        DICOM,
    ),
)
