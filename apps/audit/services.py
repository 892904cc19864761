"""Appending to the log: only inside the transaction of the change it records."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Protocol

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import connection
from django.utils import timezone

from apps.audit.models import Event, EventKind, LogHead, leaf_of
from workers.tlog.merkle import CompactRange, leaf_hash

Fact = str | int | bool | None | list[str]


class HasId(Protocol):
    """A row with a UUID."""

    @property
    def pk(self) -> uuid.UUID: ...


def lock_log() -> LogHead:
    """Return the log's head, locked until the transaction ends. 1 query.

    PostgreSQL: a transaction that changes a case and appends takes this lock before the
    case's row, as one does that appends first and then follows an analysis into the
    case. Two that took them the other way round would wait for each other.
    Raises RuntimeError outside a transaction: an event must not outlive its change.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("append_event needs the transaction of the change")
    head = LogHead.objects.select_for_update().filter(id=1).first()
    if head is None:
        LogHead.objects.get_or_create(id=1)
        head = LogHead.objects.select_for_update().get(id=1)
    return head


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
    Raises RuntimeError outside a transaction. Costs 3 queries.
    """
    head = lock_log()
    event = Event(
        position=head.size,
        kind=kind.value,
        occurred_at=timezone.now(),
        site_id=site.pk if site else None,
        actor_id=actor.pk if actor is not None else None,
        case_id=case_id,
        subject=subject,
        data=dict(data or {}),
    )
    leaf = leaf_of(event)
    digest = leaf_hash(leaf)
    compact = CompactRange(head.size, tuple(bytes.fromhex(n) for n in head.nodes))
    grown = compact.append(digest)
    event.leaf = leaf.decode()
    event.leaf_hash = digest.hex()
    event.save(force_insert=True)
    head.size = grown.size
    head.nodes = [node.hex() for node in grown.nodes]
    head.save(update_fields=["size", "nodes"])
    return event
