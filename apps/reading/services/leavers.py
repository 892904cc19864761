"""Who belongs to a department no more holds nothing there."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Department, User
from apps.audit.models import EventKind
from apps.audit.services import append_event, lock_log
from apps.core.push import PresenceChanged, push
from apps.reading.models import Case, Presence
from apps.reading.services.cases import save_and_announce
from apps.reading.services.notifications import take_back_assigned


@transaction.atomic
def end_claims_of(*, department: Department, person: User, actor: User) -> None:
    """End a person's claims and open pages in a department: they can neither read what
    they hold nor give it back. actor: who removed them."""
    lock_log()
    held = Case.objects.select_for_update(of=("self",)).filter(
        department=department, claimed_by=person, claim_expires_at__gt=timezone.now()
    )
    ended = list(held.select_related("department", "site").order_by("pk"))
    for case in ended:
        case.claimed_by = None
        case.claim_expires_at = None
        append_event(
            kind=EventKind.CASE_RELEASED, site=case.site, actor=actor, case_id=case.pk
        )
        save_and_announce(case, case, was=case.state)
    take_back_assigned(person=person, case_ids=[case.pk for case in ended])
    pages = Presence.objects.filter(case__department=department, user=person)
    shown = pages.filter(live_until__gt=timezone.now())
    for case_id in set(shown.values_list("case_id", flat=True)):
        push(PresenceChanged(site_id=str(department.site_id), id=str(case_id)))
    pages.delete()
