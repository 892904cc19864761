"""App configuration."""

import importlib

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Sites, users, roles, tokens."""

    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Connect the signal receivers; models exist only now."""
        importlib.import_module("apps.accounts.signals")
