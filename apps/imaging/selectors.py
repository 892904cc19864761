"""Reads on uploads, quarantine and images; everything is cut to the person's own
departments here."""

from __future__ import annotations

import uuid

from django.db.models import Count, Q, QuerySet

from apps.accounts.models import User
from apps.accounts.permissions import Permission, permissions_of
from apps.accounts.selectors import departments_of
from apps.core.errors import NotFound
from apps.core.pagination import (
    clamp_limit,
    decode_time_cursor,
    encode_time_cursor,
)
from apps.imaging.models import (
    PENDING_STATUSES,
    Image,
    ItemStatus,
    Upload,
    UploadItem,
    UploadState,
)

# The attribute that carries the counts of an upload to its shape.
COUNTS = "item_counts"


def uploads_visible_to(user: User) -> QuerySet[Upload]:
    """Return the uploads to the user's departments: all for staff of quarantine, else
    own."""
    uploads = Upload.objects.filter(site=user.site, department__in=departments_of(user))
    if Permission.VIEW_QUARANTINE not in permissions_of(user):
        uploads = uploads.filter(created_by=user)
    return uploads.select_related("department", "created_by")


def list_uploads(
    *, user: User, cursor: str | None, limit: int
) -> tuple[list[Upload], str | None]:
    """Return a page of uploads with their counts, newest first. 2 queries."""
    uploads = uploads_visible_to(user).order_by("-created_at", "-id")
    if cursor:
        born_at, last_id = decode_time_cursor(cursor)
        uploads = uploads.filter(
            Q(created_at__lt=born_at) | Q(created_at=born_at, id__lt=last_id)
        )
    limit = clamp_limit(limit)
    page = list(uploads[: limit + 1])
    more = len(page) > limit
    page = page[:limit]
    _count_items(page)
    last = page[-1] if page else None
    return page, encode_time_cursor(last.created_at, last.pk) if more and last else None


def get_upload(*, user: User, upload_id: uuid.UUID) -> Upload:
    """Return an upload that the user may see. Raises NotFound. 1 query."""
    upload = uploads_visible_to(user).filter(pk=upload_id).first()
    if upload is None:
        raise NotFound("There is no such upload.")
    return upload


def get_counted_upload(*, user: User, upload_id: uuid.UUID) -> Upload:
    """Return an upload with its counts. Raises NotFound. 2 queries, the second as long
    as the upload: not for what runs once a file."""
    upload = get_upload(user=user, upload_id=upload_id)
    _count_items([upload])
    return upload


def _count_items(uploads: list[Upload]) -> None:
    counts = {upload.pk: dict.fromkeys(ItemStatus.values, 0) for upload in uploads}
    rows = UploadItem.objects.filter(upload__in=counts).values_list("upload", "status")
    for upload_id, status, count in rows.annotate(count=Count("pk")):
        counts[upload_id][status] = count
    for upload in uploads:
        setattr(upload, COUNTS, counts[upload.pk])


def upload_counts(upload: Upload) -> dict[str, int]:
    """Return the number of items by status of an upload that was counted here."""
    counts: dict[str, int] = getattr(upload, COUNTS)
    return counts


def upload_state(upload: Upload) -> UploadState:
    """Return where an upload stands; settled: nothing waits, nothing is expected."""
    if upload.is_cancelled:
        return UploadState.CANCELLED
    counts = upload_counts(upload)
    waiting = sum(counts[status.value] for status in PENDING_STATUSES)
    expected = upload.expected_files or 0
    if waiting or sum(counts.values()) < max(expected, 1):
        return UploadState.OPEN
    return UploadState.SETTLED


def list_items(
    *, upload: Upload, cursor: str | None, limit: int
) -> tuple[list[UploadItem], str | None]:
    """Return a page of an upload's items in order of arrival. 1 query."""
    items = UploadItem.objects.filter(upload=upload).select_related("image__study")
    items = items.order_by("created_at", "id")
    if cursor:
        born_at, last_id = decode_time_cursor(cursor)
        items = items.filter(
            Q(created_at__gt=born_at) | Q(created_at=born_at, id__gt=last_id)
        )
    return _page(items, limit)


def list_quarantine(
    *, user: User, text: str, cursor: str | None, limit: int
) -> tuple[list[UploadItem], str | None]:
    """Return a page of the quarantined files that were sent to the user's departments,
    newest first. 1 query."""
    items = (
        UploadItem.objects.filter(
            upload__site=user.site,
            upload__department__in=departments_of(user),
            status=ItemStatus.QUARANTINED,
        )
        .select_related("upload")
        .order_by("-created_at", "-id")
    )
    if text:
        items = items.filter(
            Q(file_name__icontains=text)
            | Q(reason__icontains=text)
            | Q(code__icontains=text)
        )
    if cursor:
        born_at, last_id = decode_time_cursor(cursor)
        items = items.filter(
            Q(created_at__lt=born_at) | Q(created_at=born_at, id__lt=last_id)
        )
    return _page(items, limit)


def get_image(*, user: User, image_id: uuid.UUID) -> Image:
    """Return an image of the user's departments. Raises NotFound. 1 query."""
    image = Image.objects.filter(
        pk=image_id, site=user.site, study__department__in=departments_of(user)
    ).first()
    if image is None:
        raise NotFound("There is no such image.")
    return image


def list_series(*, user: User, image_id: uuid.UUID) -> list[Image]:
    """Return the images of an image's series in their order, with their planes.

    Raises NotFound. 2 queries.
    """
    image = get_image(user=user, image_id=image_id)
    images = Image.objects.filter(series=image.series_id)
    return list(
        images.select_related("series", "plane").order_by("number", "created_at", "id")
    )


def _page(
    items: QuerySet[UploadItem], limit: int
) -> tuple[list[UploadItem], str | None]:
    limit = clamp_limit(limit)
    page = list(items[: limit + 1])
    more = len(page) > limit
    page = page[:limit]
    last = page[-1] if page else None
    return page, encode_time_cursor(last.created_at, last.pk) if more and last else None
