"""Sign-ins, failed sign-ins and sign-outs are events."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import (
    user_logged_in,
    user_logged_out,
    user_login_failed,
)
from django.dispatch import receiver

from apps.accounts.models import User
from apps.accounts.services import record_sign_in
from apps.audit.models import EventKind


@receiver(user_logged_in)
def record_signed_in(user: User, **_: Any) -> None:
    """Record who signed in."""
    record_sign_in(kind=EventKind.SIGNED_IN, user=user, site=user.site)


@receiver(user_logged_out)
def record_signed_out(user: User | None, **_: Any) -> None:
    """Record who signed out; an expired session has nobody."""
    if user is not None:
        record_sign_in(kind=EventKind.SIGNED_OUT, user=user, site=user.site)


@receiver(user_login_failed)
def record_sign_in_failed(credentials: dict[str, Any], **_: Any) -> None:
    """Record a failed sign-in against a known name; unknown names are not kept."""
    name = credentials.get("username")
    user = User.objects.filter(username=name).select_related("site").first()
    if user is not None:
        record_sign_in(kind=EventKind.SIGN_IN_FAILED, user=user, site=user.site)
