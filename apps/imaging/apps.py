"""App configuration."""

from django.apps import AppConfig


class ImagingConfig(AppConfig):
    """Studies, ingest, quarantine."""

    name = "apps.imaging"
    label = "imaging"
