"""App configuration."""

import importlib

from django.apps import AppConfig


class DetectionConfig(AppConfig):
    """Analysis runs and evidence."""

    name = "apps.detection"
    label = "detection"

    def ready(self) -> None:
        """Connect signal receivers and checks; models exist only now."""
        importlib.import_module("apps.detection.receivers")
        importlib.import_module("apps.detection.trust")
