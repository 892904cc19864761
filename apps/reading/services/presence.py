"""Having a case open: the beat that renews a claim, and leaving, which may end it.

What a page says may come in any order: a page that is left at once says so before its
first beat or its claim has arrived. So a tab that was left stays known as left, and
what it had sent before does nothing.
"""

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
from apps.reading.models import Case, ClaimKind, Draft, Presence, Read
from apps.reading.services.cases import (
    CLAIM_DURATION,
    claim_case,
    is_claim_live,
    save_and_announce,
)
from apps.reading.services.reads import lock_case

# Pages report every 30 s: one report may be lost on the way.
LIVE_DURATION = dt.timedelta(seconds=75)
MAX_TABS = 20
# Left tabs of one person on one case that are remembered though nothing was heard of
# them before: no page makes so many, and a script shall not fill the table.
MAX_UNHEARD = 100


@transaction.atomic
def note_presence(*, case: Case, user: User, tab: uuid.UUID) -> None:
    """Record that the case is open in a tab, and renew this person's own claim.

    A claim that has ended stays ended: someone else may have looked at the case since.
    Raises Conflict (`tab_left`) for a tab that was left, or (`too_many_tabs`) at the
    21st tab of one person on one case.
    """
    # Opening and leaving in two tabs at once follow each other.
    lock_case(case)
    now = timezone.now()
    # Closed tabs are known as long as the claim they renewed may last: see leave_case.
    Presence.objects.filter(live_until__lte=now - CLAIM_DURATION).delete()
    _show_tab(case, user, tab, now)
    # No news and no new version: nobody but its holder cares for the minute it ends.
    Case.objects.filter(
        pk=case.pk,
        claimed_by=user,
        claim_expires_at__gt=now,
        claim_expires_at__lt=now + CLAIM_DURATION,
    ).update(claim_expires_at=now + CLAIM_DURATION)


@transaction.atomic
def claim_in_tab(*, case: Case, user: User, tab: uuid.UUID) -> Case:
    """Claim a case for the page that shows it: the claim ends with the page.

    Raises Conflict (`tab_left`) if the page was left before this came, and what
    `note_presence` and `claim_case` raise.
    """
    lock_log()
    locked = lock_case(case)
    now = timezone.now()
    left = Presence.objects.filter(case=case, user=user, tab=tab, is_left=True).first()
    if left is None:
        _show_tab(case, user, tab, now)
    elif not left.keeps_claim and not _is_wanted(locked, user, now):
        # As if the page had been left a moment later.
        raise _tab_left()
    return claim_case(case=case, user=user, kind=ClaimKind.OPENED)


@transaction.atomic
def leave_case(*, case: Case, user: User, tab: uuid.UUID, keeps_claim: bool) -> None:
    """Record that a tab was left; a claim that a page took ends with the last one,
    unless it is still wanted. Leaving twice changes nothing.

    keeps_claim: the page has entries whose draft may still be on its way.
    """
    lock_log()
    locked = lock_case(case)
    now = timezone.now()
    tabs = Presence.objects.filter(case=case, user=user)
    end = {"is_left": True, "keeps_claim": keeps_claim, "live_until": now}
    if tabs.filter(tab=tab, is_left=False).update(**end) == 0:
        is_unheard = not tabs.filter(tab=tab).exists()
        if is_unheard and tabs.filter(is_left=True).count() < MAX_UNHEARD:
            Presence.objects.create(case=case, user=user, tab=tab, **end)
        return
    if tabs.filter(live_until__gt=now).exists():
        return
    # Also when the tab had gone quiet: whoever still shows this person asks again.
    _announce_presence(case)
    is_ours = locked.claimed_by_id == user.pk and is_claim_live(locked, now)
    if not is_ours or locked.claim_kind != ClaimKind.OPENED:
        return
    if not keeps_claim and not _is_wanted(locked, user, now):
        locked.claimed_by = None
        locked.claim_expires_at = None
        append_event(
            kind=EventKind.CASE_RELEASED, site=case.site, actor=user, case_id=case.pk
        )
        save_and_announce(locked, case, was=locked.state)


def _show_tab(case: Case, user: User, tab: uuid.UUID, now: dt.datetime) -> None:
    """Record a tab of a locked case, and tell if it is this person's first. Raises
    Conflict (`tab_left`, `too_many_tabs`)."""
    rows = {row.tab: row for row in Presence.objects.filter(case=case, user=user)}
    live = {row.tab for row in rows.values() if row.live_until > now}
    if tab in rows and rows[tab].is_left:
        raise _tab_left()
    if tab not in live and len(live) >= MAX_TABS:
        raise Conflict(
            "You have this case open in too many tabs.", code="too_many_tabs"
        )
    shown = rows.get(tab) or Presence(case=case, user=user, tab=tab)
    shown.live_until = now + LIVE_DURATION
    shown.save()
    if not live:
        _announce_presence(case)


def _is_wanted(case: Case, user: User, now: dt.datetime) -> bool:
    """Return whether anything but a page that was left speaks for a person's claim:
    another page, a draft, or a sealed answer that waits for its verdict."""
    tabs = Presence.objects.filter(case=case, user=user, live_until__gt=now)
    unfiled = Read.objects.filter(case=case, reader=user, verdicts=None)
    begun = Draft.objects.filter(case=case, reader=user)
    return tabs.exists() or unfiled.exists() or begun.exists()


def _tab_left() -> Conflict:
    return Conflict("This page was left.", code="tab_left")


def _announce_presence(case: Case) -> None:
    push(PresenceChanged(site_id=str(case.site_id), id=str(case.pk)))
