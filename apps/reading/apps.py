"""App configuration."""

import importlib

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReadingConfig(AppConfig):
    """Worklists, reads, verdicts."""

    name = "apps.reading"
    label = "reading"
    verbose_name = _("Reading")

    def ready(self) -> None:
        """Connect signal receivers and checks; models exist only now."""
        importlib.import_module("apps.reading.receivers")
        importlib.import_module("apps.reading.signing_key")
