"""Doorways for Celery."""

from __future__ import annotations

from apps.core.queue import task
from apps.reading.services.waiting import promote_waiting


@task(time_limit_s=60)
def promote_waiting_cases() -> None:
    """Move up the cases that waited longer than their departments allow."""
    promote_waiting()
