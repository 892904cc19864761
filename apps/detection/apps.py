"""App configuration."""

import importlib

from django.apps import AppConfig


class DetectionConfig(AppConfig):
    """Analysis runs and evidence."""

    name = "apps.detection"
    label = "detection"

    def ready(self) -> None:
        """Connect the signal receivers; models exist only now."""
        importlib.import_module("apps.detection.receivers")
