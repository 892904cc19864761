"""App configuration."""

from django.apps import AppConfig


class DetectionConfig(AppConfig):
    """Analysis runs and evidence."""

    name = "apps.detection"
    label = "detection"
