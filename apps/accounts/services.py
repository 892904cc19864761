"""Writes on people and tokens."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction
from django.utils import timezone

from apps.accounts.key_models import KeyMap
from apps.accounts.models import (
    ApiToken,
    Department,
    Membership,
    ReadingMode,
    ReadingPolicy,
    Role,
    SecondReader,
    Site,
    User,
    token_digest,
)
from apps.accounts.news import membership_ended
from apps.accounts.permissions import Permission, require
from apps.audit.models import EventKind
from apps.audit.services import append_event, lock_log
from apps.core.errors import Conflict, Denied, Invalid

TOKEN_PREFIX = "tf_"
MAX_WAIT_HOURS = 24 * 365
MAX_PAUSE_CASES = 1000
MAX_PAUSE_MINUTES = 24 * 60


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


def check_policy(policy: ReadingPolicy, *, department: Department) -> None:
    """Raise Invalid (`bad_share`, `bad_wait`, `bad_pause`, `bad_audit`) for a policy
    that cannot be or would give hints. department: need not be saved."""
    _check_audit(policy, department)
    share = policy.second_read_share
    if not 0 <= policy.max_wait_hours <= MAX_WAIT_HOURS:
        raise Invalid("The longest wait is 0 hours to a year.", code="bad_wait")
    if not 0 <= policy.pause_cases <= MAX_PAUSE_CASES:
        raise Invalid("A pause is due after 0 to 1,000 reads.", code="bad_pause")
    if not 0 <= policy.pause_minutes <= MAX_PAUSE_MINUTES:
        raise Invalid("A pause is due after 0 minutes to a day.", code="bad_pause")
    if not 0 <= policy.audit_share <= 1:
        raise Invalid("The share of audits is 0 to 1.", code="bad_share")
    if not 0 <= policy.canary_share <= 1:
        raise Invalid("The share of canaries is 0 to 1.", code="bad_share")
    if not 0 <= share <= 1:
        raise Invalid("The share is 0 to 1.", code="bad_share")
    if policy.second_reader == SecondReader.RANDOM and share == 0:
        raise Invalid("A random share of 0 asks for no second read.", code="bad_share")
    asks_by_opinion = policy.second_reader == SecondReader.ON_DISAGREEMENT
    if asks_by_opinion and policy.mode == ReadingMode.BLIND_FIRST and share == 0:
        # Else being asked would tell a second reader that the system was overruled.
        raise Invalid(
            "Blind first: second reads on disagreement need a random share above 0, "
            "so that being asked gives no hint.",
            code="bad_share",
        )


def _check_audit(policy: ReadingPolicy, department: Department) -> None:
    is_blind = policy.mode == ReadingMode.BLIND_FIRST
    if not is_blind and Department.objects.filter(audit_department=department).exists():
        raise _bad_audit("Films of another department are read blind here.")
    room = policy.audit_department
    if room is None:
        if policy.audit_share > 0:
            raise _bad_audit("Name the department that audits.")
        return
    if is_blind:
        raise _bad_audit("Only a triage department is audited: here is read blind.")
    if room.pk == department.pk or room.audit_department_id is not None:
        raise _bad_audit("The department that audits must not be audited itself.")
    if room.site_id != department.site_id:
        raise _bad_audit("The department that audits is one of the same site.")
    if room.reading_mode != ReadingMode.BLIND_FIRST:
        raise _bad_audit("The department that audits must read blind first.")


def _bad_audit(detail: str) -> Invalid:
    return Invalid(detail, code="bad_audit")


@transaction.atomic
def change_policy(
    *, department: Department, actor: User, policy: ReadingPolicy
) -> Department:
    """Return the department under its new policy; one event, unless nothing changes.

    Reads that are sealed keep the policy they were sealed under. Raises Invalid
    (`bad_share`, `bad_wait`, `bad_pause`, `bad_audit`).
    """
    check_policy(policy, department=department)
    lock_log()
    locked = Department.objects.select_for_update().get(pk=department.pk)
    before, after = locked.policy.to_facts(), policy.to_facts()
    if before == after:
        return locked
    locked.reading_mode = policy.mode
    locked.second_reader = policy.second_reader
    locked.second_read_share = policy.second_read_share
    locked.adjudication = policy.adjudication
    locked.max_wait_hours = policy.max_wait_hours
    locked.canary_share = policy.canary_share
    locked.pause_cases = policy.pause_cases
    locked.pause_minutes = policy.pause_minutes
    locked.audit_share = policy.audit_share
    locked.audit_department = policy.audit_department
    locked.policy_version += 1
    locked.save()
    _record_policy(locked, actor, {f"{k}_was": v for k, v in before.items()})
    return locked


@transaction.atomic
def add_member(*, department: Department, person: User, actor: User) -> Membership:
    """Return the membership of a person in a department; one event, unless there is
    one already.

    Raises Denied, or Invalid (`bad_person`) for somebody of another site.
    """
    _require_staff_of(department, actor)
    if person.site_id != department.site_id:
        raise Invalid("Members are people of the same site.", code="bad_person")
    lock_log()
    live = Membership.objects.filter(department=department, user=person, ended_at=None)
    known = live.first()
    if known is not None:
        return known
    _record_membership(EventKind.MEMBER_ADDED, department, person, actor)
    return Membership.objects.create(department=department, user=person)


@transaction.atomic
def end_membership(*, membership: Membership, actor: User) -> None:
    """End a membership now; one event, unless it has ended. Raises Denied.

    What the person holds in the department ends with it, by `membership_ended`.
    """
    department = membership.department
    _require_staff_of(department, actor)
    lock_log()
    live = Membership.objects.filter(pk=membership.pk, ended_at=None)
    if live.update(ended_at=timezone.now()) == 1:
        person = membership.user
        _record_membership(EventKind.MEMBER_REMOVED, department, person, actor)
        membership_ended.send(
            sender=Membership, department=department, person=person, actor=actor
        )


def _require_staff_of(department: Department, actor: User) -> None:
    require(actor, Permission.SET_MEMBERS)
    # An administrator of the installation works for no one site.
    if actor.site_id != department.site_id and not actor.is_superuser:
        raise Denied("This department is of another site.")


def _record_membership(
    kind: EventKind, department: Department, person: User, actor: User
) -> None:
    append_event(
        kind=kind,
        site=department.site,
        actor=actor,
        subject=f"user:{person.pk}",
        data={"department": department.slug},
    )


@transaction.atomic
def record_department_made(*, department: Department, actor: User) -> None:
    """Put the policy of a new department on the log."""
    _record_policy(department, actor, {})


def _record_policy(
    department: Department, actor: User, before: dict[str, str | bool | int]
) -> None:
    append_event(
        kind=EventKind.POLICY_CHANGED,
        site=department.site,
        actor=actor,
        subject=f"department:{department.pk}",
        data={
            "department": department.slug,
            "version": department.policy_version,
            **department.policy.to_facts(),
            **before,
        },
    )


@transaction.atomic
def keep_keys(*, user: User, keys: dict[str, list[str]], single_keys: bool) -> None:
    """Keep what a person changed of the usual keys; the last one to save wins."""
    if not keys and single_keys:
        KeyMap.objects.filter(owner=user).delete()
        return
    KeyMap.objects.update_or_create(
        owner=user, defaults={"keys": keys, "single_keys": single_keys}
    )
