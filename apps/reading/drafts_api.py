"""HTTP doorways of drafts: each reader's own, and nobody else's."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from ninja import Router, Status

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.reading.draft_schemas import DraftIn, DraftOut, DraftsOut
from apps.reading.models import Draft
from apps.reading.personal_models import DraftStep
from apps.reading.selectors import get_case, list_drafts
from apps.reading.services.drafts import discard_draft, save_draft

router = Router(tags=["reading"])


@router.get("/cases/{case_id}/drafts", response=DraftsOut)
def read_drafts(request: HttpRequest, case_id: uuid.UUID) -> DraftsOut:
    """Return the caller's own drafts of a case."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    case = get_case(user=user, case_id=case_id)
    kept = {draft.step: _shape(draft) for draft in list_drafts(case=case, user=user)}
    return DraftsOut(
        read=kept.get(DraftStep.READ),
        verdict=kept.get(DraftStep.VERDICT),
        ruling=kept.get(DraftStep.RULING),
    )


@router.put("/cases/{case_id}/drafts/{step}", response=DraftOut)
def keep_draft(
    request: HttpRequest, case_id: uuid.UUID, step: DraftStep, payload: DraftIn
) -> DraftOut:
    """Keep an answer that is not sealed, or a verdict or ruling that is not filed."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    body = payload.model_dump(mode="json", exclude={"revision"})
    draft = save_draft(
        case=get_case(user=user, case_id=case_id),
        reader=user,
        step=step,
        based_on=payload.revision,
        body=body,
    )
    return _shape(draft)


@router.delete("/cases/{case_id}/drafts/{step}", response={204: None})
def drop_draft(
    request: HttpRequest, case_id: uuid.UUID, step: DraftStep
) -> Status[None]:
    """Throw the caller's draft away."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    discard_draft(case=get_case(user=user, case_id=case_id), reader=user, step=step)
    return Status(204, None)


def _shape(draft: Draft) -> DraftOut:
    return DraftOut(
        step=DraftStep(draft.step),
        revision=draft.revision,
        saved_at=draft.saved_at,
        **draft.body,
    )
