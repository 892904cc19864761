"""What detection does when a lower app tells it something."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from apps.detection.services import create_run
from apps.imaging.models import Image
from apps.imaging.signals import image_registered


@receiver(image_registered)
def analyse_registered_image(image: Image, **_: Any) -> None:
    """Queue an analysis for every new image."""
    create_run(image=image)
