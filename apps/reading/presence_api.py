"""HTTP doorways of presence: a page says that it is open, and that it is left."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from ninja import Router, Status

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.reading.presence_schemas import PresenceOut
from apps.reading.selectors import get_case, list_others_present
from apps.reading.services.presence import leave_case, note_presence
from apps.reading.shapes import is_claim_shown, shape_person

router = Router(tags=["reading"])


@router.put("/cases/{case_id}/presence/{tab}", response=PresenceOut)
def stay(request: HttpRequest, case_id: uuid.UUID, tab: uuid.UUID) -> PresenceOut:
    """Say that a case is open in a tab, and learn who else has it open."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    note_presence(case=get_case(user=user, case_id=case_id), user=user, tab=tab)
    case = get_case(user=user, case_id=case_id)
    holder = case.claimed_by if is_claim_shown(case) else None
    others = list_others_present(case=case, user=user)
    return PresenceOut(
        people=[shape_person(person) for person in others],
        claimed_by=shape_person(holder) if holder else None,
        claim_expires_at=case.claim_expires_at if holder else None,
    )


@router.delete("/cases/{case_id}/presence/{tab}", response={204: None})
def leave(
    request: HttpRequest, case_id: uuid.UUID, tab: uuid.UUID, keeps_claim: bool = False
) -> Status[None]:
    """Say that a tab was closed; a claim that nothing else speaks for ends."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    case = get_case(user=user, case_id=case_id)
    leave_case(case=case, user=user, tab=tab, keeps_claim=keeps_claim)
    return Status(204, None)
