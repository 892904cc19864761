"""`manage.py create_token`: a bearer token for an integration."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.accounts.models import Role, Site, User
from apps.accounts.services import issue_token
from apps.core.errors import Invalid


class Command(BaseCommand):
    """Issue a token; its integration user is created if it is new."""

    help = "Issue a bearer token for an integration; it is printed once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("username")
        parser.add_argument("--site", required=True, help="slug")
        parser.add_argument("--name", default="command line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Issue the token."""
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None:
            raise CommandError("There is no such site.")
        with transaction.atomic():
            user, created = User.objects.get_or_create(
                username=options["username"],
                defaults={"site": site, "role": Role.INTEGRATION},
            )
            if created:
                user.set_unusable_password()
                user.save(update_fields=["password"])
            if user.site_id != site.pk:
                raise CommandError("That user belongs to another site.")
            try:
                _, secret = issue_token(
                    user=user, name=options["name"], created_by=None
                )
            except Invalid as error:
                raise CommandError(error.detail) from error
        self.stdout.write(secret)
