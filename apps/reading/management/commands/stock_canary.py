"""`manage.py stock_canary PATH...`: films of known truth for a department's stock."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import Department, Site, User
from apps.accounts.selectors import get_department
from apps.core.errors import NotFound, RequestError
from apps.core.objects import iter_file, put_stream
from apps.reading.canary_models import Truth
from apps.reading.services.canary_stock import stock_canary
from workers.errors import RejectedInput


class Command(BaseCommand):
    """Stock canaries, and tell what became of each file."""

    help = "Take films of known truth into the stock of canaries of a department."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--site", required=True, help="slug")
        parser.add_argument("--worklist", required=True, help="slug")
        parser.add_argument("--truth", required=True, choices=Truth.values)
        parser.add_argument("--by", required=True, help="the lead's user name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Stock; exit status 1 if any file was refused."""
        department, lead = _find(options)
        refused = 0
        for path in options["paths"]:
            try:
                stored = put_stream(iter_file(path), max_bytes=settings.MAX_FILE_BYTES)
                stock_canary(
                    department=department,
                    stored=stored,
                    truth=Truth(options["truth"]),
                    added_by=lead,
                )
            except (RequestError, RejectedInput, OSError) as error:
                refused += 1
                self.stderr.write(f"{path}: refused ({_words(error)})")
            else:
                self.stdout.write(f"{path}: stocked")
        if refused:
            raise CommandError(f"{refused} of {len(options['paths'])} files refused.")


def _find(options: dict[str, Any]) -> tuple[Department, User]:
    site = Site.objects.filter(slug=options["site"]).first()
    lead = User.objects.filter(username=options["by"], site=site).first()
    if site is None or lead is None:
        raise CommandError("There is no such site, or no such person there.")
    try:
        return get_department(site=site, slug=options["worklist"]), lead
    except NotFound as error:
        raise CommandError("There is no such worklist.") from error


def _words(error: RequestError | RejectedInput | OSError) -> str:
    if isinstance(error, RequestError):
        return error.detail
    if isinstance(error, RejectedInput):
        return error.message
    return error.strerror or "not readable"
