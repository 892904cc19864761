"""The one table of what the lane can say: code, sentence, weight, source, formats.

docs/container.md is made of it: `python -m workers.lanes.container.document`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workers.types import FileFormat, Finding

JPEG = (FileFormat.JPEG,)
PNG = (FileFormat.PNG,)
TIFF = (FileFormat.TIFF,)
WEBP = (FileFormat.WEBP,)
DICOM = (FileFormat.DICOM,)
PICTURES = (FileFormat.PNG, FileFormat.JPEG, FileFormat.TIFF, FileFormat.WEBP)
ALL = (*PICTURES, FileFormat.DICOM)


@dataclass(frozen=True)
class Kind:
    """One thing the lane can say.

    weights: the usual one first; others only where the sentence says why.
    sentence: with the names of what is filled in, in braces.
    """

    code: str
    weights: tuple[float, ...]
    sentence: str
    source: str
    applies_to: tuple[FileFormat, ...] = ALL


def make(
    code: str,
    *,
    detail: dict[str, Any],
    weight: float | None = None,
    **words: object,
) -> Finding:
    """Return a finding of the table. Raises KeyError on an unknown code or word,
    ValueError on a weight that the table does not name.

    detail: JSON values; holds an offset, a field or a place, never PHI.
    """
    kind = KINDS[code]
    chosen = kind.weights[0] if weight is None else weight
    if chosen not in kind.weights:
        raise ValueError(f"{code} does not weigh {chosen}")
    return Finding(
        code, kind.sentence.format(**words), chosen, kind.source, detail=detail
    )


_TRACES = (
    Kind(
        "generator_parameters",
        (0.9,),
        "The file holds the parameters with which {maker} made it.",
        "Text that stable-diffusion-webui, InvokeAI, Fooocus, NovelAI and Midjourney"
        " write into their pictures",
    ),
    Kind(
        "generator_workflow",
        (0.9,),
        "The file holds the node graph of an image generator (ComfyUI).",
        "ComfyUI, PNG text and EXIF Make, Model: `prompt` and `workflow`",
    ),
    Kind(
        "generator_name",
        (0.9,),
        "The file's metadata names an image generator ({name}).",
        "EXIF 3.0 Software, XMP CreatorTool, PNG text chunks",
    ),
    Kind(
        "generator_hidden_settings",
        (0.9,),
        "The lowest bits of the {where} hold settings that an image generator"
        " (NovelAI and tools after it) hides there.",
        "NovelAI image metadata, mark `stealth_pnginfo`",
        (*PNG, *TIFF, *WEBP),
    ),
    Kind(
        "digital_source_type",
        (0.9, 0.7, 0.5, 0.25),
        "The file's metadata declares its source type as {term}.",
        "IPTC NewsCodes, Digital Source Type (2024-10-23)",
    ),
    Kind(
        "ai_system_used",
        (0.9,),
        "The file's metadata has a field that names the AI system or prompt used, and"
        " it is filled in.",
        "IPTC Photo Metadata Standard 2025.1, AI System Used",
    ),
    Kind(
        "aigc_label",
        (0.9, 0.7, 0.5),
        "The file carries the Chinese label of generated content: it {meaning}.",
        "GB 45438-2025, implicit label `AIGC` in metadata",
    ),
    Kind(
        "editor_name",
        (0.25,),
        "The file was saved by picture-editing software ({name}).",
        "EXIF 3.0 Software, XMP CreatorTool, PNG text chunks; 2 % of genuine films",
    ),
    Kind(
        "generator_size",
        (0.1,),
        "{columns} x {rows} is a preset size of image generators; many honest pictures"
        " have it, too.",
        "Presets of public generators; half of the genuine films at hand have one",
        PICTURES,
    ),
    Kind(
        "credentials_block",
        (0.0,),
        "The file holds a block of content credentials; see provenance.",
        "C2PA specification 2.1, Annex A",
        (*PNG, *JPEG, *WEBP),
    ),
)
_PICTURE = (
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
)
_END = (
    Kind(
        "trailing_data",
        (0.3,),
        "{count:,} bytes follow the end of the picture{about}.",
        "PNG 3rd edition 5.2; ITU-T T.81 B.1.1.3; RFC 9649 2.4; PS3.10 7.2",
    ),
    Kind(
        "trailing_file",
        (0.6,),
        "{count:,} bytes follow the end of the picture, starting as {name}.",
        "PNG 3rd edition 5.2; ITU-T T.81 B.1.1.3; RFC 9649 2.4; PS3.10 7.2",
    ),
)
_JPEG = (
    Kind(
        "jpeg_own_tables",
        (0.1,),
        "The JPEG tables are not those of the common library (nearest quality"
        " {quality}); some devices and editors have their own.",
        "ITU-T T.81 K.1; IJG scaling rule",
        JPEG,
    ),
    Kind(
        "jpeg_coarse",
        (0.25,),
        "The JPEG was saved at a low quality (about {quality}), which hides traces of"
        " editing.",
        "ITU-T T.81 K.1; IJG scaling rule",
        JPEG,
    ),
)
_DICOM = (
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

TABLE: tuple[Kind, ...] = (*_TRACES, *_PICTURE, *_END, *_JPEG, *_DICOM)
KINDS = {kind.code: kind for kind in TABLE}
