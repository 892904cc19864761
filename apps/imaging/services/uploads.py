"""Uploads and their items: open, receive, settle, cancel."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apps.accounts.models import Department, User
from apps.audit.models import EventKind
from apps.audit.services import append_event
from apps.core.errors import Conflict
from apps.core.objects import StoredBytes
from apps.core.push import UploadChanged, UploadItemChanged, push
from apps.core.queue import enqueue
from apps.imaging.models import (
    PENDING_STATUSES,
    Image,
    ItemStatus,
    Upload,
    UploadItem,
    UploadSource,
)
from apps.imaging.signals import item_settled
from workers.errors import RejectedInput

MAX_ATTEMPTS = 5


@transaction.atomic
def open_upload(
    *,
    department: Department,
    created_by: User | None,
    source: UploadSource,
    claim_reference: str = "",
    expected_files: int | None = None,
) -> Upload:
    """Return a new batch, ready to receive files."""
    upload = Upload.objects.create(
        site=department.site,
        department=department,
        created_by=created_by,
        source=source,
        claim_reference=claim_reference[:64],
        expected_files=expected_files,
    )
    append_event(
        kind=EventKind.UPLOAD_OPENED,
        site=department.site,
        actor=created_by,
        subject=f"upload:{upload.pk}",
        data={"source": source.value, "department": department.slug},
    )
    return upload


@transaction.atomic
def receive_file(
    *,
    upload: Upload,
    file_name: str,
    stored: StoredBytes,
    is_queued: bool = True,
) -> UploadItem:
    """Return the item of a file whose bytes are in the store; from here none is lost.

    is_queued: False where the caller ingests it itself at once.
    Raises Conflict if the upload was cancelled.
    """
    if _is_cancelled(upload):
        raise Conflict("The upload was cancelled.", code="upload_cancelled")
    item = UploadItem.objects.create(
        upload=upload,
        file_name=_clean_name(file_name),
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
    )
    append_event(
        kind=EventKind.FILE_RECEIVED,
        site=upload.site,
        actor=upload.created_by,
        subject=f"item:{item.pk}",
        data={"sha256": stored.sha256, "size_bytes": stored.size_bytes},
    )
    _announce(item)
    if is_queued:
        enqueue("apps.imaging.tasks.ingest_item", item_id=str(item.pk))
    return item


@transaction.atomic
def receive_member(
    *,
    archive: UploadItem,
    index: int,
    file_name: str,
    stored: StoredBytes,
    refusal: RejectedInput | None = None,
) -> UploadItem | None:
    """Return the item of one archive member; unpacking again finds the same one.

    refusal: the member goes to quarantine at once, so that no worker reads it.
    None if the upload was cancelled.
    """
    if _is_cancelled(archive.upload):
        return None
    item, created = UploadItem.objects.get_or_create(
        parent=archive,
        member_index=index,
        defaults={
            "upload": archive.upload,
            "file_name": _clean_name(file_name),
            "sha256": stored.sha256,
            "size_bytes": stored.size_bytes,
        },
    )
    if created:
        append_event(
            kind=EventKind.FILE_RECEIVED,
            site=archive.upload.site,
            actor=archive.upload.created_by,
            subject=f"item:{item.pk}",
            data={
                "sha256": stored.sha256,
                "size_bytes": stored.size_bytes,
                "archive": str(archive.pk),
            },
        )
        if refusal is not None:
            return quarantine_item(item=item, refusal=refusal)
        _announce(item)
        enqueue("apps.imaging.tasks.ingest_item", item_id=str(item.pk))
    return item


def claim_item(*, item_id: str) -> UploadItem | None:
    """Return the item if this worker may work on it now, else None.

    An expired lease may be claimed again: its worker is dead. 1 update, 1 query.
    """
    now = timezone.now()
    claimed = (
        UploadItem.objects.filter(pk=item_id, status__in=PENDING_STATUSES)
        .filter(Q(lease_until=None) | Q(lease_until__lt=now))
        .update(
            lease_until=now + dt.timedelta(seconds=settings.LEASE_SECONDS),
            attempts=F("attempts") + 1,
        )
    )
    if claimed != 1:
        return None
    return UploadItem.objects.select_related(
        "upload__site", "upload__department__site", "upload__created_by"
    ).get(pk=item_id)


def extend_lease(*, item: UploadItem) -> bool:
    """Keep hold of an item whose work is long (an archive). 1 update.

    False if the lease is no longer ours: it ran out and another worker has the item,
    or the upload was cancelled. Then the caller must stop.
    """
    lease_until = timezone.now() + dt.timedelta(seconds=settings.LEASE_SECONDS)
    held = _held(item).update(lease_until=lease_until)
    if held == 1:
        item.lease_until = lease_until
    return held == 1


def release_item(*, item: UploadItem, is_attempt_counted: bool = True) -> None:
    """Give the lease back, so that a retry may claim the item at once.

    A lease that another worker took over in the meantime stays with that worker.
    is_attempt_counted: False where the file is not to blame (a store out of reach);
    an outage must not use up the attempts of every film that arrives in it.
    """
    if is_attempt_counted:
        _held(item).update(lease_until=None)
    else:
        _held(item).update(lease_until=None, attempts=F("attempts") - 1)


def _held(item: UploadItem) -> QuerySet[UploadItem]:
    return UploadItem.objects.filter(
        pk=item.pk, status__in=PENDING_STATUSES, lease_until=item.lease_until
    )


def lock_pending_item(*, item: UploadItem) -> bool:
    """Return whether the item still waits; it does so until the transaction ends."""
    waiting = UploadItem.objects.select_for_update().filter(
        pk=item.pk, status__in=PENDING_STATUSES
    )
    return waiting.values_list("pk", flat=True).first() is not None


@transaction.atomic
def settle_item(
    *,
    item: UploadItem,
    status: ItemStatus,
    code: str = "",
    reason: str = "",
    image: Image | None = None,
) -> UploadItem:
    """Record how an item ended. A cancelled or settled item stays as it is."""
    changed = UploadItem.objects.filter(pk=item.pk, status__in=PENDING_STATUSES).update(
        status=status,
        code=code,
        reason=reason[:300],
        image=image,
        lease_until=None,
        settled_at=timezone.now(),
        version=F("version") + 1,
    )
    item.refresh_from_db()
    if changed == 1:
        _record_settled(item)
        _announce(item)
        item_settled.send(sender=UploadItem, item=item)
    return item


def quarantine_item(*, item: UploadItem, refusal: RejectedInput) -> UploadItem:
    """Keep a file that cannot be used, with the reason."""
    return settle_item(
        item=item,
        status=ItemStatus.QUARANTINED,
        code=refusal.code,
        reason=refusal.message,
    )


@transaction.atomic
def mark_unpacking(*, item: UploadItem) -> None:
    """Show that an archive is being unpacked."""
    UploadItem.objects.filter(pk=item.pk, status=ItemStatus.RECEIVED).update(
        status=ItemStatus.UNPACKING, version=F("version") + 1
    )
    # Not the lease: it may be another worker's by now, and is not to be taken for ours.
    item.refresh_from_db(fields=["status", "version"])
    _announce(item)


@transaction.atomic
def cancel_upload(*, upload: Upload, actor: User) -> Upload:
    """Cancel what waits; what is stored stays. Cancelling twice changes nothing."""
    changed = Upload.objects.filter(pk=upload.pk, is_cancelled=False).update(
        is_cancelled=True
    )
    upload.refresh_from_db()
    if changed == 1:
        waiting = UploadItem.objects.filter(
            upload=upload, status__in=PENDING_STATUSES
        ).update(
            status=ItemStatus.CANCELLED,
            lease_until=None,
            settled_at=timezone.now(),
            version=F("version") + 1,
        )
        append_event(
            kind=EventKind.UPLOAD_CANCELLED,
            site=upload.site,
            actor=actor,
            subject=f"upload:{upload.pk}",
            data={"cancelled_files": waiting},
        )
        push(UploadChanged(site_id=str(upload.site_id), id=str(upload.pk)))
    return upload


def requeue_stranded_items() -> int:
    """Return how many items were sent again: their task or their worker was lost.

    Items that were tried too often are quarantined, so that a poisoned file cannot
    keep killing workers.
    """
    now = timezone.now()
    stranded = (
        UploadItem.objects.filter(status__in=PENDING_STATUSES)
        .filter(
            Q(lease_until__lt=now)
            | Q(
                lease_until=None,
                queued_at__lt=now - dt.timedelta(seconds=settings.LEASE_SECONDS),
            )
        )
        .select_related("upload__site", "upload__created_by")
        .order_by("queued_at")[:1000]
    )
    sent = 0
    for item in stranded:
        if item.attempts >= MAX_ATTEMPTS:
            settle_item(
                item=item,
                status=ItemStatus.QUARANTINED,
                code="worker_lost",
                reason="Reading this file failed several times.",
            )
            continue
        with transaction.atomic():
            UploadItem.objects.filter(pk=item.pk).update(queued_at=now)
            enqueue("apps.imaging.tasks.ingest_item", item_id=str(item.pk))
        sent += 1
    return sent


def _is_cancelled(upload: Upload) -> bool:
    # Locked, so that a cancel cannot slip in between the look and the new item.
    locked = Upload.objects.select_for_update().values_list("is_cancelled", flat=True)
    return locked.get(pk=upload.pk)


def _record_settled(item: UploadItem) -> None:
    kinds = {
        ItemStatus.QUARANTINED: EventKind.FILE_QUARANTINED,
        ItemStatus.DUPLICATE: EventKind.FILE_DUPLICATED,
    }
    kind = kinds.get(ItemStatus(item.status))
    if kind is None:
        return
    append_event(
        kind=kind,
        site=item.upload.site,
        actor=item.upload.created_by,
        subject=f"item:{item.pk}",
        data={"sha256": item.sha256, "code": item.code},
    )


def _announce(item: UploadItem) -> None:
    site_id = str(item.upload.site_id)
    upload_id = str(item.upload_id)
    push(
        UploadItemChanged(
            site_id=site_id,
            id=str(item.pk),
            version=item.version,
            upload_id=upload_id,
            status=str(item.status),
        )
    )
    push(UploadChanged(site_id=site_id, id=upload_id))


def _clean_name(name: str) -> str:
    """Return a name fit to show: printable, the end kept if it is too long."""
    printable = "".join(c for c in name if c.isprintable()).strip()
    return printable[-255:] or "unnamed"
