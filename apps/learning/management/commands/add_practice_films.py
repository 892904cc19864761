"""`manage.py add_practice_films LIST`: films with a known truth to practise on."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import Site
from apps.core.errors import Conflict, RequestError
from apps.core.objects import iter_file, put_stream
from apps.learning.models import PracticeKind
from apps.learning.services.practice_films import PracticeFacts, add_practice_film
from workers.errors import RejectedInput

FIELDS = {"file", "description", "kind", "explanation", "reason_codes", "regions"}


class Command(BaseCommand):
    """Add films to a site's practice set; the lanes look at them in the workers."""

    help = (
        "Add films with a known truth to the practice set. LIST is a JSON file: "
        "[{file, description, kind, explanation, reason_codes, regions}]."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("list", type=Path, metavar="LIST")
        parser.add_argument(
            "--site", default="", help="slug; the only site if left out"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Add the films; exit status 1 if one could not be taken. Run again, it only
        adds what is missing."""
        sites = Site.objects.all()
        if options["site"]:
            sites = sites.filter(slug=options["site"])
        if len(sites) != 1:
            raise CommandError("Name one site with --site.")
        counts = {"added": 0, "known": 0, "refused": 0}
        for number, entry in enumerate(_read_list(options["list"]), start=1):
            outcome, words = _add(sites[0], options["list"].parent, entry)
            counts[outcome] += 1
            self.stdout.write(f"  {number}: {words}")
        summary = ", ".join(f"{n} {outcome}" for outcome, n in counts.items())
        self.stdout.write(f"{summary}.")
        if counts["refused"]:
            raise CommandError("Some films were refused; see the lines above.")


def _read_list(path: Path) -> list[dict[str, Any]]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read as JSON.") from error
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise CommandError(f"{path} holds no list of films.")
    return entries


def _add(site: Site, folder: Path, entry: dict[str, Any]) -> tuple[str, str]:
    """Return added, known or refused, and a line about it."""
    unknown = set(entry) - FIELDS
    missing = {"file", "description", "kind", "explanation"} - set(entry)
    if unknown or missing:
        return "refused", f"fields {sorted(unknown | missing)} unknown or missing"
    if entry["kind"] not in PracticeKind.values:
        return "refused", f"kind is one of {', '.join(PracticeKind.values)}"
    try:
        stored = put_stream(
            iter_file(folder / entry["file"]), max_bytes=settings.MAX_FILE_BYTES
        )
        film = add_practice_film(
            site=site,
            stored=stored,
            facts=PracticeFacts(
                description=str(entry["description"]),
                kind=PracticeKind(entry["kind"]),
                explanation=str(entry["explanation"]),
                reason_codes=tuple(entry.get("reason_codes", ())),
                regions=tuple(entry.get("regions", ())),
            ),
        )
    except OSError as error:
        return "refused", str(error.strerror)
    except RequestError as error:
        is_known = isinstance(error, Conflict) and error.code == "film_known"
        return "known" if is_known else "refused", error.detail
    except RejectedInput as error:
        return "refused", error.message
    return "added", f"{film.pk} {film.kind}"
