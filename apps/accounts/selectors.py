"""Reads on sites and departments."""

from __future__ import annotations

from apps.accounts.key_models import KeyMap
from apps.accounts.models import Department, Role, Site, User
from apps.accounts.permissions import PERMISSIONS_BY_ROLE, Permission
from apps.core.errors import NotFound


def list_departments(*, site: Site) -> list[Department]:
    """Return the site's departments in display order. 1 query."""
    return list(Department.objects.filter(site=site))


def get_department(*, site: Site, slug: str) -> Department:
    """Return a department of the site. Raises NotFound."""
    department = (
        Department.objects.select_related("site").filter(site=site, slug=slug).first()
    )
    if department is None:
        raise NotFound("There is no such worklist.")
    return department


def list_readers(*, site: Site) -> list[User]:
    """Return the people of a site who may read cases, by name. 1 query."""
    roles = [
        role for role in Role if Permission.READ_CASES in PERMISSIONS_BY_ROLE[role]
    ]
    people = User.objects.filter(site=site, is_active=True, role__in=roles)
    return sorted(people, key=str)


def keys_of(*, user: User) -> tuple[dict[str, list[str]], bool]:
    """Return what a person changed of the keys, and whether keys that are one character
    work. 1 query."""
    row = KeyMap.objects.filter(owner=user).first()
    return (row.keys, row.single_keys) if row is not None else ({}, True)
