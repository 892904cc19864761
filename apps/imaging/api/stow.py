"""STOW-RS (PS3.18 10.5): a PACS or a script stores instances and learns of each."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.accounts.selectors import get_department, list_departments
from apps.core.errors import Invalid, RequestError, TooLarge
from apps.core.objects import CHUNK_BYTES, put_stream
from apps.core.schemas import SlugText
from apps.imaging.models import Upload, UploadItem, UploadSource
from apps.imaging.services.ingest import ingest_claimed_item
from apps.imaging.services.uploads import (
    claim_item,
    open_upload,
    receive_file,
    release_item,
)

router = Router(tags=["dicomweb"])

# SPEC PS3.4 table B.2-1 and PS3.18 table I.2-2: values of Failure Reason (0008,1197).
CANNOT_UNDERSTAND = 0xC000
OUT_OF_RESOURCES = 0xA700
UNSUPPORTED_TRANSFER_SYNTAX = 0xC122
FAILURE_BY_CODE = {
    "too_large": OUT_OF_RESOURCES,
    "too_many_pixels": OUT_OF_RESOURCES,
    "too_many_frames": OUT_OF_RESOURCES,
    "unknown_transfer_syntax": UNSUPPORTED_TRANSFER_SYNTAX,
    "unsupported_transfer_syntax": UNSUPPORTED_TRANSFER_SYNTAX,
}
MEDIA_TYPE = re.compile(r"^\s*multipart/related\s*;", re.IGNORECASE)
PARAMETER = re.compile(r';\s*([a-z-]+)\s*=\s*(?:"([^"]*)"|([^;\s"]+))', re.IGNORECASE)
MAX_PARTS = 5000
SPOOL_BYTES = 1024 * 1024


@dataclass
class _PartCollector:
    """Spools each part to disk as it streams by and yields finished ones."""

    finished: list[IO[bytes]] = field(default_factory=list)
    current: IO[bytes] | None = None
    size_bytes: int = 0
    count: int = 0

    def begin(self) -> None:
        self.count += 1
        if self.count > MAX_PARTS:
            raise TooLarge(f"The request holds more than {MAX_PARTS} instances.")
        self.current = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed by taker
            max_size=SPOOL_BYTES, dir=settings.FILE_UPLOAD_TEMP_DIR
        )
        self.size_bytes = 0

    def write(self, data: bytes, start: int, end: int) -> None:
        if self.current is None:
            return
        self.size_bytes += end - start
        if self.size_bytes > settings.MAX_FILE_BYTES:
            raise TooLarge(
                f"An instance is larger than {settings.MAX_FILE_BYTES // 1024**2} MiB."
            )
        self.current.write(data[start:end])

    def end(self) -> None:
        if self.current is not None:
            self.current.seek(0)
            self.finished.append(self.current)
            self.current = None

    def take(self) -> Iterator[IO[bytes]]:
        while self.finished:
            yield self.finished.pop(0)


@router.post("/studies")
def store_instances(request: HttpRequest, worklist: SlugText = "") -> HttpResponse:
    """Store the instances of a multipart/related request, one answer for each.

    `worklist` names the department; without it the site's first one takes them.
    """
    return _store(request, study_uid=None, worklist=worklist)


@router.post("/studies/{study_uid}")
def store_study_instances(
    request: HttpRequest, study_uid: str, worklist: SlugText = ""
) -> HttpResponse:
    """As above; an instance of another study fails."""
    return _store(request, study_uid=study_uid, worklist=worklist)


def _store(
    request: HttpRequest, *, study_uid: str | None, worklist: str
) -> HttpResponse:
    user, site = require(user_of(request), Permission.UPLOAD)
    boundary = _boundary(request.headers.get("Content-Type", ""))
    if worklist:
        department = get_department(site=site, slug=worklist)
    else:
        departments = list_departments(site=site)
        if not departments:
            raise Invalid("This site has no worklist yet.", code="no_worklist")
        department = departments[0]
    upload = open_upload(
        department=department, created_by=user, source=UploadSource.STOW
    )
    stored: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for part in _parts(request, boundary):
        with part:
            item = _ingest_part(upload, part)
        if item.image is None:
            reason = FAILURE_BY_CODE.get(item.code, CANNOT_UNDERSTAND)
            failed.append({"00081197": {"vr": "US", "Value": [reason]}})
        elif study_uid and item.image.study.study_instance_uid != study_uid:
            failed.append(_reference(item, failure=CANNOT_UNDERSTAND))
        else:
            stored.append(_reference(item))
    return _answer(stored, failed)


def _ingest_part(upload: Upload, part: IO[bytes]) -> UploadItem:
    chunks = iter(lambda: part.read(CHUNK_BYTES), b"")
    stored = put_stream(chunks, max_bytes=settings.MAX_FILE_BYTES)
    item = receive_file(
        upload=upload,
        file_name=f"{stored.sha256[:16]}.dcm",
        stored=stored,
        is_queued=False,
    )
    claimed = claim_item(item_id=str(item.pk))
    if claimed is None:
        return item
    try:
        return ingest_claimed_item(item=claimed)
    finally:
        release_item(item=claimed)


def _parts(request: HttpRequest, boundary: bytes) -> Iterator[IO[bytes]]:
    """Yield the parts in turn; memory stays at one chunk and the spool."""
    collector = _PartCollector()
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": collector.begin,
            "on_part_data": collector.write,
            "on_part_end": collector.end,
        },
    )
    try:
        while chunk := request.read(CHUNK_BYTES):
            parser.write(chunk)
            yield from collector.take()
        parser.finalize()
    except MultipartParseError as error:
        raise RequestError("The multipart body is malformed.") from error
    yield from collector.take()


def _boundary(content_type: str) -> bytes:
    if not MEDIA_TYPE.match(content_type):
        raise _UnsupportedMediaType("Send multipart/related.")
    parameters = {
        name.lower(): quoted or bare
        for name, quoted, bare in PARAMETER.findall(content_type)
    }
    if parameters.get("type", "").lower() != "application/dicom":
        raise _UnsupportedMediaType('Only type="application/dicom" is taken.')
    boundary: str = parameters.get("boundary", "")
    if not 1 <= len(boundary) <= 70:
        raise RequestError("The multipart boundary is missing.")
    return boundary.encode("latin-1", "replace")


class _UnsupportedMediaType(RequestError):
    status = 415
    code = "unsupported_media_type"
    title = "Unsupported media type"


def _reference(item: UploadItem, *, failure: int | None = None) -> dict[str, Any]:
    assert item.image is not None
    reference: dict[str, Any] = {
        "00081150": {"vr": "UI", "Value": [item.image.sop_class_uid]},
        "00081155": {"vr": "UI", "Value": [item.image.sop_instance_uid]},
    }
    if failure is not None:
        reference["00081197"] = {"vr": "US", "Value": [failure]}
    return reference


def _answer(stored: list[dict[str, Any]], failed: list[dict[str, Any]]) -> HttpResponse:
    """SPEC PS3.18 table 10.5.3-1: 200 all stored, 202 some failed, 409 all failed."""
    if not stored and not failed:
        raise RequestError("The request holds no instance.")
    body: dict[str, Any] = {}
    if stored:
        body["00081199"] = {"vr": "SQ", "Value": stored}
    if failed:
        body["00081198"] = {"vr": "SQ", "Value": failed}
    status = 200 if not failed else 202 if stored else 409
    return JsonResponse(body, status=status, content_type="application/dicom+json")
