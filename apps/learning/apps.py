"""App configuration."""

from django.apps import AppConfig


class LearningConfig(AppConfig):
    """Labels and model versions."""

    name = "apps.learning"
    label = "learning"
