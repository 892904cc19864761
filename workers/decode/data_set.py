"""A DICOM file read as far as its picture, with every refusal named."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import read_dataset, read_file_meta_info, read_partial
from pydicom.tag import BaseTag
from pydicom.uid import DeflatedExplicitVRLittleEndian as _DEFLATED

from workers.decode.formats import DICOM_PREFIX, PREAMBLE_BYTES
from workers.decode.header import PixelElement
from workers.decode.limits import Limits
from workers.decode.parsing import PARSE_ERRORS, bad_header, quiet_warnings, truncated
from workers.errors import LimitExceeded, UnreadableFile, UnsupportedImage

PIXEL_DATA = 0x7FE00010
FLOAT_PIXEL_DATA = 0x7FE00008
DOUBLE_FLOAT_PIXEL_DATA = 0x7FE00009
_PIXEL_TAGS = frozenset({PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA})

_UNDEFINED_LENGTH = 0xFFFFFFFF
_ITEM = 0xFFFEE000
_SEQUENCE_DELIMITER = 0xFFFEE0DD
_INFLATE_STEP_BYTES = 1 << 20


class _Extent:
    """Remembers the last element met, and the picture's place."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.last_offset = 0
        self.last_length = 0
        self.pixel: tuple[int, int, int] | None = None

    def stop_at_pixels(self, tag: BaseTag, vr: str | None, length: int) -> bool:
        self.last_offset = self._stream.tell()
        self.last_length = length
        if int(tag) in _PIXEL_TAGS:
            self.pixel = (int(tag), self.last_offset, length)
            return True
        return False

    def refuse_if_cut(self, size: int) -> None:
        """Raise if the last element does not end where the stream does."""
        if self.last_length == _UNDEFINED_LENGTH:
            self._stream.seek(max(0, size - 8))
            tail = self._stream.read(8)
            if tail not in (
                b"\xfe\xff\xdd\xe0" + bytes(4),
                b"\xff\xfe\xe0\xdd" + bytes(4),
            ):
                raise truncated("a sequence of its header")
        elif self.last_offset + self.last_length != size:
            raise truncated("its header")


def read_data_set(
    path: Path, limits: Limits
) -> tuple[Dataset, PixelElement, str | None]:
    """Return the data set without pixels, the picture's place, and the declared
    transfer syntax (None if the file does not say).

    Raises UnreadableFile `truncated`, `not_a_film`, UnsupportedImage `no_pixels`,
    `float_pixels`, LimitExceeded `too_large_inflated`.
    """
    with path.open("rb") as stream, quiet_warnings():
        inflated = _inflate_if_deflated(path, limits)
        source: BinaryIO = stream if inflated is None else BytesIO(inflated[1])
        extent = _Extent(source)
        try:
            if inflated is None:
                data_set: Dataset = read_partial(
                    stream, stop_when=extent.stop_at_pixels, force=True
                )
            else:
                data_set = read_dataset(
                    source, False, True, stop_when=extent.stop_at_pixels
                )
                data_set.file_meta = inflated[0]
                data_set.set_original_encoding(False, True, data_set._character_set)
        except PARSE_ERRORS:
            raise bad_header() from None
        size = source.seek(0, 2)
        if extent.pixel is None:
            raise _explain_missing_pixels(data_set, extent, size)
        element = _locate_pixels(source, extent.pixel, size, data_set, inflated)
        _add_trailing(source, element, size, data_set)
        try:
            declared = data_set.file_meta.get("TransferSyntaxUID")
        except PARSE_ERRORS:
            raise bad_header() from None
    return data_set, element, str(declared).strip("\0 ") if declared else None


def read_pixel_bytes(path: Path, element: PixelElement, limits: Limits) -> bytes:
    """Return the value of the pixel element, as encoded (items included)."""
    if element.is_inflated:
        inflated = _inflate_if_deflated(path, limits)
        if inflated is None:
            raise truncated("its pixel data")
        return inflated[1][element.offset : element.end_offset]
    with path.open("rb") as stream:
        stream.seek(element.offset)
        return stream.read(element.end_offset - element.offset)


