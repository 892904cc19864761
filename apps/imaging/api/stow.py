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
from pydicom import dcmread
from pydicom.uid import UID
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.accounts.selectors import departments_of, get_own_department
from apps.core.errors import Invalid, RequestError, TooLarge
from apps.core.objects import CHUNK_BYTES, open_local, put_stream
from apps.core.schemas import SlugText
from apps.imaging.models import Upload, UploadItem, UploadSource
from apps.imaging.services.ingest import take_item
from apps.imaging.services.uploads import open_upload, receive_file
from workers.decode.parsing import PARSE_ERRORS, quiet_warnings

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
    is_complete: bool = False

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

    def finish(self) -> None:
        self.is_complete = True

    def close(self) -> None:
        for part in self.finished:
            part.close()
        if self.current is not None:
            self.current.close()

    def take(self) -> Iterator[IO[bytes]]:
        while self.finished:
            yield self.finished.pop(0)


@router.post("/studies")
def store_instances(request: HttpRequest, worklist: SlugText = "") -> HttpResponse:
    """Store the instances of a multipart/related request, one answer for each.

    `worklist` names the department; without it the caller's first one takes them.
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
    user, _ = require(user_of(request), Permission.UPLOAD)
    boundary = _boundary(request.headers.get("Content-Type", ""))
    if worklist:
        department = get_own_department(user=user, slug=worklist)
    else:
        first = departments_of(user).select_related("site").first()
        if first is None:
            raise Invalid("You belong to no department yet.", code="no_worklist")
        department = first
    upload = open_upload(
        department=department, created_by=user, source=UploadSource.STOW
    )
    outcome = _Outcome()
    for part in _parts(request, boundary):
        with part:
            outcome.add(_ingest_part(upload, part, study_uid))
    return outcome.answer()


def _ingest_part(upload: Upload, part: IO[bytes], study_uid: str | None) -> UploadItem:
    chunks = iter(lambda: part.read(CHUNK_BYTES), b"")
    stored = put_stream(chunks, max_bytes=settings.MAX_FILE_BYTES)
    item = receive_file(
        upload=upload,
        file_name=f"{stored.sha256[:16]}.dcm",
        stored=stored,
        is_queued=False,
    )
    return take_item(item_id=str(item.pk), study_uid=study_uid) or item


def _parts(request: HttpRequest, boundary: bytes) -> Iterator[IO[bytes]]:
    """Yield the parts in turn; memory stays at one chunk and the spool."""
    collector = _PartCollector()
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": collector.begin,
            "on_part_data": collector.write,
            "on_part_end": collector.end,
            "on_end": collector.finish,
        },
    )
    try:
        while chunk := request.read(CHUNK_BYTES):
            parser.write(chunk)
            yield from collector.take()
    except MultipartParseError as error:
        raise RequestError("The multipart body is malformed.") from error
    finally:
        collector.close()
    # What came before is stored, and sending it again is harmless; the part that was
    # cut off must not be passed over in silence.
    if not collector.is_complete:
        raise RequestError("The multipart body ends before its closing boundary.")


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


@dataclass
class _Outcome:
    """What became of each instance, in the words of PS3.18 table I.2-1."""

    stored: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    nameless: list[dict[str, Any]] = field(default_factory=list)

    def add(self, item: UploadItem) -> None:
        if item.image is not None:
            uids = (item.image.sop_class_uid, item.image.sop_instance_uid)
            self.stored.append(_reference(*uids))
            return
        reason = FAILURE_BY_CODE.get(item.code, CANNOT_UNDERSTAND)
        failure = {"00081197": {"vr": "US", "Value": [reason]}}
        known = _read_uids(item)
        if known is None:
            self.nameless.append(failure)
        else:
            self.failed.append({**_reference(*known), **failure})

    def answer(self) -> HttpResponse:
        """SPEC PS3.18 table 10.5.3-1: 200 all stored, 202 some failed, 409 none."""
        sequences = {
            "00081199": self.stored,  # Referenced SOP Sequence
            "00081198": self.failed,  # Failed SOP Sequence
            "0008119A": self.nameless,  # Other Failures Sequence
        }
        body = {
            tag: {"vr": "SQ", "Value": items}
            for tag, items in sequences.items()
            if items
        }
        if not body:
            raise RequestError("The request holds no instance.")
        has_failure = bool(self.failed or self.nameless)
        status = 200 if not has_failure else 202 if self.stored else 409
        return JsonResponse(body, status=status, content_type="application/dicom+json")


def _reference(sop_class_uid: str, sop_instance_uid: str) -> dict[str, Any]:
    # SPEC PS3.18 F.2.5: an empty value has no "Value".
    sop_class = (
        {"vr": "UI", "Value": [sop_class_uid]} if sop_class_uid else {"vr": "UI"}
    )
    return {
        "00081150": sop_class,
        "00081155": {"vr": "UI", "Value": [sop_instance_uid]},
    }


def _read_uids(item: UploadItem) -> tuple[str, str] | None:
    """Return SOP class and instance of a refused file, or None if it does not say."""
    with open_local(item.sha256) as path, quiet_warnings():
        try:
            header = dcmread(
                path,
                specific_tags=["SOPClassUID", "SOPInstanceUID"],
                stop_before_pixels=True,
            )
            uids = header.get("SOPClassUID"), header.get("SOPInstanceUID")
        except PARSE_ERRORS:
            return None
    sop_class, sop_instance = (UID(str(uid or "")) for uid in uids)
    if not (sop_class.is_valid and sop_instance.is_valid):
        return None
    return str(sop_class), str(sop_instance)
