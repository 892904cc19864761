"""App configuration."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Read-only figures for leads."""

    name = "apps.insights"
    label = "insights"
