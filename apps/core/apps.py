"""App configuration."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Base model, errors, queue, push, object store; imports no other app."""

    name = "apps.core"
    label = "core"
