"""What learning does when a lower app tells it something."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from apps.accounts.models import Site
from apps.core.errors import Conflict
from apps.learning.services.practice_films import is_practised
from apps.reading.signals import canary_offered
from workers.types import DecodedImage


@receiver(canary_offered)
def refuse_practice_film(site: Site, film: DecodedImage, **_: Any) -> None:
    """Refuse a canary whose truth practice tells: a miss on it would measure nothing.

    Raises Conflict (`film_known`).
    """
    if is_practised(site=site, film=film):
        raise Conflict("The site practises on this picture.", code="film_known")
