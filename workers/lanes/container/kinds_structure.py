"""Findings about the blocks that picture files are made of, and their ends."""

from __future__ import annotations

from workers.lanes.container.kinds import DICOM, JPEG, PNG, TIFF, WEBP, Kind

_ENDS = "PNG 3rd edition 5.2; ITU-T T.81 B.1.1.3; RFC 9649 2.4; TIFF 6.0; PS3.10 7.2"

ENDS = (
    Kind(
        "trailing_program",
        (0.7,),
        "{count:,} bytes follow the end of the picture, starting as {name}.",
        _ENDS,
    ),
    Kind(
        "trailing_file",
        (0.6,),
        "{count:,} bytes follow the end of the picture, starting as {name}.",
        _ENDS,
    ),
    Kind(
        "trailing_remains",
        (0.5,),
        "{count:,} bytes follow the end of the picture and end as a longer picture did,"
        " which this one was written over.",
        f"{_ENDS}; CVE-2023-21036",
    ),
    Kind(
        "trailing_picture",
        (0.3,),
        "{count:,} bytes follow the end of the picture, starting as {name}.",
        _ENDS,
    ),
    Kind(
        "trailing_data",
        (0.3,),
        "{count:,} bytes follow the end of the picture.",
        _ENDS,
    ),
    Kind(
        "polyglot_zip",
        (0.7,),
        "The file also opens as a zip archive: two programs can see two different files"
        " in it.",
        "PKWARE APPNOTE 4.3.16: archives are read from their end",
    ),
    Kind(
        "polyglot_pdf",
        (0.7,),
        "The file also opens as a PDF: two programs can see two different files in it.",
        "ISO 32000-1, annex H: readers seek the mark in the first kilobyte",
    ),
)
PNG_BLOCKS = (
    Kind(
        "png_bad_checksum",
        (0.25,),
        "A block of the file ({kind}) does not match its checksum: it was changed or"
        " damaged after it was written.",
        "PNG 3rd edition 5.3",
        PNG,
    ),
    Kind(
        "png_chunk_order",
        (0.25,),
        "A block of the file ({kind}) stands where the format does not allow it.",
        "PNG 3rd edition 5.6, table 7",
        PNG,
    ),
    Kind(
        "png_repeated_chunk",
        (0.25,),
        "A block of the file ({kind}) stands there twice; readers may take either.",
        "PNG 3rd edition 5.6, table 7",
        PNG,
    ),
    Kind(
        "png_split_data",
        (0.25,),
        "The picture's data are interrupted by another block.",
        "PNG 3rd edition 5.6: IDAT chunks are consecutive",
        PNG,
    ),
    Kind(
        "png_unknown_chunk",
        (0.25,),
        "The file holds blocks of a kind that no known program writes ({kinds}).",
        "PNG 3rd edition table 7, registered extensions, and known private chunks",
        PNG,
    ),
    Kind(
        "png_hidden_rows",
        (0.5,),
        "The picture's data hold more rows than the picture: what lies below is not"
        " shown.",
        "PNG 3rd edition 11.2.3; CVE-2023-21036",
        PNG,
    ),
    Kind(
        "png_hidden_bytes",
        (0.5,),
        "{count:,} bytes lie between the end of the compressed picture and the end of"
        " its blocks.",
        "PNG 3rd edition 10.1, RFC 1950",
        PNG,
    ),
)
JPEG_BLOCKS = (
    Kind(
        "jpeg_own_tables",
        (0.1,),
        "The JPEG tables are not those of the common library (nearest quality"
        " {quality}); some devices and editors have their own.",
        "ITU-T T.81 K.1; IJG scaling rule",
        (*JPEG, *DICOM),
    ),
    Kind(
        "jpeg_coarse",
        (0.25,),
        "The JPEG was saved at a low quality (about {quality}), which hides traces of"
        " editing.",
        "ITU-T T.81 K.1; IJG scaling rule",
        (*JPEG, *DICOM),
    ),
    Kind(
        "jpeg_saved_twice",
        (0.25,),
        "The picture was saved as JPEG before, at a lower quality{first}: it was opened"
        " and saved again.",
        "Popescu and Farid 2004: periodic gaps in DCT histograms; measured below",
        JPEG,
    ),
    Kind(
        "jpeg_program_tables",
        (0.1, 0.25),
        "The JPEG tables are those of {family}.",
        "Pillow JpegPresets (Photoshop), mozjpeg jcparam.c, tables of genuine films",
        (*JPEG, *DICOM),
    ),
    Kind(
        "jpeg_mixed_tables",
        (0.1,),
        "The JPEG tables for grey have quality {luma}, those for colour {chroma}.",
        "ITU-T T.81 K.1, K.2; IJG scaling rule",
        (*JPEG, *DICOM),
    ),
    Kind(
        "jpeg_comment_conflict",
        (0.25,),
        "A comment says that the file was saved at quality {stated}, but its tables are"
        " others: it was saved again since.",
        "JPEG comment of the writing library; IJG scaling rule",
        JPEG,
    ),
    Kind(
        "jpeg_progressive",
        (0.1,),
        "The JPEG is progressive, as web services and editors write it.",
        "ITU-T T.81 annex G; 3 % of genuine films",
        JPEG,
    ),
    Kind(
        "jpeg_gap",
        (0.3,),
        "{count:,} bytes between the file's segments belong to none of them.",
        "ITU-T T.81 B.1.1.2",
        JPEG,
    ),
    Kind(
        "jpeg_unknown_segment",
        (0.25,),
        "The file holds segments of a kind that no known program writes ({names}).",
        "ITU-T T.81 B.2.4.6; ExifTool, JPEG tags",
        JPEG,
    ),
    Kind(
        "jpeg_more_pictures",
        (0.1,),
        "The file announces further pictures behind the first, as cameras write them.",
        "CIPA DC-007 Multi-Picture Format",
        JPEG,
    ),
)
OTHER_BLOCKS = (
    Kind(
        "tiff_pointer_beyond",
        (0.25,),
        "Fields of the file point beyond its end.",
        "TIFF 6.0 section 2",
        TIFF,
    ),
    Kind(
        "tiff_loop",
        (0.5,),
        "The file's directories point at each other in a circle.",
        "TIFF 6.0 section 2; no honest writer does so",
        TIFF,
    ),
    Kind(
        "tiff_overlap",
        (0.25,),
        "Parts of the picture share the same bytes.",
        "TIFF 6.0 section 7: strips and tiles are separate",
        TIFF,
    ),
    Kind(
        "tiff_repeated_tag",
        (0.25,),
        "Field {tag} stands twice in one directory; readers may take either.",
        "TIFF 6.0 section 2",
        TIFF,
    ),
    Kind(
        "tiff_tag_order",
        (0.1,),
        "The fields of a directory are not in order (field {tag}).",
        "TIFF 6.0 section 2: ascending by tag",
        TIFF,
    ),
    Kind(
        "tiff_private_tag",
        (0.1,),
        "The file holds a field that no known program writes ({tag}).",
        "TIFF 6.0 section 2; libtiff and Adobe tag lists",
        TIFF,
    ),
    Kind(
        "tiff_more_pages",
        (0.1,),
        "The file holds {count} more pages, which are no reduced copies.",
        "TIFF 6.0 section 8: NewSubfileType",
        TIFF,
    ),
    Kind(
        "tiff_lossy",
        (0.1,),
        "The picture inside the TIFF was compressed with loss.",
        "TIFF technical note 2: compression 6 and 7",
        TIFF,
    ),
    Kind(
        "tiff_unreferenced",
        (0.3,),
        "{count:,} bytes inside the file belong to nothing that its directories name.",
        "TIFF 6.0 section 2",
        TIFF,
    ),
    Kind(
        "webp_unknown_chunk",
        (0.25,),
        "The file holds blocks of a kind that no known program writes.",
        "RFC 9649 2.7.1.6",
        WEBP,
    ),
    Kind(
        "webp_second_picture",
        (0.5,),
        "The file holds two pictures; decoders may show either.",
        "RFC 9649 2.7: one VP8 or VP8L chunk outside animations",
        WEBP,
    ),
    Kind(
        "webp_lossy",
        (0.1,),
        "The picture was compressed with loss as WebP, as web services write it.",
        "RFC 9649 2.5",
        WEBP,
    ),
    Kind(
        "webp_chunk_missing",
        (0.25,),
        "The file's header promises a block ({kind}) that is not there, as after its"
        " removal.",
        "RFC 9649 2.7.1",
        WEBP,
    ),
    Kind(
        "webp_chunk_added",
        (0.25,),
        "The file holds a block ({kind}) that its header does not promise, as after"
        " its addition.",
        "RFC 9649 2.7.1",
        WEBP,
    ),
    Kind(
        "webp_size_conflict",
        (0.5,),
        "The canvas has another size than the picture on it.",
        "RFC 9649 2.7.1.1: without animation they are equal",
        WEBP,
    ),
)
