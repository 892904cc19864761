"""App configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Sites, users, roles, tokens."""

    name = "apps.accounts"
    label = "accounts"
