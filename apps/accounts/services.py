"""Writes on people and tokens."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import ApiToken, Role, Site, User, token_digest
from apps.audit.models import EventKind
from apps.audit.services import append_event
from apps.core.errors import Conflict, Invalid

TOKEN_PREFIX = "tf_"


@transaction.atomic
def issue_token(
    *,
    user: User,
    name: str,
    created_by: User | None,
    expires_at: dt.datetime | None = None,
) -> tuple[ApiToken, str]:
    """Return the token row and the secret, which is shown once and kept nowhere.

    Raises Invalid for a user who is not an integration: people sign in.
    """
    if user.role != Role.INTEGRATION:
        raise Invalid("Tokens are for integration users.", code="not_an_integration")
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        digest=token_digest(secret),
        created_by=created_by,
        expires_at=expires_at,
    )
    append_event(
        kind=EventKind.TOKEN_ISSUED,
        site=user.site,
        actor=created_by,
        subject=f"token:{token.pk}",
    )
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, actor: User | None) -> None:
    """Revoke a token now. Raises Conflict if it is revoked already."""
    changed = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if changed != 1:
        raise Conflict("The token was revoked before.", code="already_revoked")
    append_event(
        kind=EventKind.TOKEN_REVOKED,
        site=token.user.site,
        actor=actor,
        subject=f"token:{token.pk}",
    )


@transaction.atomic
def record_sign_in(*, kind: EventKind, user: User | None, site: Site | None) -> None:
    """Put a sign-in, a failed one or a sign-out on the log."""
    append_event(kind=kind, site=site, actor=user)
