"""App configuration."""

import importlib

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Sites, users, roles, tokens."""

    name = "apps.accounts"
    label = "accounts"
    verbose_name = _("People and departments")

    def ready(self) -> None:
        """Connect the signal receivers; models exist only now."""
        importlib.import_module("apps.accounts.signals")
