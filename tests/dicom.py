"""Synthetic films with a known answer, and hostile ones, written without reading ours.

Every patient in here is invented. Builders return the path they wrote.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
    UltrasoundImageStorage,
)

# A root for tests, below pydicom's own (which is registered to that project).
UID_ROOT = "1.2.826.0.1.3680043.8.498.77"
UNKNOWN_TRANSFER_SYNTAX = UID("1.2.826.0.1.3680043.8.498.77.9.9")
IMPLEMENTATION_CLASS_UID = UID(f"{UID_ROOT}.1")
NATIVE = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)


def make_pixels(
    rows: int = 96,
    columns: int = 64,
    *,
    frames: int = 1,
    samples: int = 1,
    bits_stored: int = 12,
    signed: bool = False,
    seed: int = 7,
) -> NDArray[Any]:
    """Return a ramp with noise and a bright square at rows 16..31, columns 16..31.

    Shape (rows, columns), with a leading axis of frames and a trailing one of samples
    where there is more than one. Signed values run from -2^(bits-1).
    """
    random = np.random.default_rng(seed)
    top = (1 << bits_stored) - 1
    ramp = np.linspace(0.1, 0.7, columns)[None, :, None] * np.ones((rows, 1, samples))
    stack = np.repeat(ramp[None], frames, axis=0)
    stack = stack + random.normal(0.0, 0.02, stack.shape)
    stack[:, 16:32, 16:32] += 0.2
    values = np.rint(np.clip(stack, 0.0, 1.0) * top).astype(np.int64)
    if signed:
        values -= 1 << (bits_stored - 1)
    width = 8 if bits_stored <= 8 else 16
    typed = values.astype(np.dtype(f"{'i' if signed else 'u'}{width // 8}"))
    if samples == 1:
        typed = typed[..., 0]
    return typed if frames > 1 else typed[0]


def make_data_set(
    array: NDArray[Any],
    *,
    bits_stored: int = 12,
    signed: bool = False,
    photometric: str = "MONOCHROME2",
    spacing: tuple[float, float] | None = (0.2, 0.2),
    frames: int = 1,
    seed: int = 7,
    overrides: dict[str, Any] | None = None,
) -> Dataset:
    """Return a computed radiograph of `array`; overrides by keyword, None deletes."""
    data_set = Dataset()
    data_set.SpecificCharacterSet = "ISO_IR 100"
    data_set.SOPClassUID = ComputedRadiographyImageStorage
    data_set.SOPInstanceUID = f"{UID_ROOT}.2.{seed}.1.1"
    data_set.SeriesInstanceUID = f"{UID_ROOT}.2.{seed}.1"
    data_set.StudyInstanceUID = f"{UID_ROOT}.2.{seed}"
    data_set.PatientName = "Test^Film"
    data_set.PatientID = f"TEST-{seed}"
    data_set.PatientBirthDate = "19700101"
    data_set.PatientSex = "O"
    data_set.StudyDate = data_set.SeriesDate = data_set.AcquisitionDate = "20240102"
    data_set.StudyTime = data_set.SeriesTime = "101500"
    data_set.ContentDate, data_set.ContentTime = "20240102", "101600"
    data_set.StudyID, data_set.SeriesNumber, data_set.InstanceNumber = "1", 1, 1
    data_set.AccessionNumber, data_set.ReferringPhysicianName = "A1", ""
    data_set.Modality, data_set.Manufacturer = "CR", "Test Works"
    data_set.BodyPartExamined, data_set.ViewPosition = "CHEST", "PA"
    data_set.ImageType = ["ORIGINAL", "PRIMARY"]
    data_set.PatientOrientation, data_set.Laterality = ["L", "F"], ""
    data_set.KVP = 120
    samples = 3 if photometric not in ("MONOCHROME1", "MONOCHROME2") else 1
    shape = array.shape[1:] if frames > 1 else array.shape
    data_set.Rows, data_set.Columns = int(shape[0]), int(shape[1])
    data_set.SamplesPerPixel = samples
    data_set.PhotometricInterpretation = photometric
    if samples == 3:
        data_set.PlanarConfiguration = 0
    if frames > 1:
        data_set.NumberOfFrames = frames
    data_set.BitsAllocated = array.dtype.itemsize * 8
    data_set.BitsStored, data_set.HighBit = bits_stored, bits_stored - 1
    data_set.PixelRepresentation = int(signed)
    if spacing is not None:
        data_set.PixelSpacing = list(spacing)
        data_set.ImagerPixelSpacing = list(spacing)
    for keyword, value in (overrides or {}).items():
        if value is None:
            if keyword in data_set:
                delattr(data_set, keyword)
        else:
            setattr(data_set, keyword, value)
    return data_set


def write_film(
    path: Path,
    *,
    array: NDArray[Any] | None = None,
    bits_stored: int = 12,
    signed: bool = False,
    photometric: str = "MONOCHROME2",
    transfer_syntax: UID = ExplicitVRLittleEndian,
    spacing: tuple[float, float] | None = (0.2, 0.2),
    frames: int = 1,
    seed: int = 7,
    overrides: dict[str, Any] | None = None,
    preamble: bytes = bytes(128),
    encapsulated: Sequence[bytes] | None = None,
) -> Path:
    """Write a DICOM film; the array is `make_pixels` of the same arguments if None.

    Compresses to RLE Lossless and JPEG 2000 Lossless. `encapsulated` gives the frames
    of any other compressed syntax; without it such a syntax is declared over plain
    pixels, which is a lie a reader has to find out.
    """
    samples = 3 if photometric not in ("MONOCHROME1", "MONOCHROME2") else 1
    if array is None:
        array = make_pixels(
            frames=frames,
            samples=samples,
            bits_stored=bits_stored,
            signed=signed,
            seed=seed,
        )
    content = make_data_set(
        array,
        bits_stored=bits_stored,
        signed=signed,
        photometric=photometric,
        spacing=spacing,
        frames=frames,
        seed=seed,
        overrides=overrides,
    )
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = content.SOPClassUID
    meta.MediaStorageSOPInstanceUID = content.SOPInstanceUID
    meta.ImplementationClassUID = IMPLEMENTATION_CLASS_UID
    is_big = transfer_syntax == ExplicitVRBigEndian
    is_compressed = encapsulated is None and transfer_syntax in (
        RLELossless,
        JPEG2000Lossless,
    )
    is_native = transfer_syntax in NATIVE
    meta.TransferSyntaxUID = transfer_syntax if is_native else ExplicitVRLittleEndian
    film = FileDataset(
        str(path),
        content,
        file_meta=meta,
        preamble=preamble,
        is_implicit_VR=transfer_syntax == ImplicitVRLittleEndian,
        is_little_endian=not is_big,
    )
    raw = array.astype(array.dtype.newbyteorder(">" if is_big else "<")).tobytes()
    film.PixelData = raw + b"\x00" * (len(raw) % 2)
    film["PixelData"].VR = "OW" if array.dtype.itemsize > 1 else "OB"
    if is_compressed:
        film.compress(transfer_syntax, generate_instance_uid=False)
    elif encapsulated is not None:
        film.file_meta.TransferSyntaxUID = transfer_syntax
        film.PixelData = encapsulate(list(encapsulated))
        film["PixelData"].VR = "OB"
    film.save_as(path, enforce_file_format=True)
    if film.file_meta.TransferSyntaxUID != transfer_syntax:
        _declare_syntax(path, transfer_syntax)
    return path


def _declare_syntax(path: Path, syntax: UID) -> None:
    """Replace the transfer syntax UID in the file meta, whatever the bytes are."""
    whole = path.read_bytes()
    start = whole.index(b"\x02\x00\x10\x00UI")
    old_length = int.from_bytes(whole[start + 6 : start + 8], "little")
    text = syntax.encode() + b"\x00" * (len(syntax) % 2)
    element = whole[start : start + 6] + struct.pack("<H", len(text)) + text
    # The group length is the first element behind the prefix, 12 bytes long.
    group_length = int.from_bytes(whole[140:144], "little") + len(text) - old_length
    path.write_bytes(
        whole[:140]
        + struct.pack("<I", group_length)
        + whole[144:start]
        + element
        + whole[start + 8 + old_length :]
    )


def write_png(path: Path, array: NDArray[Any]) -> Path:
    """Write a PNG of a uint8 or uint16 array."""
    Image.fromarray(array).save(path, "PNG")
    return path


def insert_png_chunk(path: Path, kind: bytes, content: bytes) -> int:
    """Insert a chunk behind IHDR (33 bytes in) and return its offset."""
    whole = path.read_bytes()
    path.write_bytes(whole[:33] + _chunk(kind, content) + whole[33:])
    return 33


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def write_zero_byte(path: Path) -> Path:
    """Write an empty file."""
    path.write_bytes(b"")
    return path


def write_text(path: Path) -> Path:
    """Write prose, whatever the name of the file says."""
    path.write_text("This is a letter, not a radiograph.\n" * 40)
    return path


def write_truncated(path: Path, *, keep: float = 0.6) -> Path:
    """Write a film that ends inside its pixel data."""
    write_film(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    return path


def write_truncated_header(path: Path) -> Path:
    """Write a film that ends inside its header, long before the pixel data."""
    write_film(path)
    path.write_bytes(path.read_bytes()[:500])
    return path


def write_png_bomb(path: Path, *, side: int = 30_000) -> Path:
    """Write a valid 8-bit grey PNG of side x side black pixels: 900 Mpx in 1 MB."""
    step = 1 << 20
    total = side * (side + 1)
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = compressor.compress(bytes(step)) + compressor.flush(zlib.Z_FULL_FLUSH)
    # Behind a full flush the same block may follow any number of times (RFC 1951 3.2).
    last = zlib.compressobj(9, zlib.DEFLATED, -15)
    rest = last.compress(bytes(total % step)) + last.flush()
    # RFC 1950 8.2: the sums of n zero bytes are a = 1, b = n.
    adler = struct.pack(">I", (total % 65521) << 16 | 1)
    stream = b"\x78\xda" + block * (total // step) + rest + adler
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", stream)
        + _chunk(b"IEND", b"")
    )
    return path


def write_deflate_bomb(path: Path, *, inflated_bytes: int = 64 << 20) -> Path:
    """Write a small deflated DICOM file that inflates to `inflated_bytes`."""
    side = int((inflated_bytes / 2) ** 0.5)
    return write_film(
        path,
        array=np.zeros((side, side), np.uint16),
        transfer_syntax=DeflatedExplicitVRLittleEndian,
    )


def write_zip_bomb(path: Path, *, inflated_bytes: int = 256 << 20) -> Path:
    """Write a zip whose one member is zeros: a thousand times its own size."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("film.dcm", "w") as member,
    ):
        step = bytes(1 << 20)
        for _ in range(inflated_bytes >> 20):
            member.write(step)
    return path


