"""App configuration."""

import importlib

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LearningConfig(AppConfig):
    """Labels and model versions."""

    name = "apps.learning"
    label = "learning"
    verbose_name = _("Practice")

    def ready(self) -> None:
        """Connect the signal receivers; models exist only now."""
        importlib.import_module("apps.learning.receivers")
