"""Doorways for Celery."""

from __future__ import annotations

from apps.core.queue import task
from apps.reading.services.audits import (
    drop_unread_audits,
    end_closed_audits,
    open_due_audits,
)
from apps.reading.services.canaries import release_canary, send_due_canaries
from apps.reading.services.waiting import promote_waiting


@task(time_limit_s=60)
def promote_waiting_cases() -> None:
    """Move up the cases that waited longer than their departments allow."""
    promote_waiting()


@task(time_limit_s=300)
def release_drawn_canary(*, release_id: str) -> None:
    """Send a drawn canary in, unless that was done or it is dropped."""
    release_canary(release_id=release_id)


@task(time_limit_s=60)
def sweep_canaries() -> None:
    """Send a task for each canary that is due soon."""
    send_due_canaries()


@task(time_limit_s=300)
def sweep_audits() -> None:
    """Send drawn cases to the department that audits, and back what is closed there or
    was not read in time."""
    open_due_audits()
    end_closed_audits()
    drop_unread_audits()