def _inflate_if_deflated(
    path: Path, limits: Limits
) -> tuple[FileMetaDataset, bytes] | None:
    """Return file meta and the inflated data set, or None in other syntaxes.

    Done here because pydicom inflates without a bound.
    """
    with path.open("rb") as stream:
        start = stream.read(PREAMBLE_BYTES + 4)
        if start[PREAMBLE_BYTES:] != DICOM_PREFIX:
            return None
        try:
            meta = read_file_meta_info(path)
            is_deflated = meta.get("TransferSyntaxUID") == _DEFLATED
            group_length = meta.get("FileMetaInformationGroupLength")
        except PARSE_ERRORS:
            return None
        if not is_deflated:
            return None
        # PS3.10 7.1: group length counts from the end of its own element (12 bytes).
        if not isinstance(group_length, int):
            raise bad_header()
        stream.seek(PREAMBLE_BYTES + 4 + 12 + group_length)
        # PS3.5 A.5: raw deflate, without the zlib header.
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        parts: list[bytes] = []
        total = 0
        while chunk := inflater.unconsumed_tail or stream.read(_INFLATE_STEP_BYTES):
            try:
                part = inflater.decompress(chunk, _INFLATE_STEP_BYTES)
            except zlib.error:
                raise UnreadableFile(
                    "The deflated data set is damaged.", code="bad_header"
                ) from None
            parts.append(part)
            total += len(part)
            if total > limits.max_inflated_bytes:
                raise LimitExceeded(
                    f"The data set inflates to more than {limits.max_inflated_bytes:,}"
                    " bytes.",
                    code="too_large_inflated",
                )
            if inflater.eof:
                break
        if not inflater.eof:
            raise truncated("its deflated data set")
        return meta, b"".join(parts)


def _explain_missing_pixels(
    data_set: Dataset, extent: _Extent, size: int
) -> UnreadableFile | UnsupportedImage:
    if len(data_set) == 0:
        if len(data_set.file_meta) > 0:
            return truncated("its header")
        return UnreadableFile(
            "The file is not a film: nothing in it reads as DICOM.", code="not_a_film"
        )
    try:
        extent.refuse_if_cut(size)
    except UnreadableFile as cut:
        return cut
    return UnsupportedImage("The DICOM file holds no picture.", code="no_pixels")


def _add_trailing(
    source: BinaryIO, element: PixelElement, size: int, data_set: Dataset
) -> None:
    """Add the elements behind the picture, such as signatures (FFFA,FFFA).

    Tags ascend (PS3.5 7.1); the first that does not, or that does not fit the file,
    ends the data set: what is left there is for the container lane to judge.
    """
    previous = PIXEL_DATA

    def stops(tag: BaseTag, vr: str | None, length: int) -> bool:
        nonlocal previous
        is_ascending, previous = int(tag) > previous, int(tag)
        fits = length == _UNDEFINED_LENGTH or source.tell() + length <= size
        return not (is_ascending and fits)

    implicit, little = data_set.original_encoding
    source.seek(element.end_offset)
    try:
        data_set.update(
            read_dataset(source, bool(implicit), bool(little), stop_when=stops)
        )
    except PARSE_ERRORS:
        return


def _locate_pixels(
    source: BinaryIO,
    pixel: tuple[int, int, int],
    size: int,
    data_set: Dataset,
    inflated: tuple[FileMetaDataset, bytes] | None,
) -> PixelElement:
    tag, offset, length = pixel
    if tag != PIXEL_DATA:
        raise UnsupportedImage(
            "The picture is stored as floating-point numbers, which no radiograph"
            " uses.",
            code="float_pixels",
        )
    if length != _UNDEFINED_LENGTH:
        if offset + length > size:
            raise truncated("its pixel data")
        return PixelElement(
            tag, offset, length, (), offset + length, True, inflated is not None
        )
    source.seek(offset)
    order = "<" if data_set.original_encoding[1] else ">"
    fragments, is_delimited = _scan_fragments(source, size, order)
    return PixelElement(
        tag,
        offset,
        None,
        fragments,
        source.tell(),
        is_delimited,
        inflated is not None,
    )


def _scan_fragments(
    source: BinaryIO, size: int, order: str
) -> tuple[tuple[tuple[int, int], ...], bool]:
    """Return (offset, length) of each fragment and whether the sequence is delimited.

    Stands behind the last item read. Raises UnreadableFile (`truncated`).
    """
    fragments: list[tuple[int, int]] = []
    is_first, is_delimited = True, False
    while len(item := source.read(8)) == 8:
        group, element, item_length = struct.unpack(f"{order}HHL", item)
        item_tag = group << 16 | element
        if item_tag == _SEQUENCE_DELIMITER:
            is_delimited = True
            break
        start = source.tell()
        if item_tag != _ITEM:
            source.seek(-8, 1)
            break
        if start + item_length > size:
            raise truncated("its pixel data")
        if not is_first:  # PS3.5 A.4: the first item is the basic offset table
            fragments.append((start, item_length))
        is_first = False
        source.seek(start + item_length)
    if not fragments:
        raise truncated("its pixel data")
    return tuple(fragments), is_delimited