def write_zip_slip(path: Path) -> Path:
    """Write a zip whose members want out: `../`, an absolute path, and one sound."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../escaped.dcm", b"out")
        archive.writestr("/tmp/escaped-absolute.dcm", b"out")
        archive.writestr("folder/sound.txt", b"in")
    return path


def write_zip(path: Path, members: dict[str, bytes]) -> Path:
    """Write a zip of the given members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def write_polyglot(path: Path, *, kind: str = "tiff") -> Path:
    """Write a sound film whose preamble opens as another file: tiff, pe or png.

    CVE-2019-11687: both readers are content, each with its own file.
    """
    starts = {
        "tiff": b"II*\x00\x08\x00\x00\x00",
        "pe": b"MZ" + bytes(58) + struct.pack("<I", 0x80),
        "png": b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR",
    }
    return write_film(path, preamble=starts[kind].ljust(128, b"\x00"))


def write_without_pixels(path: Path) -> Path:
    """Write a film whose header is whole and whose PixelData is missing."""
    write_film(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"\xe0\x7f\x10\x00OW")])
    return path


def write_unknown_transfer_syntax(path: Path) -> Path:
    """Write a film in a transfer syntax that no one registered."""
    return write_film(path, transfer_syntax=UNKNOWN_TRANSFER_SYNTAX)


