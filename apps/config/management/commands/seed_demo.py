"""`manage.py seed_demo`: a site, three worklists, six people, the demo studies."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from apps.accounts.models import Department, Membership, ReadingMode, Role, Site, User
from apps.core.errors import Conflict
from apps.core.objects import iter_file, put_stream
from apps.imaging.models import Upload, UploadSource
from apps.imaging.services.ingest import take_item
from apps.imaging.services.uploads import open_upload, receive_file
from apps.learning.models import PracticeKind
from apps.learning.services.practice_films import PracticeFacts, add_practice_film
from workers.demo import write_demo_studies
from workers.demo_practice import DemoPracticeFilm, write_practice_films
from workers.serialise import region_to_json

DEMO_SITE = "demo"
DEPARTMENTS = {
    "blind": ("emergency", "Emergency radiology", ReadingMode.BLIND_FIRST),
    "triage": ("claims", "Claims desk", ReadingMode.TRIAGE),
    "audit": ("audit", "Audit room", ReadingMode.BLIND_FIRST),
}
# Of the claims desk's cases; the audit room reads them blind a week later.
AUDIT_SHARE = Decimal("0.2")
DESKS = ("emergency", "claims")


@dataclass(frozen=True)
class DemoPerson:
    """A demo account, and the departments it belongs to."""

    username: str
    display_name: str
    role: Role
    rooms: tuple[str, ...] = DESKS


PEOPLE = (
    DemoPerson("radiologist", "R. First", Role.RADIOLOGIST),
    DemoPerson("second", "R. Second", Role.RADIOLOGIST),
    DemoPerson("auditor", "R. Third", Role.RADIOLOGIST, ("audit",)),
    DemoPerson("lead", "D. Lead", Role.LEAD, (*DESKS, "audit")),
    DemoPerson("ml", "M. Learner", Role.ML),
    DemoPerson("admin", "A. Admin", Role.ADMIN),
)


class Command(BaseCommand):
    """Seed the demo; run again, it only adds what is missing."""

    help = "Create the demo site, accounts and studies (never in production)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, with a line for every step: never a silent wait."""
        site = _create_site()
        accounts = _create_people(site)
        if accounts:
            _write_accounts(accounts)
        self.stdout.write("Making the demo studies (about half a minute) ...")
        with tempfile.TemporaryDirectory() as folder:
            films = write_demo_studies(Path(folder))
            uploads: dict[str, Upload] = {}
            for number, film in enumerate(films, start=1):
                upload = uploads.get(film.worklist) or _open_upload(site, film.worklist)
                uploads[film.worklist] = upload
                status = _take(upload, film.path)
                self.stdout.write(f"  {number}/{len(films)} {film.path.name}: {status}")
            added = add_practice_set(site, Path(folder) / "practice")
            self.stdout.write(f"  {added} films to practise on added")
        self.stdout.write("Demo seeded.")


@transaction.atomic
def _create_site() -> Site:
    site, _ = Site.objects.get_or_create(
        slug=DEMO_SITE, defaults={"name": "Demo hospital"}
    )
    for position, (slug, name, mode) in enumerate(DEPARTMENTS.values()):
        Department.objects.get_or_create(
            site=site,
            slug=slug,
            defaults={"name": name, "reading_mode": mode, "position": position},
        )
    room = Department.objects.get(site=site, slug="audit")
    desk = Department.objects.filter(site=site, slug="claims")
    desk.update(audit_share=AUDIT_SHARE, audit_department=room)
    return site


@transaction.atomic
def _create_people(site: Site) -> list[dict[str, str]]:
    """Return the accounts created now, with a password that only this copy has."""
    password = f"film-{secrets.token_hex(2)}-{secrets.token_hex(2)}"
    created = []
    for person in PEOPLE:
        if User.objects.filter(username=person.username).exists():
            continue
        is_admin = person.role == Role.ADMIN
        user = User(
            username=person.username,
            display_name=person.display_name,
            role=person.role,
            site=site,
            # On the staff pages a lead sets the reading policy and keeps the practice
            # set, an ML engineer the latter, and neither anything else.
            is_staff=is_admin or person.role in (Role.LEAD, Role.ML),
            is_superuser=is_admin,
        )
        user.set_password(password)
        user.save()
        for room in Department.objects.filter(site=site, slug__in=person.rooms):
            Membership.objects.create(department=room, user=user)
        created.append(
            {
                "username": person.username,
                "password": password,
                "role": str(person.role.label),
            }
        )
    return created


def _write_accounts(accounts: list[dict[str, str]]) -> None:
    path = Path(settings.DATA_DIR) / "demo_accounts.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(accounts, out, indent=2)


def _open_upload(site: Site, worklist: str) -> Upload:
    slug = DEPARTMENTS[worklist][0]
    return open_upload(
        department=Department.objects.select_related("site").get(site=site, slug=slug),
        created_by=None,
        source=UploadSource.COMMAND,
    )


def add_practice_set(site: Site, folder: Path) -> int:
    """Return how many films to practise on were added; what is there stays."""
    return sum(_add_practice_film(site, film) for film in write_practice_films(folder))


def _add_practice_film(site: Site, film: DemoPracticeFilm) -> bool:
    """Return whether the film was added; it may be there from an earlier seed."""
    stored = put_stream(iter_file(film.path), max_bytes=settings.MAX_FILE_BYTES)
    region = region_to_json(film.region)
    try:
        add_practice_film(
            site=site,
            stored=stored,
            facts=PracticeFacts(
                description=film.description,
                kind=PracticeKind(film.kind),
                explanation=film.explanation,
                reason_codes=film.reason_codes,
                regions=() if region is None else (region,),
            ),
        )
    except Conflict as error:
        if error.code != "film_known":
            raise
        return False
    return True


def _take(upload: Upload, path: Path) -> str:
    stored = put_stream(iter_file(path), max_bytes=settings.MAX_FILE_BYTES)
    item = receive_file(
        upload=upload, file_name=path.name, stored=stored, is_queued=False
    )
    return str((take_item(item_id=str(item.pk)) or item).status)
