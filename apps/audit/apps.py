"""App configuration."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Events and the transparency log."""

    name = "apps.audit"
    label = "audit"
