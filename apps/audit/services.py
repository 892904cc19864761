"""Appending to the log: only inside the transaction of the change it records."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Protocol

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import connection
from django.utils import timezone

from apps.audit.models import Event, EventKind, LogHead
from workers.tlog.canonical import canonical_json
from workers.tlog.merkle import CompactRange, leaf_hash

LEAF_SCHEMA = "truefilm.event.v1"
Fact = str | int | bool | None | list[str]


class HasId(Protocol):
    """A row with a UUID."""

    @property
    def pk(self) -> uuid.UUID: ...


def append_event(
    *,
    kind: EventKind,
    site: HasId | None,
    actor: AbstractBaseUser | AnonymousUser | None = None,
    case_id: uuid.UUID | None = None,
    subject: str = "",
    data: Mapping[str, Fact] | None = None,
) -> Event:
    """Return the new entry; it stands or falls with the caller's transaction.

    subject: "type:id" of what it is about. data: ids, digests and counts, never PHI.
    Raises RuntimeError outside a transaction: an event must not outlive its change.
    Costs 3 queries.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("append_event needs the transaction of the change")
    LogHead.objects.get_or_create(id=1)
    head = LogHead.objects.select_for_update().get(id=1)
    occurred_at = timezone.now()
    actor_id = actor.pk if actor is not None and actor.pk is not None else None
    facts = dict(data or {})
    leaf = canonical_json(
        {
            "schema": LEAF_SCHEMA,
            "position": head.size,
            "kind": kind.value,
            "occurred_at": occurred_at.isoformat(timespec="microseconds"),
            "site": str(site.pk) if site else None,
            "actor": str(actor_id) if actor_id else None,
            "case": str(case_id) if case_id else None,
            "subject": subject,
            "data": facts,
        }
    )
    digest = leaf_hash(leaf)
    compact = CompactRange(head.size, tuple(bytes.fromhex(n) for n in head.nodes))
    grown = compact.append(digest)
    event = Event.objects.create(
        position=head.size,
        kind=kind,
        occurred_at=occurred_at,
        site_id=site.pk if site else None,
        actor_id=actor_id,
        case_id=case_id,
        subject=subject,
        data=facts,
        leaf=leaf.decode(),
        leaf_hash=digest.hex(),
    )
    head.size = grown.size
    head.nodes = [node.hex() for node in grown.nodes]
    head.save(update_fields=["size", "nodes"])
    return event
