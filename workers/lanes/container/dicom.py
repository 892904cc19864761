"""The DICOM file as a file: preamble, codestream, end, and the depth of its values."""

from __future__ import annotations

from workers.decode import FilmHeader, PixelElement, read_header
from workers.decode.codestream import Codec, read_codestream
from workers.errors import RejectedInput
from workers.lanes.container.elements import skip_elements
from workers.lanes.container.ends import describe_tail, judge_other_openings
from workers.lanes.container.findings import make
from workers.lanes.container.frames import judge_frames
from workers.lanes.container.layout import judge_depth
from workers.lanes.container.preamble import judge_preamble
from workers.types import DecodedImage, Finding

# PS3.5 10.1 to 10.16 and PS3.6 annex A: what each syntax may hold.
_JPEG_2000 = frozenset({Codec.JPEG_2000})
_EXPECTED: dict[str, frozenset[Codec]] = {
    "1.2.840.10008.1.2.4.50": frozenset({Codec.JPEG_BASELINE}),
    "1.2.840.10008.1.2.4.51": frozenset({Codec.JPEG_BASELINE, Codec.JPEG_EXTENDED}),
    "1.2.840.10008.1.2.4.57": frozenset({Codec.JPEG_LOSSLESS}),
    "1.2.840.10008.1.2.4.70": frozenset({Codec.JPEG_LOSSLESS}),
    "1.2.840.10008.1.2.4.80": frozenset({Codec.JPEG_LS}),
    "1.2.840.10008.1.2.4.81": frozenset({Codec.JPEG_LS}),
    "1.2.840.10008.1.2.4.90": _JPEG_2000,
    "1.2.840.10008.1.2.4.91": _JPEG_2000,
    "1.2.840.10008.1.2.4.201": frozenset({Codec.HTJ2K}),
    "1.2.840.10008.1.2.4.202": frozenset({Codec.HTJ2K}),
    "1.2.840.10008.1.2.4.203": frozenset({Codec.HTJ2K}),
    "1.2.840.10008.1.2.5": frozenset({Codec.RLE}),
}
_J2K_LOSSLESS = "1.2.840.10008.1.2.4.90"
_JLS_LOSSLESS = "1.2.840.10008.1.2.4.80"
_HEAD_BYTES = 1 << 16


def judge_dicom(image: DecodedImage) -> list[Finding]:
    """Return the findings about the file around the picture."""
    findings = judge_depth(image)
    try:
        header = read_header(image.path)
    except (RejectedInput, OSError):
        return findings
    element = header.pixel_element
    findings += judge_preamble(image.path, element)
    if element is None:
        return findings
    findings += _judge_codestream(image, element, header.transfer_syntax_uid)
    findings += judge_frames(image.path, header)
    findings += _judge_end(image, element, _read_encoding(header))
    findings += judge_other_openings(image.path, image.size_bytes)
    return findings


def _judge_codestream(
    image: DecodedImage, element: PixelElement, syntax: str | None
) -> list[Finding]:
    if not element.fragments or element.is_inflated or syntax not in _EXPECTED:
        return []
    offset, length = element.fragments[0]
    with image.path.open("rb") as stream:
        stream.seek(offset)
        head = stream.read(min(length, _HEAD_BYTES))
    codec = read_codestream(head).codec
    if codec is not Codec.UNKNOWN and codec not in _EXPECTED[syntax]:
        return [
            make(
                "codestream_mismatch",
                promised=_name(syntax),
                codec=codec,
                detail={"offset": offset, "syntax": syntax, "codec": str(codec)},
            )
        ]
    is_lossy = (syntax == _J2K_LOSSLESS and _is_irreversible(head)) or (
        syntax == _JLS_LOSSLESS and is_near_lossless(head)
    )
    if is_lossy:
        detail = {"offset": offset, "syntax": syntax}
        return [make("lossy_in_lossless", detail=detail)]
    return []


def _read_encoding(header: FilmHeader) -> tuple[bool, bool]:
    if header.dataset is None:
        return False, True
    implicit, little = header.dataset.original_encoding
    return bool(implicit), little is not False


def _name(syntax: str) -> str:
    return " or ".join(sorted(_EXPECTED[syntax]))


def _is_irreversible(head: bytes) -> bool:
    """Return whether COD names the 9-7 wavelet (T.800 table A.20)."""
    position = head.find(b"\xff\x52")
    return position > 0 and len(head) > position + 13 and head[position + 13] == 0


def is_near_lossless(head: bytes) -> bool:
    """Return whether the first scan has NEAR > 0 (T.87 C.2.3)."""
    position = head.find(b"\xff\xda")
    if position < 0 or len(head) < position + 5:
        return False
    near = position + 5 + 2 * head[position + 4]
    return len(head) > near and head[near] > 0


def _judge_end(
    image: DecodedImage, element: PixelElement, encoding: tuple[bool, bool]
) -> list[Finding]:
    """encoding: whether the data set is implicit, and little endian."""
    findings: list[Finding] = []
    if not element.is_delimited:
        detail = {"offset": element.end_offset}
        findings.append(make("no_sequence_delimiter", detail=detail))
    if element.is_inflated or element.end_offset >= image.size_bytes:
        return findings
    with image.path.open("rb") as stream:
        end = skip_elements(
            stream,
            element.end_offset,
            image.size_bytes,
            implicit=encoding[0],
            little=encoding[1],
        )
    return findings + describe_tail(image.path, end, image.size_bytes)
