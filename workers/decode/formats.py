"""What a file is, told from its first bytes and never from its name."""

from __future__ import annotations

from typing import Literal

from workers.errors import UnreadableFile
from workers.types import FileFormat

# PS3.10 7.1: a 128-byte preamble of any content, then the prefix.
PREAMBLE_BYTES = 128
DICOM_PREFIX = b"DICM"
HEAD_BYTES = 512

# PS3.5 6.2, plus the 32-bit-length ones of 7.1.2.
VALUE_REPRESENTATIONS = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM "
    b"UC UI UL UN UR US UT UV".split()
)
# A data set without preamble starts with file meta or with its identifying group.
_FIRST_GROUPS = (0x0002, 0x0008)
_LONGEST_FIRST_VALUE_BYTES = 1024


def match_signature(head: bytes) -> FileFormat | None:
    """Return the raster format whose signature `head` starts with, or None."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileFormat.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return FileFormat.JPEG
    if head[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"):
        return FileFormat.TIFF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileFormat.WEBP
    return None


def identify_format(head: bytes) -> FileFormat:
    """Return the format of a file that starts with `head` (512 bytes are enough).

    A DICOM prefix at byte 128 wins over anything in the preamble, because that is
    what a DICOM reader will show (CVE-2019-11687). A data set without preamble is
    taken as DICOM if its first element reads sensibly.
    Raises UnreadableFile `empty` or `not_a_film`.
    """
    if not head:
        raise UnreadableFile("The file is empty.", code="empty")
    if head[PREAMBLE_BYTES : PREAMBLE_BYTES + 4] == DICOM_PREFIX:
        return FileFormat.DICOM
    matched = match_signature(head)
    if matched is not None:
        return matched
    if _starts_like_a_data_set(head):
        return FileFormat.DICOM
    raise UnreadableFile(
        "The file is not a film: its content is neither DICOM nor PNG, JPEG, TIFF or "
        "WebP, whatever its name says.",
        code="not_a_film",
    )


def _starts_like_a_data_set(head: bytes) -> bool:
    if len(head) < 16:
        return False
    orders: tuple[Literal["little", "big"], ...] = ("little", "big")
    for order in orders:
        group = int.from_bytes(head[0:2], order)
        element = int.from_bytes(head[2:4], order)
        if group not in _FIRST_GROUPS or element > 0x0060:
            continue
        if head[4:6] in VALUE_REPRESENTATIONS:
            return True
        length = int.from_bytes(head[4:8], "little")
        # Implicit VR is little endian only (PS3.5 A.1); an even length (PS3.5 7.1.1).
        if order == "little" and length % 2 == 0:
            return length <= _LONGEST_FIRST_VALUE_BYTES
    return False
