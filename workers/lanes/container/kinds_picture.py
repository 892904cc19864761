"""Findings about the picture as stored, and what the file says of it."""

from __future__ import annotations

from workers.lanes.container.kinds import (
    DICOM,
    JPEG,
    PICTURES,
    PNG,
    TIFF,
    WEBP,
    Kind,
)

PICTURE = (
    Kind(
        "colour_in_grey_film",
        (0.25,),
        "{share:.1%} of the picture is in colour; a radiograph as acquired is grey"
        " (coloured marks or a photograph of a screen would explain it).",
        "PS3.3 C.8.11.3.1.1 and C.8.2.1: projection radiographs are monochrome",
    ),
    Kind(
        "depth_comb",
        (0.6,),
        "The film claims {bits} bits but holds {levels} levels with gaps between: it"
        " was widened from an 8-bit picture.",
        "PS3.3 C.7.6.3.1: Bits Stored; comb histogram, Stamm and Liu 2010",
        DICOM,
    ),
    Kind(
        "depth_widened",
        (0.25,),
        "The picture has {bits} bits a sample but holds {levels} levels with gaps"
        " between: it was widened from an 8-bit picture.",
        "PNG 3rd edition 13.12, TIFF 6.0; comb histogram, Stamm and Liu 2010",
        (*PNG, *TIFF),
    ),
    Kind(
        "grey_as_colour",
        (0.1,),
        "A picture without colour was saved as colour{sampling}; modalities store"
        " grey.",
        "ITU-T T.871, T.81 B.2.2; PS3.3 C.8.11.3.1.1",
        (*PNG, *JPEG, *TIFF),
    ),
    Kind(
        "palette",
        (0.25, 0.1),
        "The picture is stored with a palette of {kind} entries; modalities store grey"
        " (a grey palette weighs less).",
        "PNG 3rd edition 11.2.2; TIFF 6.0 section 5",
        (*PNG, *TIFF),
    ),
    Kind(
        "alpha_channel",
        (0.1,),
        "The picture has a transparency channel, which no modality writes.",
        "PNG 3rd edition 11.2.1, 11.3.2.1; TIFF 6.0 section 18; RFC 9649 2.7.1",
        (*PNG, *TIFF, *WEBP),
    ),
    Kind(
        "animation",
        (0.5,),
        "The file is an animation of {frames} frames, of which only the first is"
        " judged.",
        "PNG 3rd edition 11.3.4.1; RFC 9649 2.7.1.1",
        (*PNG, *WEBP),
    ),
    Kind(
        "thumbnail_mismatch",
        (0.6,),
        "The small copy of the picture inside the file ({where}) shows something else:"
        " the picture was changed after the copy was made.",
        "EXIF 3.0, 4.5.7; Kee and Farid 2010; correlation below 0.9, where 57 genuine"
        " copies have 0.97 and more",
        JPEG,
    ),
    Kind(
        "thumbnail_shape",
        (0.25,),
        "The small copy of the picture inside the file ({where}) has other proportions:"
        " the picture was cropped or stretched after the copy was made.",
        "EXIF 3.0, 4.5.7; Kee and Farid 2010",
        JPEG,
    ),
    Kind(
        "thumbnail_damaged",
        (0.1,),
        "The small copy of the picture inside the file ({where}) cannot be decoded.",
        "EXIF 3.0, 4.5.7",
        JPEG,
    ),
    Kind(
        "exif_size_conflict",
        (0.25,),
        "EXIF states another size than the picture has: it was cropped or scaled after"
        " the field was written.",
        "EXIF 3.0, 4.6.5: PixelXDimension; TIFF 6.0: ImageWidth",
        PICTURES,
    ),
    Kind(
        "xmp_size_conflict",
        (0.25,),
        "XMP states another size than the picture has: it was cropped or scaled after"
        " the field was written.",
        "XMP specification part 2: exif:PixelXDimension, tiff:ImageWidth",
        PICTURES,
    ),
    Kind(
        "exif_date_conflict",
        (0.25,),
        "By its EXIF dates the file was changed before it was taken.",
        "EXIF 3.0, 4.6.5: DateTime against DateTimeOriginal",
        PICTURES,
    ),
    Kind(
        "xmp_date_conflict",
        (0.25,),
        "By its XMP dates the file was changed before it was made.",
        "XMP specification part 1, 8.4: xmp:ModifyDate against xmp:CreateDate",
        PICTURES,
    ),
    Kind(
        "software_conflict",
        (0.1,),
        "EXIF and XMP name different programs: one was left by an earlier save.",
        "EXIF 3.0 Software against xmp:CreatorTool",
        PICTURES,
    ),
    Kind(
        "orientation_conflict",
        (0.25,),
        "EXIF and XMP turn the picture differently, and viewers obey either.",
        "EXIF 3.0 and XMP: Orientation",
        PICTURES,
    ),
    Kind(
        "exif_orientation",
        (0.1,),
        "Viewers that obey EXIF show the picture turned or mirrored; here it is shown"
        " as stored.",
        "EXIF 3.0, 4.6.4: Orientation",
        PICTURES,
    ),
    Kind(
        "exif_damaged",
        (0.1,),
        "The file's EXIF block cannot be read.",
        "EXIF 3.0, 4.5.2",
        PICTURES,
    ),
    Kind(
        "exif_repeated",
        (0.25,),
        "The file holds more than one EXIF block.",
        "EXIF 3.0, 4.7.2: one APP1 segment; PNG 3rd edition table 7; RFC 9649 2.7.1.5",
        PICTURES,
    ),
    Kind(
        "profile_damaged",
        (0.25,),
        "The file's colour profile is damaged, or something else in its place.",
        "ICC.1:2022, 7.2",
        (*PNG, *JPEG, *WEBP),
    ),
)
