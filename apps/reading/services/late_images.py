"""An image that comes after the answers were sealed: it was part of none of them."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import User
from apps.audit.models import EventKind
from apps.audit.services import append_event, lock_log
from apps.reading.models import Case, CaseState, Read, ReadKind, SecondReadReason
from apps.reading.services.cases import save_and_announce
from apps.reading.services.reads import lock_case
from apps.reading.services.settling import settle

NOT_SEALED = (CaseState.ANALYSING, CaseState.READY)


@transaction.atomic
def want_read_of_late_image(*, case: Case, actor: User | None) -> None:
    """See to it that somebody seals an answer with the newest image before them.

    Else a clean film would open the door for a forged one of the same study. A closed
    case is re-opened, blind to what was said; one whose next reader has sealed nothing
    yet is as it should be.
    """
    if case.state in NOT_SEALED:
        return
    lock_log()
    locked = lock_case(case)
    was = CaseState(locked.state)
    sealed = Read.objects.filter(case=locked).exclude(kind=ReadKind.LATER).count()
    if was in NOT_SEALED or sealed < locked.readers_wanted:
        return
    locked.readers_wanted = sealed + 1
    locked.second_read_reason = SecondReadReason.LATE_IMAGE
    if was == CaseState.DONE:
        locked.round += 1
        append_event(
            kind=EventKind.CASE_REOPENED,
            site=locked.site,
            actor=actor,
            case_id=locked.pk,
            data={"round": locked.round, "cause": "late_image"},
        )
    settle(case=locked, actor=actor)
    save_and_announce(locked, case, was=was)
