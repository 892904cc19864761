"""Who calls the API: a signed-in browser, or an integration with a bearer token."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from apps.accounts.models import ApiToken, Role, User, token_digest
from apps.core.errors import Denied


class BearerAuth(HttpBearer):
    """Accept a live token of an active integration; sets request.user."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Return the token's user, or None for 401."""
        row = (
            ApiToken.objects.select_related("user__site")
            .filter(digest=token_digest(token))
            .first()
        )
        if row is None or not row.is_live or not row.user.is_active:
            return None
        # A token outlives a change of role; people sign in, with a second factor.
        if row.user.role != Role.INTEGRATION:
            return None
        request.user = row.user
        return row.user


API_AUTH = [BearerAuth(), SessionAuth(csrf=True)]


def user_of(request: HttpRequest) -> User:
    """Return the caller of an authenticated endpoint. Raises Denied for anyone else."""
    if not isinstance(request.user, User):
        raise Denied("Sign in first.")
    return request.user
