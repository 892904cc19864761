"""App configuration."""

import importlib

from django.apps import AppConfig


class ReadingConfig(AppConfig):
    """Worklists, reads, verdicts."""

    name = "apps.reading"
    label = "reading"

    def ready(self) -> None:
        """Connect the signal receivers; models exist only now."""
        importlib.import_module("apps.reading.receivers")
