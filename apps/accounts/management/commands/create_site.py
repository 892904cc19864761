"""`manage.py create_site`: a site with its departments."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.accounts.models import Department, ReadingMode, Site


class Command(BaseCommand):
    """Create a site and its departments."""

    help = "Create a site; give each department as SLUG=NAME."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("slug")
        parser.add_argument("name")
        parser.add_argument("--blind", action="append", default=[], metavar="SLUG=NAME")
        parser.add_argument(
            "--triage", action="append", default=[], metavar="SLUG=NAME"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Create all or nothing."""
        wanted = [(text, ReadingMode.BLIND_FIRST) for text in options["blind"]]
        wanted += [(text, ReadingMode.TRIAGE) for text in options["triage"]]
        try:
            with transaction.atomic():
                site = Site(slug=options["slug"], name=options["name"])
                site.full_clean()
                site.save()
                for position, (text, mode) in enumerate(wanted):
                    slug, _, name = text.partition("=")
                    department = Department(
                        site=site,
                        slug=slug,
                        name=name or slug,
                        reading_mode=mode,
                        position=position,
                    )
                    department.full_clean()
                    department.save()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"Site {site.slug} with {len(wanted)} departments.")
