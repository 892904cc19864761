"""Unpacking zip archives: bounded, resumable, and blind to member paths."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

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
from workers.errors import LimitExceeded, UnreadableFile

# Real films deflate 2 to 4 times; blank 16-bit films reach about 1000. Above this, and
# past a size that could hurt, it is a bomb.
MAX_RATIO = 2000
RATIO_FLOOR_BYTES = 50 * 1024**2


def is_archive(path: Path) -> bool:
    """Return whether the bytes are a zip archive (by content, not by name)."""
    with path.open("rb") as source:
        return source.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def unpack_archive(*, item: UploadItem, path: Path) -> UploadItem:
    """Return the settled archive item, after each member became an item of its own.

    Killed half-way it may run again: members already received are found, not doubled.
    Raises LimitExceeded (`zip_bomb`, `too_many_members`) or UnreadableFile
    (`bad_archive`); the archive then goes to quarantine as a whole.
    """
    mark_unpacking(item=item)
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            _check_limits(members)
            for index, info in enumerate(members):
                if _is_cancelled(item):
                    return item
                extend_lease(item=item)
                _receive(item, archive, index, info)
    except zipfile.BadZipFile as error:
        raise UnreadableFile(
            "The zip archive is damaged.", code="bad_archive"
        ) from error
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


def _check_limits(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > settings.MAX_ZIP_MEMBERS:
        raise LimitExceeded(
            f"The archive holds more than {settings.MAX_ZIP_MEMBERS} files.",
            code="too_many_members",
        )
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
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        TooLarge,
    ):
        refusal = refusal or (
            "unreadable_member",
            "This member of the archive is damaged, encrypted or too large.",
        )
        stored = put_stream([], max_bytes=0)
    member = receive_member(
        archive=item, index=index, file_name=info.filename, stored=stored
    )
    if refusal:
        code, reason = refusal
        settle_item(
            item=member, status=ItemStatus.QUARANTINED, code=code, reason=reason
        )


def _refusal(info: zipfile.ZipInfo) -> tuple[str, str] | None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        return (
            "unsafe_path",
            "The archive names a path outside itself; the bytes are kept, unread.",
        )
    return None


def _member_chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    declared = info.file_size
    seen = 0
    with archive.open(info) as source:
        while chunk := source.read(CHUNK_BYTES):
            seen += len(chunk)
            if seen > declared:
                raise zipfile.BadZipFile("larger than declared")
            yield chunk


def _is_cancelled(item: UploadItem) -> bool:
    item.upload.refresh_from_db(fields=["is_cancelled"])
    return item.upload.is_cancelled
