"""Which role may do what. What is not listed is denied."""

from __future__ import annotations

from enum import StrEnum

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from apps.accounts.models import Role, Site, User
from apps.core.errors import Denied


class Permission(StrEnum):
    """A right that an endpoint asks for by name."""

    READ_CASES = "read_cases"
    ADJUDICATE = "adjudicate"
    SET_POLICY = "set_policy"
    SET_MEMBERS = "set_members"
    UPLOAD = "upload"
    VIEW_QUARANTINE = "view_quarantine"
    VIEW_AUDIT = "view_audit"
    VIEW_INSIGHTS = "view_insights"
    EXPORT_LABELS = "export_labels"
    VIEW_MODELS = "view_models"
    ADMINISTER = "administer"
    ASSIGN_CASES = "assign_cases"
    SHARE_VIEWS = "share_views"
    EXPORT_CASES = "export_cases"
    KEEP_PRACTICE = "keep_practice"
    VIEW_DEVICES = "view_devices"
    MANAGE_DEVICES = "manage_devices"


PERMISSIONS_BY_ROLE: dict[str, frozenset[Permission]] = {
    Role.RADIOLOGIST: frozenset({Permission.READ_CASES, Permission.UPLOAD}),
    Role.LEAD: frozenset(
        {
            Permission.READ_CASES,
            Permission.ADJUDICATE,
            Permission.SET_POLICY,
            Permission.SET_MEMBERS,
            Permission.UPLOAD,
            Permission.VIEW_QUARANTINE,
            Permission.VIEW_AUDIT,
            Permission.VIEW_INSIGHTS,
            Permission.VIEW_MODELS,
            Permission.ASSIGN_CASES,
            Permission.SHARE_VIEWS,
            Permission.EXPORT_CASES,
            Permission.KEEP_PRACTICE,
            Permission.VIEW_DEVICES,
        }
    ),
    Role.ML: frozenset(
        {
            Permission.EXPORT_LABELS,
            Permission.VIEW_MODELS,
            Permission.KEEP_PRACTICE,
        }
    ),
    Role.ADMIN: frozenset(
        {
            Permission.ADMINISTER,
            Permission.SET_MEMBERS,
            Permission.UPLOAD,
            Permission.VIEW_QUARANTINE,
            Permission.VIEW_AUDIT,
            Permission.VIEW_MODELS,
            Permission.VIEW_DEVICES,
            Permission.MANAGE_DEVICES,
        }
    ),
    Role.INTEGRATION: frozenset({Permission.UPLOAD}),
}


def permissions_of(user: AbstractBaseUser | AnonymousUser) -> frozenset[Permission]:
    """Return the rights of a user; none for strangers and for users without a site."""
    if not isinstance(user, User) or not user.is_active or user.site_id is None:
        return frozenset()
    return PERMISSIONS_BY_ROLE.get(user.role, frozenset())


def require(
    user: AbstractBaseUser | AnonymousUser, permission: Permission
) -> tuple[User, Site]:
    """Return the user and their site. Raises Denied without the right."""
    if permission not in permissions_of(user):
        raise Denied("Your role does not allow this.")
    assert isinstance(user, User)
    assert user.site is not None
    return user, user.site
