"""Doorways for Celery."""

from __future__ import annotations

from apps.core.queue import task
from apps.detection.services import (
    claim_run,
    execute_run,
    release_run,
    requeue_stranded_runs,
)


@task(time_limit_s=900)
def run_detection(*, run_id: str) -> None:
    """Execute one analysis run, unless another worker has it or it is over."""
    run = claim_run(run_id=run_id)
    if run is None:
        return
    try:
        execute_run(run=run)
    finally:
        release_run(run=run)


@task(time_limit_s=60)
def sweep_runs() -> None:
    """Send runs again whose task or worker was lost."""
    requeue_stranded_runs()
