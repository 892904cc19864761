"""Fixtures: Alice and Bob read at one site, Charlie at another; Lena leads, Max learns,
Ada administers, a script sends films by token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client

from apps.accounts.models import Department, ReadingMode, Role, Site, User
from apps.accounts.services import issue_token
from tests.factories import (
    DepartmentFactory,
    SiteFactory,
    UserFactory,
    seed_reason_codes,
)


@dataclass(frozen=True)
class Hospital:
    """A site with a blind-first and a triage department, and its people."""

    site: Site
    blind: Department
    triage: Department
    alice: User
    bob: User
    lena: User
    max: User
    ada: User
    script: User


@pytest.fixture(autouse=True)
def fresh_folder(settings: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give every test its own object store."""
    # Beside tmp_path and not in it: that one belongs to the test.
    folder = tmp_path_factory.mktemp("data")
    (folder / "incoming").mkdir()
    settings.DATA_DIR = folder  # type: ignore[attr-defined]
    settings.FILE_UPLOAD_TEMP_DIR = str(folder / "incoming")  # type: ignore[attr-defined]
    storages = dict(settings.STORAGES)  # type: ignore[attr-defined]
    options = {**storages["objects"]["OPTIONS"], "location": str(folder / "objects")}
    storages["objects"] = {**storages["objects"], "OPTIONS": options}
    settings.STORAGES = storages  # type: ignore[attr-defined]


@pytest.fixture
def hospital(db: None) -> Hospital:
    """Return a site with everyone who works there."""
    seed_reason_codes()
    site = SiteFactory.create(name="North", slug="north")

    def person(name: str, role: Role) -> User:
        return UserFactory.create(
            username=name, display_name=name.title(), site=site, role=role
        )

    return Hospital(
        site=site,
        blind=DepartmentFactory.create(site=site, slug="emergency", position=0),
        triage=DepartmentFactory.create(
            site=site, slug="claims", position=1, reading_mode=ReadingMode.TRIAGE
        ),
        alice=person("alice", Role.RADIOLOGIST),
        bob=person("bob", Role.RADIOLOGIST),
        lena=person("lena", Role.LEAD),
        max=person("max", Role.ML),
        ada=person("ada", Role.ADMIN),
        script=person("script", Role.INTEGRATION),
    )


@pytest.fixture
def charlie(db: None) -> User:
    """Return a stranger: a radiologist of another site."""
    return UserFactory.create(
        username="charlie", site=SiteFactory.create(name="South", slug="south")
    )


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """Return a function that signs a person in and returns their browser."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def bearer(hospital: Hospital) -> dict[str, str]:
    """Return the headers of the hospital's script."""
    _, secret = issue_token(user=hospital.script, name="test", created_by=None)
    return {"Authorization": f"Bearer {secret}"}
