"""App configuration."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The project package: templates and commands that belong to no single app."""

    name = "apps.config"
    label = "config"
