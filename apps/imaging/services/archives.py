"""Unpacking zip archives: bounded, resumable, and blind to member paths."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from django.conf import settings
from django.db import transaction

from apps.audit.models import EventKind
from apps.audit.services import append_event
from apps.core.errors import TooLarge
from apps.core.objects import CHUNK_BYTES, put_stream
from apps.imaging.models import ItemStatus, UploadItem
from apps.imaging.services.uploads import (
    extend_lease,
    mark_unpacking,
    receive_member,
    settle_item,
)
from workers.decode.formats import DICOM_PREFIX, PREAMBLE_BYTES
from workers.errors import LimitExceeded, RejectedInput, UnreadableFile

# Real films deflate 2 to 4 times, a blank one 1000 times, which is all that deflate can
# do (zlib, technical details: 1032). An archive this large of nothing but blanks is no
# sender's folder.
MAX_RATIO = 200
RATIO_FLOOR_BYTES = 100 * 1024**2
# A directory entry is 46 bytes, a path and a few extra fields (APPNOTE 4.3.12).
ENTRY_BYTES = 512
# APPNOTE 4.3.14 to 4.3.16: the zip64 end record, its locator, the end record; behind
# them a comment of at most 65,535 bytes.
END64_RECORD_BYTES = 56
END64_LOCATOR_BYTES = 20
END_RECORD_BYTES = 22
MAX_COMMENT_BYTES = 65_535
# APPNOTE 4.4.4, general purpose bit flag, bit 0.
ENCRYPTED = 0x1
# What zipfile raises on hostile bytes, each seen or documented in its reader: NotImpl-
# emented for an unknown version or compression, RuntimeError for encryption.
ARCHIVE_ERRORS = (
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def is_archive(path: Path) -> bool:
    """Return whether the bytes are a zip archive (by content, not by name).

    A DICOM prefix wins over a preamble that says zip, as it does for every reader of
    films (CVE-2019-11687).
    """
    with path.open("rb") as source:
        head = source.read(PREAMBLE_BYTES + len(DICOM_PREFIX))
    is_zip = head.startswith((b"PK\x03\x04", b"PK\x05\x06"))
    return is_zip and head[PREAMBLE_BYTES:] != DICOM_PREFIX


def unpack_archive(*, item: UploadItem, path: Path) -> UploadItem:
    """Return the settled archive item, after each member became an item of its own.

    Killed half-way it may run again: members already received are found, not doubled.
    Raises LimitExceeded (`zip_bomb`, `too_many_members`) or UnreadableFile
    (`bad_archive`); the archive then goes to quarantine as a whole.
    """
    mark_unpacking(item=item)
    with _open(path) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        _check_limits(members)
        for index, info in enumerate(members):
            if not extend_lease(item=item):
                item.refresh_from_db(fields=["status", "version"])
                return item
            _receive(item, archive, index, info)
    with transaction.atomic():
        append_event(
            kind=EventKind.ARCHIVE_UNPACKED,
            site=item.upload.site,
            actor=item.upload.created_by,
            subject=f"item:{item.pk}",
            data={"sha256": item.sha256, "members": len(members)},
        )
        return settle_item(
            item=item,
            status=ItemStatus.STORED,
            code="unpacked",
            reason=f"Unpacked: {len(members)} files.",
        )


def _open(path: Path) -> zipfile.ZipFile:
    if _directory_bytes(path) > settings.MAX_ZIP_MEMBERS * ENTRY_BYTES:
        raise _too_many_members()
    try:
        return zipfile.ZipFile(path)
    except ARCHIVE_ERRORS:
        raise UnreadableFile(
            "The zip archive is damaged.", code="bad_archive"
        ) from None


def _directory_bytes(path: Path) -> int:
    """Return how long the archive says its directory is; 0 where it does not say.

    zipfile reads the whole directory into objects before it can be asked for a count.
    """
    with path.open("rb") as source:
        size = source.seek(0, 2)
        ends = END64_RECORD_BYTES + END64_LOCATOR_BYTES + END_RECORD_BYTES
        source.seek(max(0, size - ends - MAX_COMMENT_BYTES))
        tail = source.read()
    start = tail.rfind(b"PK\x05\x06", 0, max(0, len(tail) - END_RECORD_BYTES + 4))
    if start < 0:
        return 0
    declared: int = struct.unpack_from("<L", tail, start + 12)[0]
    locator = start - END64_LOCATOR_BYTES
    record = locator - END64_RECORD_BYTES
    if record >= 0 and tail[locator : locator + 4] == b"PK\x06\x07":
        declared = max(declared, struct.unpack_from("<Q", tail, record + 40)[0])
    return declared


def _too_many_members() -> LimitExceeded:
    return LimitExceeded(
        f"The archive holds more than {settings.MAX_ZIP_MEMBERS:,} files.",
        code="too_many_members",
    )


def _check_limits(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > settings.MAX_ZIP_MEMBERS:
        raise _too_many_members()
    total = sum(info.file_size for info in members)
    packed = sum(info.compress_size for info in members)
    if total > settings.MAX_ZIP_BYTES or (
        total > RATIO_FLOOR_BYTES and total > MAX_RATIO * max(packed, 1)
    ):
        raise LimitExceeded(
            "The archive would unpack to far more than it should: a zip bomb.",
            code="zip_bomb",
        )


def _receive(
    item: UploadItem, archive: zipfile.ZipFile, index: int, info: zipfile.ZipInfo
) -> None:
    if item.members.filter(member_index=index).exists():
        return
    refusal = _refusal(info)
    try:
        stored = put_stream(
            _member_chunks(archive, info), max_bytes=settings.MAX_FILE_BYTES
        )
    except (TooLarge, UnreadableFile) as error:
        refusal = refusal or UnreadableFile(
            error.detail if isinstance(error, TooLarge) else error.message,
            code=error.code,
        )
        # Its bytes are kept inside the archive, which is in the store as it came.
        stored = put_stream([], max_bytes=0)
    receive_member(
        archive=item,
        index=index,
        file_name=info.filename,
        stored=stored,
        refusal=refusal,
    )


def _refusal(info: zipfile.ZipInfo) -> RejectedInput | None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        return UnreadableFile(
            "The archive names a path outside itself; the bytes are kept, unread.",
            code="unsafe_path",
        )
    return None


def _member_chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    # zipfile stops at the declared size and checks the CRC there, so a member cannot
    # inflate past what _check_limits added up.
    if info.flag_bits & ENCRYPTED:
        raise UnreadableFile(
            "This member of the archive is encrypted.", code="encrypted_member"
        )
    try:
        source = archive.open(info)
    except ARCHIVE_ERRORS:
        raise _damaged_member() from None
    with source:
        while chunk := _read(source):
            yield chunk


def _read(source: IO[bytes]) -> bytes:
    try:
        return source.read(CHUNK_BYTES)
    except ARCHIVE_ERRORS:
        raise _damaged_member() from None


def _damaged_member() -> UnreadableFile:
    return UnreadableFile(
        "This member of the archive is damaged, or compressed in a way that is not"
        " supported.",
        code="damaged_member",
    )