def write_zero_spacing(path: Path) -> Path:
    """Write a film with PixelSpacing 0\\0, as a known sample of the NEMA set has."""
    return write_film(
        path, spacing=None, overrides={"PixelSpacing": ["0.000", "0.000"]}
    )


def write_signed_monochrome1(path: Path) -> Path:
    """Write a 16-bit signed MONOCHROME1 film."""
    return write_film(path, bits_stored=16, signed=True, photometric="MONOCHROME1")


def write_multi_frame(path: Path, *, frames: int = 5) -> Path:
    """Write a film of several frames."""
    return write_film(path, frames=frames)


def write_rgb_ultrasound(path: Path) -> Path:
    """Write an 8-bit RGB ultrasound picture."""
    return write_film(
        path,
        bits_stored=8,
        photometric="RGB",
        overrides={"Modality": "US", "SOPClassUID": UltrasoundImageStorage},
    )


def encode_dicom(**arguments: Any) -> bytes:
    """Return the bytes of `make_data_set` in Part 10 form, for uploads in tests."""
    array = make_pixels(seed=int(arguments.get("seed", 7)))
    content = make_data_set(array, **arguments)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = content.SOPClassUID
    meta.MediaStorageSOPInstanceUID = content.SOPInstanceUID
    meta.ImplementationClassUID = IMPLEMENTATION_CLASS_UID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    film = FileDataset("memory", content, file_meta=meta, preamble=bytes(128))
    film.PixelData = array.astype("<u2").tobytes()
    film["PixelData"].VR = "OW"
    stream = io.BytesIO()
    film.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
