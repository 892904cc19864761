"""Reads on sites, departments and who belongs to them."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.accounts.key_models import KeyMap
from apps.accounts.models import Department, Role, Site, User
from apps.accounts.permissions import PERMISSIONS_BY_ROLE, Permission
from apps.core.errors import NotFound


def departments_of(user: User) -> QuerySet[Department]:
    """Return the departments a person belongs to, of their site, in display order.

    Everything that is served of a department is cut to these: lists, cases, images,
    news, figures, exports. A membership at a former site counts for nothing.
    """
    return Department.objects.filter(
        site=user.site_id, memberships__user=user, memberships__ended_at=None
    )


def get_own_department(*, user: User, slug: str) -> Department:
    """Return a department the person belongs to. Raises NotFound. 1 query."""
    department = departments_of(user).select_related("site").filter(slug=slug).first()
    if department is None:
        raise NotFound("There is no such worklist.")
    return department


def list_departments(*, site: Site) -> list[Department]:
    """Return the site's departments in display order: for commands. 1 query."""
    return list(Department.objects.filter(site=site))


def get_department(*, site: Site, slug: str) -> Department:
    """Return a department of the site: for commands. Raises NotFound."""
    department = (
        Department.objects.select_related("site").filter(site=site, slug=slug).first()
    )
    if department is None:
        raise NotFound("There is no such worklist.")
    return department


def is_member(*, user: User, department: Department) -> bool:
    """Return whether a person belongs to a department. 1 query."""
    return departments_of(user).filter(pk=department.pk).exists()


def list_readers(*, department: Department) -> list[User]:
    """Return the people of a department who may read cases, by name. 1 query."""
    roles = [
        role for role in Role if Permission.READ_CASES in PERMISSIONS_BY_ROLE[role]
    ]
    people = User.objects.filter(
        site=department.site_id,
        memberships__department=department,
        memberships__ended_at=None,
        is_active=True,
        role__in=roles,
    )
    return sorted(people, key=str)


def keys_of(*, user: User) -> tuple[dict[str, list[str]], bool]:
    """Return what a person changed of the keys, and whether keys that are one character
    work. 1 query."""
    row = KeyMap.objects.filter(owner=user).first()
    return (row.keys, row.single_keys) if row is not None else ({}, True)
