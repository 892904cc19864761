"""Reading the log. Every list is cut to the reader's site here."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from apps.audit.models import Event, EventKind, LogHead, leaf_of
from apps.core.errors import NotFound
from apps.core.pagination import (
    bad_cursor,
    clamp_limit,
    decode_cursor,
    encode_cursor,
)
from workers.tlog.merkle import CompactRange, leaf_hash, prove_inclusion


@dataclass(frozen=True)
class EventFilter:
    """What the audit page may ask for; empty fields do not filter."""

    kind: str = ""
    actor: str = ""
    case_id: uuid.UUID | None = None
    text: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True)
class InclusionProof:
    """That an entry is in the log as it stands: hex digests, lowest sibling first."""

    event: Event
    tree_size: int
    root_hash: str
    path: tuple[str, ...]


def get_head() -> tuple[int, str]:
    """Return the log's size and root hash (hex). 1 query."""
    head = LogHead.objects.filter(id=1).first()
    compact = (
        CompactRange(head.size, tuple(bytes.fromhex(n) for n in head.nodes))
        if head
        else CompactRange()
    )
    return compact.size, compact.root().hex()


def list_events(
    *, site_id: uuid.UUID, wanted: EventFilter, cursor: str | None, limit: int
) -> tuple[list[Event], str | None]:
    """Return a page of the site's events, newest first, and the next cursor."""
    events = _filtered(site_id, wanted)
    if cursor:
        (position,) = decode_cursor(cursor, length=1)
        if not isinstance(position, int):
            raise bad_cursor()
        events = events.filter(position__lt=position)
    limit = clamp_limit(limit)
    page = list(events.select_related("actor").order_by("-position")[: limit + 1])
    more = len(page) > limit
    page = page[:limit]
    return page, encode_cursor([page[-1].position]) if more else None


def prove_event(*, site_id: uuid.UUID, position: int) -> InclusionProof:
    """Return the inclusion proof of an entry of this site.

    Reads all leaf hashes: fit for a log of up to about a million entries.
    Raises NotFound for an entry of another site.
    """
    event = (
        Event.objects.select_related("actor")
        .filter(site_id=site_id, position=position)
        .first()
    )
    if event is None:
        raise NotFound("There is no such entry in this site's log.")
    size, root = get_head()
    rows = Event.objects.filter(position__lt=size).order_by("position")
    leaves = [bytes.fromhex(h) for h in rows.values_list("leaf_hash", flat=True)]
    path = prove_inclusion(position, leaves)
    return InclusionProof(event, size, root, tuple(node.hex() for node in path))


def find_first_bad_position() -> int | None:
    """Return the first position whose row does not match the log, or None if all do.

    Recomputes every leaf from the columns that the audit page shows, and the root from
    all leaves; 0 if only the root differs, since nothing tells then which row was
    altered. Who rewrites the rows and the head alike is caught only by a proof or a
    root that was kept elsewhere.
    """
    newest = Event.objects.order_by("-position").values_list("position", flat=True)
    last = newest.first()
    size, root = get_head()
    seen = CompactRange()
    # Entries that are appended meanwhile are not in the head that was read.
    for event in _entries_before(size):
        if event.position != seen.size or not _is_sound(event):
            return seen.size
        seen = seen.append(bytes.fromhex(event.leaf_hash))
    if seen.size != size:
        return seen.size
    if seen.root().hex() != root:
        return 0
    # The head was read after `last`: an entry of ours cannot lie beyond it.
    return size if last is not None and last >= size else None


def _entries_before(size: int) -> Iterator[Event]:
    return Event.objects.filter(position__lt=size).order_by("position").iterator()


def _is_sound(event: Event) -> bool:
    """Return whether columns, leaf and leaf hash of an entry say the same."""
    try:
        leaf = leaf_of(event)
    except TypeError:
        return False
    return leaf == event.leaf.encode() and leaf_hash(leaf).hex() == event.leaf_hash


def _filtered(site_id: uuid.UUID, wanted: EventFilter) -> QuerySet[Event]:
    events = Event.objects.filter(site_id=site_id)
    if wanted.kind:
        events = events.filter(kind=wanted.kind)
    if wanted.actor:
        events = events.filter(
            Q(actor__username__iexact=wanted.actor)
            | Q(actor__display_name__icontains=wanted.actor)
        )
    if wanted.case_id:
        events = events.filter(case_id=wanted.case_id)
    if wanted.text:
        kinds = [
            kind
            for kind, label in EventKind.choices
            if wanted.text.lower() in str(label).lower()
        ]
        events = events.filter(
            Q(kind__in=kinds)
            | Q(subject__icontains=wanted.text)
            | Q(leaf__icontains=wanted.text)
        )
    if wanted.since:
        events = events.filter(occurred_at__gte=wanted.since)
    if wanted.until:
        events = events.filter(occurred_at__lt=wanted.until)
    return events
