"""Doorways for Celery."""

from __future__ import annotations

from apps.core.queue import task
from apps.imaging.services.ingest import ingest_claimed_item
from apps.imaging.services.uploads import (
    claim_item,
    release_item,
    requeue_stranded_items,
)


@task(time_limit_s=900)
def ingest_item(*, item_id: str) -> None:
    """Ingest one received file, unless another worker has it or it is settled."""
    item = claim_item(item_id=item_id)
    if item is None:
        return
    try:
        ingest_claimed_item(item=item)
    finally:
        release_item(item=item)


@task(time_limit_s=60)
def sweep_uploads() -> None:
    """Send items again whose task or worker was lost."""
    requeue_stranded_items()
