"""Ingest of one received file: register it, or quarantine it with the reason."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from apps.core.objects import open_local
from apps.imaging.models import ItemStatus, UploadItem
from apps.imaging.services.archives import is_archive, unpack_archive
from apps.imaging.services.register import register_film
from apps.imaging.services.uploads import settle_item
from workers.decode import Limits, decode_film
from workers.errors import RejectedInput, UnsupportedImage


def decode_limits() -> Limits:
    """Return the site's limits on a single film."""
    return Limits(
        max_pixels=settings.MAX_PIXELS, max_file_bytes=settings.MAX_FILE_BYTES
    )


def ingest_claimed_item(*, item: UploadItem) -> UploadItem:
    """Return the item as it ended: stored, duplicate or quarantined.

    Raises TransientError if the store cannot deliver the bytes now.
    """
    try:
        with open_local(item.sha256) as path:
            return _ingest(item, path)
    except RejectedInput as refusal:
        return settle_item(
            item=item,
            status=ItemStatus.QUARANTINED,
            code=refusal.code,
            reason=refusal.message,
        )


def _ingest(item: UploadItem, path: Path) -> UploadItem:
    if is_archive(path):
        if item.parent_id is not None:
            raise UnsupportedImage(
                "An archive inside an archive is not unpacked.", code="nested_archive"
            )
        return unpack_archive(item=item, path=path)
    film = decode_film(path, limits=decode_limits())
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
