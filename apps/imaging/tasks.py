"""Doorways for Celery."""

from __future__ import annotations

from apps.core.objects import remove_abandoned_parts
from apps.core.queue import task
from apps.imaging.services.ingest import take_item
from apps.imaging.services.uploads import requeue_stranded_items


@task(time_limit_s=900)
def ingest_item(*, item_id: str) -> None:
    """Ingest one received file, unless another worker has it or it is settled."""
    take_item(item_id=item_id)


@task(time_limit_s=60)
def sweep_uploads() -> None:
    """Send items again whose task or worker was lost; clear what uploads left."""
    requeue_stranded_items()
    remove_abandoned_parts()
