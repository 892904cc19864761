"""App configuration."""

from django.apps import AppConfig


class ReadingConfig(AppConfig):
    """Worklists, reads, verdicts."""

    name = "apps.reading"
    label = "reading"
