"""The audit desk: the site's log, filtered, with inclusion proofs."""

from __future__ import annotations

import datetime as dt
import uuid

from django.http import HttpRequest
from ninja import Router, Schema

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.audit.models import Event, EventKind
from apps.audit.selectors import EventFilter, get_head, list_events, prove_event
from apps.core.schemas import Page, PersonOut, SearchText
from apps.insights.services import record_audit_read

router = Router(tags=["audit"])


class EventOut(Schema):
    """One entry of the log."""

    position: int
    kind: str
    label: str
    occurred_at: dt.datetime
    actor: PersonOut | None
    case_id: uuid.UUID | None
    subject: str
    text: str
    leaf_hash: str


class EventPage(Page[EventOut]):
    """A page of entries and the head they belong to."""

    tree_size: int
    root_hash: str


class ProofOut(Schema):
    """An inclusion proof: hex digests, lowest sibling first; `leaf` was hashed."""

    position: int
    tree_size: int
    leaf_hash: str
    root_hash: str
    path: list[str]
    leaf: str


class KindOut(Schema):
    """A kind of event."""

    kind: str
    label: str


@router.get("/audit/events", response=EventPage)
def read_events(
    request: HttpRequest,
    kind: str = "",
    actor: SearchText = "",
    case: uuid.UUID | None = None,
    q: SearchText = "",
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> EventPage:
    """List the site's entries, newest first. Reading the log is an entry itself."""
    user, site = require(user_of(request), Permission.VIEW_AUDIT)
    record_audit_read(site=site, user=user)
    wanted = EventFilter(
        kind=kind,
        actor=actor,
        case_id=case,
        text=q,
        since=_in_utc(since),
        until=_in_utc(until),
    )
    events, next_cursor = list_events(
        site_id=site.pk, wanted=wanted, cursor=cursor, limit=limit
    )
    size, root = get_head()
    return EventPage(
        items=[_shape(event) for event in events],
        next_cursor=next_cursor,
        tree_size=size,
        root_hash=root,
    )


@router.get("/audit/events/{position}/proof", response=ProofOut)
def read_proof(request: HttpRequest, position: int) -> ProofOut:
    """Prove that an entry is in the log."""
    user, site = require(user_of(request), Permission.VIEW_AUDIT)
    record_audit_read(site=site, user=user)
    proof = prove_event(site_id=site.pk, position=position)
    return ProofOut(
        position=proof.event.position,
        tree_size=proof.tree_size,
        leaf_hash=proof.event.leaf_hash,
        root_hash=proof.root_hash,
        path=list(proof.path),
        leaf=proof.event.leaf,
    )


@router.get("/audit/kinds", response=list[KindOut])
def read_kinds(request: HttpRequest) -> list[KindOut]:
    """List the kinds of events."""
    require(user_of(request), Permission.VIEW_AUDIT)
    return [KindOut(kind=kind.value, label=str(kind.label)) for kind in EventKind]


def _in_utc(moment: dt.datetime | None) -> dt.datetime | None:
    """Return the moment; one without an offset is UTC, as all times of the API."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=dt.UTC)


def _shape(event: Event) -> EventOut:
    actor = event.actor
    return EventOut(
        position=event.position,
        kind=event.kind,
        label=EventKind(event.kind).label,
        occurred_at=event.occurred_at,
        actor=PersonOut(id=actor.pk, display_name=str(actor)) if actor else None,
        case_id=event.case_id,
        subject=event.subject,
        text=_sentence(event),
        leaf_hash=event.leaf_hash,
    )


def _sentence(event: Event) -> str:
    """Return the entry's facts in a line; digests are cut for reading."""
    facts = [
        f"{key.replace('_', ' ')} {_brief(value)}"
        for key, value in event.data.items()
        if value not in ("", None)
    ]
    return ", ".join(facts)


def _brief(value: object) -> str:
    text = str(value)
    return f"{text[:12]}…" if len(text) > 32 else text
