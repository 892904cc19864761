"""`manage.py ingest PATH...`: take films from folders, files and zips."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import Site
from apps.accounts.selectors import get_department, list_departments
from apps.core.errors import NotFound, TooLarge
from apps.core.objects import iter_file, put_stream
from apps.imaging.models import Upload, UploadSource
from apps.imaging.services.ingest import take_item
from apps.imaging.services.uploads import open_upload, receive_file


class Command(BaseCommand):
    """Ingest files at once and tell what became of each; lanes run in the workers."""

    help = "Ingest films: files, folders (walked) and zip archives."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument(
            "--site", default="", help="slug; the only site if left out"
        )
        parser.add_argument(
            "--worklist", default="", help="slug; the first if left out"
        )
        parser.add_argument("--claim-reference", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ingest; exit status 1 if any file could not be taken."""
        missing = [path for path in options["paths"] if not path.exists()]
        if missing:
            raise CommandError(f"No such file or folder: {missing[0]}")
        upload = self._open_upload(options)
        counts: dict[str, int] = {}
        for path in _walk(options["paths"]):
            status = self._take(upload, path)
            counts[status] = counts.get(status, 0) + 1
        summary = ", ".join(f"{n} {status}" for status, n in sorted(counts.items()))
        self.stdout.write(f"{summary or 'No files'}. Upload {upload.pk}")
        if set(counts) - {"stored", "duplicate"}:
            raise CommandError("Some files were not taken; see the lines above.")

    def _open_upload(self, options: dict[str, Any]) -> Upload:
        sites = Site.objects.all()
        if options["site"]:
            sites = sites.filter(slug=options["site"])
        if len(sites) != 1:
            raise CommandError("Name one site with --site.")
        try:
            if options["worklist"]:
                department = get_department(site=sites[0], slug=options["worklist"])
            else:
                department = list_departments(site=sites[0])[0]
        except (NotFound, IndexError) as error:
            raise CommandError("There is no such worklist.") from error
        return open_upload(
            department=department,
            created_by=None,
            source=UploadSource.COMMAND,
            claim_reference=options["claim_reference"],
        )

    def _take(self, upload: Upload, path: Path) -> str:
        try:
            stored = put_stream(iter_file(path), max_bytes=settings.MAX_FILE_BYTES)
        except TooLarge as error:
            self.stderr.write(f"{path}: {error.detail}")
            return "too large"
        except OSError as error:
            self.stderr.write(f"{path}: {error.strerror}")
            return "not readable"
        item = receive_file(
            upload=upload, file_name=str(path), stored=stored, is_queued=False
        )
        item = take_item(item_id=str(item.pk)) or item
        line = f"{path}: {item.status}"
        if item.reason:
            line += f" ({item.reason})"
        self.stdout.write(line)
        return str(item.status)


def _walk(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file())
        else:
            yield path
