"""Reason codes: kept by staff, versioned, never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from apps.accounts.models import User
from apps.audit.models import EventKind
from apps.audit.services import append_event, lock_log
from apps.core.errors import Conflict, Invalid
from apps.reading.models import ReasonCode, ReasonGroup

Words = list[dict[str, str | int]]


@dataclass(frozen=True)
class ReasonFields:
    """What staff may set of a code after it was made."""

    label: str
    hotkey: str
    position: int
    is_active: bool


def words_of(codes: Sequence[str], *, changed_mind: bool = False) -> Words:
    """Return the words of active codes, in the order given. 1 query.

    changed_mind: take reasons for a changed mind, and no others; else the reverse.
    Raises Invalid (`unknown_reason`) for a code that is none, or is retired.
    """
    if not codes:
        return []
    rows = ReasonCode.objects.filter(code__in=codes, is_active=True)
    group = ReasonGroup.CHANGED_MIND
    rows = rows.filter(group=group) if changed_mind else rows.exclude(group=group)
    known = {row.code: row for row in rows}
    if set(codes) - known.keys():
        raise Invalid("There is no such reason code.", code="unknown_reason")
    return [
        {"code": code, "label": known[code].label, "version": known[code].version}
        for code in codes
    ]


@transaction.atomic
def make_reason_code(
    *, code: str, group: ReasonGroup, fields: ReasonFields, actor: User
) -> ReasonCode:
    """Return a new code. Raises Conflict (`hotkey_taken`)."""
    lock_log()
    check_hotkey(code, group, fields)
    row = ReasonCode.objects.create(
        code=code,
        group=group,
        label=fields.label,
        hotkey=fields.hotkey,
        position=fields.position,
        is_active=fields.is_active,
    )
    _record(row, actor)
    return row


@transaction.atomic
def change_reason_code(*, code: str, fields: ReasonFields, actor: User) -> ReasonCode:
    """Return the code as changed; other words are a new version, one event each time.

    What changes nothing is no event. Raises Conflict (`hotkey_taken`).
    """
    lock_log()
    row = ReasonCode.objects.select_for_update().get(code=code)
    before = ReasonFields(row.label, row.hotkey, row.position, row.is_active)
    if fields == before:
        return row
    check_hotkey(code, ReasonGroup(row.group), fields)
    if fields.label != row.label:
        row.version += 1
    row.label = fields.label
    row.hotkey = fields.hotkey
    row.position = fields.position
    row.is_active = fields.is_active
    row.save()
    _record(row, actor)
    return row


def check_hotkey(code: str, group: ReasonGroup, fields: ReasonFields) -> None:
    """Raise Conflict (`hotkey_taken`) if an active reason of the list has the key."""
    if not fields.hotkey or not fields.is_active:
        return
    others = ReasonCode.objects.filter(hotkey=fields.hotkey, is_active=True)
    others = others.exclude(code=code)
    mind = ReasonGroup.CHANGED_MIND
    others = others.filter(group=mind) if group == mind else others.exclude(group=mind)
    if others.exists():
        raise Conflict("Another reason has this key.", code="hotkey_taken")


def _record(row: ReasonCode, actor: User) -> None:
    append_event(
        kind=EventKind.REASON_CODE_CHANGED,
        site=actor.site,
        actor=actor,
        subject=f"reason:{row.code}",
        data={
            "group": row.group,
            "label": row.label,
            "version": row.version,
            "hotkey": row.hotkey,
            "position": row.position,
            "active": row.is_active,
        },
    )
