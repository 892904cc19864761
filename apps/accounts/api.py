"""HTTP doorway of what a person sets for themself."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from apps.accounts.auth import user_of
from apps.accounts.key_schemas import KeysIn
from apps.accounts.services import keep_keys

router = Router(tags=["session"])


@router.put("/me/keys", response=KeysIn)
def put_keys(request: HttpRequest, payload: KeysIn) -> KeysIn:
    """Keep the caller's keys; an empty map: the usual ones again."""
    keep_keys(user=user_of(request), keys=payload.keys, single_keys=payload.single_keys)
    return payload
