"""What an entry of the Merkle log costs."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from apps.audit.models import Event, EventKind
from apps.audit.services import append_event
from bench.measure import ROUNDS, measure_rate, report

EVENTS = 200


def bench_log() -> None:
    """Appending an event to the Merkle log, against inserting a plain row."""

    def append() -> None:
        for number in range(EVENTS):
            with transaction.atomic():
                append_event(
                    kind=EventKind.UPLOAD_OPENED, site=None, subject=f"upload:{number}"
                )

    serial = iter(range(10**9))

    def insert() -> None:
        for _ in range(EVENTS):
            with transaction.atomic():
                Session.objects.create(
                    session_key=str(next(serial)),
                    session_data="x" * 400,
                    expire_date=timezone.now(),
                )

    append_rate = measure_rate(append, EVENTS)
    report("log append", append_rate, "plain insert", measure_rate(insert, EVENTS))
    assert Event.objects.count() == EVENTS * ROUNDS
