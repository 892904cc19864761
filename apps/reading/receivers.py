"""What reading does when a lower app tells it something."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from apps.accounts.models import User
from apps.detection.models import AnalysisRun
from apps.detection.signals import lane_reported, run_changed
from apps.imaging.models import Image
from apps.imaging.signals import image_registered
from apps.reading.services.cases import (
    add_image_to_case,
    follow_analysis,
    follow_lane,
)


@receiver(image_registered)
def open_case_for_image(image: Image, actor: User | None, **_: Any) -> None:
    """Open the study's case, or add the image to it."""
    add_image_to_case(image=image, actor=actor)


@receiver(run_changed)
def follow_run(run: AnalysisRun, **_: Any) -> None:
    """Bring the case up to date when a run was created or ended."""
    follow_analysis(run=run)


@receiver(lane_reported)
def follow_reported_lane(run: AnalysisRun, **_: Any) -> None:
    """Count one more lane."""
    follow_lane(run=run)
