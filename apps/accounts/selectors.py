"""Reads on sites and departments."""

from __future__ import annotations

from apps.accounts.models import Department, Site
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
