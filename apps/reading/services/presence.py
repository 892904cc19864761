"""Having a case open: the beat that renews a claim, and leaving, which may end it."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.models import EventKind
from apps.audit.services import append_event, lock_log
from apps.core.errors import Conflict
from apps.core.push import PresenceChanged, push
from apps.reading.models import Case, Draft, Presence, Read
from apps.reading.services.cases import (
    CLAIM_DURATION,
    is_claim_live,
    save_and_announce,
)
from apps.reading.services.reads import lock_case

# Pages report every 30 s: one report may be lost on the way.
LIVE_DURATION = dt.timedelta(seconds=75)
MAX_TABS = 20


@transaction.atomic
def note_presence(*, case: Case, user: User, tab: uuid.UUID) -> None:
    """Record that the case is open in a tab, and renew this person's own claim.

    A claim that has ended stays ended: someone else may have looked at the case since.
    Raises Conflict (`too_many_tabs`) at the 21st tab of one person on one case.
    """
    # Opening and leaving in two tabs at once follow each other.
    lock_case(case)
    now = timezone.now()
    # Closed tabs are known as long as the claim they renewed may last: see leave_case.
    Presence.objects.filter(live_until__lte=now - CLAIM_DURATION).delete()
    tabs = Presence.objects.filter(case=case, user=user)
    live = set(tabs.filter(live_until__gt=now).values_list("tab", flat=True))
    if tab not in live and len(live) >= MAX_TABS:
        raise Conflict(
            "You have this case open in too many tabs.", code="too_many_tabs"
        )
    Presence.objects.update_or_create(
        case=case, user=user, tab=tab, defaults={"live_until": now + LIVE_DURATION}
    )
    # No news and no new version: nobody but its holder cares for the minute it ends.
    Case.objects.filter(
        pk=case.pk,
        claimed_by=user,
        claim_expires_at__gt=now,
        claim_expires_at__lt=now + CLAIM_DURATION,
    ).update(claim_expires_at=now + CLAIM_DURATION)
    if not live:
        _announce_presence(case)


@transaction.atomic
def leave_case(*, case: Case, user: User, tab: uuid.UUID, keeps_claim: bool) -> None:
    """Record that a tab was closed; the claim ends with the last one, unless it is
    still wanted. Leaving twice changes nothing.

    keeps_claim: the page has entries whose draft may still be on its way.
    """
    lock_log()
    locked = lock_case(case)
    now = timezone.now()
    tabs = Presence.objects.filter(case=case, user=user)
    closed, _ = tabs.filter(tab=tab).delete()
    if not closed or tabs.filter(live_until__gt=now).exists():
        return
    # Also when the tab had gone quiet: whoever still shows this person asks again.
    _announce_presence(case)
    if not keeps_claim and _ends_with_the_page(locked, user, now):
        locked.claimed_by = None
        locked.claim_expires_at = None
        append_event(
            kind=EventKind.CASE_RELEASED, site=case.site, actor=user, case_id=case.pk
        )
        save_and_announce(locked, case, was=locked.state)


def _ends_with_the_page(case: Case, user: User, now: dt.datetime) -> bool:
    """Return whether nothing but the open page spoke for a person's claim."""
    if case.claimed_by_id != user.pk or not is_claim_live(case, now):
        return False
    # A lead's assignment lasts longer, and was not taken by opening the page.
    if case.claim_expires_at is None or case.claim_expires_at > now + CLAIM_DURATION:
        return False
    unfiled = Read.objects.filter(case=case, reader=user, verdicts=None)
    begun = Draft.objects.filter(case=case, reader=user)
    return not unfiled.exists() and not begun.exists()


def _announce_presence(case: Case) -> None:
    push(PresenceChanged(site_id=str(case.site_id), id=str(case.pk)))
