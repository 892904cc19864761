"""Rows for tests: people, sites, and films that go through real ingest."""

from __future__ import annotations

from pathlib import Path

import factory
from factory.django import DjangoModelFactory

from apps.accounts.models import Department, ReadingMode, Role, Site, User
from apps.core.objects import iter_file, put_stream
from apps.imaging.models import Upload, UploadItem, UploadSource
from apps.imaging.services.uploads import open_upload, receive_file

PASSWORD = "correct horse battery"


class SiteFactory(DjangoModelFactory[Site]):
    """A site."""

    class Meta:
        model = Site

    name = factory.Sequence(lambda n: f"Hospital {n}")
    slug = factory.Sequence(lambda n: f"hospital-{n}")


class DepartmentFactory(DjangoModelFactory[Department]):
    """A blind-first department."""

    class Meta:
        model = Department

    site = factory.SubFactory(SiteFactory)
    slug = factory.Sequence(lambda n: f"department-{n}")
    name = factory.LazyAttribute(lambda row: row.slug.title())
    reading_mode = ReadingMode.BLIND_FIRST


class UserFactory(DjangoModelFactory[User]):
    """A radiologist."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user-{n}")
    display_name = factory.LazyAttribute(lambda row: row.username.title())
    site = factory.SubFactory(SiteFactory)
    role = Role.RADIOLOGIST
    password = factory.django.Password(PASSWORD)


def make_upload(department: Department, created_by: User | None = None) -> Upload:
    """Return an open upload."""
    return open_upload(
        department=department, created_by=created_by, source=UploadSource.API
    )


def take_file(upload: Upload, path: Path, *, is_queued: bool = True) -> UploadItem:
    """Return the item of a file that was received.

    Its task, and the analysis after it, run at once where commits run their callbacks
    (transactional tests, or `django_capture_on_commit_callbacks`).
    """
    stored = put_stream(iter_file(path), max_bytes=1 << 30)
    item = receive_file(
        upload=upload, file_name=path.name, stored=stored, is_queued=is_queued
    )
    item.refresh_from_db()
    return item
