"""Ingest of one received file: register it, or quarantine it with the reason."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import OperationalError, transaction
from pydicom.dataset import Dataset

from apps.core.objects import open_local
from apps.imaging.models import ItemStatus, UploadItem, UploadSource
from apps.imaging.services.archives import is_archive, unpack_archive
from apps.imaging.services.register import register_film
from apps.imaging.services.uploads import (
    claim_item,
    lock_pending_item,
    quarantine_item,
    release_item,
    settle_item,
)
from workers.decode import Limits, decode_film
from workers.errors import RejectedInput, TransientError, UnsupportedImage
from workers.types import DecodedImage, FileFormat


def decode_limits() -> Limits:
    """Return the site's limits on a single film."""
    return Limits(
        max_pixels=settings.MAX_PIXELS, max_file_bytes=settings.MAX_FILE_BYTES
    )


def take_item(*, item_id: str, study_uid: str | None = None) -> UploadItem | None:
    """Return the item as it ended, or None if it is settled or another worker has it.

    study_uid: refuse a film of any other study (STOW-RS to one study).
    Raises TransientError or OperationalError; the item then waits for the next try.
    """
    item = claim_item(item_id=item_id)
    if item is None:
        return None
    try:
        return ingest_claimed_item(item=item, study_uid=study_uid)
    except (TransientError, OperationalError):
        release_item(item=item, is_attempt_counted=False)
        raise
    finally:
        release_item(item=item)


def ingest_claimed_item(
    *, item: UploadItem, study_uid: str | None = None
) -> UploadItem:
    """Return the item as it ended: stored, duplicate, quarantined or cancelled.

    Raises TransientError if the store cannot deliver the bytes now.
    """
    try:
        with open_local(item.sha256) as path:
            return _ingest(item, path, study_uid)
    except RejectedInput as refusal:
        return quarantine_item(item=item, refusal=refusal)


def _ingest(item: UploadItem, path: Path, study_uid: str | None) -> UploadItem:
    is_stow = item.upload.source == UploadSource.STOW
    if is_archive(path) and not is_stow:
        if item.parent_id is not None:
            raise UnsupportedImage(
                "An archive inside an archive is not unpacked.", code="nested_archive"
            )
        return unpack_archive(item=item, path=path)
    film = decode_film(path, limits=decode_limits())
    if is_stow and film.format is not FileFormat.DICOM:
        # SPEC PS3.18 10.5.1: the payload is instances; a picture has no UIDs to answer.
        raise UnsupportedImage("This door takes DICOM instances.", code="not_dicom")
    header = film.header or Dataset()
    if study_uid and str(header.get("StudyInstanceUID", "")) != study_uid:
        raise UnsupportedImage(
            "The instance belongs to another study.", code="other_study"
        )
    return _register(item, film)


@transaction.atomic
def _register(item: UploadItem, film: DecodedImage) -> UploadItem:
    """Register and settle as one: killed in between, the retry would find its own
    image and call the film a duplicate of itself."""
    if not lock_pending_item(item=item):
        item.refresh_from_db()
        return item
    registration = register_film(
        upload=item.upload, film=film, file_name=Path(item.file_name).name
    )
    if registration.is_new:
        return settle_item(
            item=item, status=ItemStatus.STORED, image=registration.image
        )
    return settle_item(
        item=item,
        status=ItemStatus.DUPLICATE,
        code="same_bytes",
        reason="These exact bytes were received before.",
        image=registration.image,
    )
