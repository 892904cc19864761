"""App configuration."""

import importlib

from django.apps import AppConfig


class LearningConfig(AppConfig):
    """Labels and model versions."""

    name = "apps.learning"
    label = "learning"

    def ready(self) -> None:
        """Connect the signal receivers; models exist only now."""
        importlib.import_module("apps.learning.receivers")
