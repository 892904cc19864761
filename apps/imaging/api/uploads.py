"""Sending films in, and what became of each."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from apps.accounts.auth import user_of
from apps.accounts.models import Role, User
from apps.accounts.permissions import Permission, require
from apps.accounts.selectors import get_own_department
from apps.core.errors import Invalid, TooLarge
from apps.core.objects import CHUNK_BYTES, put_stream
from apps.core.schemas import Page
from apps.imaging.models import Upload, UploadItem, UploadSource
from apps.imaging.schemas import (
    QuarantineOut,
    QuarantineSearch,
    UploadIn,
    UploadItemOut,
    UploadOut,
)
from apps.imaging.selectors import (
    get_counted_upload,
    get_upload,
    list_items,
    list_quarantine,
    list_uploads,
)
from apps.imaging.services.uploads import cancel_upload, open_upload, receive_file

router = Router(tags=["uploads"])


@router.post("/uploads", response={201: UploadOut})
def create_upload(request: HttpRequest, payload: UploadIn) -> Status[UploadOut]:
    """Open a batch; then send its files one by one."""
    user, _ = require(user_of(request), Permission.UPLOAD)
    department = get_own_department(user=user, slug=payload.worklist)
    upload = open_upload(
        department=department,
        created_by=user,
        source=_source_of(user),
        claim_reference=payload.claim_reference,
        expected_files=payload.expected_files,
    )
    return Status(201, _shape(user, upload))


@router.get("/uploads", response=Page[UploadOut])
def read_uploads(
    request: HttpRequest, cursor: str | None = None, limit: int = 50
) -> Page[UploadOut]:
    """List batches, newest first."""
    user, _ = require(user_of(request), Permission.UPLOAD)
    uploads, next_cursor = list_uploads(user=user, cursor=cursor, limit=limit)
    return Page(items=[UploadOut.of(u) for u in uploads], next_cursor=next_cursor)


@router.get("/uploads/{upload_id}", response=UploadOut)
def read_upload(request: HttpRequest, upload_id: uuid.UUID) -> UploadOut:
    """Tell how far a batch is."""
    user, _ = require(user_of(request), Permission.UPLOAD)
    return UploadOut.of(get_counted_upload(user=user, upload_id=upload_id))


@router.post("/uploads/{upload_id}/files", response={202: UploadItemOut})
def add_file(
    request: HttpRequest,
    upload_id: uuid.UUID,
    file: File[UploadedFile],
    relative_path: Form[str] = "",
) -> Status[UploadItemOut]:
    """Take one file: when this answers, its bytes are on disk and registered."""
    user, _ = require(user_of(request), Permission.UPLOAD)
    upload = get_upload(user=user, upload_id=upload_id)
    item = _receive(upload, file, relative_path)
    return Status(202, UploadItemOut.of(item))


@router.get("/uploads/{upload_id}/items", response=Page[UploadItemOut])
def read_items(
    request: HttpRequest,
    upload_id: uuid.UUID,
    cursor: str | None = None,
    limit: int = 100,
) -> Page[UploadItemOut]:
    """List the files of a batch in order of arrival."""
    user, _ = require(user_of(request), Permission.UPLOAD)
    upload = get_upload(user=user, upload_id=upload_id)
    items, next_cursor = list_items(upload=upload, cursor=cursor, limit=limit)
    return Page(items=[UploadItemOut.of(i) for i in items], next_cursor=next_cursor)


@router.post("/uploads/{upload_id}/cancel", response=UploadOut)
def cancel(request: HttpRequest, upload_id: uuid.UUID) -> UploadOut:
    """Cancel what waits; what is stored stays."""
    user, _ = require(user_of(request), Permission.UPLOAD)
    upload = get_upload(user=user, upload_id=upload_id)
    return _shape(user, cancel_upload(upload=upload, actor=user))


@router.post("/studies", response={202: UploadOut})
def create_studies(
    request: HttpRequest,
    file: File[list[UploadedFile]],
    worklist: Form[str],
    claim_reference: Form[str] = "",
) -> Status[UploadOut]:
    """Take one or more films in a single call (for scripts and claim systems)."""
    user, _ = require(user_of(request), Permission.UPLOAD)
    department = get_own_department(user=user, slug=worklist)
    if len(claim_reference) > 64:
        raise Invalid("The claim reference is longer than 64 characters.")
    _check_sizes(file)
    upload = open_upload(
        department=department,
        created_by=user,
        source=UploadSource.API,
        claim_reference=claim_reference,
        expected_files=len(file),
    )
    for one in file:
        _receive(upload, one, one.name or "")
    return Status(202, _shape(user, upload))


@router.get("/quarantine", response=Page[QuarantineOut])
def read_quarantine(
    request: HttpRequest, cursor: str | None = None, limit: int = 100
) -> Page[QuarantineOut]:
    """List files that could not be read, with the reason."""
    return _quarantine_page(request, QuarantineSearch(cursor=cursor, limit=limit))


@router.post("/quarantine/search", response=Page[QuarantineOut])
def search_quarantine(
    request: HttpRequest, payload: QuarantineSearch
) -> Page[QuarantineOut]:
    """List those that match a text: file names may hold a patient's name."""
    return _quarantine_page(request, payload)


def _quarantine_page(
    request: HttpRequest, wanted: QuarantineSearch
) -> Page[QuarantineOut]:
    user, _ = require(user_of(request), Permission.VIEW_QUARANTINE)
    items, next_cursor = list_quarantine(
        user=user, text=wanted.q, cursor=wanted.cursor, limit=wanted.limit
    )
    return Page(items=[QuarantineOut.of(i) for i in items], next_cursor=next_cursor)


def _source_of(user: User) -> UploadSource:
    return UploadSource.API if user.role == Role.INTEGRATION else UploadSource.BROWSER


def _check_sizes(files: Iterable[UploadedFile]) -> None:
    for one in files:
        if (one.size or 0) > settings.MAX_FILE_BYTES:
            raise TooLarge(
                f"A file is larger than {settings.MAX_FILE_BYTES // 1024**2} MiB."
            )


def _receive(upload: Upload, file: UploadedFile, relative_path: str) -> UploadItem:
    stored = put_stream(_chunks(file), max_bytes=settings.MAX_FILE_BYTES)
    return receive_file(
        upload=upload, file_name=relative_path or file.name or "", stored=stored
    )


def _chunks(file: UploadedFile) -> Iterator[bytes]:
    return iter(file.chunks(CHUNK_BYTES))


def _shape(user: User, upload: Upload) -> UploadOut:
    return UploadOut.of(get_counted_upload(user=user, upload_id=upload.pk))
