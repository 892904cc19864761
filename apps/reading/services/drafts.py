"""Keeping what a reader has entered and not sealed yet."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import Conflict, Denied, Invalid, TooLarge
from apps.reading.models import Case, CaseState, Draft, Read, Verdict
from apps.reading.personal_models import DraftStep
from apps.reading.services.adjudication import require_adjudicator
from apps.reading.services.reads import lock_case

MAX_DRAFT_BYTES = 1024**2


@transaction.atomic
def save_draft(
    *, case: Case, reader: User, step: DraftStep, based_on: int, body: dict[str, Any]
) -> Draft:
    """Return the kept draft. Saving the same again changes nothing.

    based_on: the revision this draft was made from, 0 for none.
    Raises Conflict (`draft_changed`) if it was saved from elsewhere since, or
    (`already_sealed`, `already_decided`, `already_adjudicated`) after the answer was
    given, Denied (`seal_first`), TooLarge (`draft_too_large`) or Invalid
    (`bad_region`); for a ruling also what `require_adjudicator` raises.
    """
    _check_size(body)
    # A seal under way ends first, and then refuses this: a save that was still
    # travelling when the answer was sealed brings no draft back.
    _refuse_late(lock_case(case), reader, step)
    draft = Draft.objects.filter(case=case, reader=reader, step=step).first()
    if draft is not None and draft.body == body:
        return draft
    if (draft.revision if draft else 0) != based_on:
        raise Conflict(
            "This draft was changed in another tab or on another machine.",
            code="draft_changed",
        )
    if draft is None:
        draft = Draft(case=case, reader=reader, step=step)
    else:
        draft.revision += 1
    draft.body = body
    draft.saved_at = timezone.now()
    draft.save()
    return draft


@transaction.atomic
def discard_draft(*, case: Case, reader: User, step: DraftStep) -> None:
    """Delete the reader's draft, if there is one."""
    lock_case(case)
    Draft.objects.filter(case=case, reader=reader, step=step).delete()


def _refuse_late(case: Case, reader: User, step: DraftStep) -> None:
    if step == DraftStep.RULING:
        require_adjudicator(case=case, user=reader)
        if case.state != CaseState.ADJUDICATION:
            raise Conflict("This case is settled.", code="already_adjudicated")
        return
    read = Read.objects.filter(case=case, reader=reader).first()
    if step == DraftStep.READ:
        if read is not None:
            raise Conflict("You have sealed your answer.", code="already_sealed")
        return
    if read is None:
        raise Denied("Seal your own answer first.", code="seal_first")
    if Verdict.objects.filter(read=read).exists():
        raise Conflict("You have filed your verdict.", code="already_decided")


def _check_size(body: dict[str, Any]) -> None:
    try:
        text = json.dumps(body, allow_nan=False)
    except ValueError as error:
        raise Invalid("A region has no finite place.", code="bad_region") from error
    if len(text) > MAX_DRAFT_BYTES:
        raise TooLarge("The draft is larger than 1 MB.", code="draft_too_large")
