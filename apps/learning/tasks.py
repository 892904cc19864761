"""Doorways for Celery."""

from __future__ import annotations

from apps.core.queue import task
from apps.learning.services.practice_films import (
    analyse_film,
    claim_film,
    release_film,
    requeue_stranded_films,
)


@task(time_limit_s=900)
def analyse_practice_film(*, film_id: str) -> None:
    """Ask the lanes about a practice film, unless another worker does or has."""
    film = claim_film(film_id=film_id)
    if film is None:
        return
    try:
        analyse_film(film=film)
    finally:
        release_film(film=film)


@task(time_limit_s=60)
def sweep_practice_films() -> None:
    """Send practice films again whose task or worker was lost."""
    requeue_stranded_films()
