"""Frames of a DICOM file as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels.decoders.base import Decoder, get_decoder

from workers.decode.codestream import Codec, read_codestream
from workers.decode.data_set import PIXEL_DATA, read_pixel_bytes
from workers.decode.header import FilmHeader, PixelElement
from workers.decode.isolation import decode_elsewhere
from workers.decode.limits import Limits
from workers.decode.parsing import PARSE_ERRORS, quiet_warnings, read_element
from workers.decode.pixels import effective_syntax
from workers.errors import UnreadableFile, UnsupportedImage

Frame = tuple[NDArray[Any], str]

# One decoder for each transfer syntax and no second try: of those that could take over
# after a failure, pylibjpeg's RLE panics (no Exception) and GDCM's JPEG 2000 aborts the
# process, both found with damaged frames.
_PLUGINS = {
    "1.2.840.10008.1.2.4.50": "pillow",
    "1.2.840.10008.1.2.4.51": "pillow",
    "1.2.840.10008.1.2.4.90": "pylibjpeg",
    "1.2.840.10008.1.2.4.91": "pylibjpeg",
    "1.2.840.10008.1.2.4.201": "pylibjpeg",
    "1.2.840.10008.1.2.4.202": "pylibjpeg",
    "1.2.840.10008.1.2.4.203": "pylibjpeg",
    "1.2.840.10008.1.2.5": "pydicom",
}
# JPEG lossless and JPEG-LS have no other decoder than GDCM, so they get a process of
# their own.
_GDCM_ONLY = frozenset(
    {
        "1.2.840.10008.1.2.4.57",
        "1.2.840.10008.1.2.4.70",
        "1.2.840.10008.1.2.4.80",
        "1.2.840.10008.1.2.4.81",
    }
)
# No decoder at hand reads their 12-bit form.
_DCT_CODECS = (Codec.JPEG_BASELINE, Codec.JPEG_EXTENDED, Codec.JPEG_PROGRESSIVE)
# Enough for every marker that precedes a frame header.
_CODESTREAM_HEAD_BYTES = 1 << 16


def read_frames(
    header: FilmHeader, indexes: Iterable[int], limits: Limits
) -> Iterator[Frame]:
    """Yield stored values of the frames, and their photometric interpretation after
    decoding; from another process where the decoder might take this one with it."""
    wanted = list(indexes)
    if str(effective_syntax(header)) in _GDCM_ONLY:
        for values, photometric in decode_elsewhere(header, wanted, limits):
            check_shape(header, values)
            yield values, photometric
        return
    yield from read_frames_here(header, wanted, limits)


def read_frames_here(
    header: FilmHeader, indexes: Iterable[int], limits: Limits
) -> Iterator[Frame]:
    """Yield the frames, decoded in this process whatever the decoder."""
    source = DicomFrames(header, limits)
    for index in indexes:
        yield source.read(index)


def check_shape(header: FilmHeader, frame: NDArray[Any]) -> None:
    """Refuse a frame that is not what the header promises."""
    shape: tuple[int, ...] = (header.rows, header.columns)
    if header.samples > 1:
        shape = (*shape, header.samples)
    if frame.shape != shape or not np.issubdtype(frame.dtype, np.integer):
        raise UnreadableFile(
            "The decoded picture has another size than the header says.",
            code="size_mismatch",
        )


class DicomFrames:
    """Decodes frames of one file, whose bytes it reads once."""

    def __init__(self, header: FilmHeader, limits: Limits) -> None:
        if header.dataset is None or header.pixel_element is None:
            raise UnsupportedImage("The file is not DICOM.", code="no_pixels")
        self._header = header
        self._syntax = effective_syntax(header)
        encoded = read_pixel_bytes(header.path, header.pixel_element, limits)
        self._refuse_hostile_codestreams(encoded, header.pixel_element)
        self._source = self._make_source(header, encoded)
        self._decoder: Decoder = get_decoder(self._syntax)

    def _make_source(self, header: FilmHeader, encoded: bytes) -> Dataset:
        """Return a data set of nothing but the picture, with its slips put right."""
        source = Dataset()
        source.file_meta = FileMetaDataset()
        source.file_meta.TransferSyntaxUID = self._syntax
        source.set_original_encoding(
            self._syntax.is_implicit_VR, self._syntax.is_little_endian
        )
        source.Rows, source.Columns = header.rows, header.columns
        source.NumberOfFrames = header.frame_count
        source.SamplesPerPixel = header.samples
        source.PhotometricInterpretation = header.photometric
        source.BitsAllocated = header.bits_allocated
        source.BitsStored = header.bits_stored
        source.HighBit = header.bits_stored - 1
        source.PixelRepresentation = int(header.is_signed)
        data_set = header.dataset if header.dataset is not None else Dataset()
        if header.samples > 1:
            source.PlanarConfiguration = int(
                read_element(data_set, "PlanarConfiguration") == 1
            )
        for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
            value = read_element(data_set, keyword)
            if value is not None:
                setattr(source, keyword, value)
        vr = (
            "OW"
            if header.bits_allocated > 8 and not self._syntax.is_encapsulated
            else "OB"
        )
        source.add_new(PIXEL_DATA, vr, encoded)
        return source

    def _refuse_hostile_codestreams(self, encoded: bytes, place: PixelElement) -> None:
        """Refuse a frame that declares another size than the header: a decoder
        allocates by what the codestream says."""
        heads = [
            encoded[start : start + min(length, _CODESTREAM_HEAD_BYTES)]
            for start, length in (
                (offset - place.offset, length) for offset, length in place.fragments
            )
        ]
        if self._header.frame_count == 1:
            heads = [b"".join(heads)]
        for head in heads:
            stream = read_codestream(head)
            if stream.rows is None:
                continue
            if (stream.rows, stream.columns) != (
                self._header.rows,
                self._header.columns,
            ):
                raise UnreadableFile(
                    "The compressed frame has another size than the header says.",
                    code="size_mismatch",
                )
            if stream.codec in _DCT_CODECS and stream.precision_bits != 8:
                raise UnsupportedImage(
                    "JPEG frames of more than 8 bits cannot be decoded here.",
                    code="unsupported_bits",
                )

    def read(self, index: int) -> Frame:
        """Return stored values of frame `index`, and their photometric
        interpretation after decoding (a codec may undo a colour transform)."""
        try:
            with quiet_warnings():
                frame, meta = self._decode(index)
        except PARSE_ERRORS:
            raise UnreadableFile(
                "The picture is damaged and cannot be decoded.", code="bad_pixel_data"
            ) from None
        check_shape(self._header, frame)
        return frame, str(meta["photometric_interpretation"])

    def _decode(self, index: int) -> tuple[NDArray[Any], Any]:
        return self._decoder.as_array(
            self._source,
            index=index,
            raw=True,
            decoding_plugin=_PLUGINS.get(str(self._syntax), ""),
        )
