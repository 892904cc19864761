"""Reads on notifications: each person's own, cut to what they may still know of."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.accounts.permissions import Permission, permissions_of
from apps.accounts.selectors import departments_of
from apps.core.pagination import (
    clamp_limit,
    decode_time_cursor,
    encode_time_cursor,
)
from apps.reading.notification_models import (
    ABOUT_CASES,
    ABOUT_UPLOADS,
    Notification,
)


def notifications_of(user: User) -> QuerySet[Notification]:
    """Return a person's own notifications, of what their role and their departments
    still let them see."""
    rights = permissions_of(user)
    told = Notification.objects.filter(user=user, site=user.site)
    rooms = departments_of(user)
    told = told.filter(Q(case=None) | Q(case__department__in=rooms))
    told = told.filter(Q(upload=None) | Q(upload__department__in=rooms))
    if Permission.READ_CASES not in rights:
        told = told.exclude(kind__in=ABOUT_CASES)
    if Permission.UPLOAD not in rights:
        told = told.exclude(kind__in=ABOUT_UPLOADS)
    return told


def list_notifications(
    *, user: User, cursor: str | None, limit: int
) -> tuple[list[Notification], str | None]:
    """Return a page of a person's notifications, newest first. 1 query."""
    told = (
        notifications_of(user)
        .select_related("actor", "case__study__patient", "case__department")
        .order_by("-told_at", "-id")
    )
    if cursor:
        told_at, last_id = decode_time_cursor(cursor)
        told = told.filter(Q(told_at__lt=told_at) | Q(told_at=told_at, id__lt=last_id))
    limit = clamp_limit(limit)
    page = list(told[: limit + 1])
    last = page[limit - 1] if len(page) > limit else None
    return page[:limit], encode_time_cursor(last.told_at, last.pk) if last else None


def count_unread(*, user: User) -> int:
    """Return how many notifications a person has not looked at. 1 query."""
    return notifications_of(user).filter(is_read=False).count()
